/**
 * How columns lie in a commitment (docs/specs/zk.md §4.1, §4.2), from their sizes alone: prover and
 * verifier compute it, no proof says it.
 */
import { logCeil } from '@nonet/algebra';

/** A multilinear polynomial of base elements: 2^variables values, zeros from `live` on. */
export interface Column {
  readonly variables: number;
  readonly live: number;
}

/** Where columns lie, and the shape of the matrix that they make. */
export interface Layout {
  readonly columns: readonly Column[];
  /** Of the first value of each column; a multiple of its size. */
  readonly offsets: readonly number[];
  /** log2 of the rows, absent ones included. */
  readonly rowLog: number;
  /** log2 of the entries of a row. */
  readonly columnLog: number;
  /** Numbers of the rows that are committed, ascending. */
  readonly rows: readonly number[];
}

/** Queries for each commitment (§5.5): (5/8)^154 is 2^-104.4. */
export const queries = 154;

/** A codeword is four times as long as its message. */
const rateLog = 2;

const minimumColumnLog = 2;
const maximumColumnLog = 20;

/** First and last of the rows that hold values of `live`, in runs that do not touch, ascending. */
function rowRuns(
  columns: readonly Column[],
  live: readonly number[],
  offsets: readonly number[],
  columnLog: number,
) {
  const rowOf = (place: number) => Math.floor(place / 2 ** columnLog);
  const runs: { first: number; last: number }[] = [];
  for (const i of live) {
    const first = rowOf(offsets[i]);
    const last = rowOf(offsets[i] + columns[i].live - 1);
    const run = runs.at(-1);
    if (run !== undefined && first <= run.last + 1) run.last = Math.max(run.last, last);
    else runs.push({ first, last });
  }
  return runs;
}

/** The layout of these columns, which are in the order of the program. */
export function layOut(columns: readonly Column[]): Layout {
  const order = [...columns.keys()].sort((a, b) => columns[b].variables - columns[a].variables || a - b);
  const offsets = Array<number>(columns.length).fill(0);
  let total = 0;
  for (const i of order) {
    offsets[i] = total;
    total += 2 ** columns[i].variables;
  }
  const live = order.filter((i) => columns[i].live > 0);
  const costOf = (columnLog: number) => {
    const committed = rowRuns(columns, live, offsets, columnLog).reduce(
      (sum, run) => sum + run.last - run.first + 1,
      0,
    );
    return 16 * 2 ** columnLog + 4 * queries * committed + 32 * queries * columnLog;
  };
  let columnLog = minimumColumnLog;
  for (let log = columnLog + 1; log <= maximumColumnLog; log++) {
    if (costOf(log) < costOf(columnLog)) columnLog = log;
  }
  const rows = rowRuns(columns, live, offsets, columnLog).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
  return { columns, offsets, columnLog, rows, rowLog: logCeil(Math.ceil(total / 2 ** columnLog)) };
}

/** Where the values of a column begin among those of the committed rows, one row after the other. */
export function placeOf({ offsets, columnLog, rows }: Layout, column: number): number {
  const row = Math.floor(offsets[column] / 2 ** columnLog);
  return rows.indexOf(row) * 2 ** columnLog + (offsets[column] % 2 ** columnLog);
}

/** log2 of the positions of a codeword. */
export function positionLog({ columnLog }: Layout): number {
  return columnLog + rateLog;
}
