/**
 * From the sum of all sites' vectors to figures, with what is known of their error.
 * docs/specs/statistics.md §5. Moments are combined as integers of any size, so that nothing
 * cancels; figures that the noise leaves undetermined are not given a number.
 */

import { type NumberColumn, type Statistic, stepOf, stepsOf } from '@nonet/core/records';
import { type DecodedTallies, decodeTallies } from './contribution.ts';
import type { TallyKind } from './layout.ts';
import type { StatisticsPlan } from './plan.ts';

/** A figure and its error. */
export interface Estimate {
  /** Undefined where records or noise leave nothing to say: `because` says what. */
  readonly value: number | undefined;
  readonly because?: string;
  /** Standard deviation of the noise in it, to first order; 0 without noise. */
  readonly standardError: number;
  /**
   * Where the figure of the clamped records is: certain without noise, else with a probability of
   * 95 %, pointwise.
   */
  readonly interval: readonly [number, number];
}

/** Records behind a figure. */
export interface Coverage {
  /** Records that entered it. */
  readonly usable: Estimate;
  readonly missing: Estimate;
  /** Sites that withheld what they have, for having fewer records than the query allows. */
  readonly withheld: number;
}

/** What a statistic came to; the first field is that of the query. */
export type StatisticsAnswer = { readonly asked: Statistic; readonly coverage: Coverage } & (
  | { readonly kind: 'count' }
  | { readonly kind: 'mean'; readonly mean: Estimate; readonly outside: Estimate }
  | {
      readonly kind: 'variance';
      readonly mean: Estimate;
      readonly variance: Estimate;
      readonly deviation: Estimate;
      readonly outside: Estimate;
    }
  | {
      readonly kind: 'histogram';
      readonly edges: readonly number[];
      readonly counts: readonly Estimate[];
      readonly below: Estimate;
      readonly above: Estimate;
    }
  | {
      readonly kind: 'frequencies';
      readonly values: readonly string[];
      readonly counts: readonly Estimate[];
      readonly other: Estimate;
    }
  | { readonly kind: 'quantiles'; readonly quantiles: readonly (Estimate & { readonly fraction: number })[] }
  | { readonly kind: 'correlation'; readonly coefficient: Estimate; readonly outside: Estimate }
  | {
      readonly kind: 'auroc';
      readonly area: Estimate;
      readonly positives: Estimate;
      readonly others: Estimate;
    }
);

/** The normal quantile of a two-sided interval of 95 %. */
const z95 = 1.959963984540054;

/** An integer of the sum, with the variance of its noise. */
interface Noisy {
  readonly value: bigint;
  readonly variance: number;
}

/** The parts of a tally, its cells, and those of one value. */
type Parts = readonly (readonly Noisy[])[];

/**
 * The answers of a query, one for each of its statistics, from the sum of `included` sites' vectors
 * (step 5). Throws `statistics.sum`.
 *
 * @example
 *   const [count] = answerStatistics(plan, sum, 5);
 */
export function answerStatistics(
  plan: StatisticsPlan,
  sum: ArrayLike<number>,
  included: number,
): StatisticsAnswer[] {
  const decoded = decodeTallies(plan, sum);
  return plan.query.statistics.map((asked, i) => {
    const source = plan.sources[i]!;
    return answerOf(plan, asked, plan.tallies[source]!.of, partsOf(plan, decoded, source, included), {
      withheld: decoded.withheld[source]!,
    });
  });
}

/** Step 5.1: an entry holds one share of noise for each site; all sites' shares count here. */
function partsOf(plan: StatisticsPlan, { sums }: DecodedTallies, tally: number, included: number): Parts {
  return plan.plans[tally]!.parts.map(({ shareSigma, shift }, k) => {
    const variance = included * (shareSigma * 2 ** shift) ** 2;
    return sums[tally]![k]!.map((value) => ({ value, variance }));
  });
}

function answerOf(
  { query: { columns } }: StatisticsPlan,
  asked: Statistic,
  of: TallyKind,
  parts: Parts,
  { withheld }: { readonly withheld: number },
): StatisticsAnswer {
  const numberAt = (index: number) => columns[index] as NumberColumn;
  const cells = parts[0]!;
  const coverage = (usable: readonly Noisy[], missing: Noisy | undefined): Coverage => ({
    usable: countOf(addNoisy(usable)),
    missing: countOf(missing ?? { value: 0n, variance: 0 }),
    withheld,
  });
  switch (of.kind) {
    case 'records':
      return { asked, kind: 'count', coverage: coverage(cells, undefined) };
    case 'moments': {
      const [inside, outside, missing] = cells as readonly [Noisy, Noisy, Noisy];
      const records = addNoisy([inside, outside]);
      const [first, second] = [parts[1]![0]!, parts[2]?.[0]];
      const column = numberAt(of.column);
      const rest = { asked, coverage: coverage([inside, outside], missing), outside: countOf(outside) };
      const mean = meanOf(column, records, first);
      if (asked.statistic !== 'variance') return { ...rest, kind: 'mean', mean };
      return { ...rest, kind: 'variance', mean, ...varianceOf(column, records, first, second!) };
    }
    case 'bins': {
      const missing = cells.at(-1);
      const usable = cells.slice(0, -1);
      const { edges } = of;
      const rest = { asked, coverage: coverage(usable, missing) };
      if (asked.statistic === 'quantiles') {
        const quantiles = asked.fractions.map((fraction) => ({
          fraction,
          ...quantileOf(edges, usable, fraction),
        }));
        return { ...rest, kind: 'quantiles', quantiles };
      }
      const counts = usable.slice(1, -1).map(countOf);
      const [below, above] = [countOf(usable[0]!), countOf(usable.at(-1)!)];
      return { ...rest, kind: 'histogram', edges, counts, below, above };
    }
    case 'values': {
      const column = columns[of.column]!;
      const values = column.kind === 'category' ? column.values : [];
      const counts = cells.slice(0, values.length).map(countOf);
      const other = countOf(cells[values.length]!);
      return {
        asked,
        kind: 'frequencies',
        values,
        counts,
        other,
        coverage: coverage(cells.slice(0, -1), cells.at(-1)),
      };
    }
    case 'comoments': {
      const [inside, outside, missing] = cells as readonly [Noisy, Noisy, Noisy];
      const records = addNoisy([inside, outside]);
      const [a, b, aa, bb, ab] = parts.slice(1).map(([one]) => one!) as [Noisy, Noisy, Noisy, Noisy, Noisy];
      return {
        asked,
        kind: 'correlation',
        coefficient: correlationOf({ records, a, b, aa, bb, ab }),
        outside: countOf(outside),
        coverage: coverage([inside, outside], missing),
      };
    }
    case 'scores': {
      const half = of.edges.length + 1;
      const [positives, others] = [cells.slice(0, half), cells.slice(half, 2 * half)];
      return {
        asked,
        kind: 'auroc',
        area: areaOf(positives, others),
        positives: countOf(addNoisy(positives)),
        others: countOf(addNoisy(others)),
        coverage: coverage(cells.slice(0, -1), cells.at(-1)),
      };
    }
  }
}

function addNoisy(terms: readonly Noisy[]): Noisy {
  return {
    value: terms.reduce((sum, { value }) => sum + value, 0n),
    variance: terms.reduce((sum, { variance }) => sum + variance, 0),
  };
}

/** Step 5.2: a count as it was summed, below 0 too: a sum of such counts stays right on average. */
function countOf({ value, variance }: Noisy): Estimate {
  const count = Number(value);
  const standardError = Math.sqrt(variance);
  return {
    value: count,
    standardError,
    interval: [Math.max(0, count - z95 * standardError), Math.max(0, count + z95 * standardError)],
  };
}

const undetermined = (because: string, interval: readonly [number, number]): Estimate => ({
  value: undefined,
  because,
  standardError: 0,
  interval,
});

/** Why a quotient by a number of records has no value: there are none, or none that noise shows. */
function whyTooFew({ value, variance }: Noisy): string | undefined {
  if (value > 0n && Number(value) > 3 * Math.sqrt(variance)) return undefined;
  return variance === 0 ? 'there are no records' : 'there are too few records to be told from noise';
}

/**
 * A figure within limits that mathematics sets; noise that takes it beyond leaves it undetermined.
 * `resolution` widens the interval by what grid or bins may hide.
 */
function within(
  [least, most]: readonly [number, number],
  value: number,
  standardError: number,
  resolution: number,
): Estimate {
  const margin = z95 * standardError + resolution;
  const clip = (bound: number) => Math.max(least, Math.min(most, bound));
  const interval = [clip(value - margin), clip(value + margin)] as const;
  // Rounding alone may take it beyond, never far.
  const isPossible = standardError === 0 || Math.abs(clip(value) - value) <= resolution;
  if (isPossible) return { value: clip(value), standardError, interval };
  const because = `the noise takes it to ${value.toPrecision(3)}, which is impossible`;
  return { value: undefined, because, standardError, interval };
}

const ratio = (numerator: bigint, denominator: bigint) => Number(numerator) / Number(denominator);
const middleOf = (column: NumberColumn) => BigInt(Math.floor(stepsOf(column) / 2));

/** Step 5.3. */
function meanOf(column: NumberColumn, records: Noisy, first: Noisy): Estimate {
  const { low, high } = column;
  const because = whyTooFew(records);
  if (because !== undefined) return undetermined(because, [low, high]);
  const step = stepOf(column);
  const n = Number(records.value);
  const centred = ratio(first.value, records.value);
  const value = low + step * ratio(first.value + middleOf(column) * records.value, records.value);
  const standardError = (step * Math.sqrt(first.variance + centred ** 2 * records.variance)) / n;
  return within([low, high], value, standardError, step / 2);
}

/** Step 5.4: (n S2 - S1²) / n², an exact integer over an exact integer. */
function varianceOf(
  column: NumberColumn,
  records: Noisy,
  first: Noisy,
  second: Noisy,
): { readonly variance: Estimate; readonly deviation: Estimate } {
  const step = stepOf(column);
  const range = column.high - column.low;
  const limits = [0, (range / 2) ** 2] as const;
  const because = whyTooFew(records);
  if (because !== undefined) {
    return {
      variance: undetermined(because, limits),
      deviation: undetermined(because, [0, range / 2]),
    };
  }
  const n = Number(records.value);
  const centred = ratio(first.value, records.value);
  const square = ratio(second.value, records.value);
  const inSteps = ratio(
    records.value * second.value - first.value * first.value,
    records.value * records.value,
  );
  const error =
    Math.sqrt(
      second.variance +
        (2 * centred) ** 2 * first.variance +
        (2 * centred * centred - square) ** 2 * records.variance,
    ) / n;
  const value = inSteps * step * step;
  const standardError = error * step * step;
  // Rounding moves the deviation by half a step at most.
  const resolution = step * Math.sqrt(Math.max(0, value)) + (step * step) / 4;
  const variance = within([0, Infinity], value, standardError, resolution);
  const [low, high] = variance.interval;
  const interval = [Math.sqrt(low), Math.min(range / 2 + step, Math.sqrt(high))] as const;
  if (variance.value === undefined) return { variance, deviation: { ...variance, interval } };
  const deviation = Math.sqrt(value);
  return {
    variance,
    deviation: {
      value: deviation,
      standardError: deviation === 0 ? 0 : standardError / (2 * deviation),
      interval,
    },
  };
}

interface Comoments {
  readonly records: Noisy;
  readonly a: Noisy;
  readonly b: Noisy;
  readonly aa: Noisy;
  readonly bb: Noisy;
  readonly ab: Noisy;
}

/** Step 5.5. */
function correlationOf({ records, a, b, aa, bb, ab }: Comoments): Estimate {
  const because = whyTooFew(records);
  if (because !== undefined) return undetermined(because, [-1, 1]);
  const n = records.value;
  const spread = (product: Noisy, u: Noisy, v: Noisy) => n * product.value - u.value * v.value;
  const [cross, left, right] = [spread(ab, a, b), spread(aa, a, a), spread(bb, b, b)];
  if (left <= 0n || right <= 0n) {
    const isExact = records.variance === 0;
    return undetermined(
      isExact ? 'a column has the same value everywhere' : 'the noise exceeds the variance of a column',
      [-1, 1],
    );
  }
  const [deviationA, deviationB] = [Math.sqrt(Number(left)), Math.sqrt(Number(right))];
  const value = Number(cross) / deviationA / deviationB;
  // Derivatives by each sum, in units of standard deviations.
  const count = Number(n);
  const [sa, sb] = [deviationA / count, deviationB / count];
  const [ma, mb] = [ratio(a.value, n) / sa, ratio(b.value, n) / sb];
  const [qa, qb] = [ratio(aa.value, n) / sa / sa, ratio(bb.value, n) / sb / sb];
  const qab = ratio(ab.value, n) / sa / sb;
  const slopes: readonly (readonly [number, number])[] = [
    [1 / sa / sb, ab.variance],
    [-value / 2 / sa / sa, aa.variance],
    [-value / 2 / sb / sb, bb.variance],
    [(value * ma - mb) / sa, a.variance],
    [(value * mb - ma) / sb, b.variance],
    [2 * ma * mb - qab - (value / 2) * (2 * ma * ma - qa + 2 * mb * mb - qb), records.variance],
  ];
  const variance = slopes.reduce((sum, [slope, part]) => sum + slope * slope * part, 0);
  // Rounding turns the vector of a column by so much, and the cosine by no more.
  const turn = (deviation: number) => (deviation > 0.5 ? Math.asin(0.5 / deviation) : 2);
  const resolution = Math.min(2, turn(sa) + turn(sb));
  return within([-1, 1], value, Math.sqrt(variance) / count, resolution);
}

/**
 * Step 5.6: the bin of the least value that at least `fraction` of the records do not exceed, and
 * within the bin by interpolation. `cells` are below, bins, above.
 */
function quantileOf(edges: readonly number[], cells: readonly Noisy[], fraction: number): Estimate {
  const records = addNoisy(cells);
  const because = whyTooFew(records);
  if (because !== undefined) return undetermined(because, [-Infinity, Infinity]);
  const n = Number(records.value);
  // A rank that is whole in decimals stays so.
  const rank = fraction * n - n * 2 ** -50;
  const each = cells[0]!.variance;
  const isIn = { crossed: -1, possible: -1, certain: 0 };
  let upTo = 0;
  for (const [k, { value }] of cells.entries()) {
    upTo += Number(value);
    const within = k + 1;
    const spread =
      z95 * Math.sqrt(each * ((1 - fraction) ** 2 * within + fraction ** 2 * (cells.length - within)));
    if (isIn.crossed < 0 && upTo >= rank) isIn.crossed = k;
    if (isIn.possible < 0 && upTo + spread >= rank) isIn.possible = k;
    if (upTo - spread < rank && k + 1 < cells.length) isIn.certain = k + 1;
  }
  const lower = (k: number) => (k === 0 ? -Infinity : edges[k - 1]!);
  const upper = (k: number) => edges[k] ?? Infinity;
  const k = isIn.crossed < 0 ? cells.length - 1 : isIn.crossed;
  const interval = [lower(isIn.possible < 0 ? k : isIn.possible), upper(Math.max(k, isIn.certain))] as const;
  if (lower(k) === -Infinity) return undetermined('it is below the bins', interval);
  if (upper(k) === Infinity) return undetermined('it is above the bins', interval);
  const before = cells.slice(0, k).reduce((sum, { value }) => sum + Number(value), 0);
  const part = Math.min(1, Math.max(0, (rank - before) / Math.max(1, Number(cells[k]!.value))));
  const value = lower(k) + part * (upper(k) - lower(k));
  const standardError = each === 0 ? 0 : (interval[1] - interval[0]) / (2 * z95);
  return { value, standardError, interval };
}

/** Step 5.7: pairs in one bin count half, and are all that the bins leave open. */
function areaOf(positives: readonly Noisy[], others: readonly Noisy[]): Estimate {
  const [p, q] = [addNoisy(positives), addNoisy(others)];
  const because = whyTooFew(p) ?? whyTooFew(q);
  if (because !== undefined) return undetermined(`${because} with a label`, [0, 1]);
  const pairs = p.value * q.value;
  let below = 0n;
  let doubled = 0n;
  let tied = 0n;
  const [byPositive, byOther]: [number[], number[]] = [[], []];
  for (const [k, { value }] of positives.entries()) {
    const other = others[k]!.value;
    doubled += value * (2n * below + other);
    tied += value * other;
    byPositive.push(ratio(2n * below + other, 2n * q.value));
    below += other;
  }
  const value = ratio(doubled, 2n * pairs);
  let upTo = 0n;
  for (const { value: positive } of positives) {
    byOther.push(1 - ratio(2n * upTo + positive, 2n * p.value));
    upTo += positive;
  }
  // Derivatives by the cells of either label.
  let variance = 0;
  for (const [k, cell] of positives.entries()) {
    variance += ((byPositive[k]! - value) / Number(p.value)) ** 2 * cell.variance;
    variance += ((byOther[k]! - value) / Number(q.value)) ** 2 * others[k]!.variance;
  }
  return within([0, 1], value, Math.sqrt(variance), Math.max(0, ratio(tied, 2n * pairs)));
}
