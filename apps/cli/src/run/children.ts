/**
 * The processes of a run: started, watched, and started again when they die unasked. Their configuration goes down an IPC channel, never on a command
 * line, where other users of the machine could read keys.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report } from '../roles/channel.ts';

export type RoleName = 'participant' | 'aggregator' | 'watcher';

export interface ChildOptions {
  readonly role: RoleName;
  /** For messages: `site 7`. */
  readonly name: string;
  readonly configuration: object;
  /** Where its standard error goes. */
  readonly logFile: string;
  onEvent(event: { readonly type: string; readonly [field: string]: unknown }): void;
  /** It could not do its work: its own reason, or that it died too often. */
  onFailure(message: string): void;
  onRestart(reason: string): void;
}

export interface Child {
  /** Resolves when it is gone and will not come back. */
  readonly ended: Promise<void>;
  stop(): void;
}

const restartLimit = 5;

export function startChild(options: ChildOptions): Child {
  const script = fileURLToPath(new URL(`../roles/${options.role}.ts`, import.meta.url));
  let child: ChildProcess;
  let stopped = false;
  let restarts = 0;
  const ended = new Promise<void>((resolve) => {
    const start = () => {
      const log = openSync(options.logFile, 'a');
      let reason: string | undefined;
      child = fork(script, [], { serialization: 'advanced', stdio: ['ignore', log, log, 'ipc'] });
      child.on('message', (report: Report) => {
        if (report.type === 'event') options.onEvent(report.event);
        else reason = `${report.message} (${report.code})`;
      });
      child.once('exit', (code, signal) => {
        if (stopped || code === 0) {
          resolve();
        } else if (reason !== undefined || restarts === restartLimit) {
          options.onFailure(reason ?? `died ${restarts + 1} times; see ${options.logFile}`);
          resolve();
        } else {
          restarts++;
          options.onRestart(signal === null ? `exit code ${code}` : signal);
          start();
        }
      });
      child.send(options.configuration);
    };
    start();
  });
  return {
    ended,
    stop() {
      stopped = true;
      if (child.connected) child.disconnect();
    },
  };
}
