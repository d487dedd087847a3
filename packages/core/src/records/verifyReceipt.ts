/**
 * Checks a receipt piece by piece (docs/specs/receipt.md §3). Never throws on a bad receipt and never says "passed" of what it could not check: each
 * piece is checked here, checked against a named ledger, only stated, undecided for want of something, or failed.
 */
import type { z } from 'zod';
import { fromHex } from '../bytes.ts';
import { NonetError } from '../errors.ts';
import { addressOf } from '../hash.ts';
import { merkleRoot } from '../merkle.ts';
import { type BlobStore, blobMissing } from '../ports/blobStore.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Evidence } from './evidence.ts';
import { addressOfJob } from './job.ts';
import { anchorSigner, pieceNames, type Receipt, receiptLeaves, receiptSchema } from './receipt.ts';

export type Verdict = { readonly piece: string } & (
  | { readonly status: 'checked here'; readonly found?: string }
  | { readonly status: 'checked against'; readonly url: string }
  | { readonly status: 'only stated' | 'undecided'; readonly because: string }
  | { readonly status: 'failed'; readonly code: string; readonly expected: string; readonly found: string }
);
type Outcome = Verdict extends infer V ? (V extends unknown ? Omit<V, 'piece'> : never) : never;

/**
 * Recomputes what a record says from blobs alone. Returns what it found in words; throws a NonetError on contradiction, `blob.missing`
 * where a blob is out of reach.
 */
export type Verifier = (evidence: Evidence, blobs: BlobStore, receipt: Receipt) => Promise<string>;
export type Verifiers = Readonly<Record<string, Verifier>>;

export interface Reach {
  /** Where blobs can be fetched, besides those inside the receipt. */
  readonly blobs?: BlobStore;
  readonly ledger?: { readonly ledger: Ledger; readonly url: string };
}

/** One verdict per piece, in the order of the receipt. */
export async function verifyReceipt(
  value: unknown,
  verifiers: Verifiers,
  reach: Reach = {},
): Promise<readonly Verdict[]> {
  const parsed = receiptSchema.safeParse(value);
  if (!parsed.success) return [malformed(parsed.error, value)];
  const receipt = parsed.data;
  const verdicts: Verdict[] = [...verifyTree(receipt), ...verifyArtefacts(receipt)];
  verdicts.push({ piece: 'anchor', ...(await verifyAnchor(receipt, reach)) });
  if (verdicts.some((verdict) => verdict.status === 'failed')) return verdicts;
  const blobs = receiptBlobs(receipt, reach.blobs);
  for (const [i, record] of receipt.evidence.entries()) {
    verdicts.push({
      piece: `evidence ${i + 1}: ${record.sentence}`,
      ...(await verifyEvidence(record, receipt, verifiers, blobs, reach)),
    });
  }
  return verdicts;
}

/** 1 if a piece failed, 3 if one could not be decided, else 0 (DESIGN, exit codes). */
export function exitCodeOf(verdicts: readonly Verdict[]): 0 | 1 | 3 {
  if (verdicts.some((verdict) => verdict.status === 'failed')) return 1;
  return verdicts.some((verdict) => verdict.status === 'undecided') ? 3 : 0;
}

function failed(code: string, expected: string, found: string) {
  return { status: 'failed' as const, code, expected, found };
}

function malformed(error: z.ZodError, value: unknown): Verdict {
  const issue = error.issues[0]!;
  const [field, index] = issue.path;
  const piece =
    field === 'evidence' && typeof index === 'number'
      ? `evidence ${index + 1}`
      : field === undefined
        ? 'receipt'
        : String(field);
  const where = issue.path.length === 0 ? `a receipt, not ${typeof value}` : issue.path.join('.');
  return { piece, ...failed('receipt.malformed', `a well-formed field: ${where}`, issue.message) };
}

function verifyTree(receipt: Receipt): Verdict[] {
  const names = pieceNames(receipt);
  const leaves = receiptLeaves(receipt);
  if (leaves.length !== receipt.leaves.length) {
    return [
      {
        piece: 'leaves',
        ...failed('receipt.leaves', `${leaves.length} leaf hashes`, `${receipt.leaves.length}`),
      },
    ];
  }
  const verdicts = leaves.map(
    (leaf, i): Verdict =>
      leaf === receipt.leaves[i]
        ? { piece: names[i]!, status: 'checked here' }
        : {
            piece: names[i]!,
            ...failed('receipt.leaf', `content that hashes to ${receipt.leaves[i]}`, leaf),
          },
  );
  const root = merkleRoot(receipt.leaves);
  verdicts.push(
    root === receipt.root
      ? { piece: 'root', status: 'checked here' }
      : { piece: 'root', ...failed('receipt.root', `${root}, the root of the leaves`, receipt.root) },
  );
  return verdicts;
}

function verifyArtefacts(receipt: Receipt): Verdict[] {
  return Object.entries(receipt.artefacts).map(([address, hex]) => {
    const found = addressOf(fromHex(hex));
    return found === address
      ? { piece: `artefact ${address}`, status: 'checked here' }
      : {
          piece: `artefact ${address}`,
          ...failed('receipt.artefact', `bytes that hash to ${address}`, found),
        };
  });
}

async function verifyAnchor(receipt: Receipt, { ledger: reach }: Reach): Promise<Outcome> {
  const { anchor, root, job } = receipt;
  if (anchor === undefined)
    return { status: 'only stated', because: 'this receipt was not anchored on a ledger' };
  const signer = anchorSigner(root, anchor);
  if (signer !== anchor.by) {
    return failed(
      'anchor.signature',
      `a signature by ${anchor.by} over this root and anchor`,
      signer ?? 'none',
    );
  }
  const runners = new Set(
    receipt.evidence.map(({ origin }) => (origin.type === 'run' ? origin.by : anchor.by)),
  );
  if (anchor.by !== job.creator || [...runners].some((runner) => runner !== anchor.by)) {
    return failed('anchor.by', `the runner of the job, ${job.creator}`, anchor.by);
  }
  if (reach === undefined) {
    return {
      status: 'only stated',
      because:
        anchor.operator === 'self'
          ? 'the runner also ran this ledger, so the anchor is the runner’s word'
          : 'no ledger was given to look it up on (--ledger URL)',
    };
  }
  try {
    const found = await reach.ledger.anchors.find(addressOfJob(job), root);
    if (found === undefined) return failed('anchor.missing', `root ${root} on the ledger`, 'no anchor of it');
    for (const field of ['chainId', 'contract', 'transaction', 'block', 'at', 'gas', 'by'] as const) {
      if (found[field] !== anchor[field]) {
        return failed('anchor.differs', `${field} ${found[field]}, as on the ledger`, String(anchor[field]));
      }
    }
    return { status: 'checked against', url: reach.url };
  } catch (cause) {
    return { status: 'undecided', because: messageOf(cause) };
  }
}

async function verifyEvidence(
  record: Evidence,
  receipt: Receipt,
  verifiers: Verifiers,
  blobs: BlobStore,
  reach: Reach,
): Promise<Outcome> {
  const { check } = record;
  if (record.kind === 'assumption') return { status: 'only stated', because: 'it is an assumption' };
  switch (check.how) {
    case 'none':
      return { status: 'only stated', because: check.because };
    case 'command':
      return { status: 'only stated', because: `check it with: ${check.command}` };
    case 'ledger':
      return {
        status: 'only stated',
        because: `look up transaction ${check.transaction} on chain ${check.chainId}`,
      };
    case 'here': {
      const verifier = verifiers[check.verifier];
      if (verifier === undefined) {
        return { status: 'undecided', because: `this program has no verifier named ${check.verifier}` };
      }
      try {
        return { status: 'checked here', found: await verifier(record, blobs, receipt) };
      } catch (cause) {
        if (!(cause instanceof NonetError)) throw cause;
        if (cause.code !== 'blob.missing') return failed(cause.code, cause.expected, cause.found);
        return reach.blobs === undefined
          ? { status: 'only stated', because: 'checking it needs the blobs of the run (--blobs DIR|URL)' }
          : { status: 'undecided', because: cause.message };
      }
    }
  }
}

/** The artefacts inside the receipt, then `further`. Read-only. */
function receiptBlobs(receipt: Receipt, further: BlobStore | undefined): BlobStore {
  return {
    put: () => {
      throw new NonetError({ code: 'blob.readOnly', expected: 'no writing while verifying', found: 'a put' });
    },
    async get(address, options) {
      const hex = receipt.artefacts[address];
      if (hex !== undefined) return fromHex(hex);
      if (further === undefined) throw blobMissing(address, 'the receipt');
      return further.get(address, options);
    },
    has: async (address) =>
      receipt.artefacts[address] !== undefined || ((await further?.has(address)) ?? false),
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
