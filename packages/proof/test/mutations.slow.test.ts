import { expect, test } from 'vitest';
import { createMutationCase, imageSample, mutate, refusals } from './mutations.ts';

test('10,000 mutated proofs are refused, each with a reason', { timeout: 1_800_000 }, () => {
  const { proof, judge, registration, judgeRegistration } = createMutationCase();
  for (let k = 0; k < 10_000; k++) expect(refusals, `mutation ${k}`).toContain(judge(mutate(proof, k)));
  for (let k = 0; k < 1_000; k++) expect(judgeRegistration(mutate(registration, k))).not.toBe('accepted');
  // Every fourth word of the proof: each element and each half of a digest, once.
  for (let at = 0; at + 4 <= proof.length; at += 16) {
    const changed = proof.slice();
    changed[at] ^= 1;
    expect(refusals, `word at ${at}`).toContain(judge(changed));
  }
});

test('of a model with every kind of layer, too', { timeout: 1_800_000 }, () => {
  const { proof, judge } = createMutationCase(imageSample());
  expect(judge(proof)).toBe('accepted');
  const withPatches = new Set([...refusals, 'relations.patches']);
  for (let k = 0; k < 2_000; k++) expect(withPatches, `mutation ${k}`).toContain(judge(mutate(proof, k)));
});
