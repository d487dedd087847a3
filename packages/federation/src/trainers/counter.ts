/**
 * What a site adds to the sum of a job that counts (docs/specs/statistics.md §2 to §4): its records
 * as integers, with its share of the noise where the job promises any. No model is looked at.
 */
import type { CountJob } from '@nonet/core/records';
import { createContribution, type StatisticsRecord } from '@nonet/privacy/statistics';
import { statisticsPlanOf } from '../statistics.ts';
import type { PrivateTrainer } from './trainer.ts';

/** What is counted. */
export interface CounterParameters {
  readonly job: CountJob;
  /** Rows of the site's table, cells in the order of the query's columns. */
  readonly records: readonly StatisticsRecord[];
}

/**
 * Counts a site's records as the job's query asks, with fresh noise at each call. Throws what
 * `statisticsPlanOf` throws; counting throws `statistics.records` and `statistics.record`.
 */
export function createCounter({ job, records }: CounterParameters): PrivateTrainer {
  const plan = statisticsPlanOf(job);
  return {
    async contribute() {
      const { vector } = createContribution(plan, records);
      return { entries: vector, site: { examples: records.length, notFinite: 0, truncated: false } };
    },
  };
}
