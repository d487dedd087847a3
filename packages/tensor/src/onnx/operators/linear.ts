/**
 * Products of matrices and convolutions: contractions with affine index maps. Convolutions are (B,
 * C, spatial...) with weights (O, C/groups, kernel...), as in ONNX, for one to three spatial axes.
 * Each output is one sequential sum over channels, then kernel positions (primitives.ts), no matter
 * which algorithm the kernels choose.
 */
import type { Affine } from '../../graph/affine.ts';
import { constant, type Expression } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { Extent, Shape } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import type { Constant } from '../tensors.ts';
import { exactWithin, isHeldInPart, magnitudes } from './bounds.ts';
import {
  broadcastMap,
  broadcastShape,
  first,
  fixedShape,
  floatType,
  permute,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { padConstant } from './slices.ts';
import { type Window, windowOf } from './windows.ts';

/** A map from rows given as {column: factor}. */
export function affine(
  columns: number,
  rows: readonly Readonly<Record<number, number>>[],
  offset: readonly number[] = rows.map(() => 0),
): Affine {
  return {
    matrix: rows.map((row) => Array.from({ length: columns }, (_, column) => row[column] ?? 0)),
    offset,
  };
}

function contract(
  n: NodeReader,
  a: TensorId,
  b: TensorId,
  out: Shape,
  k: Shape,
  maps: readonly [Affine, Affine],
): TensorId {
  return n.g.add({ kind: 'contract', operands: [a, b], out, k, maps }, n.node.operator);
}

/**
 * NumPy's matmul: (...,M,K) (...,K,N) -> (...,M,N); vectors count as rows and columns that are
 * dropped again.
 */
export function matmul(n: NodeReader, a: TensorId, b: TensorId): TensorId {
  const [shapeA, shapeB] = [shapeOf(n, a), shapeOf(n, b)];
  const left: Shape = shapeA.length === 1 ? [1, ...shapeA] : shapeA;
  const right: Shape = shapeB.length === 1 ? [...shapeB, 1] : shapeB;
  if (shapeA.length === 0 || shapeB.length === 0 || left.at(-1) !== right.at(-2)) {
    n.refuse('matrices that fit', `[${shapeA.join(',')}] and [${shapeB.join(',')}]`);
  }
  const batch = broadcastShape(n, [left.slice(0, -2), right.slice(0, -2)]);
  const rank = batch.length;
  const out = [...batch, left.at(-2)!, right.at(-1)!];
  const product = n.g.add({ kind: 'matmul', operands: [reshapeTo(n, a, left), reshapeTo(n, b, right)] });
  const dropped = out.filter(
    (_, axis) => !(axis === rank && shapeA.length === 1) && !(axis === rank + 1 && shapeB.length === 1),
  );
  return reshapeTo(n, product, dropped);
}

/**
 * A constant matrix with its axes swapped in the file, so that the graph need not do it in every
 * run.
 */
function transposedConstant({ shape: [rows, columns], data, ...rest }: Constant): Constant {
  const source = data as Float32Array;
  const flipped = Float32Array.from(source, (_, i) => source[(i % rows) * columns + Math.floor(i / rows)]);
  return { ...rest, shape: [columns, rows], data: flipped };
}

/** Operand `i` as a matrix, transposed if the attribute says so. */
function matrixOperand(n: NodeReader, i: number, transposed: boolean): TensorId {
  const value = n.value(i);
  if (n.shape(i).length !== 2) n.refuse(`a matrix as input ${i}`, `[${n.shape(i).join(',')}]`);
  if (!transposed) return n.place(value);
  if (value.kind === 'constant' && value.constant.data instanceof Float32Array) {
    return n.place({ kind: 'constant', constant: transposedConstant(value.constant) });
  }
  return permute(n, n.place(value), [1, 0]);
}

function gemm(n: NodeReader): Value {
  const type = floatType(n, 0, 1);
  const [alpha, beta] = [n.float('alpha', 1), n.float('beta', 1)];
  // Until operator set 7 it said that C broadcasts, which its shape says too.
  if (n.opset < 7) n.ignore('broadcast');
  const a = matrixOperand(n, 0, n.flag('transA', false));
  const b = matrixOperand(n, 1, n.flag('transB', false));
  if (shapeOf(n, a)[1] !== shapeOf(n, b)[0]) {
    n.refuse('matrices that fit', `[${shapeOf(n, a).join(',')}] and [${shapeOf(n, b).join(',')}]`);
  }
  const bias = n.has(2) ? n.tensor(2) : undefined;
  const biasShape = bias === undefined ? [] : shapeOf(n, bias);
  if (
    bias !== undefined &&
    alpha === 1 &&
    beta === 1 &&
    biasShape.length === 1 &&
    biasShape[0] === shapeOf(n, b)[1]
  ) {
    return tensorValue(n.g.add({ kind: 'dense', operands: [a, b, bias] }), type);
  }
  const product = matmul(n, a, b);
  const scaled: Expression = alpha === 1 ? first : ['mul', constant(alpha), first];
  if (bias === undefined) return tensorValue(alpha === 1 ? product : unaryMap(n, product, scaled), type);
  const added: Expression = beta === 1 ? second : ['mul', constant(beta), second];
  return tensorValue(broadcastMap(n, ['add', scaled, added], [product, bias], shapeOf(n, product)), type);
}

/** (B, G, C/G, spatial...) of (B, C, spatial...). */
function grouped(n: NodeReader, x: TensorId, axis: number, groups: number): TensorId {
  const shape = shapeOf(n, x);
  const channels = shape[axis] as number;
  return reshapeTo(n, x, [...shape.slice(0, axis), groups, channels / groups, ...shape.slice(axis + 1)]);
}

function addBias(n: NodeReader, y: TensorId, i: number): TensorId {
  if (!n.has(i)) return y;
  const bias = n.tensor(i);
  const spatial = shapeOf(n, y).length - 2;
  const column = reshapeTo(n, bias, [...shapeOf(n, bias), ...Array<Extent>(spatial).fill(1)]);
  return broadcastMap(n, ['add', first, second], [y, column], shapeOf(n, y));
}

/** out[b,g,o,s] = sum over c, k of x[b, g, c, stride*s + dilation*k] w[g, o, c, k]. */
function convolve(n: NodeReader, x: TensorId, weight: TensorId, window: Window, groups: number): TensorId {
  const { kernel, strides, dilations, low, high, outputs } = window;
  const spatial = kernel.length;
  const [batch, channels] = shapeOf(n, x);
  const [features] = fixedShape(n, shapeOf(n, weight));
  const perGroup = (channels as number) / groups;
  if (shapeOf(n, weight)[1] !== perGroup || features % groups !== 0) {
    n.refuse(
      `weights of ${perGroup} channels in ${groups} groups`,
      `[${shapeOf(n, weight).join(',')}] for [${shapeOf(n, x).join(',')}]`,
    );
  }
  const padded = padConstant(n, x, [0, 0, ...low], [0, 0, ...high], 0);
  const xs = grouped(n, padded, 1, groups);
  const ws = grouped(n, weight, 0, groups);
  const out: Shape = [batch, groups, features / groups, ...outputs];
  const columns = out.length + 1 + spatial;
  const c = out.length;
  const maps: [Affine, Affine] = [
    affine(columns, [
      { 0: 1 },
      { 1: 1 },
      { [c]: 1 },
      ...outputs.map((_, s) => ({ [3 + s]: strides[s], [c + 1 + s]: dilations[s] })),
    ]),
    affine(columns, [{ 1: 1 }, { 2: 1 }, { [c]: 1 }, ...outputs.map((_, s) => ({ [c + 1 + s]: 1 }))]),
  ];
  const y = contract(n, xs, ws, out, [perGroup, ...kernel], maps);
  return reshapeTo(n, y, [batch, features, ...outputs]);
}

/** The convolution that the node's attributes describe, of two tensors. */
export function convolveInputs(n: NodeReader, x: TensorId, weight: TensorId): TensorId {
  const window = windowOf(n, shapeOf(n, x), fixedShape(n, shapeOf(n, weight)).slice(2));
  return convolve(n, x, weight, window, n.integer('group', 1));
}

/**
 * Over images the graph has the operation; one and three spatial axes are contractions of their
 * own.
 */
function conv(n: NodeReader): Value {
  const type = floatType(n, 0, 1);
  if (n.shape(0).length === 4) {
    const operands = [0, 1, 2].filter((i) => n.has(i)).map((i) => n.tensor(i));
    const { strides, dilations, low, high } = windowOf(
      n,
      n.shape(0),
      fixedShape(n, shapeOf(n, operands[1])).slice(2),
    );
    const groups = n.integer('group', 1);
    const window = { stride: strides, padding: [...low, ...high], dilation: dilations };
    return tensorValue(n.g.add({ kind: 'conv2d', operands, groups, ...window }), type);
  }
  return tensorValue(addBias(n, convolveInputs(n, n.tensor(0), n.tensor(1)), 2), type);
}

/** What a transposed convolution computes: its window, and the extents that follow from it. */
interface TransposedWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly outputPadding: readonly number[];
  /** Low ends of all axes, then high ends; negative where an output_shape asks for more. */
  readonly pads: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * The transpose of a convolution: x with stride - 1 zeros between its elements and kernel - 1 - pad
 * around, against the kernel from its end. Weights (C, O/groups, kernel...).
 */
function convTranspose(n: NodeReader): Value {
  const type = floatType(n, 0, 1);
  const x = n.tensor(0);
  const weight = n.tensor(1);
  const groups = n.integer('group', 1);
  const input = fixedShape(n, shapeOf(n, x).slice(2));
  const [, , ...kernel] = fixedShape(n, shapeOf(n, weight));
  const window = readTransposedWindow(n, input, kernel);
  const { strides, dilations, outputPadding, pads } = window;
  if (input.length === 2 && pads.every((pad) => pad >= 0)) {
    const operands = [x, weight, ...(n.has(2) ? [n.tensor(2)] : [])];
    const attributes = { stride: strides, padding: pads, dilation: dilations, outputPadding };
    return tensorValue(n.g.add({ kind: 'convTranspose2d', operands, groups, ...attributes }), type);
  }
  return tensorValue(addBias(n, contractTransposed(n, x, weight, groups, window), 2), type);
}

function readTransposedWindow(
  n: NodeReader,
  input: readonly number[],
  kernel: readonly number[],
): TransposedWindow {
  const spatial = input.length;
  const strides = n.integerList(
    'strides',
    kernel.map(() => 1),
  );
  const dilations = n.integerList(
    'dilations',
    kernel.map(() => 1),
  );
  const outputPadding = n.integerList(
    'output_padding',
    kernel.map(() => 0),
  );
  const named = n.integerList('kernel_shape', kernel);
  const fits = [kernel, strides, dilations, outputPadding].every(({ length }) => length === spatial);
  if (!fits || `${named}` !== `${kernel}`) {
    n.refuse(`${spatial} strides, dilations and output_padding, kernel [${kernel}]`, `kernel [${named}]`);
  }
  const full = input.map(
    (size, s) => strides[s] * (size - 1) + outputPadding[s] + (kernel[s] - 1) * dilations[s] + 1,
  );
  const wanted = input.map((size, s) => size * strides[s]);
  const pads = readTransposedPads(n, full, wanted);
  const outputs = full.map((size, s) => size - pads[s] - pads[s + spatial]);
  return { kernel, strides, dilations, outputPadding, pads, outputs };
}

/** Pads by `auto_pad`, `pads` and `output_shape`; SAME gives the extents `same` of `full` ones. */
function readTransposedPads(
  n: NodeReader,
  full: readonly number[],
  same: readonly number[],
): readonly number[] {
  const auto = n.text('auto_pad', 'NOTSET');
  if (!['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'].includes(auto)) {
    n.refuse('auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID', auto);
  }
  const none = [...full, ...full].map(() => 0);
  const given = n.integerList('pads', none);
  if (given.length !== none.length) n.refuse(`${none.length} pads`, `${given.length}`);
  if (!n.hasAttribute('output_shape') && !auto.startsWith('SAME')) return auto === 'VALID' ? none : given;
  const wanted = n.integerList('output_shape', same).slice(-full.length);
  const total = full.map((size, s) => size - wanted[s]);
  const less = total.map((pad) => Math.floor(pad / 2));
  const more = total.map((pad, s) => pad - less[s]);
  return auto === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
}

/** By a pad and a contraction, for any number of axes and negative pads. Without the bias. */
function contractTransposed(
  n: NodeReader,
  x: TensorId,
  weight: TensorId,
  groups: number,
  { kernel, strides, dilations, outputPadding, pads, outputs }: TransposedWindow,
): TensorId {
  const [batch, channels] = shapeOf(n, x);
  const [, perGroup] = fixedShape(n, shapeOf(n, weight));
  const spatial = kernel.length;
  const none = shapeOf(n, x).map(() => 0);
  const interior = [0, 0, ...strides.map((stride) => stride - 1)];
  const xs = n.g.add(
    { kind: 'pad', operands: [x], low: none, high: none, interior, valueBits: 0 },
    'ConvTranspose',
  );
  const low = kernel.map((size, s) => dilations[s] * (size - 1) - pads[s]);
  const high = kernel.map((size, s) => dilations[s] * (size - 1) - pads[s + spatial] + outputPadding[s]);
  const padded = grouped(n, padConstant(n, xs, [0, 0, ...low], [0, 0, ...high], 0), 1, groups);
  const ws = grouped(n, weight, 0, groups);
  const out: Shape = [batch, groups, perGroup, ...outputs];
  const c = out.length;
  const columns = c + 1 + spatial;
  const maps: [Affine, Affine] = [
    affine(columns, [
      { 0: 1 },
      { 1: 1 },
      { [c]: 1 },
      ...kernel.map((_, s) => ({ [3 + s]: 1, [c + 1 + s]: dilations[s] })),
    ]),
    affine(
      columns,
      [{ 1: 1 }, { [c]: 1 }, { 2: 1 }, ...kernel.map((_, s) => ({ [c + 1 + s]: -1 }))],
      [0, 0, 0, ...kernel.map((size) => size - 1)],
    ),
  ];
  const k = [(channels as number) / groups, ...kernel];
  const y = contract(n, padded, ws, out, k, maps);
  return reshapeTo(n, y, [batch, perGroup * groups, ...outputs]);
}

/** A tensor whose axes have letters; `.1` is the last of those that `...` stands for. */
interface Lettered {
  readonly tensor: TensorId;
  readonly axes: readonly string[];
}

/** The operands of an equation with their letters, and the extent of each letter. */
function letteredOperands(n: NodeReader, terms: readonly string[], tensors: readonly TensorId[]) {
  const extents = new Map<string, Extent>();
  const operands = terms.map((term, i): Lettered => {
    const shape = shapeOf(n, tensors[i]);
    const letters = [...term.replace('...', '')];
    const dots = shape.length - letters.length;
    if (dots < 0 || (dots > 0 && !term.includes('...')))
      n.refuse(`${letters.length} axes`, `[${shape.join(',')}]`);
    const at = term.indexOf('...');
    const batch = Array.from({ length: dots }, (_, d) => `.${dots - d}`);
    const axes = at < 0 ? letters : [...letters.slice(0, at), ...batch, ...letters.slice(at)];
    for (const [axis, letter] of axes.entries()) {
      const known = extents.get(letter) ?? shape[axis];
      if (known !== shape[axis]) n.refuse(`an extent of ${known} for ${letter}`, `${shape[axis]}`);
      extents.set(letter, known);
    }
    return { tensor: tensors[i], axes };
  });
  return { operands, extents };
}

/** Sums of products of one or two operands over the letters that `result` lacks. */
function sumLetters(
  n: NodeReader,
  operands: readonly Lettered[],
  extents: ReadonlyMap<string, Extent>,
  result: readonly string[],
): Lettered {
  const known = operands.flatMap(({ axes }) => axes);
  const summed = [...extents.keys()].filter((letter) => known.includes(letter) && !result.includes(letter));
  const space = [...result, ...summed];
  const maps = operands.map(({ axes }) =>
    affine(
      space.length,
      axes.map((letter) => ({ [space.indexOf(letter)]: 1 })),
    ),
  );
  const [out, k] = [result, summed].map((letters) => letters.map((letter) => extents.get(letter)!));
  const [a, b] = operands.map(({ tensor }) => tensor);
  if (b !== undefined) return { tensor: contract(n, a, b, out, k, [maps[0], maps[1]]), axes: result };
  const node =
    k.length === 0
      ? ({ kind: 'view', operands: [a], out, maps } as const)
      : ({ kind: 'reduce', op: 'sum', operands: [a], out, k, maps } as const);
  return { tensor: n.g.add(node, 'Einsum'), axes: result };
}

/**
 * Each letter an axis: what is not in the result is summed, in order of first appearance. More than
 * two operands are taken from the left, two at a time, over the letters that nothing after them
 * has.
 */
function einsum(n: NodeReader): Value {
  const equation = n.text('equation').replaceAll(' ', '');
  const tensors = n.values().map((value) => n.place(value));
  floatType(n, ...tensors.keys());
  const [left, right, more] = equation.split('->');
  const terms = left.split(',');
  if (!/^[A-Za-z.,]*$/.test(left) || terms.length !== tensors.length || more !== undefined) {
    n.refuse(`an equation of ${tensors.length} operands`, equation);
  }
  const { operands, extents } = letteredOperands(n, terms, tensors);
  const dots = [...extents.keys()].filter((letter) => letter.startsWith('.'));
  const counts = (letter: string) =>
    operands.flatMap(({ axes }) => axes).filter((other) => other === letter).length;
  const implied = [...extents.keys()]
    .filter((letter) => !letter.startsWith('.') && counts(letter) === 1)
    .sort();
  const result =
    right === undefined
      ? [...dots, ...implied]
      : [...right.replace('...', '.')].flatMap((letter) => (letter === '.' ? dots : [letter]));
  if (new Set(result).size !== result.length || result.some((letter) => !extents.has(letter))) {
    n.refuse('each letter of the result once, and in an operand', equation);
  }
  let rest = operands;
  while (rest.length > 2) {
    const [first, second, ...others] = rest;
    const wanted = [...result, ...others.flatMap(({ axes }) => axes)];
    const kept = [...new Set([...first.axes, ...second.axes])].filter((letter) => wanted.includes(letter));
    rest = [sumLetters(n, [first, second], extents, kept), ...others];
  }
  return tensorValue(sumLetters(n, rest, extents, result).tensor, n.type(0));
}

/** Products of matrices and convolutions, by name. */
export const linear: Operators = {
  MatMul: since(1, (n) => {
    const type = n.type(0);
    if (n.type(1) !== type) n.refuse('two matrices of one type', `${type} and ${n.type(1)}`);
    const [a, b] = [n.tensor(0), n.tensor(1)];
    const product = matmul(n, a, b);
    if (!isHeldInPart(type)) return tensorValue(product, type);
    return tensorValue(exactWithin(n, product, matmul(n, magnitudes(n, a), magnitudes(n, b)), type), type);
  }),
  Gemm: since(1, gemm),
  Conv: since(1, conv),
  ConvTranspose: since(1, convTranspose),
  Einsum: since(12, einsum),
};
