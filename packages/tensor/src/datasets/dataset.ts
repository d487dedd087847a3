/**
 * A dataset for classification, in memory: examples of one shape, a label each, and what the labels
 * mean. As a blob it is a safetensors file with the tensors `x` (U8 or F32) and `y` (I32) and the
 * vocabulary in the metadata.
 */
import { MisuseError, NonetError } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { decodeSafetensors, encodeSafetensors } from '../files/safetensors.ts';
import { elementCount } from '../graph/shape.ts';

/** N labelled examples of one shape, in memory. */
export interface Dataset {
  /** (N, ...shape), row-major. Bytes are the numbers 0 to 255. */
  readonly features: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
  /** Of one example. */
  readonly shape: readonly number[];
  /** (N) indices into `vocabulary`. */
  readonly labels: Int32Array<ArrayBuffer>;
  readonly vocabulary: readonly string[];
}

/**
 * Throws `dataset.malformed` unless sizes fit, labels are in the vocabulary, features are finite
 * and there is an example.
 */
export function assertDataset({ features, shape, labels, vocabulary }: Dataset): void {
  const refuse = (expected: string, found: string) => {
    throw new MisuseError({ code: 'dataset.malformed', expected, found });
  };
  if (labels.length === 0) refuse('at least one example', 'none');
  if (features.length !== labels.length * elementCount(shape)) {
    refuse(`${labels.length} examples of [${shape.join(',')}]`, `${features.length} features`);
  }
  if (new Set(vocabulary).size !== vocabulary.length)
    refuse('distinct labels', JSON.stringify(vocabulary).slice(0, 80));
  const stray = labels.findIndex((label) => label < 0 || label >= vocabulary.length);
  if (stray >= 0) refuse(`labels below ${vocabulary.length}`, `${labels[stray]} at example ${stray}`);
  if (features instanceof Uint8Array) return;
  const wild = features.findIndex((value) => !Number.isFinite(value));
  if (wild >= 0)
    refuse('finite features', `${features[wild]} in example ${Math.floor(wild / elementCount(shape))}`);
}

/** The schema of a dataset without columns, such as images. */
export function dataSchemaOf({ shape, vocabulary }: Pick<Dataset, 'shape' | 'vocabulary'>): DataSchema {
  return { shape: [...shape], labels: [...vocabulary] };
}

/** The examples at `indices`, in that order. */
export function selectExamples(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const width = elementCount(dataset.shape);
  const features =
    dataset.features instanceof Uint8Array
      ? new Uint8Array(indices.length * width)
      : new Float32Array(indices.length * width);
  const labels = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    features.set(dataset.features.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
    labels[i] = dataset.labels[indices[i]];
  }
  return { ...dataset, features, labels };
}

/** One canonical file; throws `dataset.malformed`. */
export function encodeDataset(dataset: Dataset): Uint8Array<ArrayBuffer> {
  assertDataset(dataset);
  const { features, shape, labels, vocabulary } = dataset;
  return encodeSafetensors(
    [
      { name: 'x', shape: [labels.length, ...shape], data: features },
      { name: 'y', shape: [labels.length], data: labels },
    ],
    { vocabulary: JSON.stringify(vocabulary) },
  );
}

/**
 * Reads what `encodeDataset` writes. Throws `safetensors.malformed`, `dataset.encoding` or
 * `dataset.malformed`.
 */
export function decodeDataset(bytes: Uint8Array): Dataset {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const refuse = (expected: string, found: string): never => {
    throw new NonetError({ code: 'dataset.encoding', expected, found });
  };
  const x = tensors.find(({ name }) => name === 'x');
  const y = tensors.find(({ name }) => name === 'y');
  if (x === undefined || y === undefined || tensors.length !== 2) {
    return refuse(
      'the tensors x and y',
      tensors
        .map(({ name }) => name)
        .join(', ')
        .slice(0, 80) || 'none',
    );
  }
  if (x.data instanceof Int32Array || !(y.data instanceof Int32Array)) {
    return refuse('x of U8 or F32, y of I32', `${x.data.constructor.name}, ${y.data.constructor.name}`);
  }
  if (y.shape.length !== 1 || x.shape[0] !== y.shape[0]) {
    refuse('as many labels as examples', `x [${x.shape.join(',')}], y [${y.shape.join(',')}]`);
  }
  const vocabulary =
    parseVocabulary(metadata.vocabulary) ?? refuse('a JSON list of texts as vocabulary', 'none');
  const dataset = { features: x.data, shape: x.shape.slice(1), labels: y.data, vocabulary };
  assertDataset(dataset);
  return dataset;
}

function parseVocabulary(text: string | undefined): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
