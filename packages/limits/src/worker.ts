/**
 * The computation off the main thread: what a worker answers, for Node's threads and for Web
 * Workers alike.
 */
import { MisuseError } from '@nonet/core';
import { computeLimits, type LimitsRequest, type LimitsResult } from './compute.ts';

export type WorkerAnswer =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'done'; readonly result: LimitsResult }
  /** An error, taken apart, because a message cannot carry its class. */
  | { readonly type: 'refused'; readonly code: string; readonly expected: string; readonly found: string };

/** Computes, telling of each hundredth, and ends with `done` or `refused`. */
export function answerLimits(request: LimitsRequest, post: (answer: WorkerAnswer) => void): void {
  let told = -1;
  try {
    const result = computeLimits(request, (share) => {
      const hundredth = Math.floor(100 * share);
      if (hundredth === told) return;
      told = hundredth;
      post({ type: 'progress', share });
    });
    post({ type: 'done', result });
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    post({ type: 'refused', code: error.code, expected: error.expected, found: error.found });
  }
}

/** Takes one answer: the result when it is there, undefined for progress. Throws the refusal. */
export function takeAnswer(
  answer: WorkerAnswer,
  progress: (share: number) => void,
): LimitsResult | undefined {
  if (answer.type === 'done') return answer.result;
  if (answer.type === 'refused') throw new MisuseError(answer);
  progress(answer.share);
  return undefined;
}
