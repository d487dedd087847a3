import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({
  job: {
    ...cancer,
    name: 'cancer, for pay',
    training: { ...cancer.training, epochs: 2 },
    rounds: 2,
    phases: { collecting: 60, appealing: 2, stepping: 20, objecting: 2 },
    escrow: 6n * 10n ** 15n,
  },
  rehearsal: { sites },
});
