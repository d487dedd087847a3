/** The slow twin of private statistics: figures of all records in one place, in the obvious way. */
import {
  edgesOf,
  type NumberColumn,
  type Statistic,
  type StatisticsQuery,
  stepOf,
} from '@nonet/core/records';
import type { StatisticsRecord } from '../statistics/tally.ts';

/** Plain figures by statistic of the query: numbers in the order in which an answer has them. */
export function computeSlowly(query: StatisticsQuery, records: readonly StatisticsRecord[]): number[][] {
  const indexOf = (name: string) => query.columns.findIndex((column) => column.name === name);
  const columnOf = (name: string) => query.columns[indexOf(name)] as NumberColumn;
  const numbers = (name: string) => records.map((record) => record[indexOf(name)] as number | undefined);
  const isThere = (value: number | undefined) => value !== undefined && !Number.isNaN(value);
  /** On the grid, from the lower bound, in steps. */
  const onGrid = (name: string, value: number) => {
    const { low, high } = columnOf(name);
    const step = stepOf(columnOf(name));
    const most = Math.round((high - low) / step);
    return Math.min(most, Math.round((Math.min(high, Math.max(low, value)) - low) / step));
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const binOf = (edges: readonly number[], value: number) => {
    if (value === edges.at(-1)) return edges.length - 1;
    return edges.filter((edge) => edge <= value).length;
  };
  const compute = (asked: Statistic): number[] => {
    switch (asked.statistic) {
      case 'count':
        return [records.length];
      case 'mean':
      case 'variance': {
        const { low } = columnOf(asked.column);
        const step = stepOf(columnOf(asked.column));
        const values = numbers(asked.column).filter(isThere) as number[];
        const steps = values.map((value) => onGrid(asked.column, value));
        const average = mean(steps);
        const variance = mean(steps.map((value) => (value - average) ** 2));
        return [
          low + step * average,
          ...(asked.statistic === 'variance' ? [variance * step * step] : []),
          values.filter((value) => value < low || value > columnOf(asked.column).high).length,
          records.length - values.length,
        ];
      }
      case 'histogram': {
        const column = query.columns[indexOf(asked.column)]!;
        if (column.kind === 'category') {
          const values = records.map((record) => record[indexOf(asked.column)]);
          return [
            ...column.values.map((value) => values.filter((one) => one === value).length),
            values.filter((one) => one !== undefined && !column.values.includes(one as string)).length,
            values.filter((one) => one === undefined).length,
          ];
        }
        const edges = edgesOf(column, asked.bins!);
        const bins = (numbers(asked.column).filter(isThere) as number[]).map((value) => binOf(edges, value));
        const counts = Array.from({ length: edges.length + 1 }, (_, k) => bins.filter((b) => b === k).length);
        return [...counts, records.length - bins.length];
      }
      case 'quantiles': {
        const sorted = (numbers(asked.column).filter(isThere) as number[]).sort((a, b) => a - b);
        return asked.fractions.map((fraction) => sorted[Math.ceil(fraction * sorted.length - 1e-9) - 1]!);
      }
      case 'correlation': {
        const [a, b] = asked.columns;
        const pairs = records
          .map((record) => [record[indexOf(a)], record[indexOf(b)]] as [number, number])
          .filter(([x, y]) => isThere(x) && isThere(y))
          .map(([x, y]) => [onGrid(a, x), onGrid(b, y)] as const);
        const [left, right] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
        const cross = mean(pairs.map(([x, y]) => (x - left) * (y - right)));
        const spread =
          mean(pairs.map(([x]) => (x - left) ** 2)) * mean(pairs.map(([, y]) => (y - right) ** 2));
        return [cross / Math.sqrt(spread), records.length - pairs.length];
      }
      case 'auroc': {
        const label = query.columns[indexOf(asked.label)]!;
        const known = label.kind === 'category' ? label.values : [];
        const usable = records.filter(
          (record) =>
            isThere(record[indexOf(asked.score)] as number | undefined) &&
            known.includes(record[indexOf(asked.label)] as string),
        );
        const scores = (isPositive: boolean) =>
          usable
            .filter((record) => (record[indexOf(asked.label)] === asked.positive) === isPositive)
            .map((record) => record[indexOf(asked.score)] as number);
        const [positives, others] = [scores(true), scores(false)];
        let won = 0;
        for (const p of positives) for (const q of others) won += p > q ? 1 : p === q ? 0.5 : 0;
        return [won / (positives.length * others.length), records.length - usable.length];
      }
    }
  };
  return query.statistics.map(compute);
}
