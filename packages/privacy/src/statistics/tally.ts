/**
 * What one site counts: the exact sums of its records, as integers. docs/specs/statistics.md §2.
 * Knows nothing of limbs, noise and masks.
 */
import { MisuseError } from '@nonet/core';
import { type NumberColumn, type StatisticsQuery, stepOf, stepsOf } from '@nonet/core/records';
import type { Tallies, TallyKind } from './layout.ts';

/**
 * The cells of one row in the order of the query's columns: numbers, texts of categories, and
 * `undefined` where a value is missing. NaN is missing too.
 */
export type StatisticsRecord = readonly (number | string | undefined)[];

/** The sums of one tally: by part, by cell. Safe integers. */
export type TallySums = readonly Float64Array[];

/** Step 2.2: a number on its column's grid, centred; undefined if it is missing. */
function centre(
  column: NumberColumn,
): (value: number) => { readonly steps: number; readonly outside: boolean } {
  const { low, high } = column;
  const [step, most] = [stepOf(column), stepsOf(column)];
  const middle = Math.floor(most / 2);
  return (value) => {
    const outside = value < low || value > high;
    const clamped = Math.max(low, Math.min(high, value));
    return { steps: Math.min(most, Math.round((clamped - low) / step)) - middle, outside };
  };
}

const numberIn = (record: StatisticsRecord, column: number): number | undefined => {
  const value = record[column];
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
};

/** Step 2.3: 0 below the first edge, k in the bin that begins with edge k - 1, last above. */
function findBin(edges: readonly number[], value: number): number {
  const last = edges.length - 1;
  // The last bin holds its upper edge, as NumPy's does.
  if (value === edges[last]) return last;
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Adder = (sums: readonly Float64Array[], record: StatisticsRecord) => void;

const addPresence = (sums: readonly Float64Array[], outside: boolean) => {
  sums[0]![outside ? 1 : 0]! += 1;
};

function adderOf({ columns }: StatisticsQuery, of: TallyKind): Adder {
  switch (of.kind) {
    case 'records':
      return ([count]) => {
        count![0]! += 1;
      };
    case 'moments': {
      const toGrid = centre(columns[of.column] as NumberColumn);
      return (sums, record) => {
        const value = numberIn(record, of.column);
        if (value === undefined) {
          sums[0]![2]! += 1;
          return;
        }
        const { steps, outside } = toGrid(value);
        addPresence(sums, outside);
        sums[1]![0]! += steps;
        if (of.order === 2) sums[2]![0]! += steps * steps;
      };
    }
    case 'bins':
      return ([cells], record) => {
        const value = numberIn(record, of.column);
        cells![value === undefined ? of.edges.length + 1 : findBin(of.edges, value)]! += 1;
      };
    case 'values': {
      const column = columns[of.column]!;
      const values = column.kind === 'category' ? column.values : [];
      const cellOf = new Map(values.map((value, k) => [value, k]));
      return ([cells], record) => {
        const value = record[of.column];
        cells![value === undefined ? values.length + 1 : (cellOf.get(String(value)) ?? values.length)]! += 1;
      };
    }
    case 'comoments': {
      const [first, second] = of.columns;
      const toGridA = centre(columns[first] as NumberColumn);
      const toGridB = centre(columns[second] as NumberColumn);
      return (sums, record) => {
        const [x, y] = [numberIn(record, first), numberIn(record, second)];
        if (x === undefined || y === undefined) {
          sums[0]![2]! += 1;
          return;
        }
        const [a, b] = [toGridA(x), toGridB(y)];
        addPresence(sums, a.outside || b.outside);
        const amounts = [a.steps, b.steps, a.steps * a.steps, b.steps * b.steps, a.steps * b.steps];
        for (const [k, value] of amounts.entries()) sums[k + 1]![0]! += value;
      };
    }
    case 'scores': {
      const { score, label, positive, edges } = of;
      const column = columns[label]!;
      const known = new Set(column.kind === 'category' ? column.values : []);
      return ([cells], record) => {
        const [value, named] = [numberIn(record, score), record[label]];
        const isUsable = value !== undefined && named !== undefined && known.has(String(named));
        const from = String(named) === positive ? 0 : edges.length + 1;
        cells![isUsable ? from + findBin(edges, value) : 2 * (edges.length + 1)]! += 1;
      };
    }
  }
}

/** How many records a tally could use: all of its cells but what is missing. */
export function usableRecords(of: TallyKind, [cells]: TallySums): number {
  const counted = of.kind === 'records' ? cells! : cells!.subarray(0, -1);
  return counted.reduce((sum, count) => sum + count, 0);
}

/**
 * The sums of a site's records, by tally. Throws `statistics.records` where there are more than the
 * query allows, and `statistics.record` on a record of another number of cells.
 */
export function sumRecords(
  query: StatisticsQuery,
  { tallies }: Tallies,
  records: Iterable<StatisticsRecord>,
): TallySums[] {
  const sums = tallies.map(({ parts }) =>
    parts.map((part) => new Float64Array(part.kind === 'cells' ? part.length : 1)),
  );
  const adders = tallies.map(({ of }) => adderOf(query, of));
  let count = 0;
  for (const record of records) {
    if (record.length !== query.columns.length) {
      throw new MisuseError({
        code: 'statistics.record',
        expected: `records of ${query.columns.length} cells, one for each column of the query`,
        found: `one of ${record.length}`,
      });
    }
    if (++count > query.maximumRecords) {
      throw new MisuseError({
        code: 'statistics.records',
        expected: `at most ${query.maximumRecords} records at a site, for which the sums are sized`,
        found: 'more',
        hint: 'The query needs a larger maximumRecords.',
      });
    }
    for (const [i, add] of adders.entries()) add(sums[i]!, record);
  }
  return sums;
}
