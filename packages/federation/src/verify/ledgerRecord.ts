/**
 * What a ledger recorded of a job, as one blob: every accepted move in order (docs/specs/update.md §7.1). Whoever has it replays the rules
 * and knows who took part, what was accepted and which model came out, without asking the ledger again.
 */
import { type Address, NonetError, UndecidedError } from '@nonet/core';
import { type Canonical, decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import type { Domain } from '@nonet/core/identity';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type JobTerms,
  type Ledger,
  type LedgerEvent,
  type Round,
} from '@nonet/core/ports';
import { accountSchema, addressSchema, hashSchema, type Job, parseRecord, termsOf, toJson } from '@nonet/core/records';
import { z } from 'zod';
import { createJobState, reduceRound } from '../round.ts';

const count = z.int().nonnegative();
const counts = z.array(count);
const signatureSchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{130}$/)]);
const moveSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('admit'), accounts: z.array(accountSchema) }),
  z.strictObject({ type: z.literal('join') }),
  z.strictObject({ type: z.literal('open'), round: count, model: addressSchema }),
  z.strictObject({ type: z.literal('commit'), round: count, commitment: addressSchema }),
  z.strictObject({ type: z.literal('close'), round: count, unavailable: counts }),
  z.strictObject({
    type: z.literal('appeal'),
    round: count,
    receipt: z.strictObject({
      blob: addressSchema,
      size: count,
      store: accountSchema,
      signature: signatureSchema,
    }),
  }),
  z.strictObject({ type: z.literal('step'), round: count, model: addressSchema, refused: counts }),
  z.strictObject({ type: z.literal('object'), round: count, model: addressSchema, refused: counts }),
  z.strictObject({ type: z.literal('advance'), round: count }),
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
  version: z.literal(1),
  chainId: count,
  contract: accountSchema,
  /** Compared as a value with what follows from the job. */
  terms: z.unknown(),
  events: z.array(eventSchema).max(10_000_000),
});

/** A record is about 400 bytes per move. */
const maximumRecordBytes = 256 * 2 ** 20;

export interface LedgerRecord {
  readonly domain: Domain & { readonly chainId: number };
  readonly events: readonly LedgerEvent[];
  /** The fold of the rules over the events. */
  readonly state: JobState;
}

/** The record as a blob. */
export function encodeLedgerRecord(
  { chainId, contract }: Pick<Ledger, 'chainId' | 'contract'>,
  terms: JobTerms,
  events: readonly LedgerEvent[],
): Uint8Array<ArrayBuffer> {
  return encodeCanonical({ version: 1, chainId, contract, terms, events });
}

/**
 * Replays a record of `job`. Throws `record.malformed`, `record.terms` if it is about another job or other rules, `record.rules` if it
 * holds a move that the rules refuse.
 */
export function decodeLedgerRecord(bytes: Uint8Array, job: Job): LedgerRecord {
  let value: Canonical;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw malformed(cause);
  }
  const parsed = parseRecord(recordSchema, value, 'record');
  const terms = termsOf(job);
  if (!sameValue(parsed.terms, terms)) {
    throw new NonetError({
      code: 'record.terms',
      expected: `the ledger record of job ${terms.job} with the terms of its job record`,
      found: 'a record with other terms',
    });
  }
  const events = parsed.events as readonly LedgerEvent[];
  let state = createJobState(terms);
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
    state = next;
  }
  return { domain: { chainId: parsed.chainId, verifyingContract: parsed.contract }, events, state };
}

/** Fetches and replays; throws what the store and `decodeLedgerRecord` throw. */
export async function fetchLedgerRecord(blobs: BlobStore, address: Address, job: Job): Promise<LedgerRecord> {
  return decodeLedgerRecord(await blobs.get(address, { maximumBytes: maximumRecordBytes }), job);
}

/**
 * Compares a record with the ledger itself: same participants, same rounds, same end. Throws `record.differs`; an UndecidedError where the
 * ledger is another one, is out of reach, or has gone on since.
 */
export async function assertRecorded({ state, domain }: LedgerRecord, ledger: Ledger): Promise<void> {
  const undecided = (expected: string, found: string) =>
    new UndecidedError({ code: 'record.undecided', expected, found });
  const { chainId, verifyingContract } = domain;
  if (ledger.chainId !== chainId || ledger.contract !== verifyingContract) {
    throw undecided(`contract ${verifyingContract} on chain ${chainId}`, 'another ledger');
  }
  const held = await ledger.rounds.state(state.terms.job).catch((cause: unknown) => {
    throw undecided('the job on the ledger', cause instanceof Error ? cause.message : String(cause));
  });
  const differs = (what: string, expected: unknown, found: unknown) => {
    if (sameValue({ value: expected }, { value: found })) return;
    throw new NonetError({
      code: 'record.differs',
      expected: `${what} as on the ledger: ${toJson(expected, 0)?.slice(0, 1000)}`,
      found: toJson(found, 0)?.slice(0, 1000) ?? 'none',
    });
  };
  const { participants, rounds, end } = state;
  differs('participants', held.participants.slice(0, participants.length), participants);
  const told = ({ phase, size, model, commitments, unavailable, step }: Round) => ({
    phase,
    size,
    model,
    commitments: Object.entries(commitments),
    unavailable,
    step,
  });
  for (const [i, round] of rounds.entries()) {
    if (!isOver(round)) continue;
    const other = held.rounds[i];
    differs(`round ${i + 1}`, other && told(other), told(round));
  }
  if (end !== undefined) differs('the end of the job', held.end, end);
  const later = held.rounds.filter(isOver).length - rounds.filter(isOver).length;
  if (later > 0 || (end === undefined && held.end !== undefined)) {
    throw undecided(
      'the whole job',
      `a record from before ${held.end?.reason === 'objected' ? `the objection in round ${held.end.round + 1}` : `${later} further rounds`}`,
    );
  }
}

/** Whether nothing can change about a round any more. */
export function isOver({ phase }: Round): boolean {
  return phase === 'final' || phase === 'void';
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
