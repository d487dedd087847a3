/** A whole round with the primitives of a browser: every byte is that of Node's. */
import { expect, test, vi } from 'vitest';
import { createSeededWords } from '../testing/seededWords.ts';

/** The round as loaded now: from the same words. */
async function playSeeded() {
  const { createSampleRound, playRound, registrationsOf, sumPublished } = await import(
    '../testing/aggregationRound.ts'
  );
  const participants = [0, 1, 2, 3];
  const sample = createSampleRound({ participants, percent: 50, words: createSeededWords(8) });
  const attendance = { members: participants, included: [0, 1, 3], answering: [1, 2, 3] };
  const published = playRound(sample, attendance, (participant) =>
    Int32Array.from({ length: 20_000 }, (_, e) => participant * e - 7),
  );
  const registrations = registrationsOf(sample, participants);
  return { registrations, ...published, sum: sumPublished(sample.round, registrations, published) };
}

test('registrations, messages, answers and sums are the same', async () => {
  const inNode = await playSeeded();
  vi.resetModules();
  vi.doMock('#primitives', () => import('./primitives.browser.ts'));
  const inBrowser = await playSeeded();
  const { createKeyAgreement } = await import('#primitives');
  expect(createKeyAgreement).toBe((await import('./primitives.browser.ts')).createKeyAgreement);
  expect(inBrowser).toEqual(inNode);
  expect(inBrowser.sum.at(-1)).toBe(4 * 19_999 - 21);
});
