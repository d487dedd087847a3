import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({
  job: {
    ...cancer,
    name: 'cancer, with absences',
    training: { ...cancer.training, epochs: 2 },
    minParticipants: 1,
    // The round in which a site drops out lasts until its deadline.
    phases: { collecting: 12, appealing: 2, stepping: 20, objecting: 2 },
  },
  rehearsal: {
    sites,
    absences: [
      { participant: 1, drops: 1, returns: 3 },
      { participant: 2, drops: 1 },
    ],
  },
});
