/**
 * The cancer table as a job of three sites, for tests of whole runs: small, the same every time, a
 * second or so per round.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  inferSchema,
  type JobDraft,
  mlp,
  partitionDirichlet,
  readCsv,
  readTable,
  splitTable,
  standardisationOf,
} from 'nonet';

const file = join(import.meta.dirname, '../../examples/cancer.csv');
const seed = `0x${'5a'.repeat(32)}` as const;
const { training, test } = splitTable(readCsv(readFileSync(file, 'utf8')), { testFraction: 0.2, seed });
const data = inferSchema(training, { target: 'diagnosis', missing: 'refuse' });

/** All rows to train on, for jobs that divide them otherwise. */
export const rows = readTable(training, data);

export const sites = partitionDirichlet(rows, { sites: 3, alpha: 100 });

export const cancer: JobDraft = {
  name: 'cancer',
  model: mlp({ features: data.shape, standardise: standardisationOf(data), hidden: [32], classes: 2 }),
  data,
  // Many small steps, so that there is a middle of a round to be killed in.
  training: { epochs: 600, batch: 4, learningRate: 0.0002, momentum: 0.5 },
  rounds: 5,
  // A role that is killed must be back before the deadline.
  phases: { collecting: 120, closing: 20, appealing: 10, stepping: 20, objecting: 4 },
  testSet: readTable(test, data),
};
