import { type LimitsRequest, type LimitsView, limitsView } from '@nonet/limits';
import LimitsWorker from '@nonet/limits/webWorker?worker&inline';
import { takeAnswer, type WorkerAnswer } from '@nonet/limits/worker';
import { useEffect, useRef, useState } from 'react';
import type { LimitsPage } from './data.ts';

export interface Computed {
  readonly view: LimitsView;
  /** From 0 to 1 while something newer is being computed. */
  readonly progress?: number;
  readonly refusal?: string;
}

/** Milliseconds that a slider must rest before its value is computed. */
const rest = 150;

/**
 * The newest result for the request; the first comes with the page. A request that is overtaken is
 * given up.
 */
export function useLimits(page: LimitsPage, request: LimitsRequest): Computed {
  const [computed, setComputed] = useState<Computed>({ view: page.view });
  const first = useRef(page.request);
  useEffect(() => {
    if (request === first.current) return;
    let worker: Worker | undefined;
    const timer = setTimeout(() => {
      setComputed(({ view }) => ({ view, progress: 0 }));
      worker = new LimitsWorker();
      worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
        try {
          const result = takeAnswer(data, (progress) => setComputed(({ view }) => ({ view, progress })));
          if (result === undefined) return;
          setComputed({ view: limitsView(result, request.scenario, page.asOf) });
        } catch (error) {
          setComputed(({ view }) => ({
            view,
            refusal: error instanceof Error ? error.message : String(error),
          }));
        }
        worker?.terminate();
      };
      worker.postMessage(request);
    }, rest);
    return () => {
      clearTimeout(timer);
      worker?.terminate();
    };
  }, [page, request]);
  return computed;
}
