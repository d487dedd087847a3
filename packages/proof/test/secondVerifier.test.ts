/** The second verifier (src/testing/plainVerifier.ts) and the first one agree, on each of many proofs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { decodeCanonical } from '@nonet/core/codec';
import { expect, test } from 'vitest';
import {
  digestOf,
  type PlainProgram,
  verifyInferencePlainly,
  verifyRegistrationPlainly,
} from '../src/testing/plainVerifier.ts';
import { type SampleModel, sampleImageModel, sampleModel } from '../src/testing/sampleModels.ts';
import { createProver } from '../src/zk/model/proveModel.ts';
import { verifyInference, verifyRegistration } from '../src/zk/model/verifyModel.ts';
import { mutate } from './mutations.ts';

const samples: Readonly<Record<string, SampleModel>> = {
  sums: sampleModel({ sizes: [5, 3], output: 'values' }),
  'position among 16 bits': sampleModel({
    sizes: [4, 3],
    output: 'position',
    requantiseLast: { low: -32768, high: 32767 },
  }),
  'table, requantised values': sampleModel({
    sizes: [4, 3, 2],
    output: 'values',
    requantiseLast: { low: -3000, high: 3001 },
    withTable: true,
  }),
  image: sampleImageModel(
    [2, 5, 6],
    [
      { kind: 'convolution', channels: 3, kernel: [2, 3], stride: [1, 2], before: [1, 1], after: [0, 0] },
      { kind: 'maximum', kernel: [2, 2], stride: [2, 1] },
      { kind: 'dense', size: 3 },
    ],
    'position',
  ),
  'groups, padded maxima, joined channels, tables by channel': sampleImageModel(
    [2, 4, 3],
    [
      { kind: 'convolution', channels: 2, groups: 2, kernel: [2, 1], dilation: [2, 1], before: [1, 0] },
      { kind: 'maximum', kernel: [2, 2], stride: [2, 1], before: [1, 1] },
      { kind: 'join', others: [2] },
      { kind: 'lookup', isPerChannel: true },
      { kind: 'sum', kernel: [2, 2], before: [1, 0], isUneven: true },
      { kind: 'dense', size: 2 },
    ],
    'values',
  ),
  'views, products, weighed sums': sampleImageModel(
    [1, 3, 2],
    [
      { kind: 'convolution', channels: 2, kernel: [1, 1] },
      {
        kind: 'view',
        shape: [2, 2, 3],
        matrix: [
          [1, 0, 0],
          [0, 0, -1],
          [0, 1, 0],
        ],
        offset: [0, 2, 1],
      },
      { kind: 'dense', size: 2 },
      { kind: 'view', shape: [2, 2, 3], matrix: [[1, 0, 0]], offset: [0] },
      { kind: 'multiply', other: 3 },
      { kind: 'add', other: 2, factor: -2 },
      { kind: 'multiply', other: 2 },
      { kind: 'dense', size: 2 },
    ],
    'values',
  ),
  'residual and averages': sampleImageModel(
    [1, 4, 4],
    [
      { kind: 'convolution', channels: 1, kernel: [3, 3], before: [1, 1], after: [1, 1] },
      { kind: 'add', other: 0 },
      { kind: 'sum', kernel: [2, 2], stride: [1, 2] },
      { kind: 'dense', size: 2 },
    ],
    'values',
  ),
};

/** vectors/zk/README.md says how to renew it. */
const goldenFile = new URL('../../../vectors/zk/golden.json', import.meta.url);
const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, readonly string[]>;

const holds = (body: () => void): boolean => {
  try {
    body();
    return true;
  } catch {
    return false;
  }
};

test.each(Object.keys(samples))('both verifiers, %s', (name) => {
  const sample = samples[name];
  const prover = createProver(sample);
  const registration = prover.register();
  const verdict = verifyRegistration(registration);
  if (!verdict.accepted) throw new Error(verdict.code);
  const { commitment, modelId } = verdict.model;
  const record = decodeCanonical(registration) as unknown as { program: PlainProgram; proof: Uint8Array };
  verifyRegistrationPlainly(modelId, record.program, commitment, record.proof);

  const { statement, proof } = prover.prove({
    inputs: sample.inputsOf(1),
    rows: 1,
    context: Uint8Array.of(3),
  });
  const plain = { ...statement, inputs: [...statement.inputs], outputs: [...statement.outputs] };
  verifyInferencePlainly(record.program, commitment, plain, proof);
  const digests = [digestOf(registration), digestOf(proof)];
  if (process.env.NONET_RENEW_GOLDEN === undefined) expect(digests).toEqual(golden[name]);
  else {
    golden[name] = digests;
    writeFileSync(goldenFile, `${JSON.stringify(golden, undefined, 2)}\n`);
  }

  for (const [k, changed] of [2, 0, 6].map((number) => [number, mutate(proof, number)] as const)) {
    const found = holds(() => verifyInferencePlainly(record.program, commitment, plain, changed));
    expect(found, `mutation ${k}`).toBe(verifyInference(verdict.model, statement, changed).accepted);
    expect(found).toBe(false);
  }
  const wrong = plain.outputs.with(0, plain.outputs[0] === 0 ? 1 : plain.outputs[0] - 1);
  expect(
    holds(() => verifyInferencePlainly(record.program, commitment, { ...plain, outputs: wrong }, proof)),
  ).toBe(false);
});

test('a batch of three', () => {
  const sample = samples.image;
  const prover = createProver(sample);
  const verdict = verifyRegistration(prover.register());
  if (!verdict.accepted) throw new Error(verdict.code);
  const { statement, proof } = prover.prove({
    inputs: sample.inputsOf(3),
    rows: 3,
    context: new Uint8Array(),
  });
  const plain = { ...statement, inputs: [...statement.inputs], outputs: [...statement.outputs] };
  verifyInferencePlainly(
    verdict.model.program as unknown as PlainProgram,
    verdict.model.commitment,
    plain,
    proof,
  );
});
