/** Post-training quantisation: `@nonet/tensor/quantise`. */
export type { Rows } from './calibrate.ts';
export type { QuantisedTensor } from './emit.ts';
export { type Parents, type Quantised, type QuantiseOptions, quantise } from './quantise.ts';
export type { IntegerScale } from './targets.ts';
