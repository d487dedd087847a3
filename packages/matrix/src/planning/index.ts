/**
 * Planning formulas: what training over ordinary links costs in time, bytes, memory, energy and
 * quality. Closed forms, each with its source and its units; they predict, they do not measure, and
 * where a measurement exists it goes before them.
 */
export * from './compute.ts';
export * from './energy.ts';
export * from './memory.ts';
export * from './quality.ts';
export * from './rounds.ts';
export * from './synchronisation.ts';
export * from './verification.ts';
