import { defineJob } from 'nonet';
import { cancer, sites } from './cancer.ts';

export default defineJob({ job: cancer, rehearsal: { sites } });
