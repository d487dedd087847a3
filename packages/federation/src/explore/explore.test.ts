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

test('stops undecided at the bound of states', async () => {
  const [scenario] = shortScenarios;
  const found = await explore({ ...scenario!, maximumStates: 10 });
  expect(found.whole).toBe(false);
  expect(found.violation).toBeUndefined();
});
