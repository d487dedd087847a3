/**
 * A folder of images as a dataset: `LABEL/NAME.png`, PNG by fast-png (MIT), JPEG by jpeg-js
 * (BSD-3-Clause, baseline and progressive). Decoders in TypeScript and integer arithmetic
 * throughout, because a browser's canvas decodes and scales differently in each engine.
 *
 * Features are bytes (C,H,W), as convolutions take them. Images are turned as their Exif data say.
 * Sixteen bits keep their upper eight, and are refused where those say little; transparent pixels
 * lie on white, grey is (77 R + 150 G + 29 B + 128) >> 8 (ITU-R BT.601). Scaling
 * averages areas exactly, rounding half up; it does not crop.
 */
import { concatBytes, MisuseError, NonetError } from '@nonet/core';
import { convertIndexedToRgb, decode as decodePng, hasPngSignature } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { createVocabulary } from './cells.ts';
import { inspectJpeg, type Orientation, readOrientation } from './imageHeaders.ts';
import { batchExamples, type DatasetSource, type Example } from './source.ts';

/** One image of a folder. */
export interface ImageFile {
  /** `LABEL/.../NAME.png`, with slashes. */
  readonly path: string;
  readonly file: Blob;
}

/** What every example will look like. */
export interface OpenImagesOptions {
  /** Of every example, in pixels; every image must have it already unless `scale` is true. */
  readonly height: number;
  readonly width: number;
  /** 1: grey, 3: red, green, blue. */
  readonly channels: 1 | 3;
  readonly scale?: boolean;
  /** The labels that folders may have, all of which need not be there; those that are, otherwise. */
  readonly labels?: readonly string[];
}

/** Height, width and bytes (H,W,C), channels last. */
interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** Pixels above which an image is refused before it is decoded. */
const maximumPixels = 2 ** 26;

function malformed(path: string, expected: string, found: string, cause?: unknown): never {
  throw new NonetError({ code: 'image.malformed', expected: `${expected} in ${path}`, found, cause });
}

const chunkTypes = { ihdr: 0x49484452, idat: 0x49444154, exif: 0x65584966, iccp: 0x69434350 };

/** Samples per pixel by colour type (PNG, third edition, table 8). */
const samplesOfType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Adam7 (PNG, third edition, section 8): where each pass begins, and its steps, x before y. */
const interlacedPasses = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** What a PNG file says before anything is inflated. */
interface PngInspection {
  readonly orientation: Orientation;
  /** The bytes of its rows, with the byte that names the filter of each. */
  readonly rowBytes: number;
  /** The deflated rows. */
  readonly packed: readonly Uint8Array<ArrayBuffer>[];
  /**
   * The file without its colour profile, which the decoder would inflate whole, and of which no
   * pixel comes.
   */
  readonly file: Uint8Array<ArrayBuffer>;
}

/**
 * Walks the chunks of a PNG file. Sizes are those of the first chunk: the decoder would take any
 * later IHDR for another size.
 */
function inspectPng(bytes: Uint8Array<ArrayBuffer>, path: string): PngInspection {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let orientation: Orientation = 1;
  const packed: Uint8Array<ArrayBuffer>[] = [];
  const kept: Uint8Array<ArrayBuffer>[] = [bytes.subarray(0, 8)];
  let at = 8;
  for (; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    const data = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
    if ((type === chunkTypes.ihdr) !== (at === 8)) malformed(path, 'one IHDR, the first chunk', 'another');
    if (type === chunkTypes.exif) orientation = readOrientation(data);
    if (type === chunkTypes.idat) packed.push(data);
    if (type !== chunkTypes.iccp) kept.push(bytes.subarray(at, at + 12 + data.length));
  }
  if (bytes.length < 33) malformed(path, 'a header of 25 bytes', `${bytes.length} bytes`);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const pixels = width * height;
  if (pixels === 0 || pixels > maximumPixels) malformed(path, `1 to ${maximumPixels} pixels`, `${pixels}`);
  const bits = bytes[24] * (samplesOfType[bytes[25]] ?? malformed(path, 'a colour type', `${bytes[25]}`));
  const passes = bytes[28] === 1 ? interlacedPasses : [[0, 0, 1, 1] as const];
  let rowBytes = 0;
  for (const [x, y, stepX, stepY] of passes) {
    const [wide, high] = [Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY)];
    if (wide > 0 && high > 0) rowBytes += high * (1 + Math.ceil((wide * bits) / 8));
  }
  return { orientation, rowBytes, packed, file: concatBytes(...kept) };
}

/** Deflate packs at most 1,032 bytes into one. */
const maximumInflation = 1032;

/**
 * What rows may inflate to beyond the pixels, which decoders ignore: little enough not to matter,
 * and enough that most images need no look.
 */
const maximumExcess = 2 ** 22;

/** Inflates the rows without keeping them, and no further than they may go. */
async function assertInflates({ rowBytes, packed }: PngInspection, path: string): Promise<void> {
  const length = packed.reduce((sum, part) => sum + part.length, 0);
  if (rowBytes > maximumInflation * length) malformed(path, `bytes that inflate to ${rowBytes}`, `${length}`);
  const most = rowBytes + maximumExcess;
  if (maximumInflation * length <= most) return;
  let inflated = 0;
  for await (const part of new Blob([...packed]).stream().pipeThrough(new DecompressionStream('deflate'))) {
    inflated += part.length;
    if (inflated > most) malformed(path, `${rowBytes} bytes of pixels`, `more than ${most}`);
  }
}

/**
 * 16-bit images whose values all stay below a quarter of the range are values of 8, 10, 12 or 14 bits:
 * their upper bytes would be almost black.
 */
const leastOf16Bits = 2 ** 14;

function assertDepthUsed(values: Uint16Array, path: string): void {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  if (largest === 0 || largest >= leastOf16Bits) return;
  const bits = 2 * Math.max(4, Math.ceil(Math.log2(largest + 1) / 2));
  throw new MisuseError({
    code: 'image.depth',
    expected: `16-bit values that use their range in ${path}`,
    found: `none above ${largest}, as of ${bits} bits`,
    hint: `Spread them: magick IN.png -evaluate multiply ${2 ** (16 - bits)} OUT.png`,
  });
}

async function decodePngPixels(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<Pixels> {
  const inspection = inspectPng(bytes, path);
  await assertInflates(inspection, path);
  const { orientation, file } = inspection;
  const png = decodePng(file, { checkCrc: true });
  const { width, height } = png;
  if (png.data instanceof Uint16Array) assertDepthUsed(colourValues(png.data, png.channels), path);
  const indexed = png.palette !== undefined;
  const channels = indexed ? (png.palette?.[0]?.length ?? 3) : png.channels;
  const source = indexed ? convertIndexedToRgb(png) : png.data;
  // Depths below 8 spread over the whole range; 16 keep their upper byte.
  const toByte = (value: number) =>
    indexed || png.depth === 8
      ? value
      : png.depth === 16
        ? value >> 8
        : Math.round((value * 255) / (2 ** png.depth - 1));
  const colours = channels >= 3 ? 3 : 1;
  const packed = !indexed && png.depth < 8;
  const rowBytes = Math.ceil((width * png.depth) / 8);
  const sample = (pixel: number, channel: number): number => {
    if (!packed) return source[pixel * channels + channel];
    const x = pixel % width;
    const bit = x * png.depth;
    const byte = source[Math.floor(pixel / width) * rowBytes + (bit >> 3)];
    return (byte >> (8 - png.depth - (bit & 7))) & (2 ** png.depth - 1);
  };
  const data = new Uint8Array(width * height * colours);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = channels === colours ? 255 : toByte(sample(pixel, colours));
    for (let channel = 0; channel < colours; channel++) {
      const value = toByte(sample(pixel, channel));
      data[pixel * colours + channel] = Math.floor((value * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
  return orient({ width, height, channels: colours, data }, orientation);
}

/** Without alpha, which is the last of 2 or 4 channels. */
function colourValues(data: Uint16Array, channels: number): Uint16Array {
  if (channels % 2 === 1) return data;
  return data.filter((_, i) => i % channels !== channels - 1);
}

function decodeJpegPixels(bytes: Uint8Array, path: string): Pixels {
  const orientation = inspectJpeg(bytes, path, maximumPixels);
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: maximumPixels / 1e6,
    maxMemoryUsageInMB: 1024,
  });
  return orient({ width, height, channels: 3, data }, orientation);
}

/**
 * The image as it is to be seen. Of the pixel (x, y) of the result, per orientation, the place in
 * the stored image, whose last pixel is (right, bottom).
 */
const storedPlace: Readonly<
  Record<Orientation, (x: number, y: number, right: number, bottom: number) => readonly [number, number]>
> = {
  1: (x, y) => [x, y],
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};

function orient(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { width, height, channels, data } = pixels;
  const [wide, high] = orientation >= 5 ? [height, width] : [width, height];
  const turned = new Uint8Array(data.length);
  const placeOf = storedPlace[orientation];
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const [fromX, fromY] = placeOf(x, y, width - 1, height - 1);
      for (let channel = 0; channel < channels; channel++) {
        turned[(y * wide + x) * channels + channel] = data[(fromY * width + fromX) * channels + channel];
      }
    }
  }
  return { width: wide, height: high, channels, data: turned };
}

async function decodeImage(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<Pixels> {
  try {
    if (hasPngSignature(bytes)) return await decodePngPixels(bytes, path);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpegPixels(bytes, path);
  } catch (cause) {
    if (cause instanceof NonetError) throw cause;
    return malformed(path, 'an image', cause instanceof Error ? cause.message : String(cause), cause);
  }
  return malformed(path, 'a PNG or JPEG image', 'other bytes');
}

/** Channels first, grey or colours. */
function toPlanes({ height, width, channels, data }: Pixels, wanted: 1 | 3): Uint8Array<ArrayBuffer> {
  const area = height * width;
  const planes = new Uint8Array(wanted * area);
  for (let pixel = 0; pixel < area; pixel++) {
    const at = pixel * channels;
    if (wanted === 3) {
      for (let c = 0; c < 3; c++) planes[c * area + pixel] = data[at + (channels === 3 ? c : 0)];
    } else {
      planes[pixel] =
        channels === 1 ? data[at] : (77 * data[at] + 150 * data[at + 1] + 29 * data[at + 2] + 128) >> 8;
    }
  }
  return planes;
}

/**
 * How much of input `i` of `from` lies in output `j` of `to`, in parts of 1 / (from * to) of the
 * whole.
 */
function overlap(i: number, from: number, j: number, to: number): number {
  return Math.min((i + 1) * to, (j + 1) * from) - Math.max(i * to, j * from);
}

/**
 * Each output pixel is the mean of the area that it covers: floor((sum of weight * value + half) /
 * sum of weights).
 */
export function scalePlane(
  plane: Uint8Array,
  from: { readonly height: number; readonly width: number },
  to: { readonly height: number; readonly width: number },
): Uint8Array<ArrayBuffer> {
  const scaled = new Uint8Array(to.height * to.width);
  const whole = from.height * from.width;
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      let sum = 0;
      for (let i = Math.floor((y * from.height) / to.height); i * to.height < (y + 1) * from.height; i++) {
        for (let j = Math.floor((x * from.width) / to.width); j * to.width < (x + 1) * from.width; j++) {
          const weight = overlap(i, from.height, y, to.height) * overlap(j, from.width, x, to.width);
          sum += weight * plane[i * from.width + j];
        }
      }
      scaled[y * to.width + x] = Math.floor((2 * sum + whole) / (2 * whole));
    }
  }
  return scaled;
}

/**
 * Images in the order of their paths; the labels are the names of the outermost folders, sorted
 * (both by code unit), or those that are given. Throws `images.folder` if there are fewer than two
 * labels or a folder is none, and as batches are read `image.malformed`, `image.size` and
 * `image.depth`.
 */
export function openImages(files: readonly ImageFile[], options: OpenImagesOptions): DatasetSource {
  const { height, width, channels, scale = false, labels: known } = options;
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const labelOf = ({ path }: ImageFile) => {
    const slash = path.indexOf('/');
    if (slash > 0) return path.slice(0, slash);
    throw new MisuseError({
      code: 'images.folder',
      expected: 'images in folders named after their labels',
      found: path,
      hint: 'Move it to LABEL/NAME.png.',
    });
  };
  const labels = known ?? [...new Set(sorted.map(labelOf))].sort();
  const vocabulary = createVocabulary(labels);
  const stranger = sorted.find((image) => vocabulary.find(labelOf(image)) === undefined);
  if (stranger !== undefined) {
    throw new MisuseError({
      code: 'images.folder',
      expected: `folders named after the labels ${labels.join(', ').slice(0, 200)}`,
      found: stranger.path,
    });
  }
  if (labels.length < 2) {
    throw new MisuseError({
      code: 'images.folder',
      expected: 'images in at least two folders, one for each label',
      found: labels.join(', ') || 'no images',
    });
  }
  const read = async (image: ImageFile): Promise<Example> => {
    const pixels = await decodeImage(new Uint8Array(await image.file.arrayBuffer()), image.path);
    const fits = pixels.height === height && pixels.width === width;
    if (!fits && !scale) {
      throw new MisuseError({
        code: 'image.size',
        expected: `${width} x ${height} pixels in ${image.path}`,
        found: `${pixels.width} x ${pixels.height}`,
        hint: 'Scale the images, or ask for scaling.',
      });
    }
    const planes = toPlanes(pixels, channels);
    const area = pixels.height * pixels.width;
    const features = new Uint8Array(channels * height * width);
    for (let c = 0; c < channels; c++) {
      const plane = planes.subarray(c * area, (c + 1) * area);
      features.set(fits ? plane : scalePlane(plane, pixels, { height, width }), c * height * width);
    }
    return { features, label: vocabulary.find(labelOf(image))! };
  };
  async function* examples() {
    for (const image of sorted) yield [await read(image)];
  }
  const schema = { shape: [channels, height, width], labels: [...labels] };
  return { schema, dtype: 'U8', batches: (size) => batchExamples({ schema, dtype: 'U8' }, examples(), size) };
}
