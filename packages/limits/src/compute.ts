/**
 * All that is computed of a scenario: one plain, canonical value, so that equal requests have equal
 * addresses wherever they are computed.
 */
import { type Address, MisuseError } from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import type { SupplyId } from './constraints.ts';
import { type Coupling, checkCoupling, coupleColumns, isUncoupled } from './coupling.ts';
import { type Crossing, findCrossing, firstYearOf, lastYear } from './crossing.ts';
import type { Percentiles } from './metalog.ts';
import { type ConstraintId, constraintIds } from './parameters.ts';
import { checkScenario, type Scenario } from './scenario.ts';
import {
  type Driver,
  findDrivers,
  type Inversion,
  invertTarget,
  jointOf,
  type Target,
} from './sensitivity.ts';
import {
  type Columns,
  drawParameters,
  evaluateDraws,
  horizonOf,
  type Outcome,
  type QuantityId,
  quantityIds,
} from './simulate.ts';
import { percentilesOf, shareAtLeast } from './statistics.ts';

/** What limits are computed from. */
export interface LimitsRequest {
  readonly scenario: Scenario;
  readonly draws: number;
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** The limits hold at its start. */
  readonly year: number;
  readonly coupling: Coupling;
  readonly target?: Target;
  /** Other sets of inputs, to be computed beside it with fewer draws, where they reach the year. */
  readonly beside?: readonly Scenario[];
}

/** What one set of inputs gives for the same year, seed and coupling. */
export interface InputSet {
  readonly id: string;
  readonly title: string;
  readonly draws: number;
  readonly joint: Percentiles;
  readonly binding: Readonly<Record<ConstraintId, number>>;
  readonly supply: Readonly<Record<SupplyId, number>>;
}

/** The probabilities that the limits allow a run of `flop` FLOP: all together, and each alone. */
export interface Exceedance {
  readonly flop: number;
  readonly joint: number;
  readonly each: Readonly<Record<ConstraintId, number>>;
}

/** The limits at the start of a year. All limits are training FLOP of one run. */
export interface LimitsResult {
  readonly version: 1;
  /** Of the scenario's values. */
  readonly scenario: Address;
  readonly draws: number;
  readonly seed: number;
  readonly year: number;
  readonly coupling: Coupling;
  readonly flop: Readonly<Record<ConstraintId, Percentiles>>;
  /** The least of the four in each draw: what is possible under all of them. */
  readonly joint: Percentiles;
  /** The joint limit of a run whose chips all attest. */
  readonly attested?: Percentiles;
  /** Share of the draws in which each is the least. */
  readonly binding: Readonly<Record<ConstraintId, number>>;
  readonly quantities: Readonly<Record<QuantityId, Percentiles>>;
  /** Share of the draws in which each holds the production of chips back in the last year. */
  readonly supply: Readonly<Record<SupplyId, number>>;
  /** The same draws without the coupling, where there is one. */
  readonly uncoupled?: {
    readonly flop: Readonly<Record<ConstraintId, Percentiles>>;
    readonly joint: Percentiles;
    readonly crossing: Crossing;
  };
  /** Probabilities of reaching so much, on a grid of 1, 2, 5, 10... */
  readonly exceedance: readonly Exceedance[];
  readonly drivers: readonly Driver[];
  readonly crossing: Crossing;
  readonly inversion?: Inversion;
  /** Of `beside`. */
  readonly sets?: readonly InputSet[];
}

/**
 * Sensitivity, crossing and inversion look at the first so many draws: their third digit is not
 * shown.
 */
const sensitivityDraws = 10_000;
/** The most draws that a request may ask for. */
export const maximumDraws = 1_000_000;

/** 1e27, 2e27, 5e27, ... 5e32. */
export const flopGrid: readonly number[] = Array.from({ length: 6 }, (_, decade) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${27 + decade}`)),
).flat();

/**
 * Pure: the same request gives the same value, whose address is `addressOfLimits`. `progress` hears
 * the share that is done. Throws `limits.request` and what `checkScenario` and `checkCoupling`
 * throw.
 */
export function computeLimits(
  request: LimitsRequest,
  progress: (share: number) => void = () => {},
): LimitsResult {
  checkRequest(request);
  const { scenario, draws, seed, year, coupling, target, beside } = request;
  const horizon = horizonOf(scenario, year);
  const part = (from: number, to: number) => (share: number) => progress(from + share * (to - from));
  const drawn = drawParameters(scenario, { draws, seed }, part(0, 0.35));
  const columns = coupleColumns(drawn, coupling);
  const outcome = evaluateDraws(columns, horizon, part(0.35, 0.5));
  const joint = jointOf(outcome.flop);
  const some = { ...firstDraws(columns, outcome), horizon };
  return {
    version: 1,
    scenario: addressOfValue(scenario),
    draws,
    seed,
    year,
    coupling,
    flop: mapTable(constraintIds, (id) => percentilesOf(outcome.flop[id])),
    joint: percentilesOf(joint),
    ...(coupling.teeShare === undefined ? {} : { attested: attested(outcome, coupling.teeShare) }),
    binding: bindingShares(outcome, joint),
    quantities: mapTable(quantityIds, (id) => percentilesOf(outcome.quantities[id])),
    supply: outcome.supply,
    ...(isUncoupled(coupling) ? {} : { uncoupled: withoutCoupling(drawn, request) }),
    exceedance: flopGrid.map((flop) => ({
      flop,
      joint: shareAtLeast(joint, flop),
      each: mapTable(constraintIds, (id) => shareAtLeast(outcome.flop[id], flop)),
    })),
    drivers: findDrivers(some, scenario, part(0.5, 0.7)),
    crossing: findCrossing(some.columns, scenario, part(0.7, 0.8)),
    ...(target === undefined ? {} : { inversion: invertTarget(some, scenario, target, part(0.8, 1)) }),
    ...(beside === undefined ? {} : { sets: beside.flatMap((each) => computeSet(each, request)) }),
  };
}

/** With as many draws as sensitivity takes; nothing for a year that the set does not reach. */
function computeSet(scenario: Scenario, { draws, seed, year, coupling }: LimitsRequest): InputSet[] {
  if (year < firstYearOf(scenario)) return [];
  const some = Math.min(draws, sensitivityDraws);
  const columns = coupleColumns(drawParameters(scenario, { draws: some, seed }), coupling);
  const outcome = evaluateDraws(columns, horizonOf(scenario, year));
  const joint = jointOf(outcome.flop);
  const { id, title } = scenario;
  const { supply } = outcome;
  return [
    { id, title, draws: some, joint: percentilesOf(joint), binding: bindingShares(outcome, joint), supply },
  ];
}

/** SHA-256 of the result's canonical encoding. */
export function addressOfLimits(result: LimitsResult): Address {
  return addressOfValue(result);
}

/** Throws `limits.request` and what `checkScenario` and `checkCoupling` throw. */
export function checkRequest({ scenario, draws, seed, year, coupling, target }: LimitsRequest): void {
  const requireWhole = (name: string, value: number, low: number, high: number) => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new MisuseError({
      code: 'limits.request',
      expected: `${name}: a whole number from ${low} to ${high}`,
      found: String(value),
    });
  };
  requireWhole('draws', draws, 100, maximumDraws);
  requireWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkScenario(scenario);
  requireWhole('year', year, firstYearOf(scenario), lastYear);
  checkCoupling(coupling);
  if (target !== undefined && !(target.flop > 0 && target.probability > 0 && target.probability < 1)) {
    throw new MisuseError({
      code: 'limits.request',
      expected: 'a target above 0 FLOP with a probability between 0 and 1',
      found: `${target.flop} FLOP with probability ${target.probability}`,
    });
  }
}

function mapTable<Id extends string, T>(ids: readonly Id[], of: (id: Id) => T): Record<Id, T> {
  return Object.fromEntries(ids.map((id) => [id, of(id)])) as Record<Id, T>;
}

function withoutCoupling(drawn: Columns, { scenario, year }: LimitsRequest) {
  const outcome = evaluateDraws(drawn, horizonOf(scenario, year));
  return {
    flop: mapTable(constraintIds, (id) => percentilesOf(outcome.flop[id])),
    joint: percentilesOf(jointOf(outcome.flop)),
    crossing: findCrossing(firstDraws(drawn, outcome).columns, scenario),
  };
}

function bindingShares({ flop }: Outcome, joint: Float64Array): Record<ConstraintId, number> {
  const counts = { power: 0, chips: 0, data: 0, latency: 0 };
  joint.forEach((least, draw) => {
    const binding = constraintIds.find((id) => flop[id][draw] === least);
    if (binding !== undefined) counts[binding]++;
  });
  return mapTable(constraintIds, (id) => counts[id] / joint.length);
}

/** Only chips with a trusted execution environment count. */
function attested({ flop }: Outcome, teeShare: number): Percentiles {
  return percentilesOf(jointOf({ ...flop, chips: flop.chips.map((value) => value * teeShare) }));
}

function firstDraws(columns: Columns, { flop }: Outcome) {
  const first = <Id extends string>(table: Readonly<Record<Id, Float64Array>>) =>
    mapTable(Object.keys(table) as Id[], (id) => table[id].subarray(0, sensitivityDraws));
  return { columns: first(columns), flop: first(flop) };
}
