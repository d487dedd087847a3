/**
 * A project as data: claims with their verbatim quotes, and graded, pinned, expiring evidence. One
 * file per project. What a claim's evidence says of which item is a *finding*; values, intervals
 * and verdicts are computed from findings and never written down. Parsing throws
 * `project.malformed` with file and path.
 */
import { MisuseError } from '@nonet/core';
import { cellIds, checkSchema, textSchema } from '@nonet/core/records';
import { z } from 'zod';
import { decaiFlagsSchema } from './decaiFit.ts';
import { type HypeTestId, hypeTests } from './hypeTests.ts';
import { attributesOf, type ItemId, ladderItems } from './ladders.ts';
import { creditedLedger } from './phrases.ts';

const idSchema = z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'a lower-case identifier');
const daySchema = z.iso.date();
const sentenceSchema = textSchema.min(1);
const cellSchema = z.enum(cellIds as [string, ...string[]]) as unknown as z.ZodType<(typeof cellIds)[number]>;

/**
 * What fixes the source, so that another reader finds the same text; `version` is one of an archive
 * that keeps them all. `date` alone fixes nothing: the page may change.
 */
export const pinSchema = z.union([
  z.strictObject({ commit: z.string().regex(/^[0-9a-f]{40}$/, 'a full commit hash') }),
  z.strictObject({ block: z.int().nonnegative() }),
  z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 hash') }),
  z.strictObject({ version: sentenceSchema }),
  z.strictObject({ date: daySchema }),
]);
/** What fixes the version of a source. */
export type Pin = Readonly<z.infer<typeof pinSchema>>;

const sourceKinds = [
  'quote',
  'code',
  'onchain',
  'audit',
  'paper',
  'measurement',
  'run',
  'legal',
  'press',
] as const;

/** Who a source is by. */
export type EvidenceSourceKind = (typeof sourceKinds)[number];

const scopedSchema = z.strictObject({ part: idSchema, quote: textSchema.min(1) });

/**
 * What an audit covers. `in` and `out` are parts of the project by the words of the report itself;
 * a report that was not read has neither, and weighs no more than a promise that there is one.
 */
const auditSchema = z
  .strictObject({
    by: sentenceSchema,
    /** Whether the report was read here, or only its mention. */
    read: z.boolean(),
    /** The version that was audited. */
    version: sentenceSchema,
    in: z.array(scopedSchema),
    out: z.array(scopedSchema),
  })
  .superRefine((audit, context) => {
    if (audit.read !== audit.in.length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['in'],
        message: audit.read
          ? 'an audit that was read quotes what it covers'
          : 'an audit that was not read has no scope to quote',
      });
    }
  });

const evidenceRecordSchema = z
  .strictObject({
    id: idSchema,
    grade: z.union([0, 1, 2, 3, 4].map((grade) => z.literal(grade))),
    kind: z.enum(sourceKinds),
    source: sentenceSchema,
    pin: pinSchema,
    /** Verbatim. */
    quote: textSchema.min(1).optional(),
    fact: sentenceSchema,
    /**
     * The date of the source itself: its commit, its publication. Evidence does not count before.
     * Left out of a page that names no date: such a page counts from the day it was read.
     */
    published: daySchema.optional(),
    /** When our copy was read. */
    retrieved: daySchema,
    expires: daySchema.optional(),
    /** Who speaks: the project, an owner of its token, one who sells a rival product, or a third. */
    interest: z.enum(['self', 'holder', 'competitor', 'independent']),
    /** Of a report on security: what it covers. Needed to count it for an item about audits. */
    audit: auditSchema.optional(),
    downgrades: z.array(
      z.strictObject({
        reason: z.enum(['interest', 'indirect', 'imprecise', 'stale']),
        because: sentenceSchema,
      }),
    ),
    /** Other evidence that this only repeats. */
    restsOn: z.array(idSchema).optional(),
  })
  .superRefine((record, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (record.grade === 2 && 'date' in record.pin) {
      refuse('pin', 'grade 2 needs a commit, a block, a hash or an archived version');
    }
    if (record.grade >= 3 && record.interest !== 'independent') {
      refuse('interest', 'no project checks itself: grades 3 and 4 need an independent source');
    }
    const interested = !record.downgrades.some(({ reason }) => reason === 'interest');
    if (record.kind === 'measurement' && record.interest !== 'independent' && interested) {
      refuse('downgrades', 'a measurement by a party with an interest is downgraded for it');
    }
    if ((record.interest === 'competitor' || record.interest === 'holder') && interested) {
      refuse('downgrades', `what a ${record.interest} says is downgraded for the interest`);
    }
    if ((record.kind === 'audit') !== (record.audit !== undefined)) {
      refuse('audit', 'an audit, and nothing else, says what it covers');
    }
    if (record.audit !== undefined && record.grade !== auditGrade(record.audit)) {
      refuse(
        'grade',
        `an audit that was ${record.audit.read ? 'read is of grade 3' : 'not read is of grade 1'}`,
      );
    }
    if (record.published !== undefined && record.published > record.retrieved) {
      refuse('published', 'later than retrieved');
    }
    if ('date' in record.pin && record.published === record.pin.date) {
      refuse(
        'published',
        'the day of our copy is no date of the source: leave it out if the source names none',
      );
    }
    if (record.expires !== undefined && record.expires <= record.retrieved)
      refuse('expires', 'not after retrieved');
  });
/** One rule for all audits: grade 3 if the report was read, otherwise a project's word about it. */
export const auditGrade = ({ read }: { readonly read: boolean }): 1 | 3 => (read ? 3 : 1);

/** Since when a record counts. */
export const countsFrom = ({
  published,
  retrieved,
}: Pick<EvidenceRecord, 'published' | 'retrieved'>): string => published ?? retrieved;

/** Items that only an audit shows. */
export const auditItems: readonly Subject[] = [
  's2.audited',
  's3.current',
  's3.closed',
  'v3.audited',
  'p3.audited',
];

/** A fact about a project, with its source. */
export type EvidenceRecord = Readonly<z.infer<typeof evidenceRecordSchema>>;

const subjects = ['coupling', ...ladderItems.map(({ id }) => id), ...hypeTests.map(({ id }) => id)] as const;
/**
 * What a finding is about: a ladder item, a hype test (true = confirmed), or whether the ledger is
 * needed.
 */
export type Subject = ItemId | HypeTestId | 'coupling';

const findingSchema = z.strictObject({
  on: z.enum(subjects as unknown as [Subject, ...Subject[]]),
  says: z.boolean(),
  evidence: idSchema,
});

const claimSchema = z
  .strictObject({
    id: idSchema,
    /** Verbatim, from the project itself. */
    quote: sentenceSchema,
    source: sentenceSchema,
    pin: pinSchema,
    /** SHA-256 of the archived page; a verdict of hype needs it. */
    archive: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'a SHA-256 hash')
      .optional(),
    cell: cellSchema,
    /**
     * Whether the quote credits a ledger (or token) with it: its own words must. A claim without one
     * is judged as a tool's.
     */
    ledger: z.boolean(),
    mechanism: sentenceSchema,
    /** The parts of the project on which the claim rests, as audits name them. */
    parts: z.array(idSchema).optional(),
    /** Further repositories and pages that hold the same thing as the quote's. */
    heldIn: z.array(sentenceSchema).optional(),
    /** Whom one has to trust. */
    trust: z.array(sentenceSchema).min(1),
    scope: z.strictObject({ in: z.array(sentenceSchema), out: z.array(sentenceSchema) }),
    /** Remove the ledger: what is lost? */
    withoutLedger: sentenceSchema,
    findings: z.array(findingSchema),
  })
  .superRefine((claim, context) => {
    const refuse = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    if (claim.ledger && creditedLedger(claim.quote) === undefined) {
      refuse(['ledger'], 'no word of the quote credits a ledger');
    }
    const own: readonly string[] = attributesOf(claim.cell);
    claim.findings.forEach(({ on }, i) => {
      const item = ladderItems.find(({ id }) => id === on);
      if (item !== undefined && !own.includes(item.attribute)) {
        refuse(['findings', i, 'on'], `an item of ${item.attribute} in a claim about ${claim.cell}`);
      }
    });
  });
/** What a project says of itself: a cell, in its own words. */
export type Claim = Readonly<z.infer<typeof claimSchema>>;

/** Where the project stands, by its own words. */
const stateSchema = z.strictObject({
  is: z.enum(['in use', 'test network', 'in development', 'dormant', 'sunsetting', 'archived', 'not stated']),
  /** Verbatim. */
  quote: textSchema.min(1).optional(),
  source: sentenceSchema,
});

/** A repository or page that was read, and how fresh our copy is. */
const sourceSchema = z
  .strictObject({
    /** As quotes and evidence name it, without the path inside. */
    id: sentenceSchema,
    pin: pinSchema,
    /** The date of the source itself, where it names one. */
    dated: daySchema.optional(),
    /** When our copy was read. */
    read: daySchema,
    /** When it was last compared with the newest copy that could be had. */
    checked: daySchema,
    /** That newest copy, where it is another, and what changed. */
    newest: z
      .strictObject({ pin: pinSchema, dated: daySchema.optional(), changed: sentenceSchema })
      .optional(),
  })
  .superRefine((source, context) => {
    if (source.dated !== undefined && source.dated > source.read) {
      context.addIssue({ code: 'custom', path: ['dated'], message: 'later than read' });
    }
    if (source.checked < source.read) {
      context.addIssue({ code: 'custom', path: ['checked'], message: 'before it was read' });
    }
  });
/** A repository or page that was read. */
export type ProjectSource = Readonly<z.infer<typeof sourceSchema>>;

/** What a second reader made of the same sources without seeing the first one's findings. */
const secondReadingSchema = z.strictObject({
  reader: sentenceSchema,
  /** Whether another person, or system, than the first reader. */
  independent: z.boolean(),
  date: daySchema,
  /** Items coded anew: true, false, or not decided by the sources. */
  codes: z
    .array(
      z.strictObject({
        claim: idSchema,
        on: z.enum(subjects as unknown as [Subject, ...Subject[]]),
        value: z.enum(['true', 'false', 'unknown']),
        because: sentenceSchema.optional(),
      }),
    )
    .min(1),
});
/** A second reading. */
export type SecondReading = Readonly<z.infer<typeof secondReadingSchema>>;

/** One who was asked for a reply, or answered. */
const replySchema = z.strictObject({ text: sentenceSchema, date: daySchema, by: sentenceSchema });

const incidentSchema = z.strictObject({
  /** A day, or as much of it as is known. */
  date: z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'a year, month or day'),
  what: sentenceSchema,
  source: sentenceSchema,
  /** Where the source sells a rival product, or holds the token. */
  interest: z.enum(['holder', 'competitor']).optional(),
});

/** A project's file: claims, evidence, and what the evidence says of which item. */
export const projectSchema = z
  .strictObject({
    version: z.literal(1),
    id: idSchema,
    name: sentenceSchema,
    about: sentenceSchema,
    repositories: z.array(sentenceSchema),
    homepage: sentenceSchema.optional(),
    /**
     * Controls calibrate the method: they claim nothing of a ledger. A constructed one stands for
     * no project.
     */
    kind: z.enum(['project', 'control', 'constructed']),
    state: stateSchema,
    sources: z.array(sourceSchema),
    claims: z.array(claimSchema),
    evidence: z.array(evidenceRecordSchema),
    incidents: z.array(incidentSchema),
    review: z.strictObject({
      /** When the project was asked for a reply. */
      invited: daySchema.optional(),
      reply: replySchema.optional(),
    }),
    second: secondReadingSchema.optional(),
    /** The flags of another published formula, as far as the sources decide them. */
    decaiFlags: decaiFlagsSchema.optional(),
    timestamps: z.strictObject({ published: daySchema, edited: daySchema, dataAsOf: daySchema }),
  })
  .superRefine((project, context) => {
    const refuse = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const ids = project.evidence.map(({ id }) => id);
    const repeated = (list: readonly string[]) => list.findIndex((id, i) => list.indexOf(id) !== i);
    const twice = repeated(ids);
    if (twice >= 0) refuse(['evidence', twice, 'id'], 'given twice');
    const claimTwice = repeated(project.claims.map(({ id }) => id));
    if (claimTwice >= 0) refuse(['claims', claimTwice, 'id'], 'given twice');
    project.claims.forEach((claim, c) => {
      claim.findings.forEach(({ evidence }, f) => {
        if (!ids.includes(evidence))
          refuse(['claims', c, 'findings', f, 'evidence'], `no evidence ${evidence}`);
      });
    });
    const sourceOf = (text: string) => project.sources.find(({ id }) => isWithin(text, id));
    project.claims.forEach((claim, c) => {
      if (sourceOf(claim.source) === undefined) refuse(['claims', c, 'source'], 'not in a listed source');
      refuseForeignCode(project, claim, (f) =>
        refuse(['claims', c, 'findings', f, 'evidence'], 'shows another thing than the quote is about'),
      );
      const missing = partsNotAudited(claim, project.evidence);
      if (missing !== undefined) refuse(['claims', c, 'findings', missing.at, 'evidence'], missing.message);
    });
    project.evidence.forEach((record, i) => {
      if (record.interest === 'self' && sourceOf(record.source) === undefined) {
        refuse(['evidence', i, 'source'], 'not in a listed source');
      }
    });
    if (
      ['dormant', 'sunsetting', 'archived'].includes(project.state.is) &&
      project.state.quote === undefined
    ) {
      refuse(['state', 'quote'], 'only the words of a project make it that');
    }
    project.second?.codes.forEach(({ claim, on }, i) => {
      const known = project.claims.find(({ id }) => id === claim);
      if (known === undefined) refuse(['second', 'codes', i, 'claim'], `no claim ${claim}`);
      else if (!belongsTo(on, known.cell))
        refuse(['second', 'codes', i, 'on'], `not an item of ${known.cell}`);
    });
    const grounded = new Set(foundationsFirst(project.evidence));
    project.evidence.forEach((record, i) => {
      for (const id of record.restsOn ?? []) {
        if (!ids.includes(id)) refuse(['evidence', i, 'restsOn'], `no evidence ${id}`);
      }
      if (!grounded.has(record)) refuse(['evidence', i, 'restsOn'], 'rests on itself, or on what does');
    });
    const { published, edited, dataAsOf } = project.timestamps;
    if (edited < published) refuse(['timestamps', 'edited'], 'before published');
    const newest = project.evidence
      .map(({ retrieved }) => retrieved)
      .sort()
      .at(-1);
    if (newest !== undefined && newest > dataAsOf)
      refuse(['timestamps', 'dataAsOf'], 'older than the newest evidence');
    const { reply, invited } = project.review;
    if (reply !== undefined && invited === undefined) {
      refuse(['review', 'invited'], 'a reply without the day on which it was asked for');
    }
    if (reply !== undefined && invited !== undefined && reply.date < invited) {
      refuse(['review', 'reply', 'date'], 'before it was asked for');
    }
    if (project.kind === 'control' && project.claims.some(({ ledger }) => ledger)) {
      refuse(['kind'], 'a control claims nothing of a ledger');
    }
  });
/** Whether `text` names `id`, or a path inside of it. */
export const isWithin = (text: string, id: string): boolean =>
  text === id || text.startsWith(`${id} `) || text.startsWith(`${id}/`);

/** Items of the two ladders of a cell, and what is asked of every claim. */
function belongsTo(on: Subject, cell: Claim['cell']): boolean {
  const item = ladderItems.find(({ id }) => id === on);
  return item === undefined || attributesOf(cell).includes(item.attribute as never);
}

/** A claim is about the thing that was pinned: what the code of another shows says nothing of it. */
function refuseForeignCode(
  {
    evidence,
    sources,
  }: { readonly evidence: readonly EvidenceRecord[]; readonly sources: readonly ProjectSource[] },
  claim: Claim,
  refuse: (finding: number) => void,
): void {
  const own = [claim.source, ...(claim.heldIn ?? [])];
  claim.findings.forEach((finding, f) => {
    const record = evidence.find(({ id }) => id === finding.evidence);
    if (record?.kind !== 'code' || record.interest !== 'self') return;
    const source = sources.find(({ id }) => isWithin(record.source, id));
    if (source !== undefined && !own.some((text) => isWithin(text, source.id))) refuse(f);
  });
}

/** An audit counts only for what is inside of its scope; several together for what they cover together. */
function partsNotAudited(
  claim: Claim,
  evidence: readonly EvidenceRecord[],
): { readonly at: number; readonly message: string } | undefined {
  for (const item of auditItems) {
    const at = claim.findings.findIndex(({ on, says }) => on === item && says);
    if (at < 0) continue;
    const records = claim.findings
      .filter(({ on, says }) => on === item && says)
      .flatMap((finding) => evidence.filter(({ id }) => id === finding.evidence));
    if (records.some(({ audit }) => audit === undefined)) return { at, message: 'only an audit shows this' };
    // What was not read covers nothing and weighs too little to count.
    const read = records.filter(({ audit }) => audit?.read === true);
    if (read.length === 0) continue;
    if (claim.parts === undefined)
      return { at, message: 'an audit counts for parts, which the claim does not name' };
    const covered = new Set(read.flatMap(({ audit }) => audit!.in.map(({ part }) => part)));
    const missing = claim.parts.filter((part) => !covered.has(part));
    if (missing.length > 0) return { at, message: `its scope leaves out ${missing.join(', ')}` };
  }
  return undefined;
}

/** A value of `projectSchema`. */
export type Project = Readonly<z.infer<typeof projectSchema>>;
/** What went wrong with a project. */
export type Incident = Project['incidents'][number];

/**
 * Each record after all that it rests on. What rests on itself, however indirectly, never comes.
 */
export function foundationsFirst(evidence: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  const above = new Map<string, EvidenceRecord[]>();
  const missing = new Map<EvidenceRecord, number>();
  const ordered: EvidenceRecord[] = [];
  for (const record of evidence) {
    const below = new Set(record.restsOn);
    for (const id of below) above.set(id, [...(above.get(id) ?? []), record]);
    if (below.size === 0) ordered.push(record);
    else missing.set(record, below.size);
  }
  // Grows while it is read.
  for (const { id } of ordered) {
    for (const record of above.get(id) ?? []) {
      const left = missing.get(record)! - 1;
      missing.set(record, left);
      if (left === 0) ordered.push(record);
    }
  }
  return ordered;
}

/**
 * Parses a project; throws `project.malformed` that names the file and the first offending field.
 */
export function parseProject(value: unknown, file: string): Project {
  const result = checkSchema(projectSchema, value, `the project in ${file}`);
  if (result.success) return result.data;
  const { expected, found, hint } = result.fault;
  const guide = 'docs/adding/project.md shows what a project file holds.';
  throw new MisuseError({
    code: 'project.malformed',
    expected,
    found,
    hint: hint === undefined ? guide : `${hint} ${guide}`,
  });
}
