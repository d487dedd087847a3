/**
 * Operators that move elements, or make constants: shapes, slices, gathers, casts. Shapes, axes, pads and the like must be constants
 * of the file, or follow from the extents of its inputs: a graph is static.
 */
import { project } from '../../affine.ts';
import { addMap } from '../../emit.ts';
import { arg, constant, type Expression, integer } from '../../expression.ts';
import type { TensorId } from '../../graph.ts';
import { flatten } from '../../operations/shapes.ts';
import { type Extent, elementCount, rowMajorStrides, type Shape } from '../../shape.ts';
import { dtypeOf, type ElementType, elementTypeOf } from '../elementTypes.ts';
import { slicePositions } from '../fold.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  axesOf,
  axisOf,
  broadcastShape,
  broadcastTo,
  constantValue,
  first,
  fixedExtent,
  fixedShape,
  isFloat,
  permute,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
  viewOf,
  wrapped,
} from './build.ts';

/** Constants that a file only describes (ConstantOfShape, Range, Expand of one number) may not be larger. */
const largestConstant = 2 ** 22;

function assertConstantSize(n: NodeReader, shape: readonly number[]): void {
  if (shape.some((extent) => !(extent >= 0)) || elementCount(shape) > largestConstant) {
    n.refuse(`a constant of at most ${largestConstant} elements`, `[${shape.join(',')}]`);
  }
}

/** Applies a function of one tensor to input 0; a constant of the file keeps its data where only its shape changes. */
function reshaped(n: NodeReader, out: Shape): Value {
  const value = n.value(0);
  if (value.kind === 'constant' && out.every((extent) => typeof extent === 'number')) {
    if (elementCount(out) !== value.constant.data.length) {
      n.refuse(`as many elements as [${value.constant.shape.join(',')}]`, `[${out.join(',')}]`);
    }
    return constantValue({ ...value.constant, shape: out });
  }
  return tensorValue(reshapeTo(n, n.tensor(0), out), n.type(0));
}

const productOf = (shape: Shape) =>
  shape.reduce<number>((count, extent) => (typeof extent === 'number' ? count * extent : count), 1);

/** 0 copies an extent unless `allowzero`, -1 takes what is left: a number, or one named extent. */
function reshapeTarget(n: NodeReader): Shape {
  const shape = n.shape(0);
  const zeroCopies = n.integer('allowzero', 0) === 0;
  const target = n.extents(1).map((extent, axis): Extent => {
    if (extent !== 0 || !zeroCopies) return extent;
    return shape[axis] ?? n.refuse(`an axis ${axis} to copy`, `[${shape.join(',')}]`);
  });
  const open = target.indexOf(-1);
  if (open < 0) return target;
  const rest = target.filter((_, axis) => axis !== open);
  const names = shape.filter((extent) => typeof extent === 'string');
  for (const extent of rest) {
    if (typeof extent === 'string') names.splice(names.indexOf(extent), names.includes(extent) ? 1 : 0);
  }
  const left = productOf(shape) / productOf(rest);
  const [name] = names;
  if (names.length === 0) return target.with(open, left);
  if (names.length === 1 && left === 1) return target.with(open, name);
  return n.refuse(
    'a shape that keeps named extents apart',
    `${[...names, left].join(' * ')} in one axis`,
    'Fix the extent when importing: importOnnx(bytes, { extents: { NAME: 1 } }).',
  );
}

/** (product of the axes before `axis`, product of the rest). */
function flattened(n: NodeReader, shape: Shape, axis: number): Shape {
  const join = (part: Shape): Extent => {
    const names = part.filter((extent) => typeof extent === 'string');
    const count = productOf(part);
    if (names.length === 0) return count;
    if (names.length === 1 && count === 1) return names[0];
    return n.refuse('named extents on axes of their own', `[${part.join(',')}] in one axis`);
  };
  return [join(shape.slice(0, axis)), join(shape.slice(axis))];
}

/** Keeps positions from, from + step, ... of an axis. */
function sliceAxis(n: NodeReader, x: TensorId, axis: number, positions: readonly number[]): TensorId {
  const shape = shapeOf(n, x);
  if (positions.length === 0) return n.refuse('at least one position', `none of axis ${axis}`);
  const step = positions.length > 1 ? positions[1] - positions[0] : 1;
  if (positions.length === shape[axis] && positions[0] === 0 && step === 1) return x;
  const every = (value: number) => shape.map(() => value);
  return n.g.add({
    kind: 'slice',
    operands: [x],
    starts: every(0).with(axis, positions[0]),
    counts: every(0).with(axis, positions.length),
    steps: every(1).with(axis, step),
  });
}

function sliceOf(n: NodeReader): Value {
  const shape = n.shape(0);
  const starts = n.integers(1);
  const ends = n.extents(2);
  const axes = n.integers(3, [...starts.keys()]).map((axis) => axisOf(n, axis, shape.length));
  const steps = n.integers(
    4,
    starts.map(() => 1),
  );
  let x = n.tensor(0);
  for (const [i, axis] of axes.entries()) {
    const extent = shape[axis];
    if (steps[i] === 0) n.refuse('steps other than 0', '0');
    // All of a named extent, from its start to its own end or beyond any.
    const end = ends[i];
    const whole = starts[i] === 0 && steps[i] === 1 && (end === extent || (end as number) >= 2 ** 31 - 1);
    if (typeof extent === 'string' && whole) continue;
    const bound = fixedExtent(n, extent, `the extent of axis ${axis}`);
    const positions = slicePositions(bound, starts[i], fixedExtent(n, end, 'an end'), steps[i]);
    x = sliceAxis(n, x, axis, positions);
  }
  return tensorValue(x, n.type(0));
}

function splitOf(n: NodeReader, sizes: readonly number[], axis: number): readonly Value[] {
  const x = n.tensor(0);
  const extent = fixedExtent(n, n.shape(0)[axis], `the extent of axis ${axis}`);
  if (sizes.reduce((a, b) => a + b, 0) !== extent || sizes.some((size) => size < 1)) {
    n.refuse(`positive parts of ${extent}`, `[${sizes.join(',')}]`);
  }
  let at = 0;
  return sizes.map((size) => {
    const positions = Array.from({ length: size }, (_, i) => at + i);
    at += size;
    return tensorValue(sliceAxis(n, x, axis, positions), n.type(0));
  });
}

const split =
  (counted: boolean): Read =>
  (n) => {
    const shape = n.shape(0);
    const axis = axisOf(n, n.integer('axis', 0), shape.length);
    if (n.has(1)) return splitOf(n, n.integers(1), axis);
    const parts = counted ? n.integer('num_outputs', n.node.outputs.length) : n.node.outputs.length;
    const extent = fixedExtent(n, shape[axis], `the extent of axis ${axis}`);
    const size = Math.ceil(extent / parts);
    const sizes = Array.from({ length: parts }, (_, i) => Math.min(size, extent - i * size));
    return splitOf(n, sizes, axis);
  };

/** Elements of an axis by position, the indices being constants or computed; their axes take the place of the axis. */
function gather(n: NodeReader, x: TensorId, indices: TensorId, axis: number): TensorId {
  return n.g.add({ kind: 'gather', operands: [x, indices], axis }, n.node.operator);
}

/** Rows of a matrix at the positions of input i. */
export const gatherRows = (n: NodeReader, x: TensorId, i: number): TensorId =>
  gather(n, x, indicesOf(n, i, shapeOf(n, x)[0]), 0);

/** Along the last axis. */
export const gatherLast = (n: NodeReader, x: TensorId, positions: TensorId): TensorId =>
  gather(n, x, positions, shapeOf(n, x).length - 1);

/** Entries of a list of integers at computed positions. */
export const gatherConstantRows = (n: NodeReader, list: readonly number[], positions: TensorId): TensorId =>
  gather(n, n.g.constant(Int32Array.from(list), [list.length]), positions, 0);

/** `count` positions of an axis from `start` on. */
export const sliceRange = (
  n: NodeReader,
  x: TensorId,
  axis: number,
  start: number,
  count: number,
  step: number,
): TensorId =>
  sliceAxis(
    n,
    x,
    axis,
    Array.from({ length: count }, (_, i) => start + i * step),
  );

/** Positions of an axis that are known. */
export const gatherPositions = (n: NodeReader, x: TensorId, positions: readonly number[], axis: number) =>
  gather(n, x, n.g.constant(Int32Array.from(positions), [positions.length]), axis);

/** Negative indices count from the end; positions that a maximum or minimum gives are never negative. */
function indicesOf(n: NodeReader, i: number, extent: Extent): TensorId {
  const given = n.value(i);
  if (given.kind === 'constant' && !given.constant.data.some((index) => (index as number) < 0)) {
    return n.tensor(i);
  }
  const indices = n.tensor(i);
  if (['argmax', 'argmaxAlong', 'argmin'].includes(n.g.nodes[indices].kind)) return indices;
  const zero = n.g.constant(Int32Array.of(0), []);
  const size = n.g.constant(Int32Array.of(fixedExtent(n, extent, 'the extent of the axis')), []);
  const counted = n.g.add({ kind: 'add', operands: [indices, size] });
  const isNegative = n.g.add({ kind: 'less', operands: [indices, zero] });
  return n.g.add({ kind: 'where', operands: [isNegative, counted, indices] });
}

/** Reads the flattened data at a computed i32 position. */
function gatherFlat(n: NodeReader, positions: TensorId): Value {
  const flat = reshapeTo(n, n.tensor(0), [elementCount(fixedShape(n, n.shape(0)))]);
  return tensorValue(gather(n, flat, positions, 0), n.type(0));
}

/** Sum of position * stride. */
export const weigh = (terms: readonly (readonly [Expression, number])[]): Expression =>
  terms.reduce<Expression>((sum, [e, stride]) => ['add', sum, ['mul', e, integer(stride)]], integer(0));

/** Pads with one value; `low` and `high` count elements, negative ones crop. */
export function padConstant(
  n: NodeReader,
  x: TensorId,
  low: readonly number[],
  high: readonly number[],
  value: number,
): TensorId {
  const shape = shapeOf(n, x);
  let cropped = x;
  for (const [axis, extent] of shape.entries()) {
    if (low[axis] >= 0 && high[axis] >= 0) continue;
    const size = fixedExtent(n, extent, `the extent of axis ${axis}`);
    const from = Math.max(0, -low[axis]);
    const to = size - Math.max(0, -high[axis]);
    const positions = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
    cropped = sliceAxis(n, cropped, axis, positions);
  }
  const [before, after] = [low, high].map((sides) => sides.map((side) => Math.max(0, side)));
  if ([...before, ...after].every((side) => side === 0)) return cropped;
  const float = n.g.nodes[x].dtype === 'f32';
  const bits = float ? constant(value) : integer(value);
  return n.g.add(
    {
      kind: 'pad',
      operands: [cropped],
      low: before,
      high: after,
      interior: shape.map(() => 0),
      valueBits: bits[2] as number,
    },
    n.node.operator,
  );
}

/** Which position a padded axis of `extent` reads at position i of its own, for modes other than constant. */
const paddingModes: Readonly<Record<string, (i: number, extent: number) => number>> = {
  edge: (i, extent) => Math.min(Math.max(i, 0), extent - 1),
  wrap: (i, extent) => ((i % extent) + extent) % extent,
  reflect(i, extent) {
    if (extent === 1) return 0;
    const period = 2 * (extent - 1);
    const at = ((i % period) + period) % period;
    return at < extent ? at : period - at;
  },
};

function padOf(n: NodeReader): Value {
  const shape = n.shape(0);
  const mode = n.text('mode', 'constant');
  const pads = n.integers(1);
  const axes = n.has(3) ? n.integers(3).map((axis) => axisOf(n, axis, shape.length)) : [...shape.keys()];
  if (pads.length !== 2 * axes.length) n.refuse(`${2 * axes.length} pads`, `${pads.length}`);
  const side = (offset: number) =>
    shape.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis) + offset] : 0));
  const [low, high] = [side(0), side(axes.length)];
  assertConstantSize(
    n,
    [...low, ...high].map(Math.abs).map(() => 1),
  );
  const value = n.scalar(2, 0);
  if (mode === 'constant') return tensorValue(padConstant(n, n.tensor(0), low, high, value), n.type(0));
  const position = paddingModes[mode] ?? n.refuse('mode constant, edge, reflect or wrap', mode);
  let x = n.tensor(0);
  for (const [axis, extent] of shape.entries()) {
    if (low[axis] === 0 && high[axis] === 0) continue;
    const size = fixedExtent(n, extent, `the extent of axis ${axis}`);
    const length = size + low[axis] + high[axis];
    assertConstantSize(n, [length]);
    const positions = Array.from({ length }, (_, i) => position(i - low[axis], size));
    x = gatherPositions(n, x, positions, axis);
  }
  return tensorValue(x, n.type(0));
}

/** f32 rounded to the nearest value of a half precision, ties to even; still held in f32. */
function roundedToHalf(type: 'float16' | 'bfloat16'): Expression {
  const dropped = type === 'float16' ? 13 : 16;
  const bits: Expression = ['bitcast', 'i32', first];
  const last: Expression = ['and', ['shr', bits, integer(dropped)], integer(1)];
  const half = integer(2 ** (dropped - 1) - 1);
  const kept: Expression = ['and', ['add', ['add', bits, half], last], integer(-(2 ** dropped))];
  const rounded: Expression = ['bitcast', 'f32', kept];
  const isNumber: Expression = ['eq', first, first];
  if (type === 'bfloat16') return ['select', isNumber, rounded, first];
  const magnitude: Expression = ['select', ['lt', first, constant(0)], ['neg', first], first];
  const sign: Expression = ['select', ['lt', first, constant(0)], constant(-0.5), constant(0.5)];
  // Below 2^-14 float16 has multiples of 2^-24: what adding and subtracting 1/2 rounds to. From 65520 on, infinity.
  const small: Expression = ['sub', ['add', first, sign], sign];
  const infinite: Expression = ['mul', first, constant(Number.POSITIVE_INFINITY)];
  const inRange: Expression = ['select', ['lt', magnitude, constant(2 ** -14)], small, rounded];
  return ['select', isNumber, ['select', ['lt', magnitude, constant(65_520)], inRange, infinite], first];
}

/** Elements of one type as those of another. */
export function castTo(n: NodeReader, x: TensorId, from: ElementType, to: ElementType): Value {
  const result = (e?: Expression) => tensorValue(e === undefined ? x : unaryMap(n, x, e), to);
  const float = isFloat(from);
  if (from === to) return result();
  if (isFloat(from) !== isFloat(to) && ['float32', 'float64', 'int32', 'int64'].includes(to)) {
    return tensorValue(n.g.add({ kind: 'cast', operands: [x], to: dtypeOf(to) }), to);
  }
  if (to === 'bool') {
    const zero = n.g.constant(float ? Float32Array.of(0) : Int32Array.of(0), []);
    const isZero = n.g.add({ kind: 'equal', operands: [x, zero] });
    return tensorValue(n.g.add({ kind: 'not', operands: [isZero] }), to);
  }
  if (!isFloat(to)) {
    const e = wrapped(float ? ['convert', 'i32', first] : first, to);
    return e === first ? result() : result(e);
  }
  if (!float) return result(['convert', 'f32', first]);
  return to === 'float16' || to === 'bfloat16' ? result(roundedToHalf(to)) : result();
}

function cast(n: NodeReader, to: ElementType): Value {
  // How floats beyond the range of an 8-bit float are cast; those types are refused anyway.
  n.ignore('saturate', 'round_mode');
  const value = n.value(0);
  const from = n.type(0);
  if (value.kind === 'constant' && dtypeOf(from) === dtypeOf(to) && !/16|8|bool/.test(from + to)) {
    return constantValue({ ...value.constant, type: to });
  }
  return castTo(n, n.tensor(0), from, to);
}

function typeNamed(n: NodeReader, code: number): ElementType {
  const facts = elementTypeOf(code);
  return typeof facts === 'string' ? n.refuse('a type that f32 or i32 can hold', facts) : facts.type;
}

/** Elements above or below a diagonal, the others 0. */
function trilu(n: NodeReader): Value {
  const x = n.tensor(0);
  const rank = shapeOf(n, x).length;
  if (rank < 2) n.refuse('a matrix', `${rank} axes`);
  const k = integer(n.scalar(1, 0));
  const row: Expression = ['add', ['index', rank - 2], k];
  const column: Expression = ['index', rank - 1];
  const outside: Expression = n.integer('upper', 1) === 1 ? ['lt', column, row] : ['lt', row, column];
  const zero = isFloat(n.type(0)) ? constant(0) : integer(0);
  return tensorValue(unaryMap(n, x, ['select', outside, zero, first]), n.type(0));
}

function oneHot(n: NodeReader): Value {
  const depth = n.scalar(1);
  const indices = n.tensor(0);
  const shape = shapeOf(n, indices);
  const axis = axisOf(n, n.integer('axis', -1), shape.length + 1);
  assertConstantSize(n, [depth]);
  const out = [...shape.slice(0, axis), depth, ...shape.slice(axis)];
  const type = n.type(2);
  const position: Expression = isFloat(n.type(0)) ? ['convert', 'i32', first] : first;
  const counted: Expression = [
    'select',
    ['lt', position, integer(0)],
    ['add', position, integer(depth)],
    position,
  ];
  const values = n.tensor(2);
  const element = (i: number) => ({ tensor: values, map: { matrix: [out.map(() => 0)], offset: [i] } });
  const e: Expression = ['select', ['eq', ['index', axis], counted], arg(2), second];
  const columns = out.flatMap((_, i) => (i === axis ? [] : [i]));
  return tensorValue(
    addMap(
      n.g,
      out,
      e,
      [{ tensor: indices, map: project(out.length, columns) }, element(0), element(1)],
      'OneHot',
    ),
    type,
  );
}

/** Axes of size `block` between depth and space. */
function blocks(n: NodeReader, toSpace: boolean): Value {
  const [batch, channels, height, width] = fixedTail(n);
  const b = n.integer('blocksize');
  const x = n.tensor(0);
  if (toSpace) {
    const depth = channels / b ** 2;
    const columns = n.text('mode', 'DCR') === 'CRD';
    const split: Shape = columns ? [batch, depth, b, b, height, width] : [batch, b, b, depth, height, width];
    const axes = columns ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
    const moved = permute(n, reshapeTo(n, x, split), axes);
    return tensorValue(reshapeTo(n, moved, [batch, depth, height * b, width * b]), n.type(0));
  }
  const split = reshapeTo(n, x, [batch, channels, height / b, b, width / b, b]);
  const moved = permute(n, split, [0, 3, 5, 1, 2, 4]);
  return tensorValue(reshapeTo(n, moved, [batch, channels * b ** 2, height / b, width / b]), n.type(0));
}

function fixedTail(n: NodeReader): readonly [Extent, number, number, number] {
  const [batch, ...rest] = n.shape(0);
  if (rest.length !== 3) n.refuse('a tensor of four axes', `[${n.shape(0).join(',')}]`);
  const [channels, height, width] = fixedShape(n, rest);
  return [batch, channels, height, width];
}

const unsqueezed = (n: NodeReader, axes: readonly number[]): Value => {
  const shape = n.shape(0);
  const rank = shape.length + axes.length;
  const added = axesOf(n, axes, rank);
  const rest = [...shape];
  return reshaped(
    n,
    Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!)),
  );
};

export const layout: Operators = {
  Identity: since(1, (n) => n.value(0)),
  Dropout: since(7, (n) => {
    // Inference: the identity, with a mask of ones where somebody asks for it.
    n.ignore('seed', 'ratio');
    const drops = n.has(1) ? n.value(1) : undefined;
    const never = drops?.kind === 'constant' && drops.constant.data[0] === 0;
    if (n.has(2) && n.scalar(2) !== 0 && !never) {
      n.refuse('training_mode false', 'true', 'Export the model for inference: model.eval().');
    }
    if (n.node.outputs.length < 2) return n.value(0);
    const out = n.shape(0);
    const mask = broadcastTo(n, n.g.constant(Int32Array.of(1), []), out);
    return [n.value(0), tensorValue(mask, 'bool')];
  }),
  Constant: since(1, (n) => {
    const value = n.tensorAttribute('value');
    if (value !== undefined) return constantValue(value);
    const float = (data: readonly number[], shape: readonly number[]) =>
      constantValue({ type: 'float32', shape, data: Float32Array.from(data) });
    const int = (data: readonly number[], shape: readonly number[]) =>
      constantValue({ type: 'int64', shape, data });
    if (n.hasAttribute('value_float')) return float([n.float('value_float')], []);
    if (n.hasAttribute('value_int')) return int([n.integer('value_int')], []);
    if (n.hasAttribute('value_floats')) {
      const values = n.floatList('value_floats');
      return float(values, [values.length]);
    }
    if (n.hasAttribute('value_ints')) {
      const values = n.integerList('value_ints');
      return int(values, [values.length]);
    }
    return n.refuse('numbers', [...n.node.attributes.keys()].join(', ') || 'no value');
  }),
  ConstantOfShape: since(9, (n) => {
    const shape = n.extents(0);
    const { type, data } = n.tensorAttribute('value') ?? {
      type: 'float32' as const,
      data: Float32Array.of(0),
    };
    const fixed = shape.filter((extent) => typeof extent === 'number');
    assertConstantSize(n, fixed);
    const one = constantValue({ type, shape: [], data: data.slice(0, 1) });
    if (fixed.length < shape.length) return tensorValue(broadcastTo(n, n.place(one), shape), type);
    const count = elementCount(fixed);
    const filled =
      data instanceof Float32Array
        ? new Float32Array(count).fill(data[0])
        : new Float64Array(count).fill(data[0] as number);
    return constantValue({ type, shape: fixed, data: filled });
  }),
  Range: since(11, (n) => {
    const [start, limit, delta] = [n.scalar(0), n.scalar(1), n.scalar(2)];
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    assertConstantSize(n, [count]);
    const values = Array.from({ length: count }, (_, i) => start + i * delta);
    const type = n.type(0);
    const data = isFloat(type) ? Float32Array.from(values) : Float64Array.from(values);
    return constantValue({ type, shape: [count], data });
  }),
  EyeLike: since(9, (n) => {
    const [rows, columns] = fixedShape(n, n.shape(0));
    const k = n.integer('k', 0);
    const type = typeNamed(n, n.integer('dtype', isFloat(n.type(0)) ? 1 : 7));
    assertConstantSize(n, [rows, columns]);
    const values = Array.from({ length: rows * columns }, (_, i) =>
      (i % columns) - Math.floor(i / columns) === k ? 1 : 0,
    );
    const data = isFloat(type) ? Float32Array.from(values) : Float64Array.from(values);
    return constantValue({ type, shape: [rows, columns], data });
  }),
  Shape: since(1, (n) => {
    const shape = n.shape(0);
    const clamp = (position: number) =>
      Math.min(Math.max(position < 0 ? position + shape.length : position, 0), shape.length);
    const part = shape.slice(clamp(n.integer('start', 0)), clamp(n.integer('end', shape.length)));
    return constantValue({ type: 'int64', shape: [part.length], data: part });
  }),
  Size: since(1, (n) => {
    const count = elementCount(fixedShape(n, n.shape(0)));
    return constantValue({ type: 'int64', shape: [], data: [count] });
  }),
  Cast: since(9, (n) => cast(n, typeNamed(n, n.integer('to')))),
  CastLike: since(15, (n) => cast(n, n.type(1))),
  Reshape: since(5, (n) => reshaped(n, reshapeTarget(n))),
  Flatten: since(1, (n) => {
    const shape = n.shape(0);
    const axis = n.integer('axis', 1);
    const features = shape.slice(1).every((extent) => typeof extent === 'number');
    if (axis === 1 && shape.length > 1 && features && n.value(0).kind === 'tensor') {
      return tensorValue(flatten(n.g, n.tensor(0)), n.type(0));
    }
    return reshaped(n, flattened(n, shape, axis === shape.length ? axis : axisOf(n, axis, shape.length)));
  }),
  Squeeze: [
    [1, (n) => squeezed(n, n.hasAttribute('axes') ? n.integerList('axes') : undefined)],
    [13, (n) => squeezed(n, n.has(1) ? n.integers(1) : undefined)],
  ],
  Unsqueeze: [
    [1, (n) => unsqueezed(n, n.integerList('axes'))],
    [13, (n) => unsqueezed(n, n.integers(1))],
  ],
  Transpose: since(1, (n) => {
    const shape = n.shape(0);
    const axes = n.integerList('perm', [...shape.keys()].reverse());
    return tensorValue(permute(n, n.tensor(0), axes), n.type(0));
  }),
  Expand: since(8, (n) => {
    const out = broadcastShape(n, [n.shape(0), n.extents(1)]);
    return tensorValue(broadcastTo(n, n.tensor(0), out), n.type(0));
  }),
  Tile: since(6, (n) => {
    const shape = n.shape(0);
    const repeats = n.integers(1);
    if (repeats.length !== shape.length || repeats.some((count) => count < 1)) {
      n.refuse(`${shape.length} positive repeats`, `[${repeats.join(',')}]`);
    }
    let x = n.tensor(0);
    for (const [axis, count] of repeats.entries()) {
      if (count === 1) continue;
      const now = shapeOf(n, x);
      const extent = fixedExtent(n, now[axis], `the extent of axis ${axis}`);
      const out = [...now.slice(0, axis), count, ...now.slice(axis)];
      const columns = out.flatMap((_, i) => (i === axis ? [] : [i]));
      x = reshapeTo(n, viewOf(n, x, out, project(out.length, columns)), now.with(axis, count * extent));
    }
    return tensorValue(x, n.type(0));
  }),
  Concat: since(4, (n) => {
    const axis = axisOf(n, n.integer('axis'), n.shape(0).length);
    const tensors = n.values().map((value) => n.place(value));
    if (tensors.length === 1) return n.value(0);
    return tensorValue(n.g.add({ kind: 'concat', operands: tensors, axis }, 'Concat'), n.type(0));
  }),
  Slice: since(10, sliceOf),
  Split: [
    [13, split(false)],
    [18, split(true)],
  ],
  Pad: since(11, padOf),
  Gather: since(1, (n) => {
    const shape = n.shape(0);
    const axis = axisOf(n, n.integer('axis', 0), shape.length);
    return tensorValue(gather(n, n.tensor(0), indicesOf(n, 1, shape[axis]), axis), n.type(0));
  }),
  GatherElements: since(11, (n) => {
    const shape = fixedShape(n, n.shape(0));
    const axis = axisOf(n, n.integer('axis', 0), shape.length);
    const indices = indicesOf(n, 1, shape[axis]);
    const strides = rowMajorStrides(shape);
    const terms = strides.map((stride, i) => [i === axis ? first : (['index', i] as const), stride] as const);
    return gatherFlat(n, unaryMap(n, indices, weigh(terms)));
  }),
  GatherND: since(11, (n) => {
    const shape = fixedShape(n, n.shape(0));
    const indices = n.tensor(1);
    const lead = fixedShape(n, shapeOf(n, indices));
    const depth = lead[lead.length - 1];
    const batch = n.integer('batch_dims', 0);
    const tail = shape.slice(batch + depth);
    const out = [...lead.slice(0, -1), ...tail];
    const strides = rowMajorStrides(shape);
    const rank = lead.length - 1;
    const part = (i: number) => ({
      tensor: indices,
      map: {
        matrix: lead.map((_, row) => out.map((__, column) => (row < rank && row === column ? 1 : 0))),
        offset: lead.map((_, row) => (row === rank ? i : 0)),
      },
    });
    const counted = (i: number): Expression => [
      'select',
      ['lt', arg(i), integer(0)],
      ['add', arg(i), integer(shape[batch + i])],
      arg(i),
    ];
    const terms: (readonly [Expression, number])[] = [
      ...Array.from({ length: batch }, (_, i) => [['index', i], strides[i]] as const),
      ...Array.from({ length: depth }, (_, i) => [counted(i), strides[batch + i]] as const),
      ...tail.map((_, i) => [['index', rank + i], strides[batch + depth + i]] as const),
    ];
    const operands = Array.from({ length: depth }, (_, i) => part(i));
    return gatherFlat(n, addMap(n.g, out, weigh(terms), operands, 'GatherND'));
  }),
  Trilu: since(14, trilu),
  OneHot: since(9, oneHot),
  DepthToSpace: since(1, (n) => blocks(n, true)),
  SpaceToDepth: since(1, (n) => blocks(n, false)),
};

function squeezed(n: NodeReader, axes: readonly number[] | undefined): Value {
  const shape = n.shape(0);
  const gone = axes === undefined ? undefined : axesOf(n, axes, shape.length);
  for (const axis of gone ?? []) {
    if (shape[axis] !== 1) n.refuse(`an extent of 1 on axis ${axis}`, `${shape[axis]}`);
  }
  return reshaped(
    n,
    shape.filter((extent, axis) => (gone === undefined ? extent !== 1 : !gone.includes(axis))),
  );
}
