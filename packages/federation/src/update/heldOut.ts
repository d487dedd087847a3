/**
 * Evaluation on examples that sites hold out, summed inside masked messages: docs/specs/secagg.md
 * §10. Which examples these are, the three integers that a site adds, and what their sum says.
 */
import { type Hex, seededStream, shuffledIndices } from '@nonet/core';
import { type HeldOutTerms, heldOutEntries, heldOutLossUnits } from '@nonet/core/records';

/** How a model does on held-out examples, of one site or of all in a sum. */
export interface HeldOut {
  readonly examples: number;
  /** How many of them were predicted correctly. */
  readonly correct: number;
  /** Mean cross-entropy in nats, of at most 16 an example; 0 where there are none. */
  readonly loss: number;
}

/** Units of loss in a nat. */
const lossUnit = 256;

/** Indices of a site's examples: those that are trained on, and those that are held out. */
export interface HeldOutSplit {
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
}

/** Step 10.1: the same in each round of a job. Both parts are ascending. */
export function splitHeldOut(
  { fraction, mostExamples }: HeldOutTerms,
  seed: Hex,
  examples: number,
): HeldOutSplit {
  const order = shuffledIndices(examples, seededStream(seed, 'nonet held out', [examples, 0]));
  const count = Math.min(mostExamples, Math.floor(examples * fraction));
  const sorted = (part: Uint32Array) => [...part.sort()];
  return { heldOut: sorted(order.slice(0, count)), training: sorted(order.slice(count)) };
}

/** Step 10.2: what a site adds to a sum; zeros where it holds nothing out. */
export function encodeHeldOut(heldOut: HeldOut | undefined): Int32Array<ArrayBuffer> {
  if (heldOut === undefined) return new Int32Array(heldOutEntries);
  const { examples, correct, loss } = heldOut;
  const most = examples * heldOutLossUnits;
  const units = Math.round(examples * loss * lossUnit);
  // A loss that is no number counts as the largest.
  return Int32Array.of(examples, correct, units >= 0 && units <= most ? units : most);
}

/**
 * Step 10.3: what a sum over `included` sites says; undefined where no sites hold anything out, or
 * no sites of the job add up to it.
 */
export function decodeHeldOut(
  { mostExamples }: HeldOutTerms,
  sum: Int32Array,
  included: number,
): HeldOut | undefined {
  const [examples = 0, correct = 0, units = 0] = sum;
  const isSum =
    examples >= 1 &&
    examples <= included * mostExamples &&
    correct >= 0 &&
    correct <= examples &&
    units >= 0 &&
    units <= examples * heldOutLossUnits;
  return isSum ? { examples, correct, loss: units / (examples * lossUnit) } : undefined;
}
