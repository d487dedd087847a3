/**
 * The port behind which every format lies: examples of one shape in a fixed order, read in batches,
 * so that memory holds a batch and not the file. A source can be read again and again, and gives
 * the same examples each time.
 *
 * A file is a `Blob`, which Node (`fs.openAsBlob`) and browsers read by ranges.
 */
import { MisuseError, philox, seededKey } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { elementCount } from '../graph/shape.ts';
import { assertDataset, type Dataset, dataSchemaOf } from './dataset.ts';
import { assertTestFraction, type SplitOptions } from './split.ts';

/** Examples that are read in batches, the same ones each time. */
export interface DatasetSource {
  readonly schema: DataSchema;
  /** Of the features: U8 are the numbers 0 to 255. */
  readonly dtype: 'F32' | 'U8';
  /**
   * All examples in order, `size` at a time (fewer in the last batch); each batch passes
   * `assertDataset`.
   */
  batches(size: number): AsyncIterable<Dataset>;
}

/** One example on its way into a batch. */
export interface Example {
  /** (...shape), row-major. */
  readonly features: ArrayLike<number>;
  readonly label: number;
}

/** Throws `dataset.batch` unless `size` is a positive integer. */
function assertBatchSize(size: number): void {
  if (Number.isSafeInteger(size) && size > 0) return;
  throw new MisuseError({
    code: 'dataset.batch',
    expected: 'a positive number of examples per batch',
    found: String(size),
  });
}

type Features = Dataset['features'];

function createFeatures(dtype: DatasetSource['dtype'], length: number): Features {
  return dtype === 'U8' ? new Uint8Array(length) : new Float32Array(length);
}

/** Collects the examples of a source in the making into datasets of `size`. */
export async function* batchExamples(
  { schema, dtype }: Pick<DatasetSource, 'schema' | 'dtype'>,
  examples: AsyncIterable<Iterable<Example>>,
  size: number,
): AsyncGenerator<Dataset> {
  assertBatchSize(size);
  const { shape, labels: vocabulary } = schema;
  const width = elementCount(shape);
  let features = createFeatures(dtype, 0);
  let labels = new Int32Array(0);
  let count = 0;
  const grow = () => {
    const capacity = Math.min(size, Math.max(64, 2 * labels.length));
    const wider = createFeatures(dtype, capacity * width);
    wider.set(features);
    features = wider;
    const longer = new Int32Array(capacity);
    longer.set(labels);
    labels = longer;
  };
  const take = (): Dataset => {
    const batch = {
      features: features.slice(0, count * width),
      shape,
      labels: labels.slice(0, count),
      vocabulary,
    };
    assertDataset(batch);
    count = 0;
    return batch;
  };
  for await (const chunk of examples) {
    for (const example of chunk) {
      if (count === labels.length) grow();
      features.set(example.features, count * width);
      labels[count++] = example.label;
      if (count === size) yield take();
    }
  }
  if (count > 0) yield take();
}

/** A dataset in memory as a source. */
export function sourceOf(dataset: Dataset): DatasetSource {
  const width = elementCount(dataset.shape);
  return {
    schema: dataSchemaOf(dataset),
    dtype: dataset.features instanceof Uint8Array ? 'U8' : 'F32',
    async *batches(size) {
      assertBatchSize(size);
      assertDataset(dataset);
      for (let start = 0; start < dataset.labels.length; start += size) {
        const end = start + size;
        yield {
          ...dataset,
          features: dataset.features.slice(start * width, end * width),
          labels: dataset.labels.slice(start, end),
        };
      }
    },
  };
}

/** Examples per read where the caller does not say. */
const defaultBatch = 4096;

/**
 * Everything in memory. Throws `dataset.malformed` if there is no example, and what the source
 * throws.
 */
export async function collectDataset(source: DatasetSource): Promise<Dataset> {
  const batches: Dataset[] = [];
  for await (const batch of source.batches(defaultBatch)) batches.push(batch);
  const count = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  const width = elementCount(source.schema.shape);
  const features = createFeatures(source.dtype, count * width);
  const labels = new Int32Array(count);
  let at = 0;
  for (const batch of batches) {
    features.set(batch.features, at * width);
    labels.set(batch.labels, at);
    at += batch.labels.length;
  }
  const dataset = { features, shape: source.schema.shape, labels, vocabulary: source.schema.labels };
  assertDataset(dataset);
  return dataset;
}

/**
 * Splits a source without holding it: example i belongs to the test if the first word of Philox at
 * counter i, under the first 8 bytes of SHA-256(seed), is below testFraction * 2^32. So the sizes
 * are only about what was asked for, and an example's side does not depend on the others. Throws
 * `dataset.split`.
 */
export function splitSource(
  source: DatasetSource,
  { testFraction, seed }: SplitOptions,
): { training: DatasetSource; test: DatasetSource } {
  assertTestFraction(testFraction);
  const key = seededKey(seed, '');
  const threshold = testFraction * 2 ** 32;
  const isTest = (i: number) => philox([i >>> 0, Math.floor(i / 2 ** 32), 0, 0], key)[0] < threshold;
  const side = (test: boolean): DatasetSource => ({
    ...source,
    batches(size) {
      async function* chosen(): AsyncGenerator<Iterable<Example>> {
        let first = 0;
        for await (const batch of source.batches(Math.min(size, defaultBatch))) {
          const start = first;
          yield examplesOf(batch, (row) => isTest(start + row) === test);
          first += batch.labels.length;
        }
      }
      return batchExamples(source, chosen(), size);
    },
  });
  return { training: side(false), test: side(true) };
}

/** The examples of a batch that `keep` keeps. */
function* examplesOf(batch: Dataset, keep: (row: number) => boolean): Generator<Example> {
  const width = elementCount(batch.shape);
  for (let row = 0; row < batch.labels.length; row++) {
    if (!keep(row)) continue;
    yield { features: batch.features.subarray(row * width, (row + 1) * width), label: batch.labels[row] };
  }
}
