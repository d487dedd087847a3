/** More sites than processes: two of them share one. */
import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({
  job: { ...cancer, name: 'many sites', rounds: 2, training: { ...cancer.training, epochs: 60 } },
  rehearsal: { sites: Array.from({ length: 30 }, (_, site) => sites[site % sites.length]!) },
});
