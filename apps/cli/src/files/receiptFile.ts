/** Receipt files: the JSON document that a run leaves, and that anyone may send. */
import { readFileSync, statSync } from 'node:fs';
import { MisuseError, NonetError } from '@nonet/core';
import { receiptSchema } from '@nonet/core/receipt';

/** Receipts are a few hundred kilobytes; a file far above is not one. */
export const maximumReceiptBytes = 64 * 2 ** 20;

/**
 * The value in a receipt file, unchecked: what was changed in it is for the checks. Throws
 * `receipt.file` for what cannot be read or is plainly something else.
 */
export function readReceiptFile(file: string): unknown {
  const refuse = (found: string, cause?: unknown) =>
    new MisuseError({
      code: 'receipt.file',
      expected: `a receipt (JSON) at ${file}`,
      found,
      hint: 'A run leaves one in runs/ID/receipt.json.',
      cause,
    });
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > maximumReceiptBytes) throw refuse(`${size} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof NonetError) throw cause;
    throw refuse('no readable file', cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'something else', cause);
  }
  if (!resemblesReceipt(value)) throw refuse('JSON without the fields of a receipt');
  return value;
}

/** Whether a value is meant to be a receipt, right or wrong: it has at least four of its fields. */
export function resemblesReceipt(value: unknown): boolean {
  const fields = Object.keys(Object(value));
  return Object.keys(receiptSchema.shape).filter((field) => fields.includes(field)).length >= 4;
}
