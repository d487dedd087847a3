/**
 * The back-test: would an item of the ladders have warned of an incident, judged with evidence from
 * before it? Each case is run through the evaluator as it was possible on the day before. Limits:
 * who chose the item knew the incident, so this measures what the ladders can see, not what a
 * reviewer would have seen; the cases are few.
 */
import type { CellId } from '@nonet/core/records';
import { type JudgedClaim, judgeClaim } from './evaluate.ts';
import type { Grade } from './grades.ts';
import type { Pin, Subject } from './records.ts';

export interface BacktestCase {
  readonly project: string;
  /** The first day on which it was known, or its month or year, of which the first day counts. */
  readonly date: string;
  readonly what: string;
  readonly source: string;
  /** What could have warned: a finding on an item, from before. */
  readonly warning?: {
    readonly cell: CellId;
    readonly on: Subject;
    readonly says: boolean;
    readonly fact: string;
    readonly source: string;
    readonly pin: Pin;
    readonly published: string;
    /** After downgrades. */
    readonly grade: Grade;
  };
  /** The ladders do not speak of such things, and need not. */
  readonly outside?: true;
  /** Why this item, or why none. */
  readonly because: string;
}

/**
 * `flagged`: the item was refuted. `warned`: there was evidence, too weak to refute. `missed`:
 * nothing. `outside`: no matter of the ladders.
 */
export type BacktestOutcome = 'flagged' | 'warned' | 'missed' | 'outside';

export interface Backtest {
  readonly cases: readonly { readonly case: BacktestCase; readonly outcome: BacktestOutcome }[];
  readonly counts: Readonly<Record<BacktestOutcome, number>>;
  /** Flagged among those that the ladders are about, with a 95 % interval. */
  readonly flagged: Share;
  readonly flaggedOrWarned: Share;
}

export interface Share {
  readonly hits: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

export function runBacktest(cases: readonly BacktestCase[]): Backtest {
  const judged = cases.map((each) => ({ case: each, outcome: outcomeOf(each) }));
  const count = (outcome: BacktestOutcome) => judged.filter((each) => each.outcome === outcome).length;
  const counts = {
    flagged: count('flagged'),
    warned: count('warned'),
    missed: count('missed'),
    outside: count('outside'),
  };
  const of = cases.length - counts.outside;
  return {
    cases: judged,
    counts,
    flagged: wilson(counts.flagged, of),
    flaggedOrWarned: wilson(counts.flagged + counts.warned, of),
  };
}

function outcomeOf({ date, warning, outside }: BacktestCase): BacktestOutcome {
  if (outside === true) return 'outside';
  if (warning === undefined) return 'missed';
  const { cell, on, says, grade, published } = warning;
  const claim: JudgedClaim = {
    cell,
    ledger: true,
    level: undefined,
    archived: false,
    findings: [{ on, says, grade, from: published, until: undefined, evidence: 0 }],
  };
  const dayBefore = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
  const { value, outweighed } = judgeClaim(claim, dayBefore).values.get(on)!;
  if (value === String(says)) return 'flagged';
  return outweighed.length > 0 ? 'warned' : 'missed';
}

/**
 * Share of hits with the 95 % interval of Wilson (JASA 22:209, 1927), which holds for few cases and
 * for 0 or all hits.
 */
export function wilson(hits: number, of: number): Share {
  if (of === 0) return { hits, of, low: 0, high: 1 };
  const z = 1.959964;
  const share = hits / of;
  const centre = share + (z * z) / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return {
    hits,
    of,
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
  };
}
