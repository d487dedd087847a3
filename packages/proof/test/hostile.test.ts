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
  expect(code({ modelId: Object.create(null) })).toBe('statement.model');
  expect(code({ rows: Object.create(null) })).toBe('statement.malformed');
});

test('no argument of any kind makes a verifier throw', () => {
  const strange = [undefined, null, 0, 'a'.repeat(100), [1, 2, 3], {}, Object.create(null), 2n, () => 1];
  for (const value of strange as never[]) {
    expect(verifyInference(value, statement, proof)).toMatchObject({ code: 'registration.unverified' });
    expect(verifyInference(model, value, proof).accepted).toBe(false);
    expect(verifyInference(model, statement, value)).toMatchObject({ code: 'proof.malformed' });
    expect(verifyRegistration(value)).toMatchObject({ code: 'registration.malformed' });
  }
  const failing = {
    get context(): never {
      throw new RangeError('no context');
    },
  };
  expect(verifyInference(model, failing as unknown as Statement, proof)).toMatchObject({
    code: 'verifier.failed',
    found: 'no context',
  });
});

test('each part of a statement is read once', () => {
  const reads: string[] = [];
  const watched = new Proxy(statement, {
    get(target, key) {
      reads.push(String(key));
      return Reflect.get(target, key);
    },
  });
  expect(verifyInference(model, watched, proof).accepted).toBe(true);
  expect(reads.sort()).toEqual(['context', 'inputs', 'modelId', 'outputs', 'rows']);
});

test('an accepted model cannot be changed', () => {
  const bytes = registration.slice();
  const verdict = verifyRegistration(bytes);
  if (!verdict.accepted) throw new Error(verdict.code);
  bytes.fill(7);
  verdict.model.commitment.fill(7);
  expect(verifyInference(verdict.model, statement, proof).accepted).toBe(true);
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    expect(Object.isFrozen(value)).toBe(true);
    for (const part of Object.values(value)) visit(part);
  };
  visit(verdict.model.program);
  visit(verdict.model.ranges);
});

test('registrations of many small values are refused before they are built', () => {
  const count = 2 ** 22;
  for (const [head, filling] of [
    [0x9a, 0xa0],
    [0x9a, 0x80],
    [0xba, 0x60],
  ]) {
    const bytes = new Uint8Array(count + 5).fill(filling);
    bytes.set([head, (count >>> 24) & 255, (count >>> 16) & 255, (count >>> 8) & 255, count & 255]);
    expect(judgeRegistration(bytes)).toBe('registration.oversized');
  }
  // Long bytes are one value, and no error prints them.
  const long = new Uint8Array(2 ** 22);
  expect(judgeRegistration(encodeCanonical(long))).toBe('registration.malformed');
  const record = { format: registrationFormat, commitment: new Uint8Array(32), proof: new Uint8Array(1) };
  for (const program of [long, 2n ** 60n, { ...model.program, layers: long }]) {
    expect(judgeRegistration(encodeCanonical({ ...record, program }))).toBe('program.malformed');
  }
  for (let length = 1; length < 9; length++) {
    for (const head of [0x5b, 0x7b, 0x9b, 0xbb, 0x1b, 0x5f, 0xff]) {
      expect(judgeRegistration(new Uint8Array(length).fill(head))).toBe('codec.malformed');
    }
  }
});

test('any part of a program replaced by something strange is refused, with a verdict', () => {
  const record = { format: registrationFormat, commitment: model.commitment, proof: new Uint8Array(10) };
  const strange: unknown[] = [
    null,
    'dense',
    2n ** 60n,
    0.5,
    -(2 ** 31),
    2 ** 53 - 1,
    [],
    {},
    { toString: 1 },
    { length: 3 },
  ];
  const codes = new Set<string>();
  const visit = (value: unknown, rebuild: (changed: unknown) => unknown): void => {
    for (const replacement of [...strange, new Uint8Array(3)]) {
      codes.add(judgeRegistration(encodeCanonical({ ...record, program: rebuild(replacement) })));
    }
    if (Array.isArray(value)) {
      for (const [i, entry] of value.slice(0, 2).entries()) {
        visit(entry, (changed) => rebuild(value.with(i, changed)));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) {
        visit(entry, (changed) => rebuild({ ...value, [key]: changed }));
      }
    }
  };
  visit(model.program, (changed) => changed);
  const refused = ['program.malformed', 'program.range', 'program.source', 'proof.truncated'];
  expect([...codes].filter((code) => !refused.includes(code))).toEqual([]);
});

test('programs that take long to verify, within the bounds on look-ups, are refused', () => {
  const { program } = model;
  const window = { stride: [64, 64], dilation: [1, 1], before: [0, 0], after: [0, 0] };
  const weighted = { kind: 'dense', source: 0, size: 1, biasBits: 1, requantise: null };
  const maxima = Array(60).fill({ kind: 'maximum', source: 0, kernel: [64, 64], ...window });
  const list = Array(2 ** 16).fill(1);
  const wide = {
    kind: 'dense',
    source: 0,
    size: 2 ** 16,
    biasBits: 1,
    requantise: { shift: list, zero: list, low: 0, high: 255 },
  };
  const lines = Array(40).fill({
    kind: 'convolution',
    source: 0,
    channels: 1,
    groups: 1,
    biasBits: 1,
    ...window,
    kernel: [1, 64],
    stride: [1, 1],
    requantise: { shift: [0], zero: [0], low: 0, high: 255 },
  });
  const judge = (shape: number[], layers: unknown[]) => {
    const changed = { ...program, maximumBatch: 1, tables: [], input: { shape, low: 0, high: 1 }, layers };
    const commitment = new Uint8Array(32);
    const record = { format: registrationFormat, program: changed, commitment, proof: new Uint8Array(10) };
    return judgeRegistration(encodeCanonical(record));
  };
  expect(judge([1, 64, 64], [...maxima, { ...weighted, source: 1 }])).toBe('program.work');
  // Nor are windows of images that no proof holds walked through.
  const large = { kind: 'maximum', source: 0, kernel: [64, 64], ...window, before: [63, 63] };
  expect(judge([1, 2 ** 16, 2 ** 16], [...Array(120).fill(large), weighted])).toBe('program.lookups');
  expect(judge([1], [...Array(9).fill(wide), weighted])).toMatch(/program.work|registration.oversized/);
  const outside = (kernel: number, dilation: number, before: number, after: number) => {
    const own = { kernel: [kernel, 1], stride: [1, 1], dilation: [dilation, 1] };
    const layer = { kind: 'maximum', source: 0, ...own, before: [before, 0], after: [after, 0] };
    return judge([1, 5, 1], [layer, { ...weighted, source: 1 }]);
  };
  expect(outside(2, 6, 1, 1)).toBe('program.range');
  expect(outside(2, 5, 1, 1)).toBe('proof.truncated');
  expect(outside(2, 1, 1, 1)).toBe('proof.truncated');
  expect(judge([1, 1, 2 ** 14 + 63], [...lines, { ...weighted, source: 1 }])).toBe('program.work');
  // A batch of inputs, padded.
  const rows = {
    ...program,
    maximumBatch: 2 ** 16,
    input: { shape: [1, 33, 1], low: 0, high: 1 },
    tables: [],
  };
  const record = { format: registrationFormat, commitment: new Uint8Array(32), proof: new Uint8Array(10) };
  const bytes = encodeCanonical({ ...record, program: { ...rows, layers: [weighted] } });
  expect(judgeRegistration(bytes)).toBe('program.lookups');
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
