import { cellIds, readFigure } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import { expect, test } from 'vitest';
import { createRun } from '../test/runBuilder.ts';
import { federationFigures } from './figures.ts';
import { averageMechanism, federationMechanisms, roundsMechanism } from './mechanisms.ts';

test('parameters that are not their own are refused', () => {
  const refused = expect.objectContaining({ code: 'mechanism.parameters' });
  expect(averageMechanism.parse({ weighting: 'examples' })).toEqual({ weighting: 'examples' });
  for (const parameters of [undefined, {}, { weighting: 'equal' }, { weighting: 'examples', more: 1 }]) {
    expect(() => averageMechanism.parse(parameters)).toThrow(refused);
  }
  expect(() => roundsMechanism.parse({ more: 1 })).toThrow(refused);
});

test('predictions are upper bounds of what a run moves', async () => {
  const run = await createRun(4, { rounds: 1 });
  const before = (await run.moves()).length;
  await run.play({ 0: 'good', 1: 'good', 2: 'good', 3: 'good' });
  const { blob } = run.state().rounds[0]!.commitments[0]!;
  const predicted = { figures: averageMechanism.predict(run.job, { weighting: 'examples' }, {}) };
  expect(readFigure(predicted, federationFigures.participantUploadPerRound)?.value).toBe(
    run.blobs.blobs.get(blob)!.length,
  );
  const moves = { figures: roundsMechanism.predict(run.job, {}, {}) };
  expect(readFigure(moves, federationFigures.transactionsPerRound)?.value).toBe(
    (await run.moves()).length - before,
  );
});

test('predictions are of jobs that run in rounds only', () => {
  const job = { ...sampleJob, kind: 'infer' } as never;
  for (const { predict } of federationMechanisms) {
    expect(() => predict(job, {}, {})).toThrow(expect.objectContaining({ code: 'job.kind' }));
  }
});

test('every mechanism names cells, assumptions and what it protects', () => {
  for (const { id, cells, protects, against, assumptions } of federationMechanisms) {
    expect(id).toMatch(/^(federation|privacy)\./);
    expect(cells.every((cell) => cellIds.includes(cell))).toBe(true);
    expect([protects, against, ...assumptions].every((text) => text.length > 0)).toBe(true);
    expect(assumptions.length).toBeGreaterThan(0);
  }
});
