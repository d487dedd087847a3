import { expect, it } from 'vitest';
import { createReadCache } from './readCache.ts';

/** Answers with the number of the question. */
function count() {
  let asked = 0;
  return { ask: async () => String(++asked), asked: () => asked };
}

it('asks once in a state, also while the answer is on its way', async () => {
  const [cache, { ask, asked }] = [createReadCache(), count()];
  const both = await Promise.all([cache.read(1, 'a', ask), cache.read(1, 'a', ask)]);
  expect([...both, await cache.read(1, 'a', ask)]).toEqual(['1', '1', '1']);
  expect(await cache.read(1, 'b', ask)).toBe('2');
  expect(asked()).toBe(2);
});

it('asks again in another state, and keeps nothing while the state changes', async () => {
  const [cache, { ask }] = [createReadCache(), count()];
  expect(await cache.read(1, 'a', ask)).toBe('1');
  expect(await cache.read(undefined, 'a', ask)).toBe('2');
  expect(await cache.read(undefined, 'a', ask)).toBe('3');
  expect(await cache.read(2, 'a', ask)).toBe('4');
  expect(await cache.read(2, 'a', ask)).toBe('4');
});

it('does not take an answer of a former state for one of this', async () => {
  const [cache, { ask }] = [createReadCache(), count()];
  const late = Promise.withResolvers<string>();
  const first = cache.read(1, 'a', () => late.promise);
  expect(await cache.read(2, 'a', ask)).toBe('1');
  late.resolve('late');
  expect(await first).toBe('late');
  expect(await cache.read(2, 'a', ask)).toBe('1');
});

it('keeps no failure', async () => {
  const [cache, { ask }] = [createReadCache(), count()];
  await expect(cache.read(1, 'a', () => Promise.reject(new RangeError()))).rejects.toThrow(RangeError);
  expect(await cache.read(1, 'a', ask)).toBe('1');
});

it('an answer of a former state that comes late leaves this one its room', async () => {
  const [cache, { ask, asked }] = [createReadCache(), count()];
  const late = Promise.withResolvers<string>();
  const first = cache.read(1, 'a', () => late.promise);
  await cache.read(2, 'a', ask);
  late.resolve('x'.repeat(2 ** 24));
  await first;
  await cache.read(2, 'b', ask);
  await cache.read(2, 'b', ask);
  await cache.read(2, 'a', ask);
  expect(asked()).toBe(2);
});

it('keeps answers up to the last character of its length, and none beyond', async () => {
  for (const [length, kept] of [
    [2 ** 24 - 2, true],
    [2 ** 24 - 1, true],
    [2 ** 24, false],
  ] as const) {
    const [cache, { ask, asked }] = [createReadCache(), count()];
    // One character of the key.
    await cache.read(1, 'k', async () => 'x'.repeat(length));
    await cache.read(1, 'k', ask);
    expect(asked() === 0, String(length)).toBe(kept);
  }
  // Full to the brim is not over it: what comes next is kept until it is.
  const [cache, { ask, asked }] = [createReadCache(), count()];
  await cache.read(1, 'k', async () => 'x'.repeat(2 ** 24 - 1));
  const slow = Promise.withResolvers<string>();
  const both = [cache.read(1, 'n', () => slow.promise), cache.read(1, 'n', ask)];
  slow.resolve('once');
  expect([await Promise.all(both), asked()]).toEqual([['once', 'once'], 0]);
  // Over it, nothing more is shared.
  const over = [cache.read(1, 'p', ask), cache.read(1, 'p', ask)];
  await Promise.all(over);
  expect(asked()).toBe(2);
});

it('is bounded, in answers and in their length', async () => {
  const [cache, { ask, asked }] = [createReadCache(), count()];
  for (let i = 0; i < 2000; i++) await cache.read(1, `${i}`, ask);
  for (let i = 0; i < 2000; i++) await cache.read(1, `${i}`, ask);
  expect(asked()).toBe(4000 - 1024);
  const long = 'x'.repeat(2 ** 24);
  await cache.read(2, 'a', ask);
  await cache.read(2, 'long', async () => long);
  const before = asked();
  await cache.read(2, 'long', ask);
  await cache.read(2, 'b', ask);
  await cache.read(2, 'b', ask);
  await cache.read(2, 'a', ask);
  expect(asked() - before).toBe(3);
});
