/** Stands in for `src/pages/receipt/verifiers.ts` in tests. */
export { sampleVerifiers as verifiers } from '@nonet/core/testing/receipt';
