/**
 * What element-wise expressions are to the quantiser: a clamp, a x + c with constants, a sum or a
 * product of two tensors, or a function of one tensor that a table can hold.
 */
import { type Affine, project } from '../graph/affine.ts';
import { copyNode, createBuilder } from '../graph/builder.ts';
import { arg, type Expression, floatOfBits, usesPosition } from '../graph/expression.ts';
import type { PrimitiveNode, TensorId } from '../graph/graph.ts';
import { clipped, reluOf } from '../graph/operations/elementwise.ts';
import type { Shape } from '../graph/shape.ts';
import { createProgram } from '../run/execute.ts';
import type { Prepared } from './prepare.ts';

/** A map node. */
export type MapNode = Extract<PrimitiveNode, { kind: 'map' }>;

/** The node as a map of f32. */
export function mapAt({ nodes }: Prepared, id: TensorId): MapNode | undefined {
  const node = nodes[id];
  return node.kind === 'map' && node.dtype === 'f32' ? (node as MapNode) : undefined;
}

/** Whether a map reads an operand element by element. */
function readsInOrder({ out }: MapNode, { matrix, offset }: Affine): boolean {
  if (matrix.length !== out.length || offset.some((each) => each !== 0)) return false;
  return matrix.every((row, i) => row.every((factor, j) => factor === (i === j ? 1 : 0)));
}

/** Operands of a map that depend on inputs, by place. */
const dataOperands = ({ isData }: Prepared, { operands }: MapNode): readonly number[] =>
  [...operands.keys()].filter((i) => isData[operands[i]]);

/** The one tensor that a map reads, each element where it lies. */
function onlySource(prepared: Prepared, node: MapNode): TensorId | undefined {
  const places = dataOperands(prepared, node);
  const sources = new Set(places.map((i) => node.operands[i]));
  if (sources.size !== 1 || !places.every((i) => readsInOrder(node, node.maps[i]))) return undefined;
  return node.operands[places[0]];
}

const same = (a: Expression, b: Expression) => JSON.stringify(a) === JSON.stringify(b);

/** Bounds of a map that is relu or clip. */
export interface Clamp {
  readonly source: TensorId;
  readonly low: number;
  readonly high: number;
}

/** The map as a clamp. */
export function clampOf(prepared: Prepared, id: TensorId): Clamp | undefined {
  const node = mapAt(prepared, id);
  if (node === undefined || node.operands.length !== 1) return undefined;
  const source = onlySource(prepared, node);
  if (source === undefined) return undefined;
  const e = node.expression;
  if (same(e, reluOf)) return { source, low: 0, high: Number.POSITIVE_INFINITY };
  if (e[0] !== 'select' || e[1][0] !== 'lt' || e[2][0] !== 'select' || e[2][1][0] !== 'lt') return undefined;
  const [low, high] = [e[1][1], e[2][1][2]];
  if (low[0] !== 'const' || high[0] !== 'const' || !same(e, clipped(arg(0), low, high))) return undefined;
  return { source, low: floatOfBits(low[2]), high: floatOfBits(high[2]) };
}

/** Numbers over some axes of a tensor, row-major; one number without any. */
export interface Coefficients {
  /** Ascending. */
  readonly axes: readonly number[];
  readonly values: Float64Array;
}

/** factor * x + offset. */
export interface AffineMap {
  readonly source: TensorId;
  readonly factor: Coefficients;
  readonly offset: Coefficients;
}

/** The axes of the output along which a fixed operand varies. */
function varyingAxes({ out }: MapNode, map: Affine, shape: Shape): readonly number[] {
  return [...out.keys()].filter(
    (column) => out[column] !== 1 && map.matrix.some((row, axis) => row[column] !== 0 && shape[axis] !== 1),
  );
}

/** Calls back for each index of a space, row-major. */
export function eachIndex(
  extents: readonly number[],
  visit: (index: readonly number[], flat: number) => void,
) {
  const index = extents.map(() => 0);
  const count = extents.reduce((a, b) => a * b, 1);
  for (let flat = 0; flat < count; flat++) {
    visit(index, flat);
    for (let axis = index.length - 1; axis >= 0 && ++index[axis] === extents[axis]; axis--) index[axis] = 0;
  }
}

/** The element of a fixed operand that an output index reads. */
function fixedElement(prepared: Prepared, tensor: TensorId, map: Affine, index: readonly number[]): number {
  const shape = prepared.nodes[tensor].shape as readonly number[];
  const position = map.matrix.reduce(
    (flat, row, axis) =>
      flat * shape[axis] +
      row.reduce((sum, factor, column) => sum + factor * index[column], map.offset[axis]),
    0,
  );
  return prepared.fixed.get(tensor)![position];
}

/** Over `axes`, that of `values` which lie over all axes. */
function squeezed(axes: readonly number[], extents: readonly number[], values: Float64Array): Coefficients {
  const isConstant = values.every((value) => value === values[0]);
  if (isConstant) return { axes: [], values: values.slice(0, 1) };
  const varies = axes.map(() => false);
  const strides = axes.map((_, i) => extents.slice(i + 1).reduce((a, b) => a * b, 1));
  eachIndex(extents, (index, flat) => {
    for (const [i, at] of index.entries()) {
      if (at > 0 && values[flat] !== values[flat - at * strides[i]]) varies[i] = true;
    }
  });
  const kept = [...axes.keys()].filter((i) => varies[i]);
  const shape = kept.map((i) => extents[i]);
  const less = new Float64Array(shape.reduce((a, b) => a * b, 1));
  eachIndex(shape, (index, flat) => {
    less[flat] = values[index.reduce((sum, at, i) => sum + at * strides[kept[i]], 0)];
  });
  return { axes: kept.map((i) => axes[i]), values: less };
}

/** f x + c at one element: [f, c]. */
type Line = readonly [factor: number, offset: number];

/** An expression of integers and of the position alone; undefined if it is none. */
function integerAt(e: Expression, index: readonly number[]): number | undefined {
  if (e[0] === 'index') return index[e[1]];
  if (e[0] === 'const') return e[1] === 'i32' ? e[2] | 0 : undefined;
  if (e[0] === 'select') {
    const isTrue = integerAt(e[1], index);
    return isTrue === undefined ? undefined : integerAt(isTrue === 1 ? e[2] : e[3], index);
  }
  if (e[0] !== 'add' && e[0] !== 'sub' && e[0] !== 'mul' && e[0] !== 'lt') return undefined;
  const [a, b] = [integerAt(e[1], index), integerAt(e[2], index)];
  if (a === undefined || b === undefined) return undefined;
  if (e[0] === 'lt') return a < b ? 1 : 0;
  return e[0] === 'add' ? a + b : e[0] === 'sub' ? a - b : a * b;
}

/** The axes whose position an expression reads. */
function positionAxes(e: Expression): readonly number[] {
  if (e[0] === 'index') return [e[1]];
  return e.flatMap((part) => (Array.isArray(part) ? positionAxes(part as Expression) : []));
}

/** The expression as a line in the arguments that depend on inputs; undefined if it is none. */
function lineOf(e: Expression, args: readonly Line[], index: readonly number[]): Line | undefined {
  switch (e[0]) {
    case 'convert': {
      const value = e[1] === 'f32' ? integerAt(e[2], index) : undefined;
      return value === undefined ? undefined : [0, Math.fround(value)];
    }
    case 'arg':
      return args[e[1]];
    case 'const':
      return e[1] === 'f32' ? [0, floatOfBits(e[2])] : undefined;
    case 'neg': {
      const x = lineOf(e[1], args, index);
      return x && [-x[0], -x[1]];
    }
    case 'sqrt': {
      const x = lineOf(e[1], args, index);
      return x === undefined || x[0] !== 0 ? undefined : [0, Math.sqrt(x[1])];
    }
    case 'add':
    case 'sub':
    case 'mul':
    case 'div': {
      const [a, b] = [lineOf(e[1], args, index), lineOf(e[2], args, index)];
      if (a === undefined || b === undefined) return undefined;
      if (e[0] === 'add') return [a[0] + b[0], a[1] + b[1]];
      if (e[0] === 'sub') return [a[0] - b[0], a[1] - b[1]];
      if (b[0] === 0) return e[0] === 'mul' ? [a[0] * b[1], a[1] * b[1]] : [a[0] / b[1], a[1] / b[1]];
      return e[0] === 'mul' && a[0] === 0 ? [a[1] * b[0], a[1] * b[1]] : undefined;
    }
    default:
      return undefined;
  }
}

/** The map as factor * x + offset, both fixed and finite. */
export function affineOf(prepared: Prepared, id: TensorId): AffineMap | undefined {
  const node = mapAt(prepared, id);
  if (node === undefined) return undefined;
  const source = onlySource(prepared, node);
  if (source === undefined) return undefined;
  const { operands, maps, out, expression } = node;
  const own = positionAxes(expression);
  const axes = [...out.keys()].filter(
    (axis) =>
      own.includes(axis) ||
      operands.some(
        (operand, i) =>
          !prepared.isData[operand] &&
          varyingAxes(node, maps[i], prepared.nodes[operand].shape).includes(axis),
      ),
  );
  if (axes.some((axis) => typeof out[axis] === 'string')) return undefined;
  const extents = axes.map((axis) => out[axis] as number);
  const count = extents.reduce((a, b) => a * b, 1);
  const [factor, offset] = [new Float64Array(count), new Float64Array(count)];
  const whole = out.map(() => 0);
  let isAffine = true;
  eachIndex(extents, (index, flat) => {
    if (!isAffine) return;
    for (const [i, axis] of axes.entries()) whole[axis] = index[i];
    const args = operands.map(
      (operand, i): Line =>
        prepared.isData[operand] ? [1, 0] : [0, fixedElement(prepared, operand, maps[i], whole)],
    );
    const line = lineOf(expression, args, whole);
    if (line === undefined || !line.every(Number.isFinite)) isAffine = false;
    else [factor[flat], offset[flat]] = line;
  });
  if (!isAffine) return undefined;
  return {
    source,
    factor: squeezed(axes, extents, factor),
    offset: squeezed(axes, extents, offset),
  };
}

/** Two tensors that are added, subtracted or multiplied, however each is read. */
export interface PairMap {
  readonly operation: 'add' | 'sub' | 'mul';
  /** Places among the operands of the node. */
  readonly places: readonly [number, number];
}

/** The map as a sum, difference or product of two tensors that depend on inputs. */
export function pairOf(prepared: Prepared, id: TensorId): PairMap | undefined {
  const node = mapAt(prepared, id);
  if (node === undefined) return undefined;
  const [operation, a, b] = node.expression;
  if (operation !== 'add' && operation !== 'sub' && operation !== 'mul') return undefined;
  if (!Array.isArray(a) || !Array.isArray(b) || a[0] !== 'arg' || b[0] !== 'arg') return undefined;
  const places = [a[1] as number, b[1] as number] as const;
  if (places[0] === places[1] || !places.every((i) => prepared.isData[node.operands[i]])) return undefined;
  return { operation, places };
}

/** A tensor as a function of another, element by element, perhaps another one in each channel. */
export interface ElementFunction {
  readonly source: TensorId;
  /** Maps from the source on, in order. */
  readonly steps: readonly TensorId[];
  /** The axis along which the function varies. */
  readonly axis: number | undefined;
}

/** Maps of one function, at most: a bound on the work of planning, which looks at each map so. */
const mostSteps = 64;

/**
 * The map, with as many maps before it as possible, as a function of one tensor. Maps are taken from
 * the last on, but for `entries`; wherever only one tensor is left that they read, they are a
 * function of that.
 */
export function functionOf(
  prepared: Prepared,
  id: TensorId,
  entries: ReadonlySet<TensorId>,
): ElementFunction | undefined {
  const axes = new Set<number>();
  const steps: TensorId[] = [];
  const sources = new Set([id]);
  let found: ElementFunction | undefined;
  while (steps.length < mostSteps) {
    const last = Math.max(...sources);
    const node = entries.has(last) ? undefined : mapAt(prepared, last);
    const own = node && ownAxes(prepared, node);
    if (node === undefined || own === undefined || new Set([...axes, ...own]).size > 1) return found;
    // A factor and an offset for each channel belong to the sums before them.
    if (last !== id && own.length > 0 && affineOf(prepared, last) !== undefined) return found;
    for (const axis of own) axes.add(axis);
    steps.unshift(last);
    sources.delete(last);
    for (const operand of node.operands) if (prepared.isData[operand]) sources.add(operand);
    const [source] = sources;
    const [axis] = axes;
    if (sources.size === 1) found = { source, steps: [...steps], axis };
  }
  return found;
}

/** The axes along which a map's constants vary; undefined if it does not read in order. */
function ownAxes(prepared: Prepared, node: MapNode): readonly number[] | undefined {
  const { operands, maps, out, expression } = node;
  if (usesPosition(expression)) return undefined;
  const axes = new Set<number>();
  for (const [i, operand] of operands.entries()) {
    const { dtype, shape } = prepared.nodes[operand];
    if (prepared.isData[operand]) {
      if (dtype !== 'f32' || !readsInOrder(node, maps[i])) return undefined;
    } else for (const axis of varyingAxes(node, maps[i], shape)) axes.add(axis);
  }
  return [...axes].some((axis) => typeof out[axis] === 'string') ? undefined : [...axes];
}

/**
 * The values of a function at these arguments, (channels, arguments) row-major, by arithmetic 1.
 */
export async function evaluateFunction(
  prepared: Prepared,
  { source, steps, axis }: ElementFunction,
  channels: number,
  xs: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const g = createBuilder();
  const out = [channels, xs.length];
  const numbers = new Map<TensorId, TensorId>([[source, g.input('x', 'f32', out)]]);
  for (const id of steps) {
    const node = mapAt(prepared, id)!;
    const index = node.out.map(() => 0);
    const operands = node.operands.map((operand, i) => {
      if (prepared.isData[operand]) return { tensor: numbers.get(operand)!, map: project(2, [0, 1]) };
      const values = Float32Array.from({ length: channels }, (_, channel) => {
        if (axis !== undefined) index[axis] = channel;
        return fixedElement(prepared, operand, node.maps[i], index);
      });
      return { tensor: g.constant(values, [channels]), map: project(2, [0]) };
    });
    numbers.set(
      id,
      copyNode(
        g,
        {
          ...node,
          out,
          shape: out,
          maps: operands.map(({ map }) => map),
          detached: [],
          operands: [...operands.keys()],
        },
        (i) => operands[i].tensor,
      ),
    );
  }
  g.output('y', numbers.get(steps[steps.length - 1])!);
  const x = new Float32Array(channels * xs.length);
  for (let channel = 0; channel < channels; channel++) x.set(xs, channel * xs.length);
  return (await createProgram(g.finish())).run({ x }).y as Float32Array;
}
