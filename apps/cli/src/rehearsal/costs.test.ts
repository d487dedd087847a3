import type { LedgerEvent } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import type { Reported } from '../roles/messages.ts';
import { measureCosts } from './costs.ts';

const at = (time: number, event: object): Reported => ({
  time,
  by: 'somebody',
  event: event as Reported['event'],
});

test('seconds go from the opening to the last trained site, to the known set, to the step; bytes add up', () => {
  const reports = [
    at(1000, { type: 'opened', round: 0 }),
    at(1500, { type: 'trained', round: 0 }),
    at(3000, { type: 'trained', round: 0 }),
    at(4500, { type: 'stepped', round: 0, seconds: 0.5 }),
    // Told again by a resumed run: the first time counts.
    at(9000, { type: 'stepped', round: 0, seconds: 5 }),
    // Told twice, counted once.
    at(4600, { type: 'checked', round: 0, seconds: 0.25 }),
    at(9000, { type: 'checked', round: 0, seconds: 0.25 }),
    at(9000, { type: 'traffic', sent: 10, received: 5 }),
    at(9000, { type: 'traffic', sent: 1, received: 0 }),
  ];
  // Two moves came in one transaction.
  const events = ['0x01', '0x02', '0x02'].map((transaction) => ({ transaction }));
  const costs = measureCosts(events as LedgerEvent[], reports, 77);
  expect(costs).toEqual({
    bytesMoved: 16,
    transactions: 2,
    gas: 77,
    seconds: { training: 2, collecting: 1, stepping: 0.5, checking: 0.25 },
  });
});

test('a round that nobody stepped, or whose opening was lost with a crash, counts for nothing', () => {
  const reports = [at(1000, { type: 'opened', round: 0 }), at(2000, { type: 'trained', round: 1 })];
  expect(measureCosts([], reports, 0).seconds).toEqual({
    training: 0,
    collecting: 0,
    stepping: 0,
    checking: 0,
  });
});
