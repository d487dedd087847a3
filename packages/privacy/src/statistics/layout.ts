/**
 * From a query to the integers that a site sums: a fixed layout that follows from the query alone.
 * docs/specs/statistics.md §2. Figures that need the same sums share them.
 */
import {
  edgesOf,
  type NumberColumn,
  type Statistic,
  type StatisticsQuery,
  stepsOf,
} from '@nonet/core/records';

/**
 * Integers that are summed over records. `cells`: a record adds 1 to one of them, or to none.
 * `amount`: a record adds an integer of at most `bound` in magnitude to the one there is.
 */
export type Part =
  | { readonly kind: 'cells'; readonly length: number }
  | { readonly kind: 'amount'; readonly bound: number };

/** What a tally counts, with the columns and edges that it takes. */
export type TallyKind =
  | { readonly kind: 'records' }
  /** Parts: inside, outside, missing; sum; sum of squares, where `order` is 2. */
  | { readonly kind: 'moments'; readonly column: number; readonly order: 1 | 2 }
  /** Parts: below, bins, above, missing. */
  | { readonly kind: 'bins'; readonly column: number; readonly edges: readonly number[] }
  /** Parts: values, other, missing. */
  | { readonly kind: 'values'; readonly column: number }
  /** Parts: inside, outside, missing; sums of a and b; of a², b² and ab. */
  | { readonly kind: 'comoments'; readonly columns: readonly [number, number] }
  /**
   * Parts: below, bins and above of the scores of positive records, the same of the others, missing.
   */
  | {
      readonly kind: 'scores';
      readonly score: number;
      readonly label: number;
      readonly positive: string;
      readonly edges: readonly number[];
    };

/** Sums that a query needs, which several figures may share. */
export interface Tally {
  readonly of: TallyKind;
  readonly parts: readonly Part[];
}

/** The tallies of a query, and which of them each statistic is computed from. */
export interface Tallies {
  readonly tallies: readonly Tally[];
  /** By statistic of the query: a position in `tallies`. */
  readonly sources: readonly number[];
}

/** Step 2.2: the largest magnitude of a centred value of a column, in steps. */
const largestCentred = (column: NumberColumn): number => Math.ceil(stepsOf(column) / 2);

/** Step 2.1: the sums behind a query, each once. */
export function talliesOf(query: StatisticsQuery): Tallies {
  const indexOf = (name: string) => query.columns.findIndex((column) => column.name === name);
  const numberAt = (index: number) => query.columns[index] as NumberColumn;
  const withSquares = new Set(
    query.statistics.flatMap((asked) => (asked.statistic === 'variance' ? [asked.column] : [])),
  );
  const kindOf = (asked: Statistic): TallyKind => {
    switch (asked.statistic) {
      case 'count':
        return { kind: 'records' };
      case 'mean':
      case 'variance':
        return {
          kind: 'moments',
          column: indexOf(asked.column),
          order: withSquares.has(asked.column) ? 2 : 1,
        };
      case 'histogram':
      case 'quantiles': {
        const column = indexOf(asked.column);
        if (asked.bins === undefined) return { kind: 'values', column };
        return { kind: 'bins', column, edges: edgesOf(numberAt(column), asked.bins) };
      }
      case 'correlation':
        return { kind: 'comoments', columns: [indexOf(asked.columns[0]), indexOf(asked.columns[1])] };
      case 'auroc': {
        const score = indexOf(asked.score);
        const edges = edgesOf(numberAt(score), asked.bins);
        return { kind: 'scores', score, label: indexOf(asked.label), positive: asked.positive, edges };
      }
    }
  };
  const positions = new Map<string, number>();
  const tallies: Tally[] = [];
  const sources = query.statistics.map((asked) => {
    const of = kindOf(asked);
    const key = JSON.stringify(of);
    const known = positions.get(key);
    if (known !== undefined) return known;
    positions.set(key, tallies.length);
    tallies.push({ of, parts: partsOf(query, of) });
    return tallies.length - 1;
  });
  return { tallies, sources };
}

const cells = (length: number): Part => ({ kind: 'cells', length });
const amount = (bound: number): Part => ({ kind: 'amount', bound });

function partsOf({ columns }: StatisticsQuery, of: TallyKind): Part[] {
  const bound = (index: number) => largestCentred(columns[index] as NumberColumn);
  switch (of.kind) {
    case 'records':
      return [cells(1)];
    case 'moments': {
      const most = bound(of.column);
      return [cells(3), amount(most), ...(of.order === 2 ? [amount(most * most)] : [])];
    }
    case 'bins':
      return [cells(of.edges.length + 2)];
    case 'values': {
      const column = columns[of.column]!;
      return [cells((column.kind === 'category' ? column.values.length : 0) + 2)];
    }
    case 'comoments': {
      const [a, b] = [bound(of.columns[0]), bound(of.columns[1])];
      return [cells(3), amount(a), amount(b), amount(a * a), amount(b * b), amount(a * b)];
    }
    case 'scores':
      return [cells(2 * (of.edges.length + 1) + 1)];
  }
}
