/**
 * The definition of the arithmetic: one element at a time, some hundred times slower than the
 * kernels and equal to them bit for bit.
 */
export { elementOf } from './elements.ts';
export { createTwinProgram } from './twinProgram.ts';
