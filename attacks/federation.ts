/**
 * A masked federation in one process, as attackers meet it: real roles, trainers and masks over a
 * ledger and stores in memory, and a ledger that can be forked, as its operator can. What the
 * attacks read is what roles have published.
 */
import { type Address, type Content, contentOf, NonetError, toHex } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import type { Signer } from '@nonet/core/identity';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type LedgerEvent,
  type Move,
  type Round,
} from '@nonet/core/ports';
import { idOfJob, type MaskedAverage, requireGraphJob, termsOf } from '@nonet/core/records';
import {
  createGraphTrainer,
  createMemoryLedger,
  createMemoryOutbox,
  encodeModel,
  layoutOf,
  type MemoryLedger,
  modelOfParameters,
  type Outbox,
  type Trainer,
  weiOf,
} from '@nonet/federation';
import {
  createMaskedSum,
  createReveal,
  encodeVector,
  openRegistrations,
  planVector,
  type RoundSecrets,
  revealBytes,
  unmaskSum,
} from '@nonet/privacy/secagg';
import { bind, deriveClassifierStep, encodeGraph, initialParameters } from '@nonet/tensor';
import { type Dataset, dataSchemaOf } from '@nonet/tensor/datasets';
import {
  aggregationRoundOf,
  type Blobs,
  recoverRound,
  vectorEncodingOf,
} from '../packages/federation/src/masked/maskedRound.ts';
import { trainModel } from '../packages/federation/src/roles/participation.ts';
import { includedParticipants, maskSet } from '../packages/federation/src/rules/state.ts';
import {
  createSimulation,
  datasetOf,
  joinAll,
  key,
  type Simulation,
} from '../packages/federation/test/simulation.ts';
import {
  createSampleRound,
  playRound,
  registrationsOf,
  sumPublished,
} from '../packages/privacy/src/testing/aggregationRound.ts';
import { digitsModel, drawShares, readDigits } from './digits.ts';

/** What a federation is made of. */
export interface FederationParameters {
  readonly sites: number;
  /** Of the candidates' shares, how many do not yet recover a secret: 50 to 99 %. */
  readonly threshold: number;
  readonly seed: number;
  /** Of the network's only hidden layer. */
  readonly hidden?: number;
  readonly examples?: number;
  readonly epochs?: number;
  readonly rounds?: number;
}

/** Sites that train on digits, before the first round. */
export interface Federation {
  readonly simulation: Simulation;
  readonly arithmetic: MaskedAverage;
  readonly datasets: readonly Dataset[];
  readonly trainers: readonly Trainer[];
  /** The disk of each site, from which nothing is erased. */
  readonly disks: readonly Outbox[];
}

const phases = {
  open: 20,
  collecting: 20,
  closing: 10,
  appealing: 10,
  complaining: 0,
  opening: 20,
  stepping: 10,
  objecting: 10,
};

/** A job of masked updates whose sites have joined. */
export async function createFederation({
  sites,
  threshold,
  seed,
  hidden = 16,
  examples = 32,
  epochs = 1,
  rounds = 1,
}: FederationParameters): Promise<Federation> {
  const datasets = drawShares(readDigits(), sites, examples, seed);
  const graph = digitsModel(hidden);
  const jobSeed = toHex(new Uint8Array(32).fill(seed));
  const model = modelOfParameters(graph, initialParameters(graph, jobSeed));
  const training = { kind: 'graph', epochs, batch: 32, learningRate: 0.1, momentum: 0 } as const;
  const step = bind(deriveClassifierStep(graph), { B: training.batch });
  const layout = layoutOf(model);
  const plan = planVector({
    participants: sites,
    numbers: layout.entries,
    clamp: 8,
    resolution: 2 ** -12,
    weighting: { mostExamples: examples },
  });
  const arithmetic: MaskedAverage = {
    kind: 'masked',
    ...layout,
    clamp: plan.clamp,
    scaleBits: plan.scaleBits,
    weighting: plan.weighting,
    weightUnit: plan.weightUnit,
    mostWeight: plan.mostWeight,
    threshold,
  };
  const files = [encodeGraph(graph), encodeGraph(step), encodeModel(model)];
  const addresses = files.map((file) => contentOf(file).address);
  const simulation = await createSimulation(
    {
      arithmetic,
      seed: jobSeed,
      model: { kind: 'graph', graph: addresses[0]!, step: addresses[1]!, parameters: addresses[2]! },
      data: dataSchemaOf(datasets[0]!),
      training,
      rounds,
      minParticipants: 3,
      phases,
    },
    sites,
  );
  for (const store of simulation.stores) for (const file of files) await store.put(file);
  await joinAll(simulation);
  const job = requireGraphJob(simulation.job);
  const store = simulation.connect();
  const trainers = await Promise.all(datasets.map((dataset) => createGraphTrainer({ job, store, dataset })));
  return { simulation, arithmetic, datasets, trainers, disks: datasets.map(() => createLastingOutbox()) };
}

/** A site's disk in one process, from which nothing is erased: as it is while its round runs. */
function createLastingOutbox(): Outbox {
  return { ...createMemoryOutbox(), erase: async () => {} };
}

/**
 * A copy of a disk that does not remember which set of a step was answered: the check of
 * docs/specs/secagg.md §6.2, left out.
 */
export function forgetAnswers(disk: Outbox): Outbox {
  const written = createLastingOutbox();
  return {
    ...written,
    async read(key) {
      const bytes = (await written.read(key)) ?? (await disk.read(key));
      if (bytes === undefined || key === 'answered') return undefined;
      const { reveal: _, ...kept } = decodeCanonical(bytes) as Record<string, unknown>;
      return encodeCanonical(kept);
    },
  };
}

/** Runs the job with all its roles until it is over. */
export async function playJob({ simulation, trainers, disks }: Federation): Promise<JobState> {
  await Promise.all([
    simulation.aggregator(),
    simulation.watcher(),
    ...trainers.map((trainer, i) => simulation.participant(i, { trainer, outbox: disks[i]! })),
  ]);
  return simulation.state();
}

/** What came of two attempts at a step, the shares of the first of which got no receipts. */
export interface Attempts {
  readonly state: JobState;
  /** What the stores were told in the first attempt, by participant. */
  readonly withheld: Blobs;
  /** The codes with which sites refused to answer in the second. */
  readonly codes: readonly string[];
}

/**
 * Two of three stores take the shares that sites reveal in the first attempt at a step, and sign for
 * none, so that the round is void on the ledger; the second attempt they keep `victim` out of. Runs
 * until each other site has answered there, or refused to.
 */
export async function withholdReceipts(
  { simulation, trainers, disks }: Federation,
  victim: number,
): Promise<Attempts> {
  const withheld = new Map<number, Uint8Array>();
  const colluding: BlobStore = {
    ...simulation.stores[0]!,
    async put(blob, options) {
      const { address, bytes } = contentOf(blob);
      const isReveal = bytes.length === revealBytes(trainers.length);
      if (!isReveal) return simulation.stores[0]!.put(blob, options);
      if (simulation.state().rounds.length === 1) withheld.set(participantOf(bytes), bytes);
      return { address, receipts: [] };
    },
  };
  const codes: string[] = [];
  const stop = new AbortController();
  const away = new AbortController();
  const { ledger } = simulation;
  const done = () => {
    const answers = Object.keys(simulation.state().rounds[1]?.masking?.reveals ?? {}).length;
    if (answers + codes.length >= trainers.length - 1) stop.abort();
  };
  const reached = (async () => {
    const id = idOfJob(simulation.job);
    for await (const _ of ledger.rounds.follow(id, stop.signal)) {
      if (simulation.state().rounds[0]?.phase === 'void') away.abort();
      done();
    }
  })();
  const run = { store: simulation.connect({ 0: colluding, 1: colluding }) };
  await Promise.all([
    reached,
    simulation.aggregator(0, { signal: stop.signal }),
    ...trainers.map((trainer, site) =>
      simulation.participant(site, {
        ...run,
        trainer,
        outbox: disks[site]!,
        signal: site === victim ? away.signal : stop.signal,
        onEvent(event) {
          if (event.type === 'missed' && event.round === 1) codes.push(event.code);
          done();
        },
      }),
    ),
  ]);
  return { state: simulation.state(), withheld, codes };
}

/** Whose answer this is (docs/specs/secagg.md §6.2). */
function participantOf(reveal: Uint8Array): number {
  return new DataView(reveal.buffer, reveal.byteOffset).getUint32(52);
}

/**
 * What sites would answer in a round if they looked at nothing but that round: made from the secrets
 * on their disks.
 */
export async function answerAnyway(federation: Federation, state: JobState, number: number): Promise<Blobs> {
  const { registrations } = await readPublished(federation, state, number);
  const round = state.rounds[number]!;
  const rules = aggregationRoundOf(state, number, round);
  const answers = new Map<number, Uint8Array>();
  for (const site of maskSet(round)) {
    const kept = decodeCanonical((await federation.disks[site]!.read(number))!) as unknown as RoundSecrets;
    const membership = openRegistrations(rules, site, kept, maskSet(round), registrations);
    answers.set(site, createReveal(membership, includedParticipants(round)));
  }
  return answers;
}

/** Another ledger with the same beginning: what its operator shows to some. */
export interface Fork {
  readonly ledger: MemoryLedger;
  state(): JobState;
  /** A move of the role of this name. Throws on a refusal. */
  submit(move: Move, by: string): Promise<void>;
  /** Lets so many ledger seconds pass. */
  pass(seconds: number): void;
}

/** The ledger of a job as it was before the first move of this kind. */
export async function forkLedger({ simulation }: Federation, before: Move['type']): Promise<Fork> {
  const { job, ledger: original } = simulation;
  const id = idOfJob(job);
  const events: LedgerEvent[] = [...(await original.rounds.moves(id))];
  const shared = events.slice(
    0,
    events.findIndex(({ move }) => move.type === before),
  );
  let seconds = shared[0]!.at;
  const { chainId, contract } = original;
  const ledger = createMemoryLedger({ clock: () => seconds, chainId, contract });
  await ledger.jobs.create(termsOf(job), key('creator'));
  const fork: Fork = {
    ledger,
    state: () => ledger.stateOf(id),
    submit: (move, by) => submitAs(move, key(by)),
    pass(more) {
      seconds += more;
    },
  };
  async function submitAs(move: Move, by: Pick<Signer, 'account'>) {
    const outcome = await ledger.rounds.submit(id, move, by as Signer, weiOf(fork.state(), move));
    if (isRefusal(outcome)) throw new NonetError({ code: 'attack.fork', ...outcome });
  }
  for (const { move, by, at } of shared) {
    seconds = at;
    await submitAs(move, { account: by });
  }
  return fork;
}

/** What the ledger says to a second set of the first round, without `victim`; `taken` if it takes it. */
export async function closeAgain({ simulation, datasets }: Federation, victim: number): Promise<string> {
  const outcome = await simulation.ledger.rounds.submit(
    idOfJob(simulation.job),
    { type: 'close', round: 0, committed: datasets.length, unavailable: [victim] },
    key('aggregator 0'),
  );
  return isRefusal(outcome) ? outcome.refused : 'taken';
}

/** The first round up to its set, from which `victim` is then left out. */
export async function forkWithout(federation: Federation, victim: number): Promise<Fork> {
  const committed = federation.datasets.length;
  const fork = await forkLedger(federation, 'close');
  await fork.submit({ type: 'close', round: 0, committed, unavailable: [victim] }, 'aggregator 0');
  fork.pass(1000);
  await fork.submit({ type: 'advance', round: 0 }, 'aggregator 0');
  return fork;
}

/** What is in the first sum alone; undefined where one of them could not be opened. */
export function subtractSums(
  all: Int32Array | undefined,
  fewer: Int32Array | undefined,
): Int32Array | undefined {
  return all === undefined || fewer === undefined ? undefined : all.map((entry, e) => entry - fewer[e]!);
}

/**
 * Shows a fork to some sites until each of them has revealed its shares there, or refused to.
 * Returns the codes of their refusals.
 */
export async function showFork(
  { simulation, trainers, disks }: Federation,
  { ledger, state }: Fork,
  sites: readonly number[],
  diskOf: (disk: Outbox) => Outbox = (disk) => disk,
): Promise<string[]> {
  const stop = new AbortController();
  const codes: string[] = [];
  const done = () => {
    const { reveals } = state().rounds[0]!.masking!;
    if (Object.keys(reveals).length + codes.length >= sites.length) stop.abort();
  };
  await Promise.all(
    sites.map((site) =>
      simulation.participant(site, {
        ledger,
        trainer: trainers[site]!,
        outbox: diskOf(disks[site]!),
        signal: stop.signal,
        onEvent(event) {
          if (event.type === 'missed') codes.push(event.code);
          if (event.type === 'missed' || event.type === 'revealed') done();
        },
      }),
    ),
  );
  return codes;
}

/** What a round has published, by participant: read from the stores, as anyone can. */
export async function readPublished({ simulation }: Federation, state: JobState, number = 0) {
  const store = simulation.connect();
  const round = state.rounds[number]!;
  const readAll = async (addresses: Readonly<Record<number, Address>>): Promise<Blobs> => {
    const read = await Promise.all(
      Object.entries(addresses).map(
        async ([one, address]) => [Number(one), (await store.get(address)).bytes] as const,
      ),
    );
    return new Map(read);
  };
  const { registrations, reveals, revealed } = round.masking!;
  const shares = await readAll(reveals);
  const messages = Object.entries(round.commitments).map(([one, { blob }]) => [one, blob] as const);
  return {
    registrations: await readAll(registrations),
    reveals: new Map(revealed.map((one) => [one, shares.get(one)!])),
    messages: await readAll(Object.fromEntries(messages)),
  };
}

/** What a round has published, with the masks that come off its sum. */
export type OpenedMasks = NonNullable<Awaited<ReturnType<typeof openMasks>>>;

/**
 * The masks that come off a round's sum, from published bytes, or with `answers` in place of those on
 * the ledger; undefined where shares are missing.
 */
export async function openMasks(federation: Federation, state: JobState, number = 0, answers?: Blobs) {
  const published = await readPublished(federation, state, number);
  const shares = { ...published, ...(answers === undefined ? {} : { reveals: answers }) };
  const recovery = recoverRound(state, number, shares);
  return recovery.outcome === 'recovered' ? { ...shares, recovery } : undefined;
}

/** The sum of a round from the same; undefined where it cannot be unmasked. */
export async function openSum(
  federation: Federation,
  state: JobState,
  number = 0,
  answers?: Blobs,
): Promise<Int32Array | undefined> {
  const opened = await openMasks(federation, state, number, answers);
  return opened && sumMessages(state, opened, number);
}

/** The sum of a round, whatever it is. */
export function sumMessages(state: JobState, { messages, recovery }: OpenedMasks, number = 0): Int32Array {
  const included = includedParticipants(state.rounds[number]!);
  const sum = createMaskedSum(messages.get(included[0]!)!.length / 4);
  for (const one of included) sum.add(one, messages.get(one)!);
  return unmaskSum(sum, recovery);
}

/**
 * The vector that a site masks in a round: what an attacker is after, and only the site knows.
 * `model` is what it is given where stores do not have it.
 */
export async function vectorOf(
  { simulation, arithmetic, trainers }: Federation,
  site: number,
  round: Pick<Round, 'model' | 'step'>,
  model?: Content,
): Promise<Int32Array> {
  const store = simulation.connect();
  const parameters = {
    ledger: simulation.ledger,
    job: simulation.job,
    store: model === undefined ? store : { ...store, get: async () => model },
    trainer: trainers[site]!,
    dataset: datasetOf(site),
    outbox: createMemoryOutbox(),
    signer: simulation.participants[site]!,
    signal: simulation.stop.signal,
  };
  const { moved, examples } = await trainModel(parameters, site, 0, round);
  return encodeVector(vectorEncodingOf(arithmetic), moved, examples);
}

/** A masked round of these vectors, with keys of its own: its messages, and the sum that they open to. */
export function playMasks(vectors: readonly Int32Array[]) {
  const participants = vectors.map((_, i) => i);
  const sample = createSampleRound({ participants });
  const attendance = { members: participants, included: participants, answering: participants };
  const published = playRound(sample, attendance, (one) => vectors[one]!);
  const sum = sumPublished(sample.round, registrationsOf(sample, participants), published);
  return { messages: published.messages, sum };
}
