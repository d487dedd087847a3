/**
 * The roles of a small job in this process, over a real chain, contract, store servers and training: for
 * tests in which some of them cheat.
 */
import { join } from 'node:path';
import { connectLedger, deployContracts, fund } from '@nonet/chain';
import { startEmbeddedChain } from '@nonet/chain/embedded';
import { encodeCanonical } from '@nonet/core/codec';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { type BlobStore, isRefusal, type JobState, type Ledger, type Move } from '@nonet/core/ports';
import { addressOfJob, idOfJob, requireGraphJob, type TrainJob, termsOf } from '@nonet/core/records';
import {
  type AggregatorParameters,
  createFileStore,
  createGraphEvaluator,
  createGraphTrainer,
  createHttpStore,
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
  startStoreServer,
  type WatcherParameters,
} from '@nonet/federation';
import type { Dataset } from 'nonet';
import type { JobDraft } from '../apps/cli/src/files/jobFile.ts';
import { type FinishedRun, finishRun } from '../apps/cli/src/rehearsal/finish.ts';
import { prepareJob } from '../apps/cli/src/rehearsal/prepare.ts';
import type { Reported } from '../apps/cli/src/roles/messages.ts';
import { createFolder } from './nonet.ts';

export interface Federation {
  readonly ledger: Ledger;
  readonly job: TrainJob;
  readonly sites: readonly Signer[];
  readonly folder: string;
  /** The job's stores, over HTTP. */
  readonly store: BlobStore;
  /** What the servers of the stores keep: of aggregator 0, aggregator 1, and the watcher. */
  readonly files: readonly FileStore[];
  /** Aggregator `number`, with its own store first. */
  aggregator(number: number, more?: Partial<AggregatorParameters>): ReturnType<typeof runAggregator>;
  watcher(more?: Partial<WatcherParameters>): ReturnType<typeof runWatcher>;
  participant(site: number, more?: Partial<ParticipantParameters>): ReturnType<typeof runParticipant>;
  state(): Promise<JobState>;
  /** Evidence, receipt, anchor and first verification, as `nonet run` does it. */
  finish(): Promise<FinishedRun>;
  close(): Promise<void>;
}

/** All sites have joined, in order. `change` may put something between a store and its server. */
export async function createFederation(
  draft: JobDraft,
  datasets: readonly Dataset[],
  change: (store: FileStore, number: number) => FileStore = (store) => store,
): Promise<Federation> {
  const temporary = createFolder();
  const folder = temporary.path;
  const chain = await startEmbeddedChain({ directory: join(folder, 'chain') });
  const keys = {
    creator: createPrivateKey(),
    aggregators: [createPrivateKey(), createPrivateKey()],
    watcher: createPrivateKey(),
  };
  const creator = createSigner(keys.creator);
  const aggregators = keys.aggregators.map(createSigner);
  const watcher = createSigner(keys.watcher);
  const sites = datasets.map(() => createSigner(createPrivateKey()));
  const { contract } = await deployContracts({ url: chain.url, signer: chain.faucet });
  const accounts = [creator, ...aggregators, watcher, ...sites].map(({ account }) => account);
  await fund({ url: chain.url, signer: chain.faucet }, accounts, 10n ** 18n);
  const connect = () => connectLedger({ url: chain.url, contract, operator: 'self', pollMilliseconds: 30 });
  const ledger = await connect();

  const files = [...aggregators, watcher].map((signer, i) =>
    createFileStore(join(folder, ['blobs', 'blobs-2', 'watcher'][i]!), signer),
  );
  const servers = await Promise.all(files.map((store, i) => startStoreServer({ store: change(store, i) })));
  const ports = servers.map(({ url }) => Number(new URL(url).port));
  const job = await prepareJob(
    draft,
    {
      keys,
      ports: { aggregators: ports.slice(0, 2), watcher: ports[2]! },
      sites: sites.length,
      now: await ledger.now(),
    },
    createStoreSet({ stores: files.map((store, i) => ({ name: `store ${i}`, store })), copies: 3 }),
  );
  await files[0]!.put(encodeCanonical(job));
  const remote = job.stores.map(({ url, account }) => ({
    name: url,
    store: createHttpStore({ url, account }),
  }));
  /** The job's stores, own one first. */
  const storesOf = (own?: number) =>
    createStoreSet({
      stores:
        own === undefined
          ? remote
          : [{ name: 'own', store: files[own]! }, ...remote.filter((_, i) => i !== own)],
      copies: job.copies,
    });
  const store = storesOf();

  const submit = async (move: Move, by: Signer) => {
    const posted = await ledger.rounds.submit(idOfJob(job), move, by);
    if (isRefusal(posted)) throw new Error(`${move.type}: ${posted.refused}`);
  };
  await ledger.jobs.create(termsOf(job), creator);
  await submit({ type: 'admit', accounts: sites.map(({ account }) => account) }, creator);
  for (const site of sites) await submit({ type: 'join' }, site);

  const stop = new AbortController();
  const reports: Reported[] = [];
  const base = async (by: string, signer: Signer, own?: number) => ({
    ledger: await connect(),
    job,
    store: storesOf(own),
    signer,
    signal: stop.signal,
    pollMilliseconds: 50,
    onEvent: (event: FederationEvent) => void reports.push({ time: Date.now(), by, event }),
  });
  const state = async () =>
    foldMoves(
      createJobState(termsOf(job), ledger),
      await ledger.rounds.moves(idOfJob(job)),
      ({ refused }, i) => new Error(`move ${i}: ${refused}`),
    );

  return {
    ledger,
    job,
    sites,
    folder,
    store,
    files,
    state,
    aggregator: async (number, more) =>
      runAggregator({
        ...(await base(`aggregator ${number + 1}`, aggregators[number]!, number)),
        receipts: createMemoryOutbox(),
        cohort: sites.length,
        ...more,
      }),
    watcher: async (more) =>
      runWatcher({
        ...(await base('watcher', watcher, 2)),
        evaluate: (await createGraphEvaluator(job, store))!,
        ...more,
      }),
    participant: async (site, more) =>
      runParticipant({
        ...(await base(`site ${site}`, sites[site]!)),
        trainer: await createGraphTrainer({ job: requireGraphJob(job), store, dataset: datasets[site]! }),
        dataset: addressOfJob(job),
        outbox: createMemoryOutbox(),
        ...more,
      }),
    async finish() {
      const reached = await state();
      const run = {
        path: folder,
        record: {
          version: 1 as const,
          id: 'test',
          name: draft.name,
          draft: addressOfJob(job),
          created: new Date().toISOString(),
          status: 'running' as const,
          sites: sites.length,
          secondsBefore: 0,
        },
        keys,
        update: () => {},
        resolve: (...parts: readonly string[]) => join(folder, ...parts),
        storeFolder: (number: number) => join(folder, ['blobs', 'blobs-2'][number]!),
        siteFolder: () => folder,
        siteKeys: () => [],
      };
      const events = await ledger.rounds.moves(idOfJob(job));
      return finishRun({ run, job, ledger, creator, state: reached, events, reports, seconds: 1 });
    },
    async close() {
      stop.abort();
      for (const server of servers) await server.close();
      await chain.stop();
      temporary.remove();
    },
  };
}
