import { expect, test } from 'vitest';
import { createPace } from './pace.ts';

test('counts a byte of two seconds ago 1/e', () => {
  const pace = createPace(500);
  expect(pace.recent(500)).toBe(65_536);
  expect(pace.recent(2500)).toBeCloseTo(65_536 / Math.E);
  pace.advance(1000, 2500);
  expect(pace.recent(2500)).toBeCloseTo(65_536 / Math.E + 1000);
  expect(pace.recent(4500)).toBeCloseTo(65_536 / Math.E ** 2 + 1000 / Math.E);
});

test('of 32 KiB/s is at no time behind a newcomer that sends nothing; a trickle soon is', () => {
  const steady = createPace(0);
  const trickle = createPace(0);
  for (let now = 100; now <= 10_000; now += 100) {
    steady.advance(3277, now);
    trickle.advance(1, now);
    expect(steady.recent(now)).toBeGreaterThanOrEqual(createPace(now).recent(now));
  }
  expect(trickle.recent(10_000)).toBeLessThan(1000);
});
