/** The bounds of a call to a store as one signal: the caller's, and the deadline. */
import { UndecidedError } from '@nonet/core';
import type { CallOptions } from '@nonet/core/ports';

/** The longest time that a timer takes: 2^31 - 1 ms. */
export const longestTimer = 2 ** 31 - 1;

/**
 * Runs `call` within the bounds. It rejects as soon as one is reached, even if `call` does not heed
 * its signal: with the reason of the caller's signal, or with `store.unreachable`.
 */
export async function boundCall<T>(
  { signal, untilMilliseconds }: CallOptions,
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const bounds = new AbortController();
  const abort = () => bounds.abort(signal!.reason);
  const expire = () =>
    bounds.abort(
      new UndecidedError({
        code: 'store.unreachable',
        expected: `${what} to be done before the deadline`,
        found: 'that it is not',
        hint: 'Ask again later, or another store.',
      }),
    );
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const milliseconds = (untilMilliseconds ?? Number.POSITIVE_INFINITY) - Date.now();
  const timer = milliseconds > longestTimer ? undefined : setTimeout(expire, Math.max(0, milliseconds));
  try {
    bounds.signal.throwIfAborted();
    return await new Promise<T>((resolve, reject) => {
      bounds.signal.addEventListener('abort', () => reject(bounds.signal.reason));
      call(bounds.signal).then(resolve, (cause) =>
        reject(bounds.signal.aborted ? bounds.signal.reason : cause),
      );
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
