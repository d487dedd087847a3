/**
 * What IDX and NPY files have in common: a typed array with its shape in a file, read by ranges of
 * its first axis; and how two such files, features and labels, become one dataset.
 */
import { MisuseError } from '@nonet/core';
import { elementCount } from '../graph/shape.ts';
import { createVocabulary } from './cells.ts';
import { batchExamples, type DatasetSource, type Example } from './source.ts';

/** An array in a file, (N, ...rest), row-major. */
export interface ArrayFile {
  /** For error messages: `images`, `x.npy`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** U8 elements are bytes; F32 ones were converted where the file holds another type. */
  readonly dtype: 'F32' | 'U8' | 'integer';
  /** Rows `start` to `end` of the first axis, as numbers. */
  read(start: number, end: number): Promise<Uint8Array | Float32Array | Float64Array>;
}

/** An array of texts in a file, (N): names of labels. */
export interface TextFile {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'text';
  /** Rows `start` to `end`. */
  read(start: number, end: number): Promise<readonly string[]>;
}

/** Elements of one read: 4 MiB of f32. */
const elementsPerRead = 2 ** 20;

function refuse(expected: string, found: string, hint?: string): never {
  throw new MisuseError({
    code: 'arrays.mismatch',
    expected,
    found,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The rows of an array in pieces of bounded size. */
async function* pieces<T>(
  file: { readonly shape: readonly number[]; read(start: number, end: number): Promise<T> },
  rows: number,
) {
  for (let start = 0; start < file.shape[0]; start += rows) {
    const end = Math.min(file.shape[0], start + rows);
    yield { start, end, elements: await file.read(start, end) };
  }
}

/** Label numbers, each checked to be a whole number that can count classes. */
function assertLabel(value: number, name: string, row: number): void {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) return;
  refuse(`whole numbers from 0 as labels in ${name}`, `${value} at ${row}`);
}

/** What the number of a label stands for: its place in the vocabulary, -1 where it is none. */
export type LabelReader = (value: number) => number;

const areNumbers = (vocabulary: readonly string[]) =>
  vocabulary.every((label) => /^(?:0|-?[1-9]\d{0,14})$/.test(label));

/**
 * Numbers count the labels from 0, unless all labels are whole numbers themselves: then a number
 * means the label that is called so.
 */
export function createLabelReader(vocabulary: readonly string[]): LabelReader {
  if (!areNumbers(vocabulary)) {
    return (value) => (value < vocabulary.length ? value : -1);
  }
  const places = new Map(vocabulary.map((label, place) => [Number(label), place]));
  return (value) => places.get(value) ?? -1;
}

/**
 * Features (N, ...shape) and labels (N) as a dataset; the vocabulary is the smallest to the largest
 * label unless given; `createLabelReader` says what numbers mean. Throws `arrays.mismatch` if the
 * two do not belong together, and as batches are read `dataset.malformed` on NaN or a label outside
 * the vocabulary.
 */
export async function openArrays(
  { features, labels }: { readonly features: ArrayFile | TextFile; readonly labels: ArrayFile | TextFile },
  vocabulary?: readonly string[],
): Promise<DatasetSource> {
  if (features.dtype === 'text') return refuse(`numbers in ${features.name}`, 'texts');
  const numbers: ArrayFile = features;
  const [count, ...shape] = features.shape;
  if (shape.length === 0) refuse(`at least two axes in ${features.name}: examples, features`, 'one');
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    refuse(`one label for each of ${count} examples in ${labels.name}`, `[${labels.shape.join(',')}]`);
  }
  const dtype = features.dtype === 'U8' ? 'U8' : 'F32';
  const known = vocabulary ?? (await vocabularyOf(labels));
  const schema = { shape, labels: [...known] };
  const readLabels = await createLabelsReader(labels, known);
  const width = elementCount(shape);
  const rows = Math.max(1, Math.floor(elementsPerRead / width));
  async function* examples(): AsyncGenerator<Iterable<Example>> {
    for await (const { start, end, elements } of pieces(numbers, rows)) {
      const read = await readLabels(start, end);
      yield read.map((label, row) => {
        return { label, features: elements.subarray(row * width, (row + 1) * width) };
      });
    }
  }
  return { schema, dtype, batches: (size) => batchExamples({ schema, dtype }, examples(), size) };
}

/** Reads labels of some rows as places in the vocabulary; throws `arrays.mismatch` on others. */
async function createLabelsReader(
  labels: ArrayFile | TextFile,
  vocabulary: readonly string[],
): Promise<(start: number, end: number) => Promise<number[]>> {
  const placesOf = <T>(values: Iterable<T>, start: number, find: (value: T) => number | undefined) =>
    Array.from(values, (value, row) => {
      const place = find(value) ?? -1;
      if (Number.isInteger(place) && place >= 0) return place;
      const known = vocabulary.join(', ').slice(0, 200);
      return refuse(`one of the labels ${known} in ${labels.name}`, `${value} at ${start + row}`);
    });
  if (labels.dtype === 'text') {
    const { find } = createVocabulary(vocabulary);
    return async (start, end) => placesOf(await labels.read(start, end), start, find);
  }
  await assertCounted(labels, vocabulary);
  const readLabel = createLabelReader(vocabulary);
  return async (start, end) => placesOf(await labels.read(start, end), start, readLabel);
}

/**
 * Numbers that count names from 0 include 0, or the file may count from 1, and every label would be
 * its neighbour. Throws `arrays.mismatch`.
 */
async function assertCounted(labels: ArrayFile, vocabulary: readonly string[]): Promise<void> {
  if (areNumbers(vocabulary)) return;
  let lowest = Number.POSITIVE_INFINITY;
  for await (const { elements } of pieces(labels, elementsPerRead)) {
    for (const label of elements) lowest = Math.min(lowest, label);
  }
  if (lowest < 1 || lowest === Number.POSITIVE_INFINITY) return;
  refuse(
    `labels in ${labels.name} that count ${vocabulary.join(', ').slice(0, 200)} from 0`,
    `none below ${lowest}: they may count from 1`,
    'Save the names instead, which cannot be mistaken: y=numpy.array([...names])[y].',
  );
}

/** More classes than this are taken for a mistake: a column of numbers in place of labels. */
const maximumClasses = 100_000;

/** The smallest label to the largest, or the distinct names, sorted by code unit. */
async function vocabularyOf(labels: ArrayFile | TextFile): Promise<readonly string[]> {
  if (labels.dtype === 'text') {
    const names = new Set<string>();
    for await (const { elements } of pieces(labels, elementsPerRead)) {
      for (const name of elements) names.add(name);
    }
    return [...names].sort();
  }
  let highest = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for await (const { start, elements } of pieces(labels, elementsPerRead)) {
    for (const [row, label] of elements.entries()) {
      assertLabel(label, labels.name, start + row);
      highest = Math.max(highest, label);
      lowest = Math.min(lowest, label);
    }
  }
  if (highest >= maximumClasses) {
    refuse(
      `labels below ${maximumClasses} in ${labels.name}`,
      `${highest}`,
      'Give a vocabulary if these are labels.',
    );
  }
  const first = Number.isFinite(lowest) ? lowest : 0;
  return Array.from({ length: highest - first + 1 }, (_, label) => String(first + label));
}
