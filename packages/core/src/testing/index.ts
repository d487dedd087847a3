/** Conformance suites of the ports; they need vitest. */
export * from './blobStore.ts';
