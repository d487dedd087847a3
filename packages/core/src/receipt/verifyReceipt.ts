/**
 * Checks a receipt piece by piece (docs/specs/receipt.md §3). Never throws on a bad receipt and
 * never says "passed" of what it could not check: each piece is checked here, checked against a
 * named ledger, only stated, undecided for want of something, or failed.
 */
import { addressOfValue, encodeCanonical } from '../codec.ts';
import { type Content, contentOf } from '../content.ts';
import { NonetError, UndecidedError } from '../errors.ts';
import type { Address } from '../hash.ts';
import type { Account } from '../identity.ts';
import { merkleRoot } from '../merkle.ts';
import {
  type BlobStore,
  blobCorrupt,
  blobMissing,
  blobOversized,
  defaultMaximumBytes,
} from '../ports/blobStore.ts';
import type { AnchorPosition, Ledger } from '../ports/ledger.ts';
import type { Evidence } from '../records/evidence.ts';
import { idOfJob, termsOf } from '../records/job.ts';
import { checkSchema, type SchemaFault } from '../records/schemaFault.ts';
import { printable } from '../records/text.ts';
import { type Piece, pieceText } from './pieces.ts';
import {
  type Anchor,
  anchorSigner,
  decodeArtefact,
  leafPieces,
  type Receipt,
  receiptLeaves,
  receiptSchema,
} from './receipt.ts';

/** A ledger that a verifier was pointed at, and what it found out about it. */
export interface AskedLedger {
  readonly url: string;
  readonly chainId: number;
  readonly contract: Account;
  /** 'other' where the caller of the verifier says that not the runner operates it. */
  readonly operator: Ledger['operator'];
}

/**
 * What a verifier found of a piece: checked by its own means, checked against a ledger, not
 * checked, or contradicted.
 */
export type Verdict = { readonly piece: Piece } & (
  | { readonly status: 'checked here'; readonly found?: string }
  | { readonly status: 'checked against'; readonly ledger: AskedLedger; readonly found: string }
  | { readonly status: 'only stated' | 'undecided'; readonly because: string }
  | { readonly status: 'failed'; readonly code: string; readonly expected: string; readonly found: string }
);
type Outcome = Verdict extends infer V ? (V extends unknown ? Omit<V, 'piece'> : never) : never;

/** What a verifier found. */
export interface Finding {
  /** In words. */
  readonly found: string;
  /** Whether the ledger that it was handed holds what the record rests on. */
  readonly confirmed: boolean;
}

/**
 * Recomputes what a record says from blobs, and compares it with the ledger if there is one to ask.
 * Throws a NonetError on contradiction, `blob.missing` where a blob is out of reach.
 */
export type Verifier = (
  evidence: Evidence,
  blobs: BlobStore,
  receipt: Receipt,
  ledger?: Ledger,
) => Promise<Finding>;
/** Verifiers by the name that a record's check has. */
export type Verifiers = Readonly<Record<string, Verifier>>;

/** What a verifier may ask besides the receipt itself. */
export interface Reach {
  /** Where blobs can be fetched, besides those inside the receipt. */
  readonly blobs?: BlobStore;
  /**
   * The ledger to ask. Its `operator` is the caller's knowledge: 'other' where the caller chose the
   * ledger by itself.
   */
  readonly ledger?: { readonly ledger: Ledger; readonly url: string };
}

/**
 * One verdict per piece, in the order of the receipt. What the records say is looked at only if the
 * receipt itself is intact.
 */
export async function verifyReceipt(
  value: unknown,
  verifiers: Verifiers,
  reach: Reach = {},
): Promise<readonly Verdict[]> {
  // §3.1
  try {
    encodeCanonical(value);
  } catch (cause) {
    if (!(cause instanceof NonetError)) throw cause;
    return [{ piece: { kind: 'receipt' }, ...failed('receipt.malformed', cause.expected, cause.found) }];
  }
  const parsed = checkSchema(receiptSchema, value, 'the receipt');
  if (!parsed.success) return [malformed(parsed.fault)];
  const receipt = parsed.data;
  const artefacts = artefactsOf(receipt);
  const verdicts: Verdict[] = [
    ...verifyTree(receipt),
    ...verifyArtefacts(artefacts),
    ...verifySignature(receipt),
    { piece: { kind: 'anchor' }, ...(await verifyAnchor(receipt, reach)) },
  ];
  if (reach.ledger !== undefined) {
    verdicts.push({ piece: { kind: 'terms' }, ...(await verifyTerms(receipt, reach.ledger)) });
  }
  const broken = verdicts.find((verdict) => verdict.status === 'failed')?.piece;
  const blobs = receiptBlobs(artefacts, reach.blobs);
  for (const [i, record] of receipt.evidence.entries()) {
    const outcome: Outcome =
      broken === undefined
        ? await verifyEvidence(record, receipt, verifiers, blobs, reach)
        : { status: 'undecided', because: `not looked at, because “${pieceText(broken)}” failed` };
    verdicts.push({ piece: { kind: 'statement', number: i + 1, sentence: record.sentence }, ...outcome });
  }
  return verdicts;
}

/** 1 if a piece failed, 3 if one could not be decided, else 0 (DESIGN, exit codes). */
export function exitCodeOf(verdicts: readonly Verdict[]): 0 | 1 | 3 {
  if (verdicts.some((verdict) => verdict.status === 'failed')) return 1;
  return verdicts.some((verdict) => verdict.status === 'undecided') ? 3 : 0;
}

function failed(code: string, expected: string, found: string) {
  return { status: 'failed' as const, code, expected: printable(expected), found: printable(found) };
}

function malformed({ path, expected, found }: SchemaFault): Verdict {
  return { piece: pieceAt(path), ...failed('receipt.malformed', expected, found) };
}

/** The piece that a field of the file belongs to. */
function pieceAt([field, index]: readonly PropertyKey[]): Piece {
  switch (field) {
    case undefined:
      return { kind: 'receipt' };
    case 'job':
    case 'run':
    case 'leaves':
    case 'root':
    case 'anchor':
      return { kind: field };
    case 'evidence':
      if (typeof index === 'number') return { kind: 'record', number: index + 1 };
  }
  return { kind: 'field', name: printable(String(field)) };
}

/** §3.2 */
function verifyTree(receipt: Receipt): Verdict[] {
  const pieces = leafPieces(receipt);
  const leaves = receiptLeaves(receipt);
  if (leaves.length !== receipt.leaves.length) {
    const outcome = failed('receipt.leaves', `${leaves.length} leaf hashes`, `${receipt.leaves.length}`);
    return [{ piece: { kind: 'leaves' }, ...outcome }];
  }
  const verdicts = leaves.map((leaf, i): Verdict => {
    const piece = pieces[i]!;
    const stored = receipt.leaves[i]!;
    if (leaf === stored) return { piece, status: 'checked here' };
    return { piece, ...failed('receipt.leaf', `content with the fingerprint ${stored}`, leaf) };
  });
  const root = merkleRoot(receipt.leaves);
  verdicts.push(
    root === receipt.root
      ? { piece: { kind: 'root' }, status: 'checked here' }
      : {
          piece: { kind: 'root' },
          ...failed('receipt.root', `${root}, the root of the leaves`, receipt.root),
        },
  );
  return verdicts;
}

/** The blobs inside the receipt, by the addresses that it gives them. */
type Artefacts = ReadonlyMap<Address, Content>;

function artefactsOf({ artefacts }: Receipt): Artefacts {
  return new Map(
    Object.entries(artefacts).map(([address, text]) => [address as Address, contentOf(decodeArtefact(text))]),
  );
}

/** §3.3 */
function verifyArtefacts(artefacts: Artefacts): Verdict[] {
  return [...artefacts].map(([address, { address: found }]): Verdict => {
    const piece = { kind: 'artefact', address } as const;
    return found === address
      ? { piece, status: 'checked here' }
      : { piece, ...failed('receipt.artefact', `bytes whose address is ${address}`, found) };
  });
}

/** §3.4 */
function verifySignature({ anchor, root, job }: Receipt): Verdict[] {
  if (anchor === undefined) return [];
  const signer = anchorSigner(root, anchor);
  const outcome: Outcome =
    signer !== anchor.by
      ? failed('anchor.signature', `a signature by ${anchor.by} over this root and anchor`, signer ?? 'none')
      : anchor.by !== job.creator
        ? failed('anchor.by', `the runner of the job, ${job.creator}`, anchor.by)
        : { status: 'checked here', found: `signed by ${signer}, who ran the job` };
  return [{ piece: { kind: 'signature' }, ...outcome }];
}

type AskableLedger = NonNullable<Reach['ledger']>;

function askedLedger({ ledger, url }: AskableLedger): AskedLedger {
  const { chainId, contract, operator } = ledger;
  return { url, chainId, contract, operator };
}

/** §3.5. Only an entry of the runner's counts: what strangers record for this root is theirs. */
async function verifyAnchor(receipt: Receipt, { ledger: reach }: Reach): Promise<Outcome> {
  const { anchor, root, job } = receipt;
  const lookup = (asked: AskableLedger) =>
    attempt(asked.ledger.anchors.find(idOfJob(job), root, job.creator));
  if (anchor === undefined) {
    const entry = reach && (await lookup(reach));
    if (reach !== undefined && entry !== undefined && 'found' in entry && entry.found !== undefined) {
      return recorded(reach, entry.found, receipt);
    }
    return {
      status: 'only stated',
      because:
        'this receipt is neither signed nor anchored on a ledger: anyone who passed it on could have written it',
    };
  }
  if (reach === undefined) {
    return {
      status: 'only stated',
      because: `it was not looked up; contract ${anchor.contract} on chain ${anchor.chainId} is said to hold it since block ${anchor.block}`,
    };
  }
  const { ledger, url } = reach;
  if (ledger.chainId !== anchor.chainId || ledger.contract !== anchor.contract) {
    return {
      status: 'undecided',
      because: `it names contract ${anchor.contract} on chain ${anchor.chainId}; ${url} is contract ${ledger.contract} on chain ${ledger.chainId}`,
    };
  }
  const entry = await lookup(reach);
  if ('because' in entry) return { status: 'undecided', ...entry };
  if (entry.found === undefined) {
    return failed(
      'anchor.missing',
      `root ${root} on the ledger, recorded by ${job.creator}`,
      'no such entry',
    );
  }
  return compareEntry(anchor, entry.found) ?? recorded(reach, entry.found, receipt);
}

function compareEntry(anchor: Anchor, found: AnchorPosition): Outcome | undefined {
  for (const field of ['chainId', 'contract', 'transaction', 'block', 'at', 'gas'] as const) {
    if (found[field] !== anchor[field]) {
      return failed('anchor.differs', `${field} ${found[field]}, as on the ledger`, String(anchor[field]));
    }
  }
  return undefined;
}

function recorded(reach: AskableLedger, { block, transaction }: AnchorPosition, { job }: Receipt): Outcome {
  const { chainId, contract } = reach.ledger;
  return {
    status: 'checked against',
    ledger: askedLedger(reach),
    found: `contract ${contract} on chain ${chainId} holds it since block ${block}, recorded by ${job.creator} in transaction ${transaction}`,
  };
}

/** §3.6: the ledger ran the job that the receipt shows. */
async function verifyTerms({ job }: Receipt, reach: AskableLedger): Promise<Outcome> {
  if (job.kind === 'infer') {
    return {
      status: 'undecided',
      because: `this program does not know the terms of a job of kind ${job.kind}`,
    };
  }
  const { ledger, url } = reach;
  const id = idOfJob(job);
  const lookup = await attempt(ledger.jobs.read(id));
  if ('because' in lookup) return { status: 'undecided', ...lookup };
  const { found } = lookup;
  if (found === undefined) return { status: 'undecided', because: `${url} does not know this job` };
  for (const [field, stated] of Object.entries(termsOf(job))) {
    const held = found[field as keyof typeof found];
    if (addressOfValue({ held }) !== addressOfValue({ held: stated })) {
      return failed('job.terms', `${field} as on the ledger: ${show(held)}`, show(stated));
    }
  }
  const { chainId, contract } = ledger;
  return {
    status: 'checked against',
    ledger: askedLedger(reach),
    found: `contract ${contract} on chain ${chainId} holds job ${id}, created by ${job.creator}, with these terms`,
  };
}

type Attempt<T> = { readonly found: T } | { readonly because: string };

/** A ledger out of reach leaves a piece undecided; it is no contradiction. */
async function attempt<T>(lookup: Promise<T>): Promise<Attempt<T>> {
  try {
    return { found: await lookup };
  } catch (cause) {
    return { because: messageOf(cause) };
  }
}

/** §3.7 */
async function verifyEvidence(
  record: Evidence,
  receipt: Receipt,
  verifiers: Verifiers,
  blobs: BlobStore,
  reach: Reach,
): Promise<Outcome> {
  const { check, origin } = record;
  if (origin.type === 'run' && (origin.run !== receipt.run || origin.by !== receipt.job.creator)) {
    return failed(
      'evidence.origin',
      `a record of run ${receipt.run} by ${receipt.job.creator}`,
      `one of run ${origin.run} by ${origin.by ?? 'no account'}`,
    );
  }
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
      // Own properties only: a receipt could name "constructor" or "toString".
      const verifier = Object.hasOwn(verifiers, check.verifier) ? verifiers[check.verifier] : undefined;
      if (verifier === undefined) {
        return { status: 'undecided', because: `this program has no verifier named ${check.verifier}` };
      }
      try {
        const { found, confirmed } = await verifier(record, blobs, receipt, reach.ledger?.ledger);
        return confirmed && reach.ledger !== undefined
          ? { status: 'checked against', ledger: askedLedger(reach.ledger), found }
          : { status: 'checked here', found };
      } catch (cause) {
        if (!(cause instanceof NonetError) || cause instanceof UndecidedError) {
          return { status: 'undecided', because: messageOf(cause) };
        }
        if (cause.code !== 'blob.missing') return failed(cause.code, cause.expected, cause.found);
        return reach.blobs === undefined
          ? {
              status: 'only stated',
              because: 'checking it needs files of the run that are not inside the receipt',
            }
          : { status: 'undecided', because: cause.message };
      }
    }
  }
}

/**
 * The artefacts inside the receipt, once they were verified, then `further`, whose word is not
 * taken for what it returns. Read-only.
 */
function receiptBlobs(artefacts: Artefacts, further: BlobStore | undefined): BlobStore {
  return {
    put: () => {
      throw new NonetError({ code: 'blob.readOnly', expected: 'no writing while verifying', found: 'a put' });
    },
    async get(address, options) {
      const artefact = artefacts.get(address);
      if (artefact !== undefined) {
        // As any store would: anyone who passes a receipt on can put a blob into it, and must not
        // change a verdict with that.
        const maximumBytes = options?.maximumBytes ?? defaultMaximumBytes;
        if (artefact.length > maximumBytes) throw blobOversized(address, maximumBytes, artefact.length);
        return artefact;
      }
      if (further === undefined) throw blobMissing(address, 'the receipt');
      const content = await further.get(address, options);
      if (content.address === address) return content;
      throw blobCorrupt(address, `bytes whose content address is ${content.address}`);
    },
    has: async (address) => artefacts.has(address) || ((await further?.has(address)) ?? false),
    receipts: async (address) => (await further?.receipts(address)) ?? [],
  };
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? field.toString() : field));
}

function messageOf(cause: unknown): string {
  return printable(cause instanceof Error ? cause.message : String(cause));
}
