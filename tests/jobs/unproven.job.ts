import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({
  job: {
    ...cancer,
    name: 'cancer, without a proof',
    training: { ...cancer.training, epochs: 2 },
    rounds: 1,
    phases: { collecting: 60, appealing: 2, stepping: 20, objecting: 2 },
    prove: false,
  },
  rehearsal: { sites },
});
