/**
 * A scene: the roles of a small job as processes of their own, honest ones from the command line's
 * files and liars from `tests/liars`, over a real chain and real store servers.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeCanonical } from '@nonet/core/codec';
import type { JobState, Move, Refusal } from '@nonet/core/ports';
import { isComplete } from '@nonet/federation';
import { encodeDataset } from '@nonet/tensor/datasets';
import type { Dataset } from 'nonet';
import type { JobDraft } from '../apps/cli/src/files/jobFile.ts';
import type { Order, Report, Reported, RoleEvent } from '../apps/cli/src/roles/messages.ts';
import { createTestJob, type TestJob, type TestLedger } from './federation.ts';
import type { AggregatorLie } from './liars/aggregator.ts';
import { root } from './nonet.ts';

/** Who plays a role; undefined is the honest one. */
export interface Cast {
  /** By number; `absent` is never started. */
  readonly aggregators?: readonly (AggregatorLie | 'honest' | 'absent')[];
  readonly watcher?: 'honest' | 'accuser' | 'absent';
  /** Commits to blobs that are nowhere; it joins last. */
  readonly emptyHanded?: Dataset;
}

export interface Scene extends TestJob {
  readonly reports: readonly Reported[];
  /** What one role has said of one kind, so far. */
  said<T extends RoleEvent['type']>(by: string, type: T): Extract<RoleEvent, { type: T }>[];
  /** Resolves when a role has said it; rejects when a role has failed. */
  until(by: string, happened: (event: RoleEvent) => boolean): Promise<void>;
  /** Starts an honest aggregator, again or for the first time. */
  startAggregator(i: number): void;
  signal(by: string, signal: NodeJS.Signals): void;
  /** Resolves when the process of this role has ended. */
  ended(by: string): Promise<NodeJS.Signals | null>;
  /**
   * Resolves with the state once the job is complete and every process has ended, or been stopped.
   */
  complete(stopped?: readonly string[]): Promise<JobState>;
  /** Ends what still runs and removes the folder. */
  end(): void;
}

const roleFile = (role: string) => join(root, 'apps/cli/src/roles', `${role}.ts`);
const liarFile = (role: string) => join(root, 'tests/liars', `${role}.ts`);

export async function playScene(
  on: TestLedger,
  draft: JobDraft,
  datasets: readonly Dataset[],
  { aggregators = ['honest', 'honest'], watcher = 'honest', emptyHanded }: Cast = {},
): Promise<Scene> {
  const all = emptyHanded === undefined ? datasets : [...datasets, emptyHanded];
  const played = await createTestJob(on, draft, all.length);
  const { job, keys, siteKeys, ports, folder, storeFolder } = played;
  const base = {
    ledger: { url: on.url, contract: on.contract, operator: 'self' as const },
    job: encodeCanonical(job),
  };
  const reports: Reported[] = [];
  const failures: string[] = [];
  const children = new Map<string, { child: ChildProcess; ended: Promise<NodeJS.Signals | null> }>();

  function start(by: string, script: string, configuration: object): void {
    const log = openSync(join(folder, `${by}.log`), 'a');
    const child = fork(script, [], {
      cwd: folder,
      serialization: 'advanced',
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'nonet-test-compiled') },
    });
    closeSync(log);
    child.on('message', (report: Report) => {
      if (report.type !== 'event') return;
      const { event } = report;
      reports.push({ time: Date.now(), by, event });
      if (event.type === 'joined') giveTurn(event.participant + 1);
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (code, signal) => {
        if (code !== 0 && signal === null) {
          failures.push(`${by} ended with ${code}: ${readFileSync(join(folder, `${by}.log`), 'utf8')}`);
        }
        resolve(signal);
      });
    });
    const parts = [{ name: by, configuration: { ...base, ...configuration } }];
    child.send({ type: 'start', parts } satisfies Order);
    children.set(by, { child, ended });
  }

  function giveTurn(site: number): void {
    const part = `site ${site}`;
    const child = children.get(part)?.child;
    if (child?.connected) child.send({ type: 'turn', part } satisfies Order);
  }

  function startAggregator(i: number, script = roleFile('aggregator'), lie?: AggregatorLie): void {
    start(`aggregator ${i + 1}`, script, {
      privateKey: keys.aggregators[i],
      directory: storeFolder(i),
      port: ports.aggregators[i],
      receipts: join(folder, `receipts-${i + 1}`),
      lie,
    });
  }

  for (const [i, player] of aggregators.entries()) {
    if (player === 'honest') startAggregator(i);
    else if (player !== 'absent') startAggregator(i, liarFile('aggregator'), player);
  }
  const watching = { directory: join(folder, 'watcher'), port: ports.watcher, privateKey: keys.watcher };
  if (watcher === 'honest') start('watcher', roleFile('watcher'), watching);
  if (watcher === 'accuser') start('watcher', liarFile('accuser'), watching);
  for (const [site, dataset] of all.entries()) {
    const directory = join(folder, `site-${site}`);
    mkdirSync(directory);
    const data = join(directory, 'data.safetensors');
    writeFileSync(data, encodeDataset(dataset));
    const script = dataset === emptyHanded ? liarFile('participant') : roleFile('participant');
    start(`site ${site}`, script, { privateKey: siteKeys[site], directory, data });
  }
  giveTurn(0);

  function assertNoFailure(): void {
    if (failures.length > 0) throw new Error(failures.join('\n'));
  }
  const said: Scene['said'] = (by, type) =>
    reports.flatMap((report) =>
      report.by === by && report.event.type === type ? [report.event as never] : [],
    );

  return {
    ...played,
    reports,
    said,
    startAggregator: (i) => startAggregator(i),
    async until(by, happened) {
      while (!reports.some((report) => report.by === by && happened(report.event))) {
        assertNoFailure();
        await pause(20);
      }
    },
    signal: (by, signal) => void children.get(by)!.child.kill(signal),
    ended: (by) => children.get(by)!.ended,
    async complete(stopped = []) {
      for (;;) {
        assertNoFailure();
        const state = await played.state();
        if (isComplete(state)) break;
        await pause(200);
      }
      await Promise.all([...children].map(([by, { ended }]) => (stopped.includes(by) ? undefined : ended)));
      assertNoFailure();
      // With what was withdrawn at the end.
      return played.state();
    },
    end() {
      for (const { child } of children.values()) child.kill('SIGKILL');
      played.remove();
    },
  };
}

/** Moves that the ledger refused, in order. */
export function refusalsOf(scene: Scene, by: string): (readonly [Move['type'], Refusal['refused']])[] {
  return scene.said(by, 'moveRefused').map(({ move, refusal }) => [move.type, refusal.refused]);
}
