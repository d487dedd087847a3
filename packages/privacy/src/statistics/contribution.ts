/**
 * A site's vector: its sums in limbs, or on a grid with a share of noise, to be masked.
 * docs/specs/statistics.md §3 and §4; and how sums of such vectors are read.
 */
import { MisuseError } from '@nonet/core';
import {
  createDiscreteGaussian,
  type DiscreteGaussianSampler,
  drawDiscreteGaussian,
} from '../dp/sampling/discreteGaussian.ts';
import { type SecretWords, systemWords } from '../dp/sampling/secretWords.ts';
import type { PartPlan, StatisticsPlan } from './plan.ts';
import { type StatisticsRecord, sumRecords, usableRecords } from './tally.ts';

/** A site's vector for a plan: as many entries as it has, signed integers of 32 bits. */
export interface SiteContribution {
  readonly vector: Int32Array<ArrayBuffer>;
  /** Tallies that the site withholds for having too few records; by position in the plan. */
  readonly withheld: readonly number[];
}

/**
 * What a site sends of its records, before it is masked, with fresh noise where the plan has any.
 * Throws `statistics.records` and `statistics.record`.
 */
export function createContribution(
  plan: StatisticsPlan,
  records: Iterable<StatisticsRecord>,
): SiteContribution {
  const { vector, withheld } = encodeRecords(plan, records);
  const noise = drawNoise(plan, systemWords);
  return { vector: vector.map((value, i) => value + noise[i]!), withheld };
}

/** The vector of a site without its noise: nothing to be sent where the plan has noise. */
export function encodeRecords(plan: StatisticsPlan, records: Iterable<StatisticsRecord>): SiteContribution {
  const sums = sumRecords(plan.query, plan, records);
  const vector = new Int32Array(plan.entries);
  const withheld: number[] = [];
  for (const [i, { parts, withheldAt }] of plan.plans.entries()) {
    const usable = usableRecords(plan.tallies[i]!.of, sums[i]!);
    // Step 3.5: never with noise, where it would tell how many records there are.
    if (withheldAt !== undefined && usable > 0 && usable < plan.query.minimumRecords) {
      withheld.push(i);
      vector[withheldAt] = 1;
      continue;
    }
    for (const [k, part] of parts.entries()) writePart(plan, part, sums[i]![k]!, vector);
  }
  return { vector, withheld };
}

function writePart(
  { limbBits }: StatisticsPlan,
  { at, limbs, shift }: PartPlan,
  values: Float64Array,
  vector: Int32Array,
): void {
  const base = 2 ** limbBits;
  for (const [cell, value] of values.entries()) {
    // Step 4.2: the site's sum is rounded, not each record.
    let rest = Math.floor(value / 2 ** shift + 0.5);
    for (let limb = 0; limb < limbs; limb++) {
      // Step 3.3: the remainder that is least in magnitude; the top limb takes all that is left.
      const high = limb === limbs - 1 ? 0 : Math.floor(rest / base + 0.5);
      vector[at + cell * limbs + limb] = rest - high * base;
      rest = high;
    }
  }
}

/** Tables of samplers by sigma: some take a tenth of a second to make. */
const samplersOf = new WeakMap<StatisticsPlan, Map<number, DiscreteGaussianSampler>>();

/** Step 4.3: an independent sample for each entry; zeros where the plan has no noise. */
export function drawNoise(plan: StatisticsPlan, words: SecretWords): Int32Array<ArrayBuffer> {
  const noise = new Int32Array(plan.entries);
  const samplers = samplersOf.get(plan) ?? new Map<number, DiscreteGaussianSampler>();
  samplersOf.set(plan, samplers);
  for (const { at, length, shareSigma } of plan.plans.flatMap(({ parts }) => parts)) {
    if (shareSigma === 0) continue;
    const sampler = samplers.get(shareSigma) ?? createDiscreteGaussian(shareSigma);
    samplers.set(shareSigma, sampler);
    noise.set(drawDiscreteGaussian(sampler, length, words), at);
  }
  return noise;
}

/** A sum of vectors as integers: by tally, by part, by cell; and how many sites withheld a tally. */
export interface DecodedTallies {
  readonly sums: readonly (readonly (readonly bigint[])[])[];
  readonly withheld: readonly number[];
}

/**
 * The integers in a sum of vectors (step 3.4). Throws `statistics.sum` on another number of
 * entries, or on entries that are no integers.
 */
export function decodeTallies(plan: StatisticsPlan, sum: ArrayLike<number>): DecodedTallies {
  const odd = Array.from(sum).find((entry) => !Number.isSafeInteger(entry));
  if (sum.length !== plan.entries || odd !== undefined) {
    throw new MisuseError({
      code: 'statistics.sum',
      expected: `a sum of ${plan.entries} integers`,
      found: odd === undefined ? `one of ${sum.length}` : String(odd),
    });
  }
  const sums = plan.plans.map(({ parts }) => parts.map((part) => readPart(plan, part, sum)));
  const withheld = plan.plans.map(({ withheldAt }) => (withheldAt === undefined ? 0 : sum[withheldAt]!));
  return { sums, withheld };
}

function readPart(
  { limbBits }: StatisticsPlan,
  { at, length, limbs, shift }: PartPlan,
  sum: ArrayLike<number>,
): bigint[] {
  return Array.from({ length }, (_, cell) => {
    let value = 0n;
    for (let limb = limbs - 1; limb >= 0; limb--) {
      value = value * (1n << BigInt(limbBits)) + BigInt(sum[at + cell * limbs + limb]!);
    }
    return value * (1n << BigInt(shift));
  });
}
