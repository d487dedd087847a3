import { type Address, NonetError, pause } from '@nonet/core';
import type { Ledger } from '@nonet/core/ports';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSimulation, joinAll, key } from '../../test/simulation.ts';
import type { MemoryLedger } from '../rules/memoryLedger.ts';
import { createSampleRound } from '../testing/sampleRound.ts';
import { deadlineOf, followJob, type RoleParameters, workWhile } from './jobView.ts';

async function createView(more: Partial<RoleParameters> = {}) {
  const simulation = await createSimulation();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const parameters: RoleParameters = {
    ledger: simulation.ledger,
    job: simulation.job,
    signer: key('participant 0'),
    signal: stop.signal,
    pollMilliseconds: 5,
    ...more,
  };
  return { simulation, stop, parameters, view: await followJob(parameters) };
}

const code = (code: string) => expect.objectContaining({ code });
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

test('after a move of its own the view knows it', async () => {
  const { simulation, stop, view } = await createView();
  await view.submit({ type: 'join' });
  expect(view.state.participants.map(({ account }) => account)).toEqual([key('participant 0').account]);
  expect(view.events).toHaveLength(1);
  expect(await view.submit({ type: 'join' })).toMatchObject({ refused: 'Repeated' });
  expect(simulation.moves).toHaveLength(1);
  stop.abort();
});

test('roles that share a ledger follow it together, until the last has left', async () => {
  const simulation = await createSimulation();
  let followed = 0;
  const ledger = {
    ...simulation.ledger,
    rounds: {
      ...simulation.ledger.rounds,
      follow(job: Address, signal: AbortSignal) {
        followed++;
        return simulation.ledger.rounds.follow(job, signal);
      },
    },
  };
  const create = async (name: string) => {
    const stop = new AbortController();
    const base = { job: simulation.job, pollMilliseconds: 5, signal: stop.signal, signer: key(name) };
    return { stop, view: await followJob({ ...base, ledger }) };
  };
  const first = await create('participant 0');
  await first.view.submit({ type: 'join' });
  const second = await create('participant 1');
  expect(second.view.state).toBe(first.view.state);
  first.stop.abort();
  await second.view.submit({ type: 'join' });
  expect(second.view.state.participants).toHaveLength(2);
  expect(followed).toBe(1);
  second.stop.abort();
  const third = await create('participant 2');
  expect(third.view.state.participants).toHaveLength(2);
  expect(followed).toBe(2);
  third.stop.abort();
});

/** A ledger whose moves come one by one, and whose following takes its time to end. */
function createSlowLedger(ledger: MemoryLedger) {
  const signals: AbortSignal[] = [];
  const slow: Ledger = {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      async *follow(job, signal) {
        signals.push(signal);
        for await (const event of ledger.rounds.follow(job, signal)) {
          yield event;
          await pause(20);
        }
        await pause(50);
      },
    },
  };
  return { slow, signals };
}

test('after several moves in one transaction the view knows them all', async () => {
  const simulation = await createSimulation();
  const { stop, view } = await createView({ ledger: createSlowLedger(simulation.ledger).slow });
  await view.submit({ type: 'join' }, { type: 'leave' });
  expect(view.events.map(({ move }) => move.type)).toEqual(['join', 'leave']);
  stop.abort();
});

test('a role that comes while the last one leaves follows anew', async () => {
  const simulation = await createSimulation();
  const { slow, signals } = createSlowLedger(simulation.ledger);
  const first = await createView({ ledger: slow });
  await first.view.submit({ type: 'join' });
  first.stop.abort();
  const second = await createView({ ledger: slow, signer: key('participant 1') });
  await second.view.submit({ type: 'join' });
  expect(second.view.state.participants).toHaveLength(2);
  second.stop.abort();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('a role that is stopped while it comes follows nothing', async () => {
  const simulation = await createSimulation();
  const { slow, signals } = createSlowLedger(simulation.ledger);
  const stop = new AbortController();
  const ledger: Ledger = {
    ...slow,
    rounds: {
      ...slow.rounds,
      async moves(job) {
        stop.abort();
        return slow.rounds.moves(job);
      },
    },
  };
  await createView({ ledger, signal: stop.signal });
  expect(signals.filter(({ aborted }) => !aborted)).toEqual([]);
});

test('a ledger that broke its rules is followed again by the next role, not believed for ever', async () => {
  const simulation = await createSimulation();
  let broken = true;
  const ledger: Ledger = {
    ...simulation.ledger,
    rounds: {
      ...simulation.ledger.rounds,
      async *follow(job, signal) {
        for await (const event of simulation.ledger.rounds.follow(job, signal)) {
          yield event;
          if (broken) yield event;
        }
      },
    },
  };
  await simulation.submit({ type: 'join' }, key('participant 0'));
  const first = await createView({ ledger });
  await expect(first.view.change(1, 60_000)).rejects.toThrow(code('ledger.rules'));
  broken = false;
  const { stop, view } = await createView({ ledger });
  await view.change(1, 10);
  expect(view.state.participants).toHaveLength(1);
  stop.abort();
});

test('several wait for the next move at once', async () => {
  const { simulation, stop, view } = await createView();
  const waiting = [0, 1, 2].map(() => view.change(0, 60_000));
  await joinAll(simulation);
  await Promise.all(waiting);
  stop.abort();
});

test('a deadline is that of the phase, or later after an answer, and not before a second from now', async () => {
  const { stop, parameters } = await createView();
  const { round } = await createSampleRound({ participants: 1, entries: 4 });
  const ledger = { ...parameters.ledger, now: async () => 1000 };
  const { stepping } = parameters.job.phases;
  vi.spyOn(Date, 'now').mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const of = (deadline: number, answeredAt?: number) =>
    deadlineOf(
      { ...parameters, ledger },
      { ...round, deadline, ...(answeredAt === undefined ? {} : { answeredAt }) },
    );
  expect(await of(1005)).toBe(5000);
  expect(await of(1005, 1003)).toBe(1000 * (stepping + 3));
  expect(await of(990)).toBe(1000);
  stop.abort();
});

test('work ends with what it has done, however late, while the state holds', async () => {
  const { stop, parameters, view } = await createView();
  expect(
    await workWhile(
      parameters,
      view,
      () => true,
      async () => 7,
    ),
  ).toBe(7);
  const mistake = workWhile(
    parameters,
    view,
    () => true,
    () => Promise.reject(new TypeError('a mistake')),
  );
  await expect(mistake).rejects.toThrow(TypeError);
  stop.abort();
});

test('work is stopped once the state has gone on', async () => {
  const { simulation, stop, parameters, view } = await createView();
  const work = workWhile(parameters, view, ({ participants }) => participants.length === 0, untilAborted);
  const refused = expect(work).rejects.toThrow(code('round.passed'));
  await pause(20);
  await joinAll(simulation);
  await refused;
  stop.abort();
});

test('work that is stopped from outside ends with that reason', async () => {
  const { stop, parameters, view } = await createView();
  const work = workWhile(parameters, view, () => true, untilAborted);
  const reason = new NonetError({ code: 'test.stop', expected: 'the end', found: 'it' });
  const refused = expect(work).rejects.toThrow(code('test.stop'));
  stop.abort(reason);
  await refused;
});
