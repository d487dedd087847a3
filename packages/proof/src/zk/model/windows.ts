/**
 * What reads an image through a window (docs/specs/zk.md §8.9): for each axis, which position of
 * the input an output position and a place in the window read. A convolution's matrix of patches is
 * never written out: it is these relations, which a verifier evaluates by itself.
 */
import { add, eqValues, fromBase, mul, type Quartic, zero } from '@nonet/algebra';
import type { Axis, TensorRange, WindowLayer } from './program.ts';

/** One axis: output o reads input o * stride + place * dilation - before at each place. */
export interface WindowAxis {
  readonly output: Axis;
  readonly input: Axis;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  /** By what each output is multiplied; 1 if left out. */
  readonly factors?: readonly number[];
}

/** Rows, then columns. */
export type Window = readonly [WindowAxis, WindowAxis];

/** The window of a layer from its source to its tensor. */
export function windowOf(layer: WindowLayer, source: TensorRange, target: TensorRange): Window {
  const axis = (i: number): WindowAxis => ({
    output: target.axes[i + 1],
    input: source.axes[i + 1],
    kernel: layer.kernel[i],
    stride: layer.stride[i],
    dilation: layer.dilation[i],
    before: layer.before[i],
    ...('factors' in layer ? { factors: layer.factors[i] } : {}),
  });
  return [axis(0), axis(1)];
}

/** Which input each output reads at a place, where it is inside of the image. */
function readsAt(
  { output, input, stride, dilation, before }: WindowAxis,
  place: number,
): { o: number; i: number }[] {
  return Array.from({ length: output.size }, (_, o) => ({
    o,
    i: o * stride + place * dilation - before,
  })).filter(({ i }) => i >= 0 && i < input.size);
}

/** eq(point, o), times the factor of each output. */
function weighOutputs({ factors }: WindowAxis, point: readonly Quartic[]): readonly Quartic[] {
  const weights = eqValues(point);
  return factors === undefined ? weights : factors.map((factor, o) => mul(weights[o], fromBase(factor)));
}

/** For each place, the sum of eq(point, o) over the outputs whose read is inside of the image. */
export function evaluateInside(axis: WindowAxis, point: readonly Quartic[]): Quartic[] {
  const weights = eqValues(point);
  return Array.from({ length: axis.kernel }, (_, place) =>
    readsAt(axis, place)
      .map(({ o }) => weights[o])
      .reduce(add, zero),
  );
}

/** For each place, the vector over inputs of the sum of eq(point, o) over outputs that read it. */
export function scatterAxis(axis: WindowAxis, point: readonly Quartic[]): Quartic[][] {
  const weights = weighOutputs(axis, point);
  return Array.from({ length: axis.kernel }, (_, place) => {
    const out = Array<Quartic>(2 ** axis.input.variables).fill(zero);
    for (const { o, i } of readsAt(axis, place)) out[i] = add(out[i], weights[o]);
    return out;
  });
}

/** The values of those vectors' polynomials at a point over the input. */
export function evaluateAxis(
  axis: WindowAxis,
  outputPoint: readonly Quartic[],
  inputPoint: readonly Quartic[],
): Quartic[] {
  const [outputs, inputs] = [weighOutputs(axis, outputPoint), eqValues(inputPoint)];
  return Array.from({ length: axis.kernel }, (_, place) =>
    readsAt(axis, place)
      .map(({ o, i }) => mul(outputs[o], inputs[i]))
      .reduce(add, zero),
  );
}

/** The sum of vectors of one length, each times its weight. */
export function combineVectors(
  vectors: readonly (readonly Quartic[])[],
  weights: readonly Quartic[],
): Quartic[] {
  return vectors[0].map((_, i) => vectors.map((vector, k) => mul(vector[i], weights[k])).reduce(add, zero));
}
