/**
 * Derivatives against central finite differences on the twin. The step is 2^-7, the loss about 1,
 * so rounding contributes about 2^-24 * 2^7 = 8e-6 and curvature about h^2 = 6e-5 per unit of third
 * derivative: tolerance 2e-3 absolute, 1 % relative. Inputs must stay away from kinks by more than
 * the step.
 */
import { expect } from 'vitest';
import { identity } from '../src/graph/affine.ts';
import { addMap } from '../src/graph/emit.ts';
import {
  type Builder,
  differentiate,
  type Graph,
  type InputValue,
  initialParameters,
  lower,
  type TensorId,
} from '../src/index.ts';
import { createTwinProgram } from '../src/twins/index.ts';
import { runBoth } from './runBoth.ts';

const step = 2 ** -7;

/**
 * Checks every gradient of the output `loss` at `values` (or seeded ones), and that the kernels
 * agree on all of them.
 */
export async function checkGradients(
  graph: Graph,
  inputs: Readonly<Record<string, InputValue>>,
  values: readonly Float32Array<ArrayBuffer>[] = [],
): Promise<void> {
  const withGradients = differentiate(lower(graph), 'loss');
  const parameters = initialParameters(graph, '0x0123').map((parameter, index) => ({
    ...parameter,
    data:
      values[index] ??
      (parameter.data.every((value) => value === 0)
        ? parameter.data.map((_, i) => 0.1 + 0.05 * i)
        : parameter.data),
  }));
  const { outputs } = await runBoth(withGradients, inputs, { parameters });
  const program = createTwinProgram(graph);
  const lossAt = (index: number, element: number, shift: number) => {
    const moved = parameters.map((parameter, i) => {
      const data = parameter.data.slice();
      if (i === index) data[element] += shift;
      return { ...parameter, data };
    });
    program.setParameters(moved);
    return program.run(inputs).loss[0];
  };
  for (const [index, { name, data }] of parameters.entries()) {
    for (let element = 0; element < data.length; element++) {
      const difference = (lossAt(index, element, step) - lossAt(index, element, -step)) / (2 * step);
      const found = outputs[`d ${name}`][element];
      const error = Math.abs(found - difference);
      expect(error, `${name}[${element}]: ${found}, differences give ${difference}`).toBeLessThan(
        2e-3 + 0.01 * Math.abs(difference),
      );
    }
  }
}

/** sum of x * pattern: a loss that tells elements apart. */
export function weigh(g: Builder, x: TensorId): TensorId {
  const shape = g.nodes[x].shape as readonly number[];
  const count = shape.reduce((a, b) => a * b, 1);
  const pattern = g.constant(
    Float32Array.from({ length: count }, (_, i) => Math.fround(0.3 + ((i * 7) % 5) / 4)),
    shape,
  );
  const rank = shape.length;
  const product = addMap(g, shape, ['mul', ['arg', 0], ['arg', 1]], [{ tensor: x }, { tensor: pattern }]);
  return g.add({ kind: 'reduce', op: 'sum', operands: [product], out: [], k: shape, maps: [identity(rank)] });
}
