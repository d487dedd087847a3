/**
 * How much a score depends on the constants of its formula, which are opinions: the same parts are
 * scored again under other scales, weights, trust steps and marks, one constant changed at a time.
 * Limits: it varies the formula, not the evidence; the interval of a score is for that.
 */
import { clamp, type Interval } from './interval.ts';
import { type Ceiling, orders, type ScoreParts, scoreOf, shownMarks, weights, wordOf } from './score.ts';

/** What a score becomes under other constants. */
export interface Sensitivity {
  /** The lowest and the highest score under any of them. */
  readonly range: Interval;
  /** How many changes of one constant were tried. */
  readonly tried: number;
  /** Those under which the word changes, in words. */
  readonly turns: readonly string[];
}

interface Variation {
  readonly name: string;
  score(parts: ScoreParts, ceiling: Ceiling): Interval;
}

const stretch = ({ low, high }: Interval, by: number): Interval => ({
  low: clamp(low * by),
  high: clamp(high * by),
});
const atMost = ({ low, high }: Interval, value: number): Interval => ({
  low: Math.min(low, value),
  high: Math.min(high, value),
});

/** The score with other weights of overhead, trust and gap. */
function reweighted(parts: ScoreParts, overhead: number): Interval {
  const rest = (1 - overhead) / 2;
  const scaled = {
    ...parts,
    overhead: stretch(parts.overhead, overhead / weights.overhead),
    trust: stretch(parts.trust, rest / weights.trust),
    gap: stretch(parts.gap, rest / weights.gap),
  };
  return scoreOf(scaled);
}

const variations: readonly Variation[] = [
  ...[4, 8].map((other) => ({
    name: `${other} orders of magnitude as the whole scale, not ${orders}`,
    score: (parts: ScoreParts, { value }: Ceiling) =>
      atMost(
        scoreOf({
          ...parts,
          overhead: stretch(parts.overhead, orders / other),
          gap: stretch(parts.gap, orders / other),
        }),
        value,
      ),
  })),
  ...[1 / 3, 2 / 3].map((overhead) => ({
    name: `overhead weighs ${overhead < 0.5 ? 'a third' : 'two thirds'}, not half`,
    score: (parts: ScoreParts, { value }: Ceiling) => atMost(reweighted(parts, overhead), value),
  })),
  ...[0.5, 1.5].map((by) => ({
    name: `trust counts ${by < 1 ? 'half' : 'half as much again'}`,
    score: (parts: ScoreParts, { value }: Ceiling) =>
      atMost(scoreOf({ ...parts, trust: stretch(parts.trust, by) }), value),
  })),
  ...[0, 2 * shownMarks.oneRunner].map((mark) => ({
    name: `a run of one runner shows ${mark === 0 ? 'nothing' : 'twice as much'}`,
    score: (parts: ScoreParts, { value }: Ceiling) => {
      const own = 1 / 4 + (3 / 4) * shownMarks.oneRunner;
      return atMost(scoreOf(parts), value === own ? 1 / 4 + (3 / 4) * mark : value);
    },
  })),
  { name: 'no ceiling by what was shown', score: (parts) => scoreOf(parts) },
];

/** Scores the parts again under each other constant. */
export function sensitivityOf(parts: ScoreParts, ceiling: Ceiling): Sensitivity {
  const base = atMost(scoreOf(parts), ceiling.value);
  const others = variations.map(({ name, score }) => ({ name, score: score(parts, ceiling) }));
  const words = ({ low, high }: Interval) => `${wordOf(low)} ${wordOf(high)}`;
  const all = [base, ...others.map(({ score }) => score)];
  return {
    range: { low: Math.min(...all.map(({ low }) => low)), high: Math.max(...all.map(({ high }) => high)) },
    tried: variations.length,
    turns: others.filter(({ score }) => words(score) !== words(base)).map(({ name }) => name),
  };
}

/** What depends on opinion, in one sentence. */
export function sensitivitySentence({ range, tried, turns }: Sensitivity): string {
  const between = `between ${range.low.toFixed(2)} and ${range.high.toFixed(2)} under ${tried} other choices of a constant`;
  return turns.length === 0
    ? `${between}; the word is the same under all of them`
    : `${between}; the word changes if ${turns.join(', or if ')}`;
}
