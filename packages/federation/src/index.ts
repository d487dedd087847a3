/**
 * Federated learning on a ledger between participants who do not trust one another: the rules of a round, the roles, exact aggregation,
 * content stores, evidence. What a browser needs to verify a run is `@nonet/federation/verify`.
 */
export * from './evidence.ts';
export * from './graphModel.ts';
export * from './mechanisms.ts';
export * from './memoryLedger.ts';
export * from './roles/aggregator.ts';
export * from './roles/events.ts';
export * from './roles/fileOutbox.ts';
export { outlast, type RoleParameters, submit } from './roles/jobView.ts';
export * from './roles/outbox.ts';
export * from './roles/participant.ts';
export * from './roles/sitePolicy.ts';
export * from './roles/trainer.ts';
export * from './roles/watcher.ts';
export * from './round.ts';
export * from './stores/fileStore.ts';
export * from './stores/httpStore.ts';
export * from './stores/memoryStore.ts';
export * from './stores/storeChain.ts';
export * from './stores/storeReceipt.ts';
export * from './stores/storeServer.ts';
export * from './update/fedAvg.ts';
export * from './update/fixedPoint.ts';
export * from './update/message.ts';
export * from './update/modelBlob.ts';
export * from './update/step.ts';
export * from './verify/claims.ts';
export * from './verify/ledgerRecord.ts';
export * from './verify/verifiers.ts';
