/**
 * RNN, GRU and LSTM, unrolled: the number of steps is an extent, so the graph stays static, and
 * derivative, replay and proof come by themselves. The products of all inputs with their weights
 * are one contraction; a step adds that of the state, and a map or two for the gates.
 *
 * Inputs (operator sets 1 to 22): X (T,B,I), W (D,G*H,I), R (D,G*H,H), bias (D,2*G*H), lengths (B),
 * first states (D,B,H), peepholes (D,3*H); D directions, G gates. With layout 1 the batch is the
 * first axis of X, Y and states.
 */
import type { Affine } from '../../graph/affine.ts';
import { addMap, type MapOperand } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { type Extent, equalShapes, type Shape } from '../../graph/shape.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import { fixedExtent, floatType, permute, reshapeTo, shapeOf, since, tensorValue } from './build.ts';
import { affine } from './linear.ts';

type Function1 = (x: Expression) => Expression;

const one = constant(1);
const zero = constant(0);
const add = (a: Expression, b: Expression): Expression => ['add', a, b];
const sub = (a: Expression, b: Expression): Expression => ['sub', a, b];
const mul = (a: Expression, b: Expression): Expression => ['mul', a, b];
const exp = (a: Expression): Expression => ['call', 'exp', a];
const choose = (c: Expression, a: Expression, b: Expression): Expression => ['select', c, a, b];
const smallest = (a: Expression, b: Expression): Expression => choose(['lt', b, a], b, a);
const largest = (a: Expression, b: Expression): Expression => choose(['lt', a, b], b, a);

/** Activations, with the presets of alpha and beta that ONNX gives. */
const activations: Readonly<Record<string, (alpha?: number, beta?: number) => Function1>> = {
  sigmoid: () => (x) => {
    const below: Expression = ['lt', x, zero];
    const decay = exp(choose(below, x, ['neg', x]));
    return ['div', choose(below, decay, one), add(one, decay)];
  },
  tanh: () => (x) => ['call', 'tanh', x],
  relu: () => (x) => choose(['lt', zero, x], x, zero),
  affine:
    (alpha = 1, beta = 0) =>
    (x) =>
      add(mul(constant(alpha), x), constant(beta)),
  leakyrelu:
    (alpha = 0.01) =>
    (x) =>
      choose(['lt', x, zero], mul(constant(alpha), x), x),
  scaledtanh:
    (alpha = 1, beta = 1) =>
    (x) =>
      mul(constant(alpha), ['call', 'tanh', mul(constant(beta), x)]),
  hardsigmoid:
    (alpha = 0.2, beta = 0.5) =>
    (x) =>
      smallest(largest(add(mul(constant(alpha), x), constant(beta)), zero), one),
  softsign: () => (x) => ['div', x, add(one, choose(['lt', x, zero], ['neg', x], x))],
  elu:
    (alpha = 1) =>
    (x) =>
      choose(['lt', x, zero], mul(constant(alpha), sub(exp(smallest(x, zero)), one)), x),
};

/** The activations of one direction, `count` of them, after the node's clip. */
function readActivations(
  n: NodeReader,
  presets: readonly string[],
  directions: number,
): readonly Function1[][] {
  const count = presets.length;
  const names = n.textList('activations', []);
  const [alphas, betas] = [n.floatList('activation_alpha', []), n.floatList('activation_beta', [])];
  const wanted = names.length === 0 ? Array(directions).fill(presets).flat() : names;
  if (wanted.length !== count * directions) n.refuse(`${count * directions} activations`, `${wanted.length}`);
  const clip = n.hasAttribute('clip') ? n.float('clip') : undefined;
  const all = wanted.map((name: string, i: number): Function1 => {
    const made = activations[name.toLowerCase()]?.(alphas[i], betas[i]);
    if (made === undefined) return n.refuse('an activation that is read', name);
    if (clip === undefined || clip === 0) return made;
    return (x) => made(smallest(largest(x, constant(-clip)), constant(clip)));
  });
  return Array.from({ length: directions }, (_, d) => all.slice(d * count, (d + 1) * count));
}

/** One direction of a layer, ready to take steps. */
interface Direction {
  readonly n: NodeReader;
  readonly d: number;
  readonly batch: Extent;
  readonly hidden: number;
  readonly gates: number;
  readonly functions: readonly Function1[];
  /** (T,B,G*H): the products of all inputs, with the biases. */
  readonly inputs: TensorId;
  /** (D,G*H,H) */
  readonly weights: TensorId;
  /** (D,2*G*H), if there is one. */
  readonly bias: TensorId | undefined;
}

/** What a layer carries from step to step: the hidden state, and the cell of an LSTM. */
interface State {
  readonly hidden: TensorId;
  readonly cell?: TensorId;
}

const zeros = (n: NodeReader, shape: Shape): TensorId => addMap(n.g, shape, zero, [], n.node.operator);

/** Gate `g` of step `t` of the inputs, at (B,H). */
function inputGate({ inputs, hidden }: Direction, t: number, g: number): MapOperand {
  return { tensor: inputs, map: affine(2, [{}, { 0: 1 }, { 1: 1 }], [t, 0, g * hidden]) };
}

/** Gate `g` of a product (B,G*H), at (B,H). */
const gateOf = (tensor: TensorId, hidden: number, g: number): MapOperand => ({
  tensor,
  map: affine(2, [{ 0: 1 }, { 1: 1 }], [0, g * hidden]),
});

/** Entries of a row `d` of a matrix from `offset` on, the same for the whole batch. */
const rowOf = (tensor: TensorId, d: number, offset: number): MapOperand => ({
  tensor,
  map: affine(2, [{}, { 1: 1 }], [d, offset]),
});

/** The state times the weights of gates `from` to before `to`: (B,(to-from)*H). */
function stateProduct(direction: Direction, state: TensorId, from: number, to: number): TensorId {
  const { n, d, batch, hidden, weights } = direction;
  const maps: readonly Affine[] = [
    affine(3, [{ 0: 1 }, { 2: 1 }]),
    affine(3, [{}, { 1: 1 }, { 2: 1 }], [d, from * hidden, 0]),
  ];
  const out = [batch, (to - from) * hidden];
  return n.g.add({ kind: 'contract', operands: [state, weights], out, k: [hidden], maps }, n.node.operator);
}

function map({ n, batch, hidden }: Direction, e: Expression, operands: readonly MapOperand[]): TensorId {
  return addMap(n.g, [batch, hidden], e, operands, n.node.operator);
}

type Step = (direction: Direction, t: number, state: State) => State;

const stepRnn: Step = (direction, t, { hidden }) => {
  const [f] = direction.functions;
  const product = stateProduct(direction, hidden, 0, 1);
  return {
    hidden: map(direction, f(add(arg(0), arg(1))), [inputGate(direction, t, 0), { tensor: product }]),
  };
};

/** Gates in the order i, o, f, c; peepholes in the order i, o, f. */
const stepLstm =
  (peepholes: TensorId | undefined, coupled: boolean): Step =>
  (direction, t, { hidden, cell }) => {
    const [f, g, h] = direction.functions;
    const size = direction.hidden;
    const product = stateProduct(direction, hidden, 0, 4);
    const gate = (i: number) => [inputGate(direction, t, i), gateOf(product, size, i)];
    const peephole = (i: number) =>
      peepholes === undefined ? [] : [rowOf(peepholes, direction.d, i * size)];
    const looking = (sum: Expression, p: number, c: Expression) =>
      peepholes === undefined ? sum : add(sum, mul(arg(p), c));
    const c = arg(0);
    const operands = [
      { tensor: cell! },
      ...gate(0),
      ...gate(3),
      ...(coupled ? [] : gate(2)),
      ...peephole(0),
      ...(coupled ? [] : peephole(2)),
    ];
    const input = f(looking(add(arg(1), arg(2)), coupled ? 5 : 7, c));
    const forget = coupled ? sub(one, input) : f(looking(add(arg(5), arg(6)), 8, c));
    const next = map(direction, add(mul(forget, c), mul(input, g(add(arg(3), arg(4))))), operands);
    const output = f(looking(add(arg(1), arg(2)), 3, c));
    return {
      cell: next,
      hidden: map(direction, mul(output, h(c)), [{ tensor: next }, ...gate(1), ...peephole(1)]),
    };
  };

/** Gates in the order z, r, h. */
const stepGru =
  (linearFirst: boolean): Step =>
  (direction, t, { hidden }) => {
    const [f, g] = direction.functions;
    const { hidden: size, bias, d } = direction;
    const ours = { tensor: hidden };
    const mixed = (z: Expression, candidate: Expression, h: Expression) =>
      add(mul(sub(one, z), candidate), mul(z, h));
    if (linearFirst) {
      const product = stateProduct(direction, hidden, 0, 3);
      const operands = [0, 1, 2].flatMap((i) => [inputGate(direction, t, i), gateOf(product, size, i)]);
      const [z, r] = [f(add(arg(0), arg(1))), f(add(arg(2), arg(3)))];
      const state = bias === undefined ? arg(5) : add(arg(5), arg(7));
      const candidate = g(add(arg(4), mul(r, state)));
      const biases = bias === undefined ? [] : [rowOf(bias, d, 5 * size)];
      return { hidden: map(direction, mixed(z, candidate, arg(6)), [...operands, ours, ...biases]) };
    }
    const product = stateProduct(direction, hidden, 0, 2);
    const gate = (i: number) => [inputGate(direction, t, i), gateOf(product, size, i)];
    const reset = map(direction, mul(f(add(arg(0), arg(1))), arg(2)), [...gate(1), ours]);
    const operands = [
      ...gate(0),
      inputGate(direction, t, 2),
      { tensor: stateProduct(direction, reset, 2, 3) },
      ours,
    ];
    const candidate = g(add(arg(2), arg(3)));
    return { hidden: map(direction, mixed(f(add(arg(0), arg(1))), candidate, arg(4)), operands) };
  };

/** The products of all inputs with the weights of a direction, and the biases that are added. */
function inputProducts(
  n: NodeReader,
  x: TensorId,
  d: number,
  width: number,
  bias: TensorId | undefined,
  biasedGates: number,
): TensorId {
  const weights = n.tensor(1);
  const [steps, batch, features] = shapeOf(n, x);
  const out = [steps, batch, width];
  const maps: readonly Affine[] = [
    affine(4, [{ 0: 1 }, { 1: 1 }, { 3: 1 }]),
    affine(4, [{}, { 2: 1 }, { 3: 1 }], [d, 0, 0]),
  ];
  const product = n.g.add(
    { kind: 'contract', operands: [x, weights], out, k: [features], maps },
    n.node.operator,
  );
  if (bias === undefined) return product;
  const row = (offset: number): MapOperand => ({
    tensor: bias,
    map: affine(3, [{}, { 2: 1 }], [d, offset]),
  });
  const both = add(arg(1), arg(2));
  // The bias of a state that is gated before it is added stays outside.
  const chosen =
    biasedGates < width ? choose(['lt', ['index', 2], integer(biasedGates)], both, arg(1)) : both;
  return addMap(n.g, out, add(arg(0), chosen), [{ tensor: product }, row(0), row(width)], n.node.operator);
}

/** Where a sequence has ended the state stays and the output is zero. */
function masked(
  direction: Direction,
  lengths: TensorId,
  t: number,
  next: TensorId,
  last: TensorId | undefined,
): TensorId {
  const runs: Expression = ['lt', integer(t), arg(1)];
  const length = { tensor: lengths, map: affine(2, [{ 0: 1 }]) };
  const operands = [{ tensor: next }, length, ...(last === undefined ? [] : [{ tensor: last }])];
  return map(direction, choose(runs, arg(0), last === undefined ? zero : arg(2)), operands);
}

interface Layer {
  readonly gates: number;
  readonly presets: readonly string[];
  readonly step: (n: NodeReader) => Step;
  readonly hasCell: boolean;
  /** How many gates take both biases with the inputs. */
  readonly biasedGates: (n: NodeReader) => number;
}

/** Runs one direction; the outputs are in the order of time. */
function runDirection(
  n: NodeReader,
  direction: Direction,
  step: Step,
  first: State,
  backwards: boolean,
): { readonly outputs: readonly TensorId[]; readonly last: State } {
  const steps = shapeOf(n, direction.inputs)[0] as number;
  const lengths = n.has(4) ? n.tensor(4) : undefined;
  const outputs: TensorId[] = [];
  let state = first;
  for (let i = 0; i < steps; i++) {
    const t = backwards ? steps - 1 - i : i;
    const next = step(direction, t, state);
    if (lengths === undefined) {
      state = next;
      outputs.push(next.hidden);
      continue;
    }
    outputs.push(masked(direction, lengths, t, next.hidden, undefined));
    state = {
      hidden: masked(direction, lengths, t, next.hidden, state.hidden),
      ...(next.cell === undefined ? {} : { cell: masked(direction, lengths, t, next.cell, state.cell) }),
    };
  }
  return { outputs: backwards ? outputs.reverse() : outputs, last: state };
}

const concat = (n: NodeReader, operands: readonly TensorId[], axis: number): TensorId =>
  operands.length === 1 ? operands[0] : n.g.add({ kind: 'concat', operands, axis }, n.node.operator);

const layer =
  ({ gates, presets, step, hasCell, biasedGates }: Layer): Read =>
  (n) => {
    const type = floatType(n, 0, 1, 2);
    const turned = n.opset >= 14 && n.flag('layout', false);
    const x = turned ? permute(n, n.tensor(0), [1, 0, 2]) : n.tensor(0);
    if (shapeOf(n, x).length !== 3) n.refuse('X of three axes', `[${shapeOf(n, x)}]`);
    const [length, batch, features] = shapeOf(n, x);
    const steps = fixedExtent(n, length, 'the number of steps');
    const direction = n.text('direction', 'forward');
    const directions = direction === 'bidirectional' ? 2 : 1;
    if (!['forward', 'reverse', 'bidirectional'].includes(direction)) n.refuse('a direction', direction);
    const hidden = n.integer('hidden_size', shapeOf(n, n.tensor(2)).at(-1) as number);
    const width = gates * hidden;
    const expected: readonly (readonly [number, Shape])[] = [
      [1, [directions, width, features]],
      [2, [directions, width, hidden]],
      [3, [directions, 2 * width]],
      [4, [batch]],
    ];
    for (const [i, shape] of expected) {
      if (n.has(i) && !equalShapes(n.shape(i), shape))
        n.refuse(`input ${i} as [${shape}]`, `[${n.shape(i)}]`);
    }
    n.budget.unrolled -= steps * directions;
    if (n.budget.unrolled < 0) n.refuse('fewer steps to unroll', `${steps} more`);
    n.ignore('output_sequence');
    const functions = readActivations(n, presets, directions);
    const bias = n.has(3) ? n.tensor(3) : undefined;
    const stateAt = (i: number, d: number): TensorId => {
      if (!n.has(i)) return zeros(n, [batch, hidden]);
      const all = turned ? permute(n, n.tensor(i), [1, 0, 2]) : n.tensor(i);
      if (!equalShapes(shapeOf(n, all), [directions, batch, hidden])) {
        n.refuse(`input ${i} as [${[directions, batch, hidden]}]`, `[${shapeOf(n, all)}]`);
      }
      const view = {
        matrix: [
          [0, 0],
          [1, 0],
          [0, 1],
        ],
        offset: [d, 0, 0],
      };
      return n.g.add({ kind: 'view', operands: [all], out: [batch, hidden], maps: [view] }, n.node.operator);
    };
    const takeStep = step(n);
    const runs = functions.map((own, d) => {
      const inputs = inputProducts(n, x, d, width, bias, biasedGates(n) * hidden);
      const made: Direction = {
        n,
        d,
        batch,
        hidden,
        gates,
        functions: own,
        inputs,
        weights: n.tensor(2),
        bias,
      };
      const first = { hidden: stateAt(5, d), ...(hasCell ? { cell: stateAt(6, d) } : {}) };
      return runDirection(n, made, takeStep, first, direction === 'reverse' || d === 1);
    });
    const stacked = (tensors: readonly TensorId[]): Value => {
      const whole = concat(
        n,
        tensors.map((tensor) => reshapeTo(n, tensor, [1, batch, hidden])),
        0,
      );
      return tensorValue(turned ? permute(n, whole, [1, 0, 2]) : whole, type);
    };
    const sequence = (): Value => {
      const ways = runs.map(({ outputs }) =>
        concat(
          n,
          outputs.map((tensor) => reshapeTo(n, tensor, [1, 1, batch, hidden])),
          0,
        ),
      );
      const whole = concat(n, ways, 1);
      return tensorValue(turned ? permute(n, whole, [2, 0, 1, 3]) : whole, type);
    };
    const cells = runs.flatMap(({ last }) => last.cell ?? []);
    return [sequence(), stacked(runs.map(({ last }) => last.hidden)), ...(hasCell ? [stacked(cells)] : [])];
  };

/** Recurrent layers, by name. */
export const recurrent: Operators = {
  RNN: since(
    1,
    layer({ gates: 1, presets: ['Tanh'], step: () => stepRnn, hasCell: false, biasedGates: () => 1 }),
  ),
  GRU: since(
    1,
    layer({
      gates: 3,
      presets: ['Sigmoid', 'Tanh'],
      step: (n) => stepGru(n.flag('linear_before_reset', false)),
      hasCell: false,
      biasedGates: (n) => (n.flag('linear_before_reset', false) ? 2 : 3),
    }),
  ),
  LSTM: since(
    1,
    layer({
      gates: 4,
      presets: ['Sigmoid', 'Tanh', 'Tanh'],
      step: (n) => stepLstm(n.has(7) ? n.tensor(7) : undefined, n.flag('input_forget', false)),
      hasCell: true,
      biasedGates: () => 4,
    }),
  ),
};
