/**
 * When the trend of the largest runs meets the limits: year by year, how likely a run on the trend
 * is to be possible.
 */
import { wholePower } from './arithmetic.ts';
import type { Trend } from './scenario.ts';
import { jointOf } from './sensitivity.ts';
import { type Columns, evaluateConstraint, yearsUntil } from './simulate.ts';
import { medianOf, shareAtLeast } from './statistics.ts';

export interface TrendYear {
  readonly year: number;
  readonly trendFlop: number;
  readonly jointMedian: number;
  /** Probability that the joint limit at the start of the year allows the run. */
  readonly feasible: number;
}

export interface Crossing {
  readonly years: readonly TrendYear[];
  /**
   * When the probability falls under one half, and under one tenth; absent if it does not in these
   * years.
   */
  readonly belowHalf?: number;
  readonly belowTenth?: number;
}

export const firstYear = 2025;
/** Beyond, growth rates that were estimated to 2030 would be stretched to twice their span. */
export const lastYear = 2035;

export function trendFlop({ flop2024, growthPerYear }: Trend, year: number): number {
  return flop2024 * wholePower(growthPerYear, yearsUntil(year));
}

export function findCrossing(
  columns: Columns,
  trend: Trend,
  progress: (share: number) => void = () => {},
): Crossing {
  const years: TrendYear[] = [];
  for (let year = firstYear; year <= lastYear; year++) {
    progress((year - firstYear) / (lastYear - firstYear + 1));
    const joint = jointOf({
      power: evaluateConstraint(columns, 'power', year),
      chips: evaluateConstraint(columns, 'chips', year),
      data: evaluateConstraint(columns, 'data', year),
      latency: evaluateConstraint(columns, 'latency', year),
    });
    const flop = trendFlop(trend, year);
    years.push({ year, trendFlop: flop, jointMedian: medianOf(joint), feasible: shareAtLeast(joint, flop) });
  }
  const [belowHalf, belowTenth] = [0.5, 0.1].map((probability) => fallsBelow(years, probability));
  return {
    years,
    ...(belowHalf === undefined ? {} : { belowHalf }),
    ...(belowTenth === undefined ? {} : { belowTenth }),
  };
}

/** The point in time, on the line between two years. */
function fallsBelow(years: readonly TrendYear[], probability: number): number | undefined {
  const i = years.findIndex(({ feasible }) => feasible < probability);
  const after = years[i];
  if (after === undefined) return undefined;
  const before = years[i - 1];
  if (before === undefined) return after.year;
  return before.year + (before.feasible - probability) / (before.feasible - after.feasible);
}
