/** Twins of the fast implementations, for tests. */
export { fedAvgTwin } from './fedAvgTwin.ts';
