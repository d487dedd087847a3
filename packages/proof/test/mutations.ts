/** Proofs with something changed, and what a verifier says of them. */
import { type SampleModel, sampleImageModel, sampleModel } from '../src/testing/sampleModels.ts';
import { createWorkspace } from '../src/zk/hash/hashKernels.ts';
import { createProver } from '../src/zk/model/proveModel.ts';
import { verifyInference, verifyRegistration } from '../src/zk/model/verifyModel.ts';

const workspace = createWorkspace();

const layered = () => sampleModel({ sizes: [12, 9, 6, 4], output: 'position', withTable: true });

/** Every kind of layer for images. */
export const imageSample = () =>
  sampleImageModel(
    [1, 6, 6],
    [
      { kind: 'convolution', channels: 1, kernel: [3, 3], before: [1, 1], after: [1, 1] },
      { kind: 'add', other: 0 },
      { kind: 'convolution', channels: 3, kernel: [2, 2] },
      { kind: 'maximum', kernel: [2, 2], stride: [1, 2] },
      { kind: 'sum', kernel: [2, 1], stride: [2, 1] },
      { kind: 'dense', size: 3 },
    ],
    'position',
  );

/** A model with a proof, and a judge of other proofs of the same statement. */
export function createMutationCase(sample: SampleModel = layered()) {
  const prover = createProver(sample);
  const registration = prover.register();
  const verdict = verifyRegistration(registration, workspace);
  if (!verdict.accepted) throw new Error(verdict.code);
  const { model } = verdict;
  const inputs = sample.inputsOf(2);
  const { statement, proof } = prover.prove({ inputs, rows: 2, context: Uint8Array.of(7) });
  const judge = (bytes: Uint8Array): string => {
    const found = verifyInference(model, statement, bytes, workspace);
    return found.accepted ? 'accepted' : found.code;
  };
  const judgeRegistration = (bytes: Uint8Array): string => {
    const found = verifyRegistration(bytes, workspace);
    return found.accepted ? 'accepted' : found.code;
  };
  return { model, registration, statement, proof, judge, judgeRegistration };
}

/** Codes by which bytes are refused. */
export const refusals = new Set([
  'proof.element',
  'proof.truncated',
  'proof.trailing',
  'proof.oversized',
  'sumcheck.round',
  'relations.sum',
  'opening.sumcheck',
  'opening.path',
  'opening.codeword',
]);

/** Mutation number k: a bit, a byte, a word, a swap, a cut, a repetition. */
export function mutate(bytes: Uint8Array, k: number): Uint8Array {
  const changed = bytes.slice();
  // Spread over the whole proof, whatever the number of mutations.
  const at = Math.floor(((k * 0.6180339887498949) % 1) * bytes.length);
  const view = new DataView(changed.buffer);
  const word = Math.min(at - (at % 4), bytes.length - 4);
  switch (k % 8) {
    case 0:
      changed[at] ^= 1 << (k % 7);
      return changed;
    case 1:
      changed[at] = (changed[at] + 1 + (k % 254)) & 255;
      return changed;
    case 2:
      view.setUint32(word, (view.getUint32(word, true) + 1) % 2013265921, true);
      return changed;
    case 3:
      // The same element, written otherwise.
      view.setUint32(word, (view.getUint32(word, true) + 2013265921) >>> 0, true);
      return changed;
    case 4: {
      const other = (at + 16 * (1 + (k % 9))) % bytes.length;
      [changed[at], changed[other]] = [changed[other] ^ 1, changed[at]];
      return changed;
    }
    case 5:
      return bytes.slice(0, at);
    case 6:
      changed.set(bytes.subarray(word, Math.min(word + 16, bytes.length - 16)), Math.max(0, word - 16));
      changed[at] ^= 128;
      return changed;
    default: {
      const longer = new Uint8Array(bytes.length + 1 + (k % 64));
      longer.set(bytes);
      return longer;
    }
  }
}
