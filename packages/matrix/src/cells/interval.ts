/** Closed intervals: what is known of a quantity, from the worst to the best. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The interval of one number. */
export const exactly = (value: number): Interval => ({ low: value, high: value });

/** The number of `low` to `high` that is next to `value`; by default of 0 to 1. */
export const clamp = (value: number, low = 0, high = 1): number => Math.min(high, Math.max(low, value));

/** The smallest interval around all of them; undefined of none. */
export function hull(intervals: readonly Interval[]): Interval | undefined {
  if (intervals.length === 0) return undefined;
  return {
    low: Math.min(...intervals.map(({ low }) => low)),
    high: Math.max(...intervals.map(({ high }) => high)),
  };
}

/** Sum of weight times interval; weights are not negative. */
export function weighted(terms: readonly (readonly [weight: number, of: Interval])[]): Interval {
  return {
    low: terms.reduce((sum, [weight, { low }]) => sum + weight * low, 0),
    high: terms.reduce((sum, [weight, { high }]) => sum + weight * high, 0),
  };
}
