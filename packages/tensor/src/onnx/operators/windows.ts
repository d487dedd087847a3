/**
 * Sliding windows over spatial axes, as convolutions and pools have them: kernel, strides,
 * dilations, padding, and how many windows there are (ONNX's rules for auto_pad and ceil_mode).
 */
import type { Shape } from '../../graph/shape.ts';
import type { NodeReader } from '../reading.ts';
import { fixedShape } from './build.ts';

/** Windows over spatial axes; each list has one entry per axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /**
   * Padding before and after each axis; a rounded-up count of windows may need more behind, in
   * `beyond`.
   */
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly beyond: readonly number[];
  readonly outputs: readonly number[];
}

/** The windows of a node over x (B, C, spatial...); `kernel` is the weights' for a convolution. */
export function windowOf(n: NodeReader, x: Shape, kernel?: readonly number[]): Window {
  const input = fixedShape(n, x.slice(2));
  const size = n.integerList('kernel_shape', kernel);
  const rank = size.length;
  const ones = size.map(() => 1);
  const strides = n.integerList('strides', ones);
  const dilations = n.integerList('dilations', ones);
  const pads = n.integerList(
    'pads',
    [...ones, ...ones].map(() => 0),
  );
  const auto = n.text('auto_pad', 'NOTSET');
  const ceil = n.flag('ceil_mode', false);
  const fits = [input, strides, dilations].every(({ length }) => length === rank) && pads.length === 2 * rank;
  const positive = [...size, ...strides, ...dilations].every((value) => value >= 1);
  if (
    rank < 1 ||
    rank > 3 ||
    !fits ||
    !positive ||
    pads.some((pad) => pad < 0) ||
    (kernel && `${kernel}` !== `${size}`)
  ) {
    n.refuse(
      'one to three spatial axes with kernel, strides, dilations and pads',
      `[${x.join(',')}], kernel [${size}]`,
    );
  }
  let low = pads.slice(0, rank);
  let high = pads.slice(rank);
  const reach = size.map((extent, s) => dilations[s] * (extent - 1) + 1);
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const total = input.map((extent, s) =>
      Math.max(0, (Math.ceil(extent / strides[s]) - 1) * strides[s] + reach[s] - extent),
    );
    const less = total.map((pad) => Math.floor(pad / 2));
    const more = total.map((pad, s) => pad - less[s]);
    [low, high] = auto === 'SAME_UPPER' ? [less, more] : [more, less];
  } else if (auto === 'VALID') {
    [low, high] = [ones.map(() => 0), ones.map(() => 0)];
  } else if (auto !== 'NOTSET') {
    n.refuse('auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID', auto);
  }
  const outputs = input.map((extent, s) => {
    const room = extent + low[s] + high[s] - reach[s];
    const steps = (ceil ? Math.ceil : Math.floor)(room / strides[s]);
    // A window that would begin in the padding behind is left out.
    return ceil && steps * strides[s] >= extent + low[s] ? steps : steps + 1;
  });
  if (outputs.some((count) => count < 1)) n.refuse('at least one window', `[${x.join(',')}] under [${size}]`);
  const beyond = input.map((extent, s) =>
    Math.max(0, (outputs[s] - 1) * strides[s] + reach[s] - (extent + low[s] + high[s])),
  );
  return { kernel: size, strides, dilations, low, high, beyond, outputs };
}
