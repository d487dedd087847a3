/**
 * A project judged, as plain data: the anonymous judgement with the project's quotes, evidence and
 * names put back beside it. What a terminal or a page prints comes from here; nothing is decided
 * here.
 */
import { type CellId, cellIds, type Evidence } from '@nonet/core/records';
import {
  type Decision,
  decide,
  evaluateClaims,
  type Interval,
  type JudgedClaim,
  type Judgement,
  type Review,
  type Value,
} from './evaluate.ts';
import { type Flip, listFlips } from './flips.ts';
import { type Grade, weightsOf } from './grades.ts';
import { hypeTests } from './hypeTests.ts';
import { ladderItems, ladderVersion } from './ladders.ts';
import type { Claim, EvidenceRecord, Project, Subject } from './records.ts';

/** Takes everything that could tell who it is out of a project. */
export function anonymise(project: Project): {
  readonly claims: readonly JudgedClaim[];
  readonly review: Review;
} {
  const weights = weightsOf(project.evidence);
  const position = new Map(project.evidence.map(({ id }, i) => [id, i]));
  const { reviewers, invited, reply } = project.review;
  return {
    claims: project.claims.map(({ cell, ledger, level, archive, findings }) => ({
      cell,
      ledger,
      level: level as JudgedClaim['level'],
      archived: archive !== undefined,
      findings: findings.map(({ on, says, evidence }) => ({
        on,
        says,
        ...weights.get(evidence)!,
        evidence: position.get(evidence)!,
      })),
    })),
    review: { reviewers, invited, replied: reply?.date },
  };
}

export interface FindingView {
  readonly on: Subject;
  readonly text: string;
  readonly value: Value;
  /** What decided, and what was outweighed or too weak; both stay visible. */
  readonly decided: readonly EvidenceView[];
  readonly outweighed: readonly EvidenceView[];
}

export interface EvidenceView {
  readonly id: string;
  readonly says: boolean;
  readonly grade: Grade;
  readonly ageDays: number;
  readonly fact: string;
  readonly source: string;
  readonly pin: string;
}

export interface ClaimView {
  readonly claim: Claim;
  readonly interval: Interval;
  readonly wish: Interval;
  readonly property: Interval;
  readonly decision: Decision;
  readonly findings: readonly FindingView[];
}

export interface FlipView extends Flip {
  readonly claimId: string;
  readonly text: string;
}

export interface ProjectReport {
  readonly project: Project;
  readonly asOf: string;
  readonly ladders: string;
  readonly decision: Decision;
  readonly claims: readonly ClaimView[];
  readonly flips: readonly FlipView[];
  /** Evidence that no longer counts, or does not count yet, at that date. */
  readonly outside: readonly { readonly id: string; readonly because: 'expired' | 'not yet published' }[];
}

/** Judges a project at a date and lists what would change the verdict. */
export function evaluateProject(project: Project, { asOf }: { readonly asOf: string }): ProjectReport {
  const { claims, review } = anonymise(project);
  const judgement = evaluateClaims(claims, review, { asOf });
  const { verdict, rule, reason, withheld } = judgement;
  const weights = weightsOf(project.evidence);
  return {
    project,
    asOf,
    ladders: ladderVersion,
    decision: { verdict, rule, reason, withheld },
    claims: project.claims.map((claim, i) =>
      viewClaim(project, claim, claims[i]!, judgement, i, review, asOf),
    ),
    flips: listFlips(claims, judgement, review, { asOf }).map((flip) => ({
      ...flip,
      claimId: project.claims[flip.claim]!.id,
      text: subjectText(flip.on),
    })),
    outside: project.evidence.flatMap(({ id }): ProjectReport['outside'] => {
      const { from, until } = weights.get(id)!;
      if (from > asOf) return [{ id, because: 'not yet published' }];
      return until !== undefined && until <= asOf ? [{ id, because: 'expired' }] : [];
    }),
  };
}

const texts = new Map<Subject, string>([
  ...ladderItems.map(({ id, text }) => [id, text] as const),
  ...hypeTests.map(({ id, text }) => [id, `${text} (${id})`] as const),
  ['coupling', 'Without the ledger the property is lost.'],
]);
export const subjectText = (on: Subject): string => texts.get(on)!;

export function pinText(pin: EvidenceRecord['pin']): string {
  const [[kind, value]] = Object.entries(pin) as [[string, string | number]];
  return kind === 'commit' ? String(value).slice(0, 12) : `${kind} ${value}`;
}

function viewClaim(
  project: Project,
  claim: Claim,
  judged: JudgedClaim,
  judgement: Judgement,
  i: number,
  review: Review,
  asOf: string,
): ClaimView {
  const { interval, wish, property, values } = judgement.claims[i]!;
  const view = (position: number): EvidenceView => {
    const finding = judged.findings[position]!;
    const record = project.evidence[finding.evidence]!;
    const days = (Date.parse(asOf) - Date.parse(record.published)) / 86_400_000;
    return {
      id: record.id,
      says: finding.says,
      grade: finding.grade,
      ageDays: Math.round(days),
      fact: record.fact,
      source: record.source,
      pin: pinText(record.pin),
    };
  };
  return {
    claim,
    interval,
    wish,
    property,
    decision: decide([judged], [judgement.claims[i]!], review, asOf),
    findings: [...values]
      .filter(
        ([on, { value, outweighed }]) => !on.startsWith('H') || value !== 'unknown' || outweighed.length > 0,
      )
      .map(([on, { value, decided, outweighed }]) => ({
        on,
        text: subjectText(on),
        value,
        decided: decided.map(view),
        outweighed: outweighed.map(view),
      })),
  };
}

/**
 * The interval that a project reaches in each cell that it claims with the help of a ledger, best
 * claim first: what the matrix shows of it.
 */
export function cellsOf(report: ProjectReport): ReadonlyMap<CellId, Interval> {
  const cells = new Map<CellId, Interval>();
  for (const { claim, interval } of report.claims) {
    const known = cells.get(claim.cell);
    if (
      known === undefined ||
      interval.lo > known.lo ||
      (interval.lo === known.lo && interval.hi > known.hi)
    ) {
      cells.set(claim.cell, interval);
    }
  }
  return cells;
}

/**
 * What the claims of all projects say of a cell: how many reach level 2, cannot be above level 1,
 * or are open; and how many tools reach level 2 without any ledger.
 */
export interface CellTally {
  readonly cell: CellId;
  readonly shown: number;
  readonly refuted: number;
  readonly open: number;
  readonly withoutLedger: number;
}

/**
 * The nine cells as hypotheses: claims that support or refute that AI and ledger help one another
 * there. Constructed controls do not count.
 */
export function tallyCells(reports: readonly ProjectReport[]): readonly CellTally[] {
  const claims = reports
    .filter(({ project }) => project.kind !== 'constructed')
    .flatMap((report) => report.claims);
  return cellIds.map((cell) => {
    const own = claims.filter(({ claim }) => claim.cell === cell);
    const count = (test: (interval: Interval) => boolean, ledger: boolean) =>
      own.filter(({ claim, interval }) => claim.ledger === ledger && test(interval)).length;
    return {
      cell,
      shown: count(({ lo }) => lo >= 2, true),
      refuted: count(({ hi }) => hi <= 1, true),
      open: count(({ lo, hi }) => lo < 2 && hi > 1, true),
      withoutLedger: count(({ lo }) => lo >= 2, false),
    };
  });
}

/** A project's evidence as records of the matrix, with the grade that they have here. */
export function evidenceOf(project: Project): readonly Evidence[] {
  const weights = weightsOf(project.evidence);
  return project.evidence.map((record) => {
    const { grade, until: expires } = weights.get(record.id)!;
    return {
      kind: 'observation',
      grade,
      sentence: `${project.name}: ${record.fact}`,
      cells: [
        ...new Set(
          project.claims
            .filter(({ findings }) => findings.some(({ evidence }) => evidence === record.id))
            .map(({ cell }) => cell),
        ),
      ],
      origin: {
        type: 'source',
        source: record.source,
        pin: pinText(record.pin),
        interest: record.interest,
        ...(record.quote === undefined ? {} : { quote: record.quote }),
      },
      figures: {},
      check: { how: 'none', because: 'a statement about a source, to be read there' },
      date: `${record.retrieved}T00:00:00Z`,
      ...(expires === undefined ? {} : { expires: `${expires}T00:00:00Z` }),
    };
  });
}
