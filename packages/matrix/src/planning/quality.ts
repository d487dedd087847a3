/**
 * What skipped synchronisations, compression and replicas cost in quality, after the simulator of
 * MIRI's decentralised-training report (robirahman/miri-decentralized-training-report, April 2026;
 * formulas only). Its authors call the 0.08 an engineering guess, and the replica law is a fit to
 * DiLoCo runs of at most 8 replicas and 2.4 billion parameters. Below 35 million parameters nothing
 * supports it. So this is a prior to be replaced by what a run measures.
 */

/**
 * Efficiency left after H local steps: 1 - a log10 H, with a = 0.08 / (1 + log10(P / 1e9) / 5);
 * never below 0.
 */
export function innerStepEfficiency({
  parameters,
  innerSteps,
}: {
  readonly parameters: number;
  readonly innerSteps: number;
}): number {
  const slope = 0.08 / (1 + Math.log10(parameters / 1e9) / 5);
  return Math.max(0, 1 - slope * Math.log10(innerSteps));
}

/**
 * Compression factors at which the report states what is left; between them the line in the
 * logarithm of the factor.
 */
const compressionQuality = [
  [4, 1],
  [16, 0.99],
  [100, 0.98],
  [500, 0.95],
] as const;

/**
 * Efficiency left at this compression factor; undefined above 500, of which the report says
 * nothing.
 */
export function compressionEfficiency(factor: number): number | undefined {
  if (factor <= compressionQuality[0][0]) return 1;
  for (let i = 1; i < compressionQuality.length; i++) {
    const [low, before] = compressionQuality[i - 1]!;
    const [high, after] = compressionQuality[i]!;
    if (factor <= high) {
      return before + ((after - before) * Math.log(factor / low)) / Math.log(high / low);
    }
  }
  return undefined;
}

/** Factor on the loss for M replicas: M^(b ln H / ln 30), b = 1.0923 P^-0.2342. */
export function replicaLossFactor({
  parameters,
  replicas,
  innerSteps,
}: {
  readonly parameters: number;
  readonly replicas: number;
  readonly innerSteps: number;
}): number {
  const exponent = (1.0923 * parameters ** -0.2342 * Math.log(innerSteps)) / Math.log(30);
  return replicas ** exponent;
}

/**
 * Years after which it is better to have waited for better hardware, software and more money than
 * to have trained on: 1 / ((gH + gS + gI) ln 10), the growths in orders of magnitude per year.
 */
export function longestRationalYears({
  hardware,
  software,
  investment,
}: {
  readonly hardware: number;
  readonly software: number;
  readonly investment: number;
}): number {
  return 1 / ((hardware + software + investment) * Math.LN10);
}
