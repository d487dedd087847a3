/**
 * Private statistics: a query as data, the integers that a site counts for it, and the figures in
 * the sum of all sites, with their errors. docs/specs/statistics.md numbers each step. Knows
 * nothing of files, jobs and ledgers; sums come from `@nonet/privacy/secagg`.
 */

export {
  answerStatistics,
  type Coverage,
  type Estimate,
  type StatisticsAnswer,
} from './answers.ts';
export { type AnswerRow, estimateText, rowsOfAnswer } from './answerText.ts';
export { createContribution, type SiteContribution } from './contribution.ts';
export type { Part, Tallies, Tally, TallyKind } from './layout.ts';
export {
  chargesOfStatistics,
  type PartPlan,
  planStatistics,
  planStatisticsPrivacy,
  reportStatistics,
  type StatisticsPlan,
  type StatisticsPrivacy,
  type StatisticsPrivacyGoal,
  type StatisticsSetting,
  statisticsPrivacySchema,
  type TallyPlan,
} from './plan.ts';
export type { StatisticsRecord } from './tally.ts';
