/**
 * Dropout (Srivastava et al. 2014): nothing at inference; `toTrainingMode` puts the random form in
 * its place.
 */
import type { Builder } from '../builder.ts';
import { addMap } from '../emit.ts';
import { arg, constant, type Expression, integer } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import { equalShapes } from '../shape.ts';
import { type Definitions, floatAttribute, integerAttribute, isCount, isFloat } from './definition.ts';

interface Rate {
  readonly operands: readonly TensorId[];
  readonly rate: number;
  /** Tells the layers of one graph apart. */
  readonly stream: number;
}

/** Dropout as a model declares it, and as training runs it. */
export type DropoutOperation =
  /** x -> x. */
  | ({ readonly kind: 'dropout' } & Rate)
  /**
   * x, seed i32 (2), step i32 () -> x / (1 - rate), or 0 where the upper 24 bits of the generator's
   * word are below rate * 2^24, rounded.
   */
  | ({ readonly kind: 'randomDropout' } & Rate);

const isRate = ({ rate, stream }: Rate) =>
  rate >= 0 && rate < 1 && Math.fround(rate) === rate && isCount(stream);
const attributes = { rate: floatAttribute, stream: integerAttribute };

/** Definitions, by kind. */
export const dropouts: Definitions<DropoutOperation> = {
  dropout: {
    operands: ['x'],
    attributes,
    infer: (operation, [x], refuse) =>
      isFloat(x) && isRate(operation) ? x : refuse('f32, a rate of 0 to below 1, and a stream'),
    lower: (_, __, [x]) => x,
  },
  randomDropout: {
    operands: ['x', 'seed', 'step'],
    attributes,
    infer(operation, [x, seed, step], refuse) {
      const integers = seed.dtype === 'i32' && step.dtype === 'i32';
      const fits = isFloat(x) && integers && equalShapes(seed.shape, [2]) && step.shape.length === 0;
      return fits && isRate(operation) ? x : refuse('x f32, seed i32[2], step i32[], a rate, a stream');
    },
    lower(g, { rate, stream }, [x, seed, step]) {
      const { shape } = g.nodes[x];
      const words = g.add({ kind: 'random', operands: [seed, step], out: shape, stream }, 'dropout');
      const upper: Expression = ['and', ['shr', arg(1), integer(8)], integer(0xffffff)];
      const dropped: Expression = ['lt', upper, integer(Math.round(rate * 2 ** 24))];
      const kept: Expression = ['mul', arg(0), constant(1 / (1 - rate))];
      return addMap(g, shape, ['select', dropped, constant(0), kept], [{ tensor: x }, { tensor: words }]);
    },
  },
};

/** In training, entries become 0 with probability `rate` and grow by 1 / (1 - rate) otherwise. */
export const dropout = (g: Builder, x: TensorId, rate: number): TensorId =>
  g.add({
    kind: 'dropout',
    operands: [x],
    rate: Math.fround(rate),
    stream: g.nodes.filter(({ kind }) => kind === 'dropout').length,
  });
