/** SHA-256, and how Nonet writes hashes. Which hash is the address of a blob: contentTree.ts. */
import { sha256 } from '#sha256';
import type { Hex } from './bytes.ts';
import { MisuseError } from './errors.ts';

export { sha256 };

/** `0x` and 64 lower-case hexadecimal digits: a content address, or a node of a hash tree. */
export type Address = Hex & { readonly sha256: true };

/** Whether `value` is a content address: `0x` and 64 lower-case digits. */
export function isAddress(value: unknown): value is Address {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value);
}

/** Throws `address.malformed`; `name` says whose address it should have been. */
export function assertAddress(value: unknown, name: string): asserts value is Address {
  if (!isAddress(value)) {
    throw new MisuseError({
      code: 'address.malformed',
      expected: `${name} to be 0x and 64 lower-case hexadecimal digits`,
      found: typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value,
    });
  }
}
