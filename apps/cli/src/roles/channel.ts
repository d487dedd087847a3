/**
 * Between the coordinator and the processes that it starts: orders down, reports up. A process ends
 * when the coordinator's end of the channel closes, however that happened.
 */
import { writeSync } from 'node:fs';
import { type ErrorParts, MisuseError, NonetError, UndecidedError } from '@nonet/core';
import { explainSystemError } from '../machine/systemErrors.ts';
import type { ErrorKind, Order, Report, RoleEvent } from './messages.ts';

/** What a role's process has of its coordinator. */
export interface Channel {
  /** Aborts when the coordinator has gone. */
  readonly signal: AbortSignal;
  report(event: RoleEvent): void;
  /** Resolves when this process may join the job. */
  readonly turn: Promise<void>;
}

/** Runs one role in this process: waits for its configuration, exits 0 when it is done. */
export function runRole<Configuration>(
  role: (configuration: Configuration, channel: Channel) => Promise<void>,
): void {
  const stop = new AbortController();
  process.once('disconnect', () => {
    stop.abort();
    // A role that is stuck in a request must not outlive its coordinator.
    setTimeout(() => process.exit(0), 2000).unref();
  });
  // The coordinator decides what these mean for its children, whom a terminal signals as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const turn = Promise.withResolvers<void>();
  const channel: Channel = {
    signal: stop.signal,
    report: (event) => send({ type: 'event', event }),
    turn: turn.promise,
  };
  process.on('message', (order: Order) => {
    if (order.type === 'turn') return turn.resolve();
    role(order.configuration as Configuration, channel)
      .catch((cause: unknown) => {
        if (stop.signal.aborted) return;
        process.exitCode = 1;
        writeLog(`${cause instanceof Error ? cause.stack : cause}\n`);
        const error = explainSystemError(cause) ?? cause;
        send({ type: 'failed', error: partsOf(error), kind: kindOf(error) });
      })
      .finally(() => {
        if (process.connected) process.disconnect();
      });
  });
}

/** On a full disk the log gets no more: the coordinator hears it all the same. */
function writeLog(text: string): void {
  try {
    writeSync(process.stderr.fd, text);
  } catch {}
}

function send(report: Report): void {
  if (process.connected) process.send?.(report);
}

function kindOf(error: unknown): ErrorKind {
  return error instanceof MisuseError ? 'misuse' : error instanceof UndecidedError ? 'undecided' : 'failure';
}

function partsOf(error: unknown): ErrorParts {
  if (error instanceof NonetError) {
    const { code, expected, found, hint } = error;
    return { code, expected, found, ...(hint === undefined ? {} : { hint }) };
  }
  return { code: 'internal', expected: 'no error inside the program', found: String(error) };
}
