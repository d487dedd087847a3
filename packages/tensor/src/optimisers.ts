/** Optimisers: graph with gradients -> graph with updates. */
import { MisuseError } from '@nonet/core';
import { project } from './affine.ts';
import { type Builder, extendGraph } from './builder.ts';
import { addMap } from './emit.ts';
import { arg } from './expression.ts';
import { type Graph, leavesOf, type TensorId } from './graph.ts';

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

/** v <- mu v + gradient; parameter <- parameter - lr v (Sutskever et al. 2013, as in PyTorch with dampening 0). */
export const sgdMomentum: Optimiser<'lr' | 'mu'> = {
  inputs: ['lr', 'mu'],
  states: ['velocity'],
  step(g, { parameter, gradient, states: [velocity], inputs: [rate, momentum] }) {
    const { shape } = g.nodes[parameter];
    const map = project(shape.length, []);
    const next = addMap(
      g,
      shape,
      ['add', ['mul', arg(0), arg(1)], arg(2)],
      [{ tensor: momentum, map }, { tensor: velocity }, { tensor: gradient }],
    );
    const moved = addMap(
      g,
      shape,
      ['sub', arg(0), ['mul', arg(1), arg(2)]],
      [{ tensor: parameter }, { tensor: rate, map }, { tensor: next }],
    );
    return { parameter: moved, states: [next] };
  },
};

/**
 * The training step: gradients become updates of parameters and of new states, the optimiser's scalars become inputs. Updates
 * list the parameters in canonical order, then their states. Throws `optimiser.noGradients`: `differentiate` comes first.
 */
export function attachOptimiser(graph: Graph, optimiser: Optimiser): Graph {
  if (graph.gradients.length === 0) {
    throw new MisuseError({
      code: 'optimiser.noGradients',
      expected: 'a graph with gradients',
      found: 'none',
      hint: 'Call differentiate(graph, "loss") first.',
    });
  }
  const g = extendGraph(graph);
  const inputs = optimiser.inputs.map((name) => g.input(name, 'f32', []));
  const stateUpdates: { target: TensorId; tensor: TensorId }[] = [];
  for (const { id, name, shape } of leavesOf(graph, 'parameter')) {
    const gradient = graph.gradients.find(({ of }) => of === id)!.tensor;
    const states = optimiser.states.map((state) => g.state(`${name}.${state}`, shape));
    const next = optimiser.step(g, { parameter: id, gradient, states, inputs });
    g.update(id, next.parameter);
    for (const [i, target] of states.entries()) stateUpdates.push({ target, tensor: next.states[i] });
  }
  for (const { target, tensor } of stateUpdates) g.update(target, tensor);
  return g.finish();
}
