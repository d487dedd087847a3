/** Whether a random program is proven as §7 says, accepted by both verifiers, and nothing else is. */
import { expect } from 'vitest';
import {
  type PlainProgram,
  verifyInferencePlainly,
  verifyRegistrationPlainly,
} from '../src/testing/plainVerifier.ts';
import { createWorkspace } from '../src/zk/hash/hashKernels.ts';
import { createProver } from '../src/zk/model/proveModel.ts';
import { readRegistration } from '../src/zk/model/registration.ts';
import { verifyInference, verifyRegistration } from '../src/zk/model/verifyModel.ts';
import { createSource, randomModel, runPlainly } from './randomPrograms.ts';

const workspace = createWorkspace();

/** Proves and checks one model; false where the program is out of bounds. */
export function checkRandomModel(seed: number, isPlain: boolean): boolean {
  const source = createSource(seed);
  const model = randomModel(source);
  const { program } = model;
  let prover: ReturnType<typeof createProver>;
  try {
    prover = createProver(model);
  } catch (error) {
    expect((error as { code: string }).code, `seed ${seed}`).toMatch(/^program\.(range|malformed|source)$/);
    return false;
  }
  const registration = prover.register();
  const verdict = verifyRegistration(registration, workspace);
  if (!verdict.accepted) throw new Error(`seed ${seed}: ${verdict.code}, ${verdict.found}`);
  const rows = source.from(1, isPlain ? 2 : 5);
  const { low, high, shape } = program.input;
  const size = shape.reduce((a, b) => a * b, 1);
  const inputs = Int32Array.from({ length: rows * size }, () =>
    source.pick([low, high, source.from(low, high)]),
  );
  const expected = Array.from({ length: rows }, (_, row) =>
    runPlainly(model, [...inputs.subarray(row * size, (row + 1) * size)]),
  ).flat();
  const { statement, proof } = prover.prove({ inputs, rows, context: Uint8Array.of(1) });
  expect([...statement.outputs], `seed ${seed}`).toEqual(expected);
  expect(verifyInference(verdict.model, statement, proof, workspace), `seed ${seed}`).toMatchObject({
    accepted: true,
  });
  for (const step of [1, -1]) {
    const outputs = statement.outputs.with(0, statement.outputs[0] + step);
    expect(verifyInference(verdict.model, { ...statement, outputs }, proof, workspace).accepted).toBe(false);
  }
  if (isPlain) {
    const { commitment, proof: registered } = readRegistration(registration);
    const plain = program as unknown as PlainProgram;
    verifyRegistrationPlainly(verdict.model.modelId, plain, commitment, registered);
    const own = { ...statement, inputs: [...inputs], outputs: [...statement.outputs] };
    verifyInferencePlainly(plain, commitment, own, proof);
  }
  return true;
}
