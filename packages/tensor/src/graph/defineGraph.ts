/** Graphs as their author writes them: inputs and outputs by name, known to the types. */
import { type Builder, createBuilder } from './builder.ts';
import type { Graph, TensorId } from './graph.ts';
import type { Dtype, Extent } from './shape.ts';

/** A graph whose inputs and outputs the types know by name. */
export type NamedGraph<Input extends string = string, Output extends string = string> = Graph & {
  /** For the types alone; no graph has it. */
  readonly names?: { readonly input: Input; readonly output: Output };
};

/** Element type and extents: `['f32', 'B', 784]`. */
export type InputType = readonly [dtype: Dtype, ...extents: Extent[]];

/**
 * A graph of the given inputs; `build` returns its outputs. Throws what the operations throw, such
 * as `operation.operands`.
 *
 *     const line = defineGraph({ x: ['f32', 'B'], y: ['f32', 'B'] }, (g, { x, y }) => ({
 *       loss: meanSquaredError(g, mul(g, x, g.parameter('slope', [], 'zeros')), y),
 *     }));
 */
export function defineGraph<const Inputs extends Readonly<Record<string, InputType>>, Output extends string>(
  inputs: Inputs,
  build: (
    g: Builder,
    inputs: { readonly [Name in keyof Inputs]: TensorId },
  ) => Readonly<Record<Output, TensorId>>,
): NamedGraph<keyof Inputs & string, Output> {
  const g = createBuilder();
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, [dtype, ...shape]]) => [name, g.input(name, dtype, shape)]),
  ) as { [Name in keyof Inputs]: TensorId };
  for (const [name, tensor] of Object.entries<TensorId>(build(g, tensors))) g.output(name, tensor);
  return g.finish();
}
