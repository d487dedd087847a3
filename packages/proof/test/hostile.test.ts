/** Bytes and values that no honest prover sends: a verifier answers each with a typed refusal. */
import { encodeCanonical } from '@nonet/core/codec';
import { expect, test } from 'vitest';
import { registrationFormat, type Statement } from '../src/zk/model/statement.ts';
import { verifyInference, verifyRegistration } from '../src/zk/model/verifyModel.ts';
import { createMutationCase, mutate, refusals } from './mutations.ts';

const { model, registration, statement, proof, judge, judgeRegistration } = createMutationCase();

test('160 mutated proofs are refused, each with a reason', () => {
  expect(judge(proof)).toBe('accepted');
  for (let k = 0; k < 160; k++) {
    const code = judge(mutate(proof, k));
    expect(refusals, `mutation ${k}`).toContain(code);
  }
});

test('proofs of any wrong length, and of garbage, are refused before they are read', () => {
  expect(judge(new Uint8Array(0))).toBe('proof.truncated');
  expect(judge(new Uint8Array(2 ** 24))).toBe('proof.oversized');
  expect(judge(new Uint8Array(proof.length).fill(255))).toBe('proof.element');
  expect(judge(new Uint8Array(proof.length))).toBe('relations.sum');
  for (const length of [1, 31, 32, 64, proof.length - 1])
    expect(judge(proof.slice(0, length))).toBe('proof.truncated');
});

test('statements of the wrong form are refused', () => {
  const code = (change: Record<string, unknown>) => {
    const verdict = verifyInference(model, { ...statement, ...change } as Statement, proof);
    return verdict.accepted ? 'accepted' : verdict.code;
  };
  const malformed = [
    { rows: 0 },
    { rows: -1 },
    { rows: 1.5 },
    { rows: Number.NaN },
    { rows: 2 ** 30 },
    { rows: '2' },
    { inputs: statement.inputs.subarray(1) },
    { inputs: [...statement.inputs] },
    { inputs: undefined },
    { inputs: statement.inputs.with(3, 2 ** 31 - 1) },
    { outputs: Int32Array.of(0, 4) },
    { outputs: Int32Array.of(-1, 0) },
    { outputs: new Int32Array(3) },
    { context: new Uint8Array(1025) },
    { context: 'text' },
  ];
  for (const change of malformed) expect(code(change), JSON.stringify(change)).toBe('statement.malformed');
  expect(code({ modelId: 7 })).toBe('statement.model');
});

test('mutated registrations are refused, each with a reason', () => {
  expect(judgeRegistration(registration)).toBe('accepted');
  for (let k = 0; k < 80; k++) {
    expect(judgeRegistration(mutate(registration, k)), `mutation ${k}`).not.toBe('accepted');
  }
});

test('registrations of another form, or of programs out of bounds, are refused without being built', () => {
  const { program, commitment } = model;
  const record = { format: registrationFormat, program, commitment, proof: new Uint8Array(10) };
  const code = (change: Record<string, unknown>) =>
    judgeRegistration(encodeCanonical({ ...record, ...change }));
  expect(code({})).toBe('proof.truncated');
  expect(code({ format: 'another' })).toBe('registration.malformed');
  expect(code({ commitment: new Uint8Array(31) })).toBe('registration.malformed');
  expect(code({ more: 1 })).toBe('registration.malformed');
  expect(judgeRegistration(encodeCanonical([1, 2]))).toBe('registration.malformed');
  expect(judgeRegistration(encodeCanonical(null))).toBe('registration.malformed');
  expect(judgeRegistration(Uint8Array.of(0xff))).toBe('codec.malformed');
  expect(judgeRegistration(new Uint8Array(2 ** 26 + 1))).toBe('registration.oversized');
  const [first, ...others] = program.layers;
  const wide = { kind: 'dense', source: 0, size: 2 ** 16, biasBits: 1, requantise: null };
  const programs: [string, unknown][] = [
    ['program.malformed', { ...program, queries: 1 }],
    ['program.malformed', { ...program, maximumBatch: 0 }],
    ['program.malformed', { ...program, maximumBatch: 2 ** 40 }],
    ['program.malformed', { ...program, input: { ...program.input, shape: [2 ** 20] } }],
    ['program.malformed', { ...program, input: { shape: [3], low: 5, high: 4 } }],
    ['program.malformed', { ...program, layers: [] }],
    ['program.malformed', { ...program, layers: Array(129).fill(first) }],
    ['program.malformed', { ...program, layers: [{ ...first, source: 1 }, ...others] }],
    ['program.malformed', { ...program, layers: [{ ...first, kind: 'softmax' }, ...others] }],
    ['program.malformed', { ...program, layers: [{ ...first, size: 8 }, ...others] }],
    ['program.malformed', { ...program, layers: [null] }],
    ['program.malformed', { ...program, tables: 3 }],
    ['program.malformed', { ...program, output: 'both' }],
    ['program.malformed', 'text'],
    ['program.range', { ...program, input: { ...program.input, low: -(2 ** 28), high: 2 ** 28 } }],
    ['program.range', { ...program, tables: [{ low: 1, values: program.tables[0].values }] }],
    ['program.lookups', { ...program, maximumBatch: 2 ** 16 }],
    ['program.lookups', { ...program, input: { shape: [2 ** 16], low: 0, high: 1 }, layers: [wide] }],
    ['program.malformed', { ...program, input: { ...program.input, shape: [2, 2] } }],
    [
      'program.source',
      {
        ...program,
        layers: [
          first,
          {
            kind: 'maximum',
            source: 1,
            kernel: [2, 2],
            stride: [1, 1],
            dilation: [1, 1],
            before: [0, 0],
            after: [0, 0],
          },
        ],
      },
    ],
  ];
  for (const [expected, changed] of programs) {
    expect(code({ program: changed }), JSON.stringify(changed).slice(0, 300)).toBe(expected);
  }
});

test('one workspace verifies many proofs, refused ones between them, in constant memory', () => {
  const before = verifyRegistration(registration);
  expect(before.accepted).toBe(true);
  for (let k = 0; k < 20; k++) {
    expect(judge(mutate(proof, k))).not.toBe('accepted');
    expect(judge(proof)).toBe('accepted');
  }
});
