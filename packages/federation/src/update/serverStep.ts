/**
 * How the next model follows from the one before and the average update. A step is a pure function
 * of numbers, so that all roles compute the same. What a step has to remember, a momentum say,
 * lies in the model's own file, in tensors whose names sort after those of the parameters: so entry
 * `i` of an update is about number `i` of the model, whatever state follows.
 */

export interface ServerStep {
  /**
   * The numbers of the next model, as many as `start` has: the parameters, one for each entry of
   * `average`, then the state, in the order of the file. Arithmetic must be exact to the bit.
   */
  apply(start: Float32Array, average: Float32Array): Float32Array<ArrayBuffer>;
}

/**
 * W' = fround(W + average) (docs/specs/update.md §4.3): the step that the ledger can judge. No
 * state.
 */
export const averaging: ServerStep = {
  apply: (start, average) => new Float32Array(start).map((value, i) => value + average[i]!),
};
