/**
 * The decentralised-AI triangle as a view: what each mechanism of a run serves, and what it took
 * from the other corners. Blanks are not zero: they were not measured.
 */
import {
  type Evidence,
  type Figure,
  type FigureVocabulary,
  readFiguresIn,
  wishes,
} from '@nonet/core/records';
import type { DeclaredMechanism } from './cell.ts';
import { type Price, priceIn, priceNames } from './readings.ts';

/** What a mechanism protects, and what it costs. */
export interface TrianglePrice {
  readonly mechanism: string;
  readonly protects: string;
  /** The corners that it serves. */
  readonly serves: readonly (typeof wishes)[number][];
  readonly price: Price;
  /** Names of the prices that no record gives. */
  readonly unmeasured: readonly string[];
}

/**
 * One row per mechanism, from the records of one run. Where several records give the same price,
 * their range.
 */
export function triangleView(
  evidence: readonly Evidence[],
  mechanisms: readonly DeclaredMechanism[],
  vocabulary: FigureVocabulary,
): readonly TrianglePrice[] {
  return mechanisms.map(({ id, protects, cells }) => {
    const prices = evidence
      .filter(({ kind }) => kind !== 'assumption')
      .map((record) => priceIn(record, id, vocabulary));
    const price: Price = Object.fromEntries(
      priceNames.flatMap((name) => {
        const figures = prices.flatMap((each) => each[name] ?? []);
        return figures.length === 0 ? [] : [[name, around(figures)]];
      }),
    );
    return {
      mechanism: id,
      protects,
      serves: wishes.filter((wish) => cells.some((cell) => cell.startsWith(`${wish}-`))),
      price,
      unmeasured: priceNames.filter((name) => price[name] === undefined),
    };
  });
}

function around(figures: readonly Figure[]): Figure {
  const sorted = figures.toSorted((a, b) => a.value - b.value);
  return {
    ...sorted[sorted.length >> 1]!,
    min: Math.min(...figures.map(({ min }) => min)),
    max: Math.max(...figures.map(({ max }) => max)),
    n: figures.reduce((sum, { n }) => sum + n, 0),
  };
}

/**
 * What cannot be shared out among mechanisms: how good the last model is, and the energy of
 * everything.
 */
export interface WholeRun {
  readonly accuracy?: Figure;
  readonly joules?: Figure;
  /** Whether the joules were measured; otherwise they are modelled or declared. */
  readonly joulesMeasured?: boolean;
}

/** What the records of one run say of the whole of it. */
export function wholeRun(evidence: readonly Evidence[], vocabulary: FigureVocabulary): WholeRun {
  const first = (role: 'accuracy' | 'joules') =>
    evidence
      .filter(({ kind }) => kind !== 'assumption')
      .flatMap((record) => readFiguresIn(record, vocabulary, role).map((figure) => ({ record, figure })))[0];
  const [accuracy, energy] = [first('accuracy'), first('joules')];
  return {
    ...(accuracy === undefined ? {} : { accuracy: accuracy.figure }),
    ...(energy === undefined
      ? {}
      : { joules: energy.figure, joulesMeasured: energy.record.kind === 'measurement' }),
  };
}
