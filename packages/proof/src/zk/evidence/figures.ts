/** Figures of proven answers: what records of evidence say of them, and what the matrix reads. */
import { declareFigures } from '@nonet/core/records';

/** The figures that records of proofs have. */
export const proofFigures = declareFigures({
  bits: {
    unit: 'bits',
    meaning: 'provable bits of soundness of an answer, its registration included',
    better: 'higher',
  },
  proofFile: {
    unit: 'bytes',
    meaning: 'registration and proof of an answer, in one file',
    better: 'lower',
    role: 'bytes',
  },
  calibrated: { unit: 'examples', meaning: 'examples that a model was quantised with', better: 'neither' },
  integerAccuracy: {
    unit: 'fraction',
    meaning: 'share of public test examples that the model of integers gets right',
    better: 'higher',
  },
  accuracyLost: {
    unit: 'fraction',
    meaning: 'accuracy of the model in f32 less that of the model of integers',
    better: 'lower',
    role: 'accuracy lost',
  },
  agreement: {
    unit: 'fraction',
    meaning: 'share of public test examples to which both models give the same answer',
    better: 'higher',
  },
  inferring: {
    unit: 'seconds',
    meaning: 'to compute an answer without a proof',
    better: 'lower',
    role: 'time without',
  },
  quantising: {
    unit: 'seconds',
    meaning: 'to make a model into one of integers, and to measure it',
    better: 'lower',
  },
  registering: {
    unit: 'seconds',
    meaning: 'to commit to the weights of a model and to prove their ranges, once for a model',
    better: 'lower',
  },
  proving: {
    unit: 'seconds',
    meaning: 'to prove one answer of a registered model',
    better: 'lower',
    role: 'time added',
  },
  verifying: { unit: 'seconds', meaning: 'to verify a registration and one answer', better: 'lower' },
  provingMemory: { unit: 'memory bytes', meaning: 'what a prover held at most', better: 'lower' },
  predictedMemory: {
    unit: 'memory bytes',
    meaning: 'what a prover is predicted to hold at most',
    better: 'lower',
  },
});
