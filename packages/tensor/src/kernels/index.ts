/**
 * Products of matrices without a graph: for those who want the kernels alone, and for measuring
 * them.
 */
export { createMatrices, type Matrices, type Matrix } from './matrices.ts';
