/** Random models, quantised, compiled, compared with the executor of integers, and some proven. */
import { expect, test } from 'vitest';
import { checkRandomGraph } from './checkRandomGraph.ts';

test('forty random models give what their graphs give, eight of them proven', async () => {
  const seen = new Set<string>();
  for (let i = 0; i < 40; i++) {
    const seed = 3 + 7919 * i;
    const names = await checkRandomGraph(seed, i % 5 === 0).catch((cause) => {
      throw new Error(`seed ${seed}`, { cause });
    });
    for (const name of names) seen.add(name);
  }
  expect(seen.size).toBeGreaterThan(12);
});
