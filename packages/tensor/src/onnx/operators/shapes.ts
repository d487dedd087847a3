/**
 * Operators that give the same elements another shape or order, repeat them, or put them side by
 * side. Target shapes are constants.
 */
import { project } from '../../graph/affine.ts';
import { flatten } from '../../graph/operations/shapes.ts';
import { type Extent, elementCount, extentFactors, multiplyExtents, type Shape } from '../../graph/shape.ts';
import { fixingHint, type NodeReader, type Operators, type Value } from '../reading.ts';
import {
  axesOf,
  axisOf,
  broadcastShape,
  broadcastTo,
  constantValue,
  fixedExtent,
  fixedShape,
  permute,
  reshapeTo,
  shapeOf,
  since,
  tensorValue,
  viewOf,
} from './build.ts';

/**
 * Applies a function of one tensor to input 0; a constant of the file keeps its data where only its
 * shape changes.
 */
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

/** 0 copies an extent unless `allowzero`, -1 takes what is left. */
function reshapeTarget(n: NodeReader, wanted: readonly Extent[]): Shape {
  const shape = n.shape(0);
  const zeroCopies = n.integer('allowzero', 0) === 0;
  const target = wanted.map((extent, axis): Extent => {
    if (extent !== 0 || !zeroCopies) return extent;
    return shape[axis] ?? n.refuse(`an axis ${axis} to copy`, `[${shape.join(',')}]`);
  });
  const open = target.indexOf(-1);
  if (open < 0) return target;
  const whole = extentFactors(multiplyExtents(shape));
  const rest = extentFactors(multiplyExtents(target.filter((_, axis) => axis !== open)));
  const left = [...whole.names];
  const divides = rest.names.every((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  const count = whole.count / rest.count;
  if (divides && Number.isInteger(count)) return target.with(open, multiplyExtents([count, ...left]));
  return n.refuse(`parts of [${shape.join(',')}]`, `[${target.join(',')}]`, fixingHint);
}

/** (product of the axes before `axis`, product of the rest). */
function flattened(shape: Shape, axis: number): Shape {
  return [multiplyExtents(shape.slice(0, axis)), multiplyExtents(shape.slice(axis))];
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

function squeezed(n: NodeReader, axes: readonly number[] | undefined): Value {
  const shape = n.shape(0);
  const gone = axes === undefined ? undefined : axesOf(n, axes, shape.length);
  const open = shape.find((extent) => typeof extent === 'string');
  if (gone === undefined && open !== undefined) {
    n.refuse(
      'the axes to squeeze, or extents that are numbers',
      `the extent ${open}, which would go if it were 1`,
      fixingHint,
    );
  }
  for (const axis of gone ?? []) {
    if (shape[axis] !== 1) n.refuse(`an extent of 1 on axis ${axis}`, `${shape[axis]}`);
  }
  return reshaped(
    n,
    shape.filter((extent, axis) => (gone === undefined ? extent !== 1 : !gone.includes(axis))),
  );
}

function fixedTail(n: NodeReader): readonly [Extent, number, number, number] {
  const [batch, ...rest] = n.shape(0);
  if (rest.length !== 3) n.refuse('a tensor of four axes', `[${n.shape(0).join(',')}]`);
  const [channels, height, width] = fixedShape(n, rest);
  return [batch, channels, height, width];
}

/** Axes of size `block` between depth and space. */
function blocks(n: NodeReader, toSpace: boolean): Value {
  const [batch, channels, height, width] = fixedTail(n);
  const b = n.integer('blocksize');
  const x = n.tensor(0);
  if (toSpace) {
    const depth = channels / b ** 2;
    const mode = n.text('mode', 'DCR');
    if (mode !== 'DCR' && mode !== 'CRD') n.refuse('mode DCR or CRD', mode);
    const columns = mode === 'CRD';
    const split: Shape = columns ? [batch, depth, b, b, height, width] : [batch, b, b, depth, height, width];
    const axes = columns ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
    const moved = permute(n, reshapeTo(n, x, split), axes);
    return tensorValue(reshapeTo(n, moved, [batch, depth, height * b, width * b]), n.type(0));
  }
  const split = reshapeTo(n, x, [batch, channels, height / b, b, width / b, b]);
  const moved = permute(n, split, [0, 3, 5, 1, 2, 4]);
  return tensorValue(reshapeTo(n, moved, [batch, channels * b ** 2, height / b, width / b]), n.type(0));
}

/** Operators on shape and order, by name. */
export const shapes: Operators = {
  Reshape: [
    [1, (n) => reshaped(n, reshapeTarget(n, n.integerList('shape')))],
    [5, (n) => reshaped(n, reshapeTarget(n, n.extents(1)))],
  ],
  Flatten: since(1, (n) => {
    const shape = n.shape(0);
    const axis = n.integer('axis', 1);
    const features = shape.slice(1).every((extent) => typeof extent === 'number');
    if (axis === 1 && shape.length > 1 && features && n.value(0).kind === 'tensor') {
      return tensorValue(flatten(n.g, n.tensor(0)), n.type(0));
    }
    return reshaped(n, flattened(shape, axis === shape.length ? axis : axisOf(n, axis, shape.length)));
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
  Concat: since(1, (n) => {
    const axis = axisOf(n, n.integer('axis', n.opset < 4 ? 1 : undefined), n.shape(0).length);
    const tensors = n.values().map((value) => n.place(value));
    if (tensors.length === 1) return n.value(0);
    return tensorValue(n.g.add({ kind: 'concat', operands: tensors, axis }, 'Concat'), n.type(0));
  }),
  DepthToSpace: since(1, (n) => blocks(n, true)),
  SpaceToDepth: since(1, (n) => blocks(n, false)),
};
