/**
 * The run of a program in integers, and from it the values of all witness columns
 * (docs/specs/zk.md §8), multiplicities of the table included.
 */
import { mulBase } from '@nonet/algebra';
import { NonetError } from '@nonet/core';
import { integerRing } from '../rings.ts';
import { movesOf } from './moves.ts';
import {
  type Axis,
  halfOf,
  type Layer,
  type Program,
  type ProgramRanges,
  type Requantisation,
  realPositions,
  type TensorRange,
  variablesOf,
  weightAxes,
  weightHigh,
  weightLow,
} from './program.ts';
import {
  type Component,
  commitmentOrder,
  expandPublic,
  type Relations,
  type WitnessRole,
  weightedLayers,
} from './relations.ts';
import { type Window, windowOf } from './windows.ts';

/**
 * Weights and biases of a layer. Weights are row-major: inputs by outputs, or input channel by row
 * and column of the kernel by output channel, of which there are those of one group.
 */
export interface LayerWeights {
  readonly weights: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** A run on a batch: rows of 2^variables positions each, zeros on padding. */
export interface Run {
  readonly rows: number;
  /** Tensor 0 is the input, tensor i + 1 that of layer i. */
  readonly tensors: readonly Int32Array[];
  /** The sums of each layer with weights. */
  readonly sums: readonly (Int32Array | undefined)[];
}

/** Rows of values with zeros on padding, up to the last row. */
function padRows(values: ArrayLike<number>, rows: number, axes: readonly Axis[]): Int32Array {
  const positions = realPositions(axes);
  const width = 2 ** variablesOf(axes);
  const out = new Int32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < positions.length; i++) {
      out[row * width + positions[i]] = values[row * positions.length + i];
    }
  }
  return out;
}

/** The values of the columns of weights and biases. */
export function weightValues(
  program: Program,
  ranges: ProgramRanges,
  weights: readonly LayerWeights[],
): Int32Array[] {
  return weightedLayers(program, ranges).flatMap(({ layer, source, target }, n) => [
    padRows(weights[n].weights, 1, weightAxes(layer, source, target)),
    Int32Array.from(weights[n].bias),
  ]);
}

/** Runs the program on `rows` rows of inputs, one after the other. */
export function runProgram(
  program: Program,
  { tensors: ranges }: ProgramRanges,
  weights: readonly LayerWeights[],
  inputs: ArrayLike<number>,
  rows: number,
): Run {
  const tensors = [padRows(inputs, rows, ranges[0].axes)];
  const sums: (Int32Array | undefined)[] = [];
  let weighted = 0;
  for (const [i, layer] of program.layers.entries()) {
    const [source, target] = [ranges[layer.source], ranges[i + 1]];
    const x = tensors[layer.source];
    switch (layer.kind) {
      case 'lookup': {
        const { low, values } = program.tables[layer.table];
        const { offsets } = layer;
        sums.push(undefined);
        tensors.push(mapReal(x, rows, target, (value, c) => values[value + (offsets[c] ?? 0) - low]));
        break;
      }
      case 'join':
      case 'view':
        sums.push(undefined);
        tensors.push(moveValues(layer, tensors, rows, ranges, target));
        break;
      case 'maximum':
        sums.push(undefined);
        tensors.push(takeMaxima(x, rows, windowOf(layer, source, target), source, target));
        break;
      case 'sum':
      case 'add':
      case 'multiply': {
        const sum =
          layer.kind === 'sum'
            ? addWindows(x, rows, windowOf(layer, source, target), source, target)
            : combineTensors(layer, tensors);
        sums.push(sum);
        tensors.push(requantise(sum, rows, target, layer.requantise));
        break;
      }
      default: {
        const own = weights[weighted++];
        const sum =
          layer.kind === 'dense'
            ? multiply(x, own, rows, source, target)
            : convolve(x, own, layer.groups, rows, windowOf(layer, source, target), source, target);
        sums.push(sum);
        tensors.push(layer.requantise === null ? sum : requantise(sum, rows, target, layer.requantise));
      }
    }
  }
  return { rows, tensors, sums };
}

/** §8.11. */
function moveValues(
  layer: Extract<Layer, { kind: 'join' | 'view' }>,
  tensors: readonly Int32Array[],
  rows: number,
  ranges: readonly TensorRange[],
  target: TensorRange,
): Int32Array {
  const out = new Int32Array(rows * 2 ** target.variables);
  for (const { tensor, moves } of movesOf(layer, ranges, target)) {
    for (let row = 0; row < rows; row++) {
      const [start, base] = [row * 2 ** ranges[tensor].variables, row * 2 ** target.variables];
      for (let k = 0; k < moves.to.length; k++) {
        out[base + moves.to[k]] = tensors[tensor][start + moves.from[k]];
      }
    }
  }
  return out;
}

/** Sums or products, position by position. */
function combineTensors(
  layer: Extract<Layer, { kind: 'add' | 'multiply' }>,
  tensors: readonly Int32Array[],
): Int32Array {
  const x = tensors[layer.source];
  if (layer.kind === 'multiply') {
    const y = tensors[layer.other];
    // One value for each channel stands for as many positions as an image has.
    const each = x.length / y.length;
    return x.map((value, at) => Math.imul(value, y[Math.floor(at / each)]));
  }
  const out = x.slice();
  for (const { source, factor } of layer.others) {
    const y = tensors[source];
    for (let at = 0; at < out.length; at++) out[at] += Math.imul(y[at], factor);
  }
  return out;
}

/** The real values of a tensor, each through a function of it and its position on the first axis. */
function mapReal(
  values: Int32Array,
  rows: number,
  { axes, variables }: TensorRange,
  value: (value: number, channel: number) => number,
): Int32Array {
  const out = new Int32Array(values.length);
  const positions = realPositions(axes);
  const each = positions.length / axes[0].size;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < positions.length; i++) {
      const at = row * 2 ** variables + positions[i];
      out[at] = value(values[at], Math.floor(i / each));
    }
  }
  return out;
}

/** Visits the real positions of each channel of each row. */
function visitChannels(
  rows: number,
  { axes, variables }: TensorRange,
  visit: (positions: Int32Array, base: number, channel: number) => void,
): void {
  const positions = realPositions(axes);
  const each = positions.length / axes[0].size;
  const channels = Array.from({ length: axes[0].size }, (_, c) =>
    positions.subarray(c * each, (c + 1) * each),
  );
  for (let row = 0; row < rows; row++) {
    for (const [c, own] of channels.entries()) visit(own, row * 2 ** variables, c);
  }
}

function requantise(
  sums: Int32Array,
  rows: number,
  target: TensorRange,
  { shift, zero, low, high }: Requantisation,
): Int32Array {
  const out = new Int32Array(sums.length);
  visitChannels(rows, target, (positions, base, j) => {
    const [half, inverse, offset] = [halfOf(shift[j]), 2 ** -shift[j], zero[j]];
    for (let i = 0; i < positions.length; i++) {
      const at = base + positions[i];
      out[at] = Math.min(high, Math.max(low, Math.floor((sums[at] + half) * inverse) + offset));
    }
  });
  return out;
}

/** Of each sum of a layer, what its shift cuts off, and how far what is left is from the output. */
function roundSums(
  sums: Int32Array,
  outputs: Int32Array,
  rows: number,
  target: TensorRange,
  { shift, zero }: Requantisation,
): { readonly remainder: Int32Array; readonly excess: Int32Array } {
  const [remainder, excess] = [new Int32Array(sums.length), new Int32Array(sums.length)];
  visitChannels(rows, target, (positions, base, j) => {
    const [half, scale, offset] = [halfOf(shift[j]), 2 ** shift[j], zero[j]];
    for (let i = 0; i < positions.length; i++) {
      const at = base + positions[i];
      const whole = sums[at] + half;
      const rounded = Math.floor(whole / scale);
      remainder[at] = whole - rounded * scale;
      excess[at] = rounded + offset - outputs[at];
    }
  });
  return { remainder, excess };
}

function multiply(
  x: Int32Array,
  { weights, bias }: LayerWeights,
  rows: number,
  source: TensorRange,
  target: TensorRange,
): Int32Array {
  const out = new Int32Array(rows * 2 ** target.variables);
  const positions = realPositions(source.axes);
  const size = target.size;
  for (let row = 0; row < rows; row++) {
    const to = row * 2 ** target.variables;
    for (let j = 0; j < size; j++) out[to + j] = bias[j];
    for (let k = 0; k < positions.length; k++) {
      const value = x[row * 2 ** source.variables + positions[k]];
      if (value === 0) continue;
      for (let j = 0; j < size; j++) out[to + j] += Math.imul(value, weights[k * size + j]);
    }
  }
  return out;
}

/** What the places of a window read inside of the image: entry k of each list belongs to read k. */
interface Reads {
  readonly outputs: Int32Array;
  readonly places: Int32Array;
  readonly inputs: Int32Array;
}

/** All reads of one channel. */
function readsOf([vertical, horizontal]: Window): Reads {
  const most = vertical.output.size * vertical.kernel * horizontal.output.size * horizontal.kernel;
  const [outputs, places, inputs] = [new Int32Array(most), new Int32Array(most), new Int32Array(most)];
  let count = 0;
  for (let oy = 0; oy < vertical.output.size; oy++) {
    for (let ox = 0; ox < horizontal.output.size; ox++) {
      for (let ky = 0; ky < vertical.kernel; ky++) {
        const y = oy * vertical.stride + ky * vertical.dilation - vertical.before;
        if (y < 0 || y >= vertical.input.size) continue;
        for (let kx = 0; kx < horizontal.kernel; kx++) {
          const x = ox * horizontal.stride + kx * horizontal.dilation - horizontal.before;
          if (x < 0 || x >= horizontal.input.size) continue;
          outputs[count] = oy * 2 ** horizontal.output.variables + ox;
          places[count] = ky * horizontal.kernel + kx;
          inputs[count++] = y * 2 ** horizontal.input.variables + x;
        }
      }
    }
  }
  return {
    outputs: outputs.subarray(0, count),
    places: places.subarray(0, count),
    inputs: inputs.subarray(0, count),
  };
}

/** Values of an image, of each row of the batch and each channel. */
const imageSize = ({ variables, axes }: TensorRange) => 2 ** (variables - axes[0].variables);

function convolve(
  x: Int32Array,
  { weights, bias }: LayerWeights,
  groups: number,
  rows: number,
  window: Window,
  source: TensorRange,
  target: TensorRange,
): Int32Array {
  const out = new Int32Array(rows * 2 ** target.variables);
  const channels = target.axes[0].size;
  const each = channels / groups;
  const places = window[0].kernel * window[1].kernel;
  const [from, to] = [imageSize(source), imageSize(target)];
  const positions = realPositions(target.axes.slice(1));
  const { outputs, places: placesRead, inputs } = readsOf(window);
  // Channels last, so that sums of one position lie side by side.
  const sums = new Int32Array(to * channels);
  for (let row = 0; row < rows; row++) {
    const [base, start] = [row * 2 ** target.variables, row * 2 ** source.variables];
    sums.fill(0);
    for (let ci = 0; ci < source.axes[0].size; ci++) {
      // Of its group.
      const first = Math.floor((ci * groups) / source.axes[0].size) * each;
      for (let read = 0; read < outputs.length; read++) {
        const value = x[start + ci * from + inputs[read]];
        if (value === 0) continue;
        const k = (ci * places + placesRead[read]) * each;
        const at = outputs[read] * channels + first;
        for (let co = 0; co < each; co++) sums[at + co] += Math.imul(value, weights[k + co]);
      }
    }
    for (let co = 0; co < channels; co++) {
      for (const position of positions) {
        out[base + co * to + position] = sums[position * channels + co] + bias[co];
      }
    }
  }
  return out;
}

function takeMaxima(
  x: Int32Array,
  rows: number,
  window: Window,
  source: TensorRange,
  target: TensorRange,
): Int32Array {
  const lowest = new Int32Array(rows * 2 ** target.variables);
  const out = mapReal(lowest, rows, target, () => source.low);
  const [from, to] = [imageSize(source), imageSize(target)];
  const { outputs, inputs } = readsOf(window);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < source.axes[0].size; c++) {
      const [start, base] = [row * 2 ** source.variables + c * from, row * 2 ** target.variables + c * to];
      for (let read = 0; read < outputs.length; read++) {
        const at = base + outputs[read];
        out[at] = Math.max(out[at], x[start + inputs[read]]);
      }
    }
  }
  return out;
}

function addWindows(
  x: Int32Array,
  rows: number,
  window: Window,
  source: TensorRange,
  target: TensorRange,
): Int32Array {
  const out = new Int32Array(rows * 2 ** target.variables);
  const [from, to] = [imageSize(source), imageSize(target)];
  const { outputs, inputs } = readsOf(window);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < source.axes[0].size; c++) {
      const [start, base] = [row * 2 ** source.variables + c * from, row * 2 ** target.variables + c * to];
      for (let read = 0; read < outputs.length; read++) out[base + outputs[read]] += x[start + inputs[read]];
    }
  }
  const [down, across] = window.map(({ factors }) => factors!);
  const width = 2 ** target.axes[2].variables;
  return out.map((sum, at) => {
    const [y, x] = [Math.floor(at / width) % 2 ** target.axes[1].variables, at % width];
    return Math.imul(sum, Math.imul(down[y] ?? 0, across[x] ?? 0));
  });
}

/** For each place of a window, the largest value minus that at the place. */
function gapsOf(
  x: Int32Array,
  y: Int32Array,
  rows: number,
  window: Window,
  source: TensorRange,
  target: TensorRange,
): Int32Array[] {
  // Outside of the image is the least value.
  const outside = mapReal(y, rows, target, (value) => value - source.low);
  const gaps = Array.from({ length: window[0].kernel * window[1].kernel }, () => outside.slice());
  const [from, to] = [imageSize(source), imageSize(target)];
  const { outputs, places, inputs } = readsOf(window);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < source.axes[0].size; c++) {
      const [start, base] = [row * 2 ** source.variables + c * from, row * 2 ** target.variables + c * to];
      for (let read = 0; read < outputs.length; read++) {
        const at = base + outputs[read];
        gaps[places[read]][at] = y[at] - x[start + inputs[read]];
      }
    }
  }
  return gaps;
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
  weights: readonly LayerWeights[],
  positions: readonly number[],
): Int32Array[] {
  const weightedOf = (layer: number) => program.layers.slice(0, layer).filter((l) => 'biasBits' in l).length;
  const requantisationOf = (layer: number): Requantisation =>
    (program.layers[layer] as Extract<Layer, { readonly requantise: unknown }>).requantise!;
  const rounded = new Map<number, ReturnType<typeof roundSums>>();
  const roundedOf = (layer: number) => {
    const known = rounded.get(layer);
    if (known !== undefined) return known;
    const [sums, outputs] = [run!.sums[layer]!, run!.tensors[layer + 1]];
    const own = roundSums(sums, outputs, run!.rows, ranges.tensors[layer + 1], requantisationOf(layer));
    rounded.set(layer, own);
    return own;
  };
  /** A limb of each value, which are from 0 on and below 2^31. */
  const limbsOf = (values: Int32Array, limb: number) => values.map((value) => (value >>> (8 * limb)) & 255);
  const gaps = new Map<number, Int32Array[]>();
  const gapsAt = (i: number): Int32Array[] => {
    const layer = program.layers[i] as Extract<Program['layers'][number], { kind: 'maximum' }>;
    const [source, target] = [ranges.tensors[layer.source], ranges.tensors[i + 1]];
    const [x, y] = [run!.tensors[layer.source], run!.tensors[i + 1]];
    const own = gaps.get(i) ?? gapsOf(x, y, run!.rows, windowOf(layer, source, target), source, target);
    gaps.set(i, own);
    return own;
  };
  const last = ranges.tensors[ranges.tensors.length - 1];
  const width = 2 ** last.variables;
  const columnOf = (role: WitnessRole): Int32Array => {
    switch (role.kind) {
      case 'output':
        return run!.tensors[role.layer + 1];
      case 'sign':
        return roundedOf(role.layer).excess.map((excess) => (excess > 0 ? 1 : 0));
      case 'excess':
        return limbsOf(roundedOf(role.layer).excess.map(Math.abs), role.limb);
      case 'remainder':
        return limbsOf(roundedOf(role.layer).remainder, role.limb);
      case 'above':
      case 'below': {
        const { low, high } = requantisationOf(role.layer);
        const outputs = run!.tensors[role.layer + 1];
        const isAbove = role.kind === 'above';
        return mapReal(outputs, run!.rows, ranges.tensors[role.layer + 1], (output) =>
          limbOf(isAbove ? output - low : high - output, role.limb),
        );
      }
      case 'bias': {
        const { bias } = weights[weightedOf(role.layer)];
        const { biasBits } = program.layers[role.layer] as { readonly biasBits: number };
        return Int32Array.from(bias, (value) => limbOf(value + 2 ** biasBits, role.limb));
      }
      case 'below the maximum':
        return gapsAt(role.layer)[role.place];
      case 'product of gaps': {
        // Three gaps, then the product so far with two more.
        const own = gapsAt(role.layer);
        const factors = own.slice(0, 2 * role.place + 3);
        return own[0].map((_, i) => factors.reduce((product, gap) => mulBase(product, gap[i]), 1));
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

/** Where a row (tag, a) is in the table, or -1. Those of width w begin at 2^w - 1. */
function createTableIndex({ tables }: Program): (tag: number, a: number) => number {
  let next = 511;
  const functions = tables.map(({ low, values }) => {
    const start = next;
    next += values.length;
    return { start, low, size: values.length };
  });
  return (tag, a) => {
    if (tag < 9) return a >= 0 && a < 1 << tag ? (1 << tag) - 1 + a : -1;
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
      // One that is read by itself is in no look-up.
      else if (use.leading === undefined) {
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
  ranges: ProgramRanges,
  weights: readonly LayerWeights[],
): void {
  const layers = weightedLayers(program, ranges);
  const fail = (expected: string, found: unknown) => {
    throw new NonetError({ code: 'proof.weights', expected, found: String(found) });
  };
  if (weights.length !== layers.length) fail(`weights of ${layers.length} layers`, weights.length);
  for (const [n, { layer, i, source, target }] of layers.entries()) {
    const channels = target.axes[0].size;
    const count = weightAxes(layer, source, target).reduce((product, { size }) => product * size, 1);
    const own = weights[n];
    if (own.weights.length !== count) fail(`${count} weights of layer ${i}`, own.weights.length);
    if (own.bias.length !== channels) fail(`${channels} biases of layer ${i}`, own.bias.length);
    const bound = 2 ** layer.biasBits;
    for (let k = 0; k < count; k++) {
      const value = own.weights[k];
      if (!Number.isInteger(value) || value < weightLow || value > weightHigh)
        fail('weights of 8 bits', value);
    }
    for (let j = 0; j < channels; j++) {
      const value = own.bias[j];
      if (!Number.isInteger(value) || value < -bound || value >= bound) {
        fail(`biases from ${-bound} to ${bound - 1} in layer ${i}`, value);
      }
    }
  }
}
