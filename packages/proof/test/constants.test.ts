/** §7.7: every constant of a program is the only integer of its size that its element stands for. */
import { modulus } from '@nonet/algebra';
import { type Canonical, encodeCanonical } from '@nonet/core/codec';
import { expect, test } from 'vitest';
import { type PlainProgram, verifyInferencePlainly } from '../src/testing/plainVerifier.ts';
import { sampleImageModel } from '../src/testing/sampleModels.ts';
import { analyseProgram, type Program, readProgram } from '../src/zk/model/program.ts';
import { createProver } from '../src/zk/model/proveModel.ts';
import { registrationFormat } from '../src/zk/model/statement.ts';
import { verifyRegistration } from '../src/zk/model/verifyModel.ts';
import { countAnswers } from './uniqueAnswers.ts';

const limit = (modulus - 1) / 2;

/** A zero point of -p - 10 is 2^32 mod p off in 32 bits; an excess of 29 bits takes that up. */
const ambiguous: Program = {
  format: 'nonet integrity program 1',
  queries: 154,
  maximumBatch: 1,
  input: { shape: [1], low: -(2 ** 21), high: 2 ** 21 },
  layers: [
    {
      kind: 'dense',
      source: 0,
      size: 1,
      biasBits: 4,
      requantise: { shift: [0], zero: [-modulus - 10], low: 1 - modulus, high: 256 - modulus },
    },
  ],
  tables: [],
  output: 'values',
};

const register = (program: unknown) =>
  encodeCanonical({
    format: registrationFormat,
    program,
    commitment: new Uint8Array(32),
    proof: new Uint8Array(1),
  });

test('a program whose constants have several elements is refused by provers and both verifiers', () => {
  const weights = [{ weights: [100], bias: [0] }];
  expect(() => createProver({ program: ambiguous, weights })).toThrow(
    expect.objectContaining({ code: 'program.malformed' }),
  );
  expect(verifyRegistration(register(ambiguous))).toMatchObject({ code: 'program.malformed' });
  const statement = {
    modelId: `0x${'00'.repeat(32)}` as const,
    context: new Uint8Array(),
    rows: 1,
    inputs: [0],
    outputs: [256 - modulus],
  };
  const plain = ambiguous as unknown as PlainProgram;
  expect(() => verifyInferencePlainly(plain, new Uint8Array(32), statement, new Uint8Array())).toThrow(
    'constants beyond p / 2',
  );
});

test('each constant of a program is refused one beyond half of the field, in both directions', () => {
  const { program } = sampleImageModel(
    [2, 4, 4],
    [
      { kind: 'convolution', channels: 2, kernel: [2, 2] },
      { kind: 'lookup', isPerChannel: true },
      { kind: 'sum', kernel: [2, 2] },
      { kind: 'add', other: 3 },
      { kind: 'multiply', other: 3 },
      { kind: 'dense', size: 2 },
    ],
    'values',
  );
  let constants = 0;
  const visit = (value: unknown, rebuild: (changed: unknown) => unknown, name: string): void => {
    if (Array.isArray(value)) {
      for (const [i, entry] of value.entries()) {
        if (i < 3) visit(entry, (changed) => rebuild(value.with(i, changed)), name);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) {
        visit(entry, (changed) => rebuild({ ...value, [key]: changed }), key);
      }
    } else if (['low', 'high', 'zero', 'values', 'offsets'].includes(name)) {
      constants++;
      for (const beyond of [
        limit + 1,
        -limit - 1,
        modulus,
        -modulus,
        modulus + 1,
        -modulus - 1,
        2 ** 31 - 1,
      ]) {
        expect(() => readProgram(rebuild(beyond) as Canonical), `${name} ${beyond}`).toThrow();
        expect(verifyRegistration(register(rebuild(beyond)))).toMatchObject({ code: 'program.malformed' });
      }
    }
  };
  visit(program, (changed) => changed, '');
  expect(constants).toBeGreaterThan(12);
  // A table whose last index would be beyond it.
  const values = [1, 2, 3];
  const tables = [{ low: limit - 2, values }, ...program.tables.slice(1)];
  expect(() => readProgram({ ...program, tables } as unknown as Canonical)).toThrow();
});

test('sums that are not between -p and p are refused, however narrow their range is', () => {
  const input = { shape: [1], low: 2 ** 29, high: 2 ** 29 + 1 };
  const requantise = { shift: [4], zero: [0], low: 0, high: 255 };
  const layers = [
    { kind: 'add', source: 0, others: [{ source: 0, factor: 2 ** 15 }], requantise },
    { kind: 'dense', source: 1, size: 1, biasBits: 1, requantise: null },
  ] as const;
  expect(() => analyseProgram({ ...ambiguous, input, layers })).toThrow('sums between');
});

test('random requantised numbers at the ends of the field have one answer each', () => {
  expect(countAnswers(1, 600).checked).toBeGreaterThan(60);
});
