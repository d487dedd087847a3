/**
 * Contractions over an image with zeros between its pixels, as transposed convolutions are: which
 * of the zeros an output reads depends on its place modulo the stride alone. So each of these
 * phases is a contraction of its own over the image without the zeros. A product of a zero and a
 * finite weight is a zero, and adding that to a sum changes nothing: sums begin at +0 and are never
 * -0. So the bits are the same.
 */
import { type Affine, flatten } from '../graph/affine.ts';
import type { ElementSpecification, Primitive } from '../graph/primitives.ts';
import { boundShape, rowMajorStrides } from '../graph/shape.ts';

type Contract = Extract<Primitive, { kind: 'contract' }>;
type Pad = Extract<Primitive, { kind: 'pad' }>;

/** The outputs of one phase: they begin at `start`, and lie `strides` apart. */
export interface Phase {
  readonly start: number;
  readonly strides: readonly number[];
  readonly specification: ElementSpecification;
}

/**
 * Each phase is a kernel call of its own, for which more of them would leave too little to do. It
 * bounds the time of planning too, which comes before any budget: a stranger's graph may ask for
 * 2^31 zeros between two elements.
 */
const maximumPhases = 256;

/** An axis with zeros between its elements. */
interface Spread {
  readonly step: number;
  readonly out: number;
  readonly term: number;
}

/**
 * The phases of a contraction whose operand `image` is what `pad` makes of a tensor of shape
 * `source`; undefined unless every output reads exactly one element, and no zeros, along each axis
 * that has zeros between its elements, or if there are too many phases.
 */
export function splitPhases(
  contract: Contract,
  image: 0 | 1,
  pad: Pad,
  source: readonly number[],
  weights: readonly number[],
): readonly Phase[] | undefined {
  if (pad.valueBits !== 0) return undefined;
  const out = boundShape(contract.out);
  const k = boundShape(contract.k);
  const columns = out.length + k.length;
  const whole = rowMajorStrides(out);
  const [read, other] = [contract.maps[image], contract.maps[1 - image]];
  const spreads = source.map((_, axis) => spreadOf(read, other, axis, out.length, pad));
  if (spreads.includes('none') || spreads.every((each) => each === 'plain')) return undefined;
  let phases: readonly (Phase & { readonly maps: readonly [Affine, Affine] })[] = [
    { start: 0, strides: whole, specification: { out, k, operands: [] }, maps: [read, other] },
  ];
  for (const [axis, spread] of spreads.entries()) {
    if (typeof spread === 'string') continue;
    const { step, out: at, term } = spread;
    const residues = Math.min(step, out[at]);
    if (residues * phases.length > maximumPhases) return undefined;
    const taps = Array.from({ length: residues }, (_, phase) => {
      const behind = pad.low[axis] - read.offset[axis] - phase;
      const tap = ((behind % step) + step) % step;
      const count = Math.ceil((out[at] - phase) / step);
      return { phase, tap, count, first: (tap - behind) / step };
    });
    const extent = k[term - out.length];
    const readsOne = ({ tap, count, first }: (typeof taps)[number]) =>
      tap < extent && extent <= tap + step && first >= 0 && first + count <= source[axis];
    if (!taps.every(readsOne)) return undefined;
    phases = phases.flatMap((before) =>
      taps.map(({ phase, tap, count, first }) => ({
        start: before.start + phase * whole[at],
        strides: before.strides.with(at, step * whole[at]),
        specification: {
          out: before.specification.out.with(at, count),
          k: before.specification.k.with(term - out.length, 1),
          operands: [],
        },
        maps: [
          {
            matrix: before.maps[0].matrix.with(axis, unit(columns, at)),
            offset: before.maps[0].offset.with(axis, first),
          },
          // The tap is the same for all outputs of the phase.
          {
            matrix: before.maps[1].matrix.map((row) => row.with(term, 0)),
            offset: before.maps[1].offset.map((offset, i) => offset + tap * before.maps[1].matrix[i][term]),
          },
        ],
      })),
    );
  }
  return phases.map(({ start, strides, specification, maps }) => {
    const operands = [flatten(maps[0], source, columns), flatten(maps[1], weights, columns)];
    if (image === 1) operands.reverse();
    return { start, strides, specification: { ...specification, operands } };
  });
}

const unit = (length: number, at: number) => Array.from({ length }, (_, i) => (i === at ? 1 : 0));

/**
 * `plain` if nothing was added to the axis. With zeros between its elements it has to be read at
 * one axis of the output plus one of the terms, which nothing else depends on, but for the weights
 * on the latter; `none` otherwise.
 */
function spreadOf(
  read: Affine,
  other: Affine,
  axis: number,
  rank: number,
  { low, high, interior }: Pad,
): Spread | 'plain' | 'none' {
  if (interior[axis] === 0) return low[axis] + high[axis] === 0 ? 'plain' : 'none';
  const row = read.matrix[axis];
  const used = [...row.keys()].filter((column) => row[column] !== 0);
  const [out, term] = used;
  if (used.length !== 2 || out >= rank || term < rank || row[out] !== 1 || row[term] !== 1) return 'none';
  const alone = read.matrix.every((each, i) => i === axis || (each[out] === 0 && each[term] === 0));
  const unweighted = other.matrix.every((each) => each[out] === 0);
  return alone && unweighted ? { step: interior[axis] + 1, out, term } : 'none';
}
