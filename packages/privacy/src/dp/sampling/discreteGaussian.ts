/**
 * Discrete Gaussian noise, P(x) proportional to exp(-x² / (2 sigma²)), from integers alone, in a
 * fixed number of steps. docs/specs/dp.md §8.4 and 8.5. `sampleDiscreteGaussian` searches a table
 * of cumulative probabilities: 128 random bits and a binary search of fixed length for each sample.
 * `drawByRejection` is Canonne, Kamath and Steinke's algorithm 3 (NeurIPS 2020) with a fixed number
 * of attempts: no table, hence any sigma, and a thousand times slower; the table's twin. Step
 * counts are fixed; memory accesses of the search depend on the sample, so a process that shares
 * the cache may learn something about it.
 */
import { MisuseError } from '@nonet/core';
import { assertCount, assertPositive } from '../assertions.ts';
import { bernoulliExpDistance, drawBernoulliExp } from './bernoulliExp.ts';
import {
  createDiscreteLaplace,
  type DiscreteLaplaceSampler,
  drawDiscreteLaplace,
} from './discreteLaplace.ts';
import { fractionAbove, scaledExp } from './fixedPoint.ts';
import { type SecretWords, systemWords } from './secretWords.ts';

/** What a sigma makes of the algorithm; from `createDiscreteGaussian`. */
export interface DiscreteGaussianSampler {
  /** The sigma in use: the one asked for, rounded up to a multiple of 2^-20. */
  readonly sigma: number;
  /** Total variation distance of one sample from the distribution, at most; goes into delta. */
  readonly distance: number;
  /** Steps of the search for one sample. */
  readonly steps: number;
  /** P(|X| <= k) in units of 2^-96: the upper and lower 48 bits; 2^steps - 1 entries. */
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/** The largest sigma of the table, in steps of the grid. */
export const mostSigma = 2 ** 15;
const bits = 320;
const one = 1n << BigInt(bits);

const entriesOf = (sigma: number) => Math.ceil(12 * sigma) + 2;

/** Total variation distance of one sample by table from the distribution, at most (step 8.4). */
export function discreteGaussianDistance(sigma: number): number {
  return 2 ** -100 + entriesOf(sigma) * 2 ** -95;
}

/** Builds the table, of about 13 sigma entries. Throws `dp.argument` unless 0 < sigma <= 2^15. */
export function createDiscreteGaussian(sigma: number): DiscreteGaussianSampler {
  assertPositive('sigma', sigma);
  if (sigma > mostSigma) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: `a sigma of at most ${mostSigma} steps of the grid`,
      found: String(sigma),
      hint: 'A coarser grid gives the same privacy.',
    });
  }
  const { numerator, denominator } = fractionAbove(sigma);
  // Step 8.4.1: weights exp(-k²/2s²) by two ratios; beyond 12 sigma they are below 2^-103 together.
  const entries = entriesOf(sigma);
  const [s2, d2] = [numerator * numerator, denominator * denominator];
  let ratio = scaledExp(d2, 2n * s2, bits);
  const ratioOfRatios = scaledExp(d2, s2, bits);
  let weight = one;
  const cumulative = [weight];
  for (let k = 1; k < entries; k++) {
    weight = (weight * ratio) >> BigInt(bits);
    ratio = (ratio * ratioOfRatios) >> BigInt(bits);
    cumulative.push(cumulative[k - 1]! + 2n * weight);
  }
  const total = cumulative[entries - 1]!;
  const steps = Math.ceil(Math.log2(entries + 1));
  const upper = new Float64Array(2 ** steps - 1).fill(2 ** 48);
  const lower = new Float64Array(2 ** steps - 1);
  for (let k = 0; k < entries - 1; k++) {
    const threshold = (cumulative[k]! << 96n) / total;
    upper[k] = Number(threshold >> 48n);
    lower[k] = Number(threshold & 0xffffffffffffn);
  }
  return {
    sigma: Number(numerator) / Number(denominator),
    distance: discreteGaussianDistance(sigma),
    steps,
    upper,
    lower,
  };
}

/** `length` independent samples. */
export function sampleDiscreteGaussian(sampler: DiscreteGaussianSampler, length: number): Int32Array {
  assertCount('length', length, 0);
  return drawDiscreteGaussian(sampler, length, systemWords);
}

const samplesAtOnce = 4096;

/** `sampleDiscreteGaussian` from given words. */
export function drawDiscreteGaussian(
  { steps, upper, lower }: DiscreteGaussianSampler,
  length: number,
  words: SecretWords,
): Int32Array {
  const samples = new Int32Array(length);
  const block = new Uint32Array(4 * Math.min(length, samplesAtOnce));
  for (let i = 0; i < length; i++) {
    const at = 4 * (i % samplesAtOnce);
    if (at === 0) words.fill(block);
    // Step 8.4.2: 96 bits in two halves of 48, and a sign.
    const middle = block[at + 1]!;
    const high = block[at]! * 2 ** 16 + (middle >>> 16);
    const low = (middle & 0xffff) * 2 ** 32 + block[at + 2]!;
    let magnitude = 0;
    for (let half = 2 ** (steps - 1); half >= 1; half /= 2) {
      const k = magnitude + half - 1;
      const reached = Number(upper[k]! < high) | (Number(upper[k] === high) & Number(lower[k]! <= low));
      magnitude += half * reached;
    }
    samples[i] = magnitude * (1 - 2 * (block[at + 3]! & 1));
  }
  block.fill(0);
  return samples;
}

/** Attempts of one sample: each accepts with probability above 0.4, so all fail below 2^-70. */
const attempts = 96;

/** A sampler by rejection, for any sigma up to 2^23. */
export interface RejectionSampler {
  readonly proposal: DiscreteLaplaceSampler;
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** Total variation distance of one sample from the distribution, at most. */
  readonly distance: number;
}

/** Throws `dp.argument` unless sigma is above 0 and at most 2^23. */
export function createRejectionSampler(sigma: number): RejectionSampler {
  assertPositive('sigma', sigma);
  const proposal = createDiscreteLaplace(Math.floor(sigma) + 1);
  const distance = 0.6 ** attempts + attempts * (proposal.distance + bernoulliExpDistance);
  return { proposal, ...fractionAbove(sigma), distance };
}

/** One sample by rejection from given words; 0 if all attempts fail. */
export function drawByRejection(sampler: RejectionSampler, words: SecretWords): number {
  const { proposal, numerator, denominator } = sampler;
  const t = BigInt(proposal.scale);
  const s2 = numerator * numerator;
  const d2 = denominator * denominator;
  let sample = 0;
  let accepted = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const y = drawDiscreteLaplace(proposal, words);
    // Step 8.5: exp(-(|y| - s²/t)² / 2s²), with s² = s2 / d2, over one denominator.
    const distance = BigInt(Math.abs(y)) * t * d2 - s2;
    const isAccepted = drawBernoulliExp(distance * distance, 2n * s2 * d2 * t * t, words);
    sample = isAccepted && !accepted ? y : sample;
    accepted = accepted || isAccepted;
  }
  return sample;
}
