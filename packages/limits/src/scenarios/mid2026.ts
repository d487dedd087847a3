/**
 * What public data of 2025 and 2026 say, as of mid-2026: the stock of chips and its growth, the
 * largest sites, packaging and memory as two supplies, the largest known run. Stocks hold at the
 * start of 2026. Three kinds of entries, told apart in their own words: what a source states; what
 * follows from stated figures ("derived"); what was read only where others quote it ("reported").
 * The spread of an entry whose source gives one figure is ours. Everything else is as in 2024, with
 * two years of its own growth.
 */
import { applyOverlay, type Estimate, type Source } from '../scenario.ts';
import { epoch2024 } from './epoch2024.ts';

const byEpoch = (title: string, path: string, date: string): Source => ({
  title,
  authors: 'Epoch AI',
  url: `https://epoch.ai/${path}`,
  date,
  licence: 'CC BY',
});

const sites = byEpoch(
  'The record for computing capacity in a single data center has doubled every 7 months',
  'data-insights/largest-data-center-compute',
  '2026-06-11',
);
/** Pages without a date of their own count from the end of their data. */
const components = byEpoch(
  'AI chip components, data to the end of 2025',
  'data/ai-chip-components',
  '2025-12-31',
);
const sales = byEpoch('AI chip sales', 'data/ai-chip-sales', '2026-01-08');
const power = byEpoch(
  'Power of all AI chips sold by the end of 2025',
  'data-insights/ai-datacenter-power',
  '2025-12-31',
);
const hub = byEpoch('Frontier data centers', 'data/data-centers', '2025-11-04');
const packaging: Source = {
  title: 'CoWoS capacity to the end of 2027, by JPMorgan and in the trade press',
  authors: 'itiger.com 1159152887; copperroad.news; alphasteve.pages.dev',
  url: 'https://alphasteve.pages.dev/papers/2026-05-27-hbm-replaces-cowos-binding-constraint-inversion',
  date: '2026-05-27',
  licence: 'single figures, as reported there',
};
const run: Source = {
  title: 'Will an entity train a model with at least 1e27 operations before 1 June 2027?',
  authors: 'RAND Forecasting Initiative, quoting Epoch AI',
  url: 'https://www.randforecastinginitiative.org/questions/1657-will-a-u-s-or-non-u-s-entity-train-an-artificial-intelligence-model-at-least-10-27-computational-operations-flops-before-1-june-2027',
  date: '2025-09-17',
  licence: 'single figures, as quoted there',
};

const estimate = (
  [p10, p50, p90]: readonly [number, number, number],
  from: string,
  { date }: Source,
): Estimate => ({ p10, p50, p90, from, date });

/** The 2024 estimate, two years of its own growth later. */
function grown(id: keyof typeof epoch2024.estimates, factor: number): Estimate {
  const { p10, p50, p90, from } = epoch2024.estimates[id];
  const scaled = (value: number) => Number((value * factor).toPrecision(3));
  return {
    p10: scaled(p10),
    p50: scaled(p50),
    p90: scaled(p90),
    from: `derived: that of 2024, times ${factor} for two years (${from})`,
    date: epoch2024.sources[0]!.date,
  };
}

export const mid2026 = applyOverlay(epoch2024, {
  id: 'mid2026',
  title: 'Public data to mid-2026',
  baseYear: 2026,
  site: {
    watts: 1.2e9,
    until: 2027.5,
    from: 'sites of 1 to 1.4 GW in 2026, and none with meaningfully more until the second half of 2027 (Epoch AI, 4 November 2025 and 11 June 2026)',
  },
  sources: [sites, components, sales, power, hub, packaging, run],
  estimates: {
    gpuStock: estimate(
      [1.4e7, 1.6e7, 2e7],
      'more than 15 million H100 equivalents at the end of 2025, sold and not retired; the spread is ours',
      sales,
    ),
    gpuProduction: estimate(
      [1.5e7, 1.9e7, 2.3e7],
      'derived: the stock grows 3.3 times a year (2.7 to 4.1), and a stock of 16 million that grows g times a year needs 16 ln g million a year; the four designers took about 90 % of packaging',
      sales,
    ),
    productionGrowth: estimate(
      [1.18, 1.45, 1.9],
      'reported: CoWoS 35,000 wafers a month at the end of 2024, 95,000 to 130,000 at the end of 2026, 112,000 to 170,000 at the end of 2027; p10 is the slowest reading after 2026, p90 that of 2024 to 2026, the median lies between',
      packaging,
    ),
    memoryProduction: estimate(
      [1.6e7, 2.1e7, 2.6e7],
      'derived: the four designers took about 90 % of high-bandwidth memory for what was packaged, so that all of it would serve 1 / 0.9 times as many; the spread is ours',
      components,
    ),
    memoryGrowth: estimate(
      [1.3, 1.45, 1.6],
      'reported: Samsung from 170,000 to 250,000 wafers a month in 2026 (47 %), makers sold out to the end of it; 45 to 60 % a year in the text of 2024',
      packaging,
    ),
    wafersPerMonth: grown('wafersPerMonth', 1.26),
    diesPerWafer: {
      ...grown('diesPerWafer', 1.14),
      from: 'derived: that of 2024, times 1.14 for what a die of the B200 does against the H100',
    },
    gpuWatts: estimate(
      [620, 1000, 2000],
      'derived: p90 from 30 GW for all 15 million sold, with servers and cooling; p10 from 5 million H100 equivalents planned at a site of over 3 GW (reported of Epoch AI’s hub); the median lies between',
      power,
    ),
    usAiWatts: estimate(
      [1.5e10, 1.8e10, 2.25e10],
      'derived: 30 GW worldwide at the end of 2025, of which the US has half (its share of 2030 with EPRI) to three quarters (of known clusters, arXiv 2504.16026)',
      power,
    ),
    usDataCentreWatts: estimate(
      [5e10, 6.1e10, 7.5e10],
      'derived: those not for AI as in 2024, two years on (43 GW), and those for AI',
      power,
    ),
    dataCentreGrowth: estimate(
      [1.12, 1.2, 1.32],
      'derived: leaves 38, 67 and 127 GW for AI in the US in 2030; EPRI says over 50',
      hub,
    ),
    campusWatts: estimate(
      [3e9, 6e9, 1.2e10],
      'derived: sites of 1 GW now, little more until mid-2027, then the trend again: computing doubles every 7 months, 3.3 times a year, and power 2.4 times at 1.4 times the efficiency, which gives 10 GW in 2030; p10 is the largest site that is planned for 2028; arXiv 2504.16026 has 9 GW in 2030',
      sites,
    ),
    efficiencyGrowth: {
      p10: 1.26,
      p50: 1.33,
      p90: 1.4,
      from: 'as in EPRI 2025: 26 % a year over all GPUs to 40 % for the leading ones',
      date: '2025-08',
    },
    linkBitPerSecond: grown('linkBitPerSecond', 2.25),
    textTokens: grown('textTokens', 1.145),
    images: grown('images', 1.145),
    videoSeconds: grown('videoSeconds', 1.145),
    audioSeconds: grown('audioSeconds', 1.145),
  },
  correlations: [],
  trend: {
    flop2024: 5.1e25,
    growthPerYear: 4.5,
    from: 'the largest known run, 5e26 FLOP (Grok 4, July 2025, as quoted), growing by 4 to 5 a year; put back to the start of 2024',
  },
});
