import { toHex } from '../bytes.ts';

/** Records as JSON: bigint as decimal string, bytes as hexadecimal. */
export function toJson(value: unknown, indent = 2): string {
  return JSON.stringify(
    value,
    (_, field: unknown) =>
      typeof field === 'bigint' ? field.toString() : field instanceof Uint8Array ? toHex(field) : field,
    indent,
  );
}
