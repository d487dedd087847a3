/**
 * Parameters of a graph: their first values, their flat vector, their file. Everywhere in
 * canonical order, the order in which the graph first uses them.
 */
import { type Hex, MisuseError, philox, seededKey } from '@nonet/core';
import { type Graph, type Initialiser, leavesOf } from '../graph/graph.ts';
import { elementCount } from '../graph/shape.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors.ts';

/** An f32 tensor with the name that its graph gives it, row-major. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}
/** Parameters in canonical order: that in which their graph first uses them. */
export type Parameters = readonly Parameter[];

/**
 * The bound of the uniform distribution. Fan-in is the product of all axes but the last, fan-out
 * the last; of kernels (O,C,h,w), which alone have four axes, C*h*w and O*h*w.
 */
function initialBound(initialiser: Initialiser, shape: readonly number[]): number {
  const [outputs, inputs, ...kernel] = shape;
  const isKernel = shape.length === 4;
  const fanOut = isKernel ? outputs * elementCount(kernel) : (shape[shape.length - 1] ?? 1);
  const fanIn = isKernel ? inputs * elementCount(kernel) : elementCount(shape) / fanOut;
  switch (initialiser) {
    case 'zeros':
    case 'ones':
      return 0;
    case 'heUniform':
      return Math.fround(Math.sqrt(6 / fanIn));
    case 'glorotUniform':
      return Math.fround(Math.sqrt(6 / (fanIn + fanOut)));
  }
}

/**
 * First values from a seed (docs/specs/arithmetic.md §5.2). Entry e of parameter p is word e mod 4
 * of Philox4x32-10 at counter (e div 4, 0, p, 0) under the key SHA-256("nonet initial parameters"
 * || seed), first 8 bytes little-endian; its upper 24 bits u give fround((u - 2^23) / 2^23 *
 * bound). So any entry can be computed alone.
 */
export function initialParameters(graph: Graph, seed: Hex): Parameters {
  const key = seededKey(seed, 'nonet initial parameters');
  return leavesOf(graph, 'parameter').map(({ name, shape, initialiser }, p) => {
    const data = new Float32Array(elementCount(shape));
    const bound = initialBound(initialiser, shape);
    if (bound === 0) return { name, shape, data: data.fill(initialiser === 'ones' ? 1 : 0) };
    for (let block = 0; 4 * block < data.length; block++) {
      const words = philox([block, 0, p, 0], key);
      for (let lane = 0; lane < 4 && 4 * block + lane < data.length; lane++) {
        data[4 * block + lane] = (((words[lane] >>> 8) - 2 ** 23) / 2 ** 23) * bound;
      }
    }
    return { name, shape, data };
  });
}

/** How many f32 entries the parameters have together: the length of a flat vector. */
export function parameterCount(graph: Graph): number {
  return leavesOf(graph, 'parameter').reduce((count, { shape }) => count + elementCount(shape), 0);
}

/** All entries in one vector: parameters in order, each row-major. */
export function flattenParameters(parameters: Parameters): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(parameters.reduce((count, { data }) => count + data.length, 0));
  let offset = 0;
  for (const { data } of parameters) {
    flat.set(data, offset);
    offset += data.length;
  }
  return flat;
}

/** The inverse of `flattenParameters` for this graph; throws `parameters.length`. */
export function unflattenParameters(graph: Graph, flat: Float32Array): Parameters {
  if (flat.length !== parameterCount(graph)) {
    throw new MisuseError({
      code: 'parameters.length',
      expected: `${parameterCount(graph)} entries`,
      found: `${flat.length}`,
    });
  }
  let offset = 0;
  return leavesOf(graph, 'parameter').map(({ name, shape }) => {
    const data = flat.slice(offset, (offset += elementCount(shape)));
    return { name, shape, data };
  });
}

/**
 * Throws `parameters.mismatch` unless these are the graph's parameters: same names, order, shapes,
 * all entries finite.
 */
export function assertParameters(graph: Graph, parameters: Parameters): void {
  const describe = ({ name, shape }: { name: string; shape: readonly number[] }) =>
    `${name} [${shape.join(',')}]`;
  const expected = leavesOf(graph, 'parameter').map(describe);
  const found = parameters.map(describe);
  const count = Math.max(expected.length, found.length);
  for (let i = 0; i < count; i++) {
    const lengthFits = parameters[i]?.data.length === elementCount(parameters[i]?.shape ?? [0]);
    if (expected[i] === found[i] && lengthFits) continue;
    throw new MisuseError({
      code: 'parameters.mismatch',
      expected: `parameter ${i} to be ${expected[i] ?? 'absent'}`,
      found: found[i] ?? 'none',
      hint: 'These parameters belong to another graph.',
    });
  }
  for (const { name, data } of parameters) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new MisuseError({
      code: 'parameters.notFinite',
      expected: `finite entries in ${name}`,
      found: `${data[at]} at ${at}`,
    });
  }
}

/**
 * The same parameters in the canonical order of this graph: a transformation may use them in
 * another order than the model does. Those that the graph lacks come last, for `assertParameters`
 * to refuse.
 */
export function arrangeParameters(graph: Graph, parameters: Parameters): Parameters {
  const places = new Map(leavesOf(graph, 'parameter').map(({ name }, place) => [name, place]));
  const placeOf = ({ name }: Parameter) => places.get(name) ?? places.size;
  return parameters.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** As a canonical safetensors file. */
export function encodeParameters(parameters: Parameters): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(parameters);
}

/**
 * Safetensors bytes -> the parameters of this graph. Throws what `decodeSafetensors` and
 * `assertParameters` throw.
 */
export function decodeParameters(graph: Graph, bytes: Uint8Array): Parameters {
  const { tensors } = decodeSafetensors(bytes);
  const known = new Map<string, Tensor>(tensors.map((tensor) => [tensor.name, tensor]));
  const order = leavesOf(graph, 'parameter').map(({ name }) => name);
  const extra = tensors.filter(({ name }) => !order.includes(name));
  const parameters = [...order, ...extra.map(({ name }) => name)].flatMap((name): Parameter[] => {
    const tensor = known.get(name);
    if (tensor === undefined) return [];
    if (tensor.data instanceof Float32Array && tensor.stored === undefined) {
      return [{ ...tensor, data: tensor.data }];
    }
    throw new MisuseError({
      code: 'parameters.mismatch',
      expected: `F32 entries in ${name}`,
      found: tensor.stored ?? tensor.data.constructor.name,
    });
  });
  assertParameters(graph, parameters);
  return parameters;
}
