import { cellIds, readFigure } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import { expect, test } from 'vitest';
import { createRun } from '../test/runBuilder.ts';
import { federationFigures } from './figures.ts';
import { averageMechanism, federationMechanisms, privacyMechanism, roundsMechanism } from './mechanisms.ts';

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

test('what a private job promises is read and predicted as it stands', () => {
  const promise = { unit: 'participant', form: 'distributed', epsilon: 8, delta: 1e-5, releases: 3 };
  const noise = { clippingNorm: 1, scale: 64, honest: 2, shareSigma: 100 };
  const parameters = privacyMechanism.parse({ ...promise, ...noise });
  const figures = privacyMechanism.predict(sampleJob, parameters, {});
  expect(readFigure({ figures }, federationFigures.epsilonPromised)?.value).toBe(8);
  expect(readFigure({ figures }, federationFigures.releasesPlanned)?.value).toBe(3);
  expect(() => privacyMechanism.parse({ ...promise, ...noise, shareSigma: -1 })).toThrow(
    expect.objectContaining({ code: 'mechanism.parameters' }),
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
