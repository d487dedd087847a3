/** Optimisers: graph with gradients -> graph with updates. */
import { MisuseError } from '@nonet/core';
import { identity, project } from '../graph/affine.ts';
import { type Builder, extendGraph } from '../graph/builder.ts';
import { addInOrder, addMap } from '../graph/emit.ts';
import { arg, constant, type Expression } from '../graph/expression.ts';
import { type Graph, leavesOf, type TensorId } from '../graph/graph.ts';

/**
 * How parameters move: the scalars of a step, the states it keeps, and the step of one parameter as
 * a graph. `attachOptimiser` applies it to all.
 */
export interface Optimiser<Scalar extends string = string> {
  /** Scalar f32 inputs that every step takes. */
  readonly inputs: readonly Scalar[];
  /** Names of the states kept for each parameter, each of its shape. */
  readonly states: readonly string[];
  /** The new parameter and the new states. */
  step(
    g: Builder,
    tensors: {
      readonly parameter: TensorId;
      readonly gradient: TensorId;
      readonly states: readonly TensorId[];
      readonly inputs: readonly TensorId[];
    },
  ): { readonly parameter: TensorId; readonly states: readonly TensorId[] };
}

/**
 * What a step of one parameter is made with: maps of its shape over tensors of its shape and
 * scalars.
 */
function createMapper(g: Builder, parameter: TensorId) {
  const { shape } = g.nodes[parameter];
  const map = project(shape.length, []);
  return (expression: Expression, ...tensors: readonly TensorId[]): TensorId =>
    addMap(
      g,
      shape,
      expression,
      tensors.map((tensor) => (g.nodes[tensor].shape.length === 0 ? { tensor, map } : { tensor })),
    );
}

/** parameter - rate * direction, of (parameter, rate, direction). */
const descend: Expression = ['sub', arg(0), ['mul', arg(1), arg(2)]];
/** momentum * velocity + gradient, of (momentum, velocity, gradient). */
const accelerate: Expression = ['add', ['mul', arg(0), arg(1)], arg(2)];

/** parameter <- parameter - learningRate gradient. */
export const sgd: Optimiser<'learningRate'> = {
  inputs: ['learningRate'],
  states: [],
  step(g, { parameter, gradient, inputs: [rate] }) {
    return { parameter: createMapper(g, parameter)(descend, parameter, rate, gradient), states: [] };
  },
};

/**
 * v <- momentum v + gradient; parameter <- parameter - learningRate v (Sutskever et al. 2013, as in
 * PyTorch with dampening 0).
 */
export const sgdMomentum: Optimiser<'learningRate' | 'momentum'> = {
  inputs: ['learningRate', 'momentum'],
  states: ['velocity'],
  step(g, { parameter, gradient, states: [velocity], inputs: [rate, momentum] }) {
    const map = createMapper(g, parameter);
    const next = map(accelerate, momentum, velocity, gradient);
    return { parameter: map(descend, parameter, rate, next), states: [next] };
  },
};

/**
 * v <- momentum v + gradient; parameter <- parameter - learningRate (gradient + momentum v), as in
 * PyTorch.
 */
export const nesterov: Optimiser<'learningRate' | 'momentum'> = {
  inputs: ['learningRate', 'momentum'],
  states: ['velocity'],
  step(g, { parameter, gradient, states: [velocity], inputs: [rate, momentum] }) {
    const map = createMapper(g, parameter);
    const next = map(accelerate, momentum, velocity, gradient);
    const ahead = map(accelerate, momentum, next, gradient);
    return { parameter: map(descend, parameter, rate, ahead), states: [next] };
  },
};

const adamInputs = ['learningRate', 'beta1', 'beta2', 'epsilon', 'correction1', 'correction2'] as const;
type AdamInput = (typeof adamInputs)[number];

/** a <- beta a + (1 - beta) value, of (beta, a, value). */
const average = (value: Expression): Expression => [
  'add',
  ['mul', arg(0), arg(1)],
  ['mul', ['sub', constant(1), arg(0)], value],
];
const square: Expression = ['mul', arg(2), arg(2)];

/**
 * The step of Adam from (parameter, m, v, learningRate, correction1, correction2, epsilon), the
 * parameter as given.
 */
const adamStep = (parameter: Expression): Expression => [
  'sub',
  parameter,
  ['mul', arg(3), ['div', ['div', arg(1), arg(4)], ['add', ['sqrt', ['div', arg(2), arg(5)]], arg(6)]]],
];

function adamWith<Extra extends string>(
  extra: readonly Extra[],
  before: Expression,
): Optimiser<AdamInput | Extra> {
  return {
    inputs: [...adamInputs, ...extra],
    states: ['mean', 'square'],
    step(g, { parameter, gradient, states: [mean, squares], inputs }) {
      const [rate, beta1, beta2, epsilon, correction1, correction2, ...others] = inputs;
      const map = createMapper(g, parameter);
      const m = map(average(arg(2)), beta1, mean, gradient);
      const v = map(average(square), beta2, squares, gradient);
      const operands = [parameter, m, v, rate, correction1, correction2, epsilon, ...others];
      return { parameter: map(adamStep(before), ...operands), states: [m, v] };
    },
  };
}

/**
 * m <- beta1 m + (1 - beta1) gradient, v likewise of its square; parameter <- parameter -
 * learningRate (m / correction1) / (sqrt(v / correction2) + epsilon) (Kingma and Ba 2015).
 * `adamRates` gives the scalars.
 */
export const adam: Optimiser<AdamInput> = adamWith([], arg(0));

/**
 * Adam, and parameter <- (1 - learningRate weightDecay) parameter first (Loshchilov and Hutter
 * 2019). `adamWRates` gives the scalars.
 */
export const adamW: Optimiser<AdamInput | 'weightDecay'> = adamWith(
  ['weightDecay'],
  ['mul', arg(0), ['sub', constant(1), ['mul', arg(3), arg(7)]]],
);

/** The scalars of Adam; beta1 0.9, beta2 0.999 and epsilon 1e-8 by default, as in the paper. */
export interface AdamOptions {
  readonly learningRate: number | ((step: number) => number);
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** 1 - beta^(step + 1) in f64 by multiplications: the bias of an average that began at 0. */
const correctionOf = (beta: number) => (step: number) => {
  let power = 1;
  let base = beta;
  for (let n = step + 1; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) power *= base;
    base *= base;
  }
  return 1 - power;
};

/** The scalars of Adam as functions of the step, from 0. */
export function adamRates({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions): {
  readonly [Name in AdamInput]: number | ((step: number) => number);
} {
  // The averages use the betas in f32, so the corrections do.
  const [first, second] = [Math.fround(beta1), Math.fround(beta2)];
  const corrections = { correction1: correctionOf(first), correction2: correctionOf(second) };
  return { learningRate, beta1: first, beta2: second, epsilon, ...corrections };
}

/** The scalars of AdamW. */
export interface AdamWOptions extends AdamOptions {
  /** 0.01 by default. */
  readonly weightDecay?: number;
}

/** The scalars of AdamW as functions of the step, from 0. */
export const adamWRates = ({ weightDecay = 0.01, ...options }: AdamWOptions) => ({
  ...adamRates(options),
  weightDecay,
});

/**
 * Every gradient entry clipped to -maximum .. maximum. Throws `optimiser.clip` unless the bound is
 * positive, and `optimiser.noGradients`.
 */
export function clipGradientValues(graph: Graph, maximum: number): Graph {
  const bound = assertMaximum(maximum);
  return mapGradients(graph, () => ({
    expression: ['select', ['lt', arg(0), constant(-bound)], constant(-bound), limited(bound)],
    operands: [],
  }));
}

const limited = (bound: number): Expression => [
  'select',
  ['lt', constant(bound), arg(0)],
  constant(bound),
  arg(0),
];

/**
 * All gradients times min(1, maximum / (norm + 1e-6)), where norm is the Euclidean norm of all of
 * them together (Pascanu et al. 2013, with PyTorch's 1e-6). The squares add in the order of the
 * parameters. Throws `optimiser.clip` unless the bound is positive, and `optimiser.noGradients`.
 */
export function clipGradientNorm(graph: Graph, maximum: number): Graph {
  const bound = assertMaximum(maximum);
  return mapGradients(graph, (g) => {
    const squares = graph.gradients.map(({ tensor }) => {
      const { shape } = g.nodes[tensor];
      const maps = [identity(shape.length), identity(shape.length)];
      return g.add({ kind: 'contract', operands: [tensor, tensor], out: [], k: shape, maps }, 'clip');
    });
    const total = addInOrder(
      g,
      [],
      squares.map((tensor) => ({ tensor })),
    );
    const scale: Expression = ['div', constant(bound), ['add', ['sqrt', arg(0)], constant(1e-6)]];
    const limitedScale: Expression = ['select', ['lt', scale, constant(1)], scale, constant(1)];
    const factor = addMap(g, [], limitedScale, [{ tensor: total }]);
    return { expression: ['mul', arg(0), arg(1)], operands: [factor] };
  });
}

function assertMaximum(maximum: number): number {
  if (Number.isFinite(maximum) && maximum > 0) return maximum;
  throw new MisuseError({
    code: 'optimiser.clip',
    expected: 'a positive bound of gradients',
    found: String(maximum),
  });
}

/** Puts a map of each gradient, and of scalars, in its place. */
function mapGradients(
  graph: Graph,
  make: (g: Builder) => { readonly expression: Expression; readonly operands: readonly TensorId[] },
): Graph {
  assertGradients(graph);
  const g = extendGraph(graph);
  const { expression, operands } = make(g);
  for (const { of, tensor } of graph.gradients) {
    g.gradient(of, createMapper(g, of)(expression, tensor, ...operands));
  }
  return g.finish();
}

function assertGradients(graph: Graph) {
  if (graph.gradients.length > 0) return;
  throw new MisuseError({
    code: 'optimiser.noGradients',
    expected: 'a graph with gradients',
    found: 'none',
    hint: 'Call differentiate(graph, "loss") first.',
  });
}

/**
 * The training step: gradients become updates of parameters and of new states, the optimiser's
 * scalars become inputs. Updates list the parameters in canonical order, then their states. Throws
 * `optimiser.noGradients`: `differentiate` comes first.
 */
export function attachOptimiser(graph: Graph, optimiser: Optimiser): Graph {
  assertGradients(graph);
  const g = extendGraph(graph);
  const inputs = optimiser.inputs.map((name) => g.input(name, 'f32', []));
  const stateUpdates: { target: TensorId; tensor: TensorId }[] = [];
  for (const { id, name, shape } of leavesOf(graph, 'parameter')) {
    const gradient = graph.gradients.find(({ of }) => of === id)?.tensor;
    // Running statistics have an update already, and no gradient.
    if (gradient === undefined) continue;
    const states = optimiser.states.map((state) => g.state(`${name}.${state}`, shape));
    const next = optimiser.step(g, { parameter: id, gradient, states, inputs });
    g.update(id, next.parameter);
    for (const [i, target] of states.entries()) stateUpdates.push({ target, tensor: next.states[i] });
  }
  for (const { target, tensor } of stateUpdates) g.update(target, tensor);
  return g.finish();
}
