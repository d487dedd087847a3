/**
 * The processes of a run: started, watched, and started again when they die unasked. Their
 * configuration goes down an IPC channel, never on a command line, where other users of the machine
 * could read keys.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MisuseError, NonetError, UndecidedError } from '@nonet/core';
import { explainSystemError } from '../machine/systemErrors.ts';
import type { Order, Part, Report, RoleEvent } from '../roles/messages.ts';

export type RoleName = 'participant' | 'aggregator' | 'watcher';

/** One role of a process, and who hears of it. */
export interface ChildPart extends Part {
  onEvent(event: RoleEvent): void;
  /** It could not do its work: its own reason, or that its process died too often. */
  onFailure(error: NonetError): void;
}

export interface ChildOptions {
  readonly role: RoleName;
  readonly parts: readonly ChildPart[];
  /** Where its standard error goes. */
  readonly logFile: string;
  onRestart(reason: string): void;
}

export interface Child {
  /** Resolves when it is gone and will not come back. */
  readonly ended: Promise<void>;
  /** Lets a part join the job now, and whenever it is started again. */
  giveTurn(part: string): void;
  /** Closes its channel: it ends by itself. */
  stop(): void;
  kill(): void;
}

const restartLimit = 5;
const errorClasses = { failure: NonetError, misuse: MisuseError, undecided: UndecidedError };

/**
 * Children find what this process has compiled so far, instead of all compiling the same at once.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  flushCompileCache();
  const cache = getCompileCacheDir();
  // The folder in use is one for this version of Node, inside the one that is to be named.
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) };
}

export function startChild(options: ChildOptions): Child {
  const script = fileURLToPath(new URL(`../roles/${options.role}.ts`, import.meta.url));
  /** Parts that have neither done their work nor failed. */
  const left = new Map(options.parts.map((part) => [part.name, part]));
  const turns = new Set<string>();
  let child: ChildProcess;
  let stopped = false;
  let restarts = 0;
  const tell = (order: Order) => {
    if (child.connected) child.send(order);
  };
  const fail = (error: NonetError) => {
    for (const part of left.values()) part.onFailure(error);
  };
  const hear = (report: Report) => {
    const part = left.get(report.part);
    if (part === undefined) return;
    if (report.type === 'event') return part.onEvent(report.event);
    left.delete(report.part);
    if (report.type === 'failed') part.onFailure(new errorClasses[report.kind](report.error));
  };
  const ended = new Promise<void>((resolve) => {
    const start = () => {
      const log = openSync(options.logFile, 'a');
      child = fork(script, [], {
        serialization: 'advanced',
        stdio: ['ignore', log, log, 'ipc'],
        env: childEnvironment(),
      });
      closeSync(log);
      child.on('error', (error) => {
        // Of a process that runs, its exit says the same.
        if (child.pid !== undefined) return;
        fail(notStarted(options, error));
        resolve();
      });
      child.on('message', hear);
      child.once('exit', (code, signal) => {
        if (stopped || code === 0 || left.size === 0) {
          resolve();
        } else if (restarts === restartLimit) {
          fail(diedTooOften(options, restarts + 1));
          resolve();
        } else {
          restarts++;
          options.onRestart(signal === null ? `exit code ${code}` : signal);
          start();
        }
      });
      const parts = [...left.values()].map(({ name, configuration }) => ({ name, configuration }));
      tell({ type: 'start', parts });
      for (const part of turns) tell({ type: 'turn', part });
    };
    start();
  });
  return {
    ended,
    giveTurn(part) {
      if (turns.has(part)) return;
      turns.add(part);
      tell({ type: 'turn', part });
    },
    stop() {
      stopped = true;
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function notStarted({ role }: ChildOptions, cause: Error): NonetError {
  return (
    explainSystemError(cause) ??
    new NonetError({
      code: 'role.start',
      expected: `to start a ${role} process`,
      found: cause.message,
      hint: 'Does this machine let the user start so many processes?',
      cause,
    })
  );
}

function diedTooOften({ role, logFile }: ChildOptions, times: number): NonetError {
  return new NonetError({
    code: 'role.died',
    expected: `a ${role} process that keeps running`,
    found: `one that died ${times} times`,
    hint: `Its output is in ${logFile}.`,
  });
}
