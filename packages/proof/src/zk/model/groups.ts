/**
 * Convolutions in groups (docs/specs/zk.md §8.4): which output channel belongs to an input channel
 * and an output of its group, as a polynomial of both.
 */
import { add, dot, eqValues, mul, type Quartic, zero } from '@nonet/algebra';
import type { LinearProduct } from './relations.ts';

/** Sizes of groups, of a product that has several. */
function sizesOf({ source, outer, groups }: LinearProduct) {
  return { inputs: source.axes[0].size / groups, outputs: outer[0].size / groups };
}

/** eq(channel, number of output o in the group of input c), for each c and o. */
export function scatterGroups(product: LinearProduct, channel: readonly Quartic[]): readonly Quartic[][] {
  const { inputs, outputs } = sizesOf(product);
  const weights = eqValues(channel);
  return Array.from({ length: product.source.axes[0].size }, (_, c) => {
    const first = Math.floor(c / inputs) * outputs;
    return weights.slice(first, first + outputs);
  });
}

/** That, as a polynomial, at a point over input channels and one over the outputs of a group. */
export function evaluateGroups(
  product: LinearProduct,
  channel: readonly Quartic[],
  input: readonly Quartic[],
  output: readonly Quartic[],
): Quartic {
  const { inputs, outputs } = sizesOf(product);
  const [channels, across, within] = [channel, input, output].map((point) => eqValues(point));
  return Array.from({ length: product.groups }, (_, group) => {
    const own = across.slice(group * inputs, (group + 1) * inputs).reduce(add, zero);
    return mul(own, dot(channels.slice(group * outputs, (group + 1) * outputs), within.slice(0, outputs)));
  }).reduce(add, zero);
}
