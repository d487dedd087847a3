/**
 * What a terminal or a page shows of a result: plain data, with labels, sources and ages beside the
 * numbers. What renders it derives nothing.
 */
import type { Address } from '@nonet/core';
import { type BackTest, backTest } from './backTest.ts';
import { addressOfLimits, type Exceedance, type LimitsResult } from './compute.ts';
import { isUncoupled, webAndPrivateTokens, webTokens } from './coupling.ts';
import type { Crossing } from './crossing.ts';
import { criticalComputeFlop, internetTraining, latencyWallFlop, yearsToClose } from './decentralised.ts';
import { type Difference, errata, inconsistencies, readings } from './differences.ts';
import type { Percentiles } from './metalog.ts';
import { type ConstraintId, constraintIds, type ParameterId, parameters } from './parameters.ts';
import type { Scenario, Source } from './scenario.ts';
import type { Inversion, Lever } from './sensitivity.ts';
import type { QuantityId } from './simulate.ts';

/** Training compute of GPT-4 as the source of the model takes it. */
export const gpt4Flop = 2e25;

export type BarId = ConstraintId | 'joint' | 'attested';

export interface Quantity {
  readonly id: QuantityId;
  readonly label: string;
  /** In a unit that people use: GW, million H100e, trillion tokens, µs, FLOP. */
  readonly unit: string;
  readonly values: Percentiles;
}

export interface Bar {
  readonly id: BarId;
  readonly label: string;
  readonly flop: Percentiles;
  readonly timesGpt4: Percentiles;
  /** Share of the draws in which it is the least of the four. */
  readonly binding?: number;
  readonly quantities: readonly Quantity[];
}

export interface ParameterView {
  readonly parameter: ParameterId;
  readonly about: string;
  readonly unit: string;
  readonly estimate: Percentiles;
  readonly from: string;
  /** Absent where the source does not say when the estimate was made. */
  readonly ageYears?: number;
  /** What is left of its standing at that age: one half after one half-life. */
  readonly standing?: number;
}

export interface DriverView extends ParameterView {
  readonly rank: number;
  readonly atP10: number;
  readonly atP90: number;
}

export interface LeverView extends Lever {
  readonly about: string;
  readonly unit: string;
}

export interface Movement {
  readonly label: string;
  readonly flop: number;
  readonly note: string;
}

export interface LimitsView {
  readonly address: Address;
  readonly scenario: { readonly id: string; readonly title: string };
  readonly year: number;
  readonly draws: number;
  readonly seed: number;
  readonly headline: string;
  readonly sources: readonly Source[];
  /** Required by the sources' licence. */
  readonly attribution: string;
  readonly bars: readonly Bar[];
  readonly exceedance: readonly Exceedance[];
  /** What is coupled to the limits, in sentences. */
  readonly coupling: readonly string[];
  readonly drivers: readonly DriverView[];
  readonly crossing: Crossing;
  readonly trendFrom: string;
  readonly inversion?: Omit<Inversion, 'levers'> & { readonly levers: readonly LeverView[] };
  /** Where distance and links end a run, and how far the internet is behind. */
  readonly movement: readonly Movement[];
  readonly backTest: BackTest;
  readonly errata: readonly Difference[];
  readonly inconsistencies: readonly Difference[];
  readonly readings: readonly Difference[];
}

const labels: Readonly<Record<BarId, string>> = {
  power: 'power',
  chips: 'chips',
  data: 'data',
  latency: 'latency',
  joint: 'all four together',
  attested: 'all four, attested chips only',
};

/** Where each quantity stands, and its unit as `factor` of the model's. */
const quantities: Readonly<
  Record<QuantityId, { bar: ConstraintId; label: string; unit: string; factor: number }>
> = {
  powerWatts: { bar: 'power', label: 'power of the run', unit: 'GW', factor: 1e9 },
  campusFlop: { bar: 'power', label: 'on one campus', unit: 'FLOP', factor: 1 },
  distributedWatts: { bar: 'power', label: 'power on several campuses', unit: 'GW', factor: 1e9 },
  distributedFlop: { bar: 'power', label: 'on several campuses', unit: 'FLOP', factor: 1 },
  bandwidthFlop: { bar: 'power', label: 'what the network between them carries', unit: 'FLOP', factor: 1 },
  gpus: { bar: 'chips', label: 'chips in the run', unit: 'million H100e', factor: 1e6 },
  foundryFlop: { bar: 'chips', label: 'if every advanced wafer were a GPU', unit: 'FLOP', factor: 1 },
  tokens: { bar: 'data', label: 'effective tokens', unit: 'trillion', factor: 1e12 },
  layerSeconds: { bar: 'latency', label: 'through one layer', unit: 'µs', factor: 1e-6 },
};

/** `asOf`, a date, decides ages alone; `scenario` is the one that was computed. */
export function limitsView(result: LimitsResult, scenario: Scenario, asOf: string): LimitsView {
  const describe = (parameter: ParameterId) => describeParameter(parameter, scenario, asOf);
  return {
    address: addressOfLimits(result),
    scenario: { id: scenario.id, title: scenario.title },
    year: result.year,
    draws: result.draws,
    seed: result.seed,
    headline: headlineOf(result),
    sources: scenario.sources,
    attribution: scenario.sources
      .map((source) => [source.authors, source.title, source.date, source.licence].filter(Boolean).join(', '))
      .join('; '),
    bars: barsOf(result),
    exceedance: result.exceedance,
    coupling: couplingSentences(result),
    drivers: result.drivers.map((driver) => ({ ...describe(driver.parameter), ...driver })),
    crossing: result.crossing,
    trendFrom: scenario.trend.from,
    ...(result.inversion === undefined
      ? {}
      : {
          inversion: {
            ...result.inversion,
            levers: result.inversion.levers.map((lever) => {
              const { about, unit } = parameters[lever.parameter];
              return { ...lever, about, unit };
            }),
          },
        }),
    movement: movementOf(scenario),
    backTest: backTest(),
    errata,
    inconsistencies,
    readings,
  };
}

function barsOf({ flop, joint, attested, binding, quantities: found }: LimitsResult): Bar[] {
  const bar = (id: BarId, percentiles: Percentiles, rest: Pick<Bar, 'binding' | 'quantities'>): Bar => ({
    id,
    label: labels[id],
    flop: percentiles,
    timesGpt4: scaled(percentiles, gpt4Flop),
    ...rest,
  });
  const quantitiesOf = (id: ConstraintId) =>
    (Object.keys(quantities) as QuantityId[])
      .filter((quantity) => quantities[quantity].bar === id)
      .map((quantity) => {
        const { label, unit, factor } = quantities[quantity];
        return { id: quantity, label, unit, values: scaled(found[quantity], factor) };
      });
  return [
    ...constraintIds.map((id) => bar(id, flop[id], { binding: binding[id], quantities: quantitiesOf(id) })),
    bar('joint', joint, { quantities: [] }),
    ...(attested === undefined ? [] : [bar('attested', attested, { quantities: [] })]),
  ];
}

function scaled({ p10, p50, p90 }: Percentiles, factor: number): Percentiles {
  return { p10: p10 / factor, p50: p50 / factor, p90: p90 / factor };
}

function headlineOf({ year, joint, binding }: LimitsResult): string {
  const first = constraintIds.toSorted((a, b) => binding[b] - binding[a])[0]!;
  return (
    `The largest training run possible at the start of ${year}: ${flopText(joint.p50)} FLOP ` +
    `(80 %: ${flopText(joint.p10)} to ${flopText(joint.p90)}), ${countText(joint.p50 / gpt4Flop)} times GPT-4. ` +
    `${labels[first][0]!.toUpperCase()}${labels[first].slice(1)} binds in ${Math.round(100 * binding[first])} % of the draws.`
  );
}

function couplingSentences(result: LimitsResult): string[] {
  const { coupling, uncoupled, flop, joint, crossing, attested } = result;
  const { overhead, overheadFrom, privateDataShare, teeShare } = coupling;
  const shift =
    uncoupled === undefined
      ? []
      : [
          `All four together move from ${flopText(uncoupled.joint.p50)} to ${flopText(joint.p50)} FLOP; the trend falls under one half ` +
            `${crossingText(crossing.belowHalf)} instead of ${crossingText(uncoupled.crossing.belowHalf)}.`,
        ];
  return [
    overhead === 1
      ? `Overhead of privacy and verification: ${overheadFrom}.`
      : `Privacy and verification take ${numberText(overhead)} times the computing (${overheadFrom}), so that ${numberText(100 / overhead)} % is left for the model.`,
    privateDataShare === 0
      ? `Private data: none. Text on the web is about ${tokensText(webTokens)} tokens, with private data ${tokensText(webAndPrivateTokens)}: ${dataLimitedText()}`
      : `Private data: ${numberText(100 * privateDataShare)} % of what federated learning could reach takes part; the data limit moves from ` +
        `${flopText(uncoupled?.flop.data.p50 ?? flop.data.p50)} to ${flopText(flop.data.p50)} FLOP. On text alone, ${dataLimitedText()}`,
    teeShare === undefined || attested === undefined
      ? 'Attestation: not asked for.'
      : `Attestation: ${numberText(100 * teeShare)} % of the chips can attest, which leaves ${flopText(attested.p50)} FLOP for a run that is attested throughout.`,
    ...(isUncoupled(coupling) ? [] : shift),
  ];
}

/** The closed form for text alone, which images and video make smaller in the model. */
function dataLimitedText(): string {
  const factor = webAndPrivateTokens / webTokens;
  return `${factor} times the tokens are ${factor * factor} times the computing (C = 0.3 D²).`;
}

const crossingText = (year: number | undefined) =>
  year === undefined ? 'after 2035' : `in ${year.toFixed(1)}`;

function movementOf({ estimates }: Scenario): Movement[] {
  const durationSeconds = estimates.durationSeconds.p50;
  const months = numberText((durationSeconds / (365.25 * 86_400)) * 12);
  const { gap, growthPerYear, frontierGrowthPerYear, largestFlop, headroom } = internetTraining;
  const years = yearsToClose({
    gap,
    fasterPerYear: growthPerYear,
    slowerPerYear: frontierGrowthPerYear,
  });
  return [
    {
      label: 'utilisation begins to fall',
      flop: criticalComputeFlop({ durationSeconds }),
      note: `a run of ${months} months on H100, batch and layers growing alike (Erdil and Schneider-Joseph, 2024)`,
    },
    {
      label: 'no number of GPUs is fast enough',
      flop: latencyWallFlop({ durationSeconds }),
      note: 'the same, latency wall',
    },
    {
      label: 'largest run over the internet',
      flop: largestFlop[1],
      note: `end of 2025, ${countText(gap)} times below the frontier; at ${growthPerYear} against ${frontierGrowthPerYear} times a year that closes in ${years.toFixed(1)} years, if nothing else ends it (Sevilla, 2025)`,
    },
    {
      label: 'if all who could joined',
      flop: largestFlop[1] * headroom[1],
      note: `${headroom[0]} to ${countText(headroom[1])} times more than now, which is below the frontier of 2030 (the same)`,
    },
  ];
}

function describeParameter(parameter: ParameterId, { estimates }: Scenario, asOf: string): ParameterView {
  const { about, unit, halfLifeYears } = parameters[parameter];
  const { p10, p50, p90, from, date } = estimates[parameter];
  const described = { parameter, about, unit, estimate: { p10, p50, p90 }, from };
  if (date === undefined) return described;
  // A month without a day is taken from its first.
  const ageYears = Math.max(0, (Date.parse(asOf) - Date.parse(date)) / (365.25 * 86_400_000));
  return { ...described, ageYears, standing: 0.5 ** (ageYears / halfLifeYears) };
}

/** Two significant digits: `2.2e29`. */
export function flopText(flop: number): string {
  return flop.toExponential(1).replace('e+', 'e').replace('.0e', 'e');
}

/** A count with as many digits as mean something: `6,800`. */
export function countText(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en');
}

function numberText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}

const tokensText = (tokens: number) => `${countText(tokens / 1e12)} trillion`;
