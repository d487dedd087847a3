/**
 * The l2 sensitivity of what is really added: integers on a grid, from 32-bit floats.
 * docs/specs/dp.md §7. Two losses are bounded here, both worst cases. Clipping divides by a norm
 * that was itself computed in f32 and may be too small. And rounding to the grid moves neighbours
 * apart.
 */
import { MisuseError } from '@nonet/core';
import { assertCount, assertPositive } from './assertions.ts';
import { clippingNormsApart, type NeighbouringRelation } from './unit.ts';

/** Unit roundoff of f32. */
const roundoff = 2 ** -24;

/**
 * By which factor a vector may exceed its clipping norm although its norm in f32 does not.
 * `roundings` is the longest chain of roundings behind one square in the sum: the dimension, for
 * the sequential sum of squares. Throws `dp.argument` from 2^22 roundings on, where the worst case
 * exceeds 14 % and a sum in blocks is needed.
 */
export function clippingSlack(roundings: number): number {
  assertCount('roundings', roundings);
  if (roundings >= 2 ** 22) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'fewer than 2^22 roundings in a sum of squares',
      found: String(roundings),
      hint: 'Sum in blocks, or in f64, and give the longest chain.',
    });
  }
  // Step 7.1: the computed square is at least (1 - u)^(n + 1) of the true one; root, quotient and
  // product round once each.
  return Math.exp(((roundings + 1) / 2 + 4) * -Math.log1p(-roundoff));
}

/** What `roundedSensitivity` needs to know. */
export interface RoundedQuery {
  /** l2 bound that clipping is asked to keep, in the unit of the floats. */
  readonly clippingNorm: number;
  /** Grid steps per unit of the floats: an entry x becomes an integer near x * scale. */
  readonly scale: number;
  readonly dimension: number;
  readonly relation: NeighbouringRelation;
  /**
   * How many clipped vectors are added in f32 before the sum is rounded to the grid, at most: the
   * largest batch at record level, 1 where a participant's update is clipped and rounded itself.
   */
  readonly summands: number;
  /** The longest chain of roundings of a norm; the dimension if it is not given. */
  readonly roundings?: number;
}

/**
 * An upper bound on the l2 sensitivity of the integer query, for rounding to the nearest integer or
 * stochastically, with the same random offsets for neighbours. Throws `dp.argument`.
 *
 * @example
 *   roundedSensitivity({ clippingNorm: 1, scale: 2 ** 16, dimension: 7850, relation: 'zeroOut', summands: 64 });
 */
export function roundedSensitivity(query: RoundedQuery): number {
  const { clippingNorm, scale, dimension, relation, summands, roundings = query.dimension } = query;
  assertPositive('clippingNorm', clippingNorm);
  if (clippingNorm < 2 ** -32) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'a clipping norm of at least 2^-32, whose square f32 holds to its full precision',
      found: String(clippingNorm),
    });
  }
  assertPositive('scale', scale);
  assertCount('dimension', dimension);
  assertCount('summands', summands);
  const norm = clippingNorm * clippingSlack(roundings);
  // Step 7.2: each of two neighbouring sums is off by at most (summands - 1) u times the sum of
  // norms, to first order; the factor 1.01 is above all orders for summands below 2^17.
  if (summands > 2 ** 17) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'at most 2^17 summands',
      found: String(summands),
    });
  }
  const summation = 2 * 1.01 * (summands - 1) * roundoff * summands * norm;
  // Step 7.3: the scaling rounds once (f32); rounding moves each coordinate of the difference by
  // less than 1.
  const scaled = (clippingNormsApart(relation) * norm + summation) * scale;
  const scaling = 2 * roundoff * summands * norm * scale;
  return scaled + scaling + Math.sqrt(dimension);
}

/**
 * P(Binomial(records, samplingRate) > maximumBatch): what a batch of fixed size leaves out of a
 * Poisson sample. It is the total variation distance of a step from what the accountants model, and
 * goes into delta through `adjustEpsilon`. Throws `dp.argument`.
 */
export function truncationProbability(records: number, samplingRate: number, maximumBatch: number): number {
  assertCount('records', records);
  assertCount('maximumBatch', maximumBatch, 0);
  if (!(samplingRate > 0 && samplingRate < 1)) {
    if (samplingRate === 1) return maximumBatch >= records ? 0 : 1;
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'samplingRate to be a probability above 0 and at most 1',
      found: String(samplingRate),
    });
  }
  // Step 7.4: from the largest count down would lose digits; the terms fall from the mode on.
  const logOdds = Math.log(samplingRate) - Math.log1p(-samplingRate);
  let logTerm = records * Math.log1p(-samplingRate);
  let tail = 0;
  for (let k = 0; k <= records; k++) {
    if (k > maximumBatch) {
      const term = Math.exp(logTerm);
      tail += term;
      if (k > records * samplingRate && term < tail * 1e-17) break;
    }
    logTerm += Math.log((records - k) / (k + 1)) + logOdds;
  }
  return Math.min(1, tail * (1 + 1e-9));
}
