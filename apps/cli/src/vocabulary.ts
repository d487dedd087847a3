/** What every figure of this installation means: those of runs here, of their energy, of benchmarks. */
import { joinVocabularies } from '@nonet/core/records';
import { federationFigures } from '@nonet/federation';
import { cellFigures } from '@nonet/matrix';
import { energyFigures } from '@nonet/matrix/energy';

/** Throws `figure.repeated` where two packages declare one name. */
export const vocabulary = joinVocabularies(federationFigures, energyFigures, cellFigures);
