/**
 * What reading takes grows with the input, not with its square: sixteen times the input in
 * less than 39 times the work, where the square would be 256. `npm run fuzz:time` looks for others.
 */
import { describe, expect, test } from 'vitest';
import { type Growth, growthsOf } from './timing/growths.ts';
import { measureGrowth, mostRatio } from './timing/measureGrowth.ts';
import { type Json, lengthOf, readers } from './timing/readers.ts';

/** Shapes that once took the square, or that a reader is most likely to compare with one another. */
const shapes: readonly (readonly [reader: string, growth: string])[] = [
  ['yaml', 'short keys at the whole'],
  ['yaml', 'other items at data.labels'],
  ['job file', 'other items at data.labels'],
  ['job', 'other items at data.labels'],
  ['receipt', 'other items at evidence'],
  ['receipt', 'hashes as keys at artefacts'],
  ['receipt', 'short keys at evidence.0.figures'],
  ['safetensors', 'short keys at the whole'],
  ['safetensors', 'short keys at __metadata__'],
  ['cbor', 'short keys at the whole'],
  ['record', 'other items at events'],
  ['record', 'other items at events.0.move.accounts'],
  ['record', 'other items at events.11.move.receipts'],
  ['move', 'other items at accounts'],
  ['project', 'other items at claims'],
  ['bytecode', 'text of " " at the whole'],
];

describe('reading takes work in proportion to its input', () => {
  test.each(shapes)('%s, %s', async (name, growthName) => {
    const { seeds, read } = readers[name]!;
    const found = seeds.flatMap((seed) =>
      growthsOf(seed).flatMap((growth): [Json, Growth][] =>
        growth.name === growthName ? [[seed, growth]] : [],
      ),
    );
    expect(found.length).toBeGreaterThan(0);
    const [seed, growth] = found[0]!;
    const { ratio } = await measureGrowth((size) => growth.grow(seed, size), read, lengthOf);
    expect(ratio).toBeLessThan(mostRatio);
  });
});

test('the measure tells the square from what is in proportion', async () => {
  const range = (size: number) => Array.from({ length: size }, (_, i) => i);
  const count = (input: readonly unknown[]) => input.length;
  const linear = await measureGrowth(range, (input) => JSON.stringify(input).length, count);
  expect(linear.ratio).toBeLessThan(mostRatio);
  const square = await measureGrowth(
    range,
    (input) => input.filter((one, i) => input.indexOf(one) !== i),
    count,
  );
  expect(square.ratio).toBeGreaterThan(mostRatio);
  expect((await measureGrowth(range, () => 0, count)).ratio).toBe(1);
  // Where two places grow, the input is their product.
  const table = (size: number) => range(size).map(() => range(size));
  const cells = (input: readonly (readonly unknown[])[]) => input.length ** 2;
  expect((await measureGrowth(table, (input) => JSON.stringify(input), cells)).ratio).toBeLessThan(mostRatio);
}, 180_000);
