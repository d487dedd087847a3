/**
 * Features of 1,000 give or take 100 into batch normalisation: its running statistics are far
 * outside what an entry of an update holds, and 300 examples leave a last batch that is padded.
 */
import {
  batchNorm,
  createRandomStream,
  type Dataset,
  defineJob,
  defineModel,
  dense,
  flatten,
  relu,
  reshape,
} from 'nonet';

const labels = ['low', 'high'] as const;
const features = 16;
const random = createRandomStream([9, 9]);

/** Three uniform numbers in place of a normal one; half of the features are higher with the label. */
function createSet(size: number): Dataset {
  const truth = Int32Array.from({ length: size }, (_, i) => i % 2);
  const values = Float32Array.from({ length: size * features }, (_, i) => {
    const isHigh = truth[Math.floor(i / features)] === 1;
    const sum = random.uniform() + random.uniform() + random.uniform() - 1.5;
    return 1000 + 100 * (sum + (i % features < 8 === isHigh ? 0.35 : 0));
  });
  return { features: values, shape: [features], labels: truth, vocabulary: [...labels] };
}

const { graph } = defineModel({ shape: [features], labels: [...labels] }, (g, x) => {
  const standardised = flatten(g, batchNorm(g, reshape(g, x, ['B', features, 1, 1])));
  return dense(g, relu(g, dense(g, standardised, 8)), 2);
});

export default defineJob({
  job: {
    name: 'batch normalisation',
    model: graph,
    data: { shape: [features], labels: [...labels] },
    training: { epochs: 3, batch: 16, learningRate: 0.05, momentum: 0.9 },
    rounds: 3,
    minParticipants: 2,
    phases: { collecting: 30, appealing: 2, stepping: 10, objecting: 2 },
    testSet: createSet(300),
  },
  rehearsal: { sites: [createSet(300), createSet(300)] },
});
