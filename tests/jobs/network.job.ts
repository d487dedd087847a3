/**
 * The cancer table over a ledger of other machines, whose blocks come once a second and count when
 * there are two more.
 */
import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({
  job: {
    ...cancer,
    name: 'cancer, over a network',
    training: { ...cancer.training, epochs: 100 },
    rounds: 4,
    phases: { collecting: 120, closing: 60, appealing: 20, stepping: 60, objecting: 20 },
  },
  rehearsal: { sites },
});
