/**
 * What distance and links allow beyond the four constraints: where data movement begins to cost and
 * where it ends a run, after Erdil and Schneider-Joseph, "Data movement bottlenecks to large-scale
 * model training" (2024; formulas only), and how far training over the internet is behind, after
 * Sevilla, "How far can decentralized training over the internet scale?" (Epoch AI, 29 December
 * 2025).
 */
import { ln, power } from './arithmetic.ts';

/** Batch and layers at `flop`, from which both grow. */
const reference = { flop: 3e23, batchTokens: 4e6, layers: 100 };
/** 4.5 µs for a matrix product, twice. */
const layerLatencySeconds = 9e-6;

/** A server of eight GPUs in units of 16-bit words. */
export interface Server {
  /** Multiply-accumulates. */
  readonly macPerSecond: number;
  /** Multiply-accumulates per word from its own memory. */
  readonly macPerMemoryWord: number;
  /** 4/3 of the multiply-accumulates per word over the network: 4 M / (3 words per second). */
  readonly networkIntensity: number;
}

/** Eight H100: 4.95e14 MAC/s each, 8 × 50 GB/s of network. */
export const h100Server: Server = {
  macPerSecond: 8 * 4.95e14,
  macPerMemoryWord: 590,
  networkIntensity: 26_400,
};

/**
 * `exponent`: by how much faster the batch grows with compute than the layers do; 0 is neutral, and
 * the great uncertainty of both formulas.
 */
export interface DataMovement {
  readonly durationSeconds: number;
  readonly exponent?: number;
}

function batchOverLayers(exponent: number): number {
  return (reference.batchTokens / reference.layers) * power(reference.flop, -exponent);
}

/**
 * FLOP at which utilisation begins to fall because gradients and activations cannot move fast
 * enough.
 */
export function criticalComputeFlop(
  { durationSeconds, exponent = 0 }: DataMovement,
  server = h100Server,
): number {
  const { macPerSecond, macPerMemoryWord, networkIntensity } = server;
  const base =
    (batchOverLayers(exponent) * macPerSecond * durationSeconds) /
    (networkIntensity * networkIntensity * macPerMemoryWord);
  return 2 * power((base * base) / 960, 1 / (1 - 2 * exponent));
}

/** FLOP beyond which no number of GPUs ends the run in time: the latency wall. */
export function latencyWallFlop({ durationSeconds, exponent = 0 }: DataMovement): number {
  const base = (batchOverLayers(exponent) * durationSeconds) / layerLatencySeconds;
  return 2 * power((3 / 320) * base * base, 1 / (1 - 2 * exponent));
}

/**
 * Years until what grows faster has caught up: ln gap / ln (fast / slow). Infinite if it does not
 * grow faster.
 */
export function yearsToClose({
  gap,
  fasterPerYear,
  slowerPerYear,
}: {
  readonly gap: number;
  readonly fasterPerYear: number;
  readonly slowerPerYear: number;
}): number {
  return fasterPerYear <= slowerPerYear
    ? Number.POSITIVE_INFINITY
    : ln(gap) / ln(fasterPerYear / slowerPerYear);
}

/** Training over the internet as of 29 December 2025 (Sevilla, 2025). */
export const internetTraining = {
  largestFlop: [6e22, 6e23],
  growthPerYear: 20,
  frontierGrowthPerYear: 5,
  /** How far behind the frontier. */
  gap: 1000,
  /** How much more computing volunteers could bring than now takes part. */
  headroom: [50, 5000],
} as const;
