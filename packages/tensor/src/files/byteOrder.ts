/**
 * Typed arrays have the machine's byte order; files and WebAssembly memory are little-endian.
 * Importing this module refuses a machine where they differ, so that no other code has to swap
 * bytes.
 */
import { MisuseError } from '@nonet/core';

if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) {
  throw new MisuseError({
    code: 'machine.byteOrder',
    expected: 'a little-endian machine',
    found: 'a big-endian one',
  });
}
