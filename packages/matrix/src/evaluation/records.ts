/**
 * A project as data: claims with their verbatim quotes, and graded, pinned, expiring evidence. One
 * file per project. What a claim's evidence says of which item is a *finding*; values, intervals
 * and verdicts are computed from findings and never written down. Parsing throws
 * `project.malformed` with file and path.
 */
import { MisuseError } from '@nonet/core';
import { cellIds, printable, textSchema } from '@nonet/core/records';
import { z } from 'zod';
import { type HypeTestId, hypeTests } from './hypeTests.ts';
import { attributesOf, type ItemId, ladderItems } from './ladders.ts';

const idSchema = z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'not a lower-case identifier');
const daySchema = z.iso.date();
const sentenceSchema = textSchema.min(1);
const cellSchema = z.enum(cellIds as [string, ...string[]]) as unknown as z.ZodType<(typeof cellIds)[number]>;

/**
 * What fixes the source, so that another reader finds the same text; `version` is one of an archive
 * that keeps them all. `date` alone fixes nothing: the page may change.
 */
export const pinSchema = z.union([
  z.strictObject({ commit: z.string().regex(/^[0-9a-f]{40}$/, 'not a full commit hash') }),
  z.strictObject({ block: z.int().nonnegative() }),
  z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 hash') }),
  z.strictObject({ version: sentenceSchema }),
  z.strictObject({ date: daySchema }),
]);
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
export type EvidenceSourceKind = (typeof sourceKinds)[number];

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
    /** Since when the source says so: evidence does not count before. */
    published: daySchema,
    /** When it was read. */
    retrieved: daySchema,
    expires: daySchema.optional(),
    interest: z.enum(['self', 'holder', 'competitor', 'independent']),
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
    if (
      record.kind === 'measurement' &&
      record.interest !== 'independent' &&
      !record.downgrades.some(({ reason }) => reason === 'interest')
    ) {
      refuse('downgrades', 'a measurement by a party with an interest is downgraded for it');
    }
    if (record.published > record.retrieved) refuse('published', 'later than retrieved');
    if (record.expires !== undefined && record.expires <= record.retrieved)
      refuse('expires', 'not after retrieved');
  });
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
      .regex(/^[0-9a-f]{64}$/, 'not a SHA-256 hash')
      .optional(),
    cell: cellSchema,
    /**
     * Whether the quote credits a ledger (or token) with it. A claim without one is judged as a
     * tool's.
     */
    ledger: z.boolean(),
    /**
     * The level that the quote claims, with the words that claim it: never a reviewer's impression.
     */
    level: z.union([1, 2, 3, 4].map((level) => z.literal(level))).optional(),
    levelFrom: sentenceSchema.optional(),
    mechanism: sentenceSchema,
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
    if ((claim.level === undefined) !== (claim.levelFrom === undefined)) {
      refuse(['levelFrom'], 'a claimed level and the words that claim it come together');
    }
    if (claim.levelFrom !== undefined && !claim.quote.includes(claim.levelFrom)) {
      refuse(['levelFrom'], 'not words of the quote');
    }
    const own: readonly string[] = attributesOf(claim.cell);
    claim.findings.forEach(({ on }, i) => {
      const item = ladderItems.find(({ id }) => id === on);
      if (item !== undefined && !own.includes(item.attribute)) {
        refuse(['findings', i, 'on'], `an item of ${item.attribute} in a claim about ${claim.cell}`);
      }
    });
  });
export type Claim = Readonly<z.infer<typeof claimSchema>>;

const incidentSchema = z.strictObject({
  /** A day, or as much of it as is known. */
  date: z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'not a year, month or day'),
  what: sentenceSchema,
  source: sentenceSchema,
});

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
    claims: z.array(claimSchema),
    evidence: z.array(evidenceRecordSchema),
    incidents: z.array(incidentSchema),
    review: z.strictObject({
      /** How many people judged the findings independently of one another. */
      reviewers: z.int().positive(),
      /** When the project was asked for a reply. */
      invited: daySchema.optional(),
      reply: z.strictObject({ text: sentenceSchema, date: daySchema, by: sentenceSchema }).optional(),
    }),
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
export type Project = Readonly<z.infer<typeof projectSchema>>;
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
  const result = projectSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  // An unrecognised key is named by its parent only.
  const path = printable([...issue.path, ...('keys' in issue ? issue.keys : [])].join('.'));
  throw new MisuseError({
    code: 'project.malformed',
    expected: `${path === '' ? 'a well-formed project' : `a well-formed field ${path}`} in ${printable(file)}`,
    found: printable(issue.message),
    hint: 'docs/adding/project.md shows what a project file holds.',
  });
}
