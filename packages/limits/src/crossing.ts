/**
 * When the trend of the largest runs meets the limits: year by year, how likely a run on the trend
 * is to be possible.
 */
import { wholePower } from './arithmetic.ts';
import type { Scenario, Trend } from './scenario.ts';
import { jointOf } from './sensitivity.ts';
import { type Columns, evaluateConstraint, horizonOf } from './simulate.ts';
import { medianOf, shareAtLeast } from './statistics.ts';

/** The trend beside the limits, at the start of one year. */
export interface TrendYear {
  readonly year: number;
  readonly trendFlop: number;
  readonly jointMedian: number;
  /** Probability that the joint limit at the start of the year allows the run. */
  readonly feasible: number;
}

/** When the trend meets the limits. */
export interface Crossing {
  readonly years: readonly TrendYear[];
  /**
   * When the probability falls under one half, and under one tenth; absent if it does not in these
   * years.
   */
  readonly belowHalf?: number;
  readonly belowTenth?: number;
}

/** The first year of which any scenario says something. */
export const firstYear = 2025;
/** A trend counts from the start of this year, whatever the scenario's base. */
const trendYear = 2024;

/** The first year for which a scenario gives limits. */
export function firstYearOf({ baseYear }: Pick<Scenario, 'baseYear'>): number {
  return Math.max(firstYear, baseYear + 1);
}

/** Beyond, growth rates that were estimated to 2030 would be stretched to twice their span. */
export const lastYear = 2035;

/** FLOP of the largest run at the start of `year`, if the trend goes on. */
export function trendFlop({ flop2024, growthPerYear }: Trend, year: number): number {
  return flop2024 * wholePower(growthPerYear, year - trendYear);
}

/** Compares trend and limits year by year. `progress` is told the share that is done, 0 to 1. */
export function findCrossing(
  columns: Columns,
  scenario: Pick<Scenario, 'baseYear' | 'site' | 'trend'>,
  progress: (share: number) => void = () => {},
): Crossing {
  const years: TrendYear[] = [];
  const from = firstYearOf(scenario);
  for (let year = from; year <= lastYear; year++) {
    progress((year - from) / (lastYear - from + 1));
    const horizon = horizonOf(scenario, year);
    const joint = jointOf({
      power: evaluateConstraint(columns, 'power', horizon),
      chips: evaluateConstraint(columns, 'chips', horizon),
      data: evaluateConstraint(columns, 'data', horizon),
      latency: evaluateConstraint(columns, 'latency', horizon),
    });
    const flop = trendFlop(scenario.trend, year);
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
