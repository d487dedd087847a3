import type { Round } from '@nonet/core/ports';
import { createFigures, type Evidence, evidenceSchema, type TrainJob } from '@nonet/core/records';
import { federationFigures } from '@nonet/federation';
import { measuredEnergy } from '@nonet/matrix/energy';
import { describe, expect, test } from 'vitest';
import type { Outcome } from './coordinator.ts';
import { energyEvidence, measureRunEnergy } from './runEnergy.ts';

const job = {
  arithmetic: { entries: 1000 },
  data: { shape: [10] },
  kind: 'train',
  model: { kind: 'graph' },
  training: { kind: 'graph', epochs: 2, batch: 5 },
  watchers: ['0xcc'],
} as unknown as TrainJob;
const trained = (by: string, round: number) => ({
  time: 0,
  by,
  event: { type: 'trained' as const, round, examples: 50, loss: 0, seconds: 1 },
});
const round = (phase: Round['phase']) =>
  ({
    phase,
    size: 2,
    commitments: { 0: '0xaa', 1: '0xbb' },
    unavailable: [],
    posted: { model: '0xcc', refused: [{ participant: 1, reason: 'Malformed', entry: 0 }] },
  }) as unknown as Round;
const outcome = {
  job,
  seconds: 10,
  state: { rounds: [round('final'), round('void')] },
  // A resumed run reports the first round of the first site twice.
  reports: [trained('site 0', 0), trained('site 0', 0), trained('site 1', 0), trained('site 0', 1)],
} as unknown as Outcome;
const costs = {
  bytesMoved: 1e9,
  transactions: 0,
  gas: 0,
  seconds: { training: 0, collecting: 0, stepping: 0, checking: 0 },
};
const origin = { type: 'run', run: 'r', by: `0x${'11'.repeat(20)}`, machine: 'm', commit: 'c' } as const;
const accuracy: Evidence = {
  kind: 'measurement',
  grade: 4,
  sentence: 'The final model is right.',
  cells: [],
  origin,
  figures: createFigures([
    [federationFigures.accuracy, 0.8],
    [federationFigures.examples, 50],
  ]),
  check: { how: 'none', because: 'an example' },
  date: '2026-03-01T00:00:00Z',
};

describe('the energy of a run', () => {
  test('is modelled from the examples that were trained on, each site and round once', () => {
    const { label, how } = measureRunEnergy(outcome, costs, {});
    expect(label).toBe('modelled');
    // 6 x 1000 parameters x 3 trainings x 50 examples x 2 epochs
    expect(how).toContain('1.80e+6 FLOP');
    expect(how).toContain(', 0 bytes over a network');
  });

  test('is measured or declared where that is known', () => {
    expect(measureRunEnergy(outcome, costs, { joules: 7, watts: 3 })).toMatchObject({ label: 'measured' });
    expect(measureRunEnergy(outcome, costs, { watts: 3 }).joules.middle).toBe(30);
  });

  test('becomes a record per round, right example and verified update; a void round has achieved nothing', () => {
    const record = energyEvidence(outcome, costs, measuredEnergy(120, 'counted'), [accuracy], origin);
    expect(evidenceSchema.parse(record)).toEqual(record);
    expect(record).toMatchObject({ kind: 'measurement', grade: 4 });
    const value = (name: string) => record.figures[name]?.value;
    expect(value('energyPerRound')).toBe(120);
    expect(value('energyPerRightExample')).toBe(3);
    expect(value('energyPerVerifiedUpdate')).toBe(120);
    expect(record.figures.energyOfNetworkIfApart?.max).toBeCloseTo(0.06 * 3.6e6, 6);
    expect(record.sentence).toContain('0.002 to 0.06 kWh per GB');
  });

  test('is of low grade where it was not measured, and has no price of what was not achieved', () => {
    const record = energyEvidence(
      { job: { ...job, watchers: [] }, state: { ...outcome.state, rounds: [] } },
      costs,
      measureRunEnergy(outcome, costs, {}),
      [],
      origin,
    );
    expect(record).toMatchObject({ kind: 'observation', grade: 1 });
    expect(Object.keys(record.figures)).toEqual(['energy', 'energyOfNetworkIfApart']);
  });
});
