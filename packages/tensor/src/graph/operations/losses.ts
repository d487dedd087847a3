/**
 * Losses: one number, the mean over examples, weighted. An example of weight 0 is padding: it
 * changes nothing, as long as its values are finite and its label is a class. The weights must not
 * all be 0.
 */
import type { Affine } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap, addReduce, reduceLast, scalar, without } from '../emit.ts';
import { arg, constant, type Expression } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { TensorType } from '../primitives.ts';
import { type Extent, equalShapes, type Shape } from '../shape.ts';
import { type Definition, type Definitions, float, floatAttribute, isFloat, isSingle } from './definition.ts';
import { softplusOf } from './elementwise.ts';
import { exponentials, lowerMean } from './reductions.ts';

type Node<K extends string> = { readonly kind: K; readonly operands: readonly TensorId[] };

/** Losses; all tensors f32 unless they say otherwise. */
export type LossOperation =
  /**
   * logits (B,...,C), label i32 (B,...), weight (B,...) -> (): weighted mean of -log
   * softmax(logits)[label], in nats. A label that is no class stops the run (`program.index`).
   */
  | Node<'crossEntropy'>
  /**
   * logits (B,...,C), label i32 (B,...) -> (B): of each example, the mean of -log
   * softmax(logits)[label] over its positions, in nats.
   */
  | Node<'exampleCrossEntropy'>
  /**
   * logits (B,...S), target (B,...S) in 0..1, weight (B,...): of log(1 + exp(x)) - x t, averaged
   * over the axes that weight lacks.
   */
  | Node<'binaryCrossEntropy'>
  /** prediction (B,...S), target (B,...S), weight (B,...): of (x - t)^2. */
  | Node<'meanSquaredError'>
  /**
   * The same of (x - t)^2 / 2 up to a distance of delta, delta (|x - t| - delta / 2) beyond (Huber
   * 1964).
   */
  | (Node<'huber'> & { readonly delta: number });

/** Sums values times weight / total weight over all axes. */
function weightedMean(
  g: Builder,
  value: Expression,
  operands: readonly { tensor: TensorId; detached?: boolean }[],
  weight: TensorId,
): TensorId {
  const { shape } = g.nodes[weight];
  const axes = [...shape.keys()];
  const total = addReduce(g, 'sum', weight, axes);
  const count = operands.length;
  const losses = addMap(
    g,
    shape,
    ['mul', value, ['div', arg(count), arg(count + 1)]],
    [...operands, { tensor: weight }, { tensor: total, map: scalar(shape.length) }],
  );
  return addReduce(g, 'sum', losses, axes);
}

const isPrefix = (weight: Shape, shape: Shape) => equalShapes(weight, shape.slice(0, weight.length));

/** A loss of prediction against target, element by element. */
function distance<K extends 'binaryCrossEntropy' | 'meanSquaredError' | 'huber'>(
  kind: K,
  attributes: Definition<Extract<LossOperation, { kind: K }>>['attributes'],
  value: (operation: Extract<LossOperation, { kind: K }>) => Expression,
  check: (operation: Extract<LossOperation, { kind: K }>) => boolean = () => true,
): Definition<Extract<LossOperation, { kind: K }>> {
  return {
    operands: [kind === 'binaryCrossEntropy' ? 'logits' : 'prediction', 'target', 'weight'],
    attributes,
    infer(operation, [x, target, weight]: readonly TensorType[], refuse) {
      const fits =
        [x, target, weight].every((type) => isFloat(type)) &&
        equalShapes(x.shape, target.shape) &&
        weight.shape.length > 0 &&
        isPrefix(weight.shape, x.shape);
      if (!fits) refuse('two f32[B,...S] and weight f32[B,...]');
      if (!check(operation)) refuse('a delta above 0');
      return float([]);
    },
    lower(g, operation, [x, target, weight]) {
      const { shape } = g.nodes[x];
      const losses = addMap(g, shape, value(operation), [{ tensor: x }, { tensor: target }], kind);
      const rest = [...shape.keys()].slice(g.nodes[weight].shape.length);
      const each = rest.length === 0 ? losses : lowerMean(g, losses, rest);
      return weightedMean(g, arg(0), [{ tensor: each }], weight);
    },
  };
}

const difference: Expression = ['sub', arg(0), arg(1)];

function huberOf(delta: number): Expression {
  const size: Expression = ['select', ['lt', difference, constant(0)], ['neg', difference], difference];
  const near: Expression = ['mul', constant(0.5), ['mul', difference, difference]];
  const far: Expression = ['mul', constant(delta), ['sub', size, constant(delta / 2)]];
  return ['select', ['lt', size, constant(delta)], near, far];
}

/**
 * The labels, looked up in 0 .. classes - 1: one outside stops the run (`program.index`), where
 * comparing it would find no class and leave a wrong loss.
 */
function knownLabels(g: Builder, label: TensorId, classes: Extent, note: string): TensorId {
  const table = addMap(g, [classes], ['index', 0], [], note);
  return g.add({ kind: 'gather', operands: [table, label], axis: 0 }, note);
}

/**
 * -log softmax(logits)[label] = (log(sum of exp(x - max)) + max) - x[label], as a value of three
 * tensors.
 */
function logLikelihood(g: Builder, logits: TensorId, label: TensorId, note: string) {
  const { shape } = g.nodes[logits];
  const classes = shape.length - 1;
  const row: Affine = without(shape.length, [classes]);
  const { largest, total } = exponentials(g, logits, classes, note);
  const known = knownLabels(g, label, shape[classes], note);
  const picked = addMap(
    g,
    shape,
    ['select', ['eq', ['index', classes], arg(1)], arg(0), constant(0)],
    [{ tensor: logits }, { tensor: known, map: row }],
  );
  const score = reduceLast(g, 'sum', picked);
  const value: Expression = ['sub', ['add', ['call', 'log', arg(0)], arg(1)], arg(2)];
  return { value, operands: [{ tensor: total }, { tensor: largest, detached: true }, { tensor: score }] };
}

/** Definitions, by kind. */
export const losses: Definitions<LossOperation> = {
  crossEntropy: {
    operands: ['logits', 'label', 'weight'],
    attributes: {},
    infer(_, [logits, label, weight], refuse) {
      const examples = logits.shape.slice(0, -1);
      const fits =
        isFloat(logits) &&
        logits.shape.length >= 2 &&
        label.dtype === 'i32' &&
        equalShapes(label.shape, examples) &&
        isFloat(weight) &&
        equalShapes(weight.shape, examples);
      return fits ? float([]) : refuse('logits f32[B,...,C], label i32[B,...], weight f32[B,...]');
    },
    lower(g, _, [logits, label, weight]) {
      const { value, operands } = logLikelihood(g, logits, label, 'crossEntropy');
      return weightedMean(g, value, operands, weight);
    },
  },
  exampleCrossEntropy: {
    operands: ['logits', 'label'],
    attributes: {},
    infer(_, [logits, label], refuse) {
      const examples = logits.shape.slice(0, -1);
      const fits =
        isFloat(logits) &&
        logits.shape.length >= 2 &&
        label.dtype === 'i32' &&
        equalShapes(label.shape, examples);
      return fits ? float(examples.slice(0, 1)) : refuse('logits f32[B,...,C], label i32[B,...]');
    },
    lower(g, _, [logits, label]) {
      const { value, operands } = logLikelihood(g, logits, label, 'exampleCrossEntropy');
      const { shape } = g.nodes[label];
      const each = addMap(g, shape, value, operands);
      return shape.length === 1 ? each : lowerMean(g, each, [...shape.keys()].slice(1));
    },
  },
  binaryCrossEntropy: distance('binaryCrossEntropy', {}, () => ['sub', softplusOf, ['mul', arg(0), arg(1)]]),
  meanSquaredError: distance('meanSquaredError', {}, () => ['mul', difference, difference]),
  huber: distance(
    'huber',
    { delta: floatAttribute },
    ({ delta }) => huberOf(delta),
    ({ delta }) => isSingle(delta) && delta > 0,
  ),
};

/**
 * logits (B,...,C), label i32 (B,...), weight (B,...) -> (): weighted mean in nats. A label outside
 * 0 .. C - 1 stops the run with `program.index`, whatever its weight: padding has the label 0.
 */
export const crossEntropy = (g: Builder, logits: TensorId, label: TensorId, weight: TensorId): TensorId =>
  g.add({ kind: 'crossEntropy', operands: [logits, label, weight] });

/**
 * logits (B,...,C), label i32 (B,...) -> (B): mean over the positions of each example, in nats.
 * Labels as those of `crossEntropy`.
 */
export const exampleCrossEntropy = (g: Builder, logits: TensorId, label: TensorId): TensorId =>
  g.add({ kind: 'exampleCrossEntropy', operands: [logits, label] });

/** logits and target (B,...S), weight (B,...) -> (): weighted mean in nats. */
export const binaryCrossEntropy = (
  g: Builder,
  logits: TensorId,
  target: TensorId,
  weight: TensorId,
): TensorId => g.add({ kind: 'binaryCrossEntropy', operands: [logits, target, weight] });

/** prediction and target (B,...S), weight (B,...) -> (): weighted mean of squared distances. */
export const meanSquaredError = (
  g: Builder,
  prediction: TensorId,
  target: TensorId,
  weight: TensorId,
): TensorId => g.add({ kind: 'meanSquaredError', operands: [prediction, target, weight] });

/**
 * prediction and target (B,...S), weight (B,...) -> (): squares up to a distance of delta, linear
 * beyond.
 */
export const huber = (
  g: Builder,
  prediction: TensorId,
  target: TensorId,
  weight: TensorId,
  delta = 1,
): TensorId => g.add({ kind: 'huber', operands: [prediction, target, weight], delta: Math.fround(delta) });
