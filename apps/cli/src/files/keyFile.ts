/** Files with a private key. */
import { readFileSync } from 'node:fs';
import { type Hex, MisuseError } from '@nonet/core';

/** A key of 64 hexadecimal digits, with `0x` in front or not. Throws `code`. */
export function readKeyFile(file: string, code: string): Hex {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new MisuseError({ code, expected: `a private key in ${file}`, found: 'no readable file', cause });
  }
  if (/^(?:0x)?[0-9a-fA-F]{64}$/.test(text)) return (text.startsWith('0x') ? text : `0x${text}`) as Hex;
  throw new MisuseError({
    code,
    expected: `64 hexadecimal digits in ${file}`,
    found: `${text.length} other characters`,
  });
}
