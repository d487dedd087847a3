import { cellIds } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { createSimulation } from '../test/simulation.ts';
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
  const { job, aggregator, participant, participants, events } = await createSimulation({ rounds: 1 });
  await Promise.all([aggregator(), ...participants.map((_, i) => participant(i))]);
  const sent = events.flatMap((event) => (event.type === 'uploaded' ? [event.bytes] : []));
  const predicted = averageMechanism.predict(job, { weighting: 'examples' }, {});
  expect(Math.max(...sent)).toBeLessThanOrEqual(predicted.participantUploadPerRound!.value);
  expect(roundsMechanism.predict(job, {}, {}).transactionsPerRound!.value).toBe(4 + 4);
});

test('every mechanism names cells, assumptions and what it protects', () => {
  for (const { id, cells, protects, against, assumptions } of federationMechanisms) {
    expect(id).toMatch(/^federation\./);
    expect(cells.every((cell) => cellIds.includes(cell))).toBe(true);
    expect([protects, against, ...assumptions].every((text) => text.length > 0)).toBe(true);
    expect(assumptions.length).toBeGreaterThan(0);
  }
});
