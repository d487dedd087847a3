/** Proven inference, declared for jobs and for the matrix. Nothing here runs anything. */
import { MisuseError } from '@nonet/core';
import { createFigures, type Mechanism } from '@nonet/core/records';
import { requiredBits } from '../model/soundness.ts';
import { proofFigures } from './figures.ts';

/** Integrity of answers: a registered model gave them. It hides nothing. */
export const inferenceMechanism: Mechanism<Readonly<Record<string, never>>> = {
  id: 'proof.inference',
  cells: ['verifiability-security'],
  protects: 'that the model with the stated id, and no other, gave an answer',
  against: 'the party that runs the model',
  assumptions: [
    'Keccak-256 behaves as a random oracle',
    'the model of integers is the one that is meant: anyone who has the model can quantise it again',
    'inputs, answers and parts of the weights need not be secret: such a proof hides nothing',
  ],
  parse(parameters) {
    const fields = Object.keys(Object(parameters));
    if (typeof parameters === 'object' && parameters !== null && fields.length === 0) return {};
    throw new MisuseError({
      code: 'mechanism.parameters',
      expected: 'proof.inference without parameters',
      found: fields.join(', ') || String(parameters),
    });
  },
  /** Bits are a bound that every registered model meets; what else it takes depends on the model. */
  predict: () => createFigures([[proofFigures.bits, requiredBits]]),
};

/** The mechanisms of this package. */
export const proofMechanisms: readonly Mechanism<unknown>[] = [inferenceMechanism as Mechanism<unknown>];
