/** Conformance suites of the ports; they need vitest. */
export * from './blobStore.ts';
export { testLedger } from './ledger.ts';
export { type LedgerFixture, type LedgerRules, signReceipt } from './ledgerGame.ts';
