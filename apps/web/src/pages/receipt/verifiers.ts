/**
 * What this page can recompute, by the name that records use, and how kinds of job tell of
 * themselves. The one place where verifiers and narrators of other packages are added.
 */
import type { Narrators, Verifiers } from '@nonet/core/receipt';
import {
  createFederationVerifiers,
  narrateCounting,
  narrateTraining,
  readFinalModel,
} from '@nonet/federation/verify';
import { identifyModel, remakeModel } from '@nonet/proof/zk';
import { createProofVerifiers } from '@nonet/proof/zk/evidence';

/** A page does nothing else while it computes: a quarter of what a terminal waits for. */
const usualFactor = 0.25;

/** `?budget=10` lets the program of a receipt take ten times the usual work and memory. */
const factor = Number(new URLSearchParams(globalThis.location?.search).get('budget') ?? usualFactor);
const budgetFactor = factor > 0 ? factor : usualFactor;

export const verifiers: Verifiers = {
  ...createFederationVerifiers(budgetFactor),
  ...createProofVerifiers({ readFinalModel, remakeModel, identifyModel, budgetFactor }),
};
export const narrators: Narrators = { count: narrateCounting, train: narrateTraining };
