/** What the packages need of one another without importing one another. */
export * from './blobStore.ts';
export * from './ledger.ts';
