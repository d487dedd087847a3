/**
 * What runs a graph. Two implementations give the same bits: `createProgram` (execute.ts,
 * WebAssembly kernels) and `createTwinProgram` (twins/twinProgram.ts, the definition, some hundred
 * times slower).
 */
import { MisuseError, NonetError } from '@nonet/core';
import type { Parameters } from '../files/parameters.ts';
import type { Graph, Leaf } from '../graph/graph.ts';
import { leavesOf } from '../graph/graph.ts';
import { boundShape, elementCount, printType } from '../graph/shape.ts';

/** An input's elements, row-major, or the number of a scalar. Bytes are the numbers 0 to 255. */
export type InputValue = number | Float32Array | Int32Array | Uint8Array;
/** A tensor's elements, row-major. */
export type OutputValue = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

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

/** Copies the inputs of one run to where `memory` says; `known` collects what was ever given. */
export function setInputs(
  graph: Graph,
  inputs: Readonly<Record<string, InputValue>>,
  memory: (name: string) => OutputValue,
  known: Set<string>,
): void {
  for (const [name, value] of Object.entries(inputs)) {
    const leaf = inputNamed(graph, name);
    const target = memory(name);
    const floatGiven = typeof value === 'number' || value instanceof Float32Array;
    const length = typeof value === 'number' ? 1 : value.length;
    const whole = typeof value !== 'number' || leaf.dtype === 'f32' || Number.isInteger(value);
    const typeFits =
      value instanceof Uint8Array || (leaf.dtype === 'f32') === floatGiven || typeof value === 'number';
    if (length !== elementCount(boundShape(leaf.shape)) || !typeFits || !whole) {
      throw new MisuseError({
        code: 'program.input',
        expected: `${printType(leaf.dtype, leaf.shape)} as ${name}`,
        found: typeof value === 'number' ? String(value) : `${value.constructor.name} of ${length}`,
      });
    }
    if (typeof value === 'number') target[0] = value;
    else target.set(value);
    known.add(name);
  }
  const missing = leavesOf(graph, 'input').find(({ name }) => !known.has(name));
  if (missing === undefined) return;
  throw new MisuseError({
    code: 'program.input',
    expected: `the input ${missing.name}, ${printType(missing.dtype, missing.shape)}`,
    found: 'none',
  });
}

/** `program.index`: what a run throws when data point outside a table or an axis. */
export function indexOutOfRange(kind: string, index: number, low: number, high: number): NonetError {
  return new NonetError({
    code: 'program.index',
    expected: `indices of ${low} to ${high} for ${kind}`,
    found: String(index),
    hint: 'Check labels and tokens against the vocabulary before they go in.',
  });
}

/** The input leaf called `name`; throws `program.input`. */
export function inputNamed(graph: Graph, name: string): Extract<Leaf, { kind: 'input' }> {
  const inputs = leavesOf(graph, 'input');
  const leaf = inputs.find((candidate) => candidate.name === name);
  if (leaf !== undefined) return leaf;
  throw new MisuseError({
    code: 'program.input',
    expected: `one of the inputs ${inputs.map((candidate) => candidate.name).join(', ')}`,
    found: name,
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
