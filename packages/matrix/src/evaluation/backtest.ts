/**
 * The back-test: would an item of the ladders have warned of an incident, judged with evidence from
 * before it? Each case is run through the evaluator as it was possible on the day before. Limits:
 * who chose the item knew the incident, so this measures what the ladders can see, not what a
 * reviewer would have seen; the cases are few.
 */
import type { CellId } from '@nonet/core/records';
import { type JudgedClaim, judgeClaim } from './evaluate.ts';
import { type Grade, weightsOf } from './grades.ts';
import type { Pin, Project, Subject } from './records.ts';

/** A thing that went wrong, and what was known of it before. */
export interface BacktestCase {
  readonly project: string;
  /** Its file in the catalogue, where it has one. */
  readonly file?: string;
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
    /** The project itself said openly that an audit is missing. */
    readonly ownWord?: true;
    /** What has changed since, where the project's own file says the opposite of the same item. */
    readonly changedSince?: string;
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

/** How many incidents the method would have flagged. */
export interface Backtest {
  readonly cases: readonly { readonly case: BacktestCase; readonly outcome: BacktestOutcome }[];
  readonly counts: Readonly<Record<BacktestOutcome, number>>;
  /** Flagged among those that the ladders are about, with a 95 % interval. */
  readonly flagged: Share;
  readonly flaggedOrWarned: Share;
}

/** A share of cases, with its 95 % interval (Wilson). */
export interface Share {
  readonly hits: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Judges each case by what was known before its date. Where the file of the same project says the
 * opposite of the same item, and nothing is said to have changed since, that counts as well: a
 * back-test must not flag by a fact that our own catalogue contradicts.
 */
export function runBacktest(cases: readonly BacktestCase[], projects: readonly Project[]): Backtest {
  const judged = cases.map((each) => ({ case: each, outcome: outcomeOf(each, projects) }));
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

function outcomeOf(
  { file, date, warning, outside }: BacktestCase,
  projects: readonly Project[],
): BacktestOutcome {
  if (outside === true) return 'outside';
  if (warning === undefined) return 'missed';
  const { cell, on, says, grade, published } = warning;
  const base = { on, from: published, until: undefined, admission: false, evidence: 0 };
  const contradicted = warning.changedSince === undefined ? contraryOf(file, warning, projects) : [];
  const claim: JudgedClaim = {
    cell,
    ledger: true,
    level: undefined,
    archived: false,
    findings: [
      { ...base, says, grade, admission: warning.ownWord === true },
      ...contradicted.map((each) => ({ ...base, says: !says, grade: each })),
    ],
  };
  const dayBefore = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
  const { value, outweighed } = judgeClaim(claim, dayBefore).values.get(on)!;
  if (value === String(says)) return 'flagged';
  return outweighed.length > 0 ? 'warned' : 'missed';
}

/** Grades with which a project's file says the opposite of a warning in the same cell. */
function contraryOf(
  file: string | undefined,
  { cell, on, says }: NonNullable<BacktestCase['warning']>,
  projects: readonly Project[],
): readonly Grade[] {
  const project = projects.find(({ id }) => id === file);
  if (project === undefined) return [];
  const weights = weightsOf(project.evidence);
  return project.claims
    .filter((claim) => claim.cell === cell)
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.on === on && finding.says !== says)
    .map(({ evidence }) => weights.get(evidence)!.grade);
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
