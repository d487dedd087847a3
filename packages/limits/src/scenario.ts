/**
 * A scenario: values for all parameters, correlations among them and the trend to hold against,
 * each with its source. An overlay changes some of them and says on what it lies; scenarios other
 * than the first are overlays, and so is a reader's own file.
 */
import { MisuseError } from '@nonet/core';
import { parseRecord, printable, textSchema } from '@nonet/core/records';
import { z } from 'zod';
import { type Correlation, copulaFactor } from './copula.ts';
import { createMetalog, type Percentiles } from './metalog.ts';
import { type ParameterId, parameterIds, parameters } from './parameters.ts';

/** A publication that estimates are from. */
export interface Source {
  readonly title: string;
  readonly authors: string;
  readonly url: string;
  /** Of publication, `YYYY-MM-DD` or `YYYY-MM`. */
  readonly date: string;
  readonly licence: string;
}

/** What is believed of one parameter, in its own unit. */
export interface Estimate extends Percentiles {
  /** Where in the source it stands, or how it follows from it. */
  readonly from: string;
  /** When it was made, `YYYY-MM-DD` or `YYYY-MM`; absent where the source does not say. */
  readonly date?: string;
}

/**
 * Training compute of the largest run: so much at the start of 2024, times the growth for each
 * year.
 */
export interface Trend {
  readonly flop2024: number;
  readonly growthPerYear: number;
  readonly from: string;
}

/** The largest site, which stays the largest until `until`, a year with its fraction. */
export interface KnownSite {
  readonly watts: number;
  readonly until: number;
  readonly from: string;
}

/** An estimate of every parameter, how they move together, and the trend to compare with. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Stocks and rates are those at the start of this year. */
  readonly baseYear: number;
  /** The largest site now, and until when none is meaningfully larger; absent where not known. */
  readonly site?: KnownSite;
  readonly sources: readonly Source[];
  readonly estimates: Readonly<Record<ParameterId, Estimate>>;
  readonly correlations: readonly Correlation<ParameterId>[];
  readonly trend: Trend;
}

/** Estimates that replace some of a scenario's. */
export interface Overlay {
  readonly id: string;
  readonly title: string;
  /** Another base year needs estimates of all stocks and rates for it. */
  readonly baseYear?: number;
  readonly site?: KnownSite;
  readonly sources: readonly Source[];
  readonly estimates: Readonly<Partial<Record<ParameterId, Estimate>>>;
  /** Replace those between the same two; a rho of 0 removes one. */
  readonly correlations: readonly Correlation<ParameterId>[];
  readonly trend?: Trend;
}

/** The scenario with what the overlay changes. Throws what `checkScenario` throws. */
export function applyOverlay(base: Scenario, overlay: Overlay): Scenario {
  const between = (correlation: Correlation<ParameterId>) => correlation.between.toSorted().join(' ');
  const replaced = new Set(overlay.correlations.map(between));
  return checkScenario({
    id: overlay.id,
    title: overlay.title,
    baseYear: overlay.baseYear ?? base.baseYear,
    ...(overlay.site === undefined && base.site === undefined ? {} : { site: overlay.site ?? base.site! }),
    sources: [...overlay.sources, ...base.sources],
    estimates: { ...base.estimates, ...overlay.estimates },
    correlations: [
      ...base.correlations.filter((correlation) => !replaced.has(between(correlation))),
      ...overlay.correlations.filter(({ rho }) => rho !== 0),
    ],
    trend: overlay.trend ?? base.trend,
  });
}

/**
 * Returns the scenario. Throws `limits.bounds`, `limits.percentiles` or `limits.correlations`,
 * naming what is wrong.
 */
export function checkScenario(scenario: Scenario): Scenario {
  for (const id of parameterIds) {
    const [low, high] = parameters[id].bounds;
    const { p10, p50, p90 } = scenario.estimates[id];
    const outside = [p10, p50, p90].find((value) => !(value >= low && value <= high));
    if (outside !== undefined) {
      throw new MisuseError({
        code: 'limits.bounds',
        expected: `${id} from ${low} to ${high}${parameters[id].unit === '' ? '' : ` ${parameters[id].unit}`}`,
        found: String(outside),
        hint: `It is the ${parameters[id].about}.`,
      });
    }
    createMetalog(scenario.estimates[id], parameters[id].link, id);
  }
  for (const { between, rho } of scenario.correlations) {
    if (between[0] === between[1] || !(Math.abs(rho) <= 1)) {
      throw new MisuseError({
        code: 'limits.correlations',
        expected: 'a correlation from -1 to 1 between two different parameters',
        found: `${between.join(' and ')} ${rho}`,
      });
    }
  }
  copulaFactor(correlatedIds(scenario), scenario.correlations);
  return scenario;
}

/** The parameters that are correlated with any other, in the order of the table. */
export function correlatedIds({ correlations }: Pick<Scenario, 'correlations'>): ParameterId[] {
  const named = new Set(correlations.flatMap(({ between }) => between));
  return parameterIds.filter((id) => named.has(id));
}

const estimateSchema = z.union(
  [
    z.number(),
    z.strictObject({ p10: z.number(), p50: z.number(), p90: z.number(), from: textSchema.optional() }),
  ],
  'a number, or p10, p50 and p90',
);
const parameterSchema = z.enum(parameterIds, 'a parameter of the model');

/** A reader's own scenario, as written in a file. */
export const overlaySchema = z.strictObject({
  title: textSchema.min(1),
  /** Who says so, and where. */
  source: textSchema.min(1),
  /** When they said so. */
  date: z.iso.date().optional(),
  /** The scenario that it changes. */
  base: z.string().default('epoch2024'),
  /** A number is a known value; otherwise percentiles. */
  parameters: z.partialRecord(parameterSchema, estimateSchema).default({}),
  correlations: z.array(z.tuple([parameterSchema, parameterSchema, z.number()])).default([]),
  trend: z.strictObject({ flop2024: z.number().positive(), growthPerYear: z.number().gt(1) }).optional(),
});
/** A value of `overlaySchema`. */
export type OverlayFile = z.infer<typeof overlaySchema>;

/** Throws `scenario.malformed`, naming the field. */
export function parseOverlayFile(value: unknown): OverlayFile {
  return parseRecord(overlaySchema, value, 'scenario');
}

/**
 * `name` becomes the id. Throws `limits.scenario` if the base is none of `bases`, and what
 * `applyOverlay` throws.
 */
export function overlayFromFile(
  file: OverlayFile,
  name: string,
  bases: Readonly<Record<string, Scenario>>,
): Scenario {
  const base = Object.hasOwn(bases, file.base) ? bases[file.base] : undefined;
  if (base === undefined) {
    throw new MisuseError({
      code: 'limits.scenario',
      expected: `base to be one of ${Object.keys(bases).join(', ')}`,
      found: JSON.stringify(printable(file.base)),
    });
  }
  const date = file.date === undefined ? {} : { date: file.date };
  const estimates: Partial<Record<ParameterId, Estimate>> = {};
  for (const id of parameterIds) {
    const estimate = file.parameters[id];
    if (estimate === undefined) continue;
    const { from = file.source, ...percentiles } =
      typeof estimate === 'number' ? { p10: estimate, p50: estimate, p90: estimate } : estimate;
    estimates[id] = { ...percentiles, from, ...date };
  }
  return applyOverlay(base, {
    id: name,
    title: file.title,
    sources: [{ title: file.source, authors: '', url: '', date: file.date ?? '', licence: '' }],
    estimates,
    correlations: file.correlations.map(([a, b, rho]) => ({ between: [a, b], rho })),
    ...(file.trend === undefined ? {} : { trend: { ...file.trend, from: file.source } }),
  });
}
