/** Random models in f32, of the operations that proofs cover, behind one another. */
import * as t from '@nonet/tensor';
import type { Source } from './randomPrograms.ts';

type G = ReturnType<typeof t.createBuilder>;
type Id = number;

/** What can be done with an image; undefined where it does not fit. */
type Step = (g: G, x: Id, shape: readonly number[], source: Source, earlier: readonly Id[]) => Id | undefined;

const shapeOf = (g: G, id: Id) => g.nodes[id].shape.slice(1).map(Number);

const hardSwish = (g: G, x: Id) => {
  const gate = t.clip(g, t.add(g, x, g.constant(Float32Array.of(3), [])), 0, 6);
  return t.div(g, t.mul(g, x, gate), g.constant(Float32Array.of(6), []));
};

const slopes = (g: G, x: Id, channels: number) => {
  const values = Float32Array.from({ length: channels }, (_, c) => (c % 5) / 4 - 0.2);
  const negative = t.mul(g, t.sub(g, x, t.relu(g, x)), g.constant(values, [channels, 1, 1]));
  return t.add(g, t.relu(g, x), negative);
};

const steps: Readonly<Record<string, Step>> = {
  conv2d: (g, x, [, height, width], { from }) => {
    const [kernel, padding, stride] = [from(1, 3), from(0, 2), from(1, 2)];
    const fits = Math.min(height, width) + 2 * padding >= kernel && padding < kernel;
    return fits ? t.conv2d(g, x, from(1, 4), { kernel, padding, stride }) : undefined;
  },
  'conv2d in groups': (g, x, [channels], { pick }) => {
    const groups = pick([channels, channels % 2 === 0 ? 2 : 1]);
    return t.conv2d(g, x, 2 * groups, { kernel: 3, padding: 1, groups });
  },
  batchNorm: (g, x) => t.batchNorm(g, t.conv2d(g, x, 3, { kernel: 1 })),
  relu: (g, x) => t.relu(g, t.conv2d(g, x, 3, { kernel: 1 })),
  'a function': (g, x, _, { pick }) =>
    pick([t.sigmoid, t.tanh, t.gelu, t.silu, t.elu, hardSwish])(g, t.conv2d(g, x, 3, { kernel: 1 })),
  PReLU: (g, x) => slopes(g, t.conv2d(g, x, 3, { kernel: 1 }), 3),
  clip: (g, x) => t.clip(g, x, -0.5, 0.75),
  maxPool: (g, x, [, height, width], { from }) => {
    const [kernel, stride, padding] = [from(2, 3), from(1, 2), from(0, 1)];
    const fits = Math.min(height, width) + 2 * padding >= kernel;
    return fits ? t.maxPool(g, x, { kernel, stride, padding }) : undefined;
  },
  averagePool: (g, x, [, height, width], { from, next }) => {
    if (Math.min(height, width) < 2) return undefined;
    const padding = from(0, 1);
    return t.averagePool(g, x, {
      kernel: 2 + padding,
      stride: from(1, 2),
      padding,
      countPadding: next(2) === 0,
    });
  },
  'residual sum': (g, x, [channels]) =>
    t.add(g, x, t.relu(g, t.conv2d(g, x, channels, { kernel: 3, padding: 1 }))),
  difference: (g, x, [channels]) => t.sub(g, t.conv2d(g, x, channels, { kernel: 1 }), x),
  concat: (g, x, shape, _, earlier) => {
    const likes = earlier.filter((id) => String(shapeOf(g, id).slice(1)) === String(shape.slice(1)));
    return t.concat(g, [x, ...likes.slice(0, 2)], 1);
  },
  gate: (g, x, [channels]) =>
    t.mul(g, x, t.sigmoid(g, t.conv2d(g, t.globalAveragePool(g, x), channels, { kernel: 1 }))),
  'reshape to another image': (g, x, [channels, height, width], { pick }) => {
    const size = channels * height * width;
    const first = pick([1, channels, height].filter((extent) => size % extent === 0));
    const rest = size / first;
    const second = pick([1, 2, 3, height].filter((extent) => rest % extent === 0));
    return t.reshape(g, x, ['B', first, second, rest / second]);
  },
  'transpose and slice': (g, x, [channels], { pick }) => {
    const turned = t.transpose(
      g,
      x,
      pick([
        [0, 3, 2, 1],
        [0, 1, 3, 2],
        [0, 2, 1, 3],
      ]),
    );
    return channels > 1 ? turned : t.slice(g, turned, { axis: 1, start: 0, end: 1, step: 1 });
  },
};

/** A model of one input x and one output y, with the names of its steps. */
export function randomGraph(source: Source): {
  readonly graph: t.Graph;
  readonly size: number;
  readonly names: string[];
} {
  const g = t.createBuilder();
  const shape = [source.from(1, 4), source.from(3, 6), source.from(3, 6)];
  let x = g.input('x', 'f32', ['B', ...shape]);
  const names: string[] = [];
  const earlier: Id[] = [];
  for (let i = source.from(1, 4); i > 0; i--) {
    const name = source.pick(Object.keys(steps));
    const made = steps[name](g, x, shapeOf(g, x), source, earlier);
    if (made === undefined || shapeOf(g, made).reduce((a, b) => a * b, 1) > 600) continue;
    names.push(name);
    earlier.push(x);
    x = made;
  }
  const pooled = source.next(3);
  if (pooled === 1) x = t.globalAveragePool(g, x);
  if (pooled === 2) x = t.globalMaxPool(g, x);
  const logits = t.dense(g, t.flatten(g, x), source.from(2, 5));
  g.output('y', source.next(3) === 0 ? t.argmax(g, logits) : logits);
  return { graph: g.finish(), size: shape.reduce((a, b) => a * b, 1), names };
}
