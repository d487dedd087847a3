/**
 * What it takes to verify a federated run, in Node and in a browser: the rules, messages, exact averaging, the ledger record and the verifiers of
 * evidence. No file system, no server, no role.
 */
export * from '../update/fedAvg.ts';
export * from '../update/modelBlob.ts';
export * from '../round.ts';
export * from '../update/step.ts';
export * from '../update/message.ts';
export * from '../update/fixedPoint.ts';
export * from './claims.ts';
export * from './ledgerRecord.ts';
export * from './recompute.ts';
export * from './verifiers.ts';
