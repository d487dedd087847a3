/**
 * A program: an integer model without its weights (docs/specs/zk.md §7), read from untrusted data,
 * and the ranges that follow from it. Everything that a proof's size and shape depend on is in
 * here.
 */
import { logCeil, modulus } from '@nonet/algebra';
import type { Canonical } from '@nonet/core/codec';
import { queries } from '../commitment/layout.ts';
import { describe, reject } from '../rejection.ts';

/** Half-up requantisation for each output, as the primitive of arithmetic.md has it. */
export interface Requantisation {
  readonly shift: readonly number[];
  readonly zero: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** Two numbers: along the rows of an image, then along its columns. */
export type Pair = readonly [number, number];

/**
 * How a layer reads an image through a window: output o reads, at each place k of the kernel, input
 * o * stride + k * dilation - before, along rows and along columns.
 */
export interface WindowShape {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Places above and left of the image, and below and right of it, that windows may cover. */
  readonly before: Pair;
  readonly after: Pair;
}

/** A tensor with an integer that it is multiplied by. */
export interface WeightedTerm {
  readonly source: number;
  readonly factor: number;
}

/**
 * A layer makes the tensor of the next number from tensor `source`. Weighted layers have biases
 * from -2^biasBits to 2^biasBits - 1. Images have the axes channel, row, column.
 */
export type Layer =
  | {
      readonly kind: 'dense';
      readonly source: number;
      readonly size: number;
      readonly biasBits: number;
      readonly requantise: Requantisation | null;
    }
  | ({
      readonly kind: 'convolution';
      readonly source: number;
      readonly channels: number;
      /** Each of them reads and makes as many channels as the others, in order. */
      readonly groups: number;
      readonly biasBits: number;
      readonly requantise: Requantisation;
    } & WindowShape)
  /** What lies outside of the image is never the largest. */
  | ({ readonly kind: 'maximum'; readonly source: number } & WindowShape)
  | ({
      readonly kind: 'sum';
      readonly source: number;
      /** By what each row and each column of the result is multiplied. */
      readonly factors: readonly [readonly number[], readonly number[]];
      readonly requantise: Requantisation;
    } & WindowShape)
  /** The sum of `source` and of `others`, all of one shape; without others, `source` alone. */
  | {
      readonly kind: 'add';
      readonly source: number;
      readonly others: readonly WeightedTerm[];
      readonly requantise: Requantisation;
    }
  /** Products, position by position, of two tensors of one shape, or of an image by channel. */
  | {
      readonly kind: 'multiply';
      readonly source: number;
      readonly other: number;
      readonly requantise: Requantisation;
    }
  /**
   * The values of all sources in `outer` blocks: in each, those of the first, of the next, ..., in
   * row-major order, under new axes. With one source that is a reshape.
   */
  | {
      readonly kind: 'join';
      readonly source: number;
      readonly others: readonly number[];
      readonly outer: number;
      readonly shape: readonly number[];
    }
  /** The value at matrix * position + offset, or 0 where that lies outside of the source. */
  | {
      readonly kind: 'view';
      readonly source: number;
      readonly shape: readonly number[];
      readonly matrix: readonly (readonly number[])[];
      readonly offset: readonly number[];
    }
  /** `offsets`, if there are any, are added first: one for each position of the first axis. */
  | {
      readonly kind: 'lookup';
      readonly source: number;
      readonly table: number;
      readonly offsets: readonly number[];
    };

/** A layer that reads an image through a window. */
export type WindowLayer = Extract<Layer, WindowShape>;

/** A layer with weights. */
export type WeightedLayer = Extract<Layer, { readonly biasBits: number }>;

/** A function of integers: the value of `low`, of `low` + 1, ... */
export interface FunctionTable {
  readonly low: number;
  readonly values: readonly number[];
}

/** A model without its weights; its canonical encoding is part of the model's identity. */
export interface Program {
  readonly format: 'nonet integrity program 1';
  /** Queries for each commitment. */
  readonly queries: number;
  readonly maximumBatch: number;
  readonly input: { readonly shape: readonly number[]; readonly low: number; readonly high: number };
  readonly layers: readonly Layer[];
  readonly tables: readonly FunctionTable[];
  /** What a statement says of the last tensor: all of it, or the position of the largest. */
  readonly output: 'values' | 'position';
}

/** The format that this version reads and writes. */
export const programFormat = 'nonet integrity program 1';

/** Rows of a batch, at most. */
export const maximumBatchRows = 2 ** 16;
const maximumLayers = 128;
const maximumSize = 2 ** 16;
const maximumTables = 64;
const maximumKernel = 64;
/** Of an addition or of a join. */
const maximumSources = 64;
const maximumTermFactor = 2 ** 15;
const maximumAxes = 3;
/** Between the ends of a requantised range. */
const maximumSpan = 2 ** 24 - 1;
const maximumTableEntries = 2 ** 16;
/** §7.8: look-ups of one proof. */
export const maximumLookups = 2 ** 22;
/** §7.8: what a verifier computes one number at a time. */
const maximumWork = 2 ** 22;

/** Weights are integers of 8 bits. */
export const weightLow = -128;
/** The largest weight. */
export const weightHigh = 127;

const isInteger = (value: unknown, low: number, high: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;

/** §2.4: the largest integer that one element of the field alone stands for, as its negative. */
const largestValue = (modulus - 1) / 2;

function assertProgram(holds: boolean, expected: string, found: unknown): asserts holds {
  if (!holds) reject('program.malformed', expected, describe(found));
}

function readRecord(value: Canonical | undefined, keys: readonly string[], name: string) {
  const isRecord =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  assertProgram(isRecord, `a record as ${name}`, value);
  const record = value as { readonly [key: string]: Canonical };
  const found = Object.keys(record).sort().join();
  assertProgram(found === [...keys].sort().join(), `the fields ${keys.join(', ')} in ${name}`, found);
  return record;
}

/** An integer that a proof reckons with. */
const readValue = (value: Canonical | undefined, name: string) =>
  readInteger(value, -largestValue, largestValue, name);

function readInteger(value: Canonical | undefined, low: number, high: number, name: string): number {
  assertProgram(isInteger(value, low, high), `an integer from ${low} to ${high} as ${name}`, value);
  return value;
}

function readList(value: Canonical | undefined, maximum: number, name: string): readonly Canonical[] {
  assertProgram(
    Array.isArray(value) && value.length <= maximum,
    `a list of at most ${maximum} as ${name}`,
    value,
  );
  return value as readonly Canonical[];
}

const readValues = (value: Canonical | undefined, count: number, name: string) =>
  readIntegers(value, count, -largestValue, largestValue, name);

const readIntegers = (value: Canonical | undefined, count: number, low: number, high: number, name: string) =>
  readList(value, count, name).map((entry) => readInteger(entry, low, high, name));

/** With as many shifts as `size` says, or as the layer will have to have channels. */
function readRequantisation(value: Canonical, size?: number): Requantisation | null {
  if (value === null) return null;
  const record = readRecord(value, ['shift', 'zero', 'low', 'high'], 'requantise');
  const shift = readIntegers(record.shift, size ?? maximumSize, 0, 30, 'shift');
  const zero = readValues(record.zero, size ?? maximumSize, 'zero');
  const count = size ?? shift.length;
  assertProgram(shift.length === count && zero.length === count, `${count} shifts and zeros`, shift.length);
  const low = readValue(record.low, 'low');
  const high = readInteger(record.high, low + 1, Math.min(low + maximumSpan, largestValue), 'high');
  return { shift, zero, low, high };
}

const readPair = (value: Canonical | undefined, low: number, name: string): Pair => {
  const pair = readIntegers(value, 2, low, maximumKernel, name);
  assertProgram(pair.length === 2, `two numbers as ${name}`, pair);
  return pair as unknown as Pair;
};

type Fields = { readonly [key: string]: Canonical };

const readWindow = (record: Fields): WindowShape => ({
  kernel: readPair(record.kernel, 1, 'kernel'),
  stride: readPair(record.stride, 1, 'stride'),
  dilation: readPair(record.dilation, 1, 'dilation'),
  before: readPair(record.before, 0, 'before'),
  after: readPair(record.after, 0, 'after'),
});

const windowFields = ['kernel', 'stride', 'dilation', 'before', 'after'] as const;

/** Of a layer that has to be requantised. */
function readOwnRequantisation(record: Fields, size?: number): Requantisation {
  const requantise = readRequantisation(record.requantise!, size);
  assertProgram(requantise !== null, 'a requantisation', requantise);
  return requantise;
}

/** Extents of one or three axes. */
function readShape(value: Canonical | undefined): number[] {
  const shape = readIntegers(value, maximumAxes, 1, maximumSize, 'shape');
  assertProgram(shape.length === 1 || shape.length === 3, 'one or three axes', shape);
  return shape;
}

function readLayer(value: Canonical, index: number, tables: number): Layer {
  const kind = (value as { kind?: Canonical } | null)?.kind;
  const fieldsOf = (...fields: string[]) => readRecord(value, ['kind', 'source', ...fields], 'a layer');
  const sourceOf = (tensor: Canonical | undefined) => readInteger(tensor, 0, index, 'source');
  switch (kind) {
    case 'lookup': {
      const record = fieldsOf('table', 'offsets');
      const table = readInteger(record.table, 0, tables - 1, 'table');
      const offsets = readValues(record.offsets, maximumSize, 'offsets');
      return { kind, source: sourceOf(record.source), table, offsets };
    }
    case 'maximum': {
      const record = fieldsOf(...windowFields);
      const window = readWindow(record);
      const { kernel } = window;
      assertProgram(kernel[0] * kernel[1] > 1, 'a window of more than one value', kernel);
      return { kind, source: sourceOf(record.source), ...window };
    }
    case 'sum': {
      const record = fieldsOf(...windowFields, 'factors', 'requantise');
      const lists = readList(record.factors, 2, 'factors');
      assertProgram(lists.length === 2, 'factors of rows and of columns', lists.length);
      const factors = lists.map((list) => readIntegers(list, maximumSize, 1, maximumTermFactor, 'factors'));
      return {
        kind,
        source: sourceOf(record.source),
        ...readWindow(record),
        factors: factors as unknown as [number[], number[]],
        requantise: readOwnRequantisation(record),
      };
    }
    case 'add': {
      const record = fieldsOf('others', 'requantise');
      const others = readList(record.others, maximumSources, 'others').map((entry) => {
        const { source, factor } = readRecord(entry, ['source', 'factor'], 'a term');
        return {
          source: sourceOf(source),
          factor: readInteger(factor, -maximumTermFactor, maximumTermFactor, 'factor'),
        };
      });
      return { kind, source: sourceOf(record.source), others, requantise: readOwnRequantisation(record) };
    }
    case 'multiply': {
      const record = fieldsOf('other', 'requantise');
      return {
        kind,
        source: sourceOf(record.source),
        other: sourceOf(record.other),
        requantise: readOwnRequantisation(record),
      };
    }
    case 'join': {
      const record = fieldsOf('others', 'outer', 'shape');
      return {
        kind,
        source: sourceOf(record.source),
        others: readList(record.others, maximumSources, 'others').map(sourceOf),
        outer: readInteger(record.outer, 1, maximumLookups, 'outer'),
        shape: readShape(record.shape),
      };
    }
    case 'view': {
      const record = fieldsOf('shape', 'matrix', 'offset');
      const shape = readShape(record.shape);
      const matrix = readList(record.matrix, maximumAxes, 'matrix').map((row) => {
        const factors = readIntegers(row, shape.length, -maximumSize, maximumSize, 'matrix');
        assertProgram(factors.length === shape.length, `${shape.length} factors in a row`, factors.length);
        return factors;
      });
      const offset = readIntegers(record.offset, maximumAxes, -maximumSize, maximumSize, 'offset');
      assertProgram(offset.length === matrix.length, `${matrix.length} offsets`, offset.length);
      return { kind, source: sourceOf(record.source), shape, matrix, offset };
    }
    case 'convolution': {
      const record = fieldsOf(...windowFields, 'channels', 'groups', 'biasBits', 'requantise');
      const channels = readInteger(record.channels, 1, maximumSize, 'channels');
      return {
        kind,
        source: sourceOf(record.source),
        channels,
        groups: readInteger(record.groups, 1, channels, 'groups'),
        ...readWindow(record),
        biasBits: readInteger(record.biasBits, 0, 30, 'biasBits'),
        requantise: readOwnRequantisation(record, channels),
      };
    }
    case 'dense': {
      const record = fieldsOf('size', 'biasBits', 'requantise');
      const size = readInteger(record.size, 1, maximumSize, 'size');
      return {
        kind,
        source: sourceOf(record.source),
        size,
        biasBits: readInteger(record.biasBits, 0, 30, 'biasBits'),
        requantise: readRequantisation(record.requantise!, size),
      };
    }
    default:
      return reject('program.malformed', 'a layer of a known kind', describe(kind));
  }
}

/** The program in untrusted data; refuses with `program.malformed` what is none. */
export function readProgram(value: Canonical): Program {
  const fields = ['format', 'queries', 'maximumBatch', 'input', 'layers', 'tables', 'output'];
  const record = readRecord(value, fields, 'a program');
  const { format, output } = record;
  assertProgram(format === programFormat, programFormat, format);
  assertProgram(output === 'values' || output === 'position', 'the output values or position', output);
  const inputRecord = readRecord(record.input, ['shape', 'low', 'high'], 'input');
  const low = readValue(inputRecord.low, 'low');
  const tables = readList(record.tables, maximumTables, 'tables').map((table): FunctionTable => {
    const entry = readRecord(table, ['low', 'values'], 'a table');
    const values = readValues(entry.values, maximumTableEntries, 'values');
    assertProgram(values.length > 0, 'a table of at least one value', values);
    return { low: readInteger(entry.low, -largestValue, largestValue - values.length, 'low'), values };
  });
  const layers = readList(record.layers, maximumLayers, 'layers');
  const read = layers.map((layer, index) => readLayer(layer, index, tables.length));
  assertProgram(
    read.some((layer) => 'biasBits' in layer),
    'at least one layer with weights',
    read.map(({ kind }) => kind),
  );
  const shape = readShape(inputRecord.shape);
  return {
    format,
    queries: readInteger(record.queries, queries, queries, 'queries'),
    maximumBatch: readInteger(record.maximumBatch, 1, maximumBatchRows, 'maximumBatch'),
    input: {
      shape,
      low,
      high: readInteger(inputRecord.high, low, largestValue, 'high'),
    },
    layers: read,
    tables,
    output,
  };
}

/** An axis, padded to a power of two. */
export interface Axis {
  readonly size: number;
  readonly variables: number;
}

/** A tensor's axes for each row of the batch. */
interface TensorShape {
  readonly axes: readonly Axis[];
  /** Real values of a row. */
  readonly size: number;
  /** log2 of the values of a row, padded. */
  readonly variables: number;
}

/** And what its values can be. */
export interface TensorRange extends TensorShape {
  readonly low: number;
  readonly high: number;
  /** Sums that were not requantised: not committed. */
  readonly isAccumulator: boolean;
}

/** What follows from a program. */
export interface ProgramRanges {
  /** Tensor 0 is the input, tensor i + 1 that of layer i. */
  readonly tensors: readonly TensorRange[];
  /** For each layer and output: bits by which its rounded sum can leave the range. */
  readonly excessBits: readonly (readonly number[])[];
  /** Bits of the gap between the largest value and another one. */
  readonly gapBits: number;
}

/** The number of bits of a whole number from 0 on. */
export const bitsOf = (value: number): number => (value === 0 ? 0 : Math.floor(Math.log2(value)) + 1);

/** What is added before the shift, so that it rounds half up. */
export const halfOf = (shift: number): number => (shift === 0 ? 0 : 2 ** (shift - 1));

/** Axes of a shape. Kernels need the first and the last of at least four positions. */
function axesOf(shape: readonly number[]): readonly Axis[] {
  return shape.map((size, i) => ({
    size,
    variables: Math.max(i === 0 || i === shape.length - 1 ? 2 : 0, logCeil(size)),
  }));
}

/** The sum of the variables of axes. */
export const variablesOf = (axes: readonly Axis[]): number =>
  axes.reduce((sum, { variables }) => sum + variables, 0);

/** Where the real values of axes are among the padded ones, in order. */
export function realPositions(axes: readonly Axis[]): Int32Array {
  let positions = Int32Array.of(0);
  for (const { size, variables } of axes) {
    const next = new Int32Array(positions.length * size);
    for (const [i, position] of positions.entries()) {
      for (let j = 0; j < size; j++) next[i * size + j] = position * 2 ** variables + j;
    }
    positions = next;
  }
  return positions;
}

const tensorShape = (shape: readonly number[]): TensorShape => {
  const axes = axesOf(shape);
  return { axes, size: shape.reduce((product, extent) => product * extent, 1), variables: variablesOf(axes) };
};

/** The axes that the weights of a layer are summed over. */
export function innerAxes(layer: WeightedLayer, source: TensorShape): readonly Axis[] {
  if (layer.kind === 'dense') return source.axes;
  const [rows, columns] = layer.kernel.map((size) => ({ size, variables: logCeil(size) }));
  return [source.axes[0], rows, columns];
}

/** Those, and that of the outputs: the channels of one group where there are several. */
export function weightAxes(layer: WeightedLayer, source: TensorShape, target: TensorShape): readonly Axis[] {
  const isGrouped = layer.kind === 'convolution' && layer.groups > 1;
  const [outputs] = isGrouped ? axesOf([layer.channels / layer.groups]) : target.axes;
  return [...innerAxes(layer, source), outputs];
}

/** All tensors that a layer reads, in order. */
function sourcesOf(layer: Layer): readonly number[] {
  switch (layer.kind) {
    case 'add':
      return [layer.source, ...layer.others.map(({ source }) => source)];
    case 'multiply':
      return [layer.source, layer.other];
    case 'join':
      return [layer.source, ...layer.others];
    default:
      return [layer.source];
  }
}

/** §7.7: both sides of an equation, as integers, differ by less than p. */
function assertNoWrap(layer: number, left: readonly number[], right: readonly number[]) {
  const farthest = Math.max(left[1] - right[0], right[1] - left[0]);
  if (farthest < modulus) return;
  reject('program.range', `values in layer ${layer} that differ by less than ${modulus}`, `${farthest}`);
}

/** How many positions a window has on an axis. */
function windowCount(size: number, kernel: number, stride: number, layer: number): number {
  if (size < kernel) reject('program.range', `a window inside of its image in layer ${layer}`, `${kernel}`);
  return Math.floor((size - kernel) / stride) + 1;
}

const isWindowLayer = (layer: Layer): layer is WindowLayer => 'kernel' in layer;

/** The extents of a layer's tensor. */
function shapeOf(layer: Layer, index: number, source: TensorShape): readonly number[] {
  if (layer.kind === 'dense') return [layer.size];
  if ('shape' in layer) return layer.shape;
  const extents = source.axes.map(({ size }) => size);
  if (!isWindowLayer(layer)) return extents;
  if (extents.length !== 3) reject('program.source', `an image for layer ${index}`, `${extents.length} axes`);
  const [channels, ...image] = extents;
  const out = image.map((size, axis) => {
    const { kernel, stride, dilation, before, after } = layer;
    const extent = (kernel[axis] - 1) * dilation[axis] + 1;
    return windowCount(size + before[axis] + after[axis], extent, stride[axis], index);
  });
  return [layer.kind === 'convolution' ? layer.channels : channels, ...out];
}

/** What a verifier computes of a layer one number at a time, about. */
function layerWork(layer: Layer, source: TensorShape, target: TensorShape): number {
  const lists = 'requantise' in layer && layer.requantise !== null ? 8 * target.axes[0].size : 0;
  const offsets = layer.kind === 'lookup' ? 2 * layer.offsets.length : 0;
  const groups = layer.kind === 'convolution' ? 2 * (source.axes[0].size + layer.channels) : 0;
  if (!isWindowLayer(layer)) return lists + offsets;
  const reads = layer.kernel[0] * target.axes[1].size + layer.kernel[1] * target.axes[2].size;
  // Each place of a maximum is a column with look-ups of its own.
  const places = layer.kind === 'maximum' ? 2 ** 9 * layer.kernel[0] * layer.kernel[1] : 0;
  return lists + groups + 2 * reads + places;
}

/**
 * Refuses what cannot stay within the bounds of §7.8, by the least that it takes, before anything
 * of its size is built.
 */
function assertSizes({ layers, tables, maximumBatch }: Program, tensors: readonly TensorShape[]): void {
  let [weights, values] = [0, 0];
  let work = tables.reduce((sum, { values: entries }) => sum + 3 * entries.length, 0);
  for (const [i, layer] of layers.entries()) {
    const [source, target] = [tensors[layer.source], tensors[i + 1]];
    if ('biasBits' in layer) weights += 2 ** variablesOf(weightAxes(layer, source, target));
    values += 2 ** target.variables * (layer.kind === 'maximum' ? layer.kernel[0] * layer.kernel[1] : 1);
    if (layer.kind === 'view') values += 2 ** source.variables;
    work += layerWork(layer, source, target);
  }
  const most = Math.max(weights, values, maximumBatch * 2 ** tensors[0].variables);
  if (most > maximumLookups) {
    reject('program.lookups', `at most ${maximumLookups} look-ups in one proof`, `at least ${most}`);
  }
  if (work > maximumWork) reject('program.work', `at most ${maximumWork} numbers to compute`, `${work}`);
}

/** Checks §7.2 to §7.8, with `program.range`, `program.source`, `program.lookups`, `program.work`. */
export function analyseProgram(program: Program): ProgramRanges {
  const { input, layers } = program;
  const { low, high } = input;
  const shapes = [tensorShape(input.shape)];
  for (const [i, layer] of layers.entries()) {
    shapes.push(tensorShape(shapeOf(layer, i, shapes[layer.source])));
  }
  assertSizes(program, shapes);
  const tensors: TensorRange[] = [{ ...shapes[0], low, high, isAccumulator: false }];
  const excessBits: (readonly number[])[] = [];
  for (const [i, layer] of layers.entries()) {
    const sources = sourcesOf(layer).map((tensor) => tensors[tensor]);
    if (sources.some(({ isAccumulator }) => isAccumulator)) {
      reject('program.source', `a requantised source for layer ${i}`, 'sums');
    }
    const { bits, ...own } = analyseLayer(program, layer, i, sources, shapes[i + 1]);
    tensors.push({ ...shapes[i + 1], ...own });
    excessBits.push(bits);
  }
  const last = tensors[tensors.length - 1];
  if (last.axes.length !== 1) {
    reject('program.source', 'an output of one axis', `${last.axes.length}`);
  }
  const gapBits = program.output === 'position' ? bitsOf(last.high - last.low) : 0;
  // largest = value + gap + before.
  assertNoWrap(layers.length, [last.low, last.high + 2 ** gapBits], [last.low, last.high]);
  return { tensors, excessBits, gapBits };
}

type LayerRange = Pick<TensorRange, 'low' | 'high' | 'isAccumulator'> & { readonly bits: readonly number[] };

/** Values as they are in the sources. */
const sameValues = (sources: readonly Pick<TensorRange, 'low' | 'high'>[]): LayerRange => ({
  low: Math.min(...sources.map(({ low }) => low)),
  high: Math.max(...sources.map(({ high }) => high)),
  isAccumulator: false,
  bits: [],
});

function analyseLayer(
  program: Program,
  layer: Layer,
  i: number,
  sources: readonly TensorRange[],
  target: TensorShape,
): LayerRange {
  const [source] = sources;
  switch (layer.kind) {
    case 'lookup':
      return analyseLookup(program, layer, i, source);
    case 'maximum':
      if (source.high - source.low > 255) {
        reject('program.range', `values of 8 bits for layer ${i}`, `${source.low} to ${source.high}`);
      }
      assertWindows(layer, i, source, target);
      return sameValues([source]);
    case 'join': {
      const [size, found] = [target.size, sources.reduce((sum, own) => sum + own.size, 0)];
      const isWhole = size === found && sources.every((own) => own.size % layer.outer === 0);
      if (!isWhole)
        reject('program.source', `${size} values in ${layer.outer} blocks for layer ${i}`, `${found}`);
      return sameValues(sources);
    }
    case 'view':
      if (layer.matrix.length !== source.axes.length) {
        reject(
          'program.source',
          `a view of ${layer.matrix.length} axes in layer ${i}`,
          `${source.axes.length}`,
        );
      }
      return sameValues([source, { low: 0, high: 0 }]);
    default:
      return analyseSums(layer, i, sources, target);
  }
}

function analyseLookup(
  { tables }: Program,
  { table, offsets }: Extract<Layer, { kind: 'lookup' }>,
  i: number,
  source: TensorRange,
): LayerRange {
  const { low, values } = tables[table];
  const channels = source.axes[0].size;
  assertProgram(
    offsets.length === 0 || offsets.length === channels,
    `0 or ${channels} offsets in layer ${i}`,
    offsets.length,
  );
  const [first, last] = [offsets.reduce(min, offsets[0] ?? 0), offsets.reduce(max, offsets[0] ?? 0)];
  if (source.low + first < low || source.high + last >= low + values.length) {
    const range = `${source.low + first} to ${source.high + last}`;
    reject('program.range', `a table for ${range} in layer ${i}`, `${low} to ${low + values.length - 1}`);
  }
  const [least, most] = [values.reduce(min), values.reduce(max)];
  return { low: least, high: most, isAccumulator: false, bits: [] };
}

const min = (a: number, b: number) => Math.min(a, b);
const max = (a: number, b: number) => Math.max(a, b);

/** Refuses windows that lie outside of their image as a whole: they have no largest value. */
function assertWindows(layer: WindowShape, i: number, source: TensorShape, target: TensorShape): void {
  for (const axis of [0, 1] as const) {
    const [kernel, stride, dilation] = [layer.kernel[axis], layer.stride[axis], layer.dilation[axis]];
    const [positions, size] = [target.axes[axis + 1].size, source.axes[axis + 1].size];
    for (let o = 0; o < positions; o++) {
      const start = o * stride - layer.before[axis];
      const first = Math.max(0, Math.ceil(-start / dilation));
      const isInside = first < kernel && start + first * dilation < size;
      if (!isInside) reject('program.range', `a value in each window of layer ${i}`, `none in window ${o}`);
    }
  }
}

/** Layers with sums: where they are not requantised, their ranges are those of the sums. */
function analyseSums(
  layer: SummingLayer,
  i: number,
  sources: readonly TensorRange[],
  target: TensorShape,
): LayerRange {
  const { low, high } = sumRange(layer, i, sources, target);
  // So that they are exact as numbers of 32 bits, too.
  if (low <= -modulus || high >= modulus) {
    reject('program.range', `sums between -${modulus} and ${modulus} in layer ${i}`, `${low} to ${high}`);
  }
  assertNoWrap(i, [low, high], [low, high]);
  if (layer.requantise === null) return { low, high, isAccumulator: true, bits: [] };
  const channels = target.axes[0].size;
  const { shift, zero, low: least, high: most } = layer.requantise;
  assertProgram(shift.length === channels, `${channels} shifts in layer ${i}`, shift.length);
  const rounded = (sum: number, j: number) => Math.floor((sum + halfOf(shift[j])) / 2 ** shift[j]) + zero[j];
  const bits = shift.map((_, j) => bitsOf(Math.max(0, rounded(high, j) - most, least - rounded(low, j))));
  for (let j = 0; j < shift.length; j++) {
    const [scale, half, beyond] = [2 ** shift[j], halfOf(shift[j]), 2 ** bits[j] - 1];
    const right = [
      scale * (least - beyond - zero[j]) - half,
      scale * (most + beyond - zero[j]) + scale - 1 - half,
    ];
    assertNoWrap(i, [low, high], right);
  }
  return { low: least, high: most, isAccumulator: false, bits };
}

type SummingLayer = Extract<Layer, { readonly requantise: unknown }>;
type Range = Pick<TensorRange, 'low' | 'high'>;

const extentsOf = ({ axes }: TensorShape) => axes.map(({ size }) => size);
const scaleRange = ({ low, high }: Range, factor: number): Range => ({
  low: Math.min(low * factor, high * factor),
  high: Math.max(low * factor, high * factor),
});

/** Between which integers the sums of a layer lie. */
function sumRange(
  layer: SummingLayer,
  i: number,
  sources: readonly TensorRange[],
  target: TensorShape,
): Range {
  const [source] = sources;
  const extents = String(extentsOf(source));
  switch (layer.kind) {
    case 'add': {
      const terms = sources.map((own, k) => scaleRange(own, k === 0 ? 1 : layer.others[k - 1].factor));
      const other = sources.find((own) => String(extentsOf(own)) !== extents);
      if (other !== undefined) {
        reject('program.source', `tensors of ${extents} for layer ${i}`, String(extentsOf(other)));
      }
      return {
        low: terms.reduce((sum, { low }) => sum + low, 0),
        high: terms.reduce((sum, { high }) => sum + high, 0),
      };
    }
    case 'multiply': {
      const shape = String(extentsOf(sources[1]));
      const isByChannel = shape === String(source.axes[0].size) && layer.other > 0;
      if (shape !== extents && !isByChannel) {
        reject('program.source', `a tensor of ${extents}, or of its channels, for layer ${i}`, shape);
      }
      const ends = [source.low, source.high].flatMap((x) => [x * sources[1].low, x * sources[1].high]);
      return { low: Math.min(...ends), high: Math.max(...ends) };
    }
    case 'sum': {
      for (const [axis, factors] of layer.factors.entries()) {
        const count = target.axes[axis + 1].size;
        assertProgram(factors.length === count, `${count} factors in layer ${i}`, factors.length);
      }
      const [rows, columns] = layer.factors.map((factors) => factors.reduce(max));
      const most = layer.kernel[0] * layer.kernel[1] * rows * columns;
      // What lies outside of the image counts as 0.
      return { low: most * Math.min(0, source.low), high: most * Math.max(0, source.high) };
    }
    default: {
      const products = [source.low, source.high].flatMap((x) => [x * weightLow, x * weightHigh]);
      const bias = 2 ** layer.biasBits;
      const all = innerAxes(layer, source).reduce((product, { size }) => product * size, 1);
      const terms =
        layer.kind === 'convolution' ? groupSize(layer, i, source) * (all / source.axes[0].size) : all;
      // Padding of an image is 0, which is a product too.
      return {
        low: terms * Math.min(0, ...products) - bias,
        high: terms * Math.max(0, ...products) + bias - 1,
      };
    }
  }
}

/** Input channels of one group. */
function groupSize(
  { channels, groups }: Extract<Layer, { kind: 'convolution' }>,
  i: number,
  source: TensorRange,
) {
  const inputs = source.axes[0].size;
  if (channels % groups !== 0 || inputs % groups !== 0) {
    reject('program.source', `channels in ${groups} groups for layer ${i}`, `${inputs} and ${channels}`);
  }
  return inputs / groups;
}
