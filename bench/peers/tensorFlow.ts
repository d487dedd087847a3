/**
 * The models of `bench/training.ts` in TensorFlow.js: gradients by `variableGrads`, SGD with
 * momentum. The WebAssembly backend (SIMD, one thread in Node) has no derivative of a convolution's
 * filter, so LeNet-5 trains on the JavaScript backend.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

type Variables = Record<string, tf.Variable>;

const dense = (x: tf.Tensor, p: Variables, name: string) =>
  tf.add(tf.matMul(x as tf.Tensor2D, p[`${name}.weight`] as unknown as tf.Tensor2D), p[`${name}.bias`]);

/** (B,H,W,C), the layout that tfjs computes in. Filters come as (O,I,H,W). */
const convolution = (x: tf.Tensor, p: Variables, name: string, padding: number) => {
  const filter = tf.transpose(p[`${name}.weight`], [2, 3, 1, 0]) as tf.Tensor4D;
  return tf.add(tf.conv2d(x as tf.Tensor4D, filter, 1, padding), p[`${name}.bias`]);
};

const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 0);

const forwards: Record<string, (p: Variables, x: tf.Tensor) => tf.Tensor> = {
  mlp: (p, x) => dense(tf.relu(dense(x, p, 'dense0')), p, 'dense1'),
  lenet(p, x) {
    const first = pool(tf.relu(convolution(tf.transpose(x, [0, 2, 3, 1]), p, 'conv0', 2)));
    const second = pool(tf.relu(convolution(first, p, 'conv1', 0)));
    const flat = tf.reshape(tf.transpose(second, [0, 3, 1, 2]), [-1, 400]);
    return dense(tf.relu(dense(tf.relu(dense(flat, p, 'dense0')), p, 'dense1')), p, 'dense2');
  },
};

/** A trainer of one of the models, from these parameters; `step` gives the loss. */
export async function createTrainer(
  model: string,
  parameters: readonly { name: string; shape: readonly number[]; data: Float32Array }[],
  rate: number,
  momentum: number,
) {
  const folder = dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')));
  setWasmPaths(`${join(folder, '..', 'wasm-out')}/`);
  const backends = { step: model === 'lenet' ? 'cpu' : 'wasm', infer: 'wasm' };
  await tf.setBackend(backends.infer);
  const forward = forwards[model];
  const variables: Variables = {};
  const velocities: Variables = {};
  for (const { name, shape, data } of parameters) {
    variables[name] = tf.variable(tf.tensor(data, [...shape]), true, `${model}.${name}`);
    velocities[name] = tf.variable(tf.zeros([...shape]), false);
  }
  const names = Object.fromEntries(parameters.map(({ name }) => [`${model}.${name}`, name]));
  return {
    async step(x: Float32Array | Int32Array, shape: readonly number[], y: Int32Array): Promise<number> {
      await tf.setBackend(backends.step);
      return tf.tidy(() => {
        const input = tf.tensor(x, [...shape]);
        const { value, grads } = tf.variableGrads(() => {
          const logits = forward(variables, input);
          const classes = logits.shape.at(-1)!;
          const scores = tf.logSoftmax(logits);
          return tf.neg(
            tf.mean(tf.sum(tf.mul(scores, tf.oneHot(tf.tensor1d(y, 'int32'), classes)), -1)),
          ) as tf.Scalar;
        });
        for (const [key, gradient] of Object.entries(grads)) {
          const name = names[key];
          velocities[name].assign(tf.add(tf.mul(velocities[name], momentum), gradient));
          variables[name].assign(tf.sub(variables[name], tf.mul(velocities[name], rate)));
        }
        return value.dataSync()[0];
      });
    },
    async infer(x: Float32Array | Int32Array, shape: readonly number[]): Promise<Float32Array> {
      await tf.setBackend(backends.infer);
      return tf.tidy(() => forward(variables, tf.tensor(x, [...shape])).dataSync() as Float32Array);
    },
  };
}
