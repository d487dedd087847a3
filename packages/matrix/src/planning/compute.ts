/**
 * How long the arithmetic takes. 6 FLOP per parameter and token (2 forward, 4 backward) is the rule
 * of Kaplan et al. (arXiv 2001.08361) and Hoffmann et al. (arXiv 2203.15556) for dense
 * transformers; other networks count their own forward pass. Attention over long contexts is not in
 * it.
 */

/** FLOP of training a dense transformer: 6 P D. */
export function trainingComputeFlop({ parameters, tokens }: { parameters: number; tokens: number }): number {
  return 6 * parameters * tokens;
}

/** FLOP of one training step of any network: three times its forward pass. */
export function stepComputeFlop({ forwardFlop }: { forwardFlop: number }): number {
  return 3 * forwardFlop;
}

/**
 * Seconds that a node computes for so many FLOP; `flopPerSecond` is what it sustains, not its peak.
 */
export function computeSeconds({ flop, flopPerSecond }: { flop: number; flopPerSecond: number }): number {
  return flop / flopPerSecond;
}

/**
 * Tokens on which a model of this size is trained best: 20 per parameter (Hoffmann et al., 2022).
 */
export function balancedTokens(parameters: number): number {
  return 20 * parameters;
}

/** FLOP of the largest balanced run on so many tokens: 6 D (D / 20) = 0.3 D². */
export function dataLimitedComputeFlop(tokens: number): number {
  return trainingComputeFlop({ parameters: tokens / 20, tokens });
}
