import { execFileSync, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NonetError } from '@nonet/core';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Order, Report } from '../roles/messages.ts';
import { startChild } from './children.ts';

vi.mock('node:child_process', async (load) => ({
  ...(await load<typeof import('node:child_process')>()),
  fork: vi.fn(),
}));

/** In a process of its own, because a cache once enabled stays so. */
const script = (folder: string) => `
  import { execFileSync } from 'node:child_process';
  import { readdirSync } from 'node:fs';
  import module from 'node:module';
  module.enableCompileCache(${JSON.stringify(folder)});
  const { childEnvironment } = await import(${JSON.stringify(join(import.meta.dirname, 'children.ts'))});
  const child = ['-e', 'process.stdout.write(String(require("node:module").getCompileCacheDir()))'];
  const ours = module.getCompileCacheDir();
  const before = readdirSync(ours).length;
  const env = childEnvironment();
  const compiled = readdirSync(ours).length;
  const theirs = execFileSync(process.execPath, child, { env, encoding: 'utf8' });
  console.log(JSON.stringify({ ours, theirs, before, compiled }));
`;

test('children use the very folder that this process has compiled into, and find it there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-cache-'));
  try {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    const arguments_ = ['--input-type=module', '-e', script(folder)];
    const { ours, theirs, before, compiled } = JSON.parse(
      execFileSync(process.execPath, arguments_, { env, encoding: 'utf8' }),
    );
    expect(ours).toContain(folder);
    expect(theirs).toBe(ours);
    // Node itself writes it at the end of a process.
    expect(before).toBe(0);
    expect(compiled).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('children get this environment as it is where nothing is compiled ahead', () => {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const text = `
    const { childEnvironment } = await import(${JSON.stringify(join(import.meta.dirname, 'children.ts'))});
    console.log(childEnvironment() === process.env);
  `;
  const arguments_ = ['--input-type=module', '-e', text];
  expect(execFileSync(process.execPath, arguments_, { env, encoding: 'utf8' })).toBe('true\n');
});

/** A process that does what a test says. */
class PretendedProcess extends EventEmitter {
  readonly orders: Order[] = [];
  readonly kill = vi.fn();
  connected = true;
  pid: number | undefined = 1;
  send = (order: Order) => this.orders.push(order);
  disconnect() {
    this.connected = false;
  }
}

describe('a child', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-children-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let processes: PretendedProcess[];
  beforeEach(() => {
    processes = [];
    vi.mocked(fork).mockReset();
    vi.mocked(fork).mockImplementation(() => {
      const started = new PretendedProcess();
      processes.push(started);
      return started as never;
    });
  });

  const partOf = (name: string) => ({
    name,
    configuration: { of: name },
    onEvent: vi.fn(),
    onFailure: vi.fn<(error: NonetError) => void>(),
  });
  function startTwo() {
    const parts = [partOf('site 1'), partOf('site 2')] as const;
    const onRestart = vi.fn();
    const logFile = join(folder, 'log');
    const child = startChild({ role: 'participant', parts, logFile, onRestart });
    const ended = vi.fn();
    void child.ended.then(ended);
    return { parts, child, onRestart, ended };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const startOf = (...names: readonly string[]): Order => ({
    type: 'start',
    parts: names.map((name) => ({ name, configuration: { of: name } })),
  });
  const report = (value: Report) => processes.at(-1)!.emit('message', value);
  const stepped = { type: 'dropped' as const, step: 1 };
  const error = { code: 'a.b', expected: 'a', found: 'b' };

  test('has the log as its error output, which stays open in it alone', () => {
    startTwo();
    const { stdio } = vi.mocked(fork).mock.calls[0]![2]!;
    const [input, output, errors, channel] = stdio as readonly unknown[];
    expect([input, channel]).toEqual(['ignore', 'ipc']);
    expect(output).toBe(errors);
    expect(() => fstatSync(errors as number)).toThrow('EBADF');
  });

  test('is told its parts, and once whose turn it is', () => {
    const { child } = startTwo();
    child.giveTurn('site 1');
    child.giveTurn('site 1');
    expect(processes[0]!.orders).toEqual([startOf('site 1', 'site 2'), { type: 'turn', part: 'site 1' }]);
    processes[0]!.connected = false;
    child.giveTurn('site 2');
    expect(processes[0]!.orders).toHaveLength(2);
  });

  test('reports events, and the end or the failure of a part, after which nothing is heard of it', () => {
    const { parts } = startTwo();
    report({ part: 'site 1', type: 'event', event: stepped });
    report({ part: 'site 1', type: 'event', event: stepped });
    expect(parts[0].onEvent).toHaveBeenCalledTimes(2);
    expect(parts[1].onEvent).not.toHaveBeenCalled();
    report({ part: 'site 1', type: 'done' });
    report({ part: 'site 1', type: 'event', event: stepped });
    report({ part: 'site 3', type: 'event', event: stepped });
    expect(parts[0].onEvent).toHaveBeenCalledTimes(2);
    report({ part: 'site 2', type: 'failed', error, kind: 'undecided' });
    expect(parts[1].onFailure.mock.calls).toEqual([
      [expect.objectContaining({ code: 'a.b', name: 'UndecidedError' })],
    ]);
    expect(parts[0].onFailure).not.toHaveBeenCalled();
  });

  test.each<[number | null, string | null, string]>([
    [1, null, 'exit code 1'],
    [null, 'SIGKILL', 'SIGKILL'],
  ])(
    'that dies with %j, %j is started again, with what is left of its work',
    async (code, signal, reason) => {
      const { child, onRestart, ended } = startTwo();
      child.giveTurn('site 1');
      child.giveTurn('site 2');
      report({ part: 'site 1', type: 'done' });
      processes[0]!.emit('exit', code, signal);
      await settled();
      expect(onRestart.mock.calls).toEqual([[reason]]);
      expect(processes[1]!.orders).toEqual([
        startOf('site 2'),
        { type: 'turn', part: 'site 1' },
        { type: 'turn', part: 'site 2' },
      ]);
      expect(ended).not.toHaveBeenCalled();
    },
  );

  test.each<[string, (started: ReturnType<typeof startTwo>) => void, number]>([
    ['with 0', () => {}, 0],
    ['when it was stopped', ({ child }) => child.stop(), 1],
    [
      'when all its parts have ended',
      () => {
        report({ part: 'site 1', type: 'done' });
        report({ part: 'site 2', type: 'failed', error, kind: 'failure' });
      },
      1,
    ],
  ])('that ends %s has ended', async (_, act, code) => {
    const started = startTwo();
    act(started);
    processes[0]!.emit('exit', code, null);
    await settled();
    expect(started.ended).toHaveBeenCalledOnce();
    expect(started.onRestart).not.toHaveBeenCalled();
    expect(processes).toHaveLength(1);
  });

  test('that dies a sixth time is not started again: its parts have failed', async () => {
    const { parts, onRestart, ended } = startTwo();
    report({ part: 'site 1', type: 'done' });
    for (let i = 0; i < 5; i++) processes[i]!.emit('exit', 1, null);
    await settled();
    expect([processes.length, onRestart.mock.calls.length, ended.mock.calls.length]).toEqual([6, 5, 0]);
    processes[5]!.emit('exit', 1, null);
    await settled();
    expect([processes.length, onRestart.mock.calls.length, ended.mock.calls.length]).toEqual([6, 5, 1]);
    expect(parts[0].onFailure).not.toHaveBeenCalled();
    expect(parts[1].onFailure.mock.calls).toEqual([
      [expect.objectContaining({ code: 'role.died', found: 'one that died 6 times' })],
    ]);
  });

  test('that cannot be started has failed, with what the system says', async () => {
    const { parts, ended } = startTwo();
    // A process that runs says it by its exit.
    processes[0]!.emit('error', new Error('a message could not be sent'));
    await settled();
    expect(ended).not.toHaveBeenCalled();
    processes[0]!.pid = undefined;
    processes[0]!.emit('error', Object.assign(new Error('x'), { code: 'EMFILE' }));
    await settled();
    expect(ended).toHaveBeenCalledOnce();
    for (const part of parts) {
      expect(part.onFailure.mock.calls).toEqual([[expect.objectContaining({ code: 'system.files' })]]);
    }
    const other = startTwo();
    processes[1]!.pid = undefined;
    processes[1]!.emit('error', new Error('spawn EAGAIN'));
    const failed = expect.objectContaining({ code: 'role.start', found: 'spawn EAGAIN' });
    expect(other.parts[0].onFailure.mock.calls).toEqual([[failed]]);
  });

  test('is stopped by its channel, once, and killed by a signal', () => {
    const { child } = startTwo();
    const disconnect = vi.spyOn(processes[0]!, 'disconnect');
    child.stop();
    child.stop();
    expect(disconnect).toHaveBeenCalledOnce();
    child.kill();
    expect(processes[0]!.kill).toHaveBeenCalledExactlyOnceWith('SIGKILL');
  });
});
