/**
 * What a terminal or a page shows of a result: plain data, with labels, sources and ages beside the
 * numbers. What renders it derives nothing.
 */
import type { Address } from '@nonet/core';
import { type BackTest, backTest } from './backTest.ts';
import { addressOfLimits, type Exceedance, type InputSet, type LimitsResult } from './compute.ts';
import { type SupplyId, supplyIds } from './constraints.ts';
import { isUncoupled, webAndPrivateTokens, webTokens } from './coupling.ts';
import type { Crossing } from './crossing.ts';
import { criticalComputeFlop, internetTraining, latencyWallFlop, yearsToClose } from './decentralised.ts';
import { type Difference, errata, inconsistencies, readings } from './differences.ts';
import type { Percentiles } from './metalog.ts';
import { type ConstraintId, constraintIds, type ParameterId, parameters } from './parameters.ts';
import { type PriorTest, testPriors } from './priorTest.ts';
import type { Scenario, Source } from './scenario.ts';
import type { Inversion, Lever } from './sensitivity.ts';
import type { QuantityId } from './simulate.ts';

/** Training compute of GPT-4 as the source of the model takes it. */
export const gpt4Flop = 2e25;

/** What a bar shows: a constraint, all four, or all four where the chips must attest. */
export type BarId = ConstraintId | 'joint' | 'attested';

/** A quantity behind a limit, as it is shown. */
export interface Quantity {
  readonly id: QuantityId;
  readonly label: string;
  /** In a unit that people use: GW, million H100e, trillion tokens, µs, FLOP. */
  readonly unit: string;
  readonly values: Percentiles;
}

/** One limit, as it is shown. */
export interface Bar {
  readonly id: BarId;
  readonly label: string;
  readonly flop: Percentiles;
  readonly timesGpt4: Percentiles;
  /** Share of the draws in which it is the least of the four. */
  readonly binding?: number;
  readonly quantities: readonly Quantity[];
}

/** A parameter with its estimate and how old that is. */
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

/** A parameter with what the joint limit owes to it (see `Driver`). */
export interface DriverView extends ParameterView {
  readonly rank: number;
  readonly atP10: number;
  readonly atP90: number;
}

/** A lever with the words of its parameter. */
export interface LeverView extends Lever {
  readonly about: string;
  readonly unit: string;
}

/** What the joint limit would be if one thing were different: FLOP. */
export interface Movement {
  readonly label: string;
  readonly flop: number;
  readonly note: string;
}

/** One set of inputs beside the others: multiples of GPT-4, and what decides. */
export interface SetView extends Omit<InputSet, 'joint'> {
  readonly flop: Percentiles;
  readonly timesGpt4: Percentiles;
  /** Its hero sentence. */
  readonly hero: string;
}

/** Limits as pages and terminals show them. */
export interface LimitsView {
  readonly address: Address;
  /** `site`: the largest site now, in words, where the scenario knows one. */
  readonly scenario: { readonly id: string; readonly title: string; readonly site?: string };
  readonly year: number;
  readonly draws: number;
  readonly seed: number;
  /** One sentence for a reader in a hurry, computed from the draws. */
  readonly hero: string;
  readonly headline: string;
  /** Published sets of inputs for the same year, where they were computed. */
  readonly sets: readonly SetView[];
  /** What holds the production of chips back in the last year, share of the draws. */
  readonly supply: Readonly<Record<SupplyId, number>>;
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
  readonly priors: PriorTest;
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
    scenario: {
      id: scenario.id,
      title: scenario.title,
      ...(scenario.site === undefined
        ? {}
        : { site: `${numberText(scenario.site.watts / 1e9)} GW: ${scenario.site.from}` }),
    },
    year: result.year,
    draws: result.draws,
    seed: result.seed,
    hero: heroOf(result),
    headline: headlineOf(result),
    sets: (result.sets ?? []).map(({ joint, ...set }) => ({
      ...set,
      flop: joint,
      timesGpt4: scaled(joint, gpt4Flop),
      hero: heroOf({ ...set, joint, year: result.year }),
    })),
    supply: result.supply,
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
    priors: testPriors(),
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

const mostOften = (binding: LimitsResult['binding']) =>
  constraintIds.toSorted((a, b) => binding[b] - binding[a])[0]!;

/** What a constraint is called outside the field. */
const plainNames: Readonly<Record<ConstraintId, string>> = {
  power: 'electricity',
  chips: 'the supply of chips',
  data: 'the supply of data',
  latency: 'the time that signals take',
};

/** `By 2030 ... about 7,000 times GPT-4; electricity decides in two cases of three.` */
function heroOf({ year, joint, binding }: Pick<LimitsResult, 'year' | 'joint' | 'binding'>): string {
  const first = mostOften(binding);
  return (
    `At the start of ${year} the largest training run could be about ${roughText(joint.p50 / gpt4Flop)} times GPT-4; ` +
    `${plainNames[first]} decides ${casesText(binding[first])}.`
  );
}

/** One significant digit, two where the first is 1: `7,000`, `13,000`. */
function roughText(value: number): string {
  return Number(value.toPrecision(value.toExponential().startsWith('1') ? 2 : 1)).toLocaleString('en');
}

const counts = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const fractions = [2, 3, 4, 5, 10].flatMap((of) =>
  Array.from({ length: of - 1 }, (_, i) => ({ cases: i + 1, of, share: (i + 1) / of })),
);

/** `in two cases of three`: the nearest fraction with a small denominator. */
export function casesText(share: number): string {
  if (share > 0.95) return 'in nearly all cases';
  // Tenths only where no simpler fraction is within three hundredths.
  const near = fractions.toSorted((a, b) => Math.abs(a.share - share) - Math.abs(b.share - share));
  const simple = near.find(({ of, share: fraction }) => of < 10 && Math.abs(fraction - share) <= 0.03);
  const { cases, of } = simple ?? near[0]!;
  return `in ${counts[cases]} ${cases === 1 ? 'case' : 'cases'} of ${counts[of]}`;
}

function headlineOf({ year, joint, binding }: LimitsResult): string {
  const first = mostOften(binding);
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

/** What holds the production of chips back, the most often first: `packaging 50, memory 39, wafers 11 %`. */
export function supplyText(supply: LimitsView['supply']): string {
  return supplyIds
    .toSorted((a, b) => supply[b] - supply[a])
    .filter((id) => supply[id] >= 0.005)
    .map((id) => `${id} ${Math.round(100 * supply[id])}`)
    .join(', ')
    .concat(' %');
}

/** A count with as many digits as mean something: `6,800`. */
export function countText(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en');
}

function numberText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}

const tokensText = (tokens: number) => `${countText(tokens / 1e12)} trillion`;
