/**
 * Models as their author writes them: inputs and labels by name, layers as a function of the
 * builder. The types remember the names, so that a misspelt input or label is an error before
 * anything runs.
 *
 *     const model = defineModel({ shape: [28, 28], labels: digits }, (g, x) =>
 *       dense(g, relu(g, dense(g, flatten(g, x), 128)), digits.length),
 *     );
 */
import { MisuseError } from '@nonet/core';
import type { Builder } from '../graph/builder.ts';
import { defineGraph, type NamedGraph } from '../graph/defineGraph.ts';
import type { TensorId } from '../graph/graph.ts';
import { type Dtype, printType } from '../graph/shape.ts';
import { addPredictions } from './predictions.ts';

/** A classifier. */
export interface Model<Label extends string = string> {
  /**
   * Input x (B, ...shape); outputs logits (B,C), probabilities (B,C), label (B): what a job names
   * as its model.
   */
  readonly graph: NamedGraph<'x', 'logits' | 'probabilities' | 'label'>;
  /** What the C classes are called, in order. */
  readonly labels: readonly Label[];
}

/** What a classifier takes, and what it tells apart. */
export interface ModelInputs<Label extends string> {
  /** Of one example. */
  readonly shape: readonly number[];
  /** f32 by default; i32 for tokens. */
  readonly dtype?: Dtype;
  readonly labels: readonly Label[];
}

/**
 * A classifier from the function that gives its logits. Throws `model.labels` unless the labels are
 * distinct and at least two, `model.logits` unless there is one logit for each, and what the
 * operations throw.
 */
export function defineModel<const Label extends string>(
  { shape, dtype = 'f32', labels }: ModelInputs<Label>,
  build: (g: Builder, x: TensorId) => TensorId,
): Model<Label> {
  if (labels.length < 2 || new Set(labels).size !== labels.length) {
    throw new MisuseError({
      code: 'model.labels',
      expected: 'at least two labels, all distinct',
      found: JSON.stringify(labels).slice(0, 120),
    });
  }
  const graph = defineGraph({ x: [dtype, 'B', ...shape] }, (g, { x }) => {
    const logits = build(g, x);
    const node = g.nodes[logits];
    const expected = printType('f32', ['B', labels.length]);
    const found = node === undefined ? 'no tensor' : printType(node.dtype, node.shape);
    if (found !== expected) {
      throw new MisuseError({
        code: 'model.logits',
        expected: `logits ${expected}, one for each label`,
        found,
        hint: 'The last layer has as many units as there are labels.',
      });
    }
    return addPredictions(g, logits);
  });
  return { graph, labels: [...labels] };
}
