/**
 * Figures that are not of a run: what benchmarks tell of mechanisms and of the embedded ledger, and
 * what follows from them.
 */
import { declareFigures } from '@nonet/core/records';

/** The figures by which benchmarks feed the cells. */
export const cellFigures = declareFigures({
  /** A family: `overhead.MECHANISM`. */
  overhead: {
    unit: 'times',
    meaning: 'time with the mechanism over time without it, as a benchmark measured it',
    better: 'lower',
  },
  /** A family: `attacks.MECHANISM`. */
  attacks: {
    unit: 'attacks',
    meaning: 'attacks that succeeded without the mechanism and failed with it',
    better: 'higher',
  },
  'commits.perSecond': {
    unit: 'commitments per second',
    meaning: 'commitments that the ledger took when all participants sent theirs at once',
    better: 'higher',
  },
  inclusion: {
    unit: 'seconds',
    meaning: 'from sending a commitment until it is in a block',
    better: 'lower',
  },
  'gas.commit': { unit: 'gas', meaning: 'gas of one commitment: one decision', better: 'lower' },
  decisionsPerSecond: {
    unit: 'decisions per second',
    meaning: 'decisions that a ledger could take if it did nothing else',
    better: 'higher',
  },
});
