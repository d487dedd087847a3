/** Stands in for `src/page/verifiers.ts` in tests. */
export { sampleVerifiers as verifiers } from '@nonet/core/testing/receipt';
