/**
 * The run of a program in integers, and from it the values of all witness columns
 * (docs/specs/zk.md §8), multiplicities of the table included.
 */
import { modulus } from '@nonet/algebra';
import { NonetError } from '@nonet/core';
import { integerRing } from '../rings.ts';
import { halfOf, type Program, type ProgramRanges } from './program.ts';
import {
  type Component,
  commitmentOrder,
  expandPublic,
  type Relations,
  type WitnessRole,
} from './relations.ts';

/** Weights (inputs by outputs, row-major) and biases of a dense layer. */
export interface DenseWeights {
  readonly weights: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** A run on a batch: rows of 2^variables positions each, zeros on padding. */
export interface Run {
  readonly rows: number;
  /** Tensor 0 is the input, tensor i + 1 that of layer i. */
  readonly tensors: readonly Int32Array[];
  /** The sums of each dense layer. */
  readonly sums: readonly (Int32Array | undefined)[];
}

/** Rows of `size` values with zeros behind, up to 2^variables each. */
export function padRows(
  values: ArrayLike<number>,
  rows: number,
  size: number,
  variables: number,
): Int32Array {
  const out = new Int32Array(rows * 2 ** variables);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < size; i++) out[row * 2 ** variables + i] = values[row * size + i];
  }
  return out;
}

/** Runs the program on `rows` rows of inputs, one after the other. */
export function runProgram(
  program: Program,
  { tensors: ranges }: ProgramRanges,
  weights: readonly DenseWeights[],
  inputs: ArrayLike<number>,
  rows: number,
): Run {
  const tensors = [padRows(inputs, rows, ranges[0].size, ranges[0].variables)];
  const sums: (Int32Array | undefined)[] = [];
  let dense = 0;
  for (const [i, layer] of program.layers.entries()) {
    const source = tensors[layer.source];
    if (layer.kind === 'lookup') {
      const { low, values } = program.tables[layer.table];
      const { size, variables } = ranges[i + 1];
      const out = new Int32Array(source.length);
      for (let row = 0; row < rows; row++) {
        for (let j = row * 2 ** variables; j < row * 2 ** variables + size; j++)
          out[j] = values[source[j] - low];
      }
      tensors.push(out);
      sums.push(undefined);
      continue;
    }
    const sum = multiply(source, weights[dense++], rows, ranges[layer.source], ranges[i + 1]);
    sums.push(sum);
    if (layer.requantise === null) {
      tensors.push(sum);
      continue;
    }
    const { shift, zero, low, high } = layer.requantise;
    const { size, variables } = ranges[i + 1];
    const out = new Int32Array(sum.length);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < size; j++) {
        const at = row * 2 ** variables + j;
        const rounded = Math.floor((sum[at] + halfOf(shift[j])) / 2 ** shift[j]) + zero[j];
        out[at] = Math.min(high, Math.max(low, rounded));
      }
    }
    tensors.push(out);
  }
  return { rows, tensors, sums };
}

function multiply(
  source: Int32Array,
  { weights, bias }: DenseWeights,
  rows: number,
  { size: inner, variables: innerVariables }: { readonly size: number; readonly variables: number },
  { size: outer, variables }: { readonly size: number; readonly variables: number },
): Int32Array {
  const out = new Int32Array(rows * 2 ** variables);
  for (let row = 0; row < rows; row++) {
    const to = row * 2 ** variables;
    for (let j = 0; j < outer; j++) out[to + j] = bias[j];
    for (let k = 0; k < inner; k++) {
      const x = source[row * 2 ** innerVariables + k];
      if (x === 0) continue;
      for (let j = 0; j < outer; j++) out[to + j] += Math.imul(x, weights[k * outer + j]);
    }
  }
  return out;
}

/** For each row the position of the largest value, the lowest one among equals. */
export function largestPositions(
  values: Int32Array,
  rows: number,
  size: number,
  variables: number,
): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    const from = row * 2 ** variables;
    let best = 0;
    for (let j = 1; j < size; j++) if (values[from + j] > values[from + best]) best = j;
    return best;
  });
}

const limbOf = (value: number, limb: number) => Math.floor(value / 256 ** limb) % 256;

/** The values of every witness column but the multiplicities. */
export function deriveColumns(
  program: Program,
  ranges: ProgramRanges,
  relations: Relations,
  run: Run | undefined,
  weights: readonly DenseWeights[],
  positions: readonly number[],
): Int32Array[] {
  const denseOf = (layer: number) =>
    program.layers.slice(0, layer).filter(({ kind }) => kind === 'dense').length;
  /** Of each real position of a layer: its sum, its value, its channel. */
  const derive = (
    layer: number,
    value: (sum: number, output: number, channel: number) => number,
  ): Int32Array => {
    const { size, variables } = ranges.tensors[layer + 1];
    const [sums, outputs] = [run!.sums[layer]!, run!.tensors[layer + 1]];
    const out = new Int32Array(outputs.length);
    for (let row = 0; row < run!.rows; row++) {
      for (let j = 0; j < size; j++) {
        const at = row * 2 ** variables + j;
        out[at] = value(sums[at], outputs[at], j);
      }
    }
    return out;
  };
  const excessOf = (layer: number, sum: number, output: number, channel: number): number => {
    const { requantise } = program.layers[layer] as Extract<Program['layers'][number], { kind: 'dense' }>;
    const { shift, zero } = requantise!;
    return Math.floor((sum + halfOf(shift[channel])) / 2 ** shift[channel]) + zero[channel] - output;
  };
  const remainderOf = (layer: number, sum: number, channel: number): number => {
    const { requantise } = program.layers[layer] as Extract<Program['layers'][number], { kind: 'dense' }>;
    const scale = 2 ** requantise!.shift[channel];
    const whole = sum + halfOf(requantise!.shift[channel]);
    return whole - Math.floor(whole / scale) * scale;
  };
  const last = ranges.tensors[ranges.tensors.length - 1];
  const width = 2 ** last.variables;
  const columnOf = (role: WitnessRole): Int32Array => {
    switch (role.kind) {
      case 'output':
        return run!.tensors[role.layer + 1];
      case 'sign':
        return derive(role.layer, (sum, output, j) => (excessOf(role.layer, sum, output, j) > 0 ? 1 : 0));
      case 'excess':
        return derive(role.layer, (sum, output, j) =>
          limbOf(Math.abs(excessOf(role.layer, sum, output, j)), role.limb),
        );
      case 'remainder':
        return derive(role.layer, (sum, _, j) => limbOf(remainderOf(role.layer, sum, j), role.limb));
      case 'above':
      case 'below': {
        const { requantise } = program.layers[role.layer] as Extract<
          Program['layers'][number],
          { kind: 'dense' }
        >;
        const { low, high } = requantise!;
        return derive(role.layer, (_, output) =>
          limbOf(role.kind === 'above' ? output - low : high - output, role.limb),
        );
      }
      case 'bias': {
        const { bias } = weights[denseOf(role.layer)];
        const { biasBits } = program.layers[role.layer] as { readonly biasBits: number };
        return Int32Array.from(bias, (value) => limbOf(value + 2 ** biasBits, role.limb));
      }
      case 'top': {
        const values = run!.tensors[run!.tensors.length - 1];
        return Int32Array.from(positions, (at, row) => values[row * width + at]);
      }
      case 'gap': {
        const values = run!.tensors[run!.tensors.length - 1];
        const out = new Int32Array(values.length);
        for (const [row, best] of positions.entries()) {
          for (let j = 0; j < last.size; j++) {
            const gap = values[row * width + best] - values[row * width + j] - (j < best ? 1 : 0);
            out[row * width + j] = limbOf(gap, role.limb);
          }
        }
        return out;
      }
      case 'multiplicity':
        return new Int32Array(0);
    }
  };
  return relations.roles.slice(0, relations.multiplicity).map(columnOf);
}

/** Where a row (tag, a) is in the table, or -1. */
function createTableIndex({ tables }: Program): (tag: number, a: number) => number {
  const starts = Array.from({ length: 9 }, (_, width) => 2 ** width - 1);
  let next = 511;
  const functions = tables.map(({ low, values }) => {
    const start = next;
    next += values.length;
    return { start, low, size: values.length };
  });
  return (tag, a) => {
    if (tag < 9) return a >= 0 && a < 2 ** tag ? starts[tag] + a : -1;
    const { start, low, size } = functions[tag - 9];
    return a >= low && a < low + size ? start + a - low : -1;
  };
}

/**
 * How often each row of the table is looked up. Look-ups of rows that are not there are left out:
 * no multiplicities make a proof of them hold.
 */
export function countLookups(
  program: Program,
  relations: Relations,
  columns: readonly Int32Array[],
  input: Int32Array | undefined,
  weights: readonly Int32Array[],
): Int32Array {
  const counts = new Int32Array(2 ** relations.table.variables);
  const indexOf = createTableIndex(program);
  for (const component of relations.components) {
    const uses = component.uses.map((use): Int32Array => {
      const whole = new Int32Array(2 ** component.variables);
      if (use === 'input') whole.set(input!);
      else if (!use.perRow) {
        whole.set((use.commitment === commitmentOrder.weights ? weights : columns)[use.column]);
      }
      return whole;
    });
    countComponent(component, uses, indexOf, counts);
  }
  return counts;
}

function countComponent(
  component: Component,
  uses: readonly Int32Array[],
  indexOf: (tag: number, a: number) => number,
  counts: Int32Array,
): void {
  const publics = component.publics.map((column) =>
    expandPublic(column, component.variables, component.rowVariables),
  );
  for (const { tag, a } of component.lookups) {
    const [tags, values] = [tag(integerRing, uses, publics), a(integerRing, uses, publics)];
    for (let i = 0; i < values.length; i++) {
      const index = indexOf(tags[i], values[i]);
      if (index >= 0) counts[index]++;
    }
  }
}

/** Throws `proof.weights` unless there are weights of the right number and range for every layer. */
export function assertWeights(
  program: Program,
  { tensors }: ProgramRanges,
  weights: readonly DenseWeights[],
): void {
  const layers = program.layers.flatMap((layer, i) => (layer.kind === 'dense' ? [{ layer, i }] : []));
  const fail = (expected: string, found: unknown) => {
    throw new NonetError({ code: 'proof.weights', expected, found: String(found) });
  };
  if (weights.length !== layers.length) fail(`weights of ${layers.length} dense layers`, weights.length);
  for (const [n, { layer, i }] of layers.entries()) {
    const count = tensors[layer.source].size * layer.size;
    const own = weights[n];
    if (own.weights.length !== count) fail(`${count} weights of layer ${i}`, own.weights.length);
    if (own.bias.length !== layer.size) fail(`${layer.size} biases of layer ${i}`, own.bias.length);
    const bound = 2 ** layer.biasBits;
    for (let k = 0; k < count; k++) {
      const value = own.weights[k];
      if (!Number.isInteger(value) || value < -128 || value > 127) fail('weights of 8 bits', value);
    }
    for (let j = 0; j < layer.size; j++) {
      const value = own.bias[j];
      if (!Number.isInteger(value) || value < -bound || value >= bound || Math.abs(value) > modulus / 2) {
        fail(`biases from ${-bound} to ${bound - 1} in layer ${i}`, value);
      }
    }
  }
}
