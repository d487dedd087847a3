/** Small programs with repeatable weights and inputs, for tests and benchmarks. */
import { type Layer, type Program, programFormat } from '../zk/model/program.ts';
import type { LayerWeights } from '../zk/model/proveWitness.ts';

/** What a sample is like. */
export interface SampleOptions {
  /** Of the input, of each hidden layer, of the output. */
  readonly sizes: readonly number[];
  readonly output: 'values' | 'position';
  /** Whether the last layer is requantised, and to which range if not to its usual one. */
  readonly requantiseLast?: boolean | { readonly low: number; readonly high: number };
  /** A function by table after the first layer. */
  readonly withTable?: boolean;
  readonly maximumBatch?: number;
}

/** A program with its weights. */
export interface SampleModel {
  readonly program: Program;
  readonly weights: readonly LayerWeights[];
  /** Inputs of `rows` rows. */
  inputsOf(rows: number): Int32Array;
}

/** A linear congruential generator of numbers below `bound`. */
function createSource(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Layers whose sums leave the range on both sides, with shifts of 0 up and zeros of both signs. */
export function sampleModel(options: SampleOptions): SampleModel {
  const { sizes, output, requantiseLast = false, withTable = false, maximumBatch = 16 } = options;
  const next = createSource(sizes.join().length);
  const layers: Layer[] = [];
  const weights: LayerWeights[] = [];
  for (const [i, size] of sizes.slice(1).entries()) {
    const isLast = i === sizes.length - 2;
    // Half of what a sum of random products needs, so that some are clamped.
    const shift = Math.max(0, Math.round(Math.log2(128 * Math.sqrt(sizes[i]) * 0.5)) - 1);
    layers.push({
      kind: 'dense',
      source: layers.length,
      size,
      biasBits: 10,
      requantise:
        isLast && !requantiseLast
          ? null
          : {
              shift: Array.from({ length: size }, (_, j) => Math.max(0, shift - (j % 3) * 4)),
              zero: Array.from({ length: size }, (_, j) => (j % 4) - 2),
              low: i % 2 === 0 ? 0 : -100,
              high: 127,
              ...(isLast && typeof requantiseLast === 'object' ? requantiseLast : {}),
            },
    });
    if (withTable && i === 0) layers.push({ kind: 'lookup', source: layers.length, table: 0 });
    weights.push({
      weights: Int8Array.from({ length: sizes[i] * size }, () => next(256) - 128),
      bias: Int32Array.from({ length: size }, () => next(2048) - 1024),
    });
  }
  const program: Program = {
    format: programFormat,
    queries: 154,
    maximumBatch,
    input: { shape: [sizes[0]], low: -128, high: 127 },
    layers,
    tables: withTable
      ? [{ low: 0, values: Array.from({ length: 128 }, (_, x) => Math.round(100 * Math.sin(x / 20))) }]
      : [],
    output,
  };
  return {
    program,
    weights,
    inputsOf: (rows) => Int32Array.from({ length: rows * sizes[0] }, () => next(256) - 128),
  };
}

/** A layer of an image model. */
export type ImageLayer =
  | {
      readonly kind: 'convolution';
      readonly channels: number;
      readonly kernel: readonly [number, number];
      readonly stride?: readonly [number, number];
      readonly before?: readonly [number, number];
      readonly after?: readonly [number, number];
    }
  | {
      readonly kind: 'maximum';
      readonly kernel: readonly [number, number];
      readonly stride: readonly [number, number];
    }
  | {
      readonly kind: 'sum';
      readonly kernel: readonly [number, number];
      readonly stride: readonly [number, number];
    }
  /** With tensor `other`, of the same shape. */
  | { readonly kind: 'add'; readonly other: number }
  | { readonly kind: 'dense'; readonly size: number };

/** Convolutions, maxima and dense layers over an image; the last layer is dense. */
export function sampleImageModel(
  shape: readonly [number, number, number],
  description: readonly ImageLayer[],
  output: 'values' | 'position',
  maximumBatch = 4,
): SampleModel {
  const next = createSource(description.length);
  const layers: Layer[] = [];
  const weights: LayerWeights[] = [];
  let [channels, ...image] = shape as readonly number[];
  for (const [source, layer] of description.entries()) {
    if (layer.kind === 'maximum') {
      layers.push({ ...layer, source });
      image = image.map((extent, i) => Math.floor((extent - layer.kernel[i]) / layer.stride[i]) + 1);
      continue;
    }
    if (layer.kind === 'sum' || layer.kind === 'add') {
      const shift = layer.kind === 'add' ? 1 : Math.round(Math.log2(layer.kernel[0] * layer.kernel[1]));
      const requantise = {
        shift: Array.from({ length: channels }, (_, j) => (j === 0 ? shift : Math.max(0, shift - 1))),
        zero: Array<number>(channels).fill(0),
        low: 0,
        high: 255,
      };
      layers.push({ ...layer, source, requantise });
      if (layer.kind === 'sum') {
        image = image.map((extent, i) => Math.floor((extent - layer.kernel[i]) / layer.stride[i]) + 1);
      }
      continue;
    }
    const isDense = layer.kind === 'dense';
    const size = isDense ? layer.size : layer.channels;
    const terms = channels * (isDense ? image.reduce((a, b) => a * b, 1) : layer.kernel[0] * layer.kernel[1]);
    const isLast = source === description.length - 1;
    const shift = Math.max(0, Math.round(Math.log2(64 * Math.sqrt(terms))));
    const requantise = {
      shift: Array.from({ length: size }, (_, j) => Math.max(0, shift - (j % 2))),
      zero: Array<number>(size).fill(0),
      low: 0,
      high: 255,
    };
    if (isDense) {
      layers.push({ kind: 'dense', source, size, biasBits: 8, requantise: isLast ? null : requantise });
      image = [];
    } else {
      const { kernel, stride = [1, 1], before = [0, 0], after = [0, 0] } = layer;
      layers.push({
        kind: 'convolution',
        source,
        channels: size,
        kernel,
        stride,
        before,
        after,
        biasBits: 8,
        requantise,
      });
      image = image.map(
        (extent, i) => Math.floor((extent + before[i] + after[i] - kernel[i]) / stride[i]) + 1,
      );
    }
    channels = size;
    weights.push({
      weights: Int8Array.from({ length: terms * size }, () => next(256) - 128),
      bias: Int32Array.from({ length: size }, () => next(512) - 256),
    });
  }
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    program: {
      format: programFormat,
      queries: 154,
      maximumBatch,
      input: { shape, low: -128, high: 127 },
      layers,
      tables: [],
      output,
    },
    weights,
    inputsOf: (rows) => Int32Array.from({ length: rows * size }, () => next(256) - 128),
  };
}
