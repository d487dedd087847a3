import { describe, expect, it } from 'vitest';
import { dataset, graph, parameters } from '../../test/sums.ts';
import { evaluate } from './evaluate.ts';
import { predict } from './predict.ts';

describe('evaluate', () => {
  it('counts by true and predicted label', async () => {
    const { confusion, correct, count } = await evaluate({ graph, parameters, dataset });
    const rows = confusion.map((row) => row.reduce((a, b) => a + b, 0));
    expect(rows).toEqual([0, 1, 2].map((label) => dataset.labels.filter((l) => l === label).length));
    expect(confusion.reduce((sum, row, label) => sum + row[label], 0)).toBe(correct);
    expect(count).toBe(203);
  });

  it('gives the loss of chance for parameters of zero', async () => {
    const zeros = parameters.map((parameter) => ({ ...parameter, data: parameter.data.map(() => 0) }));
    const { loss, confusion } = await evaluate({ graph, parameters: zeros, dataset });
    expect(loss).toBeCloseTo(Math.log(3), 5);
    expect(confusion.every((row) => row[1] === 0 && row[2] === 0)).toBe(true);
  });
});

describe('predict', () => {
  it('agrees with evaluate, and probabilities sum to 1', async () => {
    const { probabilities, labels } = await predict({ graph, parameters, features: dataset.features });
    const { correct } = await evaluate({ graph, parameters, dataset });
    expect(labels.filter((label, i) => label === dataset.labels[i]).length).toBe(correct);
    for (let i = 0; i < 203; i++) {
      expect(probabilities[3 * i] + probabilities[3 * i + 1] + probabilities[3 * i + 2]).toBeCloseTo(1, 5);
    }
  });

  it('refuses a fraction of an example', async () => {
    const features = dataset.features.subarray(1);
    await expect(predict({ graph, parameters, features })).rejects.toMatchObject({ code: 'train.dataset' });
  });
});
