/**
 * From a graph of integers, as quantisation makes it, to a program and its weights
 * (docs/specs/zk.md §7). The graph has one input i32[B,...], constants as weights, and one output;
 * what a program cannot say is refused with `proof.unsupported`, which names the node and what to
 * do. What each layer computes is what arithmetic.md says of the primitives that it stands for.
 */
import { MisuseError } from '@nonet/core';
import type { Graph, Node, TensorId } from '@nonet/tensor';
import { queries } from '../commitment/layout.ts';
import {
  type FunctionTable,
  type Layer,
  type Pair,
  type Program,
  programFormat,
  type Requantisation,
  type WindowShape,
} from './program.ts';
import type { LayerWeights } from './proveWitness.ts';

/** What to compile, and for how many rows at a time. */
export interface CompileOptions {
  readonly graph: Graph;
  /** The output to prove; the only one if left out. */
  readonly output?: string;
  readonly maximumBatch: number;
}

/** A program with the weights that its graph holds. */
export interface CompiledProgram {
  readonly program: Program;
  readonly weights: readonly LayerWeights[];
}

type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>;
type Affine = NodeOf<'contract'>['maps'][number];
type Shape = readonly number[];

/** A tensor of the program, in row-major order under a shape that need not be its own. */
interface TensorValue {
  readonly kind: 'tensor';
  readonly number: number;
  readonly shape: Shape;
}

/** An image with a number around it. */
interface PaddedValue {
  readonly kind: 'padded';
  readonly number: number;
  /** Without what is around it. */
  readonly shape: Shape;
  readonly before: Pair;
  readonly after: Pair;
  readonly value: number;
}

/** Sums that have not been requantised, with a bias for each channel where there are weights. */
interface SumsValue {
  readonly kind: 'sums';
  readonly layer: PendingLayer;
  readonly channels: number;
  /** The tensor's shape, and that under which the graph has it. */
  readonly own: Shape;
  readonly shape: Shape;
  readonly weights?: Int32Array;
  readonly bias?: Int32Array;
}

/** What a node of the graph has become. */
type Value =
  | TensorValue
  | PaddedValue
  | SumsValue
  /** A tensor with a number that is added to each channel: the index of a table. */
  | { readonly kind: 'indexed'; readonly number: number; readonly shape: Shape; readonly starts: Int32Array };

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type PendingLayer = Without<Extract<Layer, { readonly requantise: unknown }>, 'requantise' | 'biasBits'>;

/** Numbers of integers as `constant` holds them. */
function readConstant(node: NodeOf<'constant'>): Int32Array {
  const view = new DataView(node.bytes.buffer, node.bytes.byteOffset, node.bytes.byteLength);
  return Int32Array.from({ length: node.bytes.byteLength / 4 }, (_, i) => view.getInt32(4 * i, true));
}

/** Whether a map reads each axis as these rows say: columns with their factors, and no offset. */
function readsAs(map: Affine, rows: readonly Readonly<Record<number, number>>[]): boolean {
  return (
    map.matrix.length === rows.length &&
    map.offset.every((offset) => offset === 0) &&
    map.matrix.every((row, i) => row.every((factor, column) => factor === (rows[i][column] ?? 0)))
  );
}

/** Whether a map reads each position where it lies. */
const readsInOrder = (map: Affine, { length }: readonly unknown[]) =>
  readsAs(
    map,
    Array.from({ length }, (_, axis) => ({ [axis]: 1 })),
  );

/** The extents of a shape without the batch. */
const extentsOf = (shape: readonly (number | string)[]): number[] => shape.slice(1).map(Number);

const count = (shape: Shape) => shape.reduce((product, extent) => product * extent, 1);
const sameShape = (a: Shape, b: Shape) => String(a) === String(b);

/** A shape that a program can have, of one or three axes, with the same values and the same first axis. */
function programShape(shape: Shape): number[] {
  if (shape.length < 2) return [count(shape)];
  const [first, ...others] = shape;
  const last = others.pop()!;
  return [first, count(others), last];
}

const noPair: Pair = [0, 0];
const onePair: Pair = [1, 1];

/** Compiles a graph. Throws `proof.unsupported`. */
export function compileProgram({ graph, output, maximumBatch }: CompileOptions): CompiledProgram {
  return new Compiler(graph, output).compile(maximumBatch);
}

class Compiler {
  readonly #graph: Graph;
  readonly #target: TensorId;
  readonly #values = new Map<TensorId, Value>();
  readonly #layers: Layer[] = [];
  readonly #weights: LayerWeights[] = [];
  readonly #tables: FunctionTable[] = [];
  readonly #tableNumbers = new Map<string, number>();
  /** Of each tensor of the program: its shape, and the least that its values can be. */
  readonly #tensors: { readonly shape: Shape; readonly low: number }[] = [];
  readonly #reshaped = new Map<string, number>();
  #input: { shape: number[]; low: number; high: number } | undefined;
  #output: Program['output'] = 'values';

  constructor(graph: Graph, output: string | undefined) {
    this.#graph = graph;
    const found = graph.outputs.filter(({ name }) => output === undefined || name === output);
    if (found.length !== 1) {
      const names = graph.outputs.map(({ name }) => name).join(', ');
      throw new MisuseError({
        code: 'proof.unsupported',
        expected: 'one output to prove',
        found: `${output ?? 'no name'} among ${names}`,
        hint: 'Name one of them.',
      });
    }
    this.#target = found[0].tensor;
  }

  compile(maximumBatch: number): CompiledProgram {
    const needed = this.#needed();
    for (const [id, node] of this.#graph.nodes.entries()) {
      if (needed.has(id) && node.kind !== 'constant') this.#values.set(id, this.#visit(id, node));
    }
    this.#finishOutput();
    return {
      program: {
        format: programFormat,
        queries,
        maximumBatch,
        input: this.#input!,
        layers: this.#layers,
        tables: this.#tables,
        output: this.#output,
      },
      weights: this.#weights,
    };
  }

  /** The output becomes the last tensor, of one axis. */
  #finishOutput(): void {
    const id = this.#target;
    const last = this.#values.get(id);
    if (last?.kind === 'sums') {
      if (last.layer.kind !== 'dense') this.#refuse(id, 'a requantised output');
      this.#finish(last, null);
      return;
    }
    const value = this.#tensorOf(id, last);
    if (value.number === 0) this.#refuse(id, 'an output that depends on the input through some layer');
    const shape = [count(value.shape)];
    const isLast = value.number === this.#layers.length;
    if (!isLast || !sameShape(this.#tensors[value.number].shape, shape)) this.#reshape(value.number, shape);
  }

  /** What the output depends on. */
  #needed(): Set<TensorId> {
    const needed = new Set<TensorId>();
    const stack = [this.#target];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (needed.has(id)) continue;
      needed.add(id);
      const node = this.#graph.nodes[id];
      if ('operands' in node) {
        for (const operand of node.operands as readonly (TensorId | undefined)[]) {
          if (operand !== undefined) stack.push(operand);
        }
      }
    }
    return needed;
  }

  #refuse(id: TensorId, expected: string, hint?: string): never {
    const node = this.#graph.nodes[id];
    const note = 'note' in node && node.note !== undefined ? ` (${node.note})` : '';
    throw new MisuseError({
      code: 'proof.unsupported',
      expected,
      found: `node ${id}, ${node.kind}${note}`,
      hint:
        hint ??
        'Leave this operation out of the model, or name an output before it: proofs cover dense layers, convolutions, pooling, sums and products of tensors, concatenation, slices and transpositions, functions of one tensor by table, and argmax at the end.',
    });
  }

  #constantAt(id: TensorId): Int32Array | undefined {
    const node = this.#graph.nodes[id];
    return node.kind === 'constant' && node.dtype === 'i32' ? readConstant(node) : undefined;
  }

  #push(layer: Layer, shape: Shape, low: number): TensorValue {
    this.#layers.push(layer);
    this.#tensors.push({ shape, low });
    return { kind: 'tensor', number: this.#layers.length, shape };
  }

  /** A tensor of the program under another shape, with the same values in row-major order. */
  #reshape(number: number, shape: Shape): number {
    const { low } = this.#tensors[number];
    return this.#push({ kind: 'join', source: number, others: [], outer: 1, shape }, shape, low).number;
  }

  /** The number of a tensor that has this very shape. */
  #shaped({ number }: TensorValue, shape: Shape): number {
    if (sameShape(this.#tensors[number].shape, shape)) return number;
    const key = `${number}: ${shape}`;
    const known = this.#reshaped.get(key) ?? this.#reshape(number, shape);
    this.#reshaped.set(key, known);
    return known;
  }

  /** A value as a tensor: padding is written out. */
  #tensorOf(id: TensorId, value: Value | undefined): TensorValue {
    if (value?.kind === 'tensor') return value;
    if (value?.kind !== 'padded') this.#refuse(id, 'a requantised tensor');
    if (value.value !== 0) this.#refuse(id, 'padding with zeros, or before a maximum');
    const { shape, before, after } = value;
    const padded = [
      count(shape.slice(0, -2)),
      ...shape.slice(-2).map((extent, i) => extent + before[i] + after[i]),
    ];
    const source = this.#shaped({ ...value, kind: 'tensor' }, [padded[0], ...shape.slice(-2)]);
    const matrix = [0, 1, 2].map((axis) => [0, 1, 2].map((column) => (axis === column ? 1 : 0)));
    const offset = [0, -before[0], -before[1]];
    const made = this.#push(
      { kind: 'view', source, shape: padded, matrix, offset },
      padded,
      Math.min(0, this.#tensors[source].low),
    );
    return { ...made, shape: [...shape.slice(0, -2), ...padded.slice(1)] };
  }

  #visit(id: TensorId, node: Node): Value {
    const operands = 'operands' in node ? (node.operands as readonly TensorId[]) : [];
    const source = operands.length > 0 ? this.#values.get(operands[0]) : undefined;
    switch (node.kind) {
      case 'input':
        return this.#visitInput(id, node);
      case 'requantise':
        return this.#visitRequantisation(id, node, source);
      case 'reshape':
        return this.#visitReshape(id, node, source);
      case 'pad':
        return this.#visitPadding(id, node, source);
      case 'view':
        return this.#visitView(id, node, this.#tensorOf(id, source));
      case 'concat':
        return this.#visitConcat(id, node);
      case 'contract':
        return this.#visitContract(id, node);
      case 'map':
        return this.#visitMap(id, node);
      case 'lookup':
        return this.#visitLookup(id, node, source);
      case 'reduce':
        return this.#visitReduction(id, node, source);
      default:
        return this.#refuse(id, 'a layer that can be proven');
    }
  }

  #visitInput(id: TensorId, node: NodeOf<'input'>): Value {
    const extents = extentsOf(node.shape);
    const fits = node.dtype === 'i32' && typeof node.shape[0] === 'string' && this.#input === undefined;
    if (!fits || extents.some(Number.isNaN)) this.#refuse(id, 'one input i32[B,...]');
    const shape = programShape(extents);
    this.#input = { shape, low: 0, high: -1 };
    this.#tensors.push({ shape, low: 0 });
    return { kind: 'tensor', number: 0, shape: extents };
  }

  #visitRequantisation(id: TensorId, node: NodeOf<'requantise'>, source: Value | undefined): Value {
    const { shift, zero, low, high } = node;
    if (shift.length > 1 && node.axis !== 1) {
      this.#refuse(id, `shifts along axis 1, the channels, not along axis ${node.axis}`);
    }
    const own = (channels: number): Requantisation => {
      const spread = (list: readonly number[]) =>
        list.length === 1 ? Array<number>(channels).fill(list[0]) : [...list];
      return { shift: spread(shift), zero: spread(zero), low, high };
    };
    if (source?.kind === 'sums') {
      if (shift.length > 1 && source.shape[0] !== source.channels) {
        this.#refuse(id, `${source.channels} shifts, one for each channel of the sums`);
      }
      return { ...this.#finish(source, own(source.channels)), shape: source.shape };
    }
    const value = this.#tensorOf(id, source);
    const isUnbounded = value.number === 0 && this.#input!.high < this.#input!.low;
    if (isUnbounded) {
      if (String(shift) !== '0' || String(zero) !== '0') this.#refuse(id, 'bounds of the input');
      this.#input = { ...this.#input!, low, high };
      this.#tensors[0] = { ...this.#tensors[0], low };
      return value;
    }
    const { shape } = this.#tensors[value.number];
    const number =
      shift.length === 1 || shape[0] === value.shape[0]
        ? value.number
        : this.#shaped(value, programShape(value.shape));
    const made = this.#tensors[number].shape;
    const layer = { kind: 'add', source: number, others: [], requantise: own(made[0]) } as const;
    return { ...this.#push(layer, made, low), shape: value.shape };
  }

  #visitReshape(id: TensorId, node: NodeOf<'reshape'>, source: Value | undefined): Value {
    const shape = extentsOf(node.out);
    if (source === undefined || typeof node.out[0] !== 'string') {
      return this.#refuse(id, 'a batch that stays the first axis');
    }
    if (source.kind === 'padded') {
      const image = source.shape.slice(-2).map((extent, i) => extent + source.before[i] + source.after[i]);
      if (!sameShape(shape.slice(-2), image)) return { ...this.#tensorOf(id, source), shape };
      return { ...source, shape: [...shape.slice(0, -2), ...source.shape.slice(-2)] };
    }
    if (source.kind === 'indexed' && shape[0] !== source.shape[0]) {
      this.#refuse(id, 'channels that stay where they are before their tables');
    }
    return { ...source, shape };
  }

  #visitPadding(id: TensorId, node: NodeOf<'pad'>, source: Value | undefined): Value {
    const { low, high, interior, valueBits } = node;
    const value = this.#tensorOf(id, source);
    const rank = value.shape.length;
    const isOuter = low.every((amount, axis) => {
      const isImage = rank >= 2 && axis > rank - 2;
      return isImage ? amount >= 0 && high[axis] >= 0 : amount === 0 && high[axis] === 0;
    });
    if (!isOuter || interior.some((amount) => amount !== 0)) {
      this.#refuse(id, 'padding around images, along their rows and columns only');
    }
    const pairOf = (amounts: readonly number[]) => [amounts[rank - 1], amounts[rank]] as const;
    return { ...value, kind: 'padded', before: pairOf(low), after: pairOf(high), value: valueBits | 0 };
  }

  /** Strides, slices, transpositions, repetitions: an affine read of positions, or of flat ones. */
  #visitView(id: TensorId, node: NodeOf<'view'>, value: TensorValue): Value {
    const out = extentsOf(node.out);
    const [{ matrix, offset }] = node.maps;
    const [batch, ...rows] = matrix;
    const isWithin =
      batch.every((factor, column) => factor === (column === 0 ? 1 : 0)) &&
      offset[0] === 0 &&
      rows.every(([first]) => first === 0);
    if (!isWithin || typeof node.out[0] !== 'string') {
      this.#refuse(id, 'a view that leaves the rows of the batch alone');
    }
    return this.#view(id, value, out, { matrix: rows.map((row) => row.slice(1)), offset: offset.slice(1) });
  }

  #view(id: TensorId, value: TensorValue, out: Shape, { matrix, offset }: Affine): TensorValue {
    const low = Math.min(0, this.#tensors[value.number].low);
    const { shape } = this.#tensors[value.number];
    if (sameShape(shape, value.shape) && (out.length === 1 || out.length === 3)) {
      const layer = { kind: 'view', source: value.number, shape: out, matrix, offset } as const;
      return this.#push(layer, out, low);
    }
    // Flat positions are affine as well; axes along which they go on alike are one.
    const strides = value.shape.map((_, axis) => count(value.shape.slice(axis + 1)));
    const start = offset.reduce((sum, at, axis) => sum + at * strides[axis], 0);
    const axes: { extent: number; factor: number }[] = [];
    for (const [column, extent] of out.entries()) {
      if (extent === 1) continue;
      const factor = matrix.reduce((sum, row, axis) => sum + row[column] * strides[axis], 0);
      const last = axes.at(-1);
      if (last !== undefined && last.factor === factor * extent) {
        axes[axes.length - 1] = { extent: last.extent * extent, factor };
      } else axes.push({ extent, factor });
    }
    if (axes.length > 3) this.#refuse(id, 'a view that moves at most three runs of axes');
    while (axes.length !== 1 && axes.length !== 3) axes.splice(1, 0, { extent: 1, factor: 0 });
    const merged = axes.map(({ extent }) => extent);
    const layer: Layer = {
      kind: 'view',
      source: this.#shaped(value, [count(value.shape)]),
      shape: merged,
      matrix: [axes.map(({ factor }) => factor)],
      offset: [start],
    };
    return { ...this.#push(layer, merged, low), shape: out };
  }

  #visitConcat(id: TensorId, node: NodeOf<'concat'>): Value {
    if (node.axis === 0) this.#refuse(id, 'parts of one row of the batch');
    const parts = node.operands.map((operand) => {
      if (this.#constantAt(operand) !== undefined) this.#refuse(id, 'parts that depend on the input');
      return this.#tensorOf(id, this.#values.get(operand));
    });
    const outer = count(parts[0].shape.slice(0, node.axis - 1));
    const shape = [...parts[0].shape];
    shape[node.axis - 1] = parts.reduce((sum, part) => sum + part.shape[node.axis - 1], 0);
    const made = programShape(shape);
    const [source, ...others] = parts.map(({ number }) => number);
    const low = Math.min(...parts.map(({ number }) => this.#tensors[number].low));
    return { ...this.#push({ kind: 'join', source, others, outer, shape: made }, made, low), shape };
  }

  #visitLookup(id: TensorId, node: NodeOf<'lookup'>, source: Value | undefined): Value {
    const values = this.#constantAt(node.operands[1]);
    if (values === undefined) this.#refuse(id, 'a table of constants');
    const entries = { low: node.low, values: [...values] };
    const key = JSON.stringify(entries);
    const table = this.#tableNumbers.get(key) ?? this.#tables.push(entries) - 1;
    this.#tableNumbers.set(key, table);
    const isIndexed = source?.kind === 'indexed';
    const value = isIndexed ? ({ ...source, kind: 'tensor' } as const) : this.#tensorOf(id, source);
    const isAlike = this.#tensors[value.number].shape[0] === value.shape[0];
    const number = isIndexed && !isAlike ? this.#shaped(value, programShape(value.shape)) : value.number;
    const layer = {
      kind: 'lookup',
      source: number,
      table,
      offsets: isIndexed ? [...source.starts] : [],
    } as const;
    const low = values.reduce((a, b) => Math.min(a, b));
    return { ...this.#push(layer, this.#tensors[number].shape, low), shape: value.shape };
  }

  #visitMap(id: TensorId, node: NodeOf<'map'>): Value {
    const { expression, operands, maps, out } = node;
    const [operation] = expression;
    const isPair = String(expression.slice(1)) === String(['arg', 0, 'arg', 1]);
    if (!isPair || operands.length !== 2 || !['add', 'sub', 'mul'].includes(operation)) {
      this.#refuse(id, 'a sum, a difference or a product of two tensors');
    }
    const constants = this.#constantAt(operands[1]);
    const source = this.#values.get(operands[0]);
    if (constants !== undefined && source !== undefined) {
      if (!readsInOrder(maps[0], out)) this.#refuse(id, 'a tensor that is read where it lies');
      return this.#mapConstants(id, node, source, constants);
    }
    const values = operands.map((operand) => this.#tensorOf(id, this.#values.get(operand)));
    const extents = extentsOf(out);
    if (operation === 'mul') return this.#multiply(id, node, values, extents);
    const whole = values.map((value, i) => this.#spread(id, value, maps[i], extents));
    const shape = this.#tensors[whole[0].number].shape;
    const layer = {
      kind: 'add',
      source: whole[0].number,
      others: [{ source: this.#shaped(whole[1], shape), factor: operation === 'add' ? 1 : -1 }],
    } as const;
    return { kind: 'sums', layer, channels: shape[0], own: shape, shape: extents };
  }

  #multiply(id: TensorId, { maps }: NodeOf<'map'>, values: readonly TensorValue[], extents: Shape): Value {
    /** One value for each channel. */
    const isByChannel = ({ shape }: TensorValue, map: Affine) =>
      extents.length > 1 &&
      shape[0] === extents[0] &&
      count(shape) === extents[0] &&
      readsAs(map, [{ 0: 1 }, { 1: 1 }, ...shape.slice(1).map(() => ({}))]);
    const channel = values.findIndex((value, i) => isByChannel(value, maps[i]));
    if (channel >= 0 && values[channel].number > 0) {
      const [image, own] = [values[1 - channel], values[channel]];
      const shape = programShape(extents);
      const whole = this.#spread(id, image, maps[1 - channel], extents);
      const layer = {
        kind: 'multiply',
        source: this.#shaped(whole, shape),
        other: this.#shaped(own, [extents[0]]),
      } as const;
      return { kind: 'sums', layer, channels: shape[0], own: shape, shape: extents };
    }
    const [left, right] = values.map((value, i) => this.#spread(id, value, maps[i], extents));
    const { shape } = this.#tensors[left.number];
    const layer = { kind: 'multiply', source: left.number, other: this.#shaped(right, shape) } as const;
    return { kind: 'sums', layer, channels: shape[0], own: shape, shape: extents };
  }

  /** A tensor as a map reads it, in each of these positions. */
  #spread(id: TensorId, value: TensorValue, map: Affine, extents: Shape): TensorValue {
    if (readsInOrder(map, ['batch', ...extents])) return value;
    const isWithin = readsAs({ matrix: map.matrix.slice(0, 1), offset: map.offset.slice(0, 1) }, [{ 0: 1 }]);
    if (!isWithin || map.matrix.slice(1).some(([first]) => first !== 0)) {
      this.#refuse(id, 'tensors that are read row by row of the batch');
    }
    const matrix = map.matrix.slice(1).map((row) => row.slice(1));
    return this.#view(id, value, extents, { matrix, offset: map.offset.slice(1) });
  }

  /** A bias, a table for each channel, or factors of a mean over fewer places at the edges. */
  #mapConstants(id: TensorId, node: NodeOf<'map'>, source: Value, constants: Int32Array): Value {
    const [operation] = node.expression;
    const map = node.maps[1];
    const isShared = map.matrix.length === 0;
    const isPerChannel = readsAs(map, [{ 1: 1 }]) && constants.length === source.shape[0];
    if (operation === 'add' && (isShared || isPerChannel)) {
      if (source.kind === 'tensor') {
        const starts = isShared ? new Int32Array(source.shape[0]).fill(constants[0]) : constants;
        return { ...source, kind: 'indexed', starts };
      }
      if (
        source.kind === 'sums' &&
        source.bias !== undefined &&
        (isShared || constants.length === source.channels)
      ) {
        return { ...source, bias: source.bias.map((value, j) => value + constants[isShared ? 0 : j]) };
      }
    }
    if (operation === 'mul' && source.kind === 'sums' && source.layer.kind === 'sum') {
      const factors = factorsOf(map, constants, source.own.slice(1));
      if (factors !== undefined) return { ...source, layer: { ...source.layer, factors } };
    }
    return this.#refuse(id, 'numbers for each channel that are added to sums');
  }

  #visitReduction(id: TensorId, node: NodeOf<'reduce'>, source: Value | undefined): Value {
    const [map] = node.maps;
    if (node.op === 'argmax') {
      const value = this.#argmaxSource(id, node, source);
      this.#output = 'position';
      return value;
    }
    if (source?.kind !== 'tensor' && source?.kind !== 'padded')
      return this.#refuse(id, 'a requantised tensor');
    if (source.shape.length !== 3 || node.k.length !== 2 || (node.op !== 'sum' && node.op !== 'max')) {
      this.#refuse(id, 'the sum or the largest of each window, or of all, of an image');
    }
    const kernel = [Number(node.k[0]), Number(node.k[1])] as const;
    const { before, after, value } =
      source.kind === 'padded' ? source : { before: noPair, after: noPair, value: 0 };
    const { matrix } = map;
    const [stride, dilation] = [2, 4].map(
      (column) => [matrix[2]?.[column], matrix[3]?.[column + 1]] as const,
    );
    const window = [{ 0: 1 }, { 1: 1 }, { 2: stride[0], 4: dilation[0] }, { 3: stride[1], 5: dilation[1] }];
    // All of an image: nothing moves.
    const isGlobal =
      node.out.length === 2 &&
      kernel.every((size, axis) => size === source.shape[axis + 1] + before[axis] + after[axis]) &&
      readsAs(map, [{ 0: 1 }, { 1: 1 }, { 2: 1 }, { 3: 1 }]);
    if (!isGlobal && !readsAs(map, window)) this.#refuse(id, 'windows of an image');
    const own = isGlobal ? [source.shape[0], 1, 1] : extentsOf(node.out);
    const layer = {
      source: this.#shaped({ ...source, kind: 'tensor' }, source.shape),
      kernel,
      stride: isGlobal ? onePair : atLeastOne(stride),
      dilation: isGlobal ? onePair : atLeastOne(dilation),
      before,
      after,
    };
    const shape = extentsOf(node.out);
    this.#assertWhole(id, layer, source.shape, own);
    if (node.op === 'sum') {
      if (value !== 0) this.#refuse(id, 'padding with zeros before a sum');
      const factors = [own[1], own[2]].map((extent) => Array<number>(extent).fill(1));
      const pending = { kind: 'sum', ...layer, factors: factors as unknown as [number[], number[]] } as const;
      return { kind: 'sums', layer: pending, channels: own[0], own, shape };
    }
    const { low } = this.#tensors[layer.source];
    if (source.kind === 'padded' && value > low) this.#refuse(id, 'padding that is never the largest');
    if (kernel[0] * kernel[1] > 1) {
      return { ...this.#push({ kind: 'maximum', ...layer }, own, low), shape };
    }
    const tensor = this.#tensorOf(id, source);
    const steps = [1, ...layer.stride];
    const view = steps.map((step, axis) => steps.map((_, column) => (axis === column ? step : 0)));
    return { ...this.#view(id, tensor, own, { matrix: view, offset: [0, 0, 0] }), shape };
  }

  #argmaxSource(id: TensorId, node: NodeOf<'reduce'>, source: Value | undefined): Value {
    const size = Number(node.k[0]);
    const isSums = source?.kind === 'sums' && source.layer.kind === 'dense';
    const value = isSums ? source : this.#tensorOf(id, source);
    const readsAll = node.k.length === 1 && sameShape(value.shape, [size]);
    if (id !== this.#target || !readsAll || !readsAs(node.maps[0], [{ 0: 1 }, { 1: 1 }])) {
      this.#refuse(id, 'the position of the largest of all values, at the end');
    }
    return value;
  }

  /** Refuses windows other than all that fit the padded image. */
  #assertWhole(id: TensorId, layer: WindowShape, image: Shape, out: Shape): void {
    const isWhole = [0, 1].every((axis) => {
      const padded = image[axis + 1] + layer.before[axis] + layer.after[axis];
      const extent = (layer.kernel[axis] - 1) * layer.dilation[axis] + 1;
      return out[axis + 1] === Math.floor((padded - extent) / layer.stride[axis]) + 1;
    });
    if (!isWhole) this.#refuse(id, 'all windows that fit the image');
  }

  #visitContract(id: TensorId, node: NodeOf<'contract'>): Value {
    const place = node.operands.findIndex((operand) => this.#constantAt(operand) !== undefined);
    if (place < 0) this.#refuse(id, 'products with constant weights');
    const constants = this.#constantAt(node.operands[place])!;
    const source = this.#values.get(node.operands[1 - place]);
    const [x, w] = [node.maps[1 - place], node.maps[place]];
    const k = node.k.map(Number);
    const out = extentsOf(node.out);
    if (k.length === 0) return this.#scale(id, node, this.#tensorOf(id, source), constants, x, w);
    if (out.length === 1 && k.length === 1) {
      const value = this.#tensorOf(id, source);
      const isFlat = count(value.shape) === k[0] && readsAs(x, [{ 0: 1 }, { 2: 1 }]);
      const isTransposed = readsAs(w, [{ 1: 1 }, { 2: 1 }]);
      if (!isFlat || (!isTransposed && !readsAs(w, [{ 2: 1 }, { 1: 1 }]))) {
        this.#refuse(id, 'a product of rows with a matrix');
      }
      const weights = isTransposed ? transpose(constants, out[0], k[0]) : constants;
      const layer = { kind: 'dense', source: value.number, size: out[0] } as const;
      return {
        kind: 'sums',
        layer,
        channels: out[0],
        own: out,
        shape: out,
        weights,
        bias: new Int32Array(out[0]),
      };
    }
    if (source?.kind !== 'tensor' && source?.kind !== 'padded')
      return this.#refuse(id, 'a requantised tensor');
    return this.#convolve(id, source, constants, [x, w], k, out);
  }

  /** A factor for each channel: a convolution of one place in as many groups as channels. */
  #scale(
    id: TensorId,
    { out }: NodeOf<'contract'>,
    value: TensorValue,
    constants: Int32Array,
    x: Affine,
    w: Affine,
  ): Value {
    const channels = value.shape[0];
    const isShared = w.matrix.length === 0;
    const isPerChannel = readsAs(w, [{ 1: 1 }]) && constants.length === channels;
    if (!readsInOrder(x, out) || !(isShared || isPerChannel)) this.#refuse(id, 'a factor for each channel');
    const [first, middle = 1, last = 1] = programShape(value.shape);
    const own = [first, middle, last];
    const weights = isShared ? new Int32Array(channels).fill(constants[0]) : constants;
    const layer = {
      kind: 'convolution',
      source: this.#shaped(value, own),
      channels,
      groups: channels,
      kernel: onePair,
      stride: onePair,
      dilation: onePair,
      before: noPair,
      after: noPair,
    } as const;
    return {
      kind: 'sums',
      layer,
      channels,
      own,
      shape: value.shape,
      weights,
      bias: new Int32Array(channels),
    };
  }

  /** out[o,i,j], or out[g,o,i,j] of several groups, summed over (c,r,t). */
  #convolve(
    id: TensorId,
    source: TensorValue | PaddedValue,
    constants: Int32Array,
    [x, w]: readonly [Affine, Affine],
    k: Shape,
    out: Shape,
  ): Value {
    const expected = 'a convolution of images';
    const isGrouped = source.shape.length === 4;
    const rank = isGrouped ? 4 : 3;
    if (source.shape.length !== rank || out.length !== rank || k.length !== 3)
      return this.#refuse(id, expected);
    const [groups, inputs] = isGrouped ? source.shape : [1, source.shape[0]];
    // Columns: batch, group if any, output channel, row, column, then those that are summed over.
    const at = isGrouped ? 1 : 0;
    const stepsOf = (column: number) => [x.matrix[at + 2]?.[column], x.matrix[at + 3]?.[column + 1]] as const;
    const [stride, dilation] = [stepsOf(at + 2), stepsOf(at + 5)];
    const group = isGrouped ? [{ 1: 1 }] : [];
    const reads = [
      { 0: 1 },
      ...group,
      { [at + 4]: 1 },
      { [at + 2]: stride[0], [at + 5]: dilation[0] },
      { [at + 3]: stride[1], [at + 6]: dilation[1] },
    ];
    const weightReads = [...group, { [at + 1]: 1 }, { [at + 4]: 1 }, { [at + 5]: 1 }, { [at + 6]: 1 }];
    if (k[0] !== inputs || !readsAs(x, reads) || !readsAs(w, weightReads)) this.#refuse(id, expected);
    const { before, after, value } =
      source.kind === 'padded' ? source : { before: noPair, after: noPair, value: 0 };
    if (value !== 0) this.#refuse(id, 'padding with zeros before a convolution');
    const image = [groups * inputs, ...source.shape.slice(-2)];
    const outputs = out[at];
    const channels = groups * outputs;
    const own = [channels, ...out.slice(-2)];
    const layer = {
      kind: 'convolution',
      source: this.#shaped({ ...source, kind: 'tensor' }, image),
      channels,
      groups,
      kernel: [k[1], k[2]],
      stride: atLeastOne(stride),
      dilation: atLeastOne(dilation),
      before,
      after,
    } as const;
    this.#assertWhole(id, layer, image, own);
    const terms = count(k);
    const weights = new Int32Array(constants.length);
    for (let g = 0; g < groups; g++) {
      const [from, to] = [g * outputs * terms, (g + 1) * outputs * terms];
      weights.set(transpose(constants.subarray(from, to), outputs, terms), from);
    }
    return { kind: 'sums', layer, channels, own, shape: out, weights, bias: new Int32Array(channels) };
  }

  #finish({ layer, own, weights, bias }: SumsValue, requantise: Requantisation | null): TensorValue {
    const low = requantise?.low ?? 0;
    if (bias === undefined || weights === undefined) {
      return this.#push({ ...layer, requantise } as Layer, own, low);
    }
    let biasBits = 0;
    while (bias.some((value) => value < -(2 ** biasBits) || value >= 2 ** biasBits)) biasBits++;
    this.#weights.push({ weights, bias });
    return this.#push({ ...layer, biasBits, requantise } as Layer, own, low);
  }
}

/** Steps that a map leaves open where an axis has one position. */
const atLeastOne = ([a, b]: Pair): Pair => [Math.max(1, a), Math.max(1, b)];

/** Numbers along rows and columns of an image, or along one of them, as products of both. */
function factorsOf(map: Affine, values: Int32Array, [rows, columns]: Shape) {
  const reads = [[{ 2: 1 }, { 3: 1 }], [{ 2: 1 }], [{ 3: 1 }]];
  const extents = [
    [rows, columns],
    [rows, 1],
    [1, columns],
  ];
  const found = reads.findIndex((own, i) => readsAs(map, own) && values.length === count(extents[i]));
  if (found < 0) return undefined;
  const [height, width] = extents[found];
  const split = splitFactors(values, height, width);
  return split?.map((list, axis) =>
    list.length === [rows, columns][axis] ? list : Array<number>([rows, columns][axis]).fill(list[0]),
  ) as readonly [number[], number[]] | undefined;
}

/** Numbers by row and column as products of one for each row and one for each column. */
function splitFactors(
  values: Int32Array,
  rows: number,
  columns: number,
): readonly [number[], number[]] | undefined {
  const divisor = values.subarray(0, columns).reduce((a, b) => {
    let [x, y] = [a, b];
    while (y !== 0) [x, y] = [y, x % y];
    return x;
  });
  if (!(divisor > 0)) return undefined;
  const across = Array.from({ length: columns }, (_, x) => values[x] / divisor);
  const down = Array.from({ length: rows }, (_, y) => values[y * columns] / across[0]);
  const isProduct = values.every((value, i) => value === down[Math.floor(i / columns)] * across[i % columns]);
  return isProduct && [...down, ...across].every((factor) => Number.isInteger(factor) && factor > 0)
    ? [down, across]
    : undefined;
}

/** (rows, columns) as (columns, rows). */
function transpose(values: Int32Array, rows: number, columns: number): Int32Array {
  const out = new Int32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  return out;
}
