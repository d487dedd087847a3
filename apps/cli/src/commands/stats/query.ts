/** From the options of `nonet stats` to a query. */
import { MisuseError, NonetError } from '@nonet/core';
import {
  parseStatisticsQuery,
  type QueryColumn,
  type Statistic,
  type StatisticsQuery,
} from '@nonet/core/records';
import { locateError } from '../../terminal/locateError.ts';
import type { StatsOptions } from './definition.ts';

const defaultBins = 10;
const defaultFractions = [0.25, 0.5, 0.75];

/** What of the options the query is made of. */
export type QueryOptions = Pick<
  StatsOptions,
  | 'range'
  | 'values'
  | 'columns'
  | 'histogram'
  | 'quantiles'
  | 'bins'
  | 'correlation'
  | 'auroc'
  | 'records'
  | 'least'
>;

/**
 * The query that the options ask: the number of records; of each column to describe mean and
 * variance, or frequencies; and what is asked besides. Throws `stats.option` where an option is not
 * of its form, `stats.columns` without a column, and `query.malformed`.
 */
export function queryOfOptions(options: QueryOptions): StatisticsQuery {
  const { range = [], values = [], columns: described, bins, records, least } = options;
  const columns = [...range.map(numberColumn), ...values.map(categoryColumn)];
  if (columns.length === 0) {
    throw new MisuseError({
      code: 'stats.columns',
      expected: 'at least one column, by --range COLUMN=LOW:HIGH or --values COLUMN=A,B',
      found: 'none',
      hint: 'Bounds and values are public: take them from common knowledge, not from the records.',
    });
  }
  const byName = new Map(columns.map((column) => [column.name, column]));
  const find = (name: string, option: string): QueryColumn => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    throw misuse(option, 'columns that --range or --values names', name);
  };
  const statistics: Statistic[] = [
    { statistic: 'count' },
    ...(described ?? columns.map(({ name }) => name)).map((name) => describe(find(name, '--columns'))),
    ...(options.histogram ?? []).map((text) => histogram(text, find)),
    ...(options.quantiles ?? []).map((text) => quantiles(text, bins)),
    ...(options.correlation ?? []).map(correlation),
    ...(options.auroc ?? []).map((text) => auroc(text, bins)),
  ];
  try {
    return parseStatisticsQuery({ columns, statistics, maximumRecords: records, minimumRecords: least });
  } catch (error) {
    throw error instanceof NonetError ? locateError(error, 'in the options') : error;
  }
}

function misuse(option: string, expected: string, found: string): MisuseError {
  return new MisuseError({
    code: 'stats.option',
    expected: `${option} to be ${expected}`,
    found: JSON.stringify(found),
  });
}

/** `name=rest`; the name may hold what the rest cannot, so the last `=` parts them. */
function partAt(text: string): readonly [name: string, rest: string | undefined] {
  const at = text.lastIndexOf('=');
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1)];
}

const numbersIn = (text: string, separator: string): number[] =>
  text.split(separator).map((part) => (part.trim() === '' ? Number.NaN : Number(part)));

function numberColumn(text: string): QueryColumn {
  const [name, rest = ''] = partAt(text);
  const [low, high, step, ...more] = numbersIn(rest, ':');
  const wrong = [low, high, step ?? 1].some((value) => !Number.isFinite(value)) || more.length > 0;
  if (name === '' || wrong) throw misuse('--range', 'COLUMN=LOW:HIGH or COLUMN=LOW:HIGH:STEP', text);
  return { kind: 'number', name, low: low!, high: high!, ...(step === undefined ? {} : { step }) };
}

function categoryColumn(text: string): QueryColumn {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  const values = text
    .slice(at + 1)
    .split(',')
    .map((value) => value.trim());
  if (name === '' || values.includes('')) throw misuse('--values', 'COLUMN=VALUE,VALUE,...', text);
  return { kind: 'category', name, values };
}

function describe(column: QueryColumn): Statistic {
  const { kind, name } = column;
  return { statistic: kind === 'number' ? 'variance' : 'histogram', column: name };
}

function histogram(text: string, find: (name: string, option: string) => QueryColumn): Statistic {
  const [column, rest] = partAt(text);
  if (find(column, '--histogram').kind === 'category') {
    if (rest !== undefined) throw misuse('--histogram', 'a category without bins, or COLUMN=BINS', text);
    return { statistic: 'histogram', column };
  }
  const bins = rest === undefined ? [defaultBins] : numbersIn(rest, ',');
  const wanted = 'COLUMN, COLUMN=BINS or COLUMN=EDGE,EDGE,...';
  if (bins.some((value) => !Number.isFinite(value))) throw misuse('--histogram', wanted, text);
  return { statistic: 'histogram', column, bins: bins.length === 1 ? bins[0]! : bins };
}

function quantiles(text: string, bins: number): Statistic {
  const [column, rest] = partAt(text);
  const fractions = rest === undefined ? defaultFractions : numbersIn(rest, ',');
  if (fractions.some((value) => !(value > 0 && value < 1))) {
    throw misuse('--quantiles', 'COLUMN or COLUMN=FRACTION,FRACTION,..., each between 0 and 1', text);
  }
  return { statistic: 'quantiles', column, fractions, bins };
}

function correlation(text: string): Statistic {
  const names = text.split(',').map((name) => name.trim());
  if (names.length !== 2 || names.includes('')) throw misuse('--correlation', 'COLUMN,COLUMN', text);
  return { statistic: 'correlation', columns: names as [string, string] };
}

function auroc(text: string, bins: number): Statistic {
  const match = /^([^,]+),([^=]+)=(.+)$/s.exec(text);
  if (match === null) throw misuse('--auroc', 'SCORE,LABEL=VALUE', text);
  const [score, label, positive] = match.slice(1).map((part) => part.trim());
  return { statistic: 'auroc', score: score!, label: label!, positive: positive!, bins };
}
