/**
 * Between the coordinator and the processes that it starts: one message down (the configuration), reports up. A process ends when the coordinator's end
 * of the channel closes, however that happened.
 */
import { NonetError } from '@nonet/core';

/** What a role process reports; `event` is the role's own report, a plain object. */
export type Report =
  | { readonly type: 'event'; readonly event: { readonly type: string } }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** Runs one role in this process: waits for its configuration, reports what it does, exits 0 when it is done. */
export function runRole<Configuration>(
  role: (
    configuration: Configuration,
    signal: AbortSignal,
    report: (event: { readonly type: string }) => void,
  ) => Promise<void>,
): void {
  const stop = new AbortController();
  process.once('disconnect', () => {
    stop.abort();
    // A role that is stuck in a request must not outlive its coordinator.
    setTimeout(() => process.exit(0), 2000).unref();
  });
  // The coordinator decides what an interrupt means for its children.
  process.on('SIGINT', () => {});
  process.once('message', (configuration) => {
    role(configuration as Configuration, stop.signal, (event) => send({ type: 'event', event }))
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        process.exitCode = 1;
        send({
          type: 'failed',
          code: error instanceof NonetError ? error.code : 'internal',
          message: error instanceof NonetError ? error.message : String(error instanceof Error ? error.stack : error),
        });
      })
      .finally(() => {
        if (process.connected) process.disconnect();
      });
  });
}

function send(report: Report): void {
  if (process.connected) process.send?.(report);
}
