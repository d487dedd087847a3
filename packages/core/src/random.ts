/**
 * Counter-based randomness: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1,
 * 2, 3", SC 2011). One (key, counter) gives four 32-bit words, so any element of any stream can be
 * computed alone and again, which is what replay needs. Public randomness only (initialisers,
 * shuffles, splits); secrets come from `crypto.getRandomValues`.
 */
import { concatBytes, fromHex, type Hex, utf8 } from './bytes.ts';
import { MisuseError } from './errors.ts';
import { sha256 } from './hash.ts';

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;

export type Words = readonly [number, number, number, number];

/** The high 32 bits of the 64-bit product of two u32. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** Philox4x32-10: counter (4 x u32), key (2 x u32) -> 4 x u32. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(multiplier0, c0) >>> 0;
    const high0 = multiplyHigh(multiplier0, c0);
    const low1 = Math.imul(multiplier1, c2) >>> 0;
    const high1 = multiplyHigh(multiplier1, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * A stream of public random numbers, drawn in order. Equal seeds and names give equal streams on
 * every machine.
 */
export interface RandomStream {
  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /**
   * Uniform in 0 .. bound - 1, without modulo bias. Throws `random.bound` unless 1 <= bound <=
   * 2^32.
   */
  below(bound: number): number;
}

/**
 * `key` is two u32 (for example the head of a seed); `stream` tells streams of one key apart: two
 * u32.
 */
export function createRandomStream(
  key: readonly [number, number],
  stream: readonly [number, number] = [0, 0],
): RandomStream {
  let block = 0;
  let position = 4;
  let words: Words = [0, 0, 0, 0];
  const u32 = () => {
    if (position === 4) {
      words = philox([block >>> 0, Math.floor(block / 2 ** 32), stream[0], stream[1]], key);
      block++;
      position = 0;
    }
    return words[position++]!;
  };
  return {
    u32,
    uniform: () => ((u32() >>> 5) * 0x4000000 + (u32() >>> 6)) / 2 ** 53,
    below(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
        throw new MisuseError({
          code: 'random.bound',
          expected: 'a whole bound from 1 to 2^32',
          found: String(bound),
        });
      }
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let value = u32();
      while (value >= limit) value = u32();
      return value % bound;
    },
  };
}

/**
 * The key that a purpose draws from a seed: the first 8 bytes of SHA-256(purpose || seed), as two
 * little-endian u32. Distinct purposes give independent streams of one seed.
 */
export function seededKey(seed: Hex, purpose: string): readonly [number, number] {
  const view = new DataView(sha256(concatBytes(utf8(purpose), fromHex(seed))).buffer);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}

/**
 * The stream of public random numbers under `seededKey`; `stream` tells streams of one seed and
 * purpose apart.
 *
 * @example
 *   seededStream(job.seed, 'nonet training', [participant, step]);
 */
export function seededStream(
  seed: Hex,
  purpose: string,
  stream: readonly [number, number] = [0, 0],
): RandomStream {
  return createRandomStream(seededKey(seed, purpose), stream);
}

/** Fisher-Yates shuffle of 0 .. count - 1. */
export function shuffledIndices(count: number, random: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
