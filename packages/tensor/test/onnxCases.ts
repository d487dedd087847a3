/**
 * ONNX's own operator test cases (vectors/onnx/nodeCases.bin.gz, see bench/peers/packOnnxCases.py)
 * and how one is run: import, run on the kernels, compare with the published outputs. A static
 * graph must know shapes, axes and the like when it is built, so inputs of a case that the import
 * asks to be constants are written into the file as initialisers.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { concatBytes, NonetError } from '@nonet/core';
import { createProgram, type InputValue, type OutputValue } from '../src/index.ts';
import { type ImportOnnxReturnType, importOnnx } from '../src/onnx/index.ts';
import { readModel } from '../src/onnx/model.ts';
import { bytesField, message, readMessage } from '../src/onnx/protobuf.ts';
import { type Constant, readTensor } from '../src/onnx/tensors.ts';

export interface OnnxCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly sets: readonly {
    readonly inputs: readonly Uint8Array[];
    readonly outputs: readonly Uint8Array[];
  }[];
  /** Bytes of a case whose data were left out of the pack. */
  readonly omitted?: number;
}

export type CaseResult =
  /**
   * `ulp`: largest distance from the published outputs, in units in the last place of the largest
   * entry of the tensor.
   */
  | { readonly status: 'passed'; readonly ulp: number; readonly fixed: number }
  | { readonly status: 'wrong'; readonly found: string }
  | { readonly status: 'refused'; readonly expected: string; readonly found: string };

interface Index {
  readonly version: string;
  readonly cases: readonly {
    readonly name: string;
    readonly model: number;
    readonly omitted?: number;
    readonly sets?: readonly { readonly inputs: readonly number[]; readonly outputs: readonly number[] }[];
  }[];
  readonly blobs: readonly number[];
}

export function loadOnnxCases(): { readonly version: string; readonly cases: readonly OnnxCase[] } {
  const bytes = new Uint8Array(
    gunzipSync(readFileSync(new URL('../../../vectors/onnx/nodeCases.bin.gz', import.meta.url))),
  );
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const index = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Index;
  let at = 4 + length;
  const blobs = index.blobs.map((size) => bytes.subarray(at, (at += size)));
  return {
    version: index.version,
    cases: index.cases.map(({ name, model, sets = [], omitted }) => ({
      name,
      model: blobs[model],
      sets: sets.map(({ inputs, outputs }) => ({
        inputs: inputs.map((blob) => blobs[blob]),
        outputs: outputs.map((blob) => blobs[blob]),
      })),
      ...(omitted === undefined ? {} : { omitted }),
    })),
  };
}

/**
 * The model with tensors added as initialisers: GraphProto (ModelProto field 7), initializer 5,
 * their names set again.
 */
function withInitialisers(model: Uint8Array, tensors: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [graph] = readMessage(model).all(7);
  const set = readMessage(model).all(8);
  const initialisers = [...tensors].map(([name, tensor]) => message(5, tensor, bytesField(8, name)));
  return concatBytes(message(7, graph, ...initialisers), ...set.map((bytes) => message(8, bytes)));
}

/** ONNX's own runner takes |found - expected| <= 1e-7 + 1e-3 |expected|. */
function within(found: number, expected: number): boolean {
  if (Number.isNaN(expected) || Number.isNaN(found)) return Number.isNaN(expected) && Number.isNaN(found);
  return found === expected || Math.abs(found - expected) <= 1e-7 + 1e-3 * Math.abs(expected);
}

/** Bits of the fraction, and the smallest exponent, of what an output is rounded to in the file. */
const precisions: Readonly<Record<string, readonly [fraction: number, exponent: number]>> = {
  float16: [10, -14],
  bfloat16: [7, -126],
};

function ulpOf(magnitude: number, type: string): number {
  const [fraction, exponent] = precisions[type] ?? [23, -126];
  return 2 ** (Math.max(Math.floor(Math.log2(magnitude)), exponent) - fraction);
}

/** Largest distance in ulp of the largest entry, or what differs. */
export function compareTensors(found: OutputValue, expected: Constant): number | string {
  const { data, shape, type } = expected;
  if (found.length !== data.length) return `${found.length} entries instead of [${shape.join(',')}]`;
  const values = Array.from(data as ArrayLike<number>);
  const largest = values.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), 0);
  let ulp = 0;
  for (const [i, value] of values.entries()) {
    if (!within(found[i], value)) return `${found[i]} instead of ${value} at ${i}`;
    if (Number.isFinite(value) && found[i] !== value) {
      ulp = Math.max(ulp, Math.abs(found[i] - value) / ulpOf(largest, type));
    }
  }
  return found instanceof Int32Array && ulp > 0 ? 'another integer' : ulp;
}

function inputOf({ data, type }: Constant): InputValue {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  return Int32Array.from(data as ArrayLike<number>, (value) => {
    if ((value | 0) === value) return value;
    throw new NonetError({
      code: 'onnx.unsupported',
      expected: `${type} inputs that fit 32 bits`,
      found: `${value}`,
    });
  });
}

export async function runImported(
  { graph, parameters, inputs, outputs }: ImportOnnxReturnType,
  given: ReadonlyMap<string, Constant>,
): Promise<readonly OutputValue[]> {
  const program = await createProgram(graph);
  program.setParameters(parameters);
  const read = new Set(graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : [])));
  const values = inputs
    .filter(({ name }) => read.has(name))
    .map(({ name, fileName }) => [name, inputOf(given.get(fileName)!)] as const);
  const found = program.run(Object.fromEntries(values));
  return outputs.map(({ name }) => found[name]);
}

async function attempt(
  model: Uint8Array,
  names: readonly string[],
  set: OnnxCase['sets'][number],
  fixed: (constant: Constant, i: number) => boolean,
): Promise<CaseResult> {
  // Refuses sequences and texts before their data are read as tensors of numbers.
  const { elementType } = readModel(model).inputs.find((input) => input.elementType === undefined) ?? {
    elementType: 0,
  };
  if (elementType === undefined) importOnnx(model);
  const constants = set.inputs.map((bytes) => readTensor(readMessage(bytes)));
  const initialisers = new Map<string, Uint8Array>();
  for (const [i, constant] of constants.entries()) {
    if (fixed(constant, i)) initialisers.set(names[i], set.inputs[i]);
  }
  const imported = importOnnx(initialisers.size === 0 ? model : withInitialisers(model, initialisers));
  const found = await runImported(imported, new Map(constants.map((constant, i) => [names[i], constant])));
  let ulp = 0;
  for (const [i, bytes] of set.outputs.entries()) {
    const expected = readTensor(readMessage(bytes));
    const distance = compareTensors(found[i], expected);
    if (typeof distance === 'string') return { status: 'wrong', found: `output ${i}: ${distance}` };
    ulp = Math.max(ulp, distance);
  }
  return { status: 'passed', ulp, fixed: initialisers.size };
}

/**
 * From every input given at run time to every input fixed, which leaves the case to constant
 * folding.
 */
const attempts: readonly ((constant: Constant, i: number) => boolean)[] = [
  () => false,
  ({ type }, i) => i > 0 && !type.startsWith('float'),
  (_, i) => i > 0,
  ({ type }) => !type.startsWith('float'),
  () => true,
];

export async function runOnnxCase({ model, sets }: OnnxCase): Promise<CaseResult> {
  let worst: CaseResult = { status: 'passed', ulp: 0, fixed: 0 };
  let refusal: CaseResult | undefined;
  for (const set of sets) {
    let result: CaseResult | undefined;
    for (const fixed of attempts) {
      try {
        const names = readModel(model).inputs.map(({ name }) => name);
        result = await attempt(model, names, set, fixed);
        break;
      } catch (cause) {
        if (!(cause instanceof NonetError)) throw cause;
        refusal = { status: 'refused', expected: cause.expected, found: cause.found };
      }
    }
    if (result === undefined) return refusal!;
    if (result.status !== 'passed') return result;
    worst = {
      status: 'passed',
      ulp: Math.max(worst.ulp, result.ulp),
      fixed: Math.max(worst.fixed, result.fixed),
    };
  }
  return worst;
}
