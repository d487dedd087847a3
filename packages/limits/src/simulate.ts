/**
 * Draws of the parameters and of the constraints. A parameter's draws are a stream of their own
 * (Philox, by seed and by the parameter's name), so that a scenario with other values, a shorter
 * run and another order of the parameters see the same chance.
 */
import { createRandomStream, sha256, utf8 } from '@nonet/core';
import { logit } from './arithmetic.ts';
import {
  chipLimit,
  dataLimit,
  type Horizon,
  latencyLimit,
  powerLimit,
  type SupplyId,
} from './constraints.ts';
import { copulaFactor } from './copula.ts';
import { createMetalog, unlink } from './metalog.ts';
import { normalProbability, normalQuantile } from './normal.ts';
import {
  type ConstraintId,
  constraintIds,
  type Inputs,
  type ParameterId,
  parameterIds,
  parameters,
} from './parameters.ts';
import { correlatedIds, type Scenario } from './scenario.ts';

/** Per parameter one value per draw. */
export type Columns = Readonly<Record<ParameterId, Float64Array>>;

/** Probabilities closer to 0 or 1 are moved here: beyond, three percentiles say nothing. */
const extreme = 1e-6;

/** Throws what `checkScenario` throws. `progress` hears which share is done. */
export function drawParameters(
  scenario: Scenario,
  { draws, seed }: { readonly draws: number; readonly seed: number },
  progress: (share: number) => void = () => {},
): Columns {
  const correlated = correlatedIds(scenario);
  const factor = copulaFactor(correlated, scenario.correlations);
  // Step 1. Independent normal variables of the correlated parameters.
  const independent = correlated.map((id) => {
    const uniform = createUniform(id, seed);
    const column = new Float64Array(draws);
    for (let draw = 0; draw < draws; draw++) column[draw] = normalQuantile(clamp(uniform()));
    return column;
  });
  const columns = parameterIds.map((id, done) => {
    const { p10, p50, p90 } = scenario.estimates[id];
    const column = new Float64Array(draws);
    progress(done / parameterIds.length);
    if (p10 === p90) return column.fill(p50);
    const { link, median, scale, skew } = createMetalog({ p10, p50, p90 }, parameters[id].link, id);
    const place = correlated.indexOf(id);
    const uniform = createUniform(id, seed);
    // Step 2. Mixed, if it is correlated; then through its own distribution.
    const row = factor[place];
    for (let draw = 0; draw < draws; draw++) {
      let p: number;
      if (row === undefined) p = clamp(uniform());
      else {
        let z = 0;
        for (let k = 0; k < row.length; k++) z += row[k]! * independent[k]![draw]!;
        p = clamp(normalProbability(z));
      }
      const l = logit(p);
      column[draw] = unlink(link, median + scale * l + skew * (p - 0.5) * l);
    }
    return column;
  });
  return Object.fromEntries(parameterIds.map((id, i) => [id, columns[i]!])) as Record<
    ParameterId,
    Float64Array
  >;
}

function createUniform(id: ParameterId, seed: number): () => number {
  const name = new DataView(sha256(utf8(id)).buffer);
  const key = [Math.floor(seed / 0x100000000), seed % 0x100000000] as const;
  return createRandomStream(key, [name.getUint32(0), name.getUint32(4)]).uniform;
}

const clamp = (p: number) => Math.min(1 - extreme, Math.max(extreme, p));

/** Per constraint, and for what goes with it, one value per draw. */
export interface Outcome {
  readonly flop: Readonly<Record<ConstraintId, Float64Array>>;
  readonly quantities: Readonly<Record<QuantityId, Float64Array>>;
  /** Share of the draws in which each holds the production of chips back in the last year. */
  readonly supply: Readonly<Record<SupplyId, number>>;
}

/**
 * Quantities that the constraints compute on the way, besides the limits; the names end in their
 * units.
 */
export const quantityIds = [
  'powerWatts',
  'campusFlop',
  'distributedWatts',
  'distributedFlop',
  'bandwidthFlop',
  'gpus',
  'foundryFlop',
  'tokens',
  'layerSeconds',
] as const;

/** One of `quantityIds`. */
export type QuantityId = (typeof quantityIds)[number];

/** All constraints of all draws at this distance from the scenario's base. */
export function evaluateDraws(
  columns: Columns,
  horizon: Horizon,
  progress: (share: number) => void = () => {},
): Outcome {
  const draws = columns.durationSeconds.length;
  const table = <Id extends string>(ids: readonly Id[]) =>
    Object.fromEntries(ids.map((id) => [id, new Float64Array(draws)])) as Record<Id, Float64Array>;
  const flop = table(constraintIds);
  const quantities = table(quantityIds);
  const supply = { packaging: 0, memory: 0, wafers: 0 };
  const read = createReader(columns, parameterIds);
  for (let draw = 0; draw < draws; draw++) {
    if (draw % 8192 === 0) progress(draw / draws);
    const x = read(draw);
    const power = powerLimit(x, horizon);
    const chips = chipLimit(x, horizon);
    const data = dataLimit(x, horizon);
    const latency = latencyLimit(x, horizon);
    supply[chips.scarcest]++;
    flop.power[draw] = power.flop;
    flop.chips[draw] = chips.flop;
    flop.data[draw] = data.flop;
    flop.latency[draw] = latency.flop;
    quantities.powerWatts[draw] = power.watts;
    quantities.campusFlop[draw] = power.campusFlop;
    quantities.distributedWatts[draw] = power.distributedWatts;
    quantities.distributedFlop[draw] = power.distributedFlop;
    quantities.bandwidthFlop[draw] = power.bandwidthFlop;
    quantities.gpus[draw] = chips.gpus;
    quantities.foundryFlop[draw] = chips.foundryFlop;
    quantities.tokens[draw] = data.tokens;
    quantities.layerSeconds[draw] = latency.layerSeconds;
  }
  return {
    flop,
    quantities,
    supply: {
      packaging: supply.packaging / draws,
      memory: supply.memory / draws,
      wafers: supply.wafers / draws,
    },
  };
}

const limitOf: Readonly<Record<ConstraintId, (x: Inputs, horizon: Horizon) => { readonly flop: number }>> = {
  power: powerLimit,
  chips: chipLimit,
  data: dataLimit,
  latency: latencyLimit,
};

/** One constraint of all draws: what a changed parameter makes necessary, and no more. */
export function evaluateConstraint(
  columns: Columns,
  constraint: ConstraintId,
  horizon: Horizon,
): Float64Array {
  const limit = limitOf[constraint];
  const read = createReader(columns, dependencies[constraint]);
  const flop = new Float64Array(columns.durationSeconds.length);
  for (let draw = 0; draw < flop.length; draw++) flop[draw] = limit(read(draw), horizon).flop;
  return flop;
}

/** What each constraint is computed from. */
const dependencies: Readonly<Record<ConstraintId, readonly ParameterId[]>> = {
  power: dependenciesOf('power'),
  chips: dependenciesOf('chips'),
  data: dependenciesOf('data'),
  latency: dependenciesOf('latency'),
};

function dependenciesOf(constraint: ConstraintId): ParameterId[] {
  return parameterIds.filter((id) => {
    const { raises, lowers } = parameters[id];
    return raises.includes(constraint) || lowers.includes(constraint);
  });
}

/** The values of one draw, in an object that is used again for the next. */
export function inputsOf(columns: Columns): (draw: number) => Inputs {
  return createReader(columns, parameterIds);
}

/**
 * The values of one draw, in an object that is used again for the next; parameters that are not
 * asked for stay 0.
 */
function createReader(columns: Columns, ids: readonly ParameterId[]): (draw: number) => Inputs {
  const x = Object.fromEntries(parameterIds.map((id) => [id, 0])) as Record<ParameterId, number>;
  return (draw) => {
    for (const id of ids) x[id] = columns[id][draw]!;
    return x;
  };
}

/** For this year campuses are estimated, whatever the base. */
const campusYear = 2030;

/** From the scenario's base to the start of `year`. */
export function horizonOf({ baseYear, site }: Pick<Scenario, 'baseYear' | 'site'>, year: number): Horizon {
  return {
    years: year - baseYear,
    campusYears: campusYear - baseYear,
    ...(site === undefined ? {} : { site: { watts: site.watts, years: site.until - baseYear } }),
  };
}
