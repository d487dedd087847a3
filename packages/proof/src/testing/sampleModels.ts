/** Small programs with repeatable weights and inputs, for tests and benchmarks. */
import {
  type FunctionTable,
  type Layer,
  type Pair,
  type Program,
  programFormat,
} from '../zk/model/program.ts';
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
    if (withTable && i === 0) layers.push({ kind: 'lookup', source: layers.length, table: 0, offsets: [] });
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

interface SampleWindow {
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  readonly before?: Pair;
  readonly after?: Pair;
}

/** A layer of an image model; it reads the one before it. */
export type ImageLayer =
  | ({ readonly kind: 'convolution'; readonly channels: number; readonly groups?: number } & SampleWindow)
  | ({ readonly kind: 'maximum' } & SampleWindow)
  /** By rows and columns, from 1 up, where `isUneven`. */
  | ({ readonly kind: 'sum'; readonly isUneven?: boolean } & SampleWindow)
  /** With tensor `other`, of the same shape, times a factor; by itself if left out. */
  | { readonly kind: 'add'; readonly other?: number; readonly factor?: number }
  /** With tensor `other`, of the same shape or with a value for each channel. */
  | { readonly kind: 'multiply'; readonly other: number }
  /** The channels of `others` behind its own. */
  | { readonly kind: 'join'; readonly others: readonly number[] }
  | { readonly kind: 'reshape'; readonly shape: readonly number[] }
  | {
      readonly kind: 'view';
      readonly shape: readonly number[];
      readonly matrix: readonly (readonly number[])[];
      readonly offset: readonly number[];
    }
  /** A table for each channel, or one for all of them. */
  | { readonly kind: 'lookup'; readonly isPerChannel?: boolean }
  | { readonly kind: 'dense'; readonly size: number };

/** Layers about an image; the last one is dense. */
export function sampleImageModel(
  shape: readonly [number, number, number],
  description: readonly ImageLayer[],
  output: 'values' | 'position',
  maximumBatch = 4,
): SampleModel {
  const next = createSource(description.length);
  const layers: Layer[] = [];
  const weights: LayerWeights[] = [];
  const tables: FunctionTable[] = [];
  const shapes: (readonly number[])[] = [shape];
  const size = shape.reduce((a, b) => a * b, 1);
  for (const [source, layer] of description.entries()) {
    const own = shapes[source];
    const isLast = source === description.length - 1;
    /** Shifts that differ from channel to channel. */
    const requantiseBy = (channels: number, shift: number) => ({
      shift: Array.from({ length: channels }, (_, j) => Math.max(0, shift - (j % 2))),
      zero: Array<number>(channels).fill(0),
      low: 0,
      high: 255,
    });
    const window = {
      stride: [1, 1] as const,
      dilation: [1, 1] as const,
      before: [0, 0] as const,
      after: [0, 0] as const,
    };
    const imageOf = (channels: number, { kernel, ...given }: SampleWindow): readonly number[] => {
      const { stride, dilation, before, after } = { ...window, ...given };
      const extents = own.slice(1).map((extent, i) => {
        const inside = extent + before[i] + after[i] - (kernel[i] - 1) * dilation[i] - 1;
        return Math.floor(inside / stride[i]) + 1;
      });
      return [channels, ...extents];
    };
    const weigh = (terms: number, channels: number) => {
      weights.push({
        weights: Int8Array.from({ length: terms * channels }, () => next(256) - 128),
        bias: Int32Array.from({ length: channels }, () => next(512) - 256),
      });
      return requantiseBy(channels, Math.max(0, Math.round(Math.log2(64 * Math.sqrt(terms)))));
    };
    switch (layer.kind) {
      case 'maximum':
        layers.push({ ...window, ...layer, source });
        shapes.push(imageOf(own[0], layer));
        break;
      case 'sum': {
        const { isUneven = false, ...rest } = layer;
        const made = imageOf(own[0], rest);
        const shift = Math.round(Math.log2(layer.kernel[0] * layer.kernel[1])) + (isUneven ? 2 : 0);
        const factors = [1, 2].map((axis) =>
          Array.from({ length: made[axis] }, (_, i) => (isUneven ? 1 + (i % 3) : 1)),
        ) as unknown as readonly [number[], number[]];
        layers.push({ ...window, ...rest, source, factors, requantise: requantiseBy(own[0], shift) });
        shapes.push(made);
        break;
      }
      case 'add': {
        const { other, factor = 1 } = layer;
        const others = other === undefined ? [] : [{ source: other, factor }];
        layers.push({ kind: 'add', source, others, requantise: requantiseBy(own[0], 1) });
        shapes.push(own);
        break;
      }
      case 'multiply':
        layers.push({ ...layer, source, requantise: requantiseBy(own[0], 6) });
        shapes.push(own);
        break;
      case 'join': {
        const channels = layer.others.reduce((sum, other) => sum + shapes[other][0], own[0]);
        const made = [channels, ...own.slice(1)];
        layers.push({ ...layer, source, outer: 1, shape: made });
        shapes.push(made);
        break;
      }
      case 'reshape':
        layers.push({ kind: 'join', source, others: [], outer: 1, shape: layer.shape });
        shapes.push(layer.shape);
        break;
      case 'view':
        layers.push({ ...layer, source });
        shapes.push(layer.shape);
        break;
      case 'lookup': {
        const { isPerChannel = false } = layer;
        const channels = isPerChannel ? own[0] : 1;
        // Of -128 to 255, whatever the source is.
        const values = Array.from({ length: 384 * channels }, () => next(200) - 90);
        const offsets = isPerChannel ? Array.from({ length: channels }, (_, c) => 384 * c) : [];
        layers.push({ kind: 'lookup', source, table: tables.push({ low: -128, values }) - 1, offsets });
        shapes.push(own);
        break;
      }
      case 'convolution': {
        const { groups = 1, channels } = layer;
        const terms = (own[0] / groups) * layer.kernel[0] * layer.kernel[1];
        const requantise = weigh(terms, channels);
        layers.push({ ...window, ...layer, groups, source, biasBits: 8, requantise });
        shapes.push(imageOf(channels, layer));
        break;
      }
      case 'dense': {
        const requantise = weigh(
          own.reduce((a, b) => a * b, 1),
          layer.size,
        );
        layers.push({ ...layer, source, biasBits: 8, requantise: isLast ? null : requantise });
        shapes.push([layer.size]);
      }
    }
  }
  return {
    program: {
      format: programFormat,
      queries: 154,
      maximumBatch,
      input: { shape, low: -128, high: 127 },
      layers,
      tables,
      output,
    },
    weights,
    inputsOf: (rows) => Int32Array.from({ length: rows * size }, () => next(256) - 128),
  };
}
