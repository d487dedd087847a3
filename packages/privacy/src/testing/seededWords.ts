/** Words that are neither secret nor random, so that a statistical test says the same twice. */
import { createRandomStream } from '@nonet/core';
import type { SecretWords } from '../dp/sampling/secretWords.ts';

/** Only tests may: the brand of `SecretWords` has no other way around it than this cast. */
export function createSeededWords(seed: number): SecretWords {
  const random = createRandomStream([seed, 0x6470]);
  return {
    fill(words: Uint32Array) {
      for (let i = 0; i < words.length; i++) words[i] = random.u32();
    },
  } as SecretWords;
}
