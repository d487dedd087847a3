/** Stands in for `src/pages/receipt/verifiers.ts` in tests. */
import type { Narrators } from '@nonet/core/receipt';
import { narrateSample } from '@nonet/core/testing/run';

export { sampleVerifiers as verifiers } from '@nonet/core/testing/run';
export const narrators: Narrators = { train: narrateSample };
