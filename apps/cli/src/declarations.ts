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
  federationVerifiers,
  narrateCounting,
  narrateTraining,
} from '@nonet/federation';
import { cellFigures } from '@nonet/matrix';
import { energyFigures } from '@nonet/matrix/energy';

export const mechanisms: readonly Mechanism<unknown>[] = federationMechanisms;
export const verifiers: Verifiers = federationVerifiers;
/** Verifiers that let the program of a receipt take so many times the usual work and memory. */
export const verifiersWithin = (factor: number): Verifiers => createFederationVerifiers(factor);
export const narrators: Narrators = { count: narrateCounting, train: narrateTraining };
export const vocabulary = joinVocabularies(federationFigures, cellFigures, energyFigures);
