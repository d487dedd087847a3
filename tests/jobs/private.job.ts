/** The cancer table at five sites, with masks and record-level privacy: a second or so per round. */
import { defineJob, mlp, partitionDirichlet, standardisationOf } from 'nonet';
import { cancer, rows } from './cancer.ts';

export default defineJob({
  job: {
    ...cancer,
    name: 'private cancer',
    model: mlp({
      features: cancer.data.shape,
      standardise: standardisationOf(cancer.data),
      hidden: [],
      classes: 2,
    }),
    training: { learningRate: 1, momentum: 0.5 },
    rounds: 4,
    minParticipants: 4,
    privacy: {
      aggregation: 'pairwise',
      threshold: 50,
      dp: { unit: 'record', epsilon: 8, delta: 1e-5, releases: 6, samplingRate: 0.5, records: 128 },
    },
    // Whoever is killed must be back before the deadline.
    phases: { ...cancer.phases, open: 60, opening: 60 },
  },
  rehearsal: { sites: partitionDirichlet(rows, { sites: 5, alpha: 100 }) },
});
