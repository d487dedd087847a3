/**
 * The right of reply: whom a harder verdict would be about, what they would have to be asked, and
 * what their answer does. A verdict of hype is withheld until the page of the quote is archived, two
 * read the sources, and the project answered or had 14 days (docs/evaluation.md). Limits: nothing
 * here sends anything; asking is a person's work.
 */
import { type Judgement, replyDays } from './evaluate.ts';
import type { EvidenceRecord, Project, Subject } from './records.ts';
import { subjectText } from './subjects.ts';

/** One question to a project: what would refute what stands against its claim. */
export interface ReplyQuestion {
  readonly claim: string;
  readonly quote: string;
  readonly on: Subject;
  readonly text: string;
  /** The evidence that stands against it. */
  readonly against: readonly string[];
}

/** What a project is asked, and until when it may answer. */
export interface Invitation {
  readonly to: string;
  /** Where the project can be reached, as far as its file knows. */
  readonly at: readonly string[];
  readonly questions: readonly ReplyQuestion[];
  /** A harder verdict waits for the answers: the guard rails that do not hold yet. */
  readonly missing: readonly string[];
  readonly invited: string | undefined;
  /** The last day for an answer; undefined before the project is asked. */
  readonly until: string | undefined;
}

/**
 * What a project would have to be asked: of everything that evidence holds against a claim which
 * credits a ledger. Undefined where there is nothing of the kind.
 */
export function invitationOf(project: Project, judgement: Judgement, asOf: string): Invitation | undefined {
  const questions = project.claims.flatMap((claim, c) =>
    claim.ledger
      ? [...judgement.claims[c]!.values].flatMap(([on, { value, decided }]) =>
          value === (on.startsWith('H') ? 'true' : 'false')
            ? [
                {
                  claim: claim.id,
                  quote: claim.quote,
                  on,
                  text: subjectText(on),
                  against: decided.map((f) => {
                    const { evidence } = claim.findings[f]!;
                    return project.evidence.find(({ id }) => id === evidence)!.fact;
                  }),
                },
              ]
            : [],
        )
      : [],
  );
  if (questions.length === 0 && judgement.withheld.length === 0) return undefined;
  const { invited } = project.review;
  return {
    to: project.name,
    at: [...(project.homepage === undefined ? [] : [project.homepage]), ...project.repositories],
    questions,
    missing: judgement.withheld,
    invited,
    until: invited === undefined || invited > asOf ? undefined : dayAfter(invited, replyDays),
  };
}

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

/** What a project answers: words, and evidence with what it says of which claim. */
export interface Answer {
  readonly text: string;
  readonly by: string;
  readonly date: string;
  readonly evidence: readonly {
    readonly record: EvidenceRecord;
    readonly claim: string;
    readonly on: Subject;
    readonly says: boolean;
  }[];
}

/** The project's file after it was asked: the day of asking is recorded, nothing else changes. */
export function askProject(project: Project, invited: string): Project {
  return { ...project, review: { ...project.review, invited } };
}

/**
 * The project's file after an answer: its words are kept beside the verdict, and its evidence is
 * weighed as any other. The result must be parsed like any file.
 */
export function recordAnswer(project: Project, { text, by, date, evidence }: Answer): Project {
  return {
    ...project,
    review: { ...project.review, reply: { text, by, date } },
    evidence: [...project.evidence, ...evidence.map(({ record }) => record)],
    claims: project.claims.map((claim) => ({
      ...claim,
      findings: [
        ...claim.findings,
        ...evidence
          .filter((each) => each.claim === claim.id)
          .map(({ on, says, record }) => ({ on, says, evidence: record.id })),
      ],
    })),
    timestamps: {
      ...project.timestamps,
      edited: date > project.timestamps.edited ? date : project.timestamps.edited,
      dataAsOf: date > project.timestamps.dataAsOf ? date : project.timestamps.dataAsOf,
    },
  };
}
