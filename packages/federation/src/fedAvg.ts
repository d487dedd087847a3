/**
 * Federated averaging, exactly (McMahan et al., "Communication-efficient learning of deep networks from decentralized data", AISTATS
 * 2017; arithmetic of docs/specs/update.md §4): integer sums weighted by the number of examples, then one division and one addition per
 * entry, each rounded once more to f32. Equal inputs give equal bits in any order, on any machine. `fedAvgTwin` in
 * `@nonet/federation/testing` is the same in rational arithmetic.
 */
import { NonetError } from '@nonet/core';
import type { VectorSpecification } from '@nonet/core/records';
import { maximumEntry, weightOf } from './vectorSpecification.ts';

export interface Contribution {
  /** 1 .. 4096 (§2.5). */
  readonly examples: number;
  /** Quantised, within the specification's range. */
  readonly entries: Int32Array;
}

/** The sum of the weights. Throws `fedAvg.overflow` where a sum could leave the exact integers of a double, `fedAvg.empty` on nobody. */
function sumOfWeights(contributions: readonly Contribution[], specification: VectorSpecification): number {
  const total = contributions.reduce((sum, { examples }) => sum + weightOf(examples, specification), 0);
  if (total === 0) {
    throw new NonetError({ code: 'fedAvg.empty', expected: 'at least one update', found: 'none' });
  }
  if (total * maximumEntry(specification) >= Number.MAX_SAFE_INTEGER) {
    throw new NonetError({
      code: 'fedAvg.overflow',
      expected: `weights below ${Number.MAX_SAFE_INTEGER / maximumEntry(specification)} in all, so that sums are exact`,
      found: String(total),
      hint: 'Run the job with fewer participants per round.',
    });
  }
  return total;
}

/** W' = fround(W + fround(sum / (2^20 * sumOfWeights))). Throws `fedAvg.notFinite` if a parameter leaves the range of f32. */
export function fedAvg(
  start: Float32Array,
  contributions: readonly Contribution[],
  specification: VectorSpecification,
): Float32Array<ArrayBuffer> {
  const { entries, scaleBits } = specification;
  const divisor = 2 ** scaleBits * sumOfWeights(contributions, specification);
  for (const { length } of [start, ...contributions.map((contribution) => contribution.entries)]) {
    if (length === entries) continue;
    throw new NonetError({ code: 'fedAvg.length', expected: `${entries} entries`, found: `${length}` });
  }
  const sums = new Float64Array(entries);
  for (const contribution of contributions) {
    const weight = weightOf(contribution.examples, specification);
    const values = contribution.entries;
    for (let i = 0; i < entries; i++) sums[i]! += weight * values[i]!;
  }
  const next = new Float32Array(entries);
  for (let i = 0; i < entries; i++) {
    const value = Math.fround(start[i]! + Math.fround(sums[i]! / divisor));
    if (value - value !== 0) {
      throw new NonetError({
        code: 'fedAvg.notFinite',
        expected: 'finite parameters',
        found: `${value} at entry ${i}`,
      });
    }
    next[i] = value;
  }
  return next;
}
