/** A Web Worker: takes one `LimitsRequest`, posts `WorkerAnswer`s. */
import type { LimitsRequest } from './compute.ts';
import { answerLimits } from './worker.ts';

self.onmessage = ({ data }: MessageEvent<LimitsRequest>) =>
  answerLimits(data, (answer) => self.postMessage(answer));
