/**
 * Products of matrices without a graph: the kernels alone, for callers that need no more, and for
 * measuring them.
 */
export { createMatrices, type Matrices, type Matrix } from './matrices.ts';
