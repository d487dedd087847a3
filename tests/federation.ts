/** The roles of a small job in this process, over the real contract, stores and training: for tests in which some of them cheat. */
import { join } from 'node:path';
import { connectLedger, deployContracts, fund } from '@nonet/chain';
import { startEmbeddedChain } from '@nonet/chain/embedded';
import { encodeCanonical } from '@nonet/core/codec';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { isRefusal, type JobState, type Ledger, type LedgerEvent, type Move } from '@nonet/core/ports';
import { addressOfJob, type Job, termsOf } from '@nonet/core/records';
import {
  type AggregatorParameters,
  createFileStore,
  createGraphEvaluator,
  createGraphTrainer,
  createHttpStore,
  createMemoryOutbox,
  createStoreChain,
  type FederationEvent,
  type ParticipantParameters,
  runAggregator,
  runParticipant,
  runWatcher,
  startStoreServer,
} from '@nonet/federation';
import type { Dataset } from 'nonet';
import type { JobDraft } from '../apps/cli/src/files/jobFile.ts';
import { type FinishedRun, finishRun } from '../apps/cli/src/rehearsal/finish.ts';
import { prepareJob } from '../apps/cli/src/rehearsal/prepare.ts';
import type { Reported } from '../apps/cli/src/roles/messages.ts';
import { createFolder } from './nonet.ts';

export interface Federation {
  readonly ledger: Ledger;
  readonly job: Job;
  readonly sites: readonly Signer[];
  readonly folder: string;
  aggregator(more?: Partial<AggregatorParameters>): ReturnType<typeof runAggregator>;
  watcher(): ReturnType<typeof runWatcher>;
  participant(site: number, more?: Partial<ParticipantParameters>): ReturnType<typeof runParticipant>;
  state(): Promise<JobState>;
  /** Evidence, receipt, anchor and first verification, as `nonet run` does it. */
  finish(): Promise<FinishedRun>;
  close(): Promise<void>;
}

/** Everybody has joined, in order. */
export async function createFederation(draft: JobDraft, datasets: readonly Dataset[]): Promise<Federation> {
  const temporary = createFolder();
  const folder = temporary.path;
  const chain = await startEmbeddedChain({ directory: join(folder, 'chain') });
  const keys = { creator: createPrivateKey(), aggregator: createPrivateKey(), watcher: createPrivateKey() };
  const [creator, aggregator, watcher] = [keys.creator, keys.aggregator, keys.watcher].map(createSigner) as [
    Signer,
    Signer,
    Signer,
  ];
  const sites = datasets.map(() => createSigner(createPrivateKey()));
  const { contract } = await deployContracts({ url: chain.url, signer: chain.faucet });
  const accounts = [creator, aggregator, watcher, ...sites].map(({ account }) => account);
  await fund({ url: chain.url, signer: chain.faucet }, accounts, 10n ** 18n);
  const connect = () => connectLedger({ url: chain.url, contract, operator: 'self', pollMilliseconds: 30 });
  const ledger = await connect();

  const stores = [
    createFileStore(join(folder, 'blobs'), aggregator),
    createFileStore(join(folder, 'watcher'), watcher),
  ] as const;
  const servers = await Promise.all(stores.map((store) => startStoreServer({ store })));
  const [first, second] = servers.map(({ url }) => Number(new URL(url).port)) as [number, number];
  const ports = { store: first, watcher: second };
  const job = await prepareJob(draft, { keys, ports, sites: sites.length }, stores[0]);
  await stores[0].put(encodeCanonical(job));
  const store = createStoreChain(job.stores.map(({ url, account }) => createHttpStore({ url, account })));

  const submit = async (move: Move, by: Signer) => {
    const posted = await ledger.rounds.submit(addressOfJob(job), move, by);
    if (isRefusal(posted)) throw new Error(`${move.type}: ${posted.refused}`);
  };
  await ledger.jobs.create(termsOf(job), creator);
  await submit({ type: 'admit', accounts: sites.map(({ account }) => account) }, creator);
  for (const site of sites) await submit({ type: 'join' }, site);

  const stop = new AbortController();
  const reports: Reported[] = [];
  const base = async (by: string, signer: Signer) => ({
    ledger: await connect(),
    job,
    store,
    signer,
    signal: stop.signal,
    pollMilliseconds: 50,
    onEvent: (event: FederationEvent) => void reports.push({ time: Date.now(), by, event }),
  });
  const state = () => ledger.rounds.state(addressOfJob(job));

  return {
    ledger,
    job,
    sites,
    folder,
    state,
    aggregator: async (more) =>
      runAggregator({ ...(await base('aggregator', aggregator)), cohort: sites.length, ...more }),
    watcher: async () =>
      runWatcher({
        ...(await base('watcher', watcher)),
        evaluate: (await createGraphEvaluator(job, store))!,
      }),
    participant: async (site, more) =>
      runParticipant({
        ...(await base(`site ${site}`, sites[site]!)),
        trainer: await createGraphTrainer({ job, store, dataset: datasets[site]! }),
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
        siteFolder: () => folder,
        siteKeys: () => [],
      };
      const events = await eventsOf(ledger, job);
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

/** All moves so far: those that a follower is given before it has to wait. */
async function eventsOf(ledger: Ledger, job: Job): Promise<LedgerEvent[]> {
  const stop = new AbortController();
  const events: LedgerEvent[] = [];
  let waiting: NodeJS.Timeout | undefined;
  for await (const event of ledger.rounds.follow(addressOfJob(job), stop.signal)) {
    events.push(event);
    clearTimeout(waiting);
    waiting = setTimeout(() => stop.abort(), 200);
  }
  return events;
}
