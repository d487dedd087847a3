/**
 * The models of `bench/training.ts` in jax-js (WebAssembly, one thread in Node): jitted loss,
 * gradient and SGD with momentum. jax-js arrays are moved into what uses them; `.ref` keeps one.
 */
import { init, type Array as JaxArray, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';

type Arrays = Record<string, JaxArray>;

const dense = (x: JaxArray, p: Arrays, name: string) =>
  np.dot(x, p[`${name}.weight`].ref).add(p[`${name}.bias`].ref);

const convolution = (x: JaxArray, p: Arrays, name: string, padding: number) => {
  const pad: [number, number] = [padding, padding];
  const bias = p[`${name}.bias`].ref.reshape([1, -1, 1, 1]);
  return lax.conv(x, p[`${name}.weight`].ref, [1, 1], [pad, pad]).add(bias);
};

/** 2x2, stride 2. */
const pool = (x: JaxArray) => {
  const [batch, channels, height, width] = x.shape;
  return np.max(x.reshape([batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
};

/** Over the last axis. */
const layerNorm = (x: JaxArray, p: Arrays, name: string) =>
  nn.standardize(x, -1, { epsilon: 1e-5 }).mul(p[`${name}.scale`].ref).add(p[`${name}.shift`].ref);

const heads = 4;

/** (B,T,D), causal. */
function attention(x: JaxArray, p: Arrays, first: number) {
  const [batch, time, width] = x.shape;
  const [query, key, value] = [0, 1, 2].map((i) =>
    dense(x.ref, p, `dense${first + i}`).reshape([batch, time, heads, width / heads]),
  );
  x.dispose();
  const attended = nn.dotProductAttention(query, key, value, { isCausal: true });
  return dense(attended.reshape([batch, time, width]), p, `dense${first + 3}`);
}

function transformer(p: Arrays, tokens: JaxArray) {
  let x = np.take(p['embedding0.weight'].ref, tokens, 0).add(p['positions0.weight'].ref);
  for (let layer = 0; layer < 5; layer++) {
    x = x.ref.add(attention(layerNorm(x, p, `norm${2 * layer}`), p, 6 * layer));
    const hidden = dense(layerNorm(x.ref, p, `norm${2 * layer + 1}`), p, `dense${6 * layer + 4}`);
    x = x.add(dense(nn.gelu(hidden, { approximate: false }), p, `dense${6 * layer + 5}`));
  }
  return dense(layerNorm(x, p, 'norm10'), p, 'dense30');
}

const forwards: Record<string, (p: Arrays, x: JaxArray) => JaxArray> = {
  mlp: (p, x) => dense(nn.relu(dense(x, p, 'dense0')), p, 'dense1'),
  lenet(p, x) {
    const first = pool(nn.relu(convolution(x, p, 'conv0', 2)));
    const second = pool(nn.relu(convolution(first, p, 'conv1', 0)));
    const flat = second.reshape([second.shape[0], 400]);
    return dense(nn.relu(dense(nn.relu(dense(flat, p, 'dense0')), p, 'dense1')), p, 'dense2');
  },
  transformer,
};

/** A trainer of one of the models, from these parameters; `step` gives the loss. */
export async function createTrainer(
  model: string,
  parameters: readonly { name: string; shape: readonly number[]; data: Float32Array<ArrayBuffer> }[],
  rate: number,
  momentum: number,
) {
  await init('wasm');
  const forward = forwards[model];
  const arrays: Arrays = {};
  for (const { name, shape, data } of parameters) arrays[name] = np.array(data).reshape([...shape]);
  let state = { p: arrays, v: tree.map((a: JaxArray) => np.zeros(a.shape), tree.ref(arrays)) as Arrays };
  const loss = (p: Arrays, x: JaxArray, y: JaxArray) => {
    const logits = forward(p, x);
    const classes = logits.shape.at(-1)!;
    const scores = nn.logSoftmax(logits, -1);
    return np.mean(np.sum(scores.mul(nn.oneHot(y.reshape(logits.shape.slice(0, -1)), classes)), -1)).neg();
  };
  const update = jit((s: { p: Arrays; v: Arrays }, x: JaxArray, y: JaxArray) => {
    const [value, gradient] = valueAndGrad(loss)(s.p, x, y) as [JaxArray, Arrays];
    const v: Arrays = {};
    const p: Arrays = {};
    for (const name of Object.keys(s.p)) {
      v[name] = s.v[name].mul(momentum).add(gradient[name]);
      p[name] = s.p[name].sub(v[name].ref.mul(rate));
    }
    return [value, { p, v }];
  });
  const apply = jit(forward);
  return {
    step(
      x: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
      shape: readonly number[],
      y: Int32Array<ArrayBuffer>,
    ): number {
      const [value, next] = update(state, np.array(x).reshape([...shape]), np.array(y)) as [
        JaxArray,
        typeof state,
      ];
      state = next;
      return value.dataSync()[0];
    },
    infer(x: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>, shape: readonly number[]): Float32Array {
      return apply(tree.ref(state.p), np.array(x).reshape([...shape])).dataSync() as Float32Array;
    },
  };
}
