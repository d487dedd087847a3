/**
 * What a ledger recorded of a job, as one blob: every accepted move in order (docs/specs/update.md
 * §7.1). A verifier replays it through the rules and knows who took part, what was accepted, what
 * was proven wrong and which model came out, without asking the ledger again.
 */
import { type Address, NonetError, UndecidedError } from '@nonet/core';
import { type Canonical, decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type JobTerms,
  jobIdOf,
  type Ledger,
  type LedgerEvent,
  updateRefusalCodes,
} from '@nonet/core/ports';
import {
  accountSchema,
  addressSchema,
  hashSchema,
  parseRecord,
  type RoundJob,
  termsOf,
  toJson,
} from '@nonet/core/records';
import { z } from 'zod';
import { reduceRound } from '../rules/round.ts';
import { createJobState, type LedgerName } from '../rules/state.ts';

const count = z.int().nonnegative();
const counts = z.array(count);
const round = count;
const hexSchema = z.templateLiteral(['0x', z.string().regex(/^(?:[0-9a-f]{2})*$/)]);
const signatureSchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{130}$/)]);
const receiptsSchema = z.array(
  z.strictObject({ blob: addressSchema, size: count, store: accountSchema, signature: signatureSchema }),
);
const leafSchema = z.strictObject({ length: count, leaf: hexSchema, path: z.array(addressSchema) });
const leavesSchema = z.array(leafSchema);
const reasonSchema = z.enum(updateRefusalCodes);
const lieSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('header'), index: count, start: leafSchema, next: leafSchema }),
  z.strictObject({
    kind: z.literal('average'),
    entry: count,
    start: leafSchema,
    next: leafSchema,
    terms: leavesSchema,
  }),
  z.strictObject({
    kind: z.literal('group'),
    group: count,
    entry: count,
    sum: leafSchema,
    terms: leavesSchema,
  }),
  z.strictObject({
    kind: z.literal('accepted'),
    participant: count,
    reason: reasonSchema,
    entry: count,
    shown: leafSchema,
  }),
  z.strictObject({ kind: z.literal('refused'), participant: count, shown: leafSchema }),
  z.strictObject({ kind: z.literal('silence'), participant: count }),
]);
const refusedSchema = z.array(z.strictObject({ participant: count, reason: reasonSchema, entry: count }));
const moveSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('stake') }),
  z.strictObject({ type: z.literal('admit'), accounts: z.array(accountSchema) }),
  z.strictObject({ type: z.literal('join') }),
  z.strictObject({ type: z.literal('leave') }),
  z.strictObject({ type: z.literal('end') }),
  z.strictObject({ type: z.literal('open'), round, model: addressSchema }),
  z.strictObject({ type: z.literal('announce'), mask: hashSchema, seal: hashSchema }),
  z.strictObject({ type: z.literal('register'), round, blob: addressSchema, receipts: receiptsSchema }),
  z.strictObject({ type: z.literal('complain'), round, accused: counts }),
  z.strictObject({ type: z.literal('reveal'), round, blob: addressSchema, receipts: receiptsSchema }),
  z.strictObject({ type: z.literal('commit'), round, blob: addressSchema, weight: count }),
  z.strictObject({ type: z.literal('close'), round, committed: count, unavailable: counts }),
  z.strictObject({ type: z.literal('appeal'), round, receipts: receiptsSchema }),
  z.strictObject({
    type: z.literal('step'),
    round,
    model: addressSchema,
    refused: refusedSchema,
    partials: addressSchema.optional(),
    receipts: receiptsSchema,
  }),
  z.strictObject({ type: z.literal('prove'), round, lie: lieSchema }),
  z.strictObject({ type: z.literal('demand'), round, participant: count }),
  z.strictObject({ type: z.literal('answer'), round, participant: count, receipts: receiptsSchema }),
  z.strictObject({ type: z.literal('object'), round, model: addressSchema, refused: counts }),
  z.strictObject({ type: z.literal('advance'), round }),
  z.strictObject({ type: z.literal('withdraw'), rounds: counts }),
]);
const eventSchema = z.strictObject({
  move: moveSchema,
  by: accountSchema,
  at: count,
  block: count,
  transaction: hashSchema,
});
const recordSchema = z.strictObject({
  version: z.literal(2),
  chainId: count,
  contract: accountSchema,
  /** Compared as a value with what follows from the job. */
  terms: z.unknown(),
  events: z.array(eventSchema).max(10_000_000),
});

/**
 * A record is about 400 bytes per move, and some kilobytes per proof: 160,000 moves, which take
 * about twenty times as much memory while they are read.
 */
const maximumRecordBytes = 64 * 2 ** 20;

/**
 * The rules copy what a move changes, so that replaying takes work in proportion to the square of a
 * cohort: 10,000 participants in two rounds come to so much, and take half a minute.
 */
const maximumReplayWork = 5e8;

/** The moves of one job as the ledger kept them, folded by the rules. */
export interface LedgerRecord {
  readonly events: readonly LedgerEvent[];
  /** The fold of the rules over the events. */
  readonly state: JobState;
  /** Wei that a proof cost its culprit, by the number of the round that it was about. */
  readonly lostBonds: ReadonlyMap<number, bigint>;
}

/** The record as a blob. */
export function encodeLedgerRecord(
  { chainId, contract }: LedgerName,
  terms: JobTerms,
  events: readonly LedgerEvent[],
): Uint8Array<ArrayBuffer> {
  return encodeCanonical({ version: 2, chainId, contract, terms, events });
}

/** What the bytes of a record say. Throws `record.malformed`. */
function parseLedgerRecord(bytes: Uint8Array): z.infer<typeof recordSchema> {
  let value: Canonical;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw malformed(cause);
  }
  return parseRecord(recordSchema, value, 'record');
}

/** The moves of a record as they stand there, not held to any rule. Throws `record.malformed`. */
export function readMoves(bytes: Uint8Array): readonly Pick<LedgerEvent, 'move' | 'by'>[] {
  return parseLedgerRecord(bytes).events as readonly LedgerEvent[];
}

/**
 * Replays a record of `job`. Throws `record.malformed`, `record.terms` if it is about another job
 * or other rules, `record.rules` if it holds a move that the rules refuse.
 */
export function decodeLedgerRecord(bytes: Uint8Array, job: RoundJob): LedgerRecord {
  const { terms: stated, chainId, contract, ...rest } = parseLedgerRecord(bytes);
  const terms = termsOf(job);
  if (!sameValue(stated, terms)) {
    throw new NonetError({
      code: 'record.terms',
      expected: `the ledger record of job ${terms.record} with the terms of its job record`,
      found: 'a record with other terms',
    });
  }
  const events = rest.events as readonly LedgerEvent[];
  assertReplayable(events, maximumReplayWork);
  return { events, ...replay(createJobState(terms, { chainId, contract }), events) };
}

/**
 * Throws an UndecidedError, `record.work`, where replaying the moves would pass over more than
 * `maximum` entries of lists: participants, commitments and rounds so far, once a move. A record is
 * a stranger's, and its reader did not ask for hours of work.
 */
export function assertReplayable(events: readonly Pick<LedgerEvent, 'move'>[], maximum: number): void {
  let work = 0;
  let members = 0;
  let commitments = 0;
  let rounds = 0;
  for (const { move } of events) {
    if (move.type === 'join') members++;
    else if (move.type === 'admit') members += move.accounts.length;
    else if (move.type === 'commit') commitments++;
    else if (move.type === 'open') {
      rounds++;
      commitments = 0;
    }
    work += members + commitments + rounds;
  }
  if (work <= maximum) return;
  throw new UndecidedError({
    code: 'record.work',
    expected: `a record that can be replayed by passing over ${maximum} participants, commitments and rounds`,
    found: `${events.length} moves that take ${work}`,
  });
}

function replay(
  initial: JobState,
  events: readonly LedgerEvent[],
): Pick<LedgerRecord, 'state' | 'lostBonds'> {
  const lostBonds = new Map<number, bigint>();
  let state = initial;
  for (const [i, { move, by, at }] of events.entries()) {
    if (i > 0 && at < events[i - 1]!.at) throw disorder(i);
    const next = reduceRound(state, move, by, at);
    if (isRefusal(next)) {
      throw new NonetError({
        code: 'record.rules',
        expected: `moves that the rules accept; ${next.refused}: ${next.expected}`,
        found: `move ${i + 1}, ${move.type} by ${by}`,
      });
    }
    if (move.type === 'prove') {
      const earned = (held: JobState) => held.burnt + (held.rewards[by] ?? 0n);
      lostBonds.set(move.round, earned(next) - earned(state));
    }
    state = next;
  }
  return { state, lostBonds };
}

/** Fetches and replays; throws what the store and `decodeLedgerRecord` throw. */
export async function fetchLedgerRecord(
  blobs: BlobStore,
  address: Address,
  job: RoundJob,
): Promise<LedgerRecord> {
  const { bytes } = await blobs.get(address, { maximumBytes: maximumRecordBytes });
  return decodeLedgerRecord(bytes, job);
}

/**
 * Compares a record with the ledger itself: the ledger's moves begin with exactly the record's.
 * Throws `record.differs`, naming the move; an UndecidedError where the ledger is another one, is
 * out of reach, or has gone on since. Withdrawals change nothing that evidence tells, so those that
 * came later leave a record whole.
 */
export async function assertRecorded({ state, events }: LedgerRecord, ledger: Ledger): Promise<void> {
  const { chainId, contract } = state.ledger;
  if (ledger.chainId !== chainId || ledger.contract !== contract) {
    throw undecided(
      `contract ${contract} on chain ${chainId}`,
      `contract ${ledger.contract} on chain ${ledger.chainId}`,
    );
  }
  const held = await ledger.rounds.moves(jobIdOf(state.terms)).catch((cause: unknown) => {
    throw undecided('the job on the ledger', cause instanceof Error ? cause.message : String(cause));
  });
  for (const [i, event] of events.entries()) {
    const other = held[i];
    if (other === undefined) {
      throw differs(`${held.length} moves, as many as on the ledger`, `${events.length}`);
    }
    if (!sameValue(other, event)) {
      throw differs(`move ${i + 1} as on the ledger: ${shorten(other)}`, shorten(event));
    }
  }
  const later = held.slice(events.length).filter(({ move }) => move.type !== 'withdraw');
  if (later.length === 0) return;
  const moves = later.length === 1 ? 'move' : 'moves';
  throw undecided('the whole job', `a record that ends ${later.length} ${moves} before the ledger's`);
}

function shorten(event: LedgerEvent): string {
  return toJson(event, 0).slice(0, 500);
}

function undecided(expected: string, found: string): UndecidedError {
  return new UndecidedError({ code: 'record.undecided', expected, found });
}

function differs(expected: string, found: string): NonetError {
  return new NonetError({ code: 'record.differs', expected, found });
}

/** Whether two values have one canonical encoding. */
export function sameValue(a: unknown, b: unknown): boolean {
  const [left, right] = [encodeCanonical(a), encodeCanonical(b)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

function malformed(cause: unknown): NonetError {
  return new NonetError({
    code: 'record.malformed',
    expected: 'a ledger record in canonical CBOR',
    found: cause instanceof NonetError ? cause.found : String(cause),
    cause,
  });
}

function disorder(move: number): NonetError {
  return new NonetError({
    code: 'record.rules',
    expected: 'moves in the order of ledger time',
    found: `move ${move + 1} before the one in front of it`,
  });
}
