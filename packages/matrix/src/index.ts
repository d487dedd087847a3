/** The nine cells, and what evidence says of them. */
export * from './cells/cell.ts';
export * from './cells/cells.ts';
export * from './cells/claims.ts';
export * from './cells/figures.ts';
export * from './cells/interval.ts';
export * from './cells/ledgers.ts';
export * from './cells/matrix.ts';
export * from './cells/profiles.ts';
export * from './cells/readings.ts';
export * from './cells/score.ts';
export * from './cells/sensitivity.ts';
export * from './cells/sentences.ts';
export * from './cells/statements.ts';
export * from './cells/triangle.ts';
