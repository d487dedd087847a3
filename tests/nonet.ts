/**
 * The command line as a process of its own, for tests: started in a temporary folder, watched from
 * outside, and cleaned up after.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const root = join(import.meta.dirname, '..');
const program = join(root, 'apps/cli/bin/nonet.js');
export const jobFile = (name: string) => join(import.meta.dirname, 'jobs', `${name}.job.ts`);

/** Whether the process table can be read; elsewhere those checks are left out. */
export const hasProcessTable = existsSync('/proc/self/cwd');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What it has written to standard error so far. */
  stderr(): string;
}

/**
 * A temporary folder; `remove` also ends whatever still runs there, which after a passed test is
 * nothing.
 */
export function createFolder(): { readonly path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'nonet-test-')));
  return {
    path,
    remove() {
      for (const { pid } of processesIn(path)) process.kill(pid, 'SIGKILL');
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function startNonet(folder: string, ...args: readonly string[]): Started {
  return start(folder, program, ...args);
}

/** Runs a file by this Node to its end. */
export function runNode(folder: string, file: string): Promise<Finished> {
  return start(folder, file).finished;
}

function start(folder: string, file: string, ...args: readonly string[]): Started {
  const { FORCE_COLOR: _, ...environment } = process.env;
  const child = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    env: { ...environment, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, finished, stderr: () => stderr };
}

/** Runs a command to its end. */
export function nonet(folder: string, ...args: readonly string[]): Promise<Finished> {
  return startNonet(folder, ...args).finished;
}

/** The folder of the only, or the latest, run in `folder`. */
export function runFolder(folder: string): string {
  const ids = readdirSync(join(folder, 'runs')).sort();
  return join(folder, 'runs', ids.at(-1)!);
}

export function readJson<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

/** Lines of log.jsonl so far. */
export interface LogLine {
  readonly by: string;
  readonly event: { readonly type: string; readonly round?: number; readonly [field: string]: unknown };
}

export function readLog(folder: string): LogLine[] {
  // runs/ is there a moment before its first run is.
  if (!existsSync(join(folder, 'runs')) || readdirSync(join(folder, 'runs')).length === 0) return [];
  const file = join(runFolder(folder), 'log.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogLine);
}

/** Resolves when `happened`; rejects when the process ends before. */
export async function until(started: Started, happened: () => boolean): Promise<void> {
  let ended = false;
  void started.finished.then(() => {
    ended = true;
  });
  while (!happened()) {
    if (ended) {
      const { code, stderr } = await started.finished;
      throw new Error(`it ended with ${code} before:\n${stderr}`);
    }
    await pause(10);
  }
}

/**
 * Resolves in the middle of a round: a site trains for it, and nobody has stepped yet. Counted from
 * 0.
 */
export function untilTraining(started: Started, folder: string, round: number): Promise<void> {
  return until(started, () =>
    readLog(folder).some(({ event }) => event.type === 'training' && event.round === round),
  );
}

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * The processes that were started in `folder`, without those that have ended and not been waited
 * for.
 */
export function processesIn(folder: string): RunningProcess[] {
  if (!hasProcessTable) return [];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return [];
      return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
    } catch {
      return [];
    }
  });
}

/** The one process in `folder` whose command line contains `part`. */
export function findProcess(folder: string, part: string): number {
  const found = processesIn(folder).filter(({ command }) => command.includes(part));
  if (found.length === 0) throw new Error(`no ${part} among ${JSON.stringify(processesIn(folder))}`);
  return found[0]!.pid;
}

/**
 * Resolves when no process but those with `except` in their command line is left in `folder`;
 * rejects with the list after half a minute.
 */
export async function untilGone(folder: string, except?: string): Promise<void> {
  const left = () =>
    processesIn(folder).filter(({ command }) => except === undefined || !command.includes(except));
  for (let tries = 0; left().length > 0; tries++) {
    if (tries > 600) throw new Error(`still running: ${JSON.stringify(left())}`);
    await pause(50);
  }
}

/** The model that the run in `folder` ended with. */
export function modelOf(folder: string): string {
  const { status, model } = readJson<{ status: string; model?: string }>(runFolder(folder), 'run.json');
  if (status !== 'complete' || model === undefined) throw new Error(`the run in ${folder} is ${status}`);
  return model;
}
