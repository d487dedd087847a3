/**
 * The world around a small job that the explorer plays: real keys, real messages and models of one
 * number, real receipts of stores, so that the reducer judges what it would judge in earnest. Blobs
 * are made once and found by their address.
 */
import { type Address, addressOf, concatBytes, contentLeafBytes, toHex, utf8 } from '@nonet/core';
import { type Account, createSigner, type Domain, type Signer } from '@nonet/core/identity';
import {
  type JobState,
  type JobTerms,
  jobIdOf,
  type Lie,
  type Move,
  type Round,
  type StoreReceipt,
} from '@nonet/core/ports';
import { isReceiptSet, isShown, type Judge } from '../rules/judge.ts';
import { includedParticipants } from '../rules/state.ts';
import { findLie } from '../update/lies.ts';
import { encodeUpdate } from '../update/message.ts';
import { createMaskedBlobs, type MaskedBlobs } from './maskedBlobs.ts';
import { createShelf, type Shelf } from './shelf.ts';

/**
 * What an update can be: right, out of range, a commitment to bytes that no store has, or one to an
 * address whose last bits are wrong, so that only receipts say where the bytes are (round.md §4.1).
 */
export type UpdateKind = 'good' | 'faulty' | 'missing' | 'misnamed';

/** What a posted model can be. */
export type ModelKind = 'right' | 'wrong number' | 'wrong header';

export interface Actors {
  readonly creator: Signer;
  readonly participants: readonly Signer[];
  readonly aggregators: readonly Signer[];
  readonly watcher: Signer;
  readonly bystander: Signer;
}

export interface World {
  readonly actors: Actors;
  readonly terms: JobTerms;
  readonly ledger: { readonly chainId: number; readonly contract: Account };
  /** A short name of a blob, for traces and for keys of states. */
  nameOf(blob: Address): string;
  /** The bytes; undefined for a blob that no store has. */
  bytesOf(blob: Address): Uint8Array | undefined;
  /** A receipt set, if the blob is in the stores. */
  receiptsFor(blob: Address): readonly StoreReceipt[] | undefined;
  /** The blob itself, or what its author knows to be behind a wrong address. */
  meantBy(blob: Address): Address;
  /** The message of a participant, signed by `by`, and stored unless it is missing. */
  prepareUpdate(round: Round, participant: number, kind: UpdateKind, by: Signer): Promise<Address>;
  /** The model after a step over `accepted`, stored, with its receipts. */
  prepareModel(round: Round, accepted: readonly number[], kind: ModelKind): Promise<Address>;
  /** The ledger's judge, which remembers receipts and proofs that it has seen. */
  readonly judge: Judge;
  /** Whether this model can be built on: an honest aggregator reads it before it adds anything. */
  isReadable(model: Address): boolean;
  /** Whether this update has to be refused. */
  isFaulty(blob: Address): boolean;
  /** What rounds of masked updates have besides. */
  readonly masked: MaskedBlobs;
  readonly menu: readonly Extra[];
  readonly only?: readonly Move['type'][];
  /** What a watcher finds in a posted step; computed once for equal steps. */
  lieIn(state: JobState, round: number): Lie | undefined;
}

const entries = 1;
const arithmetic = {
  kind: 'fixedPoint',
  headerLeaves: 1,
  entries,
  clamp: 8,
  scaleBits: 20,
  maximumWeight: 4096,
} as const;
const outOfRange = 2 ** 23 + 1;
const zeroDataset = `0x${'0'.repeat(64)}` as Address;

function signerOf(index: number): Signer {
  return createSigner(toHex(new Uint8Array(32).fill(index + 1)));
}

/**
 * What stops a job of masked updates, so that property 2 does not hold against it: masking garbage,
 * which voids a round unseen (round.md §12.10); boxes that do not open for so many members that their
 * dealer, by withholding its own share, leaves too few; objecting to what is right, which costs a
 * bond (§9).
 */
export type Extra = 'garbage' | 'boxes' | 'objection';

export interface WorldParameters {
  readonly participants: number;
  readonly minParticipants: number;
  /** Whether updates are masked (round.md §12). */
  readonly masked?: boolean;
  /** What dishonest actors try besides. Default nothing. */
  readonly menu?: readonly Extra[];
  /** The moves of honest actors apart, what dishonest ones make. Default all. */
  readonly only?: readonly Move['type'][];
  readonly change?: Partial<JobTerms>;
}

/**
 * A job of two rounds, two aggregators, one watcher, and three stores of which two make a blob
 * available.
 */
export function createWorld(parameters: WorldParameters): World {
  const { actors, stores, terms, initial } = castJob(parameters);
  const ledger = { chainId: 1, contract: toHex(new Uint8Array(20).fill(0x90)) };
  const shelf = createShelf(stores.slice(0, terms.copies));
  shelf.add('initial', initial);
  const { prepareUpdate, prepareModel } = createBlobs(shelf, terms, {
    chainId: 1,
    verifyingContract: ledger.contract,
  });
  const { lieIn, isKnownLie } = createLieFinder(shelf);
  return {
    actors,
    terms,
    ledger,
    judge: createRememberingJudge(shelf, isKnownLie),
    lieIn,
    nameOf: (blob) => shelf.find(blob)?.name ?? blob,
    bytesOf: (blob) => shelf.find(blob)?.bytes,
    receiptsFor: (blob) => shelf.receiptsFor(blob),
    meantBy: (blob) => shelf.meantBy(blob),
    isReadable: (model) => shelf.find(model)?.bytes?.[0] === 0,
    isFaulty: (blob) => shelf.find(blob)?.faulty === true,
    prepareUpdate,
    prepareModel,
    masked: createMaskedBlobs(shelf),
    menu: parameters.menu ?? [],
    ...(parameters.only === undefined ? {} : { only: parameters.only }),
  };
}

/** Who plays, and for what terms. */
function castJob({ participants, minParticipants, masked = false, change = {} }: WorldParameters) {
  const signers = Array.from({ length: participants + 8 }, (_, i) => signerOf(i));
  const [creator, first, second, watcher, bystander, ...others] = signers as [
    Signer,
    Signer,
    Signer,
    Signer,
    Signer,
    ...Signer[],
  ];
  const stores = others.slice(0, 3).toSorted((a, b) => (a.account < b.account ? -1 : 1));
  const aggregators = [first, second];
  const actors: Actors = { creator, participants: others.slice(3), aggregators, watcher, bystander };
  const initial = encodeModel(0);
  const terms: JobTerms = {
    record: addressOf(utf8('a small job')),
    creator: creator.account,
    model: addressOf(initial),
    rounds: 2,
    minParticipants,
    maxParticipants: participants,
    invited: true,
    phases: {
      open: masked ? 10 : 0,
      collecting: 10,
      closing: 4,
      appealing: 4,
      complaining: 0,
      opening: masked ? 6 : 0,
      stepping: 4,
      objecting: 4,
    },
    grace: 1,
    attempts: 3,
    expiry: 1_000_000,
    aggregators: aggregators.map(({ account }) => account),
    watchers: [watcher.account],
    stores: stores.map(({ account }) => account),
    copies: 2,
    ...(masked
      ? { maximumWeight: 1, masks: { entries, threshold: 50 } }
      : { maximumWeight: 4, rule: { entries, headerLeaves: 1 } }),
    escrow: 9n,
    bond: 5n,
    ...change,
  };
  return { actors, stores, terms, initial };
}

/** Makes updates and models on demand, each once. */
function createBlobs(
  shelf: Shelf,
  terms: JobTerms,
  domain: Domain,
): Pick<World, 'prepareUpdate' | 'prepareModel'> {
  const made = new Map<string, Address>();
  // A masked message has no header.
  const updateOffset = terms.masks === undefined ? contentLeafBytes : 0;
  const numberAt = (blob: Address, offset: number) =>
    new DataView(shelf.find(blob)!.bytes!.buffer).getUint32(offset, true);

  async function keep(question: string, bytes: Uint8Array, blob: Address): Promise<Address> {
    await shelf.sign(blob, bytes.length);
    made.set(question, blob);
    return blob;
  }

  return {
    async prepareUpdate(round, participant, kind, by) {
      const question = `${kind} update of ${participant} by ${by.account} on ${round.model}`;
      const known = made.get(question);
      if (known !== undefined) return known;
      if (kind === 'misnamed') {
        const meant = await this.prepareUpdate(round, participant, 'good', by);
        const blob = shelf.addMisnamed(`misnamed update ${made.size} of ${participant}`, meant);
        made.set(question, blob);
        return blob;
      }
      const entry = kind === 'faulty' ? outOfRange : 1000 * (participant + 1) + round.step;
      const { bytes: message } = await encodeUpdate(
        {
          job: jobIdOf(terms),
          step: round.step,
          participant,
          model: round.model,
          dataset: zeroDataset,
          entries: Int32Array.of(entry),
        },
        new Uint8Array(32).fill(kind === 'missing' ? 1 : 0),
        domain,
        by,
      );
      const name = `${kind} update ${made.size} of ${participant}`;
      if (kind !== 'missing') return keep(question, message, shelf.add(name, message, kind === 'faulty'));
      const blob = shelf.addMissing(name, message);
      made.set(question, blob);
      return blob;
    },
    async prepareModel(round, accepted, kind) {
      const updates = accepted.map((participant) => {
        const { blob, weight } = round.commitments[participant]!;
        return `${weight} x ${shelf.meantBy(blob)}`;
      });
      const question = `${kind} model of ${updates} on ${round.model}`;
      const known = made.get(question);
      if (known !== undefined) return known;
      const before = new Float32Array(1);
      new Uint32Array(before.buffer)[0] = numberAt(round.model, contentLeafBytes);
      let [sum, weight] = [0, 0];
      for (const participant of accepted) {
        const { weight: counts } = round.commitments[participant]!;
        const blob = shelf.meantBy(round.commitments[participant]!.blob);
        // Its author knows what is missing: a lie has to be about something.
        if (shelf.find(blob)?.bytes !== undefined) sum += counts * (numberAt(blob, updateOffset) | 0);
        weight += counts;
      }
      const right = Math.fround(before[0]! + Math.fround(sum / (2 ** 20 * weight)));
      const bytes = encodeModel(kind === 'wrong number' ? right + 1 : right, kind === 'wrong header' ? 1 : 0);
      return keep(question, bytes, shelf.add(`${kind} model ${made.size}`, bytes));
    },
  };
}

/** Finds what is wrong with a step, once for equal steps. */
function createLieFinder(shelf: Shelf) {
  const lies = new Map<string, Lie | undefined>();
  return {
    lieIn(state: JobState, round: number): Lie | undefined {
      const current = state.rounds[round]!;
      const { posted, model, commitments } = current;
      if (posted === undefined) return undefined;
      const key = questionOf(state, round);
      if (!lies.has(key)) {
        const updates = new Map<number, Uint8Array>();
        for (const participant of includedParticipants(current)) {
          const bytes = shelf.find(commitments[participant]!.blob)?.bytes;
          if (bytes !== undefined) updates.set(participant, bytes);
        }
        const [start, next] = [shelf.find(model)!.bytes!, shelf.find(posted.model)!.bytes!];
        lies.set(key, findLie({ state, round, arithmetic, start, next, updates }));
      }
      return lies.get(key);
    },
    isKnownLie: (state: JobState, round: number, lie: Lie) => lies.get(questionOf(state, round)) === lie,
  };
}

/**
 * The ledger's judge, which looks once at what this world itself has made, and in earnest at all
 * else.
 */
function createRememberingJudge(
  shelf: Shelf,
  isKnownLie: (state: JobState, round: number, lie: Lie) => boolean,
): Judge {
  const valid = new Map<Address, boolean>();
  const shown = new WeakMap<Lie, boolean>();
  return {
    isReceiptSet(terms, blob, set) {
      const made = shelf.receiptsFor(blob);
      if (made === undefined || made.length !== set.length || set.some((one, i) => one !== made[i])) {
        return isReceiptSet(terms, blob, set);
      }
      const known = valid.get(blob) ?? isReceiptSet(terms, blob, made);
      valid.set(blob, known);
      return known;
    },
    isShown(state, round, lie, at) {
      if (lie.kind === 'silence' || !isKnownLie(state, round, lie)) return isShown(state, round, lie, at);
      const known = shown.get(lie) ?? isShown(state, round, lie, at);
      shown.set(lie, known);
      return known;
    },
  };
}

/** Everything that whether a step is right depends on. */
function questionOf(state: JobState, round: number): string {
  const { posted, model, commitments, unavailable, step } = state.rounds[round]!;
  const accounts = state.participants.map(({ account }) => account);
  return JSON.stringify([posted?.model, posted?.refused, model, commitments, unavailable, step, accounts]);
}

/** The layout of a model's blob: one leaf in front, then one f32. */
function encodeModel(value: number, header = 0): Uint8Array<ArrayBuffer> {
  const number = new Uint8Array(Float32Array.of(value).buffer);
  return concatBytes(new Uint8Array(contentLeafBytes).fill(header), number);
}
