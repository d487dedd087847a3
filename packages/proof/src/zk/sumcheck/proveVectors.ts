/**
 * Vectors of extension elements as a ring (rings.ts), for provers: each operation is at most
 * one call of a kernel into new memory, which the caller releases as a whole.
 */
import { type Address, type FieldMemory, fromInteger, quarticSize, toMontgomery } from '@nonet/algebra';
import type { ExtensionRing } from '../rings.ts';

/** Elements that are evaluated at a time: what an expression makes of them stays in the cache. */
export const chunkSize = 1024;

/** The ring of vectors of `count` elements. */
export function vectorRing(field: FieldMemory, count: number): ExtensionRing<Address> {
  const { kernels } = field;
  const fresh = () => field.allocate(count * quarticSize);
  return {
    add(a, b) {
      const out = fresh();
      kernels.addVectors(out, a, b, count);
      return out;
    },
    sub(a, b) {
      const out = fresh();
      kernels.subVectors(out, a, b, count);
      return out;
    },
    mul(a, b) {
      const out = fresh();
      kernels.mulVectors(out, a, b, count);
      return out;
    },
    scale(a, factor) {
      if (factor === 1) return a;
      const out = fresh();
      kernels.scaleBase(out, a, toMontgomery(fromInteger(factor)), count);
      return out;
    },
    scaleBy(a, factor) {
      const out = fresh();
      kernels.scaleVector(out, a, field.place([factor]), count);
      return out;
    },
    shiftBy(a, term) {
      const out = fresh();
      kernels.shiftVector(out, a, field.place([term]), count);
      return out;
    },
  };
}

/** out = expression of `tables`, vectors of `count` elements, a chunk at a time. */
export function evaluateVectors(
  field: FieldMemory,
  out: Address,
  tables: readonly Address[],
  count: number,
  expression: (ring: ExtensionRing<Address>, tables: readonly Address[]) => Address,
): void {
  for (let from = 0; from < count; from += chunkSize) {
    const mark = field.mark();
    const size = Math.min(chunkSize, count - from);
    const at = from * quarticSize;
    const result = expression(
      vectorRing(field, size),
      tables.map((table) => table + at),
    );
    field.bytes(out + at, size * quarticSize).set(field.bytes(result, size * quarticSize));
    field.release(mark);
  }
}
