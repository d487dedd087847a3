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

/** A layer makes the tensor of the next number from tensor `source`. */
export type Layer =
  | {
      readonly kind: 'dense';
      readonly source: number;
      readonly size: number;
      /** Biases are from -2^biasBits to 2^biasBits - 1. */
      readonly biasBits: number;
      readonly requantise: Requantisation | null;
    }
  | { readonly kind: 'lookup'; readonly source: number; readonly table: number };

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
  readonly input: { readonly size: number; readonly low: number; readonly high: number };
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
/** Between the ends of a requantised range. */
const maximumSpan = 2 ** 24 - 1;
const maximumTableEntries = 2 ** 16;
/** §7.6: look-ups of one proof, so that their error (§11.3) stays below 2^-104. */
export const maximumLookups = 2 ** 18;

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

function readRequantisation(value: Canonical, size: number): Requantisation | null {
  if (value === null) return null;
  const record = readRecord(value, ['shift', 'zero', 'low', 'high'], 'requantise');
  const shift = readIntegers(record.shift, size, 0, 30, 'shift');
  const zero = readIntegers(record.zero, size, -limit32, limit32 - 1, 'zero');
  assertProgram(shift.length === size && zero.length === size, `${size} shifts and zeros`, shift.length);
  const low = readInteger(record.low, -limit32, limit32 - 1, 'low');
  const high = readInteger(record.high, low + 1, Math.min(low + maximumSpan, limit32 - 1), 'high');
  return { shift, zero, low, high };
}

function readLayer(value: Canonical, index: number, tables: number): Layer {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (kind === 'lookup') {
    const record = readRecord(value, ['kind', 'source', 'table'], 'a lookup layer');
    const source = readInteger(record.source, 0, index, 'source');
    return { kind, source, table: readInteger(record.table, 0, tables - 1, 'table') };
  }
  assertProgram(kind === 'dense', 'a layer of kind dense or lookup', kind);
  const record = readRecord(value, ['kind', 'source', 'size', 'biasBits', 'requantise'], 'a dense layer');
  const size = readInteger(record.size, 1, maximumSize, 'size');
  return {
    kind,
    source: readInteger(record.source, 0, index, 'source'),
    size,
    biasBits: readInteger(record.biasBits, 0, 30, 'biasBits'),
    requantise: readRequantisation(record.requantise!, size),
  };
}

/** The program in untrusted data; refuses with `program.malformed` what is none. */
export function readProgram(value: Canonical): Program {
  const fields = ['format', 'queries', 'maximumBatch', 'input', 'layers', 'tables', 'output'];
  const record = readRecord(value, fields, 'a program');
  const { format, output } = record;
  assertProgram(format === programFormat, programFormat, format);
  assertProgram(output === 'values' || output === 'position', 'the output values or position', output);
  const inputRecord = readRecord(record.input, ['size', 'low', 'high'], 'input');
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
    read.some(({ kind }) => kind === 'dense'),
    'at least one dense layer',
    read.map(({ kind }) => kind),
  );
  return {
    format,
    queries: readInteger(record.queries, queries, queries, 'queries'),
    maximumBatch: readInteger(record.maximumBatch, 1, 2 ** 16, 'maximumBatch'),
    input: {
      size: readInteger(inputRecord.size, 1, maximumSize, 'size'),
      low,
      high: readInteger(inputRecord.high, low, limit32 - 1, 'high'),
    },
    layers: read,
    tables,
    output,
  };
}

/** A tensor: how many values each row of the batch has, and what they can be. */
export interface TensorRange {
  readonly size: number;
  /** log2 of the size, padded; at least 2, which kernels need. */
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

const variablesOf = (size: number) => Math.max(2, logCeil(size));

/** §7.5: both sides of an equation, as integers, differ by less than p. */
function assertNoWrap(layer: number, left: readonly number[], right: readonly number[]) {
  const farthest = Math.max(left[1] - right[0], right[1] - left[0]);
  if (farthest < modulus) return;
  reject('program.range', `values in layer ${layer} that differ by less than ${modulus}`, `${farthest}`);
}

/**
 * Refuses what cannot stay within the look-ups of §7.6, by the least that it takes, before anything
 * of its size is built.
 */
function assertSizes({ layers }: Program, tensors: readonly TensorRange[]): void {
  let [weights, values] = [0, 0];
  for (const [i, layer] of layers.entries()) {
    if (layer.kind === 'dense') weights += 2 ** (tensors[layer.source].variables + tensors[i + 1].variables);
    values += 2 ** tensors[i + 1].variables;
  }
  const most = Math.max(weights, values);
  if (most > maximumLookups) {
    reject('program.lookups', `at most ${maximumLookups} look-ups in one proof`, `at least ${most}`);
  }
}

/** Checks §7.2 to §7.6, with `program.range`, `program.source` and `program.lookups`. */
export function analyseProgram(program: Program): ProgramRanges {
  const { input, layers, tables } = program;
  const tensors: TensorRange[] = [{ ...input, variables: variablesOf(input.size), isAccumulator: false }];
  if (input.low <= -modulus / 2 || input.high >= modulus / 2) {
    reject('program.range', 'inputs below half of the field', `${input.low} to ${input.high}`);
  }
  const excessBits: number[][] = [];
  for (const [i, layer] of layers.entries()) {
    const source = tensors[layer.source];
    if (source.isAccumulator) {
      reject('program.source', `a requantised source for layer ${i}`, 'sums');
    }
    if (layer.kind === 'lookup') {
      const { low, values } = tables[layer.table];
      if (source.low < low || source.high >= low + values.length) {
        reject('program.range', `a table for ${source.low} to ${source.high} in layer ${i}`, `${low} on`);
      }
      const [least, most] = [
        values.reduce((a, b) => Math.min(a, b)),
        values.reduce((a, b) => Math.max(a, b)),
      ];
      if (least <= -modulus / 2 || most >= modulus / 2) {
        reject('program.range', `table values below half of the field`, `${least} to ${most}`);
      }
      tensors.push({ ...source, low: least, high: most });
      excessBits.push([]);
      continue;
    }
    const products = [source.low, source.high].flatMap((x) => [x * weightLow, x * weightHigh]);
    const bias = 2 ** layer.biasBits;
    const low = source.size * Math.min(...products) - bias;
    const high = source.size * Math.max(...products) + bias - 1;
    assertNoWrap(i, [low, high], [Math.min(low, 0), Math.max(high, 0)]);
    const variables = variablesOf(layer.size);
    if (layer.requantise === null) {
      tensors.push({ size: layer.size, variables, low, high, isAccumulator: true });
      excessBits.push([]);
      continue;
    }
    const { shift, zero, low: least, high: most } = layer.requantise;
    const rounded = (sum: number, j: number) =>
      Math.floor((sum + halfOf(shift[j])) / 2 ** shift[j]) + zero[j];
    const bits = shift.map((_, j) => bitsOf(Math.max(0, rounded(high, j) - most, least - rounded(low, j))));
    for (let j = 0; j < layer.size; j++) {
      const [scale, half, beyond] = [2 ** shift[j], halfOf(shift[j]), 2 ** bits[j] - 1];
      const right = [
        scale * (least - beyond - zero[j]) - half,
        scale * (most + beyond - zero[j]) + scale - 1 - half,
      ];
      assertNoWrap(i, [low, high], right);
    }
    tensors.push({ size: layer.size, variables, low: least, high: most, isAccumulator: false });
    excessBits.push(bits);
  }
  assertSizes(program, tensors);
  const last = tensors[tensors.length - 1];
  const gapBits = program.output === 'position' ? bitsOf(last.high - last.low) : 0;
  // largest = value + gap + before.
  assertNoWrap(layers.length, [last.low, last.high + 2 ** gapBits], [last.low, last.high]);
  return { tensors, excessBits, gapBits };
}
