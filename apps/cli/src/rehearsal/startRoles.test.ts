/** When sites are started, whose turn it is to join, and what ends a run; processes are pretended. */
import { NonetError } from '@nonet/core';
import type { JobState } from '@nonet/core/ports';
import type { TrainJob } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Absence } from '../files/jobFile.ts';
import type { RoleEvent } from '../roles/messages.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';
import { type ChildOptions, startChild } from './children.ts';
import { startRoles } from './startRoles.ts';

vi.mock('./children.ts', () => ({ startChild: vi.fn() }));

interface Pretended {
  readonly options: ChildOptions;
  readonly giveTurn: ReturnType<typeof vi.fn<(part: string) => void>>;
  readonly stop: ReturnType<typeof vi.fn>;
  readonly kill: ReturnType<typeof vi.fn>;
  end(): void;
}
let children: Pretended[];
beforeEach(() => {
  vi.useFakeTimers();
  children = [];
  vi.mocked(startChild).mockImplementation((options) => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const child = { options, giveTurn: vi.fn(), stop: vi.fn(), kill: vi.fn(), end: () => resolve(), ended };
    children.push(child);
    return child;
  });
});
afterEach(() => void vi.useRealTimers());

const hex = `0x${'1'.repeat(64)}` as const;
const run = {
  record: { ports: { aggregators: [1, 2], watcher: 3 } },
  keys: { aggregators: [hex, hex], watcher: hex },
  resolve: (...parts: readonly string[]) => ['/run', ...parts].join('/'),
  storeFolder: (aggregator: number) => `/run/store-${aggregator}`,
  siteFolder: (site: number) => `/run/site-${site}`,
  siteKeys: () => [hex, hex, hex, hex],
} as unknown as RunDirectory;
/** After so many rounds that have stepped, with so many participants. */
const stateAfter = (steps: number, participants = 0) =>
  ({
    participants: Array.from({ length: participants }, () => ({})),
    rounds: Array.from({ length: steps }, (_, step) => ({ phase: 'final', step, posted: {} })),
  }) as unknown as JobState;

function begin(
  sites: number,
  {
    absences = [],
    now = stateAfter(0),
    job = {},
  }: {
    readonly absences?: readonly Absence[];
    readonly now?: JobState;
    readonly job?: Partial<TrainJob>;
  } = {},
) {
  const observer = { report: vi.fn(), tell: vi.fn(), fail: vi.fn() };
  const rehearsal = { sites: Array.from({ length: sites }, (_, i) => ({ siteFile: `${i}.yaml` })), absences };
  const ledger = { url: 'http://x', contract: hex.slice(0, 42) as never, operator: 'self' as const };
  const roles = startRoles(run, rehearsal, { ...sampleJob, ...job } as TrainJob, ledger, now, observer);
  return { roles, observer };
}
const childOf = (name: string) =>
  children.findLast(({ options }) => options.parts.some((part) => part.name === name))!;
const partOf = (name: string) => childOf(name).options.parts.find((part) => part.name === name)!;
const report = (name: string, event: object) => partOf(name).onEvent(event as RoleEvent);
const turnsOf = (name: string) => childOf(name).giveTurn.mock.calls.flat();
const namesOf = () => children.map(({ options }) => options.parts.map(({ name }) => name).join('+'));

describe('sites join in order', () => {
  test('each when the one before it has joined', () => {
    begin(3);
    expect(namesOf()).toEqual(['aggregator 1', 'aggregator 2', 'watcher', 'site 1', 'site 2', 'site 3']);
    expect(['site 1', 'site 2', 'site 3'].map(turnsOf)).toEqual([['site 1'], [], []]);
    report('site 1', { type: 'joined' });
    expect(['site 1', 'site 2', 'site 3'].map(turnsOf)).toEqual([['site 1'], ['site 2'], []]);
  });

  test('those at once that the ledger has already, and the next', () => {
    begin(3, { now: stateAfter(1, 2) });
    expect(['site 1', 'site 2', 'site 3'].map(turnsOf)).toEqual([['site 1'], ['site 2'], ['site 3']]);
  });

  test('one that takes long is spoken of, then killed, and awaited again', () => {
    const { observer } = begin(2);
    vi.advanceTimersByTime(14_999);
    expect(observer.tell).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(observer.tell.mock.calls).toEqual([['all wait for site 1 to join']]);
    vi.advanceTimersByTime(104_999);
    expect(childOf('site 1').kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(childOf('site 1').kill).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(120_000);
    expect(childOf('site 1').kill).toHaveBeenCalledTimes(2);
    expect(turnsOf('site 2')).toEqual([]);
  });

  test('one that joins again, after it was started again, takes no turn from those after it', () => {
    begin(3);
    for (const name of ['site 1', 'site 2', 'site 1']) report(name, { type: 'joined' });
    vi.advanceTimersByTime(120_000);
    expect(childOf('site 3').kill).toHaveBeenCalledOnce();
    expect(childOf('site 2').kill).not.toHaveBeenCalled();
    expect(turnsOf('site 3')).toContain('site 3');
  });

  test('nobody waits once the last has joined, or when all are stopped', async () => {
    const { observer, roles } = begin(1);
    report('site 1', { type: 'joined' });
    vi.advanceTimersByTime(200_000);
    expect(observer.tell).not.toHaveBeenCalled();
    const other = begin(1);
    void other.roles.stop();
    vi.advanceTimersByTime(200_000);
    expect(other.observer.tell).not.toHaveBeenCalled();
    void roles;
  });
});

describe('sites that the script has away', () => {
  const absences = [{ participant: 1, drops: 1, returns: 3 }];
  const dropsOf = (name: string) => (partOf(name).configuration as { readonly drops?: number }).drops;

  test('are told when to drop, and started when they come back', () => {
    const { roles, observer } = begin(2, { absences });
    expect([dropsOf('site 1'), dropsOf('site 2')]).toEqual([undefined, 1]);
    report('site 2', { type: 'dropped', step: 1 });
    roles.follow(stateAfter(2));
    expect(namesOf().filter((name) => name === 'site 2')).toHaveLength(1);
    roles.follow(stateAfter(3));
    roles.follow(stateAfter(3));
    expect(namesOf().filter((name) => name === 'site 2')).toHaveLength(2);
    expect(observer.tell.mock.calls).toEqual([['site 2 comes back']]);
    expect(dropsOf('site 2')).toBeUndefined();
  });

  test('are named to the aggregators with the step for which they come back, and those that never do are not', () => {
    begin(3, { absences: [...absences, { participant: 2, drops: 0 }] });
    for (const name of ['aggregator 1', 'aggregator 2']) {
      expect(partOf(name).configuration).toMatchObject({ returns: [{ participant: 1, step: 3 }] });
    }
  });

  test.each<[string, number | undefined]>([
    ['open', 1],
    ['collecting', 1],
    ['closing', undefined],
    ['stepping', undefined],
  ])('may still drop out of a round that is %s', (phase, drops) => {
    const { rounds, ...rest } = stateAfter(1, 2);
    // An attempt at step 1; the one before led to no model, and its step was 1, too.
    const attempts = [
      { phase: 'void', step: 1, posted: {} },
      { phase, step: 1, posted: phase === 'stepping' ? {} : undefined },
    ];
    const now = { ...rest, rounds: [...rounds, ...attempts] } as unknown as JobState;
    begin(2, { absences: [{ participant: 1, drops: phase === 'closing' ? 0 : 1 }], now });
    expect(namesOf().includes('site 2')).toBe(drops !== undefined);
    if (drops !== undefined) expect(dropsOf('site 2')).toBe(drops);
  });

  test('are not started while they are away, nor twice where they never dropped', () => {
    const { roles } = begin(2, { absences, now: stateAfter(2, 2) });
    expect(namesOf()).not.toContain('site 2');
    roles.follow(stateAfter(3, 2));
    expect(namesOf()).toContain('site 2');
    expect(turnsOf('site 2')).toEqual(['site 2']);
    children.length = 0;
    const there = begin(2, { absences });
    there.roles.follow(stateAfter(3));
    expect(namesOf().filter((name) => name === 'site 2')).toHaveLength(1);
  });

  test('a start that the system refuses ends the run', () => {
    const { roles, observer } = begin(2, { absences, now: stateAfter(2, 2) });
    const refused = new Error('no more processes');
    vi.mocked(startChild).mockImplementationOnce(() => {
      throw refused;
    });
    roles.follow(stateAfter(3, 2));
    expect(observer.fail.mock.calls).toEqual([[refused]]);
  });
});

describe('failures', () => {
  const missed = (code: string, round = 0) => ({ type: 'missed', round, code, because: 'NaN' });

  test.each(['train.notFinite', 'update.notFinite', 'update.range'])(
    'of training, %s, at so many sites that no round can be closed end the run',
    (code) => {
      const { observer } = begin(4, { job: { minParticipants: 3 } });
      report('site 1', missed(code));
      report('site 1', missed(code));
      report('site 2', missed(code, 1));
      expect(observer.fail).not.toHaveBeenCalled();
      report('site 2', missed(code));
      expect(observer.fail.mock.calls).toEqual([
        [
          expect.objectContaining({
            code: 'run.diverged',
            found: 'in round 1 it diverged at 2, lastly site 2: NaN',
          }),
        ],
      ]);
    },
  );

  test('of other kinds are reported', () => {
    const { observer } = begin(2, { job: { minParticipants: 2 } });
    report('site 1', missed('store.unreachable'));
    report('site 1', { type: 'other', code: 'train.notFinite', round: 0 });
    expect(observer.fail).not.toHaveBeenCalled();
    expect(observer.report).toHaveBeenCalledTimes(2);
    expect(observer.report.mock.calls[0]![0]).toMatchObject({
      by: 'site 1',
      event: { code: 'store.unreachable' },
    });
  });

  const error = new NonetError({ code: 'a.b', expected: 'a', found: 'b' });
  test('of a site end the run before the first round alone, those of others at any time', () => {
    const early = begin(1);
    partOf('site 1').onFailure(error);
    expect(early.observer.fail.mock.calls).toEqual([[error]]);
    early.roles.follow(stateAfter(0));
    partOf('site 1').onFailure(error);
    expect(early.observer.fail.mock.calls).toEqual([[error], [error]]);
    expect(early.observer.tell.mock.calls[0]).toEqual([`site 1 gave up: ${error.message}`]);
    for (const now of [stateAfter(0), stateAfter(1)]) {
      const { observer, roles } = begin(1, { now });
      roles.follow(stateAfter(1));
      partOf('site 1').onFailure(error);
      expect(observer.fail).not.toHaveBeenCalled();
      partOf('watcher').onFailure(error);
      expect(observer.fail.mock.calls).toEqual([[error]]);
    }
  });

  test('that were mended are told', () => {
    const { observer } = begin(48);
    childOf('watcher').options.onRestart('SIGKILL');
    childOf('site 1').options.onRestart('exit code 1');
    expect(observer.tell.mock.calls).toEqual([
      ['watcher died (SIGKILL) and was started again'],
      ['site 1, site 2 died (exit code 1) and were started again'],
    ]);
  });
});

describe('the end', () => {
  test('is when every process has ended, its time is over, or nobody waits any more', async () => {
    const settledBy = async (act: (signal: AbortController) => void) => {
      children.length = 0;
      const { roles } = begin(1);
      const stop = new AbortController();
      const settled = vi.fn();
      void roles.settle(stop.signal).then(settled);
      act(stop);
      await vi.advanceTimersByTimeAsync(0);
      return settled.mock.calls.length === 1;
    };
    expect(await settledBy(() => {})).toBe(false);
    const end = (some: readonly Pretended[]) => {
      for (const child of some) child.end();
    };
    expect(await settledBy(() => end(children.slice(1)))).toBe(false);
    expect(await settledBy(() => end(children))).toBe(true);
    expect(await settledBy((stop) => stop.abort())).toBe(true);
    expect(await settledBy(() => vi.advanceTimersByTime(9999))).toBe(false);
    expect(await settledBy(() => vi.advanceTimersByTime(10_000))).toBe(true);
  });

  test('of those that do not stop when they are told to is a signal', async () => {
    const { roles } = begin(1);
    const stopped = vi.fn();
    void roles.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(2999);
    for (const child of children) {
      expect(child.stop).toHaveBeenCalledOnce();
      expect(child.kill).not.toHaveBeenCalled();
    }
    await vi.advanceTimersByTimeAsync(1);
    for (const child of children) expect(child.kill).toHaveBeenCalledOnce();
    expect(stopped).toHaveBeenCalledOnce();
  });
});
