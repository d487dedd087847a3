/**
 * The executor: one linear memory planned ahead, one kernel call per node, nothing allocated while
 * running. Parameters and states stay in memory between runs and are updated there. Bit for bit
 * what twins/twinProgram.ts computes.
 */
import '../files/byteOrder.ts';
import { assertParameters, type Parameters } from '../files/parameters.ts';
import { type Graph, isLeaf, leavesOf, type PrimitiveNode, type TensorId } from '../graph/graph.ts';
import { type ElementSpecification, elementSpecification, type PrimitiveKind } from '../graph/primitives.ts';
import { boundShape, elementCount } from '../graph/shape.ts';
import { valueReduction } from '../kernels/companions.ts';
import { compileMap, type MapProgram } from '../kernels/compile.ts';
import {
  accessOf,
  asMatrixProduct,
  contractDescriptor,
  integerContractDescriptor,
  mapDescriptor,
  mapRegisters,
  padDescriptor,
  reduceDescriptor,
  registerBytes,
} from '../kernels/descriptors.ts';
import { divideProduct } from '../kernels/divide.ts';
import {
  compileKernels,
  instantiateKernels,
  type Kernels,
  productScratchBytes,
} from '../kernels/instance.ts';
import type { Team, Threads } from '../kernels/team.ts';
import { lower } from '../transform/lower.ts';
import { type MemoryPlan, planMemory } from './plan.ts';
import type { Profile } from './profile.ts';
import {
  assertStates,
  createInputs,
  type InputValue,
  indexOutOfRange,
  type OutputValue,
  type Program,
} from './program.ts';

/** A graph loaded into the memory of the kernels. */
export interface KernelProgram extends Program {
  readonly plan: MemoryPlan;
  /** Runs like `run` and returns the milliseconds that each node took instead of the outputs. */
  profile(inputs?: Readonly<Record<string, InputValue>>): Profile;
  /** Releases its threads; without threads it does nothing. */
  close(): void;
}

/** What `createProgram` may be given. */
export interface CreateProgramOptions {
  /**
   * From `@nonet/tensor/threads`. They share the work of large products of matrices; the bits stay
   * the same.
   */
  readonly threads?: Threads;
}

type Step = (kernels: Kernels, memory: Int32Array, team: Team | undefined) => void;

/**
 * Words that descriptors and literals take, collected while the steps are built and written to
 * memory once.
 */
function createWords(base: number) {
  const words: number[] = [];
  const literals = new Map<number, number>();
  return {
    words,
    place(descriptor: readonly number[]): number {
      const address = base + 4 * words.length;
      words.push(...descriptor);
      return address;
    },
    literal(bits: number): number {
      const known = literals.get(bits);
      if (known !== undefined) return known;
      const address = base + 4 * words.length;
      words.push(bits);
      literals.set(bits, address);
      return address;
    },
  };
}

type Words = ReturnType<typeof createWords>;

/** A view copies one operand: the map `a0`. */
function mapProgramOf(
  graph: Graph,
  node: Extract<PrimitiveNode, { kind: 'map' | 'view' }>,
  specification: ElementSpecification,
): MapProgram {
  return compileMap(
    node.kind === 'map' ? node.expression : ['arg', 0],
    node.operands.map((operand) => graph.nodes[operand].dtype),
    specification.operands.map((read) => accessOf(specification, read)),
  );
}

/** Kernels that read indices from data say which one is out of range; that stops the run. */
function checked(
  kind: string,
  low: number,
  high: number,
  index: number,
  call: (kernels: Kernels) => number,
  note?: string,
): Step {
  return (kernels, memory) => {
    const at = call(kernels);
    if (at >= 0) throw indexOutOfRange(kind, memory[(index >>> 2) + at], low, high, note);
  };
}

type StepMaker<P> = (
  node: P,
  at: {
    readonly out: number;
    readonly operands: readonly number[];
    readonly shape: readonly number[];
    readonly shapes: readonly (readonly number[])[];
    readonly scratch: number;
    /** Where a companion goes, or 0. */
    readonly companion: number;
    readonly threads: number;
  },
  graph: Graph,
  words: Words,
) => Step | undefined;

const stepMap: StepMaker<Extract<PrimitiveNode, { kind: 'map' | 'view' }>> = (node, at, graph, words) => {
  const specification = elementSpecification(node, at.shapes);
  const program = mapProgramOf(graph, node, specification);
  const descriptor = words.place(
    mapDescriptor(specification, program, at.out, at.operands, at.scratch, (bits) => words.literal(bits)),
  );
  return (kernels) => kernels.map(descriptor);
};

/** One kernel call per primitive; undefined where nothing is to be done. */
const stepMakers: { readonly [K in PrimitiveKind]: StepMaker<Extract<PrimitiveNode, { kind: K }>> } = {
  reshape: () => undefined,
  map: stepMap,
  view: stepMap,
  reduce(node, { out, operands, shapes, scratch, companion }, _, words) {
    const specification = elementSpecification(node, shapes);
    const isPosition = node.dtype === 'i32';
    const descriptor = words.place(
      companion === 0
        ? reduceDescriptor(specification, node.op, out, operands[0], scratch, 0)
        : reduceDescriptor(
            specification,
            valueReduction(node.op),
            isPosition ? companion : out,
            operands[0],
            scratch,
            isPosition ? out : companion,
          ),
    );
    return (kernels) => kernels.reduce(descriptor);
  },
  contract(node, { out, operands, shapes, scratch, threads }, _, words) {
    const specification = elementSpecification(node, shapes);
    if (node.dtype === 'i32') {
      const descriptor = words.place(integerContractDescriptor(specification, out, operands));
      return (kernels) => kernels.contractInteger(descriptor);
    }
    const product = asMatrixProduct(specification);
    if (product === undefined) {
      const descriptor = words.place(contractDescriptor(specification, out, operands, scratch));
      return (kernels) => kernels.contract(descriptor);
    }
    const { left, right, m, n, k } = product;
    const a = operands[left.operand] + 4 * left.base;
    const b = operands[right.operand] + 4 * right.base;
    const strides = { ai: left.line, ak: left.term, bk: right.term, bj: right.line, ci: n };
    const parts = divideProduct(
      { a, b, c: out, ...strides, m, n, k, scratch, size: 4 },
      2 * m * n * k < sharedFlop ? 1 : threads,
    );
    return (kernels, _memory, team) => {
      if (team !== undefined && parts.length === threads) {
        team.run('matmul', parts, () => kernels.matmul(...parts[0]));
      } else for (const part of parts) kernels.matmul(...part);
    };
  },
  pad(node, { out, operands, shape, shapes }, _, words) {
    const descriptor = words.place(padDescriptor(node, shapes[0], shape, out, operands[0]));
    return (kernels) => kernels.pad(descriptor);
  },
  concat({ axis }, { out, operands, shape, shapes }) {
    const rows = elementCount(shape.slice(0, axis));
    const widths = shapes.map((operand) => elementCount(operand.slice(axis)));
    const pitch = elementCount(shape.slice(axis));
    return (kernels) => {
      let to = out;
      for (const [i, width] of widths.entries()) {
        kernels.copyRows(to, pitch, operands[i], width, rows, width);
        to += 4 * width;
      }
    };
  },
  gather({ axis, note }, { out, operands: [data, index], shapes: [shape, indices] }) {
    const outer = elementCount(shape.slice(0, axis));
    const inner = elementCount(shape.slice(axis + 1));
    const size = shape[axis];
    const count = elementCount(indices);
    const call = (kernels: Kernels) => kernels.gather(out, data, index, outer, size, inner, count);
    return checked('gather', 0, size - 1, index, call, note);
  },
  scatterAdd({ axis }, { out, operands: [source, index], shape, shapes: [, indices] }) {
    const outer = elementCount(shape.slice(0, axis));
    const inner = elementCount(shape.slice(axis + 1));
    const size = shape[axis];
    const count = elementCount(indices);
    return checked('scatterAdd', 0, size - 1, index, (kernels) =>
      kernels.scatterAdd(out, source, index, outer, size, inner, count),
    );
  },
  random({ stream }, { out, operands: [seed, step], shape }) {
    const count = elementCount(shape);
    return (kernels) => kernels.random(out, seed, step, stream, count);
  },
  requantise({ axis, shift, zero, low, high }, { out, operands: [x], shape }, _, words) {
    const table = words.place(shift.flatMap((count, channel) => [count, zero[channel]]));
    const channels = shift.length;
    const inner = channels === 1 ? 1 : elementCount(shape.slice(axis + 1));
    const count = elementCount(shape);
    return (kernels) => kernels.requantise(out, x, table, channels, inner, low, high, count);
  },
  lookup({ low, high }, { out, operands: [x, table], shape }) {
    const count = elementCount(shape);
    return checked('lookup', low, high, x, (kernels) =>
      kernels.lookup(out, x, table, low, high - low + 1, count),
    );
  },
};

/**
 * Products below this, about half a millisecond of one thread, are not worth waking other threads
 * for.
 */
const sharedFlop = 2 ** 24;

/**
 * Plans and loads a bound graph; readable operations are lowered first. Throws `shape.unbound` on
 * named extents and `plan.tooLarge` beyond 4 GiB.
 */
export async function createProgram(
  source: Graph,
  { threads }: CreateProgramOptions = {},
): Promise<KernelProgram> {
  const graph = lower(source);
  const plan = planMemory(graph);
  const address = (id: TensorId) => tensorBase + plan.addresses[id];
  // Address 0 stays unused; scratch, then tensors, then descriptors.
  const nodes = graph.nodes.flatMap((node, id) => {
    if (isLeaf(node)) return [];
    const primitive = node as PrimitiveNode;
    const shapes = primitive.operands.map((operand) => boundShape(graph.nodes[operand].shape));
    return [{ id, primitive, shape: boundShape(primitive.shape), shapes }];
  });
  const scratch = 16;
  const registers = Math.max(
    0,
    ...nodes.map(({ primitive, shapes }) =>
      primitive.kind === 'map' || primitive.kind === 'view'
        ? mapRegisters(mapProgramOf(graph, primitive, elementSpecification(primitive, shapes)))
        : 0,
    ),
  );
  const threadCount = threads?.count ?? 1;
  const tensorBase = scratch + Math.max(threadCount * productScratchBytes, registers * registerBytes);
  const words = createWords(tensorBase + plan.bytes);
  const answered = new Set(plan.companions.values());
  const steps = nodes.flatMap(({ id, primitive, shape, shapes }) => {
    if (answered.has(id)) return [];
    const operands = primitive.operands.map(address);
    const maker = stepMakers[primitive.kind] as StepMaker<PrimitiveNode>;
    const later = plan.companions.get(id);
    const companion = later === undefined ? 0 : address(later);
    const at = { out: address(id), operands, shape, shapes, scratch, companion, threads: threadCount };
    const step = maker(primitive, at, graph, words);
    return step === undefined ? [] : [{ id, step }];
  });
  // 64 bytes beyond the end, because kernels read whole vectors.
  const bytes = tensorBase + plan.bytes + 4 * words.words.length + 64;
  const pages = Math.ceil(bytes / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threadCount > 1 });
  new Int32Array(memory.buffer, tensorBase + plan.bytes, words.words.length).set(words.words);
  const kernels = await instantiateKernels(memory);
  const team = threadCount > 1 ? await threads!.attach(await compileKernels(true), memory) : undefined;
  const memoryWords = new Int32Array(memory.buffer);

  const view = (id: TensorId): OutputValue => {
    const { dtype, shape } = graph.nodes[id];
    const length = elementCount(boundShape(shape));
    return dtype === 'f32'
      ? new Float32Array(memory.buffer, address(id), length)
      : new Int32Array(memory.buffer, address(id), length);
  };
  for (const { id, bytes: content } of leavesOf(graph, 'constant')) {
    new Uint8Array(memory.buffer, address(id), content.length).set(content);
  }
  const inputs = createInputs(graph, view);
  const read = (kind: 'parameter' | 'state'): Parameters =>
    leavesOf(graph, kind).map(({ name, shape, id }) => ({ name, shape, data: Float32Array.from(view(id)) }));
  const write = (kind: 'parameter' | 'state', tensors: Parameters) => {
    for (const [i, { id }] of leavesOf(graph, kind).entries()) view(id).set(tensors[i].data);
  };
  const results = [
    ...graph.outputs.map(({ name, tensor }) => ({ name, values: view(tensor) })),
    ...graph.gradients.map(({ of, tensor }) => ({
      name: `d ${(graph.nodes[of] as { name: string }).name}`,
      values: view(tensor),
    })),
  ];
  const copies = plan.copies.map(({ target, tensor }) => ({ to: view(target), from: view(tensor) }));
  const staged = copies.map(({ from }) => from.slice());
  /** All values are read before the first is written: updates may swap two states. */
  const update = () => {
    for (const [i, { from }] of copies.entries()) staged[i].set(from);
    for (const [i, { to }] of copies.entries()) to.set(staged[i]);
  };
  return {
    graph,
    plan,
    setParameters(parameters) {
      assertParameters(graph, parameters);
      write('parameter', parameters);
    },
    parameters: () => read('parameter'),
    states: () => read('state'),
    setStates(states) {
      assertStates(graph, states);
      write('state', states);
    },
    resetStates() {
      for (const { id } of leavesOf(graph, 'state')) view(id).fill(0);
    },
    input: inputs.memory,
    run(fresh = {}) {
      inputs.set(fresh);
      for (const { step } of steps) step(kernels, memoryWords, team);
      const outputs = Object.fromEntries(results.map(({ name, values }) => [name, values.slice()]));
      update();
      return outputs;
    },
    profile(fresh = {}) {
      inputs.set(fresh);
      const times = steps.map(({ id, step }) => {
        const start = performance.now();
        step(kernels, memoryWords, team);
        return { node: id, milliseconds: performance.now() - start };
      });
      update();
      return times;
    },
    close: () => team?.detach(),
  };
}
