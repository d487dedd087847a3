/**
 * The average of federated averaging, exactly (McMahan et al., "Communication-efficient learning of
 * deep networks from decentralized data", AISTATS 2017; arithmetic of docs/specs/update.md §4):
 * integer sums weighted as the ledger says, then one division per entry, rounded once more to f32.
 * Equal inputs give equal bits in any order, on any machine. `fedAvgTwin` in
 * `@nonet/federation/testing` is the same in rational arithmetic.
 */
import { NonetError } from '@nonet/core';
import type { FixedPoint } from '@nonet/core/records';
import { maximumEntry } from './fixedPoint.ts';

/** An accepted update and what it counts. */
export interface Contribution {
  /** As committed on the ledger. */
  readonly weight: number;
  /** Quantised, within the specification's range. */
  readonly entries: Int32Array;
}

/**
 * weight_1 * entry_1 + ... for each entry (§4.2), exact. Throws `fedAvg.length` on updates of
 * another length, `fedAvg.overflow` where a sum could leave the exact integers of a double.
 */
export function sumUpdates(
  contributions: readonly Contribution[],
  specification: FixedPoint,
): Float64Array<ArrayBuffer> {
  sumWeights(contributions, specification);
  const sums = new Float64Array(specification.entries);
  for (const { weight, entries } of contributions) {
    if (entries.length !== sums.length) {
      throw new NonetError({
        code: 'fedAvg.length',
        expected: `an update of ${sums.length} entries`,
        found: `${entries.length}`,
      });
    }
    for (let i = 0; i < sums.length; i++) sums[i]! += weight * entries[i]!;
  }
  return sums;
}

/**
 * fround(sum / (2^20 * weights)) for each entry (§4.3). Throws `fedAvg.empty` and what `sumUpdates`
 * throws.
 */
export function averageUpdates(
  contributions: readonly Contribution[],
  specification: FixedPoint,
): Float32Array<ArrayBuffer> {
  const divisor = 2 ** specification.scaleBits * sumWeights(contributions, specification);
  if (divisor === 0) {
    throw new NonetError({ code: 'fedAvg.empty', expected: 'at least one update', found: 'none' });
  }
  return new Float32Array(sumUpdates(contributions, specification).map((sum) => sum / divisor));
}

function sumWeights(contributions: readonly Contribution[], specification: FixedPoint): number {
  const total = contributions.reduce((sum, { weight }) => sum + weight, 0);
  const limit = Number.MAX_SAFE_INTEGER / maximumEntry(specification);
  if (total < limit) return total;
  throw new NonetError({
    code: 'fedAvg.overflow',
    expected: `weights below ${limit} in all, so that sums are exact`,
    found: String(total),
    hint: 'Run the job with fewer participants per round.',
  });
}
