/**
 * What it takes to verify a federated run, in Node and in a browser: the rules, messages, exact
 * averaging, the ledger record, the verifiers of evidence and the narrator of such a run. No file
 * system, no server, no role, no trainer.
 */
export { federationFigures } from '../figures.ts';
export * from '../rules/judge.ts';
export * from '../rules/money.ts';
export * from '../rules/round.ts';
export * from '../rules/state.ts';
export * from '../update/fedAvg.ts';
export * from '../update/fixedPoint.ts';
export * from '../update/message.ts';
export * from '../update/modelBlob.ts';
export * from '../update/step.ts';
export * from './claims.ts';
export { narrateCounting } from './countNarrator.ts';
export * from './graphEvaluator.ts';
export * from './ledgerRecord.ts';
export { narrateTraining } from './narrator.ts';
export { type FinalModelReading, readFinalModel } from './readFinalModel.ts';
export { countedColumns } from './readStatistics.ts';
export * from './recompute.ts';
export * from './verifiers.ts';
