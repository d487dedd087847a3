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
