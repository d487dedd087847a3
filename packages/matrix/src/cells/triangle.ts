/** The decentralised-AI triangle as a view: what each mechanism of a run serves, and what it took from the other corners. Blanks are not zero: nobody measured them. */
import { type Evidence, type Figure, wishes } from '@nonet/core/records';
import type { DeclaredMechanism } from './cell.ts';
import { type Price, priceIn } from './readings.ts';

export interface TrianglePrice {
  readonly mechanism: string;
  readonly protects: string;
  /** The corners that it serves. */
  readonly serves: readonly (typeof wishes)[number][];
  readonly price: Price;
  /** Names of the prices that no record gives. */
  readonly unmeasured: readonly string[];
}

const priceNames = [
  'seconds',
  'bytes',
  'gas',
  'accuracyLost',
  'joules',
] as const satisfies readonly (keyof Price)[];

/** One row per mechanism, from the records of one run. Where several records give the same price, their range. */
export function triangleView(
  evidence: readonly Evidence[],
  mechanisms: readonly DeclaredMechanism[],
): readonly TrianglePrice[] {
  return mechanisms.map(({ id, protects, cells }) => {
    const prices = evidence.filter(({ kind }) => kind !== 'assumption').map((record) => priceIn(record, id));
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

/** What cannot be shared out among mechanisms: how good the last model is, and the energy of everything. */
export interface WholeRun {
  readonly accuracy?: Figure;
  readonly joules?: Figure;
  /** Whether the joules were measured; otherwise they are modelled or declared. */
  readonly joulesMeasured?: boolean;
}

export function wholeRun(evidence: readonly Evidence[]): WholeRun {
  const records = evidence.filter(({ kind }) => kind !== 'assumption');
  const accuracy = records.find(
    ({ figures }) => figures.accuracy !== undefined && figures.round === undefined,
  );
  const energy = records.find(({ figures }) => figures.energy !== undefined);
  return {
    ...(accuracy === undefined ? {} : { accuracy: accuracy.figures.accuracy! }),
    ...(energy === undefined
      ? {}
      : { joules: energy.figures.energy!, joulesMeasured: energy.kind === 'measurement' }),
  };
}
