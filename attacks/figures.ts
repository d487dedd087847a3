/** What the figures of attacks mean: declared once, and read through these declarations. */
import { declareFigures } from '@nonet/core/records';

/** The figures that records of attacks have besides `attacks.MECHANISM`. */
export const attackFigures = declareFigures({
  /** A family, by condition. */
  recovered: {
    unit: 'fraction',
    meaning: 'share of the numbers sought that an attack found exactly',
    better: 'lower',
  },
  unmasking: {
    unit: 'participants',
    meaning: 'participants who together unmask the update of another',
    better: 'higher',
  },
  /** That of the mean digit; a family, by condition. */
  similarity: {
    unit: 'similarity',
    meaning: 'structural similarity of reconstructed images to the originals: 1 is a copy',
    better: 'lower',
  },
  /** A family, by condition. */
  found: {
    unit: 'fraction',
    meaning: 'share of the members of a training set that are found where 1 % of the others are accused',
    better: 'lower',
  },
  /** That without an attack; a family, by condition. */
  accuracy: {
    unit: 'fraction',
    meaning: 'share of the test digits that the model of an attacked round classifies rightly',
    better: 'higher',
  },
  epsilonClaimed: { unit: 'epsilon', meaning: 'the epsilon that is claimed', better: 'lower' },
  epsilonAtLeast: {
    unit: 'epsilon',
    meaning: 'what epsilon is at least by what an audit measured, at 95 % confidence',
    better: 'lower',
  },
  faultsCaught: {
    unit: 'fraction',
    meaning: 'share of audits of a broken trainer that find it broken, a sample for each fault',
    better: 'higher',
  },
});
