/**
 * The four constraints on the largest training run at the start of a year, after Epoch AI, "Can AI
 * scaling continue through 2030?" (CC BY 4.0), in FLOP of the whole run. Each is a pure function of
 * one value per parameter and of the years since the scenario's base. Arithmetic is that of
 * `arithmetic.ts`, so results have the same bits everywhere.
 *
 * Not in the model: money, regulation, synthetic data, better algorithms, other countries' power.
 */
import { exp, ln, power, wholePower } from './arithmetic.ts';
import type { Inputs } from './parameters.ts';

/**
 * How far ahead of a scenario's base the limits hold. The campus is estimated for 2030,
 * `campusYears` ahead; in another year it is larger or smaller as all US data centres are (our
 * assumption), unless the largest site until then is known.
 */
export interface Horizon {
  readonly years: number;
  readonly campusYears: number;
  /** The largest site, which stays the largest for so many years; then it grows to the campus. */
  readonly site?: { readonly watts: number; readonly years: number };
}

/** Bits of one gradient on its way: 8. C = 6 N D with D = 20 N is 120 N². */
const gradientBits = 8;
const tokensPerParameter = 20;
const flopPerParameterSquared = 6 * tokensPerParameter;
const fibreKilometresPerSecond = 2e5;

/**
 * The limit by electric power, with the two ways to it: a campus, and data centres in a network.
 * FLOP of the whole run.
 */
export interface PowerLimit {
  readonly flop: number;
  /** What the run draws at this limit. */
  readonly watts: number;
  readonly campusFlop: number;
  readonly distributedWatts: number;
  readonly distributedFlop: number;
  /** What the network between data centres allows. */
  readonly bandwidthFlop: number;
}

/** Power: one campus, or several as far as the network between them carries, whichever is more. */
export function powerLimit(x: Inputs, horizon: Horizon): PowerLimit {
  const { years } = horizon;
  // Step 1. What is left for AI in the US: all data centres less the others, which do not outgrow
  // all.
  const all = Math.min(x.usDataCentreWatts * wholePower(x.dataCentreGrowth, years), x.usTotalWatts);
  const others =
    (x.usDataCentreWatts - x.usAiWatts) * wholePower(Math.min(x.otherGrowth, x.dataCentreGrowth), years);
  const distributedWatts = Math.max(0, all - others) * x.trainingShare;
  // Step 2. FLOP per watt over the whole run.
  const flopPerWatt =
    (x.peakFlopPerSecond / x.gpuWatts) *
    wholePower(x.efficiencyGrowth, years) *
    x.utilisation *
    x.durationSeconds;
  const distributedFlop = distributedWatts * flopPerWatt;
  const campusWatts = campusAt(x, horizon);
  const campusFlop = campusWatts * flopPerWatt;
  // Step 3. The larger of the two ways.
  const bandwidthFlop = bandwidthLimit(x, years);
  const flop = Math.max(campusFlop, Math.min(distributedFlop, bandwidthFlop));
  return { flop, watts: flop / flopPerWatt, campusFlop, distributedWatts, distributedFlop, bandwidthFlop };
}

/** The largest campus, in W: from a known site by equal factors a year to the estimate for 2030. */
function campusAt(x: Inputs, { years, campusYears, site }: Horizon): number {
  if (site === undefined || years >= campusYears) {
    return x.campusWatts * growthOver(x.dataCentreGrowth, years - campusYears);
  }
  const way = Math.max(0, years - site.years) / (campusYears - site.years);
  return site.watts * power(Math.max(1, x.campusWatts / site.watts), way);
}

/** growth^years for whole years of either sign. */
function growthOver(growth: number, years: number): number {
  return years >= 0 ? wholePower(growth, years) : 1 / wholePower(growth, -years);
}

/**
 * An update takes t = 2 · 8 N / F + 2 loop / fibre; T / t updates of B tokens make D = 20 N. So
 * (320 / F) N² + (40 loop / fibre) N = T B, and C = 120 N² (appendix C).
 */
function bandwidthLimit(x: Inputs, years: number): number {
  const bitPerSecond = x.linkBitPerSecond * wholePower(x.linkGrowth, years);
  const a = (2 * gradientBits * tokensPerParameter) / bitPerSecond;
  const b = (2 * tokensPerParameter * x.loopKilometres) / fibreKilometresPerSecond;
  const c = x.durationSeconds * x.batchTokens;
  const n = (2 * c) / (b + Math.sqrt(b * b + 4 * a * c));
  return flopPerParameterSquared * n * n;
}

/** The limit by the production of chips: FLOP of the whole run. */
export interface ChipLimit {
  readonly flop: number;
  /** H100 equivalents in the run. */
  readonly gpus: number;
  /** If every advanced wafer of TSMC became GPUs. */
  readonly foundryFlop: number;
  /** What holds production back in the last year. */
  readonly scarcest: SupplyId;
}

/** What chips are made of, in the order in which they are shown. */
export const supplyIds = ['packaging', 'memory', 'wafers'] as const;
/** One of `supplyIds`. */
export type SupplyId = (typeof supplyIds)[number];

/**
 * Chips: the stock at the base and what is made until the year, within what packaging, memory and
 * wafers allow. Production is taken at mid-year.
 */
export function chipLimit(x: Inputs, { years }: Pick<Horizon, 'years'>): ChipLimit {
  const waferGrowth = 1 + (x.capexGrowth - 1) * x.waferResponse;
  let packaged = Math.sqrt(x.productionGrowth) * x.gpuProduction;
  let withMemory = Math.sqrt(x.memoryGrowth) * x.memoryProduction;
  let dies = 12 * x.wafersPerMonth * Math.sqrt(waferGrowth) * x.diesPerWafer;
  let speed = Math.sqrt(x.flopGrowth);
  let gpus = x.gpuStock;
  let foundry = 0;
  let scarcest: SupplyId = 'packaging';
  for (let year = 0; year < years; year++) {
    const made = Math.min(packaged, withMemory, dies);
    gpus += made * speed;
    foundry += dies * speed;
    scarcest = made === packaged ? 'packaging' : made === withMemory ? 'memory' : 'wafers';
    packaged *= x.productionGrowth;
    withMemory *= x.memoryGrowth;
    dies *= waferGrowth;
    speed *= x.flopGrowth;
  }
  const flopPerGpu = x.peakFlopPerSecond * x.utilisation * x.durationSeconds;
  const inRun = gpus * x.trainingShare;
  return {
    flop: inRun * flopPerGpu,
    gpus: inRun,
    foundryFlop: foundry * x.trainingShare * flopPerGpu,
    scarcest,
  };
}

/** The limit by training data: FLOP of the whole run. */
export interface DataLimit {
  readonly flop: number;
  /** Effective tokens: repeated, and only what is good enough. */
  readonly tokens: number;
}

/** Data: the largest balanced run on all tokens, C = 6 D (D / 20) = 0.3 D². */
export function dataLimit(x: Inputs, { years }: Pick<Horizon, 'years'>): DataLimit {
  const stock =
    x.textTokens + (x.images + x.videoSeconds) * x.tokensPerFrame + x.audioSeconds * x.tokensPerAudioSecond;
  const tokens = stock * wholePower(x.dataGrowth, years) * x.quality * x.epochs;
  return { tokens, flop: (6 / tokensPerParameter) * tokens * tokens };
}

/**
 * Llama 3.1: 405 billion parameters, batches of 16 million tokens (arXiv 2407.21783). Layers and
 * batch grow from there by their exponents.
 */
const anchor = { parameters: 4.05e11, batchTokens: 1.6e7 };
/** L = 0.088 N^0.27 at the anchor: 120 layers; it has 126. */
const anchorLayers = 0.088 * power(anchor.parameters, 0.27);
/** Two passes of four matrix products per layer. */
const productsPerLayer = 8;
/** GPUs along each dimension of the tensor-parallel square inside a server. */
const gpusPerDimension = 2.75;

/** The limit by the time that a step takes at least: FLOP of the whole run. */
export interface LatencyLimit {
  readonly flop: number;
  /** Through one layer, forward and back. */
  readonly layerSeconds: number;
}

/**
 * Latency: a run is over in time only if its updates, one after the other through all layers, are.
 * Solve for N
 *
 *     T = t(N) L(N) D / B(N),  D = 20 N,  C = 120 N²,
 *     t(N) = 8 (kernel + exchange + 2 (hop r + level log2 (TP / r))),  TP = max(1, sqrt(GPUs · 330 / B)),  GPUs = C / (T H),  r = 2.75.
 *
 * In y = ln N everything but ln t is linear, and t is constant up to one point and linear after it.
 * So the equation has one root, which is either explicit or found by Newton's method from the left,
 * where the function is concave: it climbs to the root and stops at a relative step of 1e-13 in ln
 * N.
 */
export function latencyLimit(x: Inputs, { years }: Pick<Horizon, 'years'>): LatencyLimit {
  const gpuFlopPerSecond = x.peakFlopPerSecond * x.utilisation * wholePower(x.flopGrowth, years);
  const lnAnchor = ln(anchor.parameters);
  // ln (updates in sequence · layers / T) = constant + slope y
  const slope = x.layerExponent + 1 - x.batchExponent;
  const constant =
    ln((anchorLayers * tokensPerParameter) / (anchor.batchTokens * x.durationSeconds)) +
    (x.batchExponent - x.layerExponent) * lnAnchor;
  // ln TP = parallelConstant + parallelSlope y; the network's levels begin where TP > r.
  const parallelSlope = (2 - x.batchExponent) / 2;
  const parallelConstant =
    (ln(
      (flopPerParameterSquared * x.rankTokens) / (x.durationSeconds * gpuFlopPerSecond * anchor.batchTokens),
    ) +
      x.batchExponent * lnAnchor) /
    2;
  const base =
    productsPerLayer * (x.kernelSeconds + x.exchangeSeconds + 2 * x.nodeHopSeconds * gpusPerDimension);
  const perY = (2 * productsPerLayer * x.networkHopSeconds * parallelSlope) / Math.LN2;
  const kink = (ln(gpusPerDimension) - parallelConstant) / parallelSlope;

  let y = -(constant + ln(base)) / slope;
  let layerSeconds = base;
  if (y > kink) {
    y = kink;
    for (let i = 0; i < 50; i++) {
      layerSeconds = base + perY * (y - kink);
      const step = -(constant + slope * y + ln(layerSeconds)) / (slope + perY / layerSeconds);
      y += step;
      if (Math.abs(step) <= 1e-13 * Math.abs(y)) break;
    }
    layerSeconds = base + perY * (y - kink);
  }
  const n = exp(y);
  return { flop: flopPerParameterSquared * n * n, layerSeconds };
}
