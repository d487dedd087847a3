/**
 * The processes of the roles of a job on this machine: one aggregator, one watcher, one per site.
 * Sites may be scripted to drop out in the middle of a round, by ending their process, and to come
 * back for a later one.
 */
import type { Hex } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import type { JobState } from '@nonet/core/ports';
import type { Job } from '@nonet/core/records';
import { countSteps } from '@nonet/federation';
import type { JobFile } from '../files/jobFile.ts';
import type { Reported, RoleConfiguration, RoleEvent } from '../roles/messages.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';
import { absenceAhead, hasReturned, isAway } from './absences.ts';
import { type Child, type RoleName, startChild } from './children.ts';
import { placeSiteData } from './siteData.ts';

export interface RunningRoles {
  /** Starts the sites that come back. */
  follow(state: JobState): void;
  /**
   * Resolves when every process has ended by itself, has been given the time to, or the signal
   * aborts.
   */
  settle(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export interface RolesObserver {
  report(reported: Reported): void;
  tell(text: string): void;
  /** What the job cannot go on without has failed for good. */
  fail(error: unknown): void;
}

/**
 * What processes get to end by themselves once the job is over, and once their channel has closed.
 */
const settleMilliseconds = 10_000;
const stopMilliseconds = 3000;
/** How long a site may take to join, once it is its turn: until that is said, until it is killed. */
const saidMilliseconds = 15_000;
const joinMilliseconds = 120_000;

/** Starts the roles that take part at `now`: not the sites that the script has away. */
export function startRoles(
  run: RunDirectory,
  file: JobFile,
  job: Job,
  ledger: RoleConfiguration['ledger'],
  now: JobState,
  observer: RolesObserver,
): RunningRoles {
  const { sites, absences = [] } = file.rehearsal!;
  const encoded = encodeCanonical(job);
  let begun = now.rounds.length > 0;
  const children = new Map<string, Child>();
  const siteKeys = run.siteKeys();
  const ports = run.record.ports!;

  function start(
    role: RoleName,
    name: string,
    directory: string,
    privateKey: Hex,
    specific: object,
    onEvent?: (event: RoleEvent) => void,
  ): Child {
    const child = startChild({
      role,
      configuration: { ledger, job: encoded, privateKey, directory, ...specific },
      logFile: run.resolve(`${role}.log`),
      onEvent(event) {
        onEvent?.(event);
        observer.report({ time: Date.now(), by: name, event });
      },
      onRestart: (reason) => observer.tell(`${name} died (${reason}) and was started again`),
      onFailure(error) {
        observer.tell(`${name} gave up: ${error.message}`);
        // Before the first round all sites are waited for.
        if (role !== 'participant' || !begun) observer.fail(error);
      },
    });
    children.set(name, child);
    return child;
  }

  /** Who may join now: the site of this number, and those before it. */
  let turn = now.participants.length;

  let waiting: NodeJS.Timeout[] = [];

  /** Participants are numbered as sites, so one that hangs is started again, and not passed over. */
  function passTurn(to: number): void {
    for (const timer of waiting) clearTimeout(timer);
    turn = Math.max(turn, to);
    const name = `site ${turn}`;
    const next = children.get(name);
    if (next === undefined) return;
    next.giveTurn();
    waiting = [
      setTimeout(() => observer.tell(`all wait for ${name} to join`), saidMilliseconds),
      setTimeout(() => {
        next.kill();
        passTurn(turn);
      }, joinMilliseconds),
    ];
  }

  function startSite(site: number, state: JobState): void {
    const drops = absenceAhead(absences, site, nextStep(state))?.drops;
    const data = placeSiteData(run, site, sites[site]!);
    const child = start(
      'participant',
      `site ${site}`,
      run.siteFolder(site),
      siteKeys[site]!,
      { data, ...(drops === undefined ? {} : { drops }) },
      (event) => {
        if (event.type === 'dropped') away.add(site);
        if (event.type === 'joined') passTurn(site + 1);
      },
    );
    if (site < turn) child.giveTurn();
  }

  const away = new Set([...sites.keys()].filter((site) => isAway(absences, site, nextStep(now))));
  const returns = absences.flatMap(({ participant, returns }) =>
    returns === undefined ? [] : [{ participant, step: returns }],
  );
  // The caller must be able to stop those that were started.
  const trying = (work: () => void) => {
    try {
      work();
    } catch (error) {
      observer.fail(error);
    }
  };
  trying(() => {
    for (const [i, key] of run.keys.aggregators.entries()) {
      start('aggregator', `aggregator ${i + 1}`, run.storeFolder(i), key, {
        port: ports.aggregators[i]!,
        receipts: run.resolve(`receipts-${i + 1}`),
        returns,
      });
    }
    start('watcher', 'watcher', run.resolve('watcher'), run.keys.watcher, { port: ports.watcher });
    for (const site of sites.keys()) if (!away.has(site)) startSite(site, now);
    passTurn(turn);
  });

  const ended = () => Promise.all([...children.values()].map((child) => child.ended));
  return {
    follow(state) {
      begun ||= state.rounds.length > 0;
      for (const site of away) {
        if (!hasReturned(absences, site, nextStep(state))) continue;
        away.delete(site);
        observer.tell(`site ${site} comes back`);
        trying(() => startSite(site, state));
      }
    },
    settle: (signal) => within(settleMilliseconds, Promise.race([ended(), aborted(signal)])),
    async stop() {
      for (const timer of waiting) clearTimeout(timer);
      for (const child of children.values()) child.stop();
      await within(stopMilliseconds, ended());
      for (const child of children.values()) child.kill();
    },
  };
}

/** The step that a process started now can still take part in. */
function nextStep(state: JobState): number {
  const last = state.rounds.at(-1);
  return last?.phase === 'open' || last?.phase === 'collecting' ? last.step : countSteps(state);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
