/**
 * For tests: twins of the fast implementations, the rules as the conformance suite of ledgers takes
 * them, and roles that say something else.
 */
export { changeMoves } from './changeMoves.ts';
export { fedAvgTwin } from './fedAvgTwin.ts';
export { ledgerRules } from './ledgerRules.ts';
