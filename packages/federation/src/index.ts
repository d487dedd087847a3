/**
 * Federated learning on a ledger between participants who do not trust one another: the rules of a
 * round, the roles, exact aggregation, content stores, evidence. What a browser needs to verify a
 * run is `@nonet/federation/verify`; the explorer of the rules is `@nonet/federation/explore`.
 */
export * from './evidence.ts';
export * from './figures.ts';
export * from './mechanisms.ts';
export * from './privacy.ts';
export * from './roles/aggregator.ts';
export * from './roles/events.ts';
export { type RoleOutcome, type RoleParameters, retry } from './roles/jobView.ts';
export * from './roles/members.ts';
export * from './roles/participant.ts';
export { type ParticipantParameters, rehearsedAbsence } from './roles/participation.ts';
export { chooseReceipts } from './roles/receiptReader.ts';
export * from './roles/watcher.ts';
export * from './rules/attendance.ts';
export * from './rules/judge.ts';
export { keptUntil } from './rules/keeping.ts';
export * from './rules/memoryLedger.ts';
export * from './rules/money.ts';
export * from './rules/properties.ts';
export * from './rules/round.ts';
export * from './rules/state.ts';
export * from './site/fileOutbox.ts';
export * from './site/filePrivacyBudget.ts';
export * from './site/outbox.ts';
export {
  type BudgetCharge,
  createMemoryBudget,
  type PrivacyBudget,
  type PrivacyLimit,
  type PublishedContribution,
} from './site/privacyBudget.ts';
export * from './site/sitePolicy.ts';
export * from './statistics.ts';
export * from './stores/fileStore.ts';
export * from './stores/httpStore.ts';
export * from './stores/memoryStore.ts';
export * from './stores/storeReceipt.ts';
export * from './stores/storeServer.ts';
export * from './stores/storeSet.ts';
export * from './trainers/counter.ts';
export * from './trainers/gradientTrainer.ts';
export * from './trainers/graphTrainer.ts';
export { deriveClippedStep } from './trainers/sampledSum.ts';
export * from './trainers/siloTrainer.ts';
export * from './trainers/siteTrainer.ts';
export * from './trainers/trainer.ts';
export * from './trainers/updateTrainer.ts';
export * from './update/fedAvg.ts';
export * from './update/fixedPoint.ts';
export * from './update/graphModel.ts';
export type { HeldOut } from './update/heldOut.ts';
export * from './update/lies.ts';
export * from './update/message.ts';
export * from './update/modelBlob.ts';
export * from './update/serverStep.ts';
export * from './update/step.ts';
export * from './verify/claims.ts';
export { narrateCounting } from './verify/countNarrator.ts';
export * from './verify/graphEvaluator.ts';
export * from './verify/ledgerRecord.ts';
export { narrateTraining } from './verify/narrator.ts';
export * from './verify/verifiers.ts';
