/**
 * What each step of a training learns from: the examples of a dataset or of a source, in an order
 * that seed, epoch and block alone decide, so that any step can be fed again. A dataset is one
 * block. A source is read in blocks of 64 batches, in its own order, and shuffled within each
 * block: memory holds a block and not the file, and a file that is sorted by label should be
 * shuffled once before it is used.
 */
import { type Hex, NonetError, seededStream, shuffledIndices } from '@nonet/core';
import type { Dataset } from '../datasets/dataset.ts';
import type { DatasetSource } from '../datasets/source.ts';
import { type Graph, leavesOf } from '../graph/graph.ts';
import { elementCount } from '../graph/shape.ts';
import { assertExamples, fillBatch, isSource } from './classifier.ts';

const batchesPerBlock = 64;

/** The batches of a training, by step. */
interface Feed {
  readonly stepsPerEpoch: number;
  /** The same arrays each time. Quick where steps come in ascending order. */
  inputs(
    step: number,
  ): Promise<{ readonly x: Float32Array | Int32Array; readonly y: Int32Array; readonly w: Float32Array }>;
}

/** In which order the examples of a block are taken: a permutation of 0 .. size - 1. */
type OrderOfBlock = (size: number, epoch: number, block: number) => Uint32Array;

/** How examples become batches. */
interface FeedOptions {
  /** Examples of one step. */
  readonly batch: number;
  readonly orderOf: OrderOfBlock;
}

/**
 * `graph` says of which type x is. A source is read once to be counted. Throws what the source
 * throws.
 */
export async function createFeed(
  graph: Graph,
  data: Dataset | DatasetSource,
  { batch, orderOf }: FeedOptions,
): Promise<Feed> {
  const count = isSource(data) ? await countExamples(data, batchesPerBlock * batch) : data.labels.length;
  assertExamples(count);
  const stepsPerEpoch = Math.ceil(count / batch);
  const stepsPerBlock = isSource(data) ? batchesPerBlock : stepsPerEpoch;
  const blockSize = stepsPerBlock * batch;
  const isFloat = leavesOf(graph, 'input').some(({ name, dtype }) => name === 'x' && dtype === 'f32');
  const width = elementCount(isSource(data) ? data.schema.shape : data.shape);
  const inputs = {
    x: new (isFloat ? Float32Array : Int32Array)(batch * width),
    y: new Int32Array(batch),
    w: new Float32Array(batch),
  };
  let epoch = -1;
  let block = -1;
  let blocks: AsyncIterator<Dataset>;
  let examples: Dataset;
  let order: Uint32Array;
  return {
    stepsPerEpoch,
    async inputs(step) {
      const inEpoch = step % stepsPerEpoch;
      const wanted = Math.floor(inEpoch / stepsPerBlock);
      if (epoch !== Math.floor(step / stepsPerEpoch) || wanted < block) {
        epoch = Math.floor(step / stepsPerEpoch);
        block = -1;
        blocks = blocksOf(data, blockSize);
      }
      for (; block < wanted; block++) {
        const next = await blocks.next();
        const size = Math.min(blockSize, count - (block + 1) * blockSize);
        if (next.done || next.value.labels.length !== size) throw changed(count, epoch);
        examples = next.value;
        order = orderOf(size, epoch, block + 1);
      }
      const start = (inEpoch % stepsPerBlock) * batch;
      fillBatch(inputs, examples, order.subarray(start, start + batch));
      return inputs;
    },
  };
}

function changed(count: number, epoch: number): NonetError {
  return new NonetError({
    code: 'train.source',
    expected: 'a source that gives the same examples each time',
    found: `other than ${count} examples in epoch ${epoch}`,
    hint: 'Did the file change during training?',
  });
}

async function countExamples(source: DatasetSource, size: number): Promise<number> {
  let count = 0;
  for await (const { labels } of source.batches(size)) count += labels.length;
  return count;
}

async function* blocksOf(data: Dataset | DatasetSource, size: number): AsyncGenerator<Dataset> {
  if (isSource(data)) yield* data.batches(size);
  else yield data;
}

/** The order of `orderOfExamples` in every block. */
export const orderBySeed =
  (seed: Hex): OrderOfBlock =>
  (size, epoch, block) =>
    orderOfExamples(size, seed, epoch, block);

/**
 * docs/specs/arithmetic.md §5.4: Philox under the first 8 bytes, as two little-endian u32, of
 * SHA-256("nonet order of examples" || seed), stream (epoch, block).
 */
export function orderOfExamples(count: number, seed: Hex, epoch: number, block = 0): Uint32Array {
  return shuffledIndices(count, seededStream(seed, 'nonet order of examples', [epoch, block]));
}
