/** What records say of energy. */
import { declareFigures } from '@nonet/core/records';

/** The figures of records about energy. */
export const energyFigures = declareFigures({
  energy: {
    unit: 'joules',
    meaning: 'energy of everything that the record is about',
    better: 'lower',
    role: 'joules',
  },
  energyPerRound: { unit: 'joules', meaning: 'energy over final rounds', better: 'lower' },
  energyPerRightExample: {
    unit: 'joules',
    meaning: 'energy over test examples that the final model gets right',
    better: 'lower',
  },
  energyPerVerifiedUpdate: {
    unit: 'joules',
    meaning: 'energy over accepted updates that a watcher recomputed',
    better: 'lower',
  },
  energyOfNetworkIfApart: {
    unit: 'joules',
    meaning: 'what the traffic would have taken if the sites were apart',
    better: 'lower',
  },
});
