/**
 * A program: an integer model without its weights (docs/specs/zk.md §7), read from untrusted data,
 * and the ranges that follow from it. Everything that a proof's size and shape depend on is in
 * here.
 */
import { logCeil, modulus } from '@nonet/algebra';
import type { Canonical } from '@nonet/core/codec';
import { queries } from '../commitment/layout.ts';
import { reject } from '../rejection.ts';

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
  | {
      readonly kind: 'convolution';
      readonly source: number;
      readonly channels: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      /** Zeros above and left of the image, and below and right of it. */
      readonly before: Pair;
      readonly after: Pair;
      readonly biasBits: number;
      readonly requantise: Requantisation;
    }
  | { readonly kind: 'maximum'; readonly source: number; readonly kernel: Pair; readonly stride: Pair }
  | {
      readonly kind: 'sum';
      readonly source: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly requantise: Requantisation;
    }
  /** Of two tensors of one shape. */
  | {
      readonly kind: 'add';
      readonly source: number;
      readonly other: number;
      readonly requantise: Requantisation;
    }
  | { readonly kind: 'lookup'; readonly source: number; readonly table: number };

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

const maximumLayers = 64;
const maximumSize = 2 ** 16;
const maximumTables = 64;
const maximumKernel = 64;
const maximumAxes = 3;
/** Between the ends of a requantised range. */
const maximumSpan = 2 ** 24 - 1;
const maximumTableEntries = 2 ** 16;
/** §7.6: look-ups of one proof. */
export const maximumLookups = 2 ** 22;

/** Weights are integers of 8 bits. */
export const weightLow = -128;
/** The largest weight. */
export const weightHigh = 127;

const isInteger = (value: unknown, low: number, high: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;

const limit32 = 2 ** 31;

function assertProgram(holds: boolean, expected: string, found: unknown): asserts holds {
  if (!holds) reject('program.malformed', expected, String(JSON.stringify(found) ?? found).slice(0, 80));
}

function readRecord(value: Canonical | undefined, keys: readonly string[], name: string) {
  const isRecord =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  assertProgram(isRecord, `a record as ${name}`, value);
  const record = value as { readonly [key: string]: Canonical };
  const found = Object.keys(record).sort();
  assertProgram(
    String(found) === String([...keys].sort()),
    `the fields ${keys.join(', ')} in ${name}`,
    found,
  );
  return record;
}

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

const readIntegers = (value: Canonical | undefined, count: number, low: number, high: number, name: string) =>
  readList(value, count, name).map((entry) => readInteger(entry, low, high, name));

/** With as many shifts as `size` says, or as the layer will have to have channels. */
function readRequantisation(value: Canonical, size?: number): Requantisation | null {
  if (value === null) return null;
  const record = readRecord(value, ['shift', 'zero', 'low', 'high'], 'requantise');
  const shift = readIntegers(record.shift, size ?? maximumSize, 0, 30, 'shift');
  const zero = readIntegers(record.zero, size ?? maximumSize, -limit32, limit32 - 1, 'zero');
  const count = size ?? shift.length;
  assertProgram(shift.length === count && zero.length === count, `${count} shifts and zeros`, shift.length);
  const low = readInteger(record.low, -limit32, limit32 - 1, 'low');
  const high = readInteger(record.high, low + 1, Math.min(low + maximumSpan, limit32 - 1), 'high');
  return { shift, zero, low, high };
}

const readPair = (value: Canonical | undefined, low: number, name: string): Pair => {
  const pair = readIntegers(value, 2, low, maximumKernel, name);
  assertProgram(pair.length === 2, `two numbers as ${name}`, pair);
  return pair as unknown as Pair;
};

function readLayer(value: Canonical, index: number, tables: number): Layer {
  const kind = (value as { kind?: unknown } | null)?.kind;
  const fieldsOf = (...fields: string[]) => readRecord(value, ['kind', 'source', ...fields], 'a layer');
  const sourceOf = (record: { readonly [key: string]: Canonical }) =>
    readInteger(record.source, 0, index, 'source');
  switch (kind) {
    case 'lookup': {
      const record = fieldsOf('table');
      return { kind, source: sourceOf(record), table: readInteger(record.table, 0, tables - 1, 'table') };
    }
    case 'maximum': {
      const record = fieldsOf('kernel', 'stride');
      const [kernel, stride] = [readPair(record.kernel, 1, 'kernel'), readPair(record.stride, 1, 'stride')];
      assertProgram(kernel[0] * kernel[1] > 1, 'a window of more than one value', kernel);
      return { kind, source: sourceOf(record), kernel, stride };
    }
    case 'sum': {
      const record = fieldsOf('kernel', 'stride', 'requantise');
      const requantise = readRequantisation(record.requantise!);
      assertProgram(requantise !== null, 'a requantised sum', requantise);
      const [kernel, stride] = [readPair(record.kernel, 1, 'kernel'), readPair(record.stride, 1, 'stride')];
      return { kind, source: sourceOf(record), kernel, stride, requantise };
    }
    case 'add': {
      const record = fieldsOf('other', 'requantise');
      const requantise = readRequantisation(record.requantise!);
      assertProgram(requantise !== null, 'a requantised sum', requantise);
      return {
        kind,
        source: sourceOf(record),
        other: readInteger(record.other, 0, index, 'other'),
        requantise,
      };
    }
    case 'convolution': {
      const record = fieldsOf('channels', 'kernel', 'stride', 'before', 'after', 'biasBits', 'requantise');
      const channels = readInteger(record.channels, 1, maximumSize, 'channels');
      const requantise = readRequantisation(record.requantise!, channels);
      assertProgram(requantise !== null, 'a requantised convolution', requantise);
      return {
        kind,
        source: sourceOf(record),
        channels,
        kernel: readPair(record.kernel, 1, 'kernel'),
        stride: readPair(record.stride, 1, 'stride'),
        before: readPair(record.before, 0, 'before'),
        after: readPair(record.after, 0, 'after'),
        biasBits: readInteger(record.biasBits, 0, 30, 'biasBits'),
        requantise,
      };
    }
    case 'dense': {
      const record = fieldsOf('size', 'biasBits', 'requantise');
      const size = readInteger(record.size, 1, maximumSize, 'size');
      return {
        kind,
        source: sourceOf(record),
        size,
        biasBits: readInteger(record.biasBits, 0, 30, 'biasBits'),
        requantise: readRequantisation(record.requantise!, size),
      };
    }
    default:
      return reject('program.malformed', 'a layer of a known kind', String(kind).slice(0, 80));
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
  const low = readInteger(inputRecord.low, -limit32, limit32 - 1, 'low');
  const tables = readList(record.tables, maximumTables, 'tables').map((table): FunctionTable => {
    const entry = readRecord(table, ['low', 'values'], 'a table');
    const values = readIntegers(entry.values, maximumTableEntries, -limit32, limit32 - 1, 'values');
    assertProgram(values.length > 0, 'a table of at least one value', values);
    return { low: readInteger(entry.low, -limit32, limit32 - 1, 'low'), values };
  });
  const layers = readList(record.layers, maximumLayers, 'layers');
  const read = layers.map((layer, index) => readLayer(layer, index, tables.length));
  assertProgram(
    read.some((layer) => 'biasBits' in layer),
    'at least one layer with weights',
    read.map(({ kind }) => kind),
  );
  const shape = readIntegers(inputRecord.shape, maximumAxes, 1, maximumSize, 'shape');
  assertProgram(shape.length === 1 || shape.length === 3, 'an input of one or three axes', shape);
  return {
    format,
    queries: readInteger(record.queries, queries, queries, 'queries'),
    maximumBatch: readInteger(record.maximumBatch, 1, 2 ** 16, 'maximumBatch'),
    input: {
      shape,
      low,
      high: readInteger(inputRecord.high, low, limit32 - 1, 'high'),
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

/** A tensor: its axes for each row of the batch, and what its values can be. */
export interface TensorRange {
  readonly axes: readonly Axis[];
  /** Real values of a row. */
  readonly size: number;
  /** log2 of the values of a row, padded. */
  readonly variables: number;
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

const shapeRange = (shape: readonly number[]) => {
  const axes = axesOf(shape);
  return { axes, size: shape.reduce((product, extent) => product * extent, 1), variables: variablesOf(axes) };
};

/** The axes that the weights of a layer are summed over. */
export function innerAxes(layer: WeightedLayer, source: TensorRange): readonly Axis[] {
  if (layer.kind === 'dense') return source.axes;
  const [rows, columns] = layer.kernel.map((size) => ({ size, variables: logCeil(size) }));
  return [source.axes[0], rows, columns];
}

/** §7.5: both sides of an equation, as integers, differ by less than p. */
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

/** The extents of a layer's tensor. */
function shapeOf(layer: Layer, index: number, source: TensorRange): readonly number[] {
  const extents = source.axes.map(({ size }) => size);
  if (layer.kind === 'dense') return [layer.size];
  if (layer.kind === 'lookup' || layer.kind === 'add') return extents;
  if (extents.length !== 3) reject('program.source', `an image for layer ${index}`, `${extents.length} axes`);
  const [channels, ...image] = extents;
  const padding = (axis: number) => ('before' in layer ? layer.before[axis] + layer.after[axis] : 0);
  const out = image.map((size, axis) =>
    windowCount(size + padding(axis), layer.kernel[axis], layer.stride[axis], index),
  );
  return [layer.kind === 'convolution' ? layer.channels : channels, ...out];
}

/**
 * Refuses what cannot stay within the look-ups of §7.6, by the least that it takes, before anything
 * of its size is built.
 */
function assertSizes({ layers }: Program, tensors: readonly TensorRange[]): void {
  let [weights, values] = [0, 0];
  for (const [i, layer] of layers.entries()) {
    const [source, target] = [tensors[layer.source], tensors[i + 1]];
    if ('biasBits' in layer)
      weights += 2 ** (variablesOf(innerAxes(layer, source)) + target.axes[0].variables);
    values += 2 ** target.variables * (layer.kind === 'maximum' ? layer.kernel[0] * layer.kernel[1] : 1);
  }
  const most = Math.max(weights, values, 2 ** tensors[0].variables);
  if (most > maximumLookups) {
    reject('program.lookups', `at most ${maximumLookups} look-ups in one proof`, `at least ${most}`);
  }
}

/** Checks §7.2 to §7.6, with `program.range`, `program.source` and `program.lookups`. */
export function analyseProgram(program: Program): ProgramRanges {
  const { input, layers } = program;
  if (input.low <= -modulus / 2 || input.high >= modulus / 2) {
    reject('program.range', 'inputs below half of the field', `${input.low} to ${input.high}`);
  }
  const { low, high } = input;
  const tensors: TensorRange[] = [{ ...shapeRange(input.shape), low, high, isAccumulator: false }];
  const excessBits: (readonly number[])[] = [];
  for (const [i, layer] of layers.entries()) {
    const source = tensors[layer.source];
    if (source.isAccumulator) {
      reject('program.source', `a requantised source for layer ${i}`, 'sums');
    }
    const range = shapeRange(shapeOf(layer, i, source));
    const other = layer.kind === 'add' ? tensors[layer.other] : undefined;
    const { bits, ...own } = analyseLayer(program, layer, i, source, other, range.axes[0].size);
    tensors.push({ ...range, ...own });
    excessBits.push(bits);
  }
  assertSizes(program, tensors);
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

function analyseLayer(
  { tables }: Program,
  layer: Layer,
  i: number,
  source: TensorRange,
  other: TensorRange | undefined,
  channels: number,
): LayerRange {
  const isAccumulator = false;
  if (layer.kind === 'lookup') {
    const { low, values } = tables[layer.table];
    if (source.low < low || source.high >= low + values.length) {
      reject('program.range', `a table for ${source.low} to ${source.high} in layer ${i}`, `${low} on`);
    }
    const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    if (least <= -modulus / 2 || most >= modulus / 2) {
      reject('program.range', `table values below half of the field`, `${least} to ${most}`);
    }
    return { low: least, high: most, isAccumulator, bits: [] };
  }
  if (layer.kind === 'maximum') {
    if (source.high - source.low > 255) {
      reject('program.range', `values of 8 bits for layer ${i}`, `${source.low} to ${source.high}`);
    }
    return { low: source.low, high: source.high, isAccumulator, bits: [] };
  }
  const { low, high } = sumRange(layer, i, source, other);
  assertNoWrap(i, [low, high], [low, high]);
  if (layer.requantise === null) return { low, high, isAccumulator: true, bits: [] };
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
  return { low: least, high: most, isAccumulator, bits };
}

/** Between which integers the sums of a layer lie. */
function sumRange(
  layer: Exclude<Layer, { kind: 'lookup' | 'maximum' }>,
  i: number,
  source: TensorRange,
  other: TensorRange | undefined,
): { readonly low: number; readonly high: number } {
  if (layer.kind === 'add') {
    const isAlike =
      String(other!.axes.map(({ size }) => size)) === String(source.axes.map(({ size }) => size));
    if (!isAlike || other!.isAccumulator) {
      reject('program.source', `two tensors of one shape for layer ${i}`, `tensor ${layer.other}`);
    }
    return { low: source.low + other!.low, high: source.high + other!.high };
  }
  if (layer.kind === 'sum') {
    const terms = layer.kernel[0] * layer.kernel[1];
    return { low: terms * source.low, high: terms * source.high };
  }
  const products = [source.low, source.high].flatMap((x) => [x * weightLow, x * weightHigh]);
  const bias = 2 ** layer.biasBits;
  const terms = innerAxes(layer, source).reduce((product, { size }) => product * size, 1);
  // Padding of an image is 0, which is a product too.
  return { low: terms * Math.min(0, ...products) - bias, high: terms * Math.max(0, ...products) + bias - 1 };
}
