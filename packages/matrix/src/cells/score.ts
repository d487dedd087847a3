/**
 * The score of a mechanism in a cell, as printed by `scoreFormula`:
 *
 *     score    = complementarity - friction, between 0 and 1
 *     friction = 1/2 overhead + 1/4 trust + 1/4 gap
 *     overhead = log10(time with / time without) / 6
 *     gap      = log10(size wanted / largest size shown) / 6
 *
 * each clamped to [0, 1], each an interval. What is not known is the whole interval, so that
 * ignorance makes the result wide and never good or bad. Evidence ages: a score made with
 * confidence c is c parts what the evidence says and 1 - c parts what could be said without it. The
 * overhead has a confidence of its own.
 *
 * What was measured never gives more than what was shown (`ceilingOf`): a run on one machine, on a
 * ledger that its runner operates, against nobody who tried to cheat, cannot be strong.
 *
 * It is a yardstick, not a law of nature; it serves because everything that goes into it is printed
 * beside it, a change of opinion is a change of one constant here, and `sensitivityOf` says what such
 * a change would do.
 */
import { clamp, exactly, type Interval, weighted } from './interval.ts';
import type { Coupling, Trust } from './profiles.ts';

/**
 * Six orders of magnitude are the whole scale. For time: from nothing to a million, which is where
 * public figures for proving in zero knowledge end. For size: from the digits of the main job (10^5
 * parameters) to a frontier model (10^11).
 */
export const orders = 6;

/**
 * Overhead weighs as much as the other two together, because it is the only one of the three that
 * is measured rather than judged.
 */
export const weights = { overhead: 1 / 2, trust: 1 / 4, gap: 1 / 4 } as const;

/**
 * Equal steps, since only the order is agreed upon: no party has to be trusted; one honest watcher
 * among many; no large collusion; one company whose product cannot be inspected; one operator,
 * which is what a ledger is meant to do without.
 */
export const trustWeights: Readonly<Record<Trust, number>> = {
  nobody: 0,
  'one honest watcher': 0.25,
  'no large collusion': 0.5,
  'a hardware maker': 0.75,
  'an operator': 1,
};

/**
 * Complementarity is 1 where the guarantee falls with the ledger. Where it does not, the cell is no
 * more than a wish with a ledger beside it: level 1 of the 4 levels by which projects are judged,
 * by the same rule that caps their cells.
 */
export const complementarities: Readonly<Record<Coupling, Interval>> = {
  shown: exactly(1),
  refuted: exactly(1 / 4),
  unknown: { low: 1 / 4, high: 1 },
};

/**
 * The thirds of the scale, moved so that friction of at most 0.4 still counts as strong: a
 * thousandfold overhead and a watcher (0.31) does, a millionfold (0.5) does not.
 */
export const thresholds = { strong: 0.6, medium: 0.3 } as const;
/** A score in a word. */
export type Word = 'strong' | 'medium' | 'weak';

/** The word for a score of 0 to 1, by `thresholds`. */
export function wordOf(score: number): Word {
  return score >= thresholds.strong ? 'strong' : score >= thresholds.medium ? 'medium' : 'weak';
}

/** One word, or the two that the interval lies between. */
export function wordsOf({ low, high }: Interval): string {
  const [from, to] = [wordOf(low), wordOf(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** How a score is computed, as it is printed beside the scores. */
export const scoreFormula =
  'score = complementarity - (1/2 overhead + 1/4 trust + 1/4 gap), and not above 1/4 + 3/4 of what was shown; overhead = log10(times slower)/6, gap = log10(size wanted / size shown)/6; shown = the least of size, independent parties, ledger of others, adversary tried; strong from 0.6, medium from 0.3';

/**
 * What a demonstration is worth, from 0 to 1, where it lacks something. One runner's word for all
 * parties, and a ledger that the runner operates, are a third: level 1 of the 3 levels above a mere
 * description. Without an adversary that tried, two thirds: it worked, and nobody tried to break it.
 */
export const shownMarks = { oneRunner: 1 / 3, ownLedger: 1 / 3, noAdversary: 2 / 3 } as const;

/** What measurements of a mechanism showed, beside their figures. */
export interface Showing {
  /** Whether at least three parties that are independent of the runner took part. */
  readonly independentParties: boolean;
  /** Whether the ledger is one that the runner does not operate. */
  readonly othersLedger: boolean;
  /** Attacks that succeeded without the mechanism and failed with it. */
  readonly attacks: number;
}

/** The most that a measured score may be, and what sets it. */
export interface Ceiling {
  readonly value: number;
  readonly because: string;
}

/**
 * The ceiling of what was shown. `gap` is on the scale of 0 to 1, from nothing missing in size to six
 * orders of magnitude; undefined where no record tells the size: what is not told was not shown. `level`: the highest level that
 * our own claims in the cell can have by the rubric for everybody; undefined where there is none.
 */
export function ceilingOf(showing: Showing, gap: Interval | undefined, level: number | undefined): Ceiling {
  const marks: readonly (readonly [number, string])[] = [
    gap === undefined
      ? [0, 'no record tells for which size it was shown']
      : [1 - gap.high, 'the size wanted is far above the largest that was shown'],
    [
      showing.independentParties ? 1 : shownMarks.oneRunner,
      'all parties are one runner’s word: no independent ones were shown',
    ],
    [showing.othersLedger ? 1 : shownMarks.ownLedger, 'the ledger is one that the runner operates'],
    [showing.attacks > 0 ? 1 : shownMarks.noAdversary, 'no adversary tried'],
  ];
  const least = Math.min(...marks.map(([mark]) => mark));
  const shown = {
    value: 1 / 4 + (3 / 4) * least,
    because: marks
      .filter(([mark]) => mark === least && least < 1)
      .map(([, why]) => why)
      .join('; and '),
  };
  if (level === undefined || level / 4 >= shown.value) return shown;
  return {
    value: level / 4,
    because: `by the rubric for all projects our own claims in this cell cannot be above level ${level} of 4`,
  };
}

/** A score that is not above its ceiling. */
export const capped = ({ low, high }: Interval, { value }: Ceiling): Interval => ({
  low: Math.min(low, value),
  high: Math.min(high, value),
});

const unknown: Interval = { low: 0, high: 1 };

/** A factor of at least 1 on the logarithmic scale. */
export function onScale(factor: Interval): Interval {
  const place = (value: number) => clamp(Math.log10(Math.max(1, value)) / orders);
  return { low: place(factor.low), high: place(factor.high) };
}

/** What a score is computed from, each from 0 to 1. */
export interface ScoreParts {
  readonly complementarity: Interval;
  readonly overhead: Interval;
  readonly trust: Interval;
  readonly gap: Interval;
}

/** `overhead` and `gap` are factors of at least 1; undefined where they were not measured. */
export function scoreParts(
  coupling: Coupling,
  trust: Trust,
  overhead: Interval | undefined,
  gap: Interval | undefined,
): ScoreParts {
  return {
    complementarity: complementarities[coupling],
    overhead: overhead === undefined ? unknown : onScale(overhead),
    trust: exactly(trustWeights[trust]),
    gap: gap === undefined ? unknown : onScale(gap),
  };
}

/**
 * The score of a cell, 0 to 1, by `scoreFormula`: low with the highest friction, high with the
 * lowest.
 */
export function scoreOf({ complementarity, overhead, trust, gap }: ScoreParts): Interval {
  const friction = weighted([
    [weights.overhead, overhead],
    [weights.trust, trust],
    [weights.gap, gap],
  ]);
  return {
    low: clamp(complementarity.low - friction.high),
    high: clamp(complementarity.high - friction.low),
  };
}

/**
 * Twelve months, as for most records about software; figures about speed age twice as fast, because
 * both hardware and code change.
 */
export const halfLifeMonths = { speed: 6, other: 12 } as const;

const monthSeconds = (365.25 / 12) * 86_400;

/** Months from one ISO 8601 date to another, 0 if that is earlier. */
export function monthsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000 / monthSeconds);
}

/**
 * From the best grade, 0 to 4, and its age. Grade 4 of today is 1: a run of our own that anyone can
 * repeat.
 */
export function confidenceOf(grade: number, ageMonths: number, halfLife: number): number {
  return (grade / 4) * 2 ** (-ageMonths / halfLife);
}

/** What is left of `known` when it deserves only this much confidence: the rest is ignorance. */
export function discounted(known: Interval, ignorance: Interval, confidence: number): Interval {
  const mix = (a: number, b: number) => confidence * a + (1 - confidence) * b;
  return { low: mix(known.low, ignorance.low), high: mix(known.high, ignorance.high) };
}

/**
 * The formula turned round: how many times slower a mechanism may make things and still be sure to
 * reach this score, with what is known of the rest. Undefined: not by speed alone.
 */
export function affordableOverhead(
  { complementarity, trust, gap }: ScoreParts,
  score: number,
): number | undefined {
  const left = complementarity.low - weights.trust * trust.high - weights.gap * gap.high - score;
  // Sums of binary fractions: what is missing by rounding is not missing.
  if (left < -1e-12) return undefined;
  return 10 ** (orders * Math.min(1, Math.max(0, left) / weights.overhead));
}
