/** What `nonet stats` asks of sites: a job that counts, and where its local sites have their data. */
import type { StatisticsQuery } from '@nonet/core/records';

/** What to count, on whose records, with which promise. */
export interface StatisticsDraft {
  readonly name: string;
  readonly query: StatisticsQuery;
  /** The smallest cohort of a sum. Default: half of the sites, at least 3. */
  readonly minParticipants?: number;
  /** What anyone may learn of one record; without it sums are exact. */
  readonly promise?: StatisticsPromise;
}

/** A promise of differential privacy of each record (docs/specs/statistics.md §4). */
export interface StatisticsPromise {
  readonly epsilon: number;
  readonly delta: number;
  /** How many of the smallest cohort are assumed to be honest. Default: half, rounded down. */
  readonly honest?: number;
  /** Sums that may be read before epsilon is spent. Default 1. */
  readonly releases?: number;
}

/** A draft with its sites: site files, or tables that come without rules. */
export interface StatisticsFile {
  readonly job: StatisticsDraft;
  readonly rehearsal: { readonly sites: readonly { readonly siteFile: string }[] };
}
