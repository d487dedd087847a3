import { describe, expect, it } from 'vitest';
import type { Dataset } from '../datasets/dataset.ts';
import { type DatasetSource, sourceOf } from '../datasets/source.ts';
import { dense } from '../graph/operations/linear.ts';
import { defineModel } from '../models/defineModel.ts';
import { sgdMomentum } from '../transform/optimisers.ts';
import { evaluate } from './evaluate.ts';
import { createFeed, orderBySeed, orderOfExamples } from './feed.ts';
import { train } from './train.ts';
import { decodeTrainingState, encodeTrainingState } from './trainingState.ts';

const vocabulary = ['even', 'odd'] as const;
const model = defineModel({ shape: [2], labels: vocabulary }, (g, x) => dense(g, x, 2));

/** Example i is [i, 1]. */
function numbered(count: number): Dataset {
  const features = Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? i / 2 : 1));
  return { features, shape: [2], labels: Int32Array.from({ length: count }, (_, i) => i % 2), vocabulary };
}

const settings = { seed: '0x2a', batch: 4 } as const;

/** The examples that each of the steps is fed with. */
async function fed(data: Dataset | DatasetSource, steps: readonly number[]): Promise<number[][]> {
  const feed = await createFeed(model.graph, data, {
    batch: settings.batch,
    orderOf: orderBySeed(settings.seed),
  });
  const numbers: number[][] = [];
  for (const step of steps) {
    const { x, w, y } = await feed.inputs(step);
    const rows = [...w.keys()].filter((row) => w[row] === 1);
    for (const row of rows) expect(y[row]).toBe(x[2 * row] % 2);
    numbers.push(rows.map((row) => x[2 * row]));
  }
  return numbers;
}

const ascending = (length: number) => Array.from({ length }, (_, i) => i);

describe('a feed', () => {
  it('gives every example once in each epoch, and pads the last batch', async () => {
    const steps = await fed(numbered(10), ascending(6));
    expect(steps.map(({ length }) => length)).toEqual([4, 4, 2, 4, 4, 2]);
    for (const epoch of [steps.slice(0, 3), steps.slice(3)])
      expect(epoch.flat().sort((a, b) => a - b)).toEqual(ascending(10));
    expect(steps.slice(3)).not.toEqual(steps.slice(0, 3));
  });

  it('gives of a source block by block, and of a small one what it gives of its dataset', async () => {
    const small = numbered(256);
    expect(await fed(sourceOf(small), ascending(128))).toEqual(await fed(small, ascending(128)));
    const large = await fed(sourceOf(numbered(300)), ascending(75));
    expect(
      large
        .slice(0, 64)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(ascending(256));
    expect(large.flat().sort((a, b) => a - b)).toEqual(ascending(300));
  });

  it('gives a step the same examples whichever came before', async () => {
    const source = sourceOf(numbered(300));
    const all = await fed(source, ascending(200));
    const some = [150, 3, 3, 70, 199, 0, 74, 75];
    expect(await fed(source, some)).toEqual(some.map((step) => all[step]));
  });

  it('has an order by seed, epoch and block', () => {
    const orders = [
      orderOfExamples(9, '0x2a', 0),
      orderOfExamples(9, '0x2a', 1),
      orderOfExamples(9, '0x2a', 0, 1),
      orderOfExamples(9, '0x2b', 0),
    ].map((order) => order.join());
    expect(new Set(orders).size).toBe(4);
    expect(orders[0]).toBe(orderOfExamples(9, '0x2a', 0).join());
  });

  it('holds one block of a source, not the file', async () => {
    const asked: number[] = [];
    const source = sourceOf(numbered(2000));
    const watched: DatasetSource = {
      ...source,
      batches(size) {
        asked.push(size);
        return source.batches(size);
      },
    };
    await fed(watched, ascending(500));
    expect(Math.max(...asked)).toBe(64 * 4);
  });
});

describe('training on a source', () => {
  const source = sourceOf(numbered(300));
  const options = {
    ...settings,
    optimiser: sgdMomentum,
    rates: { learningRate: 1e-6, momentum: 0.5 },
    epochs: 2,
  };

  it('resumes in the middle of a block with the same bits', async () => {
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => {
      if (step === 90) stop.abort();
    };
    const part = await train(model, source, { ...options, signal: stop.signal, onProgress });
    const from = decodeTrainingState(encodeTrainingState(part));
    const whole = await train(model, source, options);
    expect(encodeTrainingState(await train(model, source, { ...options, from }))).toEqual(
      encodeTrainingState(whole),
    );
    expect(await evaluate({ ...whole, dataset: source })).toEqual(
      await evaluate({ ...whole, dataset: numbered(300) }),
    );
  });

  it('refuses one without examples, of another model, or that shrinks', async () => {
    const empty: DatasetSource = { ...source, async *batches() {} };
    const run = (data: DatasetSource) => train(model, data, options);
    await expect(run(empty)).rejects.toMatchObject({ code: 'train.dataset' });
    await expect(
      evaluate({ ...(await train(model, numbered(8), options)), dataset: empty }),
    ).rejects.toMatchObject({ code: 'train.dataset' });
    await expect(run({ ...source, schema: { shape: [3], labels: [...vocabulary] } })).rejects.toMatchObject({
      code: 'train.dataset',
    });
    let reads = 0;
    const shrinking: DatasetSource = {
      ...source,
      batches: (size) => (reads++ === 0 ? source : sourceOf(numbered(100))).batches(size),
    };
    await expect(run(shrinking)).rejects.toMatchObject({ code: 'train.source' });
  });
});
