import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createRandomStream,
  philox,
  seededKey,
  seededStream,
  shuffledIndices,
  type Words,
} from './random.ts';

/**
 * Random123, tests/kat_vectors (github.com/DEShawResearch/random123 at 9545ff64), the three lines
 * `philox4x32 10`.
 */
test.each([
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
])('Philox4x32-10 of counter %s', (counter, key, output) => {
  const words = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));
  expect(philox(words(counter) as unknown as Words, words(key) as [number, number])).toEqual(words(output));
});

/** The slow, obvious twin: 64-bit products by bigint. */
function philoxTwin(counter: Words, key: readonly [number, number]): number[] {
  let c = counter.map(BigInt);
  let k = key.map(BigInt);
  const low = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const left = 0xd2511f53n * c[0]!;
    const right = 0xcd9e8d57n * c[2]!;
    c = [(right >> 32n) ^ c[1]! ^ k[0]!, right & low, (left >> 32n) ^ c[3]! ^ k[1]!, left & low];
    k = [(k[0]! + 0x9e3779b9n) & low, (k[1]! + 0xbb67ae85n) & low];
  }
  return c.map(Number);
}

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('agrees with its bigint twin', () => {
  fc.assert(
    fc.property(fc.tuple(u32, u32, u32, u32), fc.tuple(u32, u32), (counter, key) => {
      expect(philox(counter, key)).toEqual(philoxTwin(counter, key));
    }),
  );
});

test('a stream is the blocks of its counter, in order; equal seeds give equal streams, other streams differ', () => {
  const stream = createRandomStream([7, 8], [9, 10]);
  const drawn = Array.from({ length: 8 }, () => stream.u32());
  expect(drawn).toEqual([...philox([0, 0, 9, 10], [7, 8]), ...philox([1, 0, 9, 10], [7, 8])]);
  expect(createRandomStream([7, 8], [9, 11]).u32()).not.toBe(drawn[0]);
  expect(createRandomStream([7, 9], [9, 10]).u32()).not.toBe(drawn[0]);
});

/**
 * Mean of 100,000 draws: standard deviation 0.2887/sqrt(1e5) = 9.1e-4; the seed is fixed, so this
 * cannot flake.
 */
test('uniform draws are in [0, 1) and have mean one half', () => {
  const stream = createRandomStream([1, 2]);
  let sum = 0;
  for (let i = 0; i < 100_000; i++) {
    const value = stream.uniform();
    if (value < 0 || value >= 1) expect.fail(`${value}`);
    sum += value;
  }
  expect(Math.abs(sum / 100_000 - 0.5)).toBeLessThan(0.004);
});

test('draws below a bound cover it evenly; 2^32 and 1 are bounds, too', () => {
  const stream = createRandomStream([3, 4]);
  const counts = [0, 0, 0];
  for (let i = 0; i < 30_000; i++) counts[stream.below(3)]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400); // 4.9 standard deviations
  expect(stream.below(1)).toBe(0);
  expect(stream.below(2 ** 32)).toBeLessThan(2 ** 32);
});

test.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN, Number.POSITIVE_INFINITY])('%d is no bound', (bound) => {
  expect(() => createRandomStream([0, 0]).below(bound)).toThrow(
    expect.objectContaining({ code: 'random.bound' }),
  );
});

test('a shuffle is a permutation and repeats', () => {
  const order = shuffledIndices(100, createRandomStream([5, 6]));
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(order).toEqual(shuffledIndices(100, createRandomStream([5, 6])));
  expect(order).not.toEqual(shuffledIndices(100, createRandomStream([5, 7])));
  expect(shuffledIndices(0, createRandomStream([5, 6]))).toHaveLength(0);
});

test('a key is the head of SHA-256 of purpose and seed, little-endian', () => {
  const digest = createHash('sha256').update('nonet training').update(Uint8Array.of(0, 1)).digest();
  expect(seededKey('0x0001', 'nonet training')).toEqual([digest.readUInt32LE(0), digest.readUInt32LE(4)]);
});

test('streams differ by seed, purpose and number', () => {
  const draw = (...parameters: Parameters<typeof seededStream>) => seededStream(...parameters).u32();
  const first = draw('0x01', 'a');
  expect(draw('0x01', 'a', [0, 0])).toBe(first);
  expect(first).toBe(createRandomStream(seededKey('0x01', 'a')).u32());
  for (const other of [draw('0x02', 'a'), draw('0x01', 'b'), draw('0x01', 'a', [1, 0])]) {
    expect(other).not.toBe(first);
  }
});
