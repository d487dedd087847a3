/** Files of data, whatever their format: a table, arrays, images, or a dataset blob. */
import { globSync, openAsBlob, readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { MisuseError, sha256, utf8 } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import type { Dataset } from '@nonet/tensor';
import {
  collectDataset,
  type DatasetSource,
  decodeDataset,
  type OpenCsvOptions,
  openArrays,
  openCsv,
  openNpz,
  type Row,
  readTableSource,
  sourceOf,
  type Table,
  type TableFormat,
  type TableSource,
} from '@nonet/tensor/datasets';
import { locateError } from '../terminal/locateError.ts';
import { note, yellow } from '../terminal/terminal.ts';
import { describeStrange } from './strangeCells.ts';

/** How a table is written, where that is not left to its cells to tell. */
export type WrittenAs = Pick<TableFormat, 'delimiter' | 'decimal'> & OpenCsvOptions;

type OpenTable = (file: Blob, format: WrittenAs) => Promise<TableSource>;

const openText: OpenTable = async (file, { delimiter, decimal, tolerant = false }) => ({
  ...(await openCsv(file, delimiter, { tolerant })),
  decimal,
});

/** Readers of Parquet and images are loaded when they are needed. */
const tables: Readonly<Record<string, OpenTable>> = {
  '.csv': openText,
  '.tsv': openText,
  async '.parquet'(file, { decimal }) {
    const { openParquet } = await import('@nonet/tensor/datasets/parquet');
    return { ...(await openParquet(file)), decimal };
  },
};

const others: Readonly<Record<string, (file: Blob, schema: DataSchema) => Promise<DatasetSource>>> = {
  '.safetensors': async (file) => sourceOf(decodeDataset(new Uint8Array(await file.arrayBuffer()))),
  async '.npz'(file, schema) {
    const arrays = await openNpz(file);
    const [features, labels] = [arrays.get('x'), arrays.get('y')];
    if (features !== undefined && labels !== undefined)
      return openArrays({ features, labels }, schema.labels);
    throw new MisuseError({
      code: 'site.data',
      expected: 'the arrays x (examples) and y (labels)',
      found: [...arrays.keys()].join(', ') || 'none',
      hint: 'Save it with numpy.savez(file, x=features, y=labels).',
    });
  },
};

const kinds = `${[...Object.keys(tables), ...Object.keys(others)].join(', ')} or a folder of images`;
const spreadsheetHint = 'From a spreadsheet: save it as CSV UTF-8.';

/**
 * A table as a whole, from `file` where it was read already. Throws `site.data` where there is none;
 * errors name the file.
 */
export function readTableFile(path: string, format: WrittenAs = {}, file?: Blob): Promise<Table> {
  return nameFile(path, async () => {
    const source = await openTable(path, format, file);
    const { columns, delimiter, decimal } = source;
    const rows: Row[] = [];
    // One by one: a call does not take enough arguments for a large piece.
    for await (const some of source.rows()) for (const row of some) rows.push(row);
    return { columns, delimiter, decimal, rows };
  });
}

async function openTable(path: string, format: WrittenAs, file?: Blob): Promise<TableSource> {
  const open = tables[extname(path).toLowerCase()];
  if (open !== undefined) return open(file ?? (await openFile(path)), format);
  throw new MisuseError({
    code: 'site.data',
    expected: `a table that ends in ${Object.keys(tables).join(', ')}`,
    found: path,
    hint: spreadsheetHint,
  });
}

/**
 * The examples of a file, or of a folder `LABEL/IMAGE.png`, as the job's schema reads them. Throws
 * `site.data` and what reading the format throws; errors name the file.
 */
export function readDataset(path: string, schema: DataSchema, format: WrittenAs = {}): Promise<Dataset> {
  return nameFile(path, async () => {
    const dataset = await collectDataset(await openData(path, schema, format));
    const describe = (shape: readonly number[], labels: readonly string[]) =>
      `examples of [${shape.join(', ')}] with labels ${labels.join(', ')}`;
    const expected = describe(schema.shape, schema.labels);
    const found = describe(dataset.shape, dataset.vocabulary);
    if (expected === found) return dataset;
    throw new MisuseError({ code: 'site.data', expected, found });
  });
}

async function openData(path: string, schema: DataSchema, format: WrittenAs): Promise<DatasetSource> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return openImageFolder(path, schema);
  const extension = extname(path).toLowerCase();
  if (extension in tables) {
    return readTableSource(await openTable(path, format), schema, (strange) => {
      // Numbers out of range are as good for training; what counts as other is lost to it.
      for (const cells of strange.filter(({ kind }) => kind === 'other')) {
        note(yellow(`${path}: ${describeStrange(cells)}`));
      }
    });
  }
  const open = others[extension];
  if (open !== undefined) return open(await openFile(path), schema);
  throw new MisuseError({
    code: 'site.data',
    expected: `data that end in ${kinds}`,
    found: path,
    hint: spreadsheetHint,
  });
}

/** Images take the height, width and number of channels of the schema's shape (C,H,W). */
async function openImageFolder(path: string, schema: DataSchema): Promise<DatasetSource> {
  const [channels, height, width, ...more] = schema.shape;
  if ((channels !== 1 && channels !== 3) || height === undefined || width === undefined || more.length > 0) {
    throw new MisuseError({
      code: 'site.data',
      expected: 'a job whose examples are images (channels, height, width) with 1 or 3 channels',
      found: `[${schema.shape.join(', ')}]`,
    });
  }
  const { openImages } = await import('@nonet/tensor/datasets/images');
  const files = imagePaths(path).map(async (image) => ({
    path: image,
    file: await openFile(join(path, image)),
  }));
  return openImages(await Promise.all(files), {
    channels,
    height,
    width,
    scale: true,
    labels: schema.labels,
  });
}

const imageExtensions = ['.png', '.jpg', '.jpeg', '.jpe', '.jfif'];
/** Images that are not read: to skip them would train on less than the owner thinks. */
const otherImages =
  '.gif .bmp .tif .tiff .webp .heic .heif .avif .svg .dcm .jp2 .j2k .jxl .ppm .pgm .pbm .pnm .ico .tga .psd .raw .dng .nef .cr2'.split(
    ' ',
  );

/**
 * The images of a folder, sorted by path; hidden files and those that are no images are left alone.
 * Throws `site.data` on images of other types.
 */
function imagePaths(folder: string): readonly string[] {
  const paths = globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((file) => !file.isDirectory())
    .map((file) => relative(folder, join(file.parentPath, file.name)).replaceAll('\\', '/'))
    .filter((path) => !/(?:^|\/)(?:\.|__MACOSX\/)/.test(path));
  const other = paths.filter((path) => otherImages.includes(extname(path).toLowerCase()));
  if (other.length > 0) {
    throw new MisuseError({
      code: 'site.data',
      expected: `images of the types ${imageExtensions.join(', ')}`,
      found: `${other.length} of another type, such as ${other[0]}`,
      hint: 'Convert them: magick mogrify -format png FILES, or move them out of the folder.',
    });
  }
  return paths.filter((path) => imageExtensions.includes(extname(path).toLowerCase())).sort();
}

/**
 * The bytes that a dataset is read from, of a folder the hashes of each path and image: what makes
 * two datasets the same one. Throws `site.data`.
 */
export function fingerprintData(path: string): Uint8Array {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readBytes(path, 'data', 'site.data');
  const images = imagePaths(path);
  // Hashes have one length, so that bytes of an image cannot stand for the path of the next. A call
  // does not take enough arguments for all of them.
  const fingerprint = new Uint8Array(64 * images.length);
  for (const [i, image] of images.entries()) {
    fingerprint.set(sha256(utf8(image)), 64 * i);
    fingerprint.set(sha256(readFileSync(join(path, image))), 64 * i + 32);
  }
  return fingerprint;
}

/**
 * Where what was spent of the privacy of data is written down: beside them, under whatever path or
 * link, and for whatever site file they are used. docs/specs/dp.md §14.1.
 */
export function budgetFolderOf(path: string): string {
  return `${realpathSync(path)}.budget`;
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (cause) {
    throw new MisuseError({ code: 'site.data', expected: 'a readable file', found: 'none', cause });
  }
}

/** Throws the given code where there is no readable file. */
export function readBytes(path: string, what: string, code: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new MisuseError({ code, expected: `${what} at ${path}`, found: 'no readable file', cause });
  }
}

/** What is wrong with a file is a mistake of the caller, and the message says which file. */
async function nameFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw locateError(error, `in ${path}`);
  }
}
