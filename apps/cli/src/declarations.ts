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
  narrateCounting,
  narrateTraining,
} from '@nonet/federation';
import { readFinalModel } from '@nonet/federation/verify';
import { cellFigures } from '@nonet/matrix';
import { energyFigures } from '@nonet/matrix/energy';
import { identifyModel, remakeModel } from '@nonet/proof/zk';
import { createProofVerifiers, proofFigures, proofMechanisms } from '@nonet/proof/zk/evidence';

export const mechanisms: readonly Mechanism<unknown>[] = [...federationMechanisms, ...proofMechanisms];
/** Verifiers that let the program of a receipt take so many times the usual work and memory. */
export function verifiersWithin(factor: number): Verifiers {
  const ports = { readFinalModel, remakeModel, identifyModel, budgetFactor: factor };
  return { ...createFederationVerifiers(factor), ...createProofVerifiers(ports) };
}
export const verifiers: Verifiers = verifiersWithin(1);
export const narrators: Narrators = { count: narrateCounting, train: narrateTraining };
export const vocabulary = joinVocabularies(federationFigures, proofFigures, cellFigures, energyFigures);
