/** The nine cells, and what evidence says of them. */
export * from './cells.ts';
export * from './matrix.ts';
