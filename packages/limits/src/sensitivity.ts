/**
 * Which parameters decide. A tornado: how each goes with the joint limit in rank, and where the
 * joint median lies if one parameter is known to be low or high. An inversion: what one parameter
 * would have to be for a target to be likely. Only the constraints that a parameter enters are
 * computed again.
 */
import { exp, ln } from './arithmetic.ts';
import type { Horizon } from './constraints.ts';
import { link, unlink } from './metalog.ts';
import {
  type ConstraintId,
  constraintIds,
  type ParameterId,
  parameterIds,
  parameters,
} from './parameters.ts';
import type { Scenario } from './scenario.ts';
import { type Columns, evaluateConstraint } from './simulate.ts';
import { medianOf, rankCorrelation, ranksOf, shareAtLeast } from './statistics.ts';

/** What the joint limit of changed draws is computed from. */
export interface Baseline {
  readonly columns: Columns;
  readonly horizon: Horizon;
  readonly flop: Readonly<Record<ConstraintId, Float64Array>>;
}

/** The least constraint of each draw. */
export function jointOf(flop: Readonly<Record<ConstraintId, Float64Array>>): Float64Array {
  const joint = Float64Array.from(flop.power);
  for (const id of constraintIds) {
    const column = flop[id];
    for (let draw = 0; draw < joint.length; draw++) {
      if (column[draw]! < joint[draw]!) joint[draw] = column[draw]!;
    }
  }
  return joint;
}

/** The joint limit with other values of one parameter. */
function jointWith(
  { columns, horizon, flop }: Baseline,
  id: ParameterId,
  column: Float64Array,
): Float64Array {
  const changed = { ...columns, [id]: column };
  const again = [...parameters[id].raises, ...parameters[id].lowers].map(
    (constraint) => [constraint, evaluateConstraint(changed, constraint, horizon)] as const,
  );
  return jointOf({ ...flop, ...Object.fromEntries(again) });
}

/** How much the joint limit depends on one parameter. Limits are in FLOP. */
export interface Driver {
  readonly parameter: ParameterId;
  /** Spearman's correlation with the joint limit, copula included. */
  readonly rank: number;
  /** Median of the joint limit where the parameter is at its 10th percentile, and at its 90th. */
  readonly atP10: number;
  readonly atP90: number;
}

/** The uncertain parameters, those that go furthest with the joint limit first. */
export function findDrivers(
  baseline: Baseline,
  scenario: Scenario,
  progress: (share: number) => void = () => {},
): Driver[] {
  const ranks = ranksOf(jointOf(baseline.flop));
  const uncertain = parameterIds.filter((id) => scenario.estimates[id].p10 < scenario.estimates[id].p90);
  return uncertain
    .map((parameter, done) => {
      progress(done / uncertain.length);
      const column = baseline.columns[parameter];
      const at = (value: number) =>
        medianOf(
          jointWith(
            baseline,
            parameter,
            column.map(() => value),
          ),
        );
      const { p10, p90 } = scenario.estimates[parameter];
      return { parameter, rank: rankCorrelation(ranksOf(column), ranks), atP10: at(p10), atP90: at(p90) };
    })
    .sort((a, b) => Math.abs(b.rank) - Math.abs(a.rank));
}

/** A run that is to be possible. */
export interface Target {
  readonly flop: number;
  /** How likely the joint limit is to reach it. */
  readonly probability: number;
}

/** How far one parameter alone would have to move for a target. Values are in its own unit. */
export interface Lever {
  readonly parameter: ParameterId;
  readonly median: number;
  /** What the median would have to be; absent where this parameter alone cannot do it. */
  readonly needed?: number;
  /** Probability of the target with the parameter as far as the model's bounds let it go. */
  readonly atBest: number;
}

/** Constraints that would all have to be looser by the same factor. */
export interface Loosening {
  readonly constraints: readonly ConstraintId[];
  readonly factor: number;
}

/**
 * Whether a target needs a change: `already met` as things stand; `reachable` by one parameter
 * alone; `only together` by constraints that are looser together; `unreachable` even so.
 */
export type Reach = 'already met' | 'reachable' | 'only together' | 'unreachable';

/** What would have to change for a target. */
export interface Inversion extends Target {
  /** As things stand. */
  readonly now: number;
  readonly reach: Reach;
  /** Those that do it alone; else those that help, by how far each gets. None if it is met. */
  readonly levers: readonly Lever[];
  /**
   * The smallest sets of constraints that suffice, each with its factor; the smallest factor first.
   * None if the target is met.
   */
  readonly loosenings: readonly Loosening[];
}

/** A share cannot reach its bound of 1, nor anything its bound of 0. */
const closest = 1e-3;
/** 2^-16 of the way between two values in the link domain: beyond any figure shown. */
const halvings = 16;

/**
 * For each parameter the median at which the target has its probability, all else as it is; the
 * parameter's spread moves along. Those that can do it alone come first, the smallest relative
 * change first.
 */
export function invertTarget(
  baseline: Baseline,
  scenario: Scenario,
  target: Target,
  progress: (share: number) => void = () => {},
): Inversion {
  const now = shareAtLeast(jointOf(baseline.flop), target.flop);
  if (now >= target.probability) {
    return { ...target, now, reach: 'already met', levers: [], loosenings: [] };
  }
  const levers = parameterIds.map((parameter, done): Lever => {
    progress(done / parameterIds.length);
    const { link: type, bounds, raises } = parameters[parameter];
    const median = scenario.estimates[parameter].p50;
    const column = baseline.columns[parameter];
    const inLink = column.map((value) => link(type, value));
    const from = link(type, median);
    const reached = (to: number) => {
      const moved = inLink.map((value) => unlink(type, value + to - from));
      return shareAtLeast(jointWith(baseline, parameter, moved), target.flop);
    };
    const low = Math.max(bounds[0], type.type === 'log' ? type.lowest + closest : closest);
    const high = type.type === 'logit' ? Math.min(bounds[1], 1 - closest) : bounds[1];
    let far = link(type, raises.length > 0 ? high : low);
    const atBest = reached(far);
    if (atBest < target.probability) return { parameter, median, atBest };
    let near = from;
    for (let i = 0; i < halvings; i++) {
      const middle = (near + far) / 2;
      if (reached(middle) >= target.probability) far = middle;
      else near = middle;
    }
    return { parameter, median, needed: unlink(type, far), atBest };
  });
  const change = ({ median, needed }: Lever) =>
    needed === undefined ? Number.POSITIVE_INFINITY : Math.max(needed / median, median / needed);
  const alone = levers.filter(({ needed }) => needed !== undefined);
  const helping = levers.filter(({ atBest }) => atBest > now);
  const loosenings = findLoosenings(baseline, target);
  const together = loosenings.length > 0 ? 'only together' : 'unreachable';
  return {
    ...target,
    now,
    reach: alone.length > 0 ? 'reachable' : together,
    loosenings,
    levers: (alone.length > 0 ? alone : helping).toSorted((a, b) => {
      const [x, y] = [change(a), change(b)];
      return x === y ? b.atBest - a.atBest : x - y;
    }),
  };
}

/** Beyond this, a constraint might as well not be there. */
const loosest = 1e6;

/** Sets of one constraint; if none suffices, sets of two, and so on. */
function findLoosenings({ flop }: Baseline, target: Target): Loosening[] {
  const reached = (constraints: readonly ConstraintId[], factor: number) => {
    const looser = constraints.map((id) => [id, flop[id].map((value) => value * factor)] as const);
    return (
      shareAtLeast(jointOf({ ...flop, ...Object.fromEntries(looser) }), target.flop) >= target.probability
    );
  };
  for (let size = 1; size <= constraintIds.length; size++) {
    const sufficient = subsets(constraintIds, size).filter((constraints) => reached(constraints, loosest));
    if (sufficient.length === 0) continue;
    return sufficient
      .map((constraints) => {
        let [near, far] = [0, ln(loosest)];
        for (let i = 0; i < halvings; i++) {
          const middle = (near + far) / 2;
          if (reached(constraints, exp(middle))) far = middle;
          else near = middle;
        }
        return { constraints, factor: exp(far) };
      })
      .toSorted((a, b) => a.factor - b.factor);
  }
  return [];
}

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}
