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
import type { Order, Report, RoleEvent } from '../roles/messages.ts';

export type RoleName = 'participant' | 'aggregator' | 'watcher';

export interface ChildOptions {
  readonly role: RoleName;
  readonly configuration: object;
  /** Where its standard error goes. */
  readonly logFile: string;
  onEvent(event: RoleEvent): void;
  /** It could not do its work: its own reason, or that it died too often. */
  onFailure(error: NonetError): void;
  onRestart(reason: string): void;
}

export interface Child {
  /** Resolves when it is gone and will not come back. */
  readonly ended: Promise<void>;
  /** Lets it join the job now, and whenever it is started again. */
  giveTurn(): void;
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
  let child: ChildProcess;
  let stopped = false;
  let hasTurn = false;
  let restarts = 0;
  const tell = (order: Order) => {
    if (child.connected) child.send(order);
  };
  const ended = new Promise<void>((resolve) => {
    const start = () => {
      const log = openSync(options.logFile, 'a');
      let reason: NonetError | undefined;
      child = fork(script, [], {
        serialization: 'advanced',
        stdio: ['ignore', log, log, 'ipc'],
        env: childEnvironment(),
      });
      closeSync(log);
      child.on('error', (error) => {
        // Of a process that runs, its exit says the same.
        if (child.pid !== undefined) return;
        options.onFailure(notStarted(options, error));
        resolve();
      });
      child.on('message', (report: Report) => {
        if (report.type === 'event') options.onEvent(report.event);
        else reason = new errorClasses[report.kind](report.error);
      });
      child.once('exit', (code, signal) => {
        if (stopped || code === 0) {
          resolve();
        } else if (reason !== undefined || restarts === restartLimit) {
          options.onFailure(reason ?? diedTooOften(options, restarts + 1));
          resolve();
        } else {
          restarts++;
          options.onRestart(signal === null ? `exit code ${code}` : signal);
          start();
        }
      });
      tell({ type: 'configuration', configuration: options.configuration });
      if (hasTurn) tell({ type: 'turn' });
    };
    start();
  });
  return {
    ended,
    giveTurn() {
      if (hasTurn) return;
      hasTurn = true;
      tell({ type: 'turn' });
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
