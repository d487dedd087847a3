/**
 * What a job of statistics asks, as data: columns with public bounds, and figures over them.
 * docs/specs/statistics.md §1. Bounds, bins and categories are part of the query, because whatever
 * follows from data would tell something about them before anything is summed.
 */
import { z } from 'zod';
import { parseRecord } from './parse.ts';
import { textSchema } from './text.ts';

/** The finest grid: so many steps between the bounds of a column. */
export const mostSteps = 2 ** 20;
/** Bins and values of a query, over all of its statistics. */
const mostCells = 2 ** 20;
/** Steps between the bounds of a column that gives no step. */
export const usualSteps = 2 ** 16;

const numberColumnSchema = z.strictObject({
  kind: z.literal('number'),
  name: textSchema,
  /** Values beyond the bounds count as the bound, and are counted as outside. */
  low: z.number(),
  high: z.number(),
  /** The grid on which values are summed, from `low` on; a 2^16th of the range unless given. */
  step: z.number().positive().optional(),
});

const categoryColumnSchema = z.strictObject({
  kind: z.literal('category'),
  name: textSchema,
  /** All other values count as other. */
  values: z.array(textSchema).min(1).max(65_536),
});

/** A column of the sites' tables, with what is public about it. */
export const queryColumnSchema = z.discriminatedUnion('kind', [numberColumnSchema, categoryColumnSchema]);
/** A value of `queryColumnSchema`. */
export type QueryColumn = Readonly<z.infer<typeof queryColumnSchema>>;
/** A column of numbers between public bounds. */
export type NumberColumn = Readonly<z.infer<typeof numberColumnSchema>>;

/** So many bins of one width between the bounds, or the edges of bins, ascending. */
const binsSchema = z.union([z.int().min(1).max(65_536), z.array(z.number()).min(2).max(65_537)]);

/** One figure, or one family of figures that come from the same counts. */
export const statisticSchema = z.discriminatedUnion('statistic', [
  z.strictObject({ statistic: z.literal('count') }),
  z.strictObject({ statistic: z.literal('mean'), column: textSchema }),
  /** Mean square distance from the mean, and its root. */
  z.strictObject({ statistic: z.literal('variance'), column: textSchema }),
  /** Records by bin, or by value where the column is a category: then without bins. */
  z.strictObject({ statistic: z.literal('histogram'), column: textSchema, bins: binsSchema.optional() }),
  /** The least value that at least this part of the records does not exceed; to the width of a bin. */
  z.strictObject({
    statistic: z.literal('quantiles'),
    column: textSchema,
    fractions: z.array(z.number().positive().lt(1)).min(1).max(1000),
    bins: binsSchema,
  }),
  /** Pearson's coefficient over the records that have both values. */
  z.strictObject({ statistic: z.literal('correlation'), columns: z.tuple([textSchema, textSchema]) }),
  /** Area under the ROC curve of a score for a label that has the value `positive`. */
  z.strictObject({
    statistic: z.literal('auroc'),
    score: textSchema,
    label: textSchema,
    positive: textSchema,
    bins: binsSchema,
  }),
]);
/** A value of `statisticSchema`. */
export type Statistic = Readonly<z.infer<typeof statisticSchema>>;

/** A query: what is asked of which columns. */
export const statisticsQuerySchema = z
  .strictObject({
    columns: z.array(queryColumnSchema).max(10_000),
    statistics: z.array(statisticSchema).min(1).max(10_000),
    /** The most records that a site may have: sums are sized, and a site with more is refused. */
    maximumRecords: z
      .int()
      .min(1)
      .max(2 ** 31),
    /**
     * Without noise, a site of fewer usable records withholds what it has for a figure. With noise
     * nothing is withheld, since that would itself depend on data without noise.
     */
    minimumRecords: z
      .int()
      .min(1)
      .max(2 ** 31),
  })
  .superRefine(({ columns, statistics }, context) => {
    const refuse = (path: (string | number)[], expected: string, found: string) =>
      context.addIssue({ code: 'custom', path, params: { expected, found } });
    const byName = new Map(columns.map((column) => [column.name, column]));
    if (byName.size < columns.length) refuse(['columns'], 'names of which none is twice', 'a name twice');
    for (const [i, column] of columns.entries()) {
      if (column.kind === 'category') {
        if (new Set(column.values).size === column.values.length) continue;
        refuse(['columns', i, 'values'], 'values of which none is twice', 'a value twice');
      } else {
        const steps = stepsOf(column);
        if (column.high > column.low && steps >= 1 && steps <= mostSteps) continue;
        const expected = `bounds that are 1 to ${mostSteps} steps apart`;
        refuse(['columns', i, 'high'], expected, `${column.low} to ${column.high}`);
      }
    }
    const cells = statistics.reduce((sum, statistic) => sum + cellsOf(statistic, byName), 0);
    if (cells > mostCells)
      refuse(['statistics'], `at most ${mostCells} bins and values in all`, String(cells));
    for (const [i, statistic] of statistics.entries()) {
      for (const [name, kind] of columnsOf(statistic)) {
        const found = byName.get(name);
        if (found !== undefined && (kind === undefined || found.kind === kind)) continue;
        const expected = `a column ${kind === undefined ? '' : `of kind ${kind} `}of the query`;
        refuse(['statistics', i], expected, found === undefined ? name : `${name} of kind ${found.kind}`);
      }
      if (statistic.statistic === 'correlation' && statistic.columns[0] === statistic.columns[1]) {
        refuse(['statistics', i, 'columns'], 'two columns', `${statistic.columns[0]} twice`);
      }
      if (statistic.statistic === 'histogram') {
        const isNumber = byName.get(statistic.column)?.kind === 'number';
        if (isNumber === (statistic.bins === undefined)) {
          const expected = isNumber ? 'bins for numbers' : 'no bins for a category';
          refuse(['statistics', i, 'bins'], expected, isNumber ? 'none' : 'bins');
        }
      }
      if (statistic.statistic === 'auroc') {
        const label = byName.get(statistic.label);
        if (label?.kind === 'category' && !label.values.includes(statistic.positive)) {
          refuse(['statistics', i, 'positive'], `a value of ${statistic.label}`, statistic.positive);
        }
      }
      if ('bins' in statistic && Array.isArray(statistic.bins)) {
        const { bins } = statistic;
        const falls = bins.findIndex((edge, k) => k > 0 && !(edge > bins[k - 1]!));
        if (falls > 0) refuse(['statistics', i, 'bins', falls], 'ascending edges', String(bins[falls]));
      }
    }
  });
/** A value of `statisticsQuerySchema`. */
export type StatisticsQuery = Readonly<z.infer<typeof statisticsQuerySchema>>;

/** Bins or values that a statistic counts in. */
function cellsOf(statistic: Statistic, columns: ReadonlyMap<string, QueryColumn>): number {
  if ('bins' in statistic && statistic.bins !== undefined) {
    return typeof statistic.bins === 'number' ? statistic.bins : statistic.bins.length;
  }
  const column = 'column' in statistic ? columns.get(statistic.column) : undefined;
  return column?.kind === 'category' ? column.values.length : 1;
}

/** The columns that a statistic is about, with the kind that they must have. */
function columnsOf(statistic: Statistic): [name: string, kind: QueryColumn['kind'] | undefined][] {
  switch (statistic.statistic) {
    case 'count':
      return [];
    case 'histogram':
      return [[statistic.column, undefined]];
    case 'mean':
    case 'variance':
    case 'quantiles':
      return [[statistic.column, 'number']];
    case 'correlation':
      return statistic.columns.map((name) => [name, 'number']);
    case 'auroc':
      return [
        [statistic.score, 'number'],
        [statistic.label, 'category'],
      ];
  }
}

/** Reads a query. Throws `query.malformed`, naming the field. */
export function parseStatisticsQuery(value: unknown): StatisticsQuery {
  return parseRecord(statisticsQuerySchema, value, 'query');
}

/** The step of a column's grid: step 1.2. */
export function stepOf({ low, high, step = (high - low) / usualSteps }: NumberColumn): number {
  return step;
}

/** Steps between the bounds of a column; not a number from 1 on where the bounds are no good. */
export function stepsOf(column: NumberColumn): number {
  return Math.round((column.high - column.low) / stepOf(column));
}

/** The edges of bins: step 1.3; those of equal width are NumPy's `linspace`. */
export function edgesOf({ low, high }: NumberColumn, bins: z.infer<typeof binsSchema>): readonly number[] {
  if (typeof bins !== 'number') return bins;
  const width = (high - low) / bins;
  return Array.from({ length: bins + 1 }, (_, k) => (k === bins ? high : k * width + low));
}
