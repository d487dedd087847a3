/**
 * The three-term metalog distribution (Keelin, "The metalog distributions", Decision Analysis 13,
 * 2016): the distribution that runs through a 10th, 50th and 90th percentile, in a link domain that
 * keeps it within bounds. With f the link and l = ln (p / (1 - p)):
 *
 *     f(x(p)) = b + a2 l + a3 (p - 1/2) l,   b = f(p50),
 *     a2 = (f(p90) - f(p10)) / (2 ln 9),  a3 = (f(p90) + f(p10) - 2 f(p50)) / (0.8 ln 9)
 *
 * It is a distribution, that is, grows in p, only if |a3| <= 1.66711 |a2|; beyond, the three
 * percentiles are refused.
 */
import { MisuseError } from '@nonet/core';
import { exp, ln, logistic, logit } from './arithmetic.ts';

/** `log`: above `lowest`. `logit`: between 0 and 1. */
export type Link = { readonly type: 'log'; readonly lowest: number } | { readonly type: 'logit' };

export interface Percentiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface Metalog {
  readonly link: Link;
  readonly median: number;
  readonly scale: number;
  readonly skew: number;
}

/** The ratio |a3 / a2| at which the density touches 0 (Keelin, table 3). */
const feasibleRatio = 1.66711;
const ln9 = ln(9);

/** Into the link domain. */
export function link(type: Link, x: number): number {
  return type.type === 'log' ? ln(x - type.lowest) : logit(x);
}

/** Back out of it. */
export function unlink(type: Link, y: number): number {
  return type.type === 'log' ? type.lowest + exp(y) : logistic(y);
}

/**
 * Throws `limits.percentiles` unless p10 < p50 < p90, or all three are equal (a known value), and a
 * metalog runs through them.
 */
export function createMetalog({ p10, p50, p90 }: Percentiles, type: Link, name: string): Metalog {
  const refuse = (expected: string) =>
    new MisuseError({
      code: 'limits.percentiles',
      expected: `${name}: ${expected}`,
      found: `${p10}, ${p50}, ${p90}`,
    });
  const inside = type.type === 'log' ? p10 > type.lowest : p10 > 0 && p90 < 1;
  const bounds = type.type === 'log' ? `above ${type.lowest}` : 'between 0 and 1';
  if (!inside || !Number.isFinite(p90)) throw refuse(`percentiles ${bounds}`);
  const isPoint = p10 === p50 && p50 === p90;
  if (!isPoint && !(p10 < p50 && p50 < p90)) throw refuse('p10 < p50 < p90, or three equal ones');
  const [low, median, high] = [p10, p50, p90].map((x) => link(type, x)) as [number, number, number];
  const scale = (high - low) / (2 * ln9);
  const skew = (high + low - 2 * median) / (0.8 * ln9);
  if (Math.abs(skew) > feasibleRatio * Math.abs(scale)) {
    throw refuse('percentiles that are not so lopsided that no distribution of three terms has them');
  }
  return { link: type, median, scale, skew };
}

/** The value at probability p, 0 < p < 1. */
export function metalogQuantile({ link, median, scale, skew }: Metalog, p: number): number {
  const l = logit(p);
  return unlink(link, median + scale * l + skew * (p - 0.5) * l);
}
