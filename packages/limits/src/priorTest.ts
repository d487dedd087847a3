/**
 * The inputs of 2024 held against what was observed in 2025 and 2026: the same draws, evaluated at
 * the observation's date instead of 2030. It tests inputs, not the limits, which nobody can test
 * before 2030.
 */
import { wholePower } from './arithmetic.ts';
import { chipLimit, powerLimit } from './constraints.ts';
import { trendFlop } from './crossing.ts';
import type { Percentiles } from './metalog.ts';
import type { Inputs } from './parameters.ts';
import { epoch2024 } from './scenarios/epoch2024.ts';
import { drawParameters, horizonOf, inputsOf } from './simulate.ts';
import { percentilesOf } from './statistics.ts';

/** One thing that was seen, and how the inputs of 2024 foresaw it. */
export interface Observation {
  readonly quantity: string;
  /** In a unit that people use. */
  readonly unit: string;
  readonly observed: number;
  /** When it held. */
  readonly date: string;
  /** Who says so, where and when. */
  readonly source: string;
  readonly predicted: Percentiles;
  /** Whether it lies between the 10th and the 90th percentile. */
  readonly inside: boolean;
  /** Observed over the median that was foreseen. */
  readonly factor: number;
  /** `low`, `high`: by more than a tenth of the median. */
  readonly ran: 'low' | 'high' | 'as seen';
}

/** What the inputs of 2024 foresaw, where they ran low, and where they held. */
export interface PriorTest {
  readonly scenario: string;
  readonly observations: readonly Observation[];
  /** In one sentence. */
  readonly summary: string;
}

interface Seen {
  readonly quantity: string;
  readonly unit: string;
  readonly observed: number;
  readonly date: string;
  readonly source: string;
  /** From one draw, two years after the base of 2024; a number where nothing is drawn. */
  readonly foresee: ((x: Inputs) => number) | number;
}

/** The start of 2026. */
const horizon = horizonOf(epoch2024, 2026);
const stock = (x: Inputs) => chipLimit(x, horizon).gpus / x.trainingShare;

const seen: readonly Seen[] = [
  {
    quantity: 'chips for AI in the world',
    unit: 'million H100e',
    observed: 15,
    date: '2026-01',
    source: 'Epoch AI, AI chip sales, 8 January 2026: more than 15 million',
    foresee: (x) => stock(x) / 1e6,
  },
  {
    quantity: 'growth of that stock',
    unit: 'times a year',
    observed: 3.3,
    date: '2026-01',
    source: 'Epoch AI, January 2026: 3.3 times a year since 2022 (90 %: 2.7 to 4.1)',
    foresee: (x) => Math.sqrt(stock(x) / x.gpuStock),
  },
  {
    quantity: 'growth of packaging',
    unit: 'times a year',
    observed: 1.9,
    date: '2026-05',
    source:
      'reported: CoWoS 35,000 wafers a month at the end of 2024, 120,000 to 130,000 planned for the end of 2026',
    foresee: (x) => x.productionGrowth,
  },
  {
    quantity: 'power of US data centres for AI',
    unit: 'GW',
    observed: 15,
    date: '2026-01',
    source:
      'Epoch AI: 30 GW for all AI chips sold by the end of 2025; the half of it that is surely in the US',
    foresee: (x) => powerLimit(x, horizon).distributedWatts / x.trainingShare / 1e9,
  },
  {
    quantity: 'power of the largest site',
    unit: 'GW',
    observed: 1,
    date: '2026-01',
    source:
      'Epoch AI, 4 November 2025 and 11 June 2026: the first sites of 1 GW in 2026, little more until mid-2027',
    foresee: (x) => x.campusWatts / wholePower(x.dataCentreGrowth, horizon.campusYears - horizon.years) / 1e9,
  },
  {
    quantity: 'largest known training run',
    unit: 'FLOP',
    observed: 5e26,
    date: '2025-07',
    source: 'Grok 4, by Epoch AI’s estimate as RAND quotes it on 17 September 2025',
    // The trend at the middle of 2025: between the starts of 2025 and 2026 by their geometric mean.
    foresee: Math.sqrt(trendFlop(epoch2024.trend, 2025) * trendFlop(epoch2024.trend, 2026)),
  },
];

const draws = 4000;
let computed: PriorTest | undefined;

/** The inputs of August 2024 against what was seen since. Computed once. */
export function testPriors(): PriorTest {
  computed ??= computePriorTest();
  return computed;
}

function computePriorTest(): PriorTest {
  const inputs = inputsOf(drawParameters(epoch2024, { draws, seed: 1 }));
  const observations = seen.map(({ foresee, ...observation }): Observation => {
    const predicted =
      typeof foresee === 'number'
        ? { p10: foresee, p50: foresee, p90: foresee }
        : percentilesOf(Float64Array.from({ length: draws }, (_, draw) => foresee(inputs(draw))));
    const { observed } = observation;
    const factor = observed / predicted.p50;
    return {
      ...observation,
      predicted,
      inside: observed >= predicted.p10 && observed <= predicted.p90,
      factor,
      ran: factor > 1.1 ? 'low' : factor < 0.9 ? 'high' : 'as seen',
    };
  });
  return { scenario: epoch2024.title, observations, summary: summaryOf(observations) };
}

function summaryOf(observations: readonly Observation[]): string {
  const low = observations.filter(({ ran }) => ran === 'low');
  const named = low.map(({ quantity, factor }) => `${quantity} (${factor.toFixed(1)} times the median)`);
  const high = observations.filter(({ ran }) => ran === 'high').map(({ quantity }) => quantity);
  return [
    `Of ${observations.length} things that were seen since, the inputs of 2024 ran low on ${low.length}: ${named.join(', ')}.`,
    high.length === 0 ? '' : `They ran high on ${high.join(' and ')}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
