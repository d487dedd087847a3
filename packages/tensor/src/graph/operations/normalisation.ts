/**
 * Normalisation: x - mean over deviation, scaled and shifted; the deviation is sqrt(variance +
 * epsilon).
 */
import { project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap, type MapOperand, trailing, without } from '../emit.ts';
import { arg, constant, type Expression } from '../expression.ts';
import type { Graph, TensorId } from '../graph.ts';
import { nextLayer } from '../layerNames.ts';
import type { TensorType } from '../primitives.ts';
import { equalShapes, type Shape } from '../shape.ts';
import { type Definitions, floatAttribute, isFloat, isSingle, numberExtent } from './definition.ts';
import { lowerMean } from './reductions.ts';

type Node<K extends string> = { readonly kind: K; readonly operands: readonly TensorId[] };

/** Normalisations, by what they take the statistics over. */
export type NormalisationOperation =
  /** x (B,...F), mean and deviation (F) or scalar -> (x - mean) / deviation. */
  | Node<'standardise'>
  /**
   * x (...,S), scale (S), shift (S): over the last axes, those of scale (Ba, Kiros and Hinton
   * 2016).
   */
  | (Node<'layerNorm'> & { readonly epsilon: number })
  /** x (...,S), scale (S): x / sqrt(mean of x^2 + epsilon) (Zhang and Sennrich 2019). */
  | (Node<'rmsNorm'> & { readonly epsilon: number })
  /**
   * x (B,C,...), mean, variance, scale, shift (C): by the given statistics. `toTrainingMode` puts
   * those of the batch in their place, and moves the given ones towards them by the fraction
   * `momentum` (Ioffe and Szegedy 2015).
   */
  | (Node<'batchNorm'> & { readonly epsilon: number; readonly momentum: number });

/** Whether a tensor's axes are the last ones of x. */
const fitsEnd = (x: TensorType, type: TensorType) =>
  isFloat(type) &&
  type.shape.length <= x.shape.length &&
  equalShapes(type.shape, x.shape.slice(x.shape.length - type.shape.length));

const lastAxes = (rank: number, count: number) => Array.from({ length: count }, (_, i) => rank - count + i);

/**
 * The parameters of a graph that hold running statistics, by name: what `batchNorm` normalises by
 * at inference. Training moves them by updates, in the units of what flows there.
 */
export function runningStatistics({
  nodes,
}: Graph): readonly { readonly name: string; readonly kind: 'mean' | 'variance' }[] {
  const kinds = new Map<string, 'mean' | 'variance'>();
  for (const node of nodes) {
    if (node.kind !== 'batchNorm') continue;
    for (const [i, kind] of (['mean', 'variance'] as const).entries()) {
      const operand = nodes[node.operands[i + 1]];
      if (operand.kind === 'parameter') kinds.set(operand.name, kind);
    }
  }
  return [...kinds].map(([name, kind]) => ({ name, kind }));
}

/** 1 / sqrt(variance + epsilon) */
const inverseOf = (epsilon: number): Expression => [
  'div',
  constant(1),
  ['sqrt', ['add', arg(0), constant(epsilon)]],
];

/** (x - mean) * inverse * scale + shift, each operand read as given. */
export function scaleAndShift(
  g: Builder,
  shape: Shape,
  [x, mean, inverse, scale, shift]: readonly MapOperand[],
): TensorId {
  return addMap(
    g,
    shape,
    ['add', ['mul', ['mul', ['sub', arg(0), arg(1)], arg(2)], arg(3)], arg(4)],
    [x, mean, inverse, scale, shift],
  );
}

/** 1 / sqrt(variance + epsilon), element by element. */
export const inverseDeviation = (g: Builder, variance: TensorId, epsilon: number): TensorId =>
  addMap(g, g.nodes[variance].shape, inverseOf(epsilon), [{ tensor: variance }]);

/** The mean over the axes, and the mean squared distance from it. */
export function moments(g: Builder, x: TensorId, axes: readonly number[], note: string) {
  const { shape } = g.nodes[x];
  const map = without(shape.length, axes);
  const mean = lowerMean(g, x, axes, note);
  const centred: Expression = ['sub', arg(0), arg(1)];
  const squares = addMap(g, shape, ['mul', centred, centred], [{ tensor: x }, { tensor: mean, map }]);
  return { mean, variance: lowerMean(g, squares, axes), map };
}

const isEpsilon = (epsilon: number) => isSingle(epsilon) && epsilon > 0;

/** Definitions, by kind. */
export const normalisation: Definitions<NormalisationOperation> = {
  standardise: {
    operands: ['x', 'mean', 'deviation'],
    attributes: {},
    infer(_, [x, mean, deviation], refuse) {
      const fits = (type: TensorType) =>
        isFloat(type, 0) || (fitsEnd(x, type) && type.shape.length < x.shape.length);
      const fine = isFloat(x) && fits(mean) && fits(deviation);
      return fine ? x : refuse('x f32[B,...F], mean and deviation f32[F] or f32[]');
    },
    lower(g, _, [x, mean, deviation]) {
      const { shape } = g.nodes[x];
      const read = (tensor: TensorId): MapOperand => ({
        tensor,
        map: trailing(shape.length, g.nodes[tensor].shape.length),
      });
      return addMap(
        g,
        shape,
        ['div', ['sub', arg(0), arg(1)], arg(2)],
        [{ tensor: x }, read(mean), read(deviation)],
        'standardise',
      );
    },
  },
  layerNorm: {
    operands: ['x', 'scale', 'shift'],
    attributes: { epsilon: floatAttribute },
    infer({ epsilon }, [x, scale, shift], refuse) {
      const fits = isFloat(x) && fitsEnd(x, scale) && equalShapes(scale.shape, shift.shape) && isFloat(shift);
      if (!fits || scale.shape.length === 0 || !isEpsilon(epsilon)) {
        refuse('x f32[...,S], scale and shift f32[S], and an epsilon above 0');
      }
      return x;
    },
    lower(g, { epsilon }, [x, scale, shift]) {
      const { shape } = g.nodes[x];
      const axes = lastAxes(shape.length, g.nodes[scale].shape.length);
      const { mean, variance, map } = moments(g, x, axes, 'layerNorm');
      const inverse = inverseDeviation(g, variance, epsilon);
      const end = trailing(shape.length, axes.length);
      return scaleAndShift(g, shape, [
        { tensor: x },
        { tensor: mean, map },
        { tensor: inverse, map },
        { tensor: scale, map: end },
        { tensor: shift, map: end },
      ]);
    },
  },
  rmsNorm: {
    operands: ['x', 'scale'],
    attributes: { epsilon: floatAttribute },
    infer({ epsilon }, [x, scale], refuse) {
      const fits = isFloat(x) && fitsEnd(x, scale) && scale.shape.length > 0 && isEpsilon(epsilon);
      return fits ? x : refuse('x f32[...,S], scale f32[S], and an epsilon above 0');
    },
    lower(g, { epsilon }, [x, scale]) {
      const { shape } = g.nodes[x];
      const axes = lastAxes(shape.length, g.nodes[scale].shape.length);
      const squares = addMap(g, shape, ['mul', arg(0), arg(0)], [{ tensor: x }], 'rmsNorm');
      const inverse = inverseDeviation(g, lowerMean(g, squares, axes), epsilon);
      return addMap(
        g,
        shape,
        ['mul', ['mul', arg(0), arg(1)], arg(2)],
        [
          { tensor: x },
          { tensor: inverse, map: without(shape.length, axes) },
          { tensor: scale, map: trailing(shape.length, axes.length) },
        ],
      );
    },
  },
  batchNorm: {
    operands: ['x', 'mean', 'variance', 'scale', 'shift'],
    attributes: { epsilon: floatAttribute, momentum: floatAttribute },
    infer({ epsilon, momentum }, [x, ...channels], refuse) {
      const fits =
        isFloat(x) &&
        x.shape.length >= 2 &&
        channels.every((type) => isFloat(type, 1) && type.shape[0] === x.shape[1]);
      if (!fits || !isEpsilon(epsilon) || !isSingle(momentum) || momentum < 0 || momentum > 1) {
        refuse('x f32[B,C,...], four of f32[C], an epsilon above 0 and a momentum of 0 to 1');
      }
      return x;
    },
    lower(g, { epsilon }, [x, mean, variance, scale, shift]) {
      const { shape } = g.nodes[x];
      const inverse = inverseDeviation(g, variance, epsilon);
      const map = project(shape.length, [1]);
      const [first, ...others] = [x, mean, inverse, scale, shift];
      return scaleAndShift(g, shape, [{ tensor: first }, ...others.map((tensor) => ({ tensor, map }))]);
    },
  },
};

/** (x - mean) / deviation; a number, or one value per feature. */
export function standardise(
  g: Builder,
  x: TensorId,
  mean: number | readonly number[],
  deviation: number | readonly number[],
): TensorId {
  const [, ...features] = g.nodes[x].shape;
  const constants = (values: number | readonly number[]) =>
    typeof values === 'number'
      ? g.constant(Float32Array.of(values), [])
      : g.constant(Float32Array.from(values), features as readonly number[]);
  return g.add({ kind: 'standardise', operands: [x, constants(mean), constants(deviation)] });
}

/** Over the last axis, with new parameters `NAME.scale` (ones) and `NAME.shift` (zeros). */
export function layerNorm(g: Builder, x: TensorId, epsilon = 1e-5): TensorId {
  const width = numberExtent(g.nodes[x].shape.at(-1), 'the last axis for layerNorm');
  const name = nextLayer(g.nodes, 'layerNorm');
  const scale = g.parameter(`${name}.scale`, [width], 'ones');
  const shift = g.parameter(`${name}.shift`, [width], 'zeros');
  return g.add({ kind: 'layerNorm', operands: [x, scale, shift], epsilon: Math.fround(epsilon) });
}

/** Over the last axis, with the new parameter `NAME.scale` (ones). */
export function rmsNorm(g: Builder, x: TensorId, epsilon = 1e-5): TensorId {
  const width = numberExtent(g.nodes[x].shape.at(-1), 'the last axis for rmsNorm');
  const scale = g.parameter(`${nextLayer(g.nodes, 'rmsNorm')}.scale`, [width], 'ones');
  return g.add({ kind: 'rmsNorm', operands: [x, scale], epsilon: Math.fround(epsilon) });
}

/**
 * Over all axes but channel number 1, with new parameters `NAME.scale`, `NAME.shift`, and the
 * running `NAME.mean`, `NAME.variance`, which training moves and gradients do not.
 */
export function batchNorm(
  g: Builder,
  x: TensorId,
  { epsilon = 1e-5, momentum = 0.1 }: { readonly epsilon?: number; readonly momentum?: number } = {},
): TensorId {
  const channels = numberExtent(g.nodes[x].shape[1], 'the channels for batchNorm');
  const name = nextLayer(g.nodes, 'batchNorm');
  const parameters = (['mean', 'variance', 'scale', 'shift'] as const).map((role) =>
    g.parameter(`${name}.${role}`, [channels], role === 'scale' || role === 'variance' ? 'ones' : 'zeros'),
  );
  return g.add({
    kind: 'batchNorm',
    operands: [x, ...parameters],
    epsilon: Math.fround(epsilon),
    momentum: Math.fround(momentum),
  });
}
