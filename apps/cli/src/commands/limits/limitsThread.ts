/** A thread that computes the limits it was started for. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerLimits } from '@nonet/limits/worker';

answerLimits(workerData, (answer) => parentPort?.postMessage(answer));
