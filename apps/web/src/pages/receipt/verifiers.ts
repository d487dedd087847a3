/** What this page can recompute, by the name that records use. The one place where verifiers of other packages are added. */
import type { Verifiers } from '@nonet/core/receipt';
import { federationVerifiers } from '@nonet/federation/verify';

export const verifiers: Verifiers = { ...federationVerifiers };
