/**
 * Evidence: what a run, or a source about another project, leaves behind. One record says one thing
 * in one plain sentence, with its figures, the artefact it speaks of and how to check it again. The
 * matrix is a fold over such records.
 */
import { z } from 'zod';
import { type Address, isAddress } from '../hash.ts';
import { type Account, isAccount } from '../identity.ts';
import { figureSchema } from './figures.ts';
import { textSchema } from './text.ts';

/** What is wanted of AI: the rows of the matrix. */
export const wishes = ['verifiability', 'privacy', 'performance'] as const;
/** What is wanted of a ledger: the columns of the matrix. */
export const ledgerProperties = ['security', 'scalability', 'decentralisation'] as const;
/** A cell of the matrix: a row and a column. */
export type CellId = `${(typeof wishes)[number]}-${(typeof ledgerProperties)[number]}`;

/**
 * The nine cells of the matrix, row by row: what is wanted of AI against what is wanted of a
 * ledger.
 */
export const cellIds: readonly CellId[] = wishes.flatMap((wish) =>
  ledgerProperties.map((property) => `${wish}-${property}` as const),
);

/** A content address: `0x` and 64 lower-case digits. */
export const addressSchema = z.custom<Address>(isAddress, {
  params: { expected: '0x and 64 lower-case hexadecimal digits' },
});
/** An account: `0x` and 40 lower-case digits. */
export const accountSchema = z.custom<Account>(isAccount, {
  params: { expected: '0x and 40 lower-case hexadecimal digits' },
});
/** 32 bytes that are not a content address: a transaction hash, a seed. */
export const hashSchema = z.templateLiteral(
  ['0x', z.string().regex(/^[0-9a-f]{64}$/)],
  '0x and 64 lower-case hexadecimal digits',
);
const cellSchema = z.custom<CellId>((value) => cellIds.includes(value as CellId), {
  params: { expected: 'a cell of the matrix' },
});
const dateSchema = z.iso.datetime();

/** How to check a record again. */
export const checkSchema = z.discriminatedUnion('how', [
  /** By recomputing from the named blobs, with the verifier of that name. */
  z.strictObject({ how: z.literal('here'), verifier: textSchema, inputs: z.array(addressSchema) }),
  z.strictObject({
    how: z.literal('ledger'),
    chainId: z.int(),
    url: textSchema.optional(),
    transaction: hashSchema,
  }),
  z.strictObject({ how: z.literal('command'), command: textSchema }),
  z.strictObject({ how: z.literal('none'), because: textSchema }),
]);
/** A value of `checkSchema`. */
export type Check = Readonly<z.infer<typeof checkSchema>>;

/** Where a record is from: a run, or a published source. */
export const originSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run'),
    run: textSchema,
    /** Absent where no account signs for it: a benchmark. A receipt's evidence has it. */
    by: accountSchema.optional(),
    machine: textSchema,
    commit: textSchema,
  }),
  z.strictObject({
    type: z.literal('source'),
    source: textSchema,
    pin: textSchema,
    quote: z.string().optional(),
    interest: z.enum(['self', 'holder', 'competitor', 'independent']),
  }),
]);
/** A value of `originSchema`. */
export type Origin = Readonly<z.infer<typeof originSchema>>;

const evidenceBase = {
  sentence: textSchema.min(1),
  cells: z.array(cellSchema),
  mechanism: textSchema.optional(),
  origin: originSchema,
  figures: z.record(textSchema, figureSchema),
  artefact: addressSchema.optional(),
  check: checkSchema,
  date: dateSchema,
  expires: dateSchema.optional(),
};

/** Grade: 0 hearsay .. 4 a run of our own that can be repeated. */
const graded = { ...evidenceBase, grade: z.union([0, 1, 2, 3, 4].map((grade) => z.literal(grade))) };

/**
 * A record of evidence, by kind: what it says, of which cells, with which figures, and how it can
 * be checked.
 */
export const evidenceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('proof'), ...graded }),
  z.strictObject({ kind: z.literal('attestation'), ...graded }),
  z.strictObject({ kind: z.literal('measurement'), ...graded }),
  z.strictObject({ kind: z.literal('observation'), ...graded }),
  z.strictObject({
    kind: z.literal('assumption'),
    ...evidenceBase,
    /** Whom one trusts. */
    whom: textSchema,
    /** What would break it. */
    breaks: textSchema,
  }),
]);
/** A value of `evidenceSchema`. */
export type Evidence = Readonly<z.infer<typeof evidenceSchema>>;
/** The kind of a record, which says what it rests on. */
export type EvidenceKind = Evidence['kind'];
