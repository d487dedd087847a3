/**
 * The kernels over shared memory. A WebAssembly module says in its import whether the memory is
 * shared (threads proposal, "limits": flag 0x03 and a maximum in place of 0x00 or 0x01), and
 * nothing else in this module depends on it, since threads write disjoint places and use no
 * atomics. So the shared module is the plain one with another memory type, and needs no second
 * binary.
 */
import { NonetError } from '@nonet/core';

const importSection = 2;
const sharedWithMaximum = 0x03;
/** 65,536 pages, the most that 32-bit addresses reach, in LEB128. */
const maximumPages = [0x80, 0x80, 0x04];

/** Unsigned LEB128 at `at`: the value and where it ends. */
export function readLeb(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7, at++) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return { value, end: at + 1 };
  }
  throw malformed('a number of at most five bytes', 'a longer one');
}

function writeLeb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) + 0x80);
  return [...bytes, value];
}

function malformed(expected: string, found: string): NonetError {
  return new NonetError({ code: 'kernels.module', expected: `${expected} in the kernels`, found });
}

/** Throws `kernels.module` unless the module's one import is a memory. */
export function toSharedModule(module: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < module.length; ) {
    const section = readLeb(module, at + 1);
    if (module[at] !== importSection) {
      at = section.end + section.value;
      continue;
    }
    const count = readLeb(module, section.end);
    const moduleName = readLeb(module, count.end);
    const name = readLeb(module, moduleName.end + moduleName.value);
    const kind = name.end + name.value;
    if (count.value !== 1 || module[kind] !== 2)
      throw malformed('one import, a memory', `${count.value} imports`);
    const minimum = readLeb(module, kind + 2);
    const limits = [sharedWithMaximum, ...module.subarray(kind + 2, minimum.end), ...maximumPages];
    const content = [...module.subarray(section.end, kind + 1), ...limits];
    return Uint8Array.from([
      ...module.subarray(0, at + 1),
      ...writeLeb(content.length),
      ...content,
      ...module.subarray(section.end + section.value),
    ]);
  }
  throw malformed('an imported memory', 'none');
}
