/** What a graph may have before a job with it is refused, with a budget that a test can exceed. */
import { createBuilder, mlp } from '@nonet/tensor';
import { expect, test, vi } from 'vitest';
import { assertJobFile } from './prepare.ts';

vi.mock('@nonet/tensor', async (load) => ({
  ...(await load<typeof import('@nonet/tensor')>()),
  usualBudget: { multiplyAdds: 0, bytes: 16_000 },
}));

const data = {
  features: Float32Array.from([0, 1, 2, 3]),
  shape: [2],
  labels: Int32Array.from([0, 1]),
  vocabulary: ['a', 'b'],
};
const job = {
  name: 'test',
  data: { shape: [2], labels: ['a', 'b'] },
  training: { epochs: 1, batch: 2, learningRate: 0.1, momentum: 0 },
  rounds: 2,
};

test('a graph that no participant would fetch is refused before anything is started', async () => {
  const rehearsal = { sites: [data, data] };
  await assertJobFile({ job: { ...job, model: mlp({ features: [2], hidden: [], classes: 2 }) }, rehearsal });
  const g = createBuilder();
  g.output('o', g.constant(new Float32Array(4000), [4000]));
  await expect(assertJobFile({ job: { ...job, model: g.finish() }, rehearsal })).rejects.toThrow(
    expect.objectContaining({ code: 'run.budget', expected: expect.stringContaining('with its constants') }),
  );
});
