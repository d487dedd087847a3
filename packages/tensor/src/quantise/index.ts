/**
 * Post-training quantisation of models to graphs of integers, and what is known of such graphs:
 * between which numbers each of their integers lies.
 */
export {
  analyseRanges,
  assertNoWrap,
  babyBearLimit,
  type IntegerLimit,
  i32Limit,
  isWithin,
  type Range,
  type TensorRange,
} from '../graph/ranges.ts';
export type { Rows } from './calibrate.ts';
export type { QuantisedTensor } from './emit.ts';
export type { Entries } from './encoder.ts';
export { estimateQuantisation, type QuantisationCost, type WorkCost } from './estimate.ts';
export {
  type MeasureOptions,
  measureQuantised,
  type QuantisationReport,
  type TensorReport,
} from './measure.ts';
export type { Prepared } from './prepare.ts';
export {
  type Parents,
  type QuantisationDetails,
  type Quantised,
  type QuantiseOptions,
  quantise,
} from './quantise.ts';
export type { IntegerScale } from './targets.ts';
