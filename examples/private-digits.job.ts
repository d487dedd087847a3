/**
 * The main job with private rounds: no update can be read by itself, only the sum of all, unless
 * most of the sites work together (docs/specs/secagg.md).
 */

import { defineJob } from 'nonet';
import digits from './digits.job.ts';

export default defineJob({
  ...digits,
  job: {
    ...digits.job,
    name: 'Handwritten digits, twenty sites, masked',
    privacy: { aggregation: 'pairwise' },
  },
});
