/**
 * The executor: one linear memory planned ahead, one kernel call per node, nothing allocated while
 * running. Parameters and states stay in memory between runs and are updated there. Bit for bit
 * what twins/twinProgram.ts computes.
 */
import '../files/byteOrder.ts';
import { assertParameters, type Parameters } from '../files/parameters.ts';
import { type Graph, leavesOf, type PrimitiveNode, type TensorId } from '../graph/graph.ts';
import {
  type AffinePrimitive,
  elementSpecification,
  isPosition,
  type PrimitiveKind,
} from '../graph/primitives.ts';
import { analyseRanges, isWithin, type Range, shortRange } from '../graph/ranges.ts';
import { boundShape, type Dtype, elementCount, rowMajorStrides } from '../graph/shape.ts';
import { valueReduction } from '../kernels/companions.ts';
import { compileMap, type MapProgram } from '../kernels/compile.ts';
import {
  accessOf,
  asMatrixProduct,
  type ContractKernel,
  columnsOf,
  contractDescriptor,
  divideContraction,
  mapDescriptors,
  mapRegisters,
  padDescriptor,
  reduceDescriptor,
  registerBytes,
} from '../kernels/descriptors.ts';
import { divideProduct } from '../kernels/divide.ts';
import { finishDescriptor, finishOf } from '../kernels/finish.ts';
import {
  compileKernels,
  constantBytes,
  instantiateKernels,
  type Kernels,
  productScratchBytes,
} from '../kernels/instance.ts';
import type { Phase } from '../kernels/phases.ts';
import type { SharedKernel, Team, Threads } from '../kernels/team.ts';
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
import type { Group, Unit } from './units.ts';

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

/** What steps need beside the kernels. */
interface Running {
  readonly memory: Int32Array;
  /** Scratch and registers of the thread that runs the program. */
  readonly place: readonly number[];
  readonly team: Team | undefined;
}

type Step = (kernels: Kernels, running: Running) => void;

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

/** The program of a group, as the map kernel runs it. */
function mapProgramOf({ parts, specification }: Group): MapProgram {
  return compileMap(
    parts,
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
  return (kernels, { memory }) => {
    const at = call(kernels);
    if (at >= 0) throw indexOutOfRange(kind, memory[(index >>> 2) + at], low, high, note);
  };
}

/** What a step is made from, beside its node. */
interface Site {
  readonly out: number;
  readonly operands: readonly number[];
  readonly shape: readonly number[];
  readonly shapes: readonly (readonly number[])[];
  /** Of the operands. */
  readonly dtypes: readonly Dtype[];
  /** Where a companion goes, or 0. */
  readonly companion: number;
  /** How many parts a kernel call that is worth sharing is divided into. */
  readonly parts: number;
  /** Scratch of the thread that runs the program. */
  readonly scratch: number;
  /** Whether all operands are i32 that fit 16 bits, whatever the inputs are. */
  isShort(): boolean;
  /** The address of a program that finishes the outputs of a contraction, or 0. */
  readonly finish: number;
}

type StepMaker<P> = (node: P, at: Site, words: Words) => Step;

/** Runs parts of the same kernel, on whichever thread is free. */
function share(kernel: SharedKernel, parts: readonly (readonly number[])[]): Step {
  return (kernels, { place, team }) => {
    const call = (part: readonly number[]) =>
      (kernels[kernel] as (...values: readonly number[]) => void)(...part, ...place);
    if (team !== undefined && parts.length > 1) team.run(kernel, parts, call);
    else for (const part of parts) call(part);
  };
}

/** A contraction, or a phase of one, by tables of offsets. */
function stepContraction(phase: Phase, kernel: ContractKernel, at: Site, words: Words): Step {
  const { out, operands, parts: count, finish } = at;
  const { out: extents, k } = phase.specification;
  const parts = divideContraction(phase, partsOf(2 * elementCount(extents) * elementCount(k), count)).map(
    (part) => contractDescriptor(part, kernel, out, operands, finish),
  );
  return share(
    parts[0].kernel,
    parts.map((part) => [words.place(part.words)]),
  );
}

/** A contraction over an image whose zeros are left out, one phase after the other. */
function stepPhases(phases: readonly Phase[], at: Site, words: Words): Step {
  const steps = phases.map((phase) => stepContraction(phase, 'contract', at, words));
  return (kernels, run) => {
    for (const step of steps) step(kernels, run);
  };
}

/** Primitives that are not part of a unit's group, and take a kernel call. */
type SteppedKind = Exclude<PrimitiveKind, 'reshape' | 'map' | 'view'>;

/** One kernel call per primitive. */
const stepMakers: { readonly [K in SteppedKind]: StepMaker<Extract<PrimitiveNode, { kind: K }>> } = {
  reduce(node, { out, operands, shapes, dtypes, scratch, companion }, words) {
    const specification = elementSpecification(node, shapes);
    const { op } = node;
    const [value, position] = isPosition(op) ? [companion, out] : [out, companion];
    const descriptor = words.place(
      companion === 0
        ? reduceDescriptor(specification, op, dtypes[0], out, operands[0], scratch, 0)
        : reduceDescriptor(
            specification,
            valueReduction(op),
            dtypes[0],
            value,
            operands[0],
            scratch,
            position,
          ),
    );
    return (kernels) => kernels.reduce(descriptor);
  },
  contract(node, at, words) {
    const { out, operands, shapes, finish } = at;
    const specification = elementSpecification(node, shapes);
    const whole = { start: 0, strides: rowMajorStrides(specification.out), specification };
    if (node.dtype === 'i32') {
      return stepContraction(whole, at.isShort() ? 'contractShort' : 'contractInteger', at, words);
    }
    const product = asMatrixProduct(specification);
    // A row times a matrix whose columns lie together needs no panels.
    if (product === undefined || (product.m === 1 && product.right.line === 1)) {
      return stepContraction(whole, 'contract', at, words);
    }
    const { left, right, m, n, k } = product;
    const a = operands[left.operand] + 4 * left.base;
    const b = operands[right.operand] + 4 * right.base;
    const strides = { ai: left.line, ak: left.term, bk: right.term, bj: right.line, ci: n };
    const divided = { a, b, c: out, ...strides, m, n, k, size: 4, finish } as const;
    return share('matmul', divideProduct(divided, partsOf(2 * m * n * k, at.parts)));
  },
  pad(node, { out, operands, shape, shapes }, words) {
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
  requantise({ axis, shift, zero, low, high }, { out, operands: [x], shape }, words) {
    const table = words.place(shift.flatMap((count, channel) => [count, zero[channel]]));
    const channels = shift.length;
    const count = elementCount(shape);
    const inner = channels === 1 ? count : elementCount(shape.slice(axis + 1));
    return (kernels) => kernels.requantise(out, x, table, channels, inner, low, high, count);
  },
  lookup({ low, high }, { out, operands: [x, table], shape }) {
    const count = elementCount(shape);
    return checked('lookup', low, high, x, (kernels) =>
      kernels.lookup(out, x, table, low, high - low + 1, count),
    );
  },
};

/** The maps and views of a unit. */
function stepGroup({ specification }: Group, program: MapProgram, at: Site, words: Words): Step {
  const { out, operands, parts: count } = at;
  const work = flopOfInstruction * elementCount(specification.out) * program.instructions.length;
  const parts = mapDescriptors(specification, program, out, operands, words.literal, partsOf(work, count));
  return share(
    'map',
    parts.map((part) => [words.place(part)]),
  );
}

/** The program that finishes the sums of a contraction of these columns. */
function placeFinish({ specification }: Group, columns: number, program: MapProgram, at: Site, words: Words) {
  const varying = finishOf(specification, columns)!;
  return words.place(finishDescriptor(specification, varying, program, at.out, at.operands, words.literal));
}

/**
 * Below this, about twenty microseconds of one thread, work is not worth telling other threads
 * about.
 */
const sharedFlop = 2 ** 20;
/** An instruction of a map takes as long, for each element. */
const flopOfInstruction = 8;

/** Into how many of at most `count` parts work of so many operations is divided. */
const partsOf = (flop: number, count: number) =>
  Math.min(count, Math.max(1, Math.floor(flop / (sharedFlop / 2))));

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
  const programs = new Map(
    plan.units.flatMap(({ id, group }) => (group === undefined ? [] : [[id, mapProgramOf(group)] as const])),
  );
  const threadCount = threads?.count ?? 1;
  // Constants of the kernels, scratch of each thread, tensors, descriptors.
  const registers = Math.max(0, ...[...programs.values()].map(mapRegisters));
  const scratchBytes = productScratchBytes + registers * registerBytes;
  const scratch = (thread: number) => constantBytes + thread * scratchBytes;
  const placeOf = (thread: number) => [scratch(thread), scratch(thread) + productScratchBytes];
  const tensorBase = scratch(threadCount);
  const words = createWords(tensorBase + plan.bytes);
  const address = (id: TensorId) => tensorBase + plan.addresses[id];
  const shapeOf = (id: TensorId) => boundShape(graph.nodes[id].shape);
  const primitiveAt = (id: TensorId) => graph.nodes[id] as PrimitiveNode;
  let ranges: readonly (Range | undefined)[] | undefined;
  const rangesOnce = () => (ranges ??= analyseRanges(graph));
  const siteOf = (id: TensorId, operands: readonly TensorId[]): Site => {
    const later = plan.companions.get(id);
    return {
      out: address(id),
      operands: operands.map(address),
      shape: shapeOf(id),
      shapes: operands.map(shapeOf),
      dtypes: operands.map((operand) => graph.nodes[operand].dtype),
      companion: later === undefined ? 0 : address(later),
      // More parts than threads, so that one that starts late does fewer.
      parts: threadCount === 1 ? 1 : 2 * threadCount,
      scratch: scratch(0),
      isShort: () => operands.every((operand) => isWithin(rangesOnce()[operand], shortRange)),
      finish: 0,
    };
  };
  const makeStep = (node: PrimitiveNode, at: Site) =>
    (stepMakers[node.kind as SteppedKind] as StepMaker<PrimitiveNode>)(node, at, words);
  const stepOf = ({ id, group, head, phases, reads }: Unit): Step => {
    if (phases !== undefined) return stepPhases(phases, siteOf(id, reads), words);
    if (group === undefined) return makeStep(primitiveAt(id), siteOf(id, primitiveAt(id).operands));
    const program = programs.get(id)!;
    if (head === undefined) return stepGroup(group, program, siteOf(id, group.operands), words);
    // The sums lie where the unit's own tensor will.
    const at = siteOf(
      id,
      group.operands.map((operand) => (operand === head ? id : operand)),
    );
    const node = primitiveAt(head);
    const columns = columnsOf(elementSpecification(node as AffinePrimitive, node.operands.map(shapeOf)))!;
    const finish = placeFinish(group, columns, program, at, words);
    return makeStep(node, { ...siteOf(id, node.operands), shape: shapeOf(head), finish });
  };
  const answered = new Set(plan.companions.values());
  const steps = plan.units.flatMap((unit) =>
    answered.has(unit.id) ? [] : [{ id: unit.id, step: stepOf(unit) }],
  );
  // 64 bytes beyond the end, because kernels read whole vectors.
  const bytes = tensorBase + plan.bytes + 4 * words.words.length + 64;
  const pages = Math.ceil(bytes / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threadCount > 1 });
  new Int32Array(memory.buffer, tensorBase + plan.bytes, words.words.length).set(words.words);
  const kernels = await instantiateKernels(memory);
  const places = Array.from({ length: threadCount - 1 }, (_, helper) => placeOf(helper + 1));
  const team =
    threadCount > 1 ? await threads!.attach(await compileKernels(true), memory, places) : undefined;
  const running: Running = { memory: new Int32Array(memory.buffer), place: placeOf(0), team };

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
      for (const { step } of steps) step(kernels, running);
      const outputs = Object.fromEntries(results.map(({ name, values }) => [name, values.slice()]));
      update();
      return outputs;
    },
    profile(fresh = {}) {
      inputs.set(fresh);
      const times = steps.map(({ id, step }) => {
        const start = performance.now();
        step(kernels, running);
        return { node: id, milliseconds: performance.now() - start };
      });
      update();
      return times;
    },
    close: () => team?.detach(),
  };
}
