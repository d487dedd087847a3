/**
 * How figures of evidence are read: which of them says how much slower something became, for how
 * many parties it was shown, and what it cost. Their declarations say so, by role; a figure without
 * a role is shown but not scored. One reading for the scores and for the views, so that a figure
 * means the same everywhere.
 */
import {
  type Evidence,
  type Figure,
  type FigureRole,
  type FigureVocabulary,
  qualifyFigure,
  readFigure,
  readFiguresIn,
} from '@nonet/core/records';
import { cellFigures } from './figures.ts';
import type { Interval } from './interval.ts';

const range = ({ min, max }: Figure): Interval => ({ low: min, high: max });

/** All figures of one role together: what one record says of it. */
function sumOf(figures: readonly Figure[]): Figure | undefined {
  if (figures.length < 2) return figures[0];
  const total = (of: (figure: Figure) => number) => figures.reduce((sum, figure) => sum + of(figure), 0);
  return {
    value: total(({ value }) => value),
    min: total(({ min }) => min),
    max: total(({ max }) => max),
    unit: figures[0]!.unit,
    n: Math.min(...figures.map(({ n }) => n)),
  };
}

/**
 * Time with a mechanism over time without it, as this record says. A benchmark may say it of any
 * mechanism (`overhead.MECHANISM`); any other record of its own, either outright, or by the time
 * that the mechanism added to that of the work itself.
 */
export function overheadIn(record: Evidence, id: string, vocabulary: FigureVocabulary): Interval | undefined {
  const benchmarked = readFigure(record, qualifyFigure(cellFigures.overhead, id));
  if (benchmarked !== undefined) return range(benchmarked);
  if (record.mechanism !== id) return undefined;
  const [outright] = readFiguresIn(record, vocabulary, 'overhead');
  if (outright !== undefined) return range(outright);
  const without = sumOf(readFiguresIn(record, vocabulary, 'time without'));
  const added = sumOf(readFiguresIn(record, vocabulary, 'time added'));
  if (without === undefined || added === undefined || without.value <= 0 || added.value <= 0)
    return undefined;
  // One run: such times vary by a factor of two on a machine that does other things as well.
  return { low: 1 + added.value / 2 / without.value, high: 1 + (2 * added.value) / without.value };
}

/** Attacks that succeeded without the mechanism and failed with it (`attacks.MECHANISM`). */
export function attacksIn(record: Evidence, id: string): number {
  return readFigure(record, qualifyFigure(cellFigures.attacks, id))?.value ?? 0;
}

/** How many parties took part. */
export function partiesIn(record: Evidence, vocabulary: FigureVocabulary): number | undefined {
  const parties = readFiguresIn(record, vocabulary, 'parties').map(({ max }) => max);
  return parties.length === 0 ? undefined : Math.max(...parties);
}

/** What a mechanism took from the other corners of the triangle. Undefined: no record says so. */
export interface Price {
  readonly seconds?: Figure;
  readonly bytes?: Figure;
  readonly gas?: Figure;
  readonly accuracyLost?: Figure;
  readonly joules?: Figure;
}

const priceRoles: Readonly<Record<keyof Price, FigureRole>> = {
  seconds: 'time added',
  bytes: 'bytes',
  gas: 'gas',
  accuracyLost: 'accuracy lost',
  joules: 'joules',
};

/** Names of the prices, in the order in which they are shown. */
export const priceNames = Object.keys(priceRoles) as readonly (keyof Price)[];

/** What one record says of the price of the mechanism that it is about. */
export function priceIn(record: Evidence, id: string, vocabulary: FigureVocabulary): Price {
  if (record.mechanism !== id) return {};
  return Object.fromEntries(
    priceNames.flatMap((name) => {
      const figure = sumOf(readFiguresIn(record, vocabulary, priceRoles[name]));
      return figure === undefined ? [] : [[name, figure]];
    }),
  );
}
