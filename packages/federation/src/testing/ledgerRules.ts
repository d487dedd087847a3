/** The rules as the conformance suite of ledgers takes them. */
import type { LedgerRules } from '@nonet/core/testing';
import { owedTo } from '../rules/money.ts';
import { heldFor } from '../rules/properties.ts';
import { reduceRound, weiOf } from '../rules/round.ts';
import { createJobState } from '../rules/state.ts';
import { encodeUpdate } from '../update/message.ts';

/** The rules that the conformance suite of ledgers plays by: this package's reducer. */
export const ledgerRules: Omit<LedgerRules, 'createLedger'> = {
  createJobState,
  reduce: reduceRound,
  valueOf: weiOf,
  owedTo,
  heldFor,
  encodeUpdate: async (...parts) => (await encodeUpdate(...parts)).bytes,
};
