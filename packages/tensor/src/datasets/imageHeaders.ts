/**
 * What headers of images say before anything is decoded: how large a JPEG is (ITU-T T.81, annex B),
 * whether its bytes can hold as much, and how a camera was held (Exif 2.32 §4.6.4, tag 0x0112).
 */
import { NonetError } from '@nonet/core';

/**
 * How an image is to be turned before it is seen: 1 not at all, 3 by 180 degrees, 6 by 90 degrees
 * clockwise, 8 counterclockwise; 2, 4, 5 and 7 are mirror images.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

function refuse(path: string, expected: string, found: string): never {
  throw new NonetError({ code: 'image.malformed', expected: `${expected} in ${path}`, found });
}

/** The orientation in a TIFF header as Exif has it: 1 where there is none. */
export function readOrientation(tiff: Uint8Array): Orientation {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 8) return 1;
  const mark = view.getUint16(0);
  const little = mark === 0x4949;
  if ((!little && mark !== 0x4d4d) || view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** Scans of progressive files; usual are ten. Each goes over all blocks, whatever it adds. */
const maximumScans = 100;

const exifMark = 'Exif\0\0';

/** Whether a marker stands alone, without a length: RSTn, TEM. */
const isBare = (marker: number) => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;

/**
 * Checks a JPEG file before it is decoded: one frame of at most `maximumPixels`, as many blocks of
 * 8 x 8 as its bytes can hold (each takes at least a bit), an end. Returns its orientation. Throws
 * `image.malformed`; `path` says of which file.
 */
export function inspectJpeg(bytes: Uint8Array, path: string, maximumPixels: number): Orientation {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation: Orientation = 1;
  let frames = 0;
  let scans = 0;
  for (let at = 2; ; ) {
    // Fill bytes, and what entropy coding left behind a scan: up to the next marker.
    while (at + 1 < bytes.length && (bytes[at] !== 0xff || bytes[at + 1] === 0xff || bytes[at + 1] === 0))
      at++;
    if (at + 1 >= bytes.length)
      refuse(path, 'a whole JPEG file, with its end', `${bytes.length} bytes without it`);
    const marker = bytes[at + 1];
    at += 2;
    if (marker === 0xd9) break;
    if (isBare(marker)) continue;
    const length = at + 2 <= bytes.length ? view.getUint16(at) : 0;
    if (length < 2 || at + length > bytes.length)
      refuse(path, 'whole segments', `a cut one at byte ${at - 2}`);
    const segment = bytes.subarray(at + 2, at + length);
    if (marker === 0xe1 && orientation === 1 && latin1(segment.subarray(0, 6)) === exifMark) {
      orientation = readOrientation(segment.subarray(6));
    }
    // SOF0 to SOF15 without DHT, JPG and DAC.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      frames++;
      if (marker > 0xc2)
        refuse(path, 'baseline or progressive Huffman coding', `frame type ${marker - 0xc0}`);
      assertFrame(segment, bytes.length, path, maximumPixels);
    }
    if (marker === 0xda) scans++;
    at += length;
  }
  if (frames !== 1) refuse(path, 'one frame', `${frames}`);
  if (scans < 1 || scans > maximumScans) refuse(path, `1 to ${maximumScans} scans`, `${scans}`);
  return orientation;
}

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** T.81 B.2.2: precision, lines, samples per line, components with their sampling factors. */
function assertFrame(segment: Uint8Array, fileBytes: number, path: string, maximumPixels: number): void {
  const [precision, h1, h0, w1, w0, count] = segment;
  if (segment.length !== 6 + 3 * count) refuse(path, 'a frame header', `${segment.length} bytes`);
  const [height, width] = [256 * h1 + h0, 256 * w1 + w0];
  const pixels = height * width;
  if (precision !== 8) refuse(path, '8 bits per sample', `${precision}`);
  if (pixels === 0 || pixels > maximumPixels) refuse(path, `1 to ${maximumPixels} pixels`, `${pixels}`);
  if (count !== 1 && count !== 3 && count !== 4) {
    refuse(path, '1, 3 or 4 components', `${count}`);
  }
  const factors = Array.from({ length: count }, (_, i) => {
    const factor = segment[7 + 3 * i];
    return { horizontal: factor >> 4, vertical: factor & 15 };
  });
  for (const { horizontal, vertical } of factors) {
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) {
      refuse(path, 'sampling factors from 1 to 4', `${horizontal} x ${vertical}`);
    }
  }
  const maximum = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 1);
  const units =
    Math.ceil(width / (8 * maximum(factors.map(({ horizontal }) => horizontal)))) *
    Math.ceil(height / (8 * maximum(factors.map(({ vertical }) => vertical))));
  const blocks = factors.reduce((sum, { horizontal, vertical }) => sum + units * horizontal * vertical, 0);
  if (blocks > 8 * fileBytes) {
    refuse(path, `at least ${Math.ceil(blocks / 8)} bytes for ${width} x ${height} pixels`, `${fileBytes}`);
  }
}
