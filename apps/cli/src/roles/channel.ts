/**
 * Between the coordinator and the processes that it starts: one message down (the configuration), reports up. A process ends when the coordinator's end
 * of the channel closes, however that happened.
 */
import { type ErrorParts, MisuseError, NonetError, UndecidedError } from '@nonet/core';
import type { ErrorKind, Report, RoleEvent } from './messages.ts';

/** Runs one role in this process: waits for its configuration, reports what it does, exits 0 when it is done. */
export function runRole<Configuration>(
  role: (
    configuration: Configuration,
    signal: AbortSignal,
    report: (event: RoleEvent) => void,
  ) => Promise<void>,
): void {
  const stop = new AbortController();
  process.once('disconnect', () => {
    stop.abort();
    // A role that is stuck in a request must not outlive its coordinator.
    setTimeout(() => process.exit(0), 2000).unref();
  });
  // The coordinator decides what these mean for its children, whom a terminal signals as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.once('message', (configuration) => {
    role(configuration as Configuration, stop.signal, (event) => send({ type: 'event', event }))
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        process.exitCode = 1;
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        send({ type: 'failed', error: partsOf(error), kind: kindOf(error) });
      })
      .finally(() => {
        if (process.connected) process.disconnect();
      });
  });
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
