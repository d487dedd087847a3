/**
 * Non-IID shares of a dataset, as in Hsu, Qi and Brown, "Measuring the effects of non-identical
 * data distribution for federated visual classification" (2019): each site draws class proportions
 * from a symmetric Dirichlet(alpha), then its examples class by class without replacement; a class
 * that has run out is left out of the draw. Small alpha: few classes per site.
 *
 * Shares are equal in size (they differ by at most one example) and together are the whole dataset.
 * Deterministic on every engine: logarithms and powers are those of `arithmetic 1`, not of Math.
 */
import { createRandomStream, MisuseError, type RandomStream, shuffledIndices } from '@nonet/core';
import { exp, log } from '../twins/transcendental.ts';
import { type Dataset, selectExamples } from './dataset.ts';

/** Among how many sites, and how unevenly. */
export interface PartitionOptions {
  readonly sites: number;
  /** Concentration: 100 is close to IID, 0.1 leaves most sites with one or two classes. */
  readonly alpha: number;
  /** One fixed stream unless given. */
  readonly random?: RandomStream;
}

/** Uniform in (0, 1), f32. */
function open(random: RandomStream): number {
  return ((random.u32() >>> 9) + 0.5) / 2 ** 23;
}

/** A standard normal by Marsaglia's polar method. */
function normal(random: RandomStream): number {
  for (;;) {
    const u = 2 * open(random) - 1;
    const v = 2 * open(random) - 1;
    const s = Math.fround(u * u + v * v);
    if (s > 0 && s < 1) return Math.fround(u * Math.sqrt((-2 * log(s)) / s));
  }
}

/** Gamma(shape, 1) by Marsaglia and Tsang (2000), with their power trick below shape 1. */
function gamma(shape: number, random: RandomStream): number {
  if (shape < 1) return gamma(shape + 1, random) * exp(Math.fround(log(open(random)) / shape));
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const root = 1 + c * x;
    const v = root * root * root;
    if (v <= 0) continue;
    const bound = 0.5 * x * x + d - d * v + d * log(Math.fround(v));
    if (log(open(random)) < bound) return d * v;
  }
}

/**
 * One share per site. Throws `partition.argument` on fewer examples than sites, or an alpha outside
 * 0.01 to 10,000.
 */
export function partitionDirichlet(
  dataset: Dataset,
  { sites, alpha, random = createRandomStream([0x6e6f6e65, 0x74], [0x73706c69, 0x74]) }: PartitionOptions,
): readonly Dataset[] {
  const count = dataset.labels.length;
  const classes = dataset.vocabulary.length;
  if (!Number.isSafeInteger(sites) || sites < 1 || sites > count) {
    throw new MisuseError({
      code: 'partition.argument',
      expected: `1 to ${count} sites`,
      found: String(sites),
    });
  }
  if (!(alpha >= 0.01 && alpha <= 10_000)) {
    throw new MisuseError({
      code: 'partition.argument',
      expected: 'an alpha from 0.01 to 10,000',
      found: String(alpha),
    });
  }
  const pools: number[][] = Array.from({ length: classes }, () => []);
  for (const i of shuffledIndices(count, random)) pools[dataset.labels[i]].push(i);
  return Array.from({ length: sites }, (_, site) => {
    const size = Math.floor(count / sites) + (site < count % sites ? 1 : 0);
    const proportions = pools.map(() => gamma(alpha, random));
    const indices = Array.from({ length: size }, () => drawExample(pools, proportions, random));
    return selectExamples(
      dataset,
      indices.sort((a, b) => a - b),
    );
  });
}

/**
 * Takes one example of a class drawn by the proportions of the classes that are left (evenly, if
 * those are all zero).
 */
function drawExample(
  pools: readonly number[][],
  proportions: readonly number[],
  random: RandomStream,
): number {
  const left = pools.map((pool, label) => (pool.length > 0 ? proportions[label] : 0));
  const total = left.reduce((sum, proportion) => sum + proportion, 0);
  const weights = total > 0 ? left : pools.map((pool) => (pool.length > 0 ? 1 : 0));
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = weights.findIndex((weight) => {
    rest -= weight;
    return weight > 0 && rest < 0;
  });
  // Rounding may leave a rest of 0 after the last class.
  return pools[chosen >= 0 ? chosen : weights.findLastIndex((weight) => weight > 0)].pop()!;
}
