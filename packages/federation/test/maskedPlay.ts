/**
 * One round of masked updates, move by move, over a ledger in memory whose time the caller sets:
 * what each participant does is made by the functions that roles call, and what comes of it is read
 * from published bytes alone.
 */
import { type Address, type Content, contentOf, toHex } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import { isRefusal, type JobState, type Move, type Round, type StoreReceipt } from '@nonet/core/ports';
import { idOfJob, maskedEntries, termsOf } from '@nonet/core/records';
import {
  type AggregationRound,
  candidateOf,
  createMaskedSum,
  createRegistration,
  createReveal,
  drawRoundSecrets,
  encodeVector,
  type Membership,
  maskVector,
  openRegistrations,
  type RoundSecrets,
  unmaskSum,
} from '@nonet/privacy/secagg';
import { createMemoryLedger, createMemoryStore } from '../src/index.ts';
import {
  aggregationRoundOf,
  computeMaskedStep,
  fetchRegistrations,
  fetchReveals,
  recoverRound,
  vectorEncodingOf,
} from '../src/masked/maskedRound.ts';
import { includedParticipants, maskSet } from '../src/rules/state.ts';
import { decodeModel, encodeModel, type Model } from '../src/update/modelBlob.ts';
import { createMasked, datasetOf, key, maskedArithmetic, range } from './simulation.ts';

export type Play = Awaited<ReturnType<typeof createPlay>>;

const store = createMemoryStore(key('store 0'));
const numbers = maskedArithmetic.entries;

/** What participant `i` moved the model by: another vector for each. */
const movedBy = (i: number) => Float32Array.from({ length: numbers }, (_, e) => Math.sin(7 * i + e));
const examplesOf = (i: number) => 1 + (i % 5);
const vectorOf = (i: number) => encodeVector(vectorEncodingOf(maskedArithmetic), movedBy(i), examplesOf(i));

/** The sum of the vectors of these participants, in the clear. */
export function clearSum(participants: readonly number[]): Int32Array {
  const sum = new Int32Array(maskedEntries(maskedArithmetic));
  for (const vector of participants.map(vectorOf)) for (const e of sum.keys()) sum[e]! += vector[e]!;
  return sum;
}

/** A job of one round, and its initial model in the store. */
async function createJob(size: number, threshold: number, attempts: number) {
  const arithmetic = { ...maskedArithmetic, threshold };
  const simulation = await createMasked(size, { arithmetic, rounds: 1, copies: 1, attempts });
  const job = { ...simulation.job, bond: 0n, stores: simulation.job.stores.slice(0, 1) };
  const initial = simulation.stores[0]!.blobs.get(job.model.parameters)!;
  await store.put(initial);
  const start: Model = decodeModel(initial, arithmetic);
  return { job, arithmetic, start, participants: simulation.participants };
}

const jobs = new Map<string, ReturnType<typeof createJob>>();

/** A job in which `size` participants have joined and nothing is announced, on a ledger of its own. */
export async function createPlay(size: number, threshold: number, attempts = 5) {
  const name = `${size} ${threshold} ${attempts}`;
  if (!jobs.has(name)) jobs.set(name, createJob(size, threshold, attempts));
  const { job, arithmetic, start, participants } = await jobs.get(name)!;
  const id = idOfJob(job);
  const model = job.model.parameters;
  const aggregator = key('aggregator 0');
  let now = 1000;
  const ledger = createMemoryLedger({ clock: () => now });
  await ledger.jobs.create(termsOf(job), key('creator'));

  const secrets = new Map<string, RoundSecrets>();
  const registrations = new Map<string, { blob: Uint8Array; selfSeed: Uint8Array }>();
  const memberships = new Map<string, Membership>();

  const state = (): JobState => ledger.stateOf(id);
  const latest = () => state().rounds.length - 1;
  const round = (): Round => state().rounds[latest()]!;
  const rules = (): AggregationRound => aggregationRoundOf(state(), latest(), round());
  /** The code of the refusal, if it was refused. */
  const submit = async (move: Move, by: Signer): Promise<string | undefined> => {
    const outcome = await ledger.rounds.submit(id, move, by);
    return isRefusal(outcome) ? outcome.refused : undefined;
  };
  const submitted = async (move: Move, by: Signer) => {
    const refused = await submit(move, by);
    if (refused !== undefined) throw new Error(`${move.type}: ${refused}`);
  };
  const put = async (bytes: Uint8Array | Content): Promise<[Address, readonly StoreReceipt[]]> => {
    const { address, receipts } = await store.put(bytes);
    return [address, receipts];
  };
  for (const signer of participants) await submitted({ type: 'join' }, signer);

  /** Keys for the round to open. */
  async function announce(i: number): Promise<void> {
    const own = drawRoundSecrets();
    secrets.set(`${state().rounds.length} ${i}`, own);
    const { maskKey, sealKey } = candidateOf(i, own);
    await submitted({ type: 'announce', mask: toHex(maskKey), seal: toHex(sealKey) }, participants[i]!);
  }

  const open = () => submit({ type: 'open', round: state().rounds.length, model }, aggregator);

  /** `spoil` makes of the right registration the one that is published. */
  async function register(i: number, spoil = (blob: Uint8Array) => blob): Promise<void> {
    const own = secrets.get(`${latest()} ${i}`)!;
    const created = createRegistration(rules(), i, own, datasetOf(i));
    const [blob, receipts] = await put(spoil(created.blob));
    await submitted({ type: 'register', round: latest(), blob, receipts }, participants[i]!);
    registrations.set(`${latest()} ${i}`, created);
  }

  /** What member `i` makes of the mask set, from published bytes. */
  async function membershipOf(i: number): Promise<Membership> {
    const name = `${latest()} ${i}`;
    const known = memberships.get(name);
    if (known !== undefined) return known;
    const published = await fetchRegistrations(store, round(), {});
    const read = new Map(published).set(i, registrations.get(name)!.blob);
    const opened = openRegistrations(rules(), i, secrets.get(name)!, maskSet(round()), read);
    memberships.set(name, opened);
    return opened;
  }

  async function messageOf(i: number): Promise<Uint8Array> {
    const { selfSeed } = registrations.get(`${latest()} ${i}`)!;
    return maskVector(await membershipOf(i), selfSeed, vectorOf(i));
  }

  async function commit(i: number, message?: Uint8Array): Promise<void> {
    const [blob] = await put(message ?? (await messageOf(i)));
    await submitted({ type: 'commit', round: latest(), blob, weight: 1 }, participants[i]!);
  }

  async function complain(i: number, accused: readonly number[]): Promise<void> {
    await submitted({ type: 'complain', round: latest(), accused }, participants[i]!);
  }

  /** Closes the collection with all that was committed to; waits for its end where it has to. */
  async function close(): Promise<void> {
    const { commitments } = round();
    const committed = Object.keys(commitments).length;
    const move: Move = { type: 'close', round: latest(), committed, unavailable: [] };
    const refused = await submit(move, aggregator);
    if (refused === undefined) return;
    if (refused !== 'TooEarly') throw new Error(refused);
    now = round().deadline + 1;
    await submitted(move, aggregator);
  }

  async function answerOf(i: number): Promise<Uint8Array> {
    return createReveal(await membershipOf(i), includedParticipants(round()));
  }

  async function reveal(i: number, answer?: Uint8Array): Promise<void> {
    const [blob, receipts] = await put(answer ?? (await answerOf(i)));
    await submitted({ type: 'reveal', round: latest(), blob, receipts }, participants[i]!);
  }

  /** The next deadline passes. */
  async function expire(): Promise<void> {
    now = round().deadline + 1;
    await submitted({ type: 'advance', round: latest() }, aggregator);
  }

  /** What any reader of ledger and stores makes of the round: its sum, or what is wanting. */
  async function read() {
    const published = {
      registrations: await fetchRegistrations(store, round(), {}),
      reveals: await fetchReveals(store, round(), {}),
    };
    const recovery = recoverRound(state(), latest(), published);
    const messages = new Map<number, Uint8Array>();
    for (const i of includedParticipants(round())) {
      messages.set(i, (await store.get(round().commitments[i]!.blob)).bytes);
    }
    if (recovery.outcome !== 'recovered') return { recovery };
    const masked = createMaskedSum(maskedEntries(arithmetic));
    for (const [i, message] of messages) masked.add(i, message);
    const step = computeMaskedStep(start, round(), messages, recovery, arithmetic);
    return { recovery, sum: unmaskSum(masked, recovery), step };
  }

  /** Posts what was read, by whose turn it is, and lets the objections pass. */
  async function finish(content: Content): Promise<void> {
    const [blob, receipts] = await put(content);
    const lead = key(`aggregator ${state().lead}`);
    await submitted({ type: 'step', round: latest(), model: blob, refused: [], receipts }, lead);
    await expire();
  }

  return {
    ...{ state, round, start, store, announce, open, register, membershipOf },
    ...{ messageOf, commit, complain, close, answerOf, reveal, expire, read, finish },
  };
}

/** The model that the average over these participants makes, from their vectors in the clear. */
export function clearModel(start: Model, participants: readonly number[]): Address {
  const weight = participants.reduce((sum, i) => sum + examplesOf(i), 0);
  const sum = clearSum(participants);
  const flat = start.flat.map((value, e) =>
    Math.fround(value + Math.fround(sum[e]! / (weight * 2 ** maskedArithmetic.scaleBits))),
  );
  return contentOf(encodeModel({ tensors: start.tensors, flat })).address;
}

/** All multisets of `count` of `kinds`, ascending. */
export function multisets(kinds: number, count: number): number[][] {
  if (count === 0) return [[]];
  return range(kinds).flatMap((first) =>
    multisets(kinds - first, count - 1).map((rest) => [first, ...rest.map((kind) => kind + first)]),
  );
}
