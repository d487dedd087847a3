/**
 * What this installation brings: mechanisms, the verifiers of their evidence, the narrators of
 * kinds of job, and the vocabulary of figures. The one place where those of the packages are put
 * together.
 */
import type { Narrators, Verifiers } from '@nonet/core/receipt';
import { joinVocabularies, type Mechanism } from '@nonet/core/records';
import {
  createFederationVerifiers,
  federationFigures,
  federationMechanisms,
  narrateTraining,
} from '@nonet/federation';
import { readFinalModel } from '@nonet/federation/verify';
import { cellFigures } from '@nonet/matrix';
import { energyFigures } from '@nonet/matrix/energy';
import { identifyModel, proofFigures, proofMechanisms, remakeModel } from '@nonet/proof/zk';
import { createProofVerifiers, type ProofPorts } from '@nonet/proof/zk/verify';
import { assertWithinBudget, scaleBudget, usualBudget } from '@nonet/tensor';

const budgetHint = 'It was not run. To allow ten times as much: nonet verify --budget 10.';

export const mechanisms: readonly Mechanism<unknown>[] = [...federationMechanisms, ...proofMechanisms];
/** Verifiers that let the program of a receipt take so many times the usual work and memory. */
export function verifiersWithin(factor: number): Verifiers {
  const budget = scaleBudget(usualBudget, factor);
  const ports: ProofPorts = {
    readFinalModel,
    remakeModel,
    identifyModel,
    admit: (cost) => assertWithinBudget(cost, budget, 'quantising the model of this receipt', budgetHint),
  };
  return { ...createFederationVerifiers(factor), ...createProofVerifiers(ports) };
}
export const verifiers: Verifiers = verifiersWithin(1);
export const narrators: Narrators = { train: narrateTraining };
export const vocabulary = joinVocabularies(federationFigures, proofFigures, cellFigures, energyFigures);
