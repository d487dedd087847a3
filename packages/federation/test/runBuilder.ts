/**
 * Builds runs move by move: a job of a small network with real keys, messages, models and receipts
 * of stores, on the ledger in memory. No role decides anything; a test says who does what.
 */
import { type Address, addressOf, type Content, contentOf, sha256, toHex, utf8 } from '@nonet/core';
import { createSigner, type Signer } from '@nonet/core/identity';
import {
  isRefusal,
  type JobState,
  type LedgerEvent,
  type Lie,
  type Move,
  type RefusedUpdate,
  type Round,
  type StoreReceipt,
  storeReceiptDigest,
} from '@nonet/core/ports';
import { createReceipt, type Receipt } from '@nonet/core/receipt';
import {
  type Evidence,
  fixedPointOf,
  idOfJob,
  parseJob,
  requireGraphJob,
  type TrainJob,
  termsOf,
} from '@nonet/core/records';
import { bind, deriveClassifierStep, encodeGraph, initialParameters, mlp } from '@nonet/tensor';
import { type Dataset, encodeDataset } from '@nonet/tensor/datasets';
import { createRunEvidence, type RoleReport, type RunCosts, type RunEvidence } from '../src/evidence.ts';
import { createMemoryLedger, type MemoryLedger } from '../src/rules/memoryLedger.ts';
import { weiOf } from '../src/rules/round.ts';
import { acceptedParticipants, currentModel, leadOf } from '../src/rules/state.ts';
import { createMemoryStore, type MemoryStore } from '../src/stores/memoryStore.ts';
import { findLie } from '../src/update/lies.ts';
import { domainOf, encodeUpdate, verifyUpdate } from '../src/update/message.ts';
import { decodeModel, encodeModel, layoutOf, type Model } from '../src/update/modelBlob.ts';
import { computeStep, expectedUpdate, type UpdateOutcome } from '../src/update/step.ts';

/** A signer by name; equal names are equal keys. */
export function key(name: string): Signer {
  return createSigner(toHex(sha256(utf8(name))));
}

const date = '2026-03-14T09:32:11Z';
const origin = {
  type: 'run',
  run: 'test',
  by: key('creator').account,
  machine: 'a test',
  commit: 'none',
} as const;

const graph = mlp({ features: [3], hidden: [4], classes: 2 });
const testSet: Dataset = {
  features: Float32Array.from({ length: 120 }, (_, i) => Math.sin(99 + i * 1.7)),
  shape: [3],
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 2),
  vocabulary: ['low', 'high'],
};

function initialModel(seed: Address): Model {
  const parameters = [...initialParameters(graph, seed)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const flat = new Float32Array(parameters.reduce((sum, { data }) => sum + data.length, 0));
  let offset = 0;
  for (const { data } of parameters) {
    flat.set(data, offset);
    offset += data.length;
  }
  return { tensors: parameters.map(({ name, shape }) => ({ name, shape })), flat };
}

/** What a participant hands in: an update, or bytes that are none. */
export type HandIn = 'good' | 'replayed' | 'missing' | Uint8Array;

export interface StepChange {
  /** Instead of those that the blobs ask for. */
  readonly refused?: readonly RefusedUpdate[];
  /** Whose updates the sum leaves out, as if they could not be accepted. */
  readonly without?: readonly number[];
  /** Applied to the numbers of the right model. */
  readonly change?: (flat: Float32Array) => void;
  /** Applied to the right partial sums, where a step has them. */
  readonly changePartials?: (bytes: Uint8Array) => void;
}

export interface Run {
  readonly job: TrainJob;
  readonly ledger: MemoryLedger;
  readonly blobs: MemoryStore;
  state(): JobState;
  moves(): Promise<readonly LedgerEvent[]>;
  /** Lets ledger time pass. */
  wait(seconds: number): void;
  /** Submits a move that has to be accepted. */
  act(move: Move, by: Signer): Promise<void>;
  participant(number: number): Signer;
  /** Opens the next round, in which these participants commit. */
  collect(handIns: Readonly<Record<number, HandIn>>): Promise<number>;
  /** Closes a round, with its appeals behind it. */
  close(round: number, unavailable?: readonly number[]): Promise<void>;
  /** Posts the step of a round, right unless changed. */
  step(round: number, change?: StepChange): Promise<void>;
  /** Passes the objection window. */
  finish(round: number): Promise<void>;
  /** A round without incident. */
  play(handIns: Readonly<Record<number, HandIn>>): Promise<void>;
  /** The watcher proves what is wrong with a posted step. */
  prove(round: number): Promise<Lie>;
  receiptsFor(blob: Address): Promise<StoreReceipt[]>;
  gather(more?: {
    reports?: readonly RoleReport[];
    costs?: RunCosts;
  }): Promise<RunEvidence & { readonly receipt: Receipt }>;
}

const leftOut: UpdateOutcome = { refused: 'OutOfRange', entry: 0, expected: '', found: '' };

export async function createRun(participants: number, change: Partial<TrainJob> = {}): Promise<Run> {
  const seed = toHex(new Uint8Array(32).fill(5)) as Address;
  const model = initialModel(seed);
  const files = [encodeGraph(graph), encodeGraph(bind(deriveClassifierStep(graph), { B: 4 }))];
  const [parameters, tests] = [encodeModel(model), encodeDataset(testSet)];
  const blobs = createMemoryStore();
  for (const bytes of [...files, parameters, tests]) await blobs.put(bytes);
  const stores = ['store a', 'store b', 'store c']
    .map(key)
    .toSorted((a, b) => (a.account < b.account ? -1 : 1));
  const job = requireGraphJob(
    parseJob({
      version: 2,
      kind: 'train',
      name: 'A small network',
      creator: key('creator').account,
      seed,
      model: {
        kind: 'graph',
        graph: addressOf(files[0]!),
        step: addressOf(files[1]!),
        parameters: addressOf(parameters),
      },
      data: { shape: [3], labels: ['low', 'high'] },
      arithmetic: { kind: 'fixedPoint', ...layoutOf(model), clamp: 8, scaleBits: 20, maximumWeight: 4096 },
      training: { kind: 'graph', epochs: 1, batch: 4, learningRate: 0.1, momentum: 0.5 },
      rounds: 2,
      minParticipants: 2,
      maxParticipants: participants,
      participants: 'open',
      phases: {
        open: 0,
        collecting: 10,
        closing: 5,
        appealing: 5,
        complaining: 0,
        opening: 0,
        stepping: 5,
        objecting: 5,
      },
      grace: 1,
      attempts: 3,
      expiry: 1_000_000,
      aggregators: ['aggregator a', 'aggregator b'].map((name) => key(name).account),
      watchers: [key('watcher').account],
      stores: stores.map(({ account }) => ({ url: 'memory', account })),
      copies: 2,
      testSet: addressOf(tests),
      escrow: 1000n,
      bond: 100n,
      guarantees: [],
      ...change,
    }),
  );
  let now = 1000;
  const ledger = createMemoryLedger({ clock: () => now });
  const id = idOfJob(job);
  const state = () => ledger.stateOf(id);
  const by = (account: string | undefined) =>
    ['creator', 'aggregator a', 'aggregator b'].map(key).find((signer) => signer.account === account)!;
  const participant = (number: number) => key(`participant ${number}`);

  const run: Run = {
    job,
    ledger,
    blobs,
    state,
    moves: () => ledger.rounds.moves(id),
    wait(seconds) {
      now += seconds;
    },
    async act(move, signer) {
      const posted = await ledger.rounds.submit(id, move, signer, weiOf(state(), move));
      if (isRefusal(posted)) throw new Error(`${move.type}: ${posted.refused}, ${posted.expected}`);
    },
    participant,
    receiptsFor: (blob) =>
      Promise.all(
        stores.slice(0, job.copies).map(async (store) => {
          const size = blobs.blobs.get(blob)!.length;
          const signature = await store.sign(storeReceiptDigest(blob, size));
          return { blob, size, store: store.account, signature };
        }),
      ),
    async collect(handIns) {
      const number = state().rounds.length;
      await run.act({ type: 'open', round: number, model: currentModel(state()) }, key('creator'));
      const round = state().rounds[number]!;
      for (const [who, handIn] of Object.entries(handIns)) {
        const message = await messageOf(round, Number(who), handIn);
        if (handIn !== 'missing') await blobs.put(message);
        const move = {
          type: 'commit',
          round: number,
          blob: message.address,
          weight: 1 + Number(who),
        } as const;
        await run.act(move, participant(Number(who)));
      }
      return number;
    },
    async close(round, unavailable = []) {
      if (state().rounds[round]!.phase === 'collecting') {
        now = Math.max(now, state().rounds[round]!.deadline + 1);
      }
      const committed = Object.keys(state().rounds[round]!.commitments).length;
      await run.act({ type: 'close', round, committed, unavailable }, by(leadOf(state())));
      if (state().rounds[round]!.phase !== 'appealing') return;
      now += 6;
      await run.act({ type: 'advance', round }, key('anyone'));
    },
    async step(round, { refused, without = [], change: alter, changePartials } = {}) {
      const outcomes = await outcomesOf(round);
      for (const number of without) outcomes.set(number, leftOut);
      const current = state().rounds[round]!;
      const start = decodeModel((await blobs.get(current.model)).bytes, job.arithmetic);
      const right = computeStep(start, current, outcomes, fixedPointOf(job), job.minParticipants)!;
      const flat = new Float32Array(right.model.flat);
      alter?.(flat);
      const { address } = await blobs.put(encodeModel({ tensors: right.model.tensors, flat }));
      const receipts = await run.receiptsFor(address);
      const sums = right.partials && new Uint8Array(right.partials.bytes);
      if (sums !== undefined) changePartials?.(sums);
      const partials = sums && (await blobs.put(sums)).address;
      if (partials !== undefined) receipts.push(...(await run.receiptsFor(partials)));
      const move = {
        type: 'step',
        round,
        model: address,
        refused: refused ?? right.refused,
        receipts,
        ...(partials === undefined ? {} : { partials }),
      } as const;
      await run.act(move, by(leadOf(state())));
    },
    async finish(round) {
      now += 6;
      await run.act({ type: 'advance', round }, key('anyone'));
    },
    async play(handIns) {
      const round = await run.collect(handIns);
      await run.close(round);
      await run.step(round);
      await run.finish(round);
    },
    async prove(round) {
      const current = state().rounds[round]!;
      const updates = new Map<number, Uint8Array>();
      for (const number of [
        ...acceptedParticipants(current),
        ...current.posted!.refused.map((one) => one.participant),
      ]) {
        updates.set(number, (await blobs.get(current.commitments[number]!.blob)).bytes);
      }
      const lie = findLie({
        state: state(),
        round,
        arithmetic: fixedPointOf(job),
        start: (await blobs.get(current.model)).bytes,
        next: (await blobs.get(current.posted!.model)).bytes,
        updates,
      })!;
      await run.act({ type: 'prove', round, lie }, key('watcher'));
      return lie;
    },
    async gather(more = {}) {
      const made = await createRunEvidence({
        job,
        ledger,
        events: await run.moves(),
        blobs,
        origin,
        date,
        ...more,
      });
      return { ...made, receipt: createReceipt('test', job, made.evidence, made.artefacts) };
    },
  };

  async function outcomesOf(number: number): Promise<Map<number, UpdateOutcome>> {
    const round = state().rounds[number]!;
    const outcomes = new Map<number, UpdateOutcome>();
    for (const [who, { blob }] of Object.entries(round.commitments)) {
      const bytes = blobs.blobs.get(blob);
      if (bytes === undefined) continue;
      outcomes.set(
        Number(who),
        verifyUpdate(bytes, expectedUpdate(state(), round, Number(who), fixedPointOf(job))),
      );
    }
    return outcomes;
  }

  async function messageOf(round: Round, who: number, handIn: HandIn): Promise<Content> {
    if (handIn instanceof Uint8Array) return contentOf(handIn);
    const author = handIn === 'replayed' ? 0 : who;
    return encodeUpdate(
      {
        job: id,
        step: round.step,
        participant: author,
        model: round.model,
        dataset: addressOf(utf8(`data of ${author}`)),
        entries: Int32Array.from(
          { length: job.arithmetic.entries },
          (_, i) => 1000 * (author + 1) * (round.step + 1) + i,
        ),
      },
      new Uint8Array(32).fill(handIn === 'missing' ? 1 : author),
      domainOf(ledger),
      participant(author),
    );
  }

  await ledger.jobs.create(termsOf(job), key('creator'));
  if (job.bond > 0n) for (const account of job.aggregators) await run.act({ type: 'stake' }, by(account));
  for (let i = 0; i < participants; i++) await run.act({ type: 'join' }, participant(i));
  return run;
}

/** The records that a verifier of this name checks. */
export function recordsOf(evidence: readonly Evidence[], verifier: string): Evidence[] {
  return evidence.filter(({ check }) => check.how === 'here' && check.verifier === verifier);
}
