import { expect, test } from 'vitest';
import { sampleModel } from '../../testing/sampleModels.ts';
import { createProver } from './proveModel.ts';
import { verifyInference, verifyRegistration } from './verifyModel.ts';

test.each(['values', 'position'] as const)('small model, %s', (output) => {
  const { program, weights, inputsOf } = sampleModel({ sizes: [12, 7, 5], output });
  const prover = createProver({ program, weights });
  const registration = verifyRegistration(prover.register());
  expect(registration).toMatchObject({ accepted: true });
  if (!registration.accepted) return;
  for (const rows of [1, 3, 4]) {
    const { statement, proof } = prover.prove({ inputs: inputsOf(rows), rows, context: Uint8Array.of(1, 2) });
    expect(verifyInference(registration.model, statement, proof)).toMatchObject({ accepted: true });
  }
});
