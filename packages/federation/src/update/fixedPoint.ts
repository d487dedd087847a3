/**
 * Fixed-point arithmetic of updates (docs/specs/update.md §3): what a participant sends are
 * integers, so that sums are exact, do not depend on their order and can be masked. A job's
 * `arithmetic` names the numbers; they are literals of the job schema, so every job has the same.
 */
import { NonetError } from '@nonet/core';
import type { FixedPoint, MaskedAverage } from '@nonet/core/records';

/** The largest magnitude of an entry: 8 * 2^20 = 2^23. */
export function maximumEntry({ clamp, scaleBits }: FixedPoint): number {
  return clamp * 2 ** scaleBits;
}

/**
 * How many examples count (§3.2): bounded, so that no participant outweighs the rest by claiming
 * more.
 */
export function weightOf(examples: number, { maximumWeight }: FixedPoint): number {
  return Math.min(examples, maximumWeight);
}

/**
 * 1.5 * 2^52: adding and subtracting it rounds any |x| < 2^51 to an integer, half to even (IEEE
 * 754).
 */
const roundingMagnet = 6755399441055744;

/**
 * roundHalfEven(clamp(u, +-8) * 2^20) for each entry (§3.1). Throws `update.length` on another
 * number of entries than the job's and `update.notFinite` on NaN and infinities: training that
 * diverged is not sent.
 */
export function quantise(update: Float32Array, specification: FixedPoint): Int32Array<ArrayBuffer> {
  const { entries, clamp, scaleBits } = specification;
  if (update.length !== entries) {
    throw new NonetError({
      code: 'update.length',
      expected: `an update of ${entries} entries`,
      found: `${update.length}`,
    });
  }
  const scale = 2 ** scaleBits;
  const quantised = new Int32Array(entries);
  for (let i = 0; i < entries; i++) {
    const u = update[i]!;
    // u - u is NaN for NaN and for infinities, 0 otherwise.
    if (u - u !== 0) {
      throw new NonetError({
        code: 'update.notFinite',
        expected: 'finite numbers in an update',
        found: `${u} at entry ${i}`,
        hint: 'Training diverged; a lower learning rate helps.',
      });
    }
    const scaled = Math.max(-clamp, Math.min(clamp, u)) * scale;
    quantised[i] = scaled + roundingMagnet - roundingMagnet;
  }
  return quantised;
}

/** trained - start, rounded to f32: what `quantise` takes. */
export function subtractParameters(trained: Float32Array, start: Float32Array): Float32Array<ArrayBuffer> {
  const update = new Float32Array(trained.length);
  for (let i = 0; i < update.length; i++) update[i] = trained[i]! - start[i]!;
  return update;
}

/** Numbers of one tensor of which less was sent than they moved by. */
export interface ClampedTensor {
  readonly name: string;
  /** How many of them. */
  readonly numbers: number;
  /** The largest movement among them, as a magnitude. */
  readonly largest: number;
}

/** What `quantise` cuts, by tensor: `tensors` are those of the update, in its order. */
export function findClamped(
  update: Float32Array,
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
  { clamp }: Pick<FixedPoint | MaskedAverage, 'clamp'>,
): ClampedTensor[] {
  let offset = 0;
  return tensors.flatMap(({ name, shape }) => {
    const length = shape.reduce((count, extent) => count * extent, 1);
    let [numbers, largest] = [0, 0];
    for (const moved of update.subarray(offset, (offset += length))) {
      const size = Math.abs(moved);
      if (size <= clamp) continue;
      numbers++;
      largest = Math.max(largest, size);
    }
    return numbers === 0 ? [] : [{ name, numbers, largest }];
  });
}

/** The first entry beyond +-`limit`, or -1 (§2.5). */
export function findOutOfRange(entries: Int32Array, limit: number): number {
  for (let i = 0; i < entries.length; i++) if (entries[i]! > limit || entries[i]! < -limit) return i;
  return -1;
}
