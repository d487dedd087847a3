/**
 * Private trainers against slow twins: words are seeded, so that a test can draw the same sample and
 * the same noise again.
 */
import { addressOf, createRandomStream, toHex } from '@nonet/core';
import { requireGraphJob } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import {
  createDiscreteGaussian,
  type DistributedPrivacy,
  drawDiscreteGaussian,
  drawPoissonSample,
  examplesAtOnce,
  type ParticipantPrivacy,
  planPrivacy,
  roundedSensitivity,
  type SecretWords,
  type SiloPrivacy,
} from '@nonet/privacy/dp';
import { createSeededWords } from '@nonet/privacy/testing';
import {
  arrangeParameters,
  attachExampleLosses,
  batchNorm,
  bind,
  createBuilder,
  createProgram,
  type Dataset,
  decodeParameters,
  dense,
  dropout,
  encodeGraph,
  encodeParameters,
  type Graph,
  graphAddress,
  initialParameters,
  mlp,
  type Parameters,
} from '@nonet/tensor';
import { perExampleNorms } from '@nonet/tensor/exampleGradients';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { encodeModel, readModel } from '../update/modelBlob.ts';
import { createGradientTrainer } from './gradientTrainer.ts';
import { deriveClippedStep } from './sampledSum.ts';
import { createSiloTrainer } from './siloTrainer.ts';
import type { Trainer } from './trainer.ts';
import { clipToGrid, createUpdateTrainer } from './updateTrainer.ts';

const code = (code: string) => expect.objectContaining({ code });
const graph = mlp({ features: [6], hidden: [5], classes: 3 });
const dimension = 6 * 5 + 5 + 5 * 3 + 3;
const records = 150;
const random = createRandomStream([7, 0xd9]);
const dataset: Dataset = {
  features: Float32Array.from({ length: 6 * records }, () => random.uniform() * 4 - 2),
  shape: [6],
  labels: Int32Array.from({ length: records }, () => random.below(3)),
  vocabulary: ['a', 'b', 'c'],
};
const sampled = {
  unit: 'record',
  epsilon: 8,
  delta: 1e-5,
  clippingNorm: 1,
  releases: 5,
  samplingRate: 0.5,
  maximumBatch: 128,
  maximumRecords: records,
} as const;
const cohort = { minParticipants: 4, maxParticipants: 5, rounds: 5 };
const setting = { dimension, ...cohort };
const { parameters } = planPrivacy(
  { ...sampled, form: 'distributed', expectedBatch: 300, honest: 2 },
  setting,
);
const privacy: DistributedPrivacy = parameters;

const start = initialParameters(graph, toHex(new Uint8Array(32)));
const fileOf = (values: Parameters) =>
  encodeModel(readModel(encodeParameters(values), { entries: dimension }));
const seed = toHex(new Uint8Array(32));
const requestOf = (model: Uint8Array) => ({
  model,
  step: 0,
  participant: 0,
  seed,
  signal: new AbortController().signal,
});
const request = requestOf(fileOf(start));

async function createJob(trained: Graph, step: Graph) {
  const store = createMemoryStore();
  await store.put(encodeGraph(trained));
  const model = {
    kind: 'graph' as const,
    graph: graphAddress(trained),
    step: graphAddress(step),
    parameters: addressOf(request.model),
  };
  return {
    store,
    job: { ...requireGraphJob(sampleJob), ...cohort, model, data: { shape: [6], labels: ['a', 'b', 'c'] } },
  };
}
const prepared = await createJob(graph, deriveClippedStep(graph, 1));

const contribute = async (data: Dataset, words: SecretWords, model = request.model) =>
  (await createGradientTrainer({ ...prepared, dataset: data, parameters: privacy, words })).contribute(
    requestOf(model),
  );

/** The same sample and noise, drawn again. */
function redraw(words: SecretWords, { samplingRate, maximumBatch }: SiloPrivacy | DistributedPrivacy) {
  const { indices } = drawPoissonSample(records, samplingRate, maximumBatch, words);
  return {
    indices,
    noiseOf: (sigma: number) => drawDiscreteGaussian(createDiscreteGaussian(sigma), dimension, words),
  };
}

const byName = (values: Parameters) => values.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The clipped sum, one example at a time, in doubles, in the order of the file. */
async function slowSum(indices: Uint32Array, values: Parameters): Promise<number[]> {
  const clipped = await createProgram(deriveClippedStep(graph, 2 ** 40));
  const norms = await createProgram(bind(perExampleNorms(attachExampleLosses(graph)), { B: 1 }));
  clipped.setParameters(arrangeParameters(clipped.graph, values));
  norms.setParameters(arrangeParameters(norms.graph, values));
  const sum = new Array<number>(dimension).fill(0);
  for (const index of indices) {
    const x = new Float32Array(6 * examplesAtOnce);
    const y = new Int32Array(examplesAtOnce);
    const w = new Float32Array(examplesAtOnce);
    x.set(dataset.features.subarray(6 * index, 6 * index + 6));
    y[0] = dataset.labels[index]!;
    w[0] = 1;
    const outputs = clipped.run({ x, y, w });
    const norm = norms.run({ x: x.slice(0, 6), y: y.slice(0, 1) }).norms![0]!;
    const gradient = byName(values).flatMap(({ name }) => [...outputs[`d ${name}`]!]);
    for (const [i, value] of gradient.entries()) sum[i]! += value * Math.min(1, 1 / norm);
  }
  return sum;
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.hypot(...Array.from(a, (value, i) => value - b[i]!));

describe('a clipped sum with a share of noise', () => {
  test('is the sum over the sample, one example at a time, on the grid, and the noise', async () => {
    const { entries, site } = await contribute(dataset, createSeededWords(1));
    const words = createSeededWords(1);
    const { indices, noiseOf } = redraw(words, privacy);
    expect(indices.length).toBeGreaterThan(50);
    const noise = noiseOf(privacy.shareSigma);
    const slow = await slowSum(indices, start);
    for (const [i, entry] of entries.entries()) {
      // Two chunks are rounded, each by half a step; f32 sums add about 2^-20 of themselves.
      expect(Math.abs(entry - noise[i]! - privacy.scale * slow[i]!)).toBeLessThan(
        1.01 + privacy.scale * 2 ** -18,
      );
    }
    expect(site).toEqual({ examples: 128, notFinite: 0, truncated: false });
  });

  test('moves by at most the accounted sensitivity when one record adds nothing instead', async () => {
    const sensitivity = roundedSensitivity({
      clippingNorm: 1,
      scale: privacy.scale,
      dimension,
      relation: 'zeroOut',
      summands: examplesAtOnce,
      roundings: dimension + 8,
    });
    const whole = await contribute(dataset, createSeededWords(2));
    const [first] = redraw(createSeededWords(2), privacy).indices;
    const neighbours = [3e3, -1e-20, 1e30].map((value) => {
      const features = dataset.features.slice() as Float32Array<ArrayBuffer>;
      features.fill(value, 6 * first!, 6 * first! + 6);
      return contribute({ ...dataset, features }, createSeededWords(2));
    });
    const [large, , infinite] = await Promise.all(neighbours);
    expect(infinite!.site.notFinite).toBe(1);
    expect(distance(whole.entries, infinite!.entries)).toBeLessThanOrEqual(sensitivity);
    // Clipped: without it the difference would be thousands of norms.
    expect(distance(large!.entries, infinite!.entries)).toBeLessThanOrEqual(sensitivity);
    expect(distance(large!.entries, infinite!.entries)).toBeGreaterThan(0.98 * privacy.scale);
  });

  test('a gradient of zeros stays zeros', async () => {
    const certain = start.map((parameter) =>
      parameter.name === 'dense1.bias' ? { ...parameter, data: Float32Array.of(1e4, 0, 0) } : parameter,
    );
    const same = { ...dataset, labels: new Int32Array(records) };
    const { entries, site } = await contribute(same, createSeededWords(3), fileOf(certain));
    const { noiseOf } = redraw(createSeededWords(3), privacy);
    // The words of the sample were taken by `redraw`.
    expect(entries).toEqual(noiseOf(privacy.shareSigma));
    expect(site.notFinite).toBe(0);
  });

  test('a model that gives no numbers leaves the noise alone, whatever the data', async () => {
    const broken = start.map((parameter) => ({ ...parameter, data: parameter.data.map(() => 3e38) }));
    const { entries, site } = await contribute(dataset, createSeededWords(4), fileOf(broken));
    const words = createSeededWords(4);
    const { indices, noiseOf } = redraw(words, privacy);
    expect(entries).toEqual(noiseOf(privacy.shareSigma));
    expect(site.notFinite).toBe(indices.length);
  });

  test('cuts a sample that does not fit, and tells the site alone', async () => {
    const zeros = { fill: (words: Uint32Array) => words.fill(0) } as unknown as SecretWords;
    const { site } = await contribute(dataset, zeros);
    expect(site.truncated).toBe(true);
  });

  test('draws from the operating system unless told otherwise: no two are alike', async () => {
    const trainer = await createGradientTrainer({ ...prepared, dataset, parameters: privacy });
    const [a, b] = [await trainer.contribute(request), await trainer.contribute(request)];
    expect(a.entries).not.toEqual(b.entries);
  });

  test('reads a model with the state of a server step behind its parameters', async () => {
    const state = { name: 'velocity', shape: [2], data: Float32Array.of(1, 2) };
    const model = encodeModel(readModel(encodeParameters([...start, state]), { entries: dimension + 2 }));
    const { entries } = await contribute(dataset, createSeededWords(1), model);
    expect(entries).toEqual((await contribute(dataset, createSeededWords(1))).entries);
  });
});

describe('what cannot be protected record by record is refused', () => {
  const modelOf = (layer: (g: ReturnType<typeof createBuilder>, x: number) => number) => {
    const g = createBuilder();
    g.output('logits', dense(g, layer(g, dense(g, g.input('x', 'f32', ['B', 6]), 4)), 3));
    return g.finish();
  };

  test('batch normalisation, with what to use instead; and dropout', () => {
    const normalised = modelOf((g, x) => batchNorm(g, x));
    expect(() => deriveClippedStep(normalised, 1)).toThrow(code('privacy.batchNorm'));
    expect(() => deriveClippedStep(normalised, 1)).toThrow('layerNorm');
    expect(() =>
      deriveClippedStep(
        modelOf((g, x) => dropout(g, x, 0.5)),
        1,
      ),
    ).toThrow(code('privacy.dropout'));
  });

  test('a promise that its noise does not keep', async () => {
    const less = { ...privacy, shareSigma: privacy.shareSigma / 1.1 };
    await expect(createGradientTrainer({ ...prepared, dataset, parameters: less })).rejects.toThrow(
      code('dp.promise'),
    );
  });

  test('more records than batches are planned for, another step, other data', async () => {
    const create = (more: object) =>
      createGradientTrainer({ ...prepared, dataset, parameters: privacy, ...more });
    await expect(create({ parameters: { ...privacy, maximumRecords: 140 } })).rejects.toThrow(
      code('privacy.records'),
    );
    await expect(create({ parameters: { ...privacy, clippingNorm: 2 } })).rejects.toThrow(code('job.step'));
    await expect(create({ dataset: { ...dataset, vocabulary: ['c', 'b', 'a'] } })).rejects.toThrow(
      code('dataset.labels'),
    );
    await expect(create({ dataset: { ...dataset, shape: [2, 3] } })).rejects.toThrow(code('dataset.shape'));
  });
});

describe('a silo', () => {
  const plan = planPrivacy({ ...sampled, form: 'silo', stepsPerRound: 3 }, setting);
  const silo: SiloPrivacy = plan.parameters;
  const rates = { learningRate: 0.5, momentum: 0.5 };

  test('trains by noised steps with momentum, and tells no loss', async () => {
    const words = createSeededWords(5);
    const trainer = await createSiloTrainer({ ...prepared, dataset, parameters: silo, ...rates, words });
    const result = await trainer.train(request);
    expect(result).toEqual({ model: expect.any(Uint8Array), examples: records });
    const again = createSeededWords(5);
    let values: Parameters = byName(start);
    const velocity = new Array<number>(dimension).fill(0);
    for (let step = 0; step < 3; step++) {
      const { indices, noiseOf } = redraw(again, silo);
      const noise = noiseOf(silo.sigma);
      const sum = await slowSum(indices, values);
      let offset = 0;
      values = values.map((parameter) => ({
        ...parameter,
        data: parameter.data.map((value) => {
          const gradient = (sum[offset]! + noise[offset]! / silo.scale) / (0.5 * records);
          velocity[offset] = 0.5 * velocity[offset]! - 0.5 * gradient;
          return value + velocity[offset++]!;
        }),
      }));
    }
    const trained = byName(decodeParameters(graph, result.model));
    for (const [p, { data }] of trained.entries()) {
      for (const [i, value] of data.entries()) expect(value).toBeCloseTo(values[p]!.data[i]!, 3);
    }
  });

  test('keeps its promise, or does not begin', async () => {
    const less = { ...silo, sigma: silo.sigma / 1.1 };
    await expect(createSiloTrainer({ ...prepared, dataset, parameters: less, ...rates })).rejects.toThrow(
      code('dp.promise'),
    );
  });

  test('stops when asked to', async () => {
    const trainer = await createSiloTrainer({ ...prepared, dataset, parameters: silo, ...rates });
    const aborted = { ...request, signal: AbortSignal.abort(new Error('enough')) };
    await expect(trainer.train(aborted)).rejects.toThrow('enough');
  });
});

describe('a clipped update', () => {
  const size = 1000;
  const thousand = { minParticipants: 1000, maxParticipants: 1000, rounds: 5 };
  const plan = planPrivacy(
    {
      unit: 'participant',
      form: 'distributed',
      epsilon: 8,
      delta: 1e-5,
      clippingNorm: 2,
      releases: 5,
      honest: 500,
    },
    { dimension: size, ...thousand },
  );
  const participant: ParticipantPrivacy = plan.parameters;
  const modelOf = (data: Float32Array<ArrayBuffer>) =>
    encodeModel(readModel(encodeParameters([{ name: 'w', shape: [size], data }]), { entries: size }));
  const job = {
    arithmetic: { ...prepared.job.arithmetic, entries: size },
    ...thousand,
  };
  const trainerOf = (train: () => Uint8Array): Trainer => ({
    train: async () => ({ model: train(), examples: 1 }),
  });
  const zeros = requestOf(modelOf(new Float32Array(size)));

  test('is what training moved, on the grid, and the noise', async () => {
    const moved = Float32Array.from({ length: size }, (_, i) => 0.03 * Math.cos(i));
    const trainer = trainerOf(() => modelOf(moved));
    const private_ = createUpdateTrainer({
      job,
      trainer,
      parameters: participant,
      words: createSeededWords(6),
    });
    const { entries } = await private_.contribute(zeros);
    const noise = drawDiscreteGaussian(
      createDiscreteGaussian(participant.shareSigma),
      size,
      createSeededWords(6),
    );
    for (const [i, entry] of entries.entries())
      expect(entry).toBe(noise[i]! + Math.round(moved[i]! * participant.scale));
  });

  test('is clipped to the norm, keeps a small or zero one, and is zero where it is not finite', () => {
    const large = Float32Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 1e30 : -1e25));
    const norm = Math.hypot(...clipToGrid(large, participant)) / participant.scale;
    expect(norm).toBeCloseTo(2, 1);
    const small = Float32Array.of(0.5, -0.25, 0);
    expect([...clipToGrid(small, { clippingNorm: 2, scale: 8 })]).toEqual([4, -2, 0]);
    expect(clipToGrid(new Float32Array(3), { clippingNorm: 2, scale: 8 })).toEqual(new Int32Array(3));
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(clipToGrid(Float32Array.of(1, odd), { clippingNorm: 2, scale: 8 })).toEqual(new Int32Array(2));
    }
  });

  test('of training that diverged is noise alone, and no absence that would tell', async () => {
    const trainer = trainerOf(() => {
      const data = new Float32Array(size).fill(Number.NaN);
      return encodeParameters([{ name: 'w', shape: [size], data }]);
    });
    const { entries, site } = await createUpdateTrainer({
      job,
      trainer,
      parameters: participant,
      words: createSeededWords(7),
    }).contribute(zeros);
    expect(site.notFinite).toBe(1);
    const noise = drawDiscreteGaussian(
      createDiscreteGaussian(participant.shareSigma),
      size,
      createSeededWords(7),
    );
    expect(entries).toEqual(noise);
  });

  test('keeps its promise, or does not begin', () => {
    const less = { ...participant, shareSigma: participant.shareSigma / 1.1 };
    const trainer = trainerOf(() => modelOf(new Float32Array(size)));
    expect(() => createUpdateTrainer({ job, trainer, parameters: less })).toThrow(code('dp.promise'));
  });

  test('of training that broke for another reason is an error', async () => {
    const trainer = trainerOf(() => {
      throw new Error('disk');
    });
    const private_ = createUpdateTrainer({ job, trainer, parameters: participant });
    await expect(private_.contribute(zeros)).rejects.toThrow('disk');
  });
});
