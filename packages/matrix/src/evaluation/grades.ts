/**
 * What evidence weighs. Grades start from the kind of source (0 the project says so, 1 it documents
 * how, 2 a pinned artefact that anyone can inspect, 3 an independent check, 4 a run of our own) and
 * are lowered by one for each reason to doubt, after GRADE (Guyatt et al., BMJ 336:924, 2008).
 * Limits: grades weigh sources, not truth.
 */
import type { Level } from './ladders.ts';
import {
  countsFrom,
  type EvidenceRecord,
  type EvidenceSourceKind,
  foundationsFirst,
  type Project,
} from './records.ts';

/** How much evidence weighs: 0, a word of the project itself, to 4, a run of our own. */
export type Grade = 0 | 1 | 2 | 3 | 4;

/** Item by level: a promise never reaches a level, and level 4 is only what we ran. */
export const minimumGrade = (level: Level): Grade => level;

/** Refuting takes something that anyone can inspect, whatever the level. */
export const refutingGrade: Grade = 2;

/**
 * Days until evidence expires where the record names no date. What a ledger holds may change
 * tomorrow; a benchmark is of last year's software; a pinned file says what was so in that version,
 * and after two years it should no longer be relied on. A paper stays what it is.
 */
const lifetimeDays: Readonly<Record<EvidenceSourceKind, number | undefined>> = {
  quote: 730,
  code: 730,
  onchain: 30,
  audit: 730,
  paper: undefined,
  measurement: 365,
  run: 365,
  legal: 365,
  press: 365,
};

/**
 * The day from which on it no longer supports anything, or none. What it says against a claim stays:
 * waiting repairs nothing, only newer evidence does.
 */
export function expiryOf({ kind, retrieved, expires }: EvidenceRecord): string | undefined {
  if (expires !== undefined) return expires;
  const days = lifetimeDays[kind];
  if (days === undefined) return undefined;
  return new Date(Date.parse(retrieved) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The grade of a record, and when it holds; days, `YYYY-MM-DD`. */
export interface Weight {
  readonly grade: Grade;
  /** The days from which on, and before which, it counts. */
  readonly from: string;
  readonly until: string | undefined;
}

/**
 * What each record weighs: its grade after the downgrades and the days on which it counts, neither
 * ever beyond what it rests on: a newspaper that repeats a blog is that blog, and is forgotten with
 * it. `evidence` must have been parsed, which refuses circles.
 */
export function weightsOf(evidence: Project['evidence']): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const record of foundationsFirst(evidence)) {
    const below = (record.restsOn ?? []).map((id) => weights.get(id)!);
    const ends = [expiryOf(record), ...below.map(({ until }) => until)].filter((day) => day !== undefined);
    weights.set(record.id, {
      grade: Math.min(
        Math.max(0, record.grade - record.downgrades.length),
        ...below.map(({ grade }) => grade),
      ) as Grade,
      from: [countsFrom(record), ...below.map(({ from }) => from)].sort().at(-1)!,
      until: ends.sort()[0],
    });
  }
  return weights;
}
