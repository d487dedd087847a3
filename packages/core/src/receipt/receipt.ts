/**
 * Receipts: the Merkle tree of a job's evidence, in one file that re-checks itself
 * (docs/specs/receipt.md).
 *
 * Leaves are, in order, the job, the run and each evidence record, hashed in their canonical
 * encoding; the leaf hashes are stored beside the root so that a changed field names its piece. The
 * anchor stands outside the tree, because the tree closes before it is anchored; the runner's
 * signature over it makes a change visible. Small artefacts travel inside the receipt.
 */
import { z } from 'zod';
import { fromBase64, fromHex, isBase64, toBase64, toHex } from '../bytes.ts';
import { encodeCanonical } from '../codec.ts';
import { addressOf } from '../contentTree.ts';
import { type Address, sha256 } from '../hash.ts';
import { type Account, recoverAccount, type Signer, typedDataDigest } from '../identity.ts';
import { leafHash, merkleRoot } from '../merkle.ts';
import {
  accountSchema,
  addressSchema,
  type Evidence,
  evidenceSchema,
  hashSchema,
} from '../records/evidence.ts';
import { type Job, jobSchema } from '../records/job.ts';
import { parseRecord } from '../records/parse.ts';
import { textSchema } from '../records/text.ts';
import type { Piece } from './pieces.ts';

/**
 * Where the root was recorded. Who operates that ledger is for a verifier to find out, not for the
 * runner to say.
 */
export const anchorSchema = z.strictObject({
  chainId: z.int(),
  contract: accountSchema,
  transaction: hashSchema,
  block: z.int().nonnegative(),
  /** Ledger seconds; before the year 10000. */
  at: z.int().nonnegative().max(253_402_300_799),
  gas: z.int().nonnegative(),
  /** Who anchored it: the runner. */
  by: accountSchema,
  signature: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{130}$/)]),
});
/** Where the root of a receipt is on a ledger, signed by the runner. */
export type Anchor = Readonly<z.infer<typeof anchorSchema>>;

/** What base64 is told from hexadecimal digits by: a data URL without a type. */
const base64Prefix = 'data:;base64,';

/** Longer artefacts are base64, two thirds as long as hexadecimal digits. */
const longestInHex = 2 ** 16;

const artefactSchema = z.custom<`0x${string}` | `${typeof base64Prefix}${string}`>(
  (value) =>
    typeof value === 'string' &&
    (value.startsWith(base64Prefix)
      ? isBase64(value.slice(base64Prefix.length))
      : /^0x(?:[0-9a-f]{2})*$/.test(value)),
  { params: { expected: `0x and hexadecimal digits, two per byte, or ${base64Prefix} and base64` } },
);

function encodeArtefact(bytes: Uint8Array): Receipt['artefacts'][Address] {
  return bytes.length > longestInHex ? `${base64Prefix}${toBase64(bytes)}` : toHex(bytes);
}

/** The bytes of an artefact of a well-formed receipt, whatever its address. */
export function decodeArtefact(text: string): Uint8Array<ArrayBuffer> {
  return text.startsWith(base64Prefix) ? fromBase64(text.slice(base64Prefix.length)) : fromHex(text);
}

/** A well-formed receipt (docs/specs/receipt.md). Whether it is true, `verifyReceipt` finds out. */
export const receiptSchema = z.strictObject({
  version: z.literal(2),
  run: textSchema,
  job: jobSchema,
  evidence: z.array(evidenceSchema).max(100_000),
  leaves: z.array(addressSchema),
  root: addressSchema,
  anchor: anchorSchema.optional(),
  /** Blobs that evidence refers to and that are small enough to travel, by address. */
  artefacts: z.record(addressSchema, artefactSchema),
});

/**
 * What a run leaves: its job and evidence, the Merkle tree over both, the anchor of its root, and
 * small blobs.
 */
export type Receipt = Readonly<z.infer<typeof receiptSchema>>;

/**
 * Throws `codec.value` or `receipt.malformed`, naming the field. Says nothing about whether the
 * receipt is true: that is `verifyReceipt`.
 */
export function parseReceipt(value: unknown): Receipt {
  encodeCanonical(value); // A schema would drop the key __proto__ in silence.
  return parseRecord(receiptSchema, value, 'receipt');
}

/** What each leaf stands for, in order. */
export function leafPieces(receipt: { readonly evidence: readonly unknown[] }): Piece[] {
  return [
    { kind: 'job' },
    { kind: 'run' },
    ...receipt.evidence.map((_, i): Piece => ({ kind: 'record', number: i + 1 })),
  ];
}

/** The leaf hashes of a receipt's content: job, run, evidence. */
export function receiptLeaves(content: Pick<Receipt, 'version' | 'run' | 'job' | 'evidence'>): Address[] {
  return [
    leafHash(encodeCanonical(content.job)),
    leafHash(encodeCanonical({ version: content.version, run: content.run })),
    ...content.evidence.map((record) => leafHash(encodeCanonical(record))),
  ];
}

/** A receipt that is not anchored yet. `artefacts` are blobs to carry inside it. */
export function createReceipt(
  run: string,
  job: Job,
  evidence: readonly Evidence[],
  artefacts: readonly Uint8Array[],
): Receipt {
  const content = { version: 2 as const, run, job, evidence: [...evidence] };
  const leaves = receiptLeaves(content);
  return {
    ...content,
    leaves,
    root: merkleRoot(leaves),
    artefacts: Object.fromEntries(artefacts.map((bytes) => [addressOf(bytes), encodeArtefact(bytes)])),
  };
}

/**
 * What the runner signs: EIP-712 `Anchor(bytes32 root,bytes32 position)`, position = SHA-256 of the
 * canonical anchor fields.
 */
function anchorDigest(root: Address, anchor: Omit<Anchor, 'signature'>): Uint8Array {
  return typedDataDigest(
    {},
    { name: 'Anchor', fields: { root: 'bytes32', position: 'bytes32' } },
    { root, position: toHex(sha256(encodeCanonical(anchor))) },
  );
}

/** The anchor of a root, signed by the runner. */
export async function signAnchor(
  root: Address,
  anchor: Omit<Anchor, 'signature' | 'by'>,
  signer: Signer,
): Promise<Anchor> {
  const unsigned = { ...anchor, by: signer.account };
  const signature = await signer.sign(anchorDigest(root, unsigned));
  return { ...unsigned, signature: signature as Anchor['signature'] };
}

/** Who signed the anchor of this root, or undefined. */
export function anchorSigner(root: Address, { signature, ...anchor }: Anchor): Account | undefined {
  return recoverAccount(anchorDigest(root, anchor), signature);
}

/** The bytes of an embedded artefact. */
export function artefactOf(receipt: Receipt, address: Address): Uint8Array | undefined {
  const text = receipt.artefacts[address];
  return text === undefined ? undefined : decodeArtefact(text);
}
