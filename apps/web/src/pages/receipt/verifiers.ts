/**
 * What this page can recompute, by the name that records use, and how kinds of job tell of
 * themselves. The one place where verifiers and narrators of other packages are added.
 */
import type { Narrators, Verifiers } from '@nonet/core/receipt';
import { federationVerifiers, narrateTraining } from '@nonet/federation/verify';

export const verifiers: Verifiers = { ...federationVerifiers };
export const narrators: Narrators = { train: narrateTraining };
