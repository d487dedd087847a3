/**
 * Forecasts against what was recorded since. Two scores: whether the run lies in the forecast's 80
 * % interval, and the continuous ranked probability score (CRPS; Gneiting and Raftery, 2007) in
 * decades of FLOP: the mean distance between forecast and outcome less half the forecast's own
 * spread; 0 is a certain and right forecast. Few runs were recorded, so the scores are shown with
 * their number.
 */
import { exp, ln } from './arithmetic.ts';
import { createMetalog, metalogQuantile, type Percentiles } from './metalog.ts';
import { type RecordedRun, recordedRuns } from './recordedRuns.ts';

/** Compute of the largest run grows from so much by a factor a year that is itself uncertain. */
export interface Forecast {
  readonly title: string;
  readonly from: string;
  readonly date: string;
  readonly flop: number;
  readonly growthPerYear: Percentiles;
}

/**
 * The source gives one rate; that half of it and twice of it are its 80 % interval is our reading.
 */
const rate = { p10: 10, p50: 20, p90: 40 };

export const forecasts: readonly Forecast[] = [
  {
    title: 'decentralised runs grow 20 times a year, from INTELLECT-1',
    from: 'Epoch AI, "How far can decentralized training over the internet scale?", 29 December 2025: growth since 2020',
    date: '2024-12-02',
    flop: 6e22,
    growthPerYear: rate,
  },
  {
    title: 'decentralised runs grow 20 times a year, from the largest of 2025',
    from: 'the same, from the upper end of its 6e22 to 6e23 FLOP',
    date: '2025-12-29',
    flop: 6e23,
    growthPerYear: rate,
  },
];

export interface Score {
  readonly forecast: Forecast;
  readonly run: RecordedRun;
  readonly predicted: Percentiles;
  readonly found: number;
  readonly inside: boolean;
  readonly crpsDecades: number;
}

export interface BackTest {
  readonly scores: readonly Score[];
  /** Runs that a forecast could be held to. */
  readonly runs: number;
  readonly coverage: number;
  readonly crpsDecades: number;
}

const dayMilliseconds = 86_400_000;

function yearsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / dayMilliseconds / 365.25;
}

/**
 * Completed decentralised runs of known compute after the forecast's date, against the forecast for
 * their day.
 */
export function backTest(given = forecasts, runs = recordedRuns): BackTest {
  const scores = given.flatMap((forecast) =>
    runs.flatMap((run) => {
      if (!run.completed || !run.decentralised || run.flop === undefined || run.date <= forecast.date)
        return [];
      return [scoreOf(forecast, run, run.flop)];
    }),
  );
  const mean = (of: (score: Score) => number) =>
    scores.length === 0 ? 0 : scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  return {
    scores,
    runs: new Set(scores.map(({ run }) => run.name)).size,
    coverage: mean(({ inside }) => Number(inside)),
    crpsDecades: mean((score) => score.crpsDecades),
  };
}

function scoreOf(forecast: Forecast, run: RecordedRun, found: number): Score {
  const years = yearsBetween(forecast.date, run.date);
  const growth = createMetalog(forecast.growthPerYear, { type: 'log', lowest: 0 }, forecast.title);
  const logarithm = (p: number) => ln(forecast.flop) + years * ln(metalogQuantile(growth, p));
  const predicted = { p10: exp(logarithm(0.1)), p50: exp(logarithm(0.5)), p90: exp(logarithm(0.9)) };
  return {
    forecast,
    run,
    predicted,
    found,
    inside: found >= predicted.p10 && found <= predicted.p90,
    crpsDecades: crps(logarithm, ln(found)) / Math.LN10,
  };
}

/**
 * CRPS is twice the mean pinball loss over all probabilities; the mean is taken at the middles of
 * 1000 equal parts.
 */
export function crps(quantile: (p: number) => number, outcome: number): number {
  const parts = 1000;
  let sum = 0;
  for (let i = 0; i < parts; i++) {
    const p = (i + 0.5) / parts;
    const distance = outcome - quantile(p);
    sum += distance >= 0 ? p * distance : (p - 1) * distance;
  }
  return (2 * sum) / parts;
}
