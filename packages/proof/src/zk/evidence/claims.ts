/**
 * What evidence of a proven answer says, as pure functions of facts: the writer of evidence and its
 * verifiers call the same function (docs/specs/proof-files.md §4).
 */
import { type Address, utf8 } from '@nonet/core';
import { type CellId, createFigures, type Figures } from '@nonet/core/records';
import type { RemadeModel } from '../model/remakeModel.ts';
import { proofFigures as figures } from './figures.ts';

/** What a record says, before it becomes evidence. */
export interface ProofClaim {
  readonly kind: 'proof' | 'measurement';
  readonly sentence: string;
  readonly cells: readonly CellId[];
  readonly mechanism: string;
  readonly figures: Figures;
}

/** Names of the verifiers of this package, as records name them. */
export const proofVerifierNames = { answer: 'proof.answer', model: 'proof.model' } as const;

const inference = { cells: ['verifiability-security'], mechanism: 'proof.inference' } as const;

/**
 * What an answer is bound to in a job, so that no proof of another job can stand in its place; with
 * '' for the model, what it begins with.
 */
export function contextOfJob(job: Address, model: Address | ''): Uint8Array {
  return utf8(`nonet job ${job}, model ${model}`);
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;

/** What a proof file alone shows. */
export function answerClaim({
  modelId,
  position,
  label,
  bits,
  bytes,
}: {
  readonly modelId: Address;
  readonly position: number;
  readonly label: string;
  readonly bits: number;
  /** Of the file. */
  readonly bytes: number;
}): ProofClaim {
  return {
    ...inference,
    kind: 'proof',
    sentence:
      `Model ${modelId} gave the answer “${label}” (position ${position}) to one example: ` +
      `a proof shows it with ${bits.toFixed(1)} bits. The proof hides nothing.`,
    figures: createFigures([
      // Logarithms differ between engines in their last digit.
      [figures.bits, Number(bits.toFixed(2))],
      [figures.proofFile, bytes],
    ]),
  };
}

/** What making the job's final model into integers again shows. */
export function modelClaim({
  modelId,
  calibrated,
  example,
  report,
}: Pick<RemadeModel, 'calibrated' | 'example' | 'report'> & { readonly modelId: Address }): ProofClaim {
  const { count, floatAccuracy, quantisedAccuracy, agreement, accuracyLost } = report;
  return {
    ...inference,
    kind: 'measurement',
    sentence:
      `Model ${modelId} is the final model of this job, made into integers with ${calibrated} examples of its ` +
      `public test set; the answer is to example ${example} of that set, which the final model picks. Of ${count} test ` +
      `examples the integers get ${percent(quantisedAccuracy)} right and the model before ${percent(floatAccuracy)}; ` +
      `both say the same of ${percent(agreement)}.`,
    figures: createFigures([
      [figures.calibrated, calibrated],
      [figures.integerAccuracy, quantisedAccuracy],
      [figures.accuracyLost, accuracyLost],
      [figures.agreement, agreement],
    ]),
  };
}
