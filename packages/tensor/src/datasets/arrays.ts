/**
 * What IDX and NPY files have in common: a typed array with its shape in a file, read by ranges of
 * its first axis; and how two such files, features and labels, become one dataset.
 */
import { MisuseError } from '@nonet/core';
import { elementCount } from '../graph/shape.ts';
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
async function* pieces(file: ArrayFile, rows: number) {
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

/**
 * Numbers count the labels from 0, unless all labels are whole numbers themselves: then a number
 * means the label that is called so.
 */
export function createLabelReader(vocabulary: readonly string[]): LabelReader {
  if (!vocabulary.every((label) => /^(?:0|-?[1-9]\d{0,14})$/.test(label))) {
    return (value) => (value < vocabulary.length ? value : -1);
  }
  const places = new Map(vocabulary.map((label, place) => [Number(label), place]));
  return (value) => places.get(value) ?? -1;
}

/**
 * Features (N, ...shape) and labels (N) as a dataset; the vocabulary is the smallest to the largest
 * label unless given; `createLabelReader` says what numbers mean. Throws `arrays.mismatch` if the two do not belong together, and as batches are read
 * `dataset.malformed` on NaN or a label outside the vocabulary.
 */
export async function openArrays(
  { features, labels }: { readonly features: ArrayFile; readonly labels: ArrayFile },
  vocabulary?: readonly string[],
): Promise<DatasetSource> {
  const [count, ...shape] = features.shape;
  if (shape.length === 0) refuse(`at least two axes in ${features.name}: examples, features`, 'one');
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    refuse(`one label for each of ${count} examples in ${labels.name}`, `[${labels.shape.join(',')}]`);
  }
  const dtype = features.dtype === 'U8' ? 'U8' : 'F32';
  const schema = { shape, labels: [...(vocabulary ?? (await countedVocabulary(labels)))] };
  const readLabel = createLabelReader(schema.labels);
  const width = elementCount(shape);
  const rows = Math.max(1, Math.floor(elementsPerRead / width));
  async function* examples(): AsyncGenerator<Iterable<Example>> {
    for await (const { start, end, elements } of pieces(features, rows)) {
      const numbers = await labels.read(start, end);
      yield Array.from(numbers, (number, row) => {
        const label = readLabel(number);
        if (!Number.isInteger(label) || label < 0) {
          const known = vocabulary === undefined ? [] : [...vocabulary];
          refuse(
            `one of the labels ${known.join(', ').slice(0, 200)} in ${labels.name}`,
            `${number} at ${start + row}`,
          );
        }
        return { label, features: elements.subarray(row * width, (row + 1) * width) };
      });
    }
  }
  return { schema, dtype, batches: (size) => batchExamples({ schema, dtype }, examples(), size) };
}

/** More classes than this are taken for a mistake: a column of numbers in place of labels. */
const maximumClasses = 100_000;

/** The smallest label to the largest. */
async function countedVocabulary(labels: ArrayFile): Promise<readonly string[]> {
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
