import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import { shortScenarios } from './scenarios.ts';

test.each(shortScenarios)('$name: every reachable state keeps the promises', async (scenario) => {
  const found = await explore(scenario);
  expect(found.violation).toBeUndefined();
  expect(found.whole).toBe(true);
});

test('finds the shortest history where a promise cannot be kept', async () => {
  // Without a second participant there is no cohort, so a participant that stays away stops the
  // job.
  const { violation } = await explore({
    name: 'nobody is left',
    participants: 2,
    minParticipants: 2,
    dishonest: ['participant 0'],
    maximumWaits: 9,
  });
  expect(violation).toMatchObject({ property: 'unstoppable' });
  expect(violation!.history[0]).toBe('created');
});

test.each([
  ['garbage', 'commit', 'deadline'],
  ['boxes', 'register', 'deadline'],
  ['objection', 'object', 'objected'],
] as const)(
  'finds how a participant stops a job of masked updates with %s (§12.10)',
  async (extra, move, reason) => {
    const { violation } = await explore({
      name: extra,
      participants: 5,
      minParticipants: 3,
      masked: true,
      menu: [extra],
      only: [move],
      change: { rounds: 1, attempts: 1 },
      dishonest: ['participant 0'],
      maximumWaits: 9,
    });
    expect(violation).toMatchObject({ property: 'unstoppable', because: expect.stringContaining(reason) });
  },
);

test('stops undecided at the bound of states', async () => {
  const [scenario] = shortScenarios;
  const found = await explore({ ...scenario!, maximumStates: 10 });
  expect(found.whole).toBe(false);
  expect(found.violation).toBeUndefined();
});
