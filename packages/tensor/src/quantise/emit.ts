/**
 * Writes the graph of integers (docs/specs/quantise.md §5): each tensor of the model that has
 * integers of its own, by what the plan and the scales say.
 */
import { project } from '../graph/affine.ts';
import { createBuilder } from '../graph/builder.ts';
import { addMap, addReshape } from '../graph/emit.ts';
import { arg, floatOfBits } from '../graph/expression.ts';
import { type Graph, isLeaf, type PrimitiveNode, type TensorId } from '../graph/graph.ts';
import type { Primitive } from '../graph/primitives.ts';
import type { Shape } from '../graph/shape.ts';
import type { Entries } from './encoder.ts';
import { type Coefficients, clampOf, evaluateFunction, pairOf } from './maps.ts';
import { combine, type FollowingForm, type Plan, type WeightedForm } from './plan.ts';
import type { Prepared } from './prepare.ts';
import { refuse } from './refuse.ts';
import type { IntegerScale, Targets } from './targets.ts';

/** A tensor of the model that has integers of its own. */
export interface QuantisedTensor extends IntegerScale {
  /** `dense0`, or the operator and the number of its node. */
  readonly name: string;
  /** Its node in the model in primitives. */
  readonly float: TensorId;
}

const largestWeight = 127;
/**
 * No channel is shifted further, nor as far as its sums could come near to what the field holds.
 */
const largestShift = 24;
const largestSum = 2 ** 29;

/** Rounds half up, as `requantise` does. */
const roundHalfUp = (x: number) => Math.floor(x + 0.5);
const clampTo = (x: number, low: number, high: number) => Math.max(low, Math.min(high, x));
/** The integer for x. */
const toInteger = (x: number, { scale, low, high }: IntegerScale) =>
  clampTo(roundHalfUp(x / scale), low, high);

/** Integers under construction. */
interface Activation extends IntegerScale {
  readonly tensor: TensorId;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}
const unbounded: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** A primitive without what is inferred, over other operands. */
function withOperands(node: PrimitiveNode, operands: readonly TensorId[]): Primitive {
  const { dtype: _, shape: __, note: ___, ...primitive } = node;
  return { ...primitive, operands } as Primitive;
}

/** The name of a tensor: that of the layer whose parameters it has, or operator and node. */
function nameTensor({ model, origins }: Prepared, id: TensorId): string {
  const node = model.nodes[origins[id]];
  if (isLeaf(node)) return node.kind === 'input' ? node.name : node.kind;
  for (const operand of node.operands) {
    const leaf = model.nodes[operand];
    const layer = leaf.kind === 'parameter' ? /^(.+)\.[^.]+$/.exec(leaf.name)?.[1] : undefined;
    if (layer !== undefined) return layer;
  }
  return `${node.kind} ${origins[id]}`;
}

/** The graph of integers, and the same with all integers as outputs. */
export async function emitIntegers(
  prepared: Prepared,
  plan: Plan,
  entries: Entries,
  targets: Targets,
): Promise<{
  readonly integers: Graph;
  readonly probe: Graph;
  readonly tensors: readonly QuantisedTensor[];
  readonly scales: Readonly<Record<string, IntegerScale>>;
}> {
  const { nodes, origins, model, isData, fixed, outputs } = prepared;
  const g = createBuilder();
  const inputs = new Map([...entries].map(([name, entry]) => [entry, name]));
  const activations = new Map<TensorId, Activation>();
  const positions = new Map<TensorId, TensorId>();
  const unsupported = (id: TensorId, expected: string, hint?: string) =>
    refuse(model, origins[id], expected, hint);
  const shapeOf = (id: TensorId): Shape => nodes[id].shape;

  function requantise(x: TensorId, shifts: readonly number[], { low, high }: Bounds, axis = 0): TensorId {
    const isOne = shifts.every((shift) => shift === shifts[0]);
    const shift = isOne ? shifts.slice(0, 1) : shifts;
    const zero = shift.map(() => 0);
    return g.add({ kind: 'requantise', operands: [x], axis: isOne ? 0 : axis, shift, zero, low, high });
  }

  /** Sums at a scale times 2^-shift become integers at that scale, within bounds of the model. */
  function clampSums(
    sums: TensorId,
    shifts: readonly number[],
    target: IntegerScale,
    bounds: Bounds,
    axis?: number,
  ): Activation {
    const range = { low: toInteger(bounds.low, target), high: toInteger(bounds.high, target) };
    return { ...range, scale: target.scale, tensor: requantise(sums, shifts, range, axis) };
  }

  const constant = (values: Int32Array, shape: readonly number[]) => g.constant(values, shape);

  const fixedIntegers = (id: TensorId, target: IntegerScale): TensorId =>
    constant(
      Int32Array.from(fixed.get(id)!, (value) => toInteger(value, target)),
      shapeOf(id) as readonly number[],
    );

  /** The integers of a tensor. */
  async function activation(id: TensorId): Promise<Activation> {
    const known = activations.get(id);
    if (known !== undefined) return known;
    // Leaves the stack, which a deep model would exhaust.
    await undefined;
    const made = await makeActivation(id);
    activations.set(id, made);
    return made;
  }

  async function makeActivation(id: TensorId): Promise<Activation> {
    const input = inputs.get(id);
    const target = targets.scaleOf(id);
    if (input !== undefined) {
      return { ...target, tensor: requantise(g.input(input, 'i32', shapeOf(id)), [0], target) };
    }
    const node = nodes[id];
    if (node.dtype !== 'f32') return unsupported(id, 'floats where integers are computed with');
    if (plan.formOf(id) !== undefined) return sum(id, target, unbounded);
    switch (node.kind) {
      case 'map': {
        const clamp = clampOf(prepared, id);
        if (clamp === undefined) return lookUp(id, target);
        if (plan.fusedClamp(id) !== undefined) return sum(clamp.source, target, clamp);
        const x = await activation(clamp.source);
        return clampSums(x.tensor, [0], x, clamp);
      }
      case 'view':
      case 'reshape':
        return move(node, await activation(node.operands[0]));
      case 'reduce':
        // Sums have a form; positions are no floats.
        return move(node, await activation(node.operands[0]));
      case 'gather': {
        const [data, index] = node.operands;
        if (!isData[data]) return unsupported(id, 'rows of a tensor that depends on an input');
        const x = await activation(data);
        return { ...x, tensor: g.add(withOperands(node, [x.tensor, await position(index)]), node.note) };
      }
      case 'pad': {
        const x = await activation(node.operands[0]);
        return move({ ...node, valueBits: toInteger(floatOfBits(node.valueBits), x) >>> 0 }, x);
      }
      case 'concat': {
        const parts: TensorId[] = [];
        for (const operand of node.operands) {
          parts.push(
            isData[operand] ? (await adapt(operand, target)).tensor : fixedIntegers(operand, target),
          );
        }
        return { ...target, tensor: g.add({ kind: 'concat', operands: parts, axis: node.axis }, node.note) };
      }
      default:
        return unsupported(id, 'products with weights, sums, extremes, and functions of one tensor');
    }
  }

  const move = (node: PrimitiveNode, x: Activation): Activation => ({
    ...x,
    tensor: g.add(withOperands(node, [x.tensor]), node.note),
  });

  /** A function of one tensor as a table; one table for each channel, one after the other. */
  async function lookUp(id: TensorId, target: IntegerScale): Promise<Activation> {
    const f = plan.functionOf(id);
    if (f === undefined) return unsupported(id, 'sums, products, and functions of one tensor');
    const x = await narrow(f.source);
    const count = x.high - x.low + 1;
    const shape = shapeOf(id);
    const channels = f.axis === undefined ? 1 : (shape[f.axis] as number);
    const xs = Float32Array.from({ length: count }, (_, i) => (x.low + i) * x.scale);
    const values = await evaluateFunction(prepared, f, channels, xs);
    const bad = values.findIndex(Number.isNaN);
    if (bad >= 0) {
      const hint = `It has none at ${xs[bad % count]}: let clip keep its argument where it is defined.`;
      return unsupported(id, 'a function that has a value at each argument that its table holds', hint);
    }
    const table = constant(
      Int32Array.from(values, (value) => toInteger(value, target)),
      [values.length],
    );
    let index = x.tensor;
    if (f.axis !== undefined) {
      const starts = Int32Array.from({ length: channels }, (_, channel) => channel * count);
      const start = { tensor: constant(starts, [channels]), map: project(shape.length, [f.axis]) };
      index = addMap(g, shape, ['add', arg(0), arg(1)], [{ tensor: index }, start]);
    }
    const high = x.low + values.length - 1;
    const note = `table of ${nameTensor(prepared, id)}`;
    return { ...target, tensor: g.add({ kind: 'lookup', operands: [index, table], low: x.low, high }, note) };
  }

  /** The integers of a tensor, 8 bits of them. */
  async function narrow(id: TensorId): Promise<Activation> {
    const x = await activation(id);
    if (x.high - x.low <= 255) return x;
    // What calibration saw fits; the rest is clamped.
    const seen = targets.extremesOf(plan.rootOf(id));
    const least = Math.max(x.low, seen.low / x.scale);
    const most = Math.min(x.high, seen.high / x.scale);
    const byte = least < 0 ? { low: -128, high: 127 } : { low: 0, high: 255 };
    let shift = 1;
    while (least / 2 ** shift < byte.low || most / 2 ** shift > byte.high) shift++;
    const ends = [x.low, x.high].map((end) => clampTo(roundHalfUp(end / 2 ** shift), byte.low, byte.high));
    const range = { low: ends[0], high: ends[1] };
    return { ...range, scale: x.scale * 2 ** shift, tensor: requantise(x.tensor, [shift], range) };
  }

  /** The integers of a tensor at a scale that it shares with others. */
  async function adapt(id: TensorId, target: IntegerScale): Promise<Activation> {
    const own = await activation(id);
    if (own.scale === target.scale && own.low >= target.low && own.high <= target.high) return own;
    const { tensor, scale, low, high } = await narrow(id);
    const entries = Int32Array.from({ length: high - low + 1 }, (_, i) =>
      toInteger((low + i) * scale, target),
    );
    const operands = [tensor, constant(entries, [entries.length])];
    return { ...target, tensor: g.add({ kind: 'lookup', operands, low, high }, 'rescale') };
  }

  function sum(id: TensorId, target: IntegerScale, bounds: Bounds): Promise<Activation> {
    const form = plan.formOf(id)!;
    return form.kind === 'weighted'
      ? sumWeighted(form, target, bounds)
      : sumFollowing(id, form, target, bounds);
  }

  /** Products with weights, whose scales make the result's a power of two of the sums'. */
  async function sumWeighted(form: WeightedForm, target: IntegerScale, bounds: Bounds): Promise<Activation> {
    const x = await narrow(form.x);
    const { channels, factor, offset } = form;
    const contract = form.contract === undefined ? undefined : (nodes[form.contract] as Contract);
    const source = contract?.operands[form.place];
    const values = source === undefined ? new Float64Array(channels.count).fill(1) : fixed.get(source)!;
    const factorOf = (channel: number) => factor.values[factor.axes.length === 0 ? 0 : channel];
    const weights = new Float64Array(values.length);
    const largest = new Float64Array(channels.count);
    for (let i = 0; i < weights.length; i++) {
      const channel = channels.of[i];
      weights[i] = values[i] * factorOf(channel);
      largest[channel] = Math.max(largest[channel], Math.abs(weights[i]));
    }
    const shape = shapeOf(form.shaped);
    const axes = channels.axis === undefined ? [] : [channels.axis];
    // No unit of x times a weight may be more than the largest weight of a sum that is not shifted.
    const scale = largest.reduce((most, w) => Math.max(most, (w * x.scale) / largestWeight), target.scale);
    const terms = contract === undefined ? 1 : countTerms(contract);
    const mostX = Math.max(-x.low, x.high) * x.scale;
    const mostOffset = offset.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const shifts = largest.map((w) => {
      const isTooFar = (shift: number) =>
        w * x.scale * 2 ** shift > largestWeight * scale ||
        (terms * w * mostX + mostOffset) * 2 ** shift > largestSum * scale;
      let shift = w === 0 ? 0 : largestShift;
      while (shift > 0 && isTooFar(shift)) shift--;
      return shift;
    });
    const integers = new Int32Array(weights.length);
    for (let i = 0; i < weights.length; i++) {
      const exact = (weights[i] * x.scale * 2 ** shifts[channels.of[i]]) / scale;
      integers[i] = clampTo(roundHalfUp(exact), -largestWeight, largestWeight);
    }
    let sums: TensorId;
    if (contract === undefined) {
      const operands = [x.tensor, constant(integers, axes.length === 0 ? [] : [channels.count])];
      const maps = [project(shape.length, [...shape.keys()]), project(shape.length, axes)];
      sums = g.add({ kind: 'contract', operands, out: shape, k: [], maps }, 'scale');
    } else {
      const weight = constant(integers, shapeOf(source!) as readonly number[]);
      const operands = form.place === 0 ? [weight, x.tensor] : [x.tensor, weight];
      sums = g.add(withOperands(contract, operands), contract.note);
      sums = addReshape(g, sums, shape);
    }
    const shiftOf: Coefficients = { axes, values: shifts };
    const bias = combine(shape, offset, shiftOf, (value, shift) =>
      clampTo(roundHalfUp((value * 2 ** shift) / scale), -(2 ** 30), 2 ** 30),
    );
    if (bias.values.some((value) => value !== 0)) {
      const extents = bias.axes.map((axis) => shape[axis] as number);
      const tensor = constant(Int32Array.from(bias.values), extents);
      const term = { tensor, map: project(shape.length, bias.axes) };
      sums = addMap(g, shape, ['add', arg(0), arg(1)], [{ tensor: sums }, term], 'bias');
    }
    return clampSums(sums, [...shifts], { ...target, scale }, bounds, channels.axis);
  }

  /** Sums whose scale follows from their operands: shifted as far as the result needs. */
  async function sumFollowing(
    id: TensorId,
    { base, shaped, factor, multiples }: FollowingForm,
    target: IntegerScale,
    bounds: Bounds,
  ): Promise<Activation> {
    const sums = await addFollowing(base, target);
    let scale = sums.scale * factor;
    let shift = 0;
    // Up to a 500th below, all that is lost is the last unit.
    for (; scale < target.scale * (1 - 2 ** -9) && shift < 31; shift++) scale *= 2;
    if (scale < target.scale / 2) {
      return unsupported(id, 'sums less than 2^31 times as fine as their result');
    }
    const shape = shapeOf(shaped);
    let tensor = addReshape(g, sums.tensor, shape);
    if (multiples !== undefined) {
      const extents = multiples.axes.map((axis) => shape[axis] as number);
      const own = {
        tensor: constant(Int32Array.from(multiples.values), extents),
        map: project(shape.length, multiples.axes),
      };
      tensor = addMap(g, shape, ['mul', arg(0), arg(1)], [{ tensor }, own], 'parts of a mean');
    }
    return clampSums(tensor, [shift], { ...target, scale }, bounds);
  }

  async function addFollowing(base: TensorId, target: IntegerScale) {
    const node = nodes[base] as PrimitiveNode;
    if (node.kind === 'reduce') return move(node, await narrow(node.operands[0]));
    if (node.kind === 'contract') {
      const [a, b] = [await narrow(node.operands[0]), await narrow(node.operands[1])];
      const tensor = g.add(withOperands(node, [a.tensor, b.tensor]), node.note);
      return { scale: a.scale * b.scale, tensor };
    }
    const { operation, places } = pairOf(prepared, base)!;
    const { operands, maps } = node as Extract<PrimitiveNode, { kind: 'map' }>;
    const shared = operation === 'mul' ? narrow : (operand: TensorId) => adapt(operand, target);
    const [a, b] = [await shared(operands[places[0]]), await shared(operands[places[1]])];
    const read = [a, b].map(({ tensor }, i) => ({ tensor, map: maps[places[i]] }));
    const tensor = addMap(g, shapeOf(base), [operation, arg(0), arg(1)], read, node.note);
    return { scale: operation === 'mul' ? a.scale * b.scale : target.scale, tensor };
  }

  /** What the model has as integers: positions, and what is made of them. */
  async function position(id: TensorId): Promise<TensorId> {
    const known = positions.get(id);
    if (known !== undefined) return known;
    await undefined;
    const node = nodes[id];
    const operands: TensorId[] = [];
    if (!isData[id]) return constant(fixed.get(id) as Int32Array, node.shape as readonly number[]);
    if (isLeaf(node)) return unsupported(id, 'inputs f32');
    for (const operand of node.operands) {
      if (nodes[operand].dtype === 'i32') operands.push(await position(operand));
      else if (node.kind === 'reduce') operands.push((await activation(operand)).tensor);
      else return unsupported(id, 'integers made of integers, or positions of extremes');
    }
    const made = g.add(withOperands(node as PrimitiveNode, operands), node.note);
    positions.set(id, made);
    return made;
  }

  const scales: Record<string, IntegerScale> = {};
  for (const { name, tensor } of outputs) {
    if (nodes[tensor].dtype === 'i32') g.output(name, await position(tensor));
    else if (!isData[tensor]) unsupported(tensor, 'outputs that depend on an input');
    else {
      const { scale, low, high, tensor: integers } = await activation(tensor);
      scales[name] = { scale, low, high };
      g.output(name, integers);
    }
  }
  const integers = g.finish();
  const own = [...activations].filter(([id]) => plan.rootOf(id) === id);
  const tensors = own.map(([id, { scale, low, high }]): QuantisedTensor => {
    const form = plan.formOf(plan.fusedClamp(id)?.source ?? id);
    const layer = form?.kind === 'weighted' ? (form.contract ?? id) : id;
    return { name: nameTensor(prepared, layer), float: id, scale, low, high };
  });
  for (const [i, [, { tensor }]] of own.entries()) g.output(`t${i}`, tensor);
  return { integers, probe: g.finish(), tensors, scales };
}

type Contract = Extract<PrimitiveNode, { kind: 'contract' }>;

const countTerms = ({ k }: Contract) =>
  k.reduce((count: number, extent) => count * (typeof extent === 'number' ? extent : 1), 1);
