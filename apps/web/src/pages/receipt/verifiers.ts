/**
 * What this page can recompute, by the name that records use, and how kinds of job tell of
 * themselves. The one place where verifiers and narrators of other packages are added.
 */
import type { Narrators, Verifiers } from '@nonet/core/receipt';
import { createFederationVerifiers, narrateTraining } from '@nonet/federation/verify';

/** `?budget=10` lets the program of a receipt take ten times the usual work and memory. */
const factor = Number(new URLSearchParams(globalThis.location?.search).get('budget') ?? 1);

export const verifiers: Verifiers = createFederationVerifiers(factor > 0 ? factor : 1);
export const narrators: Narrators = { train: narrateTraining };
