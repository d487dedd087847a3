/**
 * `nonet run`: starts the ledger, the stores and the processes of a rehearsal on this machine,
 * watches them until the job is over, and hands what they left to `finish`. Everything needed to go
 * on lies in the run's folder, so the same command resumes after any crash.
 */
import { resolve } from 'node:path';
import {
  type ChainLocation,
  type Confirmations,
  connectLedger,
  deployContracts,
  redactUrl,
} from '@nonet/chain';
import { type EmbeddedChain, startEmbeddedChain } from '@nonet/chain/embedded';
import { type Hex, NonetError } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import {
  isRefusal,
  type JobState,
  type Ledger,
  type LedgerEvent,
  type Move,
  type Refusal,
} from '@nonet/core/ports';
import {
  addressOfJob,
  idOfJob,
  parseJob,
  type RoundJob,
  requireRoundJob,
  termsOf,
} from '@nonet/core/records';
import {
  createJobState,
  createStoreSet,
  finalModel,
  foldMoves,
  isComplete,
  isJobOver,
  isOver,
  privacyOf,
  spentParticipants,
  statisticsPrivacyOf,
} from '@nonet/federation';
import type { JobFile } from '../files/jobFile.ts';
import { loadJobFile } from '../files/loadJobFile.ts';
import type { StatisticsFile } from '../files/statisticsFile.ts';
import { freePort } from '../machine/freePort.ts';
import type { Reported, RoleConfiguration } from '../roles/messages.ts';
import { lockRun } from '../runs/lock.ts';
import { appendReport, readReports } from '../runs/reports.ts';
import {
  createRun,
  findRunBeforeChange,
  findUnfinishedRun,
  type RunDirectory,
} from '../runs/runDirectory.ts';
import { formatEther, payAllowances, settleAccounts } from './funding.ts';
import {
  addressOfDraft,
  assertJobFile,
  leastPhase,
  prepareJob,
  rehearsedAggregators,
  storeDraft,
} from './prepare.ts';
import {
  addressOfStatistics,
  assertStatisticsFile,
  prepareStatistics,
  storeStatistics,
} from './prepareStatistics.ts';
import type { View } from './progress.ts';
import { openRunStores, restoreBlob, restoreState } from './runStores.ts';
import { removeSiteCopies } from './siteData.ts';
import { type RunningRoles, startRoles } from './startRoles.ts';
import { createTracker } from './tracker.ts';

/** A chain that others run. */
export interface ExternalLedger {
  /** Of its nodes, the preferred one first. */
  readonly urls: readonly string[];
  /** Pays for the contract, and gives every account of the job its allowance. */
  readonly payer: Signer;
  readonly confirmations?: Confirmations;
}

/** What a run is of: a job that trains, or one that counts. */
export type RunFile = JobFile | StatisticsFile;

export interface RunOptions {
  /** The path of a job file, or what `nonet stats` asks. */
  readonly source: string | StatisticsFile;
  /** Another ledger than the embedded one, and who pays there. */
  readonly external?: ExternalLedger;
  readonly fresh: boolean;
  readonly view: View;
  readonly signal: AbortSignal;
}

/** What a finished or stopped job left. */
export interface Outcome {
  readonly run: RunDirectory;
  readonly job: RoundJob;
  readonly ledger: Ledger;
  readonly creator: Signer;
  readonly state: JobState;
  readonly events: readonly LedgerEvent[];
  /** Of this process and of the interrupted ones before. */
  readonly reports: readonly Reported[];
  /** Wall-clock seconds, with those of interrupted processes. */
  readonly seconds: number;
  /** Whether the run ends by proving a prediction. */
  readonly proves: boolean;
}

/**
 * Accounts per transaction: about 26,000 gas each, and a transaction may take 16.7 million
 * (EIP-7825).
 */
const admittedAtOnce = 500;

/**
 * Runs until the job is complete or stopped, hands the outcome to `finish` while the ledger is
 * still up, then stops everything.
 */
export async function runJob<T>(options: RunOptions, finish: (outcome: Outcome) => Promise<T>): Promise<T> {
  const { view, signal } = options;
  const { source } = options;
  const file = typeof source === 'string' ? await loadJobFile(source) : source;
  await assertRunFile(file);
  if (!isStatistics(file) && file.job.privacy?.dp !== undefined && file.job.data.table !== undefined) {
    view.tell(
      'the job publishes means, deviations and values of columns: its noise does not cover them. ' +
        'Take them from a count with noise (nonet init --statistics) or from common knowledge',
    );
  }
  const run = openRun(file, options);
  // What fails beside the work that is waited for: the chain's journal, the log, a role.
  const failure = new AbortController();
  const fail = (error: unknown) => failure.abort(error);
  const releases: (() => Promise<void> | void)[] = [lockRun(run)];
  const started = Date.now();
  const before = run.record.secondsBefore;
  const seconds = () => before + (Date.now() - started) / 1000;
  const tracker = createTracker(file.job, view, seconds);
  try {
    tracker.say(run.record.job === undefined ? 'starting the ledger' : `resuming ${run.record.id}`);
    const { location, funder, stop } = await openLedger(run, options, fail);
    releases.push(stop);
    const { url, operator } = location;
    const creator = createSigner(run.keys.creator);
    // On the embedded ledger once is enough.
    const isPaid = operator === 'self' && run.record.job !== undefined;
    const paid = isPaid
      ? 0
      : await payAllowances(url, funder, run, isStatistics(file) ? {} : file.job, operator);
    // The embedded ledger makes a block for each move.
    const moveSeconds = operator === 'self' ? 0 : paid;
    if (moveSeconds > 1) {
      const least = leastPhase(moveSeconds);
      view.tell(
        `a move takes ${moveSeconds.toFixed(1)} s on this ledger: no phase is shorter than ${least} s`,
      );
    }
    const contract = await openContract(run, url, funder);
    const ledger = await connectLedger({
      ...location,
      contract,
      onNotice: ({ message }) => view.tell(`the ledger: ${message}`),
    });
    const job = await openJob(run, file, ledger, creator, moveSeconds);

    tracker.say(`starting ${run.record.sites} sites`);
    const reports = readReports(run);
    const now = await readState(job, ledger);
    if (now.rounds.length > 0) await restoreState(openRunStores(run), now);
    tracker.resume(now, reports);
    const roles = startRoles(run, file.rehearsal!, job, { ...location, contract }, now, {
      report(reported) {
        reports.push(reported);
        try {
          appendReport(run, reported);
        } catch (error) {
          fail(error);
        }
        tracker.report(reported);
      },
      tell: (text) => view.tell(text),
      fail,
    });
    releases.push(() => roles.stop());

    const stopped = AbortSignal.any([signal, failure.signal]);
    const endJob = () => submit(ledger, job, { type: 'end' }, creator);
    const { state, events } = await followJob(job, ledger, { roles, tracker, endJob }, stopped);
    tracker.say('waiting for the last reports');
    await roles.settle(signal);
    signal.throwIfAborted();
    const proves = 'training' in file.job && (file.job.prove ?? true);
    if (proves) tracker.say('proving a prediction');
    const result = await finish({
      ...{ run, job, ledger, creator, state, events, reports, proves },
      seconds: seconds(),
    });
    run.update({
      status: isComplete(state) ? 'complete' : 'stopped',
      model: finalModel(state),
    });
    removeSiteCopies(run);
    if (operator === 'other') await returnAllowances(url, funder, run, job, ledger, view);
    return result;
  } catch (error) {
    // Who asked the ledger was only told that it failed.
    throw failure.signal.aborted && !signal.aborted ? failure.signal.reason : error;
  } finally {
    try {
      run.update({ secondsBefore: seconds() });
    } catch (error) {
      view.tell(`how long this took is not kept: ${(error as Error).message}`);
    }
    view.end();
    for (const release of releases.reverse()) await release();
  }
}

function isStatistics(file: RunFile): file is StatisticsFile {
  return 'query' in file.job;
}

async function assertRunFile(file: RunFile): Promise<void> {
  await (isStatistics(file) ? assertStatisticsFile(file) : assertJobFile(file));
}

/** The unfinished run of this job file, or a new one. */
function openRun(file: RunFile, options: RunOptions): RunDirectory {
  const draft = isStatistics(file) ? addressOfStatistics(file) : addressOfDraft(file);
  // Run records lie around: what they keep of a URL holds no credentials.
  const ledger = options.external === undefined ? undefined : redactUrl(options.external.urls[0]!);
  const path = typeof options.source === 'string' ? resolve(options.source) : undefined;
  if (!options.fresh) {
    const unfinished = findUnfinishedRun(draft, ledger);
    if (unfinished !== undefined) return unfinished;
    const before = path === undefined ? undefined : findRunBeforeChange(path, draft, ledger);
    if (before !== undefined) {
      options.view.tell(
        `the job file or its data changed since ${before.record.id} was interrupted: ` +
          'this is a new job, which starts anew; that run stays as it is',
      );
    }
  }
  const keys = {
    creator: createPrivateKey(),
    aggregators: Array.from({ length: rehearsedAggregators }, createPrivateKey),
    watcher: createPrivateKey(),
  };
  const sites = file.rehearsal?.sites.length ?? 0;
  const { name } = file.job;
  const labels = isStatistics(file) ? undefined : file.job.data.labels;
  return createRun({ name, draft, file: path, labels, ledger, sites }, keys);
}

interface OpenedLedger {
  readonly location: Omit<RoleConfiguration['ledger'], 'contract'>;
  /** Whose money pays. */
  readonly funder: Signer;
  stop(): Promise<void>;
}

async function openLedger(
  run: RunDirectory,
  { external }: RunOptions,
  onFailure: (error: unknown) => void,
): Promise<OpenedLedger> {
  if (external !== undefined) {
    return {
      location: {
        url: external.urls,
        operator: 'other',
        ...(external.confirmations === undefined ? {} : { confirmations: external.confirmations }),
      },
      funder: external.payer,
      stop: async () => {},
    };
  }
  const chain: EmbeddedChain = await startEmbeddedChain({ directory: run.resolve('chain'), onFailure });
  return {
    location: { url: [chain.url], operator: 'self' },
    funder: chain.faucet,
    stop: () => chain.stop(),
  };
}

async function openContract(run: RunDirectory, url: ChainLocation['url'], funder: Signer): Promise<Hex> {
  if (run.record.contract !== undefined) return run.record.contract;
  const { contract } = await deployContracts({ url, signer: funder });
  run.update({ contract: contract as `0x${string}` });
  return contract;
}

/**
 * The job record on the ledger: read again when a run resumes, else prepared, created, and its
 * participants admitted.
 */
async function openJob(
  run: RunDirectory,
  file: RunFile,
  ledger: Ledger,
  creator: Signer,
  moveSeconds: number,
): Promise<RoundJob> {
  const stores = openRunStores(run);
  // Every store of the job has its blobs from the start.
  const blobs = createStoreSet({
    stores: stores.map((store) => ({ name: store.directory, store })),
    copies: stores.length,
  });
  if (run.record.job !== undefined) {
    const { bytes } = await restoreBlob(stores, run.record.job, 'the job record');
    if (isStatistics(file)) await storeStatistics(file.job, run.record.sites, blobs);
    else await storeDraft(file.job, blobs);
    return requireRoundJob(parseJob(decodeCanonical(bytes)));
  }
  const { aggregators } = run.keys;
  const ports = run.record.ports ?? {
    aggregators: await Promise.all(aggregators.map(freePort)),
    watcher: await freePort(),
  };
  run.update({ ports });
  const { keys, record } = run;
  const now = await ledger.now();
  const known = { keys, ports, sites: record.sites, now, moveSeconds };
  const job = isStatistics(file)
    ? await prepareStatistics(file.job, known, blobs)
    : await prepareJob(file.job, known, blobs);
  await blobs.put(encodeCanonical(job));
  const sites = run.siteKeys().map((key) => createSigner(key).account);
  const created = await ledger.jobs.create(termsOf(job), creator);
  if (isRefusal(created) && created.refused !== 'JobExists') throw refusedMove('create', created);
  for (let start = 0; start < sites.length; start += admittedAtOnce) {
    const accounts = sites.slice(start, start + admittedAtOnce);
    await submit(ledger, job, { type: 'admit', accounts }, creator);
  }
  run.update({ job: addressOfJob(job) });
  return job;
}

/** Money is no reason to call a finished run failed. */
async function returnAllowances(
  url: ChainLocation['url'],
  payer: Signer,
  run: RunDirectory,
  job: RoundJob,
  ledger: Ledger,
  view: View,
): Promise<void> {
  try {
    const wei = await settleAccounts(url, payer.account, run, job, ledger);
    if (wei > 0n) view.tell(`${formatEther(wei)} ether of the allowances went back to ${payer.account}`);
  } catch (cause) {
    view.tell(
      `the unspent allowances stay with the keys in ${run.path}: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

/** Submits a move that may have been made before the last crash. */
async function submit(ledger: Ledger, job: RoundJob, move: Move, by: Signer): Promise<void> {
  const posted = await ledger.rounds.submit(idOfJob(job), move, by);
  if (isRefusal(posted) && posted.refused !== 'Repeated') throw refusedMove(move.type, posted);
}

function refusedMove(
  move: string,
  refusal: { readonly expected: string; readonly found: string },
): NonetError {
  const { expected, found } = refusal;
  return new NonetError({ code: 'run.refused', expected: `the ledger to take ${move}: ${expected}`, found });
}

interface Follower {
  readonly roles: RunningRoles;
  readonly tracker: ReturnType<typeof createTracker>;
  endJob(): Promise<void>;
}

/**
 * Folds the ledger's events until the job is over, and ends a job for which too few sites would
 * release anything more. Throws when a role without which the job cannot go on has failed, or the
 * signal aborts.
 */
async function followJob(
  job: RoundJob,
  ledger: Ledger,
  { roles, tracker, endJob }: Follower,
  signal: AbortSignal,
): Promise<{ state: JobState; events: LedgerEvent[] }> {
  const promise = job.kind === 'count' ? statisticsPrivacyOf(job) : privacyOf(job)?.parameters;
  const terms = termsOf(job);
  let state = createJobState(terms, ledger);
  const events: LedgerEvent[] = [];
  for await (const event of ledger.rounds.follow(idOfJob(job), signal)) {
    state = foldMoves(state, [event], (refusal) => brokenRules(event, refusal));
    events.push(event);
    roles.follow(state);
    tracker.follow(state, event);
    if (isComplete(state) || isJobOver(state, event.at)) return { state, events };
    if (
      state.rounds.every(isOver) &&
      job.maxParticipants - spentParticipants(promise, state).length < job.minParticipants
    ) {
      await endJob();
    }
  }
  throw signal.reason;
}

/** The state of the job on the ledger. Throws `ledger.rules` if it keeps other rules. */
async function readState(job: RoundJob, ledger: Ledger): Promise<JobState> {
  const events = await ledger.rounds.moves(idOfJob(job));
  return foldMoves(createJobState(termsOf(job), ledger), events, (refusal, i) =>
    brokenRules(events[i]!, refusal),
  );
}

function brokenRules({ move, transaction }: LedgerEvent, { refused }: Refusal): NonetError {
  return new NonetError({
    code: 'ledger.rules',
    expected: `a ledger that keeps docs/specs/round.md, which refuses this ${move.type} (${refused})`,
    found: `it accepted the move in transaction ${transaction}`,
  });
}
