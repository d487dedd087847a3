/**
 * Between the coordinator and the processes that it starts: orders down, reports up. A process ends
 * when the coordinator's end of the channel closes, however that happened.
 */
import { writeSync } from 'node:fs';
import { type ErrorParts, MisuseError, NonetError, UndecidedError } from '@nonet/core';
import { explainSystemError } from '../machine/systemErrors.ts';
import type { ErrorKind, Order, Part, Report, RoleEvent } from './messages.ts';

/** What a role has of its coordinator. */
export interface Channel {
  /** Aborts when the coordinator has gone. */
  readonly signal: AbortSignal;
  report(event: RoleEvent): void;
  /** Resolves when this part of the process may join the job. */
  readonly turn: Promise<void>;
}

/**
 * Runs a role in this process, once for each part that the coordinator names; exits when all have
 * ended, with 0 if none failed.
 */
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
  const turns = new Map<string, PromiseWithResolvers<void>>();
  const turnOf = (part: string) => {
    const turn = turns.get(part) ?? Promise.withResolvers<void>();
    turns.set(part, turn);
    return turn;
  };

  async function play({ name: part, configuration }: Part): Promise<void> {
    const report = (event: RoleEvent) => send({ part, type: 'event', event });
    try {
      const { promise: turn } = turnOf(part);
      await role(configuration as Configuration, { signal: stop.signal, report, turn });
      send({ part, type: 'done' });
    } catch (cause) {
      if (stop.signal.aborted) return;
      process.exitCode = 1;
      writeLog(`${part}: ${cause instanceof Error ? cause.stack : cause}\n`);
      const error = explainSystemError(cause) ?? cause;
      send({ part, type: 'failed', error: partsOf(error), kind: kindOf(error) });
    }
  }

  process.on('message', async (order: Order) => {
    if (order.type === 'turn') return turnOf(order.part).resolve();
    await Promise.all(order.parts.map(play));
    if (process.connected) process.disconnect();
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
