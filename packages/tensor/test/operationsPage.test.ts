/**
 * docs/operations.md names every operation and every primitive, and its example is the interface.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { operationKinds } from '../src/graph/operations.ts';
import { primitiveKinds } from '../src/graph/primitives.ts';
import { attachExampleLosses, leavesOf, mlp } from '../src/index.ts';
import { clippedGradientSum } from '../src/transform/exampleGradients.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');

it.each([...operationKinds, ...primitiveKinds])('%s is on the page', (kind) => {
  expect(page).toContain(`\`${kind}\``);
});

it('the example has the inputs and outputs that the page says', () => {
  const model = { graph: mlp({ features: [4], hidden: [], classes: 2 }) };
  const graph = clippedGradientSum(attachExampleLosses(model.graph), { clippingNorm: 1 });
  expect(page).toContain('clippedGradientSum(attachExampleLosses(model.graph), { clippingNorm: 1 })');
  expect(
    leavesOf(graph, 'input')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['w', 'x', 'y']);
  expect(graph.outputs.map(({ name }) => name)).toEqual(['losses', 'norms']);
  expect(graph.gradients).toHaveLength(2);
});
