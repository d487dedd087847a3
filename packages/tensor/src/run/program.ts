/**
 * What runs a graph. Two implementations give the same bits: `createProgram` (execute.ts,
 * WebAssembly kernels) and `createTwinProgram` (twins/twinProgram.ts, the definition, some hundred
 * times slower).
 */
import { MisuseError, NonetError } from '@nonet/core';
import type { Parameters } from '../files/parameters.ts';
import type { Graph, Leaf, TensorId } from '../graph/graph.ts';
import { leavesOf } from '../graph/graph.ts';
import { boundShape, elementCount, printType } from '../graph/shape.ts';

/** An input's elements, row-major, or the number of a scalar. Bytes are the numbers 0 to 255. */
export type InputValue = number | Float32Array | Int32Array | Uint8Array;
/** A tensor's elements, row-major. */
export type OutputValue = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

type InputLeaf = Extract<Leaf, { kind: 'input' }>;

/** A bound graph, ready to run, with its parameters and states. */
export interface Program {
  /** Bound, and lowered to primitives. */
  readonly graph: Graph;
  /** Copies values in; throws `parameters.mismatch`. They are zeros until then. */
  setParameters(parameters: Parameters): void;
  /** A copy of the present values, in canonical order. */
  parameters(): Parameters;
  /** A copy of the present states (momenta), in canonical order. */
  states(): Parameters;
  setStates(states: Parameters): void;
  /** Zeros. */
  resetStates(): void;
  /**
   * The memory of an input, to be filled without a copy; valid as long as the program. An input
   * keeps its values between runs. Throws `program.input` for a name that the graph lacks.
   */
  input(name: string): OutputValue;
  /**
   * One run: copies the given inputs in, computes, applies the updates, returns copies of the
   * outputs by name, and of gradients as `d NAME`. Throws `program.input` on a wrong name, length
   * or type, or an input never given.
   */
  run(inputs?: Readonly<Record<string, InputValue>>): Readonly<Record<string, OutputValue>>;
}

/** The inputs of a bound graph and the memory that holds them. */
export interface ProgramInputs {
  /** The memory of an input, to be filled by the caller. Throws `program.input`. */
  memory(name: string): OutputValue;
  /** Copies the inputs of one run in. Throws `program.input`, also for an input never given. */
  set(values: Readonly<Record<string, InputValue>>): void;
}

/** `view`: where the tensor of a number is kept. */
export function createInputs(graph: Graph, view: (id: TensorId) => OutputValue): ProgramInputs {
  const inputs = new Map(
    leavesOf(graph, 'input').map((leaf) => [leaf.name, { leaf, memory: view(leaf.id) }]),
  );
  const missing = new Set(inputs.keys());

  function find(name: string) {
    const found = inputs.get(name);
    if (found !== undefined) return found;
    throw new MisuseError({
      code: 'program.input',
      expected: `one of the inputs ${[...inputs.keys()].join(', ')}`,
      found: name,
    });
  }

  return {
    memory(name) {
      const { memory } = find(name);
      missing.delete(name);
      return memory;
    },
    set(values) {
      for (const [name, value] of Object.entries(values)) {
        const { leaf, memory } = find(name);
        assertInput(leaf, value);
        if (typeof value === 'number') memory[0] = value;
        else memory.set(value);
        missing.delete(name);
      }
      for (const name of missing) {
        const { dtype, shape } = inputs.get(name)!.leaf;
        throw new MisuseError({
          code: 'program.input',
          expected: `the input ${name}, ${printType(dtype, shape)}`,
          found: 'none',
        });
      }
    },
  };
}

/** Throws `program.input` unless `value` has the type and the length of the input. */
function assertInput({ name, dtype, shape }: InputLeaf, value: InputValue): void {
  const isNumber = typeof value === 'number';
  const length = isNumber ? 1 : value.length;
  const fits = isNumber
    ? dtype === 'f32' || Number.isInteger(value)
    : value instanceof Uint8Array || (dtype === 'f32') === value instanceof Float32Array;
  if (fits && length === elementCount(boundShape(shape))) return;
  throw new MisuseError({
    code: 'program.input',
    expected: `${printType(dtype, shape)} as ${name}`,
    found: isNumber ? String(value) : `${value.constructor.name} of ${length}`,
  });
}

/**
 * What a node may check whose only index is 0: its note ends with one of these, and says what the
 * operator is before that.
 */
const checkedNotes = {
  ' beyond 32 bits': {
    expected: 'integers that fit 32 bits, which hold int64 here',
    hint: 'Scale the input down, or compute that part in floats.',
  },
  ' twice at one position': {
    expected: 'each position written once where positions are computed',
    hint: 'Let the model write each position once, or add its updates up (reduction add).',
  },
} as const;
/** The end of such a note. */
export type CheckedNote = keyof typeof checkedNotes;

/**
 * `program.index`: what a run throws when data point outside a table or an axis. `note` is the
 * node's, which says more where the node only checks.
 */
export function indexOutOfRange(
  kind: string,
  index: number,
  low: number,
  high: number,
  note?: string,
): NonetError {
  for (const [end, { expected, hint }] of Object.entries(checkedNotes)) {
    if (note?.endsWith(end)) return new NonetError({ code: 'program.index', expected, found: note, hint });
  }
  return new NonetError({
    code: 'program.index',
    expected: `indices of ${low} to ${high} for ${kind}`,
    found: String(index),
    hint: 'Check labels and tokens against the vocabulary before they go in.',
  });
}

/** Throws `program.states` unless these are the graph's states. */
export function assertStates(graph: Graph, states: Parameters): void {
  const describe = (tensors: readonly { name: string; shape: readonly number[] }[]) =>
    tensors.map(({ name, shape }) => `${name} [${shape.join(',')}]`).join(', ');
  const expected = describe(leavesOf(graph, 'state'));
  if (expected === describe(states) && states.every(({ shape, data }) => data.length === elementCount(shape)))
    return;
  throw new MisuseError({
    code: 'program.states',
    expected: `the states ${expected}`,
    found: describe(states),
  });
}
