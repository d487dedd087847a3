/**
 * Random programs of odd shapes, and an executor written from docs/specs/zk.md §7 alone: row-major
 * lists without padding, one number at a time.
 */
import type { Layer, Program, Requantisation } from '../src/zk/model/program.ts';
import type { LayerWeights } from '../src/zk/model/proveWitness.ts';

/** Integers from a linear congruential generator. */
export interface Source {
  next(bound: number): number;
  from(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
}

/** The generator of a seed. */
export function createSource(seed: number): Source {
  let state = seed;
  const next = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  return { next, from: (low, high) => low + next(high - low + 1), pick: (list) => list[next(list.length)] };
}

/** A program with weights. */
export interface RandomModel {
  readonly program: Program;
  readonly weights: readonly LayerWeights[];
}

interface Tensor {
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

const count = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** A model of up to five layers and a dense one at the end. */
export function randomModel(source: Source): RandomModel {
  const { next, from, pick } = source;
  const shape = next(3) > 0 ? [from(1, 3), from(1, 5), from(1, 5)] : [from(1, 9)];
  const input = { shape, low: from(-130, 0), high: from(1, 130) };
  const layers: Layer[] = [];
  const weights: LayerWeights[] = [];
  const tables: Program['tables'][number][] = [];
  const tensors: Tensor[] = [input];
  const requantisation = (channels: number, scale: number): Requantisation => {
    const low = from(-200, 100);
    const bits = Math.round(Math.log2(scale));
    return {
      shift: Array.from({ length: channels }, () => Math.max(0, from(bits - 9, bits - 4))),
      zero: Array.from({ length: channels }, () => from(-40, 40)),
      low,
      high: low + (next(8) === 0 ? from(256, 70_000) : from(1, 255)),
    };
  };
  const weigh = (size: number, channels: number, biasBits: number) =>
    weights.push({
      weights: Array.from({ length: size }, () => (next(4) === 0 ? pick([-128, 127, 0]) : from(-128, 127))),
      bias: Array.from({ length: channels }, () => from(-(2 ** biasBits), 2 ** biasBits - 1)),
    });
  const add = (layer: Layer, own: readonly number[], { low, high }: { low: number; high: number }) => {
    layers.push(layer);
    tensors.push({ shape: own, low, high });
  };
  const addDense = (at: number, requantise: Requantisation | null, size: number, biasBits: number) => {
    weigh(count(tensors[at].shape) * size, size, biasBits);
    add({ kind: 'dense', source: at, size, biasBits, requantise }, [size], requantise ?? { low: 0, high: 0 });
  };
  for (let i = from(0, 5); i > 0; i--) {
    const at = next(3) === 0 ? next(tensors.length) : tensors.length - 1;
    const { shape: own, low, high } = tensors[at];
    const likes = tensors.flatMap((tensor, k) => (String(tensor.shape) === String(own) ? [k] : []));
    const kind = pick(['dense', 'lookup', 'add', 'multiply', 'join', 'view', 'window', 'window', 'window']);
    switch (kind) {
      case 'dense': {
        const size = from(1, 6);
        addDense(at, requantisation(size, 64 * 64 * Math.sqrt(count(own))), size, from(0, 12));
        break;
      }
      case 'lookup': {
        if (high - low > 3000) break;
        const width = high - low + 1;
        const offsets =
          next(2) === 0 ? [] : own.slice(0, 1).flatMap((c) => Array.from({ length: c }, (_, j) => j * 7));
        const values = Array.from({ length: width + 7 * own[0] }, () => from(-100, 100));
        const table = tables.push({ low, values }) - 1;
        add({ kind, source: at, table, offsets }, own, {
          low: Math.min(...values),
          high: Math.max(...values),
        });
        break;
      }
      case 'add': {
        const others = Array.from({ length: next(3) }, () => ({ source: pick(likes), factor: from(-3, 3) }));
        const requantise = requantisation(own[0], 2 ** from(4, 12));
        add({ kind, source: at, others, requantise }, own, requantise);
        break;
      }
      case 'multiply': {
        const requantise = requantisation(own[0], 2 ** from(8, 14));
        const channels = tensors.findIndex((tensor, k) => k > 0 && String(tensor.shape) === String(own[0]));
        const other = channels > 0 && next(2) === 0 ? channels : pick(likes);
        add({ kind, source: at, other, requantise }, own, requantise);
        break;
      }
      case 'join': {
        const others = Array.from({ length: next(3) }, () => pick(likes));
        const outer = pick([1, own[0], count(own)]);
        const [first, ...rest] = own;
        const all = [at, ...others].map((k) => tensors[k]);
        const made =
          next(2) === 0 ? [first * (others.length + 1), ...rest] : [count(own) * (others.length + 1)];
        add({ kind, source: at, others, outer, shape: made }, made, {
          low: Math.min(...all.map((tensor) => tensor.low)),
          high: Math.max(...all.map((tensor) => tensor.high)),
        });
        break;
      }
      case 'view': {
        const made = next(2) === 0 ? [from(1, 4), from(1, 4), from(1, 4)] : [from(1, 9)];
        const matrix = own.map(() => made.map(() => pick([0, 0, 1, 1, -1, 2])));
        const offset = own.map(() => from(-1, 2));
        const range = { low: Math.min(0, low), high: Math.max(0, high) };
        add({ kind, source: at, shape: made, matrix, offset }, made, range);
        break;
      }
      default:
        addWindow(source, { at, own: tensors[at], add, weigh, requantisation });
    }
  }
  const size = from(1, 7);
  const at = tensors.length - 1;
  const scale = 64 * 64 * Math.sqrt(count(tensors[at].shape));
  addDense(at, next(2) === 0 ? requantisation(size, scale) : null, size, 6);
  const output = pick(['values', 'position'] as const);
  return {
    program: {
      format: 'nonet integrity program 1',
      queries: 154,
      maximumBatch: 5,
      input,
      layers,
      tables,
      output,
    },
    weights,
  };
}

/** A convolution, maxima or sums of an image, where there is one. */
function addWindow(
  { next, from, pick }: Source,
  parts: {
    readonly at: number;
    readonly own: Tensor;
    add(layer: Layer, shape: readonly number[], range: { low: number; high: number }): void;
    weigh(size: number, channels: number, biasBits: number): void;
    requantisation(channels: number, scale: number): Requantisation;
  },
): void {
  const { at: source, own, add, weigh, requantisation } = parts;
  if (own.shape.length !== 3) return;
  const [inputs, ...image] = own.shape;
  const pair = (value: (axis: number) => number) => [value(0), value(1)] as const;
  const kind = pick(['convolution', 'convolution', 'maximum', 'sum'] as const);
  const [before, after] = [pair(() => next(3)), pair(() => next(3))];
  const dilation = pair(() => from(1, 2));
  const kernel = pair((axis) => {
    const most = Math.floor((image[axis] + before[axis] + after[axis] - 1) / dilation[axis]) + 1;
    return from(1, Math.min(4, most));
  });
  const stride = pair(() => from(1, 3));
  const window = { kernel, stride, dilation, before, after };
  const out = image.map((extent, axis) => {
    const covered = (kernel[axis] - 1) * dilation[axis] + 1;
    return Math.floor((extent + before[axis] + after[axis] - covered) / stride[axis]) + 1;
  });
  if (kind === 'maximum') {
    if (kernel[0] * kernel[1] < 2 || own.high - own.low > 255) return;
    add({ kind, source, ...window }, [inputs, ...out], own);
  } else if (kind === 'sum') {
    const factors = out.map((extent) => Array.from({ length: extent }, () => from(1, 3)));
    const requantise = requantisation(inputs, 2 ** from(4, 12));
    const both = factors as unknown as readonly [number[], number[]];
    add({ kind, source, ...window, factors: both, requantise }, [inputs, ...out], requantise);
  } else {
    const groups = next(2) === 0 ? inputs : 1;
    const channels = groups * from(1, 3);
    const terms = (inputs / groups) * kernel[0] * kernel[1];
    const biasBits = from(0, 12);
    weigh(inputs * kernel[0] * kernel[1] * (channels / groups), channels, biasBits);
    const requantise = requantisation(channels, 64 * 64 * Math.sqrt(terms));
    add({ kind, source, channels, groups, ...window, biasBits, requantise }, [channels, ...out], requantise);
  }
}

/** The position of a flat index under a shape. */
function positionOf(index: number, shape: readonly number[]): number[] {
  const position = shape.map(() => 0);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return position;
}

/** The outputs of one row of inputs. */
export function runPlainly({ program, weights }: RandomModel, inputs: readonly number[]): number[] {
  const all: { readonly shape: readonly number[]; readonly values: readonly number[] }[] = [
    { shape: program.input.shape, values: inputs },
  ];
  const lows = [program.input.low];
  let weighted = 0;
  for (const layer of program.layers) {
    const x = all[layer.source];
    const at = ({ shape, values }: typeof x, position: readonly number[]): number | undefined => {
      const isInside = position.every((place, axis) => place >= 0 && place < shape[axis]);
      return isInside
        ? values[position.reduce((index, place, axis) => index * shape[axis] + place, 0)]
        : undefined;
    };
    const make = (
      shape: readonly number[],
      value: (position: readonly number[], index: number) => number,
    ) => {
      const own = 'requantise' in layer ? layer.requantise : null;
      const values = Array.from({ length: count(shape) }, (_, index) => {
        const position = positionOf(index, shape);
        const sum = value(position, index);
        if (own === null) return sum;
        const [s, z] = [own.shift[position[0]], own.zero[position[0]]];
        const rounded = Math.floor((sum + (s === 0 ? 0 : 2 ** (s - 1))) / 2 ** s) + z;
        return Math.min(own.high, Math.max(own.low, rounded));
      });
      all.push({ shape, values });
    };
    /** What place (i, k) of a window reads in a channel. */
    const read = (channel: number, y: number, z: number, i: number, k: number) => {
      const { stride, dilation, before } = layer as Extract<Layer, { kernel: unknown }>;
      const row = y * stride[0] + i * dilation[0] - before[0];
      return at(x, [channel, row, z * stride[1] + k * dilation[1] - before[1]]);
    };
    const places = (kernel: readonly [number, number]) =>
      Array.from({ length: kernel[0] * kernel[1] }, (_, place) => positionOf(place, kernel));
    const outOf = ({ kernel, stride, dilation, before, after }: Extract<Layer, { kernel: unknown }>) =>
      [0, 1].map((axis) => {
        const covered = (kernel[axis] - 1) * dilation[axis] + 1;
        return Math.floor((x.shape[axis + 1] + before[axis] + after[axis] - covered) / stride[axis]) + 1;
      });
    switch (layer.kind) {
      case 'dense': {
        const { weights: w, bias } = weights[weighted++];
        make([layer.size], ([j]) =>
          x.values.reduce((sum, value, k) => sum + value * w[k * layer.size + j], bias[j]),
        );
        break;
      }
      case 'convolution': {
        const { weights: w, bias } = weights[weighted++];
        const { kernel, groups, channels } = layer;
        const [inputs, each] = [x.shape[0] / groups, channels / groups];
        make([channels, ...outOf(layer)], ([j, y, z]) => {
          let sum = bias[j];
          for (let c = 0; c < x.shape[0]; c++) {
            if (Math.floor(c / inputs) !== Math.floor(j / each)) continue;
            for (const [place, [i, k]] of places(kernel).entries()) {
              const weight = w[(c * kernel[0] * kernel[1] + place) * each + (j % each)];
              sum += (read(c, y, z, i, k) ?? 0) * weight;
            }
          }
          return sum;
        });
        break;
      }
      case 'maximum':
        make([x.shape[0], ...outOf(layer)], ([c, y, z]) =>
          Math.max(...places(layer.kernel).map(([i, k]) => read(c, y, z, i, k) ?? lows[layer.source])),
        );
        break;
      case 'sum':
        make([x.shape[0], ...outOf(layer)], ([c, y, z]) => {
          const sum = places(layer.kernel).reduce((total, [i, k]) => total + (read(c, y, z, i, k) ?? 0), 0);
          return sum * layer.factors[0][y] * layer.factors[1][z];
        });
        break;
      case 'add':
        make(x.shape, (_, index) =>
          layer.others.reduce(
            (sum, { source, factor }) => sum + factor * all[source].values[index],
            x.values[index],
          ),
        );
        break;
      case 'multiply': {
        const y = all[layer.other];
        const each = count(x.shape) / count(y.shape);
        make(x.shape, (_, index) => x.values[index] * y.values[Math.floor(index / each)]);
        break;
      }
      case 'join': {
        const sources = [layer.source, ...layer.others].map((source) => all[source].values);
        const values = Array.from({ length: layer.outer }, (_, block) =>
          sources.flatMap((own) => {
            const size = own.length / layer.outer;
            return own.slice(block * size, (block + 1) * size);
          }),
        ).flat();
        make(layer.shape, (_, index) => values[index]);
        break;
      }
      case 'view':
        make(layer.shape, (position) => {
          const from = layer.matrix.map((row, axis) =>
            row.reduce((sum, factor, column) => sum + factor * position[column], layer.offset[axis]),
          );
          return at(x, from) ?? 0;
        });
        break;
      default: {
        const { low, values } = program.tables[layer.table];
        make(x.shape, ([c], index) => values[x.values[index] + (layer.offsets[c] ?? 0) - low]);
      }
    }
    lows.push(leastOf(program, layer, lows));
  }
  const { values } = all[all.length - 1];
  return program.output === 'values' ? [...values] : [values.indexOf(Math.max(...values))];
}

/** The least value that a layer's tensor can have, as far as a maximum needs it. */
function leastOf({ tables }: Program, layer: Layer, lows: readonly number[]): number {
  switch (layer.kind) {
    case 'maximum':
      return lows[layer.source];
    case 'lookup':
      return Math.min(...tables[layer.table].values);
    case 'view':
      return Math.min(0, lows[layer.source]);
    case 'join':
      return Math.min(...[layer.source, ...layer.others].map((source) => lows[source]));
    default:
      return layer.requantise?.low ?? 0;
  }
}
