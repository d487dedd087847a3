/** Conformance suites of the ports; they need vitest. */
export * from './blobStore.ts';
export * from './ledger.ts';
