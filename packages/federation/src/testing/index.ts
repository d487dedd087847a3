/**
 * For tests: twins of the fast implementations, and the rules as the conformance suite of ledgers
 * takes them.
 */
export { fedAvgTwin } from './fedAvgTwin.ts';
export { ledgerRules } from './ledgerRules.ts';
