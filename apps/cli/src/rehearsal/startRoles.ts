/**
 * The processes of the roles of a job on this machine: one per aggregator, one for the watcher, one
 * per site, or, where there are many, one for some of them.
 * Sites may be scripted to drop out in the middle of a round, by ending their process, and to come
 * back for a later one.
 */
import { type Hex, NonetError } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import type { JobState } from '@nonet/core/ports';
import type { RoundJob } from '@nonet/core/records';
import { countSteps } from '@nonet/federation';
import type { Absence, RehearsalSite } from '../files/jobFile.ts';
import type { Reported, RoleConfiguration, RoleEvent } from '../roles/messages.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';
import { absenceAhead, groupSites, hasReturned, isAway } from './absences.ts';
import { type Child, type ChildPart, type RoleName, startChild } from './children.ts';
import { placeSiteData } from './siteData.ts';
import { siteName } from './siteName.ts';

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

/** Codes of `missed` where the trained numbers themselves are at fault. */
const divergences: ReadonlySet<string> = new Set(['train.notFinite', 'update.notFinite', 'update.range']);

/** The local sites of a run, and when they are away. */
export interface Rehearsed {
  readonly sites: readonly RehearsalSite[];
  readonly absences?: readonly Absence[];
}

/** Starts the roles that take part at `now`: not the sites that the script has away. */
export function startRoles(
  run: RunDirectory,
  { sites, absences = [] }: Rehearsed,
  job: RoundJob,
  ledger: RoleConfiguration['ledger'],
  now: JobState,
  observer: RolesObserver,
): RunningRoles {
  const encoded = encodeCanonical(job);
  let begun = now.rounds.length > 0;
  const children = new Map<string, Child>();
  const siteKeys = run.siteKeys();
  const ports = run.record.ports!;

  /** One part of a process: its events are reported under its name. */
  function partOf(
    role: RoleName,
    name: string,
    directory: string,
    privateKey: Hex,
    specific: object,
    onEvent?: (event: RoleEvent) => void,
  ): ChildPart {
    return {
      name,
      configuration: { ledger, job: encoded, privateKey, directory, ...specific },
      onEvent(event) {
        onEvent?.(event);
        observer.report({ time: Date.now(), by: name, event });
      },
      onFailure(error) {
        observer.tell(`${name} gave up: ${error.message}`);
        // Before the first round all sites are waited for.
        if (role !== 'participant' || !begun) observer.fail(error);
      },
    };
  }

  function start(role: RoleName, ...parts: readonly ChildPart[]): Child {
    const names = parts.map(({ name }) => name);
    const child = startChild({
      role,
      parts,
      logFile: run.resolve(`${role}.log`),
      onRestart: (reason) =>
        observer.tell(
          `${names.join(', ')} died (${reason}) and ${names.length === 1 ? 'was' : 'were'} started again`,
        ),
    });
    for (const name of names) children.set(name, child);
    return child;
  }

  /** Sites whose training of a round came to numbers that cannot be sent. */
  const diverged = new Map<number, Set<number>>();

  /** A repeated attempt gives the same bits, so waiting for one would be in vain. */
  function noteDivergence(site: number, { round, because }: Extract<RoleEvent, { type: 'missed' }>): void {
    const known = diverged.get(round) ?? new Set();
    diverged.set(round, known.add(site));
    if (sites.length - known.size >= job.minParticipants) return;
    observer.fail(
      new NonetError({
        code: 'run.diverged',
        expected: `training that can be sent at ${job.minParticipants} of ${sites.length} sites or more`,
        found: `in round ${round + 1} it diverged at ${known.size}, lastly ${siteName(site)}: ${because}`,
        hint: 'With a changed job file the same command starts a new run.',
      }),
    );
  }

  /** Who may join now: the site of this number, and those before it. */
  let turn = now.participants.length;

  let waiting: NodeJS.Timeout[] = [];

  /** Participants are numbered as sites, so one that hangs is started again, and not passed over. */
  function passTurn(to: number): void {
    for (const timer of waiting) clearTimeout(timer);
    turn = Math.max(turn, to);
    const name = siteName(turn);
    const next = children.get(name);
    if (next === undefined) return;
    next.giveTurn(name);
    waiting = [
      setTimeout(() => observer.tell(`all wait for ${name} to join`), saidMilliseconds),
      setTimeout(() => {
        next.kill();
        passTurn(turn);
      }, joinMilliseconds),
    ];
  }

  function siteOf(site: number, state: JobState): ChildPart {
    const drops = absenceAhead(absences, site, countSteps(state))?.drops;
    const data = placeSiteData(run, site, sites[site]!);
    return partOf(
      'participant',
      siteName(site),
      run.siteFolder(site),
      siteKeys[site]!,
      { data, ...(drops === undefined ? {} : { drops }) },
      (event) => {
        if (event.type === 'dropped') away.add(site);
        if (event.type === 'joined') passTurn(site + 1);
        if (event.type === 'missed' && divergences.has(event.code)) noteDivergence(site, event);
      },
    );
  }

  function startSites(numbers: readonly number[], state: JobState): void {
    const child = start('participant', ...numbers.map((site) => siteOf(site, state)));
    for (const site of numbers) if (site < turn) child.giveTurn(siteName(site));
  }

  const away = new Set([...sites.keys()].filter((site) => isAway(absences, site, countSteps(now))));
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
      const specific = {
        port: ports.aggregators[i]!,
        receipts: run.resolve(`receipts-${i + 1}`),
        returns,
      };
      start('aggregator', partOf('aggregator', `aggregator ${i + 1}`, run.storeFolder(i), key, specific));
    }
    const { watcher } = run.keys;
    start('watcher', partOf('watcher', 'watcher', run.resolve('watcher'), watcher, { port: ports.watcher }));
    const there = [...sites.keys()].filter((site) => !away.has(site));
    for (const group of groupSites(there, absences)) startSites(group, now);
    passTurn(turn);
  });

  const ended = () => Promise.all([...children.values()].map((child) => child.ended));
  return {
    follow(state) {
      begun ||= state.rounds.length > 0;
      for (const site of away) {
        if (!hasReturned(absences, site, countSteps(state))) continue;
        away.delete(site);
        observer.tell(`${siteName(site)} comes back`);
        trying(() => startSites([site], state));
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
