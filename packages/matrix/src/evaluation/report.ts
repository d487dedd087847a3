/**
 * A project judged, as plain data: the anonymous judgement with the project's quotes, evidence and
 * names put back beside it. What a terminal or a page prints comes from here; nothing is decided
 * here.
 */
import { type CellId, cellIds, type Evidence } from '@nonet/core/records';
import { type DecaiFit, decaiFitOf } from './decaiFit.ts';
import { type Disagreement, disagreementsOf } from './disagreements.ts';
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
import { type Freshness, freshnessOf } from './freshness.ts';
import { type Grade, weightsOf } from './grades.ts';
import { ladderVersion } from './ladders.ts';
import { type Nearest, nearestToImpact } from './nearest.ts';
import { type ClaimedLevel, claimedLevel } from './phrases.ts';
import {
  auditItems,
  type Claim,
  countsFrom,
  type EvidenceRecord,
  type Project,
  type Subject,
} from './records.ts';
import { type Invitation, invitationOf } from './reply.ts';
import { subjectText } from './subjects.ts';

/** Takes everything that could tell who it is out of a project. */
export function anonymise(project: Project): {
  readonly claims: readonly JudgedClaim[];
  readonly review: Review;
} {
  const weights = weightsOf(project.evidence);
  const position = new Map(project.evidence.map(({ id }, i) => [id, i]));
  const { invited, reply } = project.review;
  return {
    claims: project.claims.map(({ id, cell, ledger, quote, archive, findings }) => ({
      ...secondOf(project, id),
      cell,
      ledger,
      level: claimedLevel(quote, cell)?.level,
      archived: archive !== undefined,
      findings: findings.map(({ on, says, evidence }) => ({
        on,
        says,
        ...weights.get(evidence)!,
        admission: !says && auditItems.includes(on) && isOwnWord(project.evidence[position.get(evidence)!]!),
        evidence: position.get(evidence)!,
      })),
    })),
    review: { reviewers: reviewersOf(project), invited, replied: reply?.date },
  };
}

function secondOf({ second }: Project, claim: string): Pick<JudgedClaim, 'second'> {
  if (second?.independent !== true) return {};
  const decided = second.codes.filter((code) => code.claim === claim && code.value !== 'unknown');
  return {
    second: { date: second.date, decided: new Map(decided.map(({ on, value }) => [on, value === 'true'])) },
  };
}

const isOwnWord = ({ interest }: EvidenceRecord): boolean => interest === 'self';

/** How many read the sources independently of one another. */
export const reviewersOf = ({ second }: Pick<Project, 'second'>): number =>
  second?.independent === true ? 2 : 1;

/** An item of a claim, as it is shown. */
export interface FindingView {
  readonly on: Subject;
  readonly text: string;
  readonly value: Value;
  /** What decided, and what was outweighed or too weak; both stay visible. */
  readonly decided: readonly EvidenceView[];
  readonly outweighed: readonly EvidenceView[];
}

/** A record of evidence for or against an item, as it is shown. */
export interface EvidenceView {
  readonly id: string;
  readonly says: boolean;
  readonly grade: Grade;
  readonly ageDays: number;
  /** The date of the source; undefined where it names none. */
  readonly dated: string | undefined;
  readonly interest: EvidenceRecord['interest'];
  readonly audit: EvidenceRecord['audit'];
  readonly fact: string;
  readonly source: string;
  readonly pin: string;
}

/** A claim, as it is shown. */
export interface ClaimView {
  readonly claim: Claim;
  /** The level that the words of the quote claim; undefined: none. */
  readonly level: ClaimedLevel | undefined;
  readonly interval: Interval;
  readonly wish: Interval;
  readonly property: Interval;
  readonly decision: Decision;
  readonly findings: readonly FindingView[];
}

/** A flip with the words of its claim and item. */
export interface FlipView extends Flip {
  readonly claimId: string;
  readonly text: string;
}

/** The evaluation of a project, as pages and terminals show it. */
export interface ProjectReport {
  readonly project: Project;
  readonly asOf: string;
  readonly ladders: string;
  readonly decision: Decision;
  readonly claims: readonly ClaimView[];
  readonly flips: readonly FlipView[];
  /** Evidence that no longer counts, or does not count yet, at that date. */
  readonly outside: readonly { readonly id: string; readonly because: 'expired' | 'not yet published' }[];
  /** How fresh our copies are, source by source. */
  readonly freshness: readonly Freshness[];
  /** How many read the sources independently of one another. */
  readonly reviewers: number;
  /** Where the second reading codes an item otherwise; undefined without a second reading. */
  readonly disagreements: readonly Disagreement[] | undefined;
  /** What the project would have to be asked; undefined: evidence holds nothing against it. */
  readonly invitation: Invitation | undefined;
  /** What another published formula gives; undefined where its flags were not looked up. */
  readonly decaiFit: DecaiFit | undefined;
  /** What the nearest claim lacks for impact; undefined where it lacks nothing, or none credits a ledger. */
  readonly nearest: Nearest | undefined;
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
    freshness: freshnessOf(project, asOf),
    reviewers: review.reviewers,
    disagreements: disagreementsOf(project, judgement),
    invitation: invitationOf(project, judgement, asOf),
    decaiFit: project.decaiFlags === undefined ? undefined : decaiFitOf(project.decaiFlags),
    nearest: nearestToImpact(project, judgement),
  };
}

/** A pin in a few characters: `commit` shortened, others with their kind. */
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
    const days = (Date.parse(asOf) - Date.parse(countsFrom(record))) / 86_400_000;
    return {
      id: record.id,
      says: finding.says,
      grade: finding.grade,
      ageDays: Math.round(days),
      dated: record.published,
      interest: record.interest,
      audit: record.audit,
      fact: record.fact,
      source: record.source,
      pin: pinText(record.pin),
    };
  };
  return {
    claim,
    level: claimedLevel(claim.quote, claim.cell),
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
