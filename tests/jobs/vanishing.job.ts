import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({
  job: {
    ...cancer,
    name: 'cancer, whose sites all vanish',
    training: { ...cancer.training, epochs: 2 },
    attempts: 5,
    phases: { collecting: 1, appealing: 1, objecting: 2 },
  },
  rehearsal: { sites, absences: [0, 1, 2].map((participant) => ({ participant, drops: 0 })) },
});
