/**
 * Randomness of the samplers: 32-bit words that no one else may know. The operating system's
 * generator is the only source that this package makes; the type has a private brand, so that
 * another source needs a cast, which only tests have.
 */
declare const brand: unique symbol;

/** A source of secret, uniform words. */
export interface SecretWords {
  readonly [brand]: 'secret words';
  /** Fills `words` with independent uniform 32-bit words. */
  fill(words: Uint32Array<ArrayBuffer>): void;
}

/** `getRandomValues` takes 65,536 bytes at a time. */
const wordsAtOnce = 16384;

/** The operating system's generator. */
export const systemWords = {
  fill(words: Uint32Array<ArrayBuffer>) {
    for (let i = 0; i < words.length; i += wordsAtOnce) {
      crypto.getRandomValues(words.subarray(i, i + wordsAtOnce));
    }
  },
} as SecretWords;

/** A uniform integer of 128 bits. */
export function draw128(words: SecretWords): bigint {
  const four = new Uint32Array(4);
  words.fill(four);
  let value = 0n;
  for (const word of four) value = (value << 32n) | BigInt(word);
  return value;
}
