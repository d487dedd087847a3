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

type Contract = Extract<Node, { kind: 'contract' }>;
type Constant = Extract<Node, { kind: 'constant' }>;
type Affine = Contract['maps'][number];

/** What a node of the graph has become. */
type Value =
  | { readonly kind: 'tensor'; readonly number: number; readonly shape: readonly number[] }
  /** An image with zeros around it, which only a convolution can read. */
  | {
      readonly kind: 'padded';
      readonly number: number;
      readonly shape: readonly number[];
      readonly before: Pair;
      readonly after: Pair;
    }
  /** Sums that have not been requantised. */
  | {
      readonly kind: 'sums';
      readonly layer: PendingLayer;
      readonly weights: Int32Array;
      readonly bias: Int32Array;
      readonly shape: readonly number[];
    };

type PendingLayer =
  | { readonly kind: 'dense'; readonly source: number; readonly size: number }
  | {
      readonly kind: 'convolution';
      readonly source: number;
      readonly channels: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly before: Pair;
      readonly after: Pair;
    }
  | { readonly kind: 'sum'; readonly source: number; readonly kernel: Pair; readonly stride: Pair }
  | { readonly kind: 'add'; readonly source: number; readonly other: number };

/** Weights of what has none. */
const none = new Int32Array(0);

function readConstant(node: Constant): Int32Array {
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

/** The extents of a shape without the batch. */
const extentsOf = (shape: readonly (number | string)[]): number[] => shape.slice(1).map(Number);

const count = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

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
      if (!needed.has(id) || node.kind === 'constant') continue;
      this.#visit(id, node, id === this.#target);
    }
    const last = this.#values.get(this.#target);
    if (last?.kind === 'sums') this.#finish(last, null);
    const final = this.#graph.nodes[this.#target];
    if (this.#input === undefined || last === undefined || last.kind === 'padded') {
      return this.#refuse(this.#target, final, 'an output that depends on the input');
    }
    return {
      program: {
        format: programFormat,
        queries,
        maximumBatch,
        input: this.#input,
        layers: this.#layers,
        tables: this.#tables,
        output: this.#output,
      },
      weights: this.#weights,
    };
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

  #refuse(id: TensorId, node: Node, expected: string): never {
    const note = 'note' in node && node.note !== undefined ? ` (${node.note})` : '';
    throw new MisuseError({
      code: 'proof.unsupported',
      expected,
      found: `node ${id}, ${node.kind}${note}`,
      hint: 'Proofs cover dense layers, convolutions without groups, sums of tensors, maxima and sums of windows, tables of one function, and argmax at the end: leave this operation out of the model, or out of the outputs.',
    });
  }

  #constantAt(id: TensorId): Int32Array | undefined {
    const node = this.#graph.nodes[id];
    return node.kind === 'constant' && node.dtype === 'i32' ? readConstant(node) : undefined;
  }

  #visit(id: TensorId, node: Node, isTarget: boolean): void {
    const operands = 'operands' in node ? (node.operands as readonly TensorId[]) : [];
    const source = operands.length > 0 ? this.#values.get(operands[0]) : undefined;
    const set = (value: Value) => this.#values.set(id, value);
    switch (node.kind) {
      case 'input': {
        const extents = extentsOf(node.shape);
        const fits = node.dtype === 'i32' && typeof node.shape[0] === 'string' && this.#input === undefined;
        if (!fits || extents.some(Number.isNaN) || extents.length === 0) {
          this.#refuse(id, node, 'one input i32[B,...]');
        }
        // Axes that only a reshape reads are none of the program's.
        const shape = extents.length === 3 ? extents : [count(extents)];
        this.#input = { shape, low: 0, high: -1 };
        set({ kind: 'tensor', number: 0, shape: extents });
        return;
      }
      case 'requantise': {
        const { shift, zero, low, high } = node;
        if (source?.kind === 'sums' && (node.axis === 1 || shift.length === 1)) {
          const channels = source.shape[0];
          const spread = (list: readonly number[]) =>
            list.length === 1 ? Array<number>(channels).fill(list[0]) : [...list];
          this.#finish(source, { shift: spread(shift), zero: spread(zero), low, high });
          set({ kind: 'tensor', number: this.#layers.length, shape: source.shape });
          return;
        }
        const isBound =
          source?.kind === 'tensor' && source.number === 0 && this.#input!.high < this.#input!.low;
        if (isBound && String(shift) === '0' && String(zero) === '0') {
          this.#input = { ...this.#input!, low, high };
          set(source);
          return;
        }
        this.#refuse(id, node, 'a requantisation of sums, or bounds of the input');
        break;
      }
      case 'reshape': {
        // Row-major order stays; whether a later layer can read the axes is checked with the program.
        const shape = extentsOf(node.out);
        const isSame = source !== undefined && count(source.shape) === count(shape);
        if (!isSame || typeof node.out[0] !== 'string' || source.kind === 'padded') break;
        if (source.kind === 'sums' && source.shape[0] !== shape[0]) break;
        set({ ...source, shape });
        return;
      }
      case 'pad': {
        const { low, high, interior, valueBits } = node;
        const isImage = source?.kind === 'tensor' && source.shape.length === 3 && valueBits === 0;
        const only = isImage && [...low.slice(0, 2), ...high.slice(0, 2), ...interior].every((n) => n === 0);
        if (!only) break;
        const [before, after] = [
          [low[2], low[3]],
          [high[2], high[3]],
        ] as const;
        set({ ...source, kind: 'padded', before, after });
        return;
      }
      case 'contract': {
        const sums = this.#contract(node, operands, source);
        if (sums === undefined) break;
        set(sums);
        return;
      }
      case 'map': {
        const bias = operands.length === 2 ? this.#constantAt(operands[1]) : undefined;
        const isSum = String(node.expression) === String(['add', ['arg', 0], ['arg', 1]]);
        const whole = node.out.map((_, axis) => ({ [axis]: 1 }));
        const other = this.#values.get(operands[1]);
        if (isSum && source?.kind === 'tensor' && other?.kind === 'tensor') {
          if (!node.maps.every((map) => readsAs(map, whole))) break;
          const layer = { kind: 'add', source: source.number, other: other.number } as const;
          set({ kind: 'sums', layer, weights: none, bias: none, shape: source.shape });
          return;
        }
        if (source?.kind !== 'sums' || bias === undefined || !isSum || source.bias === none) break;
        const isPerChannel = readsAs(node.maps[1], [{ 1: 1 }]) && bias.length === source.bias.length;
        const isShared = node.maps[1].matrix.length === 0;
        if (!readsAs(node.maps[0], whole) || !(isPerChannel || isShared)) break;
        set({ ...source, bias: source.bias.map((value, j) => value + bias[isShared ? 0 : j]) });
        return;
      }
      case 'lookup': {
        const values = this.#constantAt(operands[1]);
        if (source?.kind !== 'tensor' || values === undefined) break;
        const table = this.#tables.push({ low: node.low, values: [...values] }) - 1;
        this.#layers.push({ kind: 'lookup', source: source.number, table });
        set({ ...source, number: this.#layers.length });
        return;
      }
      case 'reduce': {
        if (node.op === 'argmax' && isTarget && node.k.length === 1 && source !== undefined) {
          const readsAll =
            source.kind !== 'padded' && source.shape.length === 1 && node.k[0] === source.shape[0];
          if (!readsAll || !readsAs(node.maps[0], [{ 0: 1 }, { 1: 1 }])) break;
          this.#output = 'position';
          set(source);
          return;
        }
        if (source?.kind !== 'tensor' || source.shape.length !== 3 || node.k.length !== 2) break;
        const kernel = [Number(node.k[0]), Number(node.k[1])] as const;
        const [rows, columns] = [node.maps[0].matrix[2]?.[2], node.maps[0].matrix[3]?.[3]];
        const window = [{ 0: 1 }, { 1: 1 }, { 2: rows, 4: 1 }, { 3: columns, 5: 1 }];
        // All of an image: nothing moves.
        const isGlobal =
          node.out.length === 2 &&
          kernel.every((size, axis) => size === source.shape[axis + 1]) &&
          readsAs(node.maps[0], [{ 0: 1 }, { 1: 1 }, { 2: 1 }, { 3: 1 }]);
        if (!isGlobal && !readsAs(node.maps[0], window)) break;
        const stride = isGlobal ? ([1, 1] as const) : ([rows, columns] as const);
        const shape = isGlobal ? [source.shape[0], 1, 1] : extentsOf(node.out);
        if (node.op === 'sum') {
          const layer = { kind: 'sum', source: source.number, kernel, stride } as const;
          set({ kind: 'sums', layer, weights: none, bias: none, shape });
          return;
        }
        if (node.op !== 'max') break;
        this.#layers.push({ kind: 'maximum', source: source.number, kernel, stride });
        set({ kind: 'tensor', number: this.#layers.length, shape });
        return;
      }
    }
    this.#refuse(id, node, 'a layer that can be proven');
  }

  #contract(node: Contract, operands: readonly TensorId[], source: Value | undefined): Value | undefined {
    const constants = this.#constantAt(operands[1]);
    if (constants === undefined || source === undefined || source.kind === 'sums') return undefined;
    const [x, w] = node.maps;
    const k = node.k.map(Number);
    const out = extentsOf(node.out);
    const zeros = new Int32Array(out[0]);
    if (source.kind === 'tensor' && out.length === 1 && k.length === 1) {
      const isFlat = count(source.shape) === k[0];
      if (!isFlat || !readsAs(x, [{ 0: 1 }, { 2: 1 }])) return undefined;
      const isTransposed = readsAs(w, [{ 1: 1 }, { 2: 1 }]);
      if (!isTransposed && !readsAs(w, [{ 2: 1 }, { 1: 1 }])) return undefined;
      const weights = isTransposed ? transpose(constants, out[0], k[0]) : constants;
      const layer = { kind: 'dense', source: source.number, size: out[0] } as const;
      return { kind: 'sums', layer, weights, bias: zeros, shape: out };
    }
    if (source.shape.length !== 3 || out.length !== 3 || k.length !== 3 || k[0] !== source.shape[0])
      return undefined;
    const stride = [x.matrix[2]?.[2], x.matrix[3]?.[3]] as const;
    const reads = [{ 0: 1 }, { 4: 1 }, { 2: stride[0], 5: 1 }, { 3: stride[1], 6: 1 }];
    if (!readsAs(x, reads) || !readsAs(w, [{ 1: 1 }, { 4: 1 }, { 5: 1 }, { 6: 1 }])) return undefined;
    const { before, after } =
      source.kind === 'padded' ? source : ({ before: [0, 0], after: [0, 0] } as const);
    const kernel = [k[1], k[2]] as const;
    const isWhole = ([0, 1] as const).every((axis) => {
      const padded = source.shape[axis + 1] + before[axis] + after[axis];
      return out[axis + 1] === Math.floor((padded - kernel[axis]) / stride[axis]) + 1;
    });
    if (!isWhole) return undefined;
    const layer = {
      kind: 'convolution',
      source: source.number,
      channels: out[0],
      kernel,
      stride,
      before,
      after,
    } as const;
    const weights = transpose(constants, out[0], k[0] * k[1] * k[2]);
    return { kind: 'sums', layer, weights, bias: zeros, shape: out };
  }

  #finish(
    { layer, weights, bias }: Extract<Value, { kind: 'sums' }>,
    requantise: Requantisation | null,
  ): void {
    if (layer.kind === 'sum' || layer.kind === 'add') {
      if (requantise === null)
        this.#refuse(this.#target, this.#graph.nodes[this.#target], 'a requantised output');
      this.#layers.push({ ...layer, requantise });
      return;
    }
    let biasBits = 0;
    while (bias.some((value) => value < -(2 ** biasBits) || value >= 2 ** biasBits)) biasBits++;
    if (layer.kind === 'dense') this.#layers.push({ ...layer, biasBits, requantise });
    else if (requantise !== null) this.#layers.push({ ...layer, biasBits, requantise });
    this.#weights.push({ weights, bias });
  }
}

/** (rows, columns) as (columns, rows). */
function transpose(values: Int32Array, rows: number, columns: number): Int32Array {
  const out = new Int32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  return out;
}
