/**
 * What becomes of each tensor of a model: which are integers of their own, which are sums that wait
 * for their clamp, and which share a scale (docs/specs/quantise.md §3 and §4).
 */

import { flatten } from '../graph/affine.ts';
import type { PrimitiveNode, TensorId } from '../graph/graph.ts';
import { boundShape, elementCount, rowMajorStrides, type Shape } from '../graph/shape.ts';
import {
  affineOf,
  type Clamp,
  type Coefficients,
  clampOf,
  type ElementFunction,
  eachIndex,
  functionOf,
  mapAt,
  pairOf,
} from './maps.ts';
import type { Prepared } from './prepare.ts';

type Contract = Extract<PrimitiveNode, { kind: 'contract' }>;

/** Products with fixed weights, whose scales are free: they are chosen to fit the result's. */
export interface WeightedForm {
  readonly kind: 'weighted';
  readonly x: TensorId;
  /** The contraction; undefined where x itself is scaled by `factor`. */
  readonly contract: TensorId | undefined;
  /** Which operand of the contraction is fixed. */
  readonly place: number;
  /** The node whose shape the sums have, before factor and offset: the contraction, or a reshape. */
  readonly shaped: TensorId;
  /** The axis of that shape that weights tell apart, and the position on it of each weight. */
  readonly channels: Channels;
  /** Result = factor * sum + offset. */
  readonly factor: Coefficients;
  readonly offset: Coefficients;
}

/** Sums whose scale follows from what is summed. */
export interface FollowingForm {
  readonly kind: 'following';
  /** The contraction of two tensors, the sum over axes, or the map of two tensors. */
  readonly base: TensorId;
  readonly shaped: TensorId;
  readonly factor: number;
  /** Whole numbers from 1 up that sums are multiplied by, along some axes, before the factor. */
  readonly multiples?: Coefficients;
}

/** A tensor that is computed as sums of integers. */
export type Form = WeightedForm | FollowingForm;

/** Positions of weights along one axis of the sums. */
export interface Channels {
  readonly axis: number | undefined;
  readonly count: number;
  /** For each weight, row-major. */
  readonly of: Int32Array;
}

const one: Coefficients = { axes: [], values: Float64Array.of(1) };
const zero: Coefficients = { axes: [], values: Float64Array.of(0) };
const isExactly = (coefficients: Coefficients, value: number) =>
  coefficients.axes.length === 0 && coefficients.values[0] === value;

/** Numbers over the axes of both, made from them element by element. */
export function combine(
  shape: Shape,
  a: Coefficients,
  b: Coefficients,
  operation: (a: number, b: number) => number,
): Coefficients {
  const axes = [...new Set([...a.axes, ...b.axes])].sort((x, y) => x - y);
  const extents = axes.map((axis) => shape[axis] as number);
  const read = ({ axes: own, values }: Coefficients) => {
    const strides = rowMajorStrides(own.map((axis) => shape[axis] as number));
    return (index: readonly number[]) =>
      values[own.reduce((sum, axis, i) => sum + strides[i] * index[axes.indexOf(axis)], 0)];
  };
  const [readA, readB] = [read(a), read(b)];
  const values = new Float64Array(extents.reduce((x, y) => x * y, 1));
  eachIndex(extents, (index, flat) => {
    values[flat] = operation(readA(index), readB(index));
  });
  return { axes, values };
}

/** The largest whole number that sums are multiplied by. */
const largestMultiple = 2 ** 10;

/** Factors above 0, such as 1/4, 1/6 and 1/9, as whole numbers times the same one. */
function multiplesOf({
  axes,
  values,
}: Coefficients): Pick<FollowingForm, 'factor' | 'multiples'> | undefined {
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (!(least > 0)) return undefined;
  for (let parts = 1; (most / least) * parts <= largestMultiple + 0.5; parts++) {
    const exact = values.map((value) => (value / least) * parts);
    if (exact.every((value) => Math.abs(value - Math.round(value)) < 1e-9 * value)) {
      return { factor: least / parts, multiples: { axes, values: exact.map(Math.round) } };
    }
  }
  return undefined;
}

/** Named extents count as 1: where they are not mixed with others, nothing depends on them. */
const whileOne = (shape: Shape): readonly number[] =>
  shape.map((extent) => (typeof extent === 'number' ? extent : 1));

/** The sums of these strides over a space of these extents, row-major. */
function sumsOf(extents: readonly number[], strides: readonly number[]): readonly number[] {
  return extents.reduce<readonly number[]>(
    (sums, extent, axis) =>
      sums.flatMap((sum) => Array.from({ length: extent }, (_, i) => sum + i * strides[axis])),
    [0],
  );
}

/** Which axis of `shaped`, the shape of the sums in row-major order, weights tell apart. */
function channelsOf(node: Contract, place: number, weights: Shape, shaped: Shape): Channels {
  const own = boundShape(weights);
  const size = elementCount(own);
  const none: Channels = { axis: undefined, count: 1, of: new Int32Array(size) };
  const [out, k] = [whileOne(node.out), whileOne(node.k)];
  const { base, strides } = flatten(node.maps[place], own, out.length + k.length);
  const lines = [...out.keys()].filter((axis) => out[axis] > 1 && strides[axis] !== 0);
  const terms = [...k.keys()].filter((axis) => k[axis] > 1 && strides[out.length + axis] !== 0);
  const extents = [lines.map((axis) => out[axis]), terms.map((axis) => k[axis])];
  if (elementCount(extents.flat()) > size) return none;
  const final = whileOne(shaped);
  const finalStrides = rowMajorStrides(final);
  const outStrides = rowMajorStrides(out);
  const sums = sumsOf(
    extents[0],
    lines.map((axis) => outStrides[axis]),
  );
  const positionOn = (axis: number, flat: number) => Math.floor(flat / finalStrides[axis]) % final[axis];
  const varying = [...final.keys()].filter((axis) => sums.some((flat) => positionOn(axis, flat) > 0));
  if (varying.length !== 1) return none;
  const [axis] = varying;
  const firsts = sumsOf(
    extents[0],
    lines.map((each) => strides[each]),
  );
  const offsets = sumsOf(
    extents[1],
    terms.map((each) => strides[out.length + each]),
  );
  // A weight that nothing reads belongs to any channel.
  const of = new Int32Array(size);
  const isTaken = new Uint8Array(size);
  for (const [line, first] of firsts.entries()) {
    const channel = positionOn(axis, sums[line]);
    for (const offset of offsets) {
      const position = base + first + offset;
      if (isTaken[position] === 1 && of[position] !== channel) return none;
      of[position] = channel;
      isTaken[position] = 1;
    }
  }
  return { axis, count: final[axis], of };
}

/** What a model becomes, tensor by tensor. */
export interface Plan {
  /** How a tensor is summed, if it is. */
  formOf(id: TensorId): Form | undefined;
  /** A clamp over sums that nothing else reads. */
  fusedClamp(id: TensorId): Clamp | undefined;
  /** The tensor whose integers this one shows, moved about or clamped; itself if none. */
  rootOf(id: TensorId): TensorId;
  /** A tensor as a function of another one. */
  functionOf(id: TensorId): ElementFunction | undefined;
  /** Tensors that share the scale of this root: the same list for each of them. */
  groupOf(root: TensorId): readonly TensorId[];
}

const moving: ReadonlySet<string> = new Set(['view', 'reshape', 'pad']);

/** Plans a model; `entries` are the tensors that come in as integers. */
export function planQuantisation(prepared: Prepared, entries: ReadonlySet<TensorId>): Plan {
  const { nodes, isData, users, outputs } = prepared;
  const kept = new Set(outputs.map(({ tensor }) => tensor));
  const isOnlyReadOnce = (id: TensorId) => users[id].length === 1 && !kept.has(id) && !entries.has(id);
  const forms = new Map<TensorId, Form | undefined>();

  function formOf(id: TensorId): Form | undefined {
    if (!forms.has(id)) forms.set(id, entries.has(id) || !isData[id] ? undefined : makeForm(id));
    return forms.get(id);
  }

  function makeForm(id: TensorId): Form | undefined {
    const node = nodes[id];
    if (node.dtype !== 'f32') return undefined;
    switch (node.kind) {
      case 'contract': {
        const place = node.operands.findIndex((operand) => !isData[operand]);
        if (place < 0) return { kind: 'following', base: id, shaped: id, factor: 1 };
        const channels = channelsOf(node, place, nodes[node.operands[place]].shape, node.out);
        const x = node.operands[1 - place];
        return { kind: 'weighted', x, contract: id, place, shaped: id, channels, factor: one, offset: zero };
      }
      case 'reduce':
        return node.op === 'sum' ? { kind: 'following', base: id, shaped: id, factor: 1 } : undefined;
      case 'reshape':
        return reshapeForm(id, node.operands[0]);
      case 'map':
        return clampOf(prepared, id) === undefined ? mapForm(id) : undefined;
      default:
        return undefined;
    }
  }

  /** A reshape of sums that nothing was done with yet, as between groups and channels. */
  function reshapeForm(id: TensorId, operand: TensorId): Form | undefined {
    const form = isOnlyReadOnce(operand) ? formOf(operand) : undefined;
    if (form === undefined) return undefined;
    if (form.kind === 'following') return form.shaped === operand ? { ...form, shaped: id } : undefined;
    if (form.contract === undefined || form.shaped !== operand) return undefined;
    if (!isExactly(form.factor, 1) || !isExactly(form.offset, 0)) return undefined;
    const contract = nodes[form.contract] as Contract;
    const weights = nodes[contract.operands[form.place]].shape;
    return { ...form, shaped: id, channels: channelsOf(contract, form.place, weights, nodes[id].shape) };
  }

  function mapForm(id: TensorId): Form | undefined {
    const affine = affineOf(prepared, id);
    if (affine === undefined) {
      const isPair = pairOf(prepared, id) !== undefined && functionOf(prepared, id, entries) === undefined;
      return isPair ? { kind: 'following', base: id, shaped: id, factor: 1 } : undefined;
    }
    const { source, factor, offset } = affine;
    const sums = isOnlyReadOnce(source) ? formOf(source) : undefined;
    const { shape } = nodes[id];
    if (sums?.kind === 'following') {
      const isPlain = isExactly(offset, 0) && sums.multiples === undefined;
      const isPositive = factor.axes.length === 0 && factor.values[0] > 0;
      if (isPositive && isExactly(offset, 0)) return { ...sums, factor: sums.factor * factor.values[0] };
      const multiples = isPlain && isOneReduction(sums) ? multiplesOf(factor) : undefined;
      if (multiples !== undefined) return { ...sums, ...multiples, factor: sums.factor * multiples.factor };
    }
    if (sums?.kind === 'weighted') {
      const { axis } = sums.channels;
      if (factor.axes.every((each) => each === axis)) {
        return {
          ...sums,
          factor: combine(shape, sums.factor, factor, (a, b) => a * b),
          offset: combine(
            shape,
            combine(shape, sums.offset, factor, (a, b) => a * b),
            offset,
            (a, b) => a + b,
          ),
        };
      }
    }
    // Where one number is for all, a table does it.
    const isUniform = factor.axes.length === 0 && offset.axes.length === 0;
    if (isUniform || factor.axes.length > 1) return undefined;
    const count = factor.values.length;
    const channels = { axis: factor.axes[0], count, of: Int32Array.from({ length: count }, (_, i) => i) };
    return {
      kind: 'weighted',
      x: source,
      contract: undefined,
      place: 0,
      shaped: id,
      channels,
      factor,
      offset,
    };
  }

  function fusedClamp(id: TensorId): Clamp | undefined {
    const clamp = entries.has(id) ? undefined : clampOf(prepared, id);
    if (clamp === undefined || !isOnlyReadOnce(clamp.source)) return undefined;
    return formOf(clamp.source) === undefined ? undefined : clamp;
  }

  /** A sum of so few values of 8 bits, in its own shape, that its multiples fit 31 bits. */
  const isOneReduction = ({ base, shaped }: FollowingForm) => {
    const node = nodes[base];
    if (base !== shaped || node.kind !== 'reduce') return false;
    return whileOne(node.k).reduce((terms, extent) => terms * extent, 255 * largestMultiple) < 2 ** 31;
  };

  const roots = new Map<TensorId, TensorId>();
  function rootOf(id: TensorId): TensorId {
    const known = roots.get(id) ?? findRoot(id);
    roots.set(id, known);
    return known;
  }

  function findRoot(id: TensorId): TensorId {
    const node = nodes[id];
    if (entries.has(id) || !isData[id] || node.dtype !== 'f32' || formOf(id) !== undefined) return id;
    if (moving.has(node.kind) && 'operands' in node) return rootOf(node.operands[0]);
    if (node.kind === 'gather' && isData[node.operands[0]]) return rootOf(node.operands[0]);
    if (node.kind === 'reduce' && (node.op === 'max' || node.op === 'min')) return rootOf(node.operands[0]);
    const clamp = clampOf(prepared, id);
    return clamp === undefined || fusedClamp(id) !== undefined ? id : rootOf(clamp.source);
  }

  const leaders = nodes.map((_, id) => id);
  /** The tensor that stands for the group, with shorter ways for who asks next. */
  const leaderOf = (id: TensorId): TensorId => {
    let at = id;
    while (leaders[at] !== at) at = leaders[at] = leaders[leaders[at]];
    return at;
  };
  const join = ([first, ...others]: readonly TensorId[]) => {
    for (const other of others) leaders[leaderOf(other)] = leaderOf(first);
  };
  // In order, so that each finds the answers of those before it, however deep the model is.
  for (const [id, node] of nodes.entries()) {
    formOf(id);
    rootOf(id);
    if (!isData[id] || node.dtype !== 'f32' || entries.has(id)) continue;
    if (node.kind === 'concat') join([id, ...node.operands.filter((each) => isData[each]).map(rootOf)]);
    const pair = mapAt(prepared, id) === undefined ? undefined : pairOf(prepared, id);
    const form = pair === undefined ? undefined : formOf(id);
    if (pair === undefined || form?.kind !== 'following' || form.base !== id || pair.operation === 'mul')
      continue;
    const operands = pair.places.map((place) => (node as PrimitiveNode).operands[place]);
    const [user] = users[id];
    const result = user !== undefined && fusedClamp(user)?.source === id ? user : id;
    join([result, ...operands.map(rootOf)]);
  }
  const groups = new Map<TensorId, TensorId[]>();
  for (const id of nodes.keys()) {
    const group = groups.get(leaderOf(id));
    if (group === undefined) groups.set(leaderOf(id), [id]);
    else group.push(id);
  }
  return {
    formOf,
    fusedClamp,
    rootOf,
    functionOf: (id) => functionOf(prepared, id, entries),
    groupOf: (root) => groups.get(leaderOf(root))!,
  };
}
