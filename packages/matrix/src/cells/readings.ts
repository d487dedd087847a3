/**
 * How figures of evidence are read: which of them says how much slower something became, for how many parties it was shown, and what it cost. One table
 * for the scores and for the views, so that a figure means the same everywhere. A figure that no reading names is shown but not scored.
 */
import type { Evidence, Figure } from '@nonet/core/records';
import type { Interval } from './interval.ts';

const range = ({ min, max }: Figure): Interval => ({ low: min, high: max });

/**
 * Time with the mechanism over time without it, as this record says of the mechanism. A benchmark names a figure `overhead.MECHANISM`, in `times`. The costs of a run say it of the
 * ledger, the seconds of its rounds over those in which sites trained, and of the average, those of training and of recomputing over those of training.
 */
export function overheadIn({ figures, mechanism }: Evidence, id: string): Interval | undefined {
  const named = figures[`overhead.${id}`];
  if (named?.unit === 'times') return range(named);
  const { training, collecting, stepping, checking } = figures;
  if (mechanism !== 'federation.rounds' || training === undefined || training.value <= 0) return undefined;
  const extra =
    id === 'federation.rounds' && collecting !== undefined && stepping !== undefined
      ? collecting.value + stepping.value
      : id === 'federation.average' && checking !== undefined && checking.value > 0
        ? checking.value
        : undefined;
  if (extra === undefined) return undefined;
  // One run: such times vary by a factor of two on a machine that does other things as well.
  return { low: 1 + extra / 2 / training.value, high: 1 + (2 * extra) / training.value };
}

/** How many parties took part. */
export function partiesIn({ figures }: Evidence): number | undefined {
  return (figures.joined ?? figures.participants)?.max;
}

/** What a mechanism took from the other corners of the triangle. Undefined: no record says so. */
export interface Price {
  readonly seconds?: Figure;
  readonly bytes?: Figure;
  readonly gas?: Figure;
  readonly accuracyLost?: Figure;
  readonly joules?: Figure;
}

/**
 * What one record says of the price of a mechanism. Seconds are those beyond the training itself; joules those of everything in the record. The costs of a run are those of the ledger, except what
 * recomputing took, which is the price of the average.
 */
export function priceIn({ figures, mechanism }: Evidence, id: string): Price {
  const { collecting, stepping, checking, traffic, gas, accuracyLost, energy } = figures;
  if (id === 'federation.average' && mechanism === 'federation.rounds') {
    return checking === undefined || checking.value === 0 ? {} : { seconds: checking };
  }
  if (mechanism !== id) return {};
  const beyond =
    collecting === undefined || stepping === undefined
      ? undefined
      : {
          value: collecting.value + stepping.value,
          min: collecting.min + stepping.min,
          max: collecting.max + stepping.max,
          unit: 'seconds',
          n: Math.min(collecting.n, stepping.n),
        };
  return {
    ...(beyond === undefined ? {} : { seconds: beyond }),
    ...(traffic === undefined ? {} : { bytes: traffic }),
    ...(gas?.unit === 'gas' ? { gas } : {}),
    ...(accuracyLost === undefined ? {} : { accuracyLost }),
    ...(energy === undefined ? {} : { joules: energy }),
  };
}
