/** Conformance suites of the ports; they need vitest. */
export * from './blobStore.ts';
export { signReceipt, signReceipts } from './ledger/blobs.ts';
export { type LedgerFixture, type LedgerRules, signersNeeded } from './ledger/game.ts';
export { testLedger } from './ledger/suite.ts';
