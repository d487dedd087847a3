/**
 * Which examples of a public test set a model is quantised with, measured by, and which one its
 * answer is proven for (docs/specs/proof-files.md §3): rules, so that everyone finds the same and
 * no party chooses.
 */
import type { Address } from '@nonet/core';

const mostCalibrated = 256;
const mostMeasured = 1000;

/** `most` numbers from 0 to `count` - 1, as far apart as they can be; all, where there are fewer. */
function spread(count: number, most: number): number[] {
  const chosen = Math.min(count, most);
  return Array.from({ length: chosen }, (_, i) => Math.floor((i * count) / chosen));
}

/** The examples that a model is quantised with. */
export const calibrationExamples = (count: number): number[] => spread(count, mostCalibrated);

/** The examples that a quantised model is measured by. */
export const measuredExamples = (count: number): number[] => spread(count, mostMeasured);

/** The example whose answer is proven: which one follows from the model, after it is trained. */
export const provenExample = (model: Address, count: number): number => Number(BigInt(model) % BigInt(count));
