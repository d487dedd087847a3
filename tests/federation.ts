/**
 * A small job over the real contract and real stores, for tests in which some roles cheat. Its
 * roles run in this process (`createFederation`), or as processes of their own (`stage.ts`).
 */
import { join } from 'node:path';
import { connectLedger, deployContracts, fund } from '@nonet/chain';
import { type EmbeddedChain, startEmbeddedChain } from '@nonet/chain/embedded';
import type { Hex } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { type BlobStore, isRefusal, type JobState, type Ledger, type Move } from '@nonet/core/ports';
import { addressOfJob, type GraphTrainJob, idOfJob, requireGraphJob, termsOf } from '@nonet/core/records';
import {
  type AggregatorParameters,
  createFileStore,
  createGraphEvaluator,
  createGraphTrainer,
  createJobState,
  createMemoryOutbox,
  createStoreSet,
  type FederationEvent,
  type FileStore,
  foldMoves,
  type ParticipantParameters,
  runAggregator,
  runParticipant,
  runWatcher,
  type WatcherParameters,
} from '@nonet/federation';
import { commitDataset, commitmentAddress, sourceOf } from '@nonet/tensor/datasets';
import type { Dataset } from 'nonet';
import type { JobDraft } from '../apps/cli/src/files/jobFile.ts';
import { freePort } from '../apps/cli/src/machine/freePort.ts';
import { type FinishedRun, finishRun } from '../apps/cli/src/rehearsal/finish.ts';
import { prepareJob } from '../apps/cli/src/rehearsal/prepare.ts';
import { connectStores, serveStore } from '../apps/cli/src/roles/connect.ts';
import type { Reported } from '../apps/cli/src/roles/messages.ts';
import { createFolder } from './nonet.ts';

/** A chain with the contract, which several jobs may use. */
export interface TestLedger {
  readonly url: string;
  readonly contract: Hex;
  /** A connection of its own: each role has one. */
  connect(): Promise<Ledger>;
  fund(accounts: readonly Hex[]): Promise<void>;
  close(): Promise<void>;
}

export async function startTestLedger(): Promise<TestLedger> {
  const folder = createFolder();
  const chain: EmbeddedChain = await startEmbeddedChain({ directory: join(folder.path, 'chain') });
  const { url, faucet } = chain;
  const { contract } = await deployContracts({ url, signer: faucet });
  return {
    url,
    contract,
    connect: () => connectLedger({ url, contract, operator: 'self', pollMilliseconds: 30 }),
    fund: (accounts) => fund({ url, signer: faucet }, accounts, 10n ** 18n),
    async close() {
      await chain.stop();
      folder.remove();
    },
  };
}

/** A job on the ledger, its blobs in its three stores; nobody has joined. */
export interface TestJob {
  readonly ledger: Ledger;
  readonly job: GraphTrainJob;
  readonly keys: { readonly creator: Hex; readonly aggregators: readonly Hex[]; readonly watcher: Hex };
  readonly siteKeys: readonly Hex[];
  readonly ports: { readonly aggregators: readonly number[]; readonly watcher: number };
  readonly folder: string;
  /** Where an aggregator keeps blobs. */
  storeFolder(aggregator: number): string;
  /** Of the two aggregators, then the watcher's. */
  readonly stores: readonly FileStore[];
  state(): Promise<JobState>;
  submit(move: Move, by: Signer, wei?: bigint): ReturnType<Ledger['rounds']['submit']>;
  /**
   * Evidence, receipt, anchor and first verification, as `nonet run` does it; with `proves`, a
   * prediction of the model too.
   */
  finish(reports: readonly Reported[], proves?: boolean): Promise<FinishedRun>;
  remove(): void;
}

/** `sites` are all admitted; the bond is 1000 wei unless the draft has one. */
export async function createTestJob(on: TestLedger, draft: JobDraft, sites: number): Promise<TestJob> {
  const temporary = createFolder();
  const folder = temporary.path;
  const keys = {
    creator: createPrivateKey(),
    aggregators: [createPrivateKey(), createPrivateKey()],
    watcher: createPrivateKey(),
  };
  const siteKeys = Array.from({ length: sites }, createPrivateKey);
  const creator = createSigner(keys.creator);
  const operators = [...keys.aggregators, keys.watcher].map(createSigner);
  const members = siteKeys.map((key) => createSigner(key).account);
  await on.fund([creator.account, ...operators.map(({ account }) => account), ...members]);
  const ledger = await on.connect();

  const storeFolder = (aggregator: number) => join(folder, aggregator === 0 ? 'blobs' : 'blobs-2');
  const folders = [storeFolder(0), storeFolder(1), join(folder, 'watcher')];
  const stores = folders.map((path, i) => createFileStore(path, operators[i]!));
  const ports = { aggregators: [await freePort(), await freePort()], watcher: await freePort() };
  const blobs = createStoreSet({
    stores: stores.map((store, i) => ({ name: folders[i]!, store })),
    copies: 3,
  });
  const now = await ledger.now();
  const prepared = await prepareJob({ bond: 1000n, ...draft }, { keys, ports, sites, now }, blobs);
  const job = requireGraphJob(prepared);
  await blobs.put(encodeCanonical(job));
  await ledger.jobs.create(termsOf(job), creator);
  const id = idOfJob(job);
  const submit: TestJob['submit'] = (move, by, wei) => ledger.rounds.submit(id, move, by, wei);
  await takeMove(submit({ type: 'admit', accounts: members }, creator));

  const state = async () =>
    foldMoves(createJobState(termsOf(job), ledger), await ledger.rounds.moves(id), ({ refused }) => {
      throw new Error(`the ledger took what the rules refuse: ${refused}`);
    });
  return {
    ledger,
    job,
    keys,
    siteKeys,
    ports,
    folder,
    storeFolder,
    stores,
    state,
    submit,
    async finish(reports, proves = false) {
      const run = {
        path: folder,
        record: {
          version: 1 as const,
          id: 'test',
          name: draft.name,
          draft: addressOfJob(job),
          created: new Date().toISOString(),
          status: 'running' as const,
          sites,
          secondsBefore: 0,
        },
        keys: { ...keys, aggregators: [...keys.aggregators] },
        update: () => {},
        resolve: (...parts: readonly string[]) => join(folder, ...parts),
        storeFolder,
        siteFolder: () => folder,
        siteKeys: () => [],
      };
      const events = await ledger.rounds.moves(id);
      return finishRun({
        ...{ run, job, ledger, creator, state: await state(), events, reports, proves },
        seconds: 1,
      });
    },
    remove: () => temporary.remove(),
  };
}

/** Throws unless the ledger takes the move. */
async function takeMove(posted: ReturnType<Ledger['rounds']['submit']>): Promise<void> {
  const outcome = await posted;
  if (isRefusal(outcome)) throw new Error(`${outcome.refused}: ${outcome.expected}, ${outcome.found}`);
}

export interface Federation extends Omit<TestJob, 'finish'> {
  readonly sites: readonly Signer[];
  readonly store: BlobStore;
  aggregator(i: number, more?: Partial<AggregatorParameters>): ReturnType<typeof runAggregator>;
  watcher(more?: Partial<WatcherParameters>): ReturnType<typeof runWatcher>;
  participant(site: number, more?: Partial<ParticipantParameters>): ReturnType<typeof runParticipant>;
  finish(): Promise<FinishedRun>;
  close(): Promise<void>;
}

/** The roles in this process, over HTTP stores; all sites have joined, in order. */
export async function createFederation(draft: JobDraft, datasets: readonly Dataset[]): Promise<Federation> {
  const on = await startTestLedger();
  const played = await createTestJob(on, draft, datasets.length);
  const { job, keys, ports, stores } = played;
  const sites = played.siteKeys.map(createSigner);
  const { ledger } = played;
  const servers = await Promise.all(
    [...ports.aggregators, ports.watcher].map((port, i) => serveStore({ job, ledger }, stores[i]!, port)),
  );
  for (const site of sites) await takeMove(played.submit({ type: 'join' }, site));

  const stop = new AbortController();
  const reports: Reported[] = [];
  const store = connectStores({ job, signer: sites[0]! });
  const base = async (by: string, key: Hex) => ({
    ledger: await on.connect(),
    job,
    store: connectStores({ job, signer: createSigner(key) }),
    signer: createSigner(key),
    signal: stop.signal,
    pollMilliseconds: 50,
    onEvent: (event: FederationEvent) => void reports.push({ time: Date.now(), by, event }),
  });
  return {
    ...played,
    sites,
    store,
    aggregator: async (i, more) =>
      runAggregator({
        ...(await base(`aggregator ${i + 1}`, keys.aggregators[i]!)),
        receipts: createMemoryOutbox(),
        cohort: sites.length,
        expected: () => [...sites.keys()],
        ...more,
      }),
    watcher: async (more) =>
      runWatcher({
        ...(await base('watcher', keys.watcher)),
        evaluate: (await createGraphEvaluator(job, store))!,
        ...more,
      }),
    participant: async (site, more) => {
      const dataset = datasets[site]!;
      const salt = new Uint8Array(32).fill(site);
      return runParticipant({
        ...(await base(`site ${site}`, played.siteKeys[site]!)),
        trainer: await createGraphTrainer({ job, store, dataset }),
        dataset: commitmentAddress(await commitDataset(sourceOf(dataset), salt)),
        outbox: createMemoryOutbox(),
        ...more,
      });
    },
    finish: () => played.finish(reports),
    async close() {
      stop.abort();
      for (const server of servers) await server.close();
      await on.close();
      played.remove();
    },
  };
}
