/**
 * What it takes to verify a federated run, in Node and in a browser: the rules, messages, exact averaging, the ledger record and the verifiers of
 * evidence. No file system, no server, no role.
 */
export * from '../fedAvg.ts';
export * from '../modelBlob.ts';
export * from '../round.ts';
export * from '../step.ts';
export * from '../updateMessage.ts';
export * from '../vectorSpecification.ts';
export * from './claims.ts';
export * from './ledgerRecord.ts';
export * from './recompute.ts';
export * from './verifiers.ts';
