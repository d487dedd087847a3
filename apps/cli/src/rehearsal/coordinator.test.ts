/** What the coordinator begins, goes on with, keeps and stops; ledger and processes are pretended. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLedger, deployContracts } from '@nonet/chain';
import { startEmbeddedChain } from '@nonet/chain/embedded';
import { addressOf, type Hex, NonetError, utf8 } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import type { LedgerEvent, Move } from '@nonet/core/ports';
import { idOfJob, type RoundJob } from '@nonet/core/records';
import { createMemoryLedger, type MemoryLedger } from '@nonet/federation';
import { type Dataset, mlp } from '@nonet/tensor';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobDraft, JobFile } from '../files/jobFile.ts';
import { loadJobFile } from '../files/loadJobFile.ts';
import { readReports } from '../runs/reports.ts';
import { listRuns, type RunDirectory } from '../runs/runDirectory.ts';
import { type ExternalLedger, type Outcome, runJob } from './coordinator.ts';
import { payAllowances, settleAccounts } from './funding.ts';
import { openRunStores } from './runStores.ts';
import { type RolesObserver, startRoles } from './startRoles.ts';

vi.mock('@nonet/chain', async (load) => ({
  ...(await load<typeof import('@nonet/chain')>()),
  connectLedger: vi.fn(),
  deployContracts: vi.fn(),
}));
vi.mock('@nonet/chain/embedded', () => ({ startEmbeddedChain: vi.fn() }));
vi.mock('../files/loadJobFile.ts', () => ({ loadJobFile: vi.fn() }));
vi.mock('./funding.ts', async (load) => ({
  ...(await load<typeof import('./funding.ts')>()),
  payAllowances: vi.fn(),
  settleAccounts: vi.fn(),
}));
vi.mock('./startRoles.ts', () => ({ startRoles: vi.fn() }));

const data: Dataset = {
  features: Float32Array.from([0, 1, 2, 3]),
  shape: [2],
  labels: Int32Array.from([0, 1]),
  vocabulary: ['a', 'b'],
};
const draft: JobDraft = {
  name: 'test',
  model: mlp({ features: [2], hidden: [3], classes: 2 }),
  data: { shape: [2], labels: ['a', 'b'] },
  training: { epochs: 1, batch: 2, learningRate: 0.1, momentum: 0 },
  rounds: 2,
};
const fileOf = (more: Partial<JobDraft> = {}, sites = 2): JobFile => ({
  job: { ...draft, ...more },
  rehearsal: { sites: Array.from({ length: sites }, () => data) },
});
const contract = `0x${'90'.repeat(20)}` as const;
const faucet = createSigner(`0x${'7'.repeat(64)}`);

/** What happened, in order, as far as tests ask for it. */
let log: string[];
let ledger: MemoryLedger;
/** What the pretended processes do: the moves that they make, or what they report and lack. */
let play: (job: RoundJob, run: RunDirectory, observer: RolesObserver) => void | Promise<void>;

const before = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-coordinator-'));
  process.chdir(folder);
  log = [];
  ledger = createMemoryLedger({ contract });
  play = endJob;
  vi.mocked(loadJobFile).mockResolvedValue(fileOf());
  vi.mocked(startEmbeddedChain).mockImplementation(async () => {
    log.push('chain started');
    const stop = async () => void log.push('chain stopped');
    return { url: 'http://127.0.0.1:1', chainId: 31337, faucet, stop };
  });
  vi.mocked(connectLedger).mockImplementation(async () => ledger as never);
  vi.mocked(deployContracts).mockResolvedValue({ contract } as never);
  vi.mocked(payAllowances).mockResolvedValue(0);
  vi.mocked(settleAccounts).mockResolvedValue(0n);
  vi.mocked(startRoles).mockImplementation((run, _, job, __, ___, observer) => {
    log.push('roles started');
    void Promise.resolve().then(() => play(job, run, observer));
    return {
      follow: () => {},
      settle: async () => void log.push('roles settled'),
      stop: async () => void log.push('roles stopped'),
    };
  });
});
afterEach(() => {
  vi.resetAllMocks();
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const move = (job: RoundJob, run: RunDirectory, made: Move) =>
  ledger.rounds.submit(idOfJob(job), made, createSigner(run.keys.creator));
/** The creator ends the job before its first round. */
const endJob = async (job: RoundJob, run: RunDirectory) => void (await move(job, run, { type: 'end' }));

interface Ran {
  readonly told: readonly string[];
  readonly milestones: readonly string[];
  readonly outcome?: Outcome;
  readonly error?: unknown;
}

async function run({
  external,
  fresh = false,
  signal = new AbortController().signal,
}: {
  readonly external?: ExternalLedger;
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
} = {}): Promise<Ran> {
  const [told, milestones]: [string[], string[]] = [[], []];
  const view = {
    show: ({ milestone }: { readonly milestone: string }) => void milestones.push(milestone),
    tell: (text: string) => void told.push(text),
    end: () => void log.push('view ended'),
  };
  const options = { source: 'x.job.yaml', fresh, view, signal, ...(external && { external }) };
  try {
    const outcome = await runJob(options, async (outcome) => {
      log.push('finished');
      return outcome;
    });
    return { told, milestones: [...new Set(milestones)], outcome };
  } catch (error) {
    return { told, milestones: [...new Set(milestones)], error };
  }
}
const onlyRun = () => {
  const runs = listRuns();
  expect(runs).toHaveLength(1);
  return runs[0]!;
};
const interrupted = async () => {
  const stop = new AbortController();
  play = () => stop.abort(new Error('interrupted'));
  const ran = await run({ signal: stop.signal });
  expect(ran.error).toBe(stop.signal.reason);
  play = endJob;
  return ran;
};

describe('a new run', () => {
  test('deploys, creates the job, admits its sites, and is finished while the ledger is up', async () => {
    const { outcome, milestones } = await run();
    const { record, keys } = onlyRun();
    expect(record).toMatchObject({ name: 'test', sites: 2, status: 'stopped', contract, labels: ['a', 'b'] });
    expect(record.file).toBe(join(process.cwd(), 'x.job.yaml'));
    expect(record.ledger).toBeUndefined();
    expect(record.ports!.aggregators).toHaveLength(keys.aggregators.length);
    expect(record.secondsBefore).toBeGreaterThanOrEqual(outcome!.seconds);
    const { job, events, state } = outcome!;
    expect(ledger.stateOf(idOfJob(job)).terms.creator).toBe(createSigner(keys.creator).account);
    const sites = onlyRun()
      .siteKeys()
      .map((key) => createSigner(key).account);
    expect(events.map(({ move }) => move)).toEqual([{ type: 'admit', accounts: sites }, { type: 'end' }]);
    expect(state.ended).toBe(true);
    expect(milestones.slice(0, 2)).toEqual(['starting the ledger', 'starting 2 sites']);
    expect(log).toEqual([
      'chain started',
      'roles started',
      'roles settled',
      'finished',
      'view ended',
      'roles stopped',
      'chain stopped',
    ]);
    expect(existsSync(onlyRun().resolve('lock'))).toBe(false);
  });

  test('admits many sites in several moves', async () => {
    vi.mocked(loadJobFile).mockResolvedValue(fileOf({}, 501));
    const { outcome } = await run();
    const admitted = outcome!.events.flatMap(({ move }) => (move.type === 'admit' ? [move.accounts] : []));
    expect(admitted.map(({ length }) => length)).toEqual([500, 1]);
    expect(new Set(admitted.flat()).size).toBe(501);
  });

  test.each<[string, () => void]>([
    ['create', () => vi.spyOn(ledger.jobs, 'create')],
    ['admit', () => vi.spyOn(ledger.rounds, 'submit')],
  ])('ends where the ledger refuses to %s, but not where that was done before', async (type, spy) => {
    const refusing = (refused: string) => {
      spy();
      const target = type === 'create' ? ledger.jobs.create : ledger.rounds.submit;
      vi.mocked(target).mockResolvedValueOnce({ refused, expected: 'a', found: 'b' } as never);
    };
    refusing('WrongRole');
    const { error } = await run();
    expect(error).toMatchObject({
      code: 'run.refused',
      expected: `the ledger to take ${type}: a`,
      found: 'b',
    });
    expect(log).toEqual(['chain started', 'view ended', 'chain stopped']);
    if (type === 'create') return;
    refusing('Repeated');
    expect((await run()).outcome).toBeDefined();
  });

  test('keeps what was reported, for this process and the next', async () => {
    const reported = { time: 1, by: 'site 1', event: { type: 'dropped', step: 0 } } as const;
    play = async (job, run, observer) => {
      observer.report(reported);
      observer.tell('site 1 died');
      await endJob(job, run);
    };
    const { outcome, told } = await run();
    expect(outcome!.reports).toEqual([reported]);
    expect(readReports(onlyRun())).toEqual([reported]);
    expect(told).toEqual(['site 1 dropped out while it trained for step 1', 'site 1 died']);
  });
});

test('a private job ends once too few sites would release anything more', async () => {
  let now = 1000;
  ledger = createMemoryLedger({ contract, clock: () => now });
  const dp = { unit: 'record', form: 'silo', epsilon: 8, delta: 1e-5, samplingRate: 0.5 } as const;
  const privacy = { aggregation: 'plain', dp: { ...dp, records: 100, releases: 1 } } as const;
  const training = { learningRate: 0.1, momentum: 0 };
  vi.mocked(loadJobFile).mockResolvedValue(fileOf({ training, privacy, rounds: 1 }));
  const update = addressOf(utf8('an update'));
  play = async (job, run) => {
    const by = (key: Hex, made: Move, wei?: bigint) =>
      ledger.rounds.submit(idOfJob(job), made, createSigner(key), wei);
    const sites = run.siteKeys();
    for (const site of sites) await by(site, { type: 'join' });
    await by(run.keys.aggregators[0]!, { type: 'stake' }, BigInt(job.bond));
    await by(run.keys.creator, { type: 'open', round: 0, model: job.model.parameters });
    await by(sites[0]!, { type: 'commit', round: 0, blob: update, weight: 1 });
    // The other stays away: the update of the one was read in vain, and is all that it releases.
    now += 10_000;
    await by(run.keys.aggregators[0]!, { type: 'close', round: 0, committed: 1, unavailable: [] });
  };
  const { state } = (await run()).outcome!;
  expect(state.rounds.map(({ phase, failure }) => [phase, failure?.reason])).toEqual([['void', 'cohort']]);
  expect(state.ended).toBe(true);
});

describe('what fails beside the work', () => {
  const error = new NonetError({ code: 'role.died', expected: 'a', found: 'b' });

  test('a role: ends the run with its own reason, and stops all', async () => {
    play = (_, __, observer) => observer.fail(error);
    expect((await run()).error).toBe(error);
    expect(log.slice(2)).toEqual(['view ended', 'roles stopped', 'chain stopped']);
    expect(onlyRun().record.status).toBe('running');
    expect(existsSync(onlyRun().resolve('lock'))).toBe(false);
  });

  test('the chain: is the reason, whatever the ledger client says of it', async () => {
    vi.mocked(startEmbeddedChain).mockImplementation(async ({ onFailure }) => {
      onFailure!(error);
      throw new Error('no answer');
    });
    expect((await run()).error).toBe(error);
  });

  test('the log, where a disk is full', async () => {
    play = (_, run, observer) => {
      rmSync(run.path, { recursive: true });
      observer.report({ time: 1, by: 'site 1', event: { type: 'joined' } as never });
    };
    expect((await run()).error).toMatchObject({ code: 'ENOENT' });
  });

  test('is not told where the caller has stopped the run', async () => {
    const stop = new AbortController();
    play = (_, __, observer) => {
      stop.abort(new Error('interrupted'));
      observer.fail(error);
    };
    expect((await run({ signal: stop.signal })).error).toBe(stop.signal.reason);
  });

  test('a ledger that takes a move which the rules refuse', async () => {
    const foreign = { move: { type: 'join' }, by: faucet.account, at: 1, block: 9, transaction: '0x9' };
    play = () => {};
    ledger.rounds.follow = async function* () {
      yield foreign as unknown as LedgerEvent;
    };
    expect((await run()).error).toMatchObject({
      code: 'ledger.rules',
      expected: expect.stringContaining('refuses this join'),
      found: 'it accepted the move in transaction 0x9',
    });
  });
});

describe('an interrupted run', () => {
  test('goes on with the same job, which is made, paid and admitted once', async () => {
    const first = await interrupted();
    const { record, path } = onlyRun();
    expect(record.status).toBe('running');
    expect(first.milestones[0]).toBe('starting the ledger');
    const { outcome, milestones, told } = await run();
    expect(milestones[0]).toBe(`resuming ${record.id}`);
    expect(told).toEqual([]);
    expect(onlyRun().path).toBe(path);
    expect(outcome!.events.filter(({ move }) => move.type === 'admit')).toHaveLength(1);
    expect(deployContracts).toHaveBeenCalledOnce();
    expect(payAllowances).toHaveBeenCalledOnce();
    expect(outcome!.seconds).toBeGreaterThan(record.secondsBefore);
    expect(onlyRun().record.job).toBe(record.job);
  });

  test('keeps its ports where it was killed before the job was on record', async () => {
    await interrupted();
    const { record, resolve } = onlyRun();
    const { job: _, ...rest } = record;
    writeFileSync(resolve('run.json'), JSON.stringify(rest));
    const { outcome } = await run();
    expect(outcome!.state.ended).toBe(true);
    expect(onlyRun().record.ports).toEqual(record.ports);
  });

  test('takes the job record from any store that has it, and names the files where none has', async () => {
    await interrupted();
    const stores = openRunStores(onlyRun());
    const files = stores.map((store) => store.pathOf(onlyRun().record.job!));
    for (const file of files.slice(1)) rmSync(file);
    await interrupted();
    for (const file of files) expect(existsSync(file)).toBe(true);
    for (const file of files) rmSync(file);
    expect((await run()).error).toMatchObject({
      code: 'run.blob',
      expected: expect.stringContaining('the job record'),
    });
  });

  test('is left where it is with --fresh, and spoken of where its file has changed', async () => {
    await interrupted();
    const { record } = onlyRun();
    const fresh = await run({ fresh: true });
    expect(fresh.told).toEqual([]);
    expect(listRuns()).toHaveLength(2);
    vi.mocked(loadJobFile).mockResolvedValue(fileOf({ rounds: 3 }));
    const changed = await run();
    expect(changed.told).toEqual([
      expect.stringContaining(`changed since ${record.id} was interrupted: this is a new job`),
    ]);
    expect(listRuns()).toHaveLength(3);
  });
});

describe('on a ledger of others', () => {
  const payer = createSigner(`0x${'8'.repeat(64)}`);
  const external: ExternalLedger = { urls: ['http://user:secretsecret@node.example/'], payer };
  beforeEach(() => {
    ledger = { ...createMemoryLedger({ contract }), operator: 'other' } as MemoryLedger;
  });

  test('no chain is started, the payer pays, and run.json holds no credentials', async () => {
    await run({ external });
    expect(startEmbeddedChain).not.toHaveBeenCalled();
    expect(vi.mocked(payAllowances).mock.calls[0]![1]).toBe(payer);
    expect(onlyRun().record.ledger).toContain('node.example');
    expect(readFileSync(onlyRun().resolve('run.json'), 'utf8')).not.toContain('secretsecret');
    expect(connectLedger).toHaveBeenCalledWith(
      expect.objectContaining({ url: external.urls, operator: 'other', contract }),
    );
    expect(vi.mocked(connectLedger).mock.calls[0]![0]).not.toHaveProperty('confirmations');
    await run({ external: { ...external, confirmations: 3 } });
    expect(connectLedger).toHaveBeenLastCalledWith(expect.objectContaining({ confirmations: 3 }));
  });

  test('accounts are paid again when a run goes on', async () => {
    const stop = new AbortController();
    play = () => stop.abort(new Error('interrupted'));
    await run({ external, signal: stop.signal });
    play = endJob;
    await run({ external });
    expect(payAllowances).toHaveBeenCalledTimes(2);
  });

  test('its pace stretches the phases, and is told where it matters', async () => {
    vi.mocked(payAllowances).mockResolvedValue(1);
    const quick = await run({ external });
    expect(quick.told).toEqual([]);
    vi.mocked(payAllowances).mockResolvedValue(12);
    const slow = await run({ external, fresh: true });
    expect(slow.told[0]).toMatch(/^a move takes 12\.0 s on this ledger: no phase is shorter than \d+ s$/);
    const { objecting } = slow.outcome!.job.phases;
    expect(objecting).toBeGreaterThan(quick.outcome!.job.phases.objecting);
  });

  test('what is left goes back, and where it does not the run is none the worse', async () => {
    vi.mocked(settleAccounts).mockResolvedValueOnce(10n ** 18n);
    expect((await run({ external })).told).toEqual([
      `1 ether of the allowances went back to ${payer.account}`,
    ]);
    expect((await run({ external, fresh: true })).told).toEqual([]);
    vi.mocked(settleAccounts).mockRejectedValueOnce(new Error('no answer'));
    const { told, outcome } = await run({ external, fresh: true });
    expect(outcome).toBeDefined();
    expect(told).toEqual([
      expect.stringMatching(/^the unspent allowances stay with the keys in .*: no answer$/),
    ]);
  });

  test('what the ledger client notices is told', async () => {
    vi.mocked(connectLedger).mockImplementation(async ({ onNotice }) => {
      onNotice!({ message: 'a node lags' } as never);
      return ledger as never;
    });
    expect((await run({ external })).told).toEqual(['the ledger: a node lags']);
  });

  test('the embedded one is paid once, and keeps its money', async () => {
    ledger = createMemoryLedger({ contract });
    vi.mocked(payAllowances).mockResolvedValue(12);
    expect((await run()).told).toEqual([]);
    expect(settleAccounts).not.toHaveBeenCalled();
  });
});

test('a second process is refused the run, and the first keeps its lock', async () => {
  let second: Ran | undefined;
  play = async (job, first) => {
    second = await run();
    await endJob(job, first);
  };
  const { outcome } = await run();
  expect(outcome).toBeDefined();
  expect(second!.error).toMatchObject({ code: 'run.busy' });
});
