/**
 * NPY files of NumPy (numpy.lib.format, versions 1.0 to 3.0): the magic `\x93NUMPY`, a version, the
 * length of a header, the header as a Python literal `{'descr': '<f4', 'fortran_order': False,
 * 'shape': (3, 4), }`, the elements. And NPZ files, which are ZIP archives of them (APPNOTE
 * 6.3.10): stored members are read in place, deflated ones are inflated whole.
 *
 * Elements are numbers: f2, f4, f8, i1 .. i8, u1 .. u8, booleans, either byte order. u1 stays
 * bytes; the others become f32, rounded once. Or texts, of 32 bits a character (U1, U2, ..): names of
 * labels. Fortran order and Python objects are refused: unpickling would run a stranger's code.
 */
import { NonetError } from '@nonet/core';
import type { ArrayFile, TextFile } from './arrays.ts';

function refuse(name: string, expected: string, found: string, hint?: string): never {
  throw new NonetError({
    code: 'npy.malformed',
    expected: `${expected} in ${name}`,
    found,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Headers above this are refused; NumPy itself warns above 10,000 bytes. */
const maximumHeader = 2 ** 16;
const maximumRank = 32;

const headerPattern =
  /^\{\s*'descr':\s*'([^']{1,16})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(((?:\s*\d{1,16}\s*,)*(?:\s*\d{1,16})?\s*)\)\s*,?\s*\}\s*$/;

/** How one element is read from a view; `little` is the byte order. */
type ReadElement = (view: DataView, offset: number, little: boolean) => number;

const elementReaders: Readonly<Record<string, ReadElement>> = {
  b1: (view, at) => view.getUint8(at),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f2: (view, at, little) => halfToNumber(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const magnitude =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25);
  return bits >> 15 === 0 ? magnitude : -magnitude;
}

async function readBytes(file: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}

/** Throws `npy.malformed`; `name` says of which file. */
export async function openNpy(file: Blob, name = 'the NPY file'): Promise<ArrayFile | TextFile> {
  const head = await readBytes(file, 0, 12);
  const view = new DataView(head.buffer);
  if (head.length < 10 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059) {
    refuse(name, 'the magic \\x93NUMPY', 'other bytes');
  }
  const major = view.getUint8(6);
  if (major < 1 || major > 3 || (major > 1 && head.length < 12))
    refuse(name, 'version 1, 2 or 3', String(major));
  const headerStart = major === 1 ? 10 : 12;
  const headerLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerLength > maximumHeader) {
    refuse(name, `a header of at most ${maximumHeader} bytes`, `${headerLength}`);
  }
  const start = headerStart + headerLength;
  const header = new TextDecoder().decode(await readBytes(file, headerStart, start));
  const match = headerPattern.exec(header);
  if (match === null) {
    return refuse(
      name,
      "a header {'descr': '<f4', 'fortran_order': False, 'shape': (N, ...), }",
      header.slice(0, 80),
    );
  }
  const [, descriptor, fortran, axes] = match;
  const kind = descriptor.slice(1);
  /** Characters of a text, which are 4 bytes each. */
  const characters = /^U\d{1,4}$/.test(kind) ? Number(kind.slice(1)) : undefined;
  const width = characters === undefined ? Number(kind.slice(1)) : 4 * characters;
  const readElement = Object.hasOwn(elementReaders, kind) ? elementReaders[kind] : undefined;
  const ordered = width === 1 ? '|<>=' : '<>';
  if ((readElement === undefined && !characters) || !ordered.includes(descriptor[0])) {
    return refuse(
      name,
      'numbers: f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8, b1; or texts: U1, U2, ..',
      descriptor,
      'Convert the array with .astype.',
    );
  }
  if (fortran === 'True') {
    refuse(name, 'row-major order', 'Fortran order', 'Save numpy.ascontiguousarray(array).');
  }
  const shape = axes
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  if (shape.length === 0 || shape.length > maximumRank) refuse(name, `1 to ${maximumRank} axes`, `(${axes})`);
  const rowBytes = width * shape.slice(1).reduce((product, extent) => product * extent, 1);
  if (!Number.isSafeInteger(shape[0] * rowBytes) || file.size !== start + shape[0] * rowBytes) {
    refuse(name, `${start} + ${shape[0] * rowBytes} bytes for (${shape.join(', ')})`, `${file.size}`);
  }
  const little = descriptor[0] !== '>';
  if (readElement === undefined) {
    return {
      name,
      shape,
      dtype: 'text',
      async read(from, to) {
        const view = new DataView(
          (await readBytes(file, start + from * rowBytes, start + to * rowBytes)).buffer,
        );
        return Array.from({ length: view.byteLength / width }, (_, row) =>
          textAt(view, row * width, width, little, name),
        );
      },
    };
  }
  return {
    name,
    shape,
    dtype: kind === 'u1' ? 'U8' : kind[0] === 'f' ? 'F32' : 'integer',
    async read(from, to) {
      const bytes = await readBytes(file, start + from * rowBytes, start + to * rowBytes);
      if (kind === 'u1') return bytes;
      const source = new DataView(bytes.buffer);
      // f64, because labels are integers that f32 may not hold.
      const elements = new Float64Array(bytes.length / width);
      for (let i = 0; i < elements.length; i++) elements[i] = readElement(source, i * width, little);
      return elements;
    },
  };
}

/** A text in UCS-4, which zeros fill up. */
function textAt(view: DataView, offset: number, width: number, little: boolean, name: string): string {
  let text = '';
  for (let at = offset; at < offset + width; at += 4) {
    const point = view.getUint32(at, little);
    if (point > 0x10ffff) return refuse(name, 'characters of Unicode', `0x${point.toString(16)}`);
    if (point !== 0) text += String.fromCodePoint(point);
  }
  return text;
}

/** Members that inflate to more than this together are refused. */
const maximumInflated = 2 ** 31;
const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;

/** The arrays of an NPZ file by name (`x` for the member `x.npy`). Throws `npy.malformed`. */
export async function openNpz(
  file: Blob,
  name = 'the NPZ file',
): Promise<ReadonlyMap<string, ArrayFile | TextFile>> {
  // The end record is 22 bytes and a comment of at most 65,535.
  const tail = await readBytes(file, Math.max(0, file.size - 22 - 65535), file.size);
  const tailView = new DataView(tail.buffer);
  let end = tail.length - 22;
  while (end >= 0 && tailView.getUint32(end, true) !== endOfDirectory) end--;
  if (end < 0) return refuse(name, 'a ZIP archive', 'no end of a central directory');
  const count = tailView.getUint16(end + 10, true);
  const size = tailView.getUint32(end + 12, true);
  const offset = tailView.getUint32(end + 16, true);
  if (count === 0xffff || offset === 0xffffffff) {
    return refuse(name, 'an archive below 4 GiB', 'a ZIP64 archive', 'Save the arrays as single NPY files.');
  }
  if (offset + size > file.size)
    return refuse(name, 'a central directory inside the file', `${offset} + ${size}`);
  const directory = await readBytes(file, offset, offset + size);
  const view = new DataView(directory.buffer);
  const arrays = new Map<string, ArrayFile | TextFile>();
  let inflated = 0;
  for (let i = 0, at = 0; i < count; i++) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== directoryEntry) {
      return refuse(name, `${count} entries in the central directory`, `${i}`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const member = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    if (!member.endsWith('.npy') || arrays.has(member.slice(0, -4))) {
      return refuse(name, 'distinct members called *.npy', JSON.stringify(member.slice(0, 80)));
    }
    // Of all members together: many may name the same deflated bytes.
    if (view.getUint16(at + 10, true) !== 0) inflated += view.getUint32(at + 24, true);
    if (inflated > maximumInflated) return refuse(name, `at most ${maximumInflated} bytes`, `${inflated}`);
    const blob = await openMember(file, `${member} of ${name}`, {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      header: view.getUint32(at + 42, true),
    });
    arrays.set(member.slice(0, -4), await openNpy(blob, `${member} of ${name}`));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

interface Member {
  readonly method: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly header: number;
}

/** The bytes of a member: a range of the archive, or what it inflates to. */
async function openMember(
  file: Blob,
  name: string,
  { method, packed, unpacked, header }: Member,
): Promise<Blob> {
  const local = await readBytes(file, header, header + 30);
  const view = new DataView(local.buffer);
  if (local.length < 30 || view.getUint32(0, true) !== localHeader) {
    return refuse(name, 'a local header where the directory says', 'other bytes');
  }
  const start = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + packed > file.size) return refuse(name, `${packed} bytes`, `${file.size - start}`);
  const body = file.slice(start, start + packed);
  if (method === 0) return body;
  if (method !== 8) return refuse(name, 'a stored or deflated member', `compression method ${method}`);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for await (const part of body.stream().pipeThrough(new DecompressionStream('deflate-raw'))) {
      length += part.length;
      if (length > unpacked) break;
      parts.push(part);
    }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    return refuse(name, 'deflated bytes', cause.message);
  }
  if (length !== unpacked)
    return refuse(name, `${unpacked} bytes when inflated`, length > unpacked ? 'more' : `${length}`);
  return new Blob(parts);
}
