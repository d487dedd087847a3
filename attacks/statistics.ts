/**
 * The statistics of membership attacks: exact binomial tails, Clopper-Pearson intervals, and the
 * lower bound on epsilon that guesses about many canaries in one run give (Steinke, Nasr and
 * Jagielski, "Privacy auditing with one (1) training run", NeurIPS 2023).
 */
import { MisuseError } from '@nonet/core';

/** ln of the factorials below: exact sums, since their arguments are small. */
function createLogFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let n = 2; n <= most; n++) logs[n] = logs[n - 1]! + Math.log(n);
  return logs;
}

/** P(W = k), k = 0 .. trials, W binomial. */
function binomialMasses(trials: number, probability: number): Float64Array {
  const logs = createLogFactorials(trials);
  const [win, lose] = [Math.log(probability), Math.log1p(-probability)];
  return Float64Array.from({ length: trials + 1 }, (_, k) => {
    const ways = logs[trials]! - logs[k]! - logs[trials - k]!;
    // 0 times minus infinity is no number; at the ends of the range it stands for a factor of 1.
    return Math.exp(ways + (k === 0 ? 0 : k * win) + (k === trials ? 0 : (trials - k) * lose));
  });
}

/** P(W >= least), W binomial. */
export function binomialTail(trials: number, probability: number, least: number): number {
  const masses = binomialMasses(trials, probability);
  let tail = 0;
  // From the small terms to the large ones.
  for (let k = trials; k >= Math.max(0, least); k--) tail += masses[k]!;
  return Math.min(1, tail);
}

/**
 * The bounds of Clopper and Pearson (1934) on a probability of which `successes` of `trials` were
 * seen, each of them wrong with probability at most `error`. Throws `attack.trials`.
 */
export function boundProbability(
  successes: number,
  trials: number,
  error: number,
): { readonly low: number; readonly high: number } {
  if (!Number.isInteger(trials) || trials < 1 || successes < 0 || successes > trials) {
    throw new MisuseError({
      code: 'attack.trials',
      expected: 'successes from 0 to the number of trials, which is 1 at least',
      found: `${successes} of ${trials}`,
    });
  }
  const low = successes === 0 ? 0 : bisect((p) => binomialTail(trials, p, successes) >= error);
  const high =
    successes === trials ? 1 : 1 - bisect((p) => binomialTail(trials, p, trials - successes) >= error);
  return { low, high };
}

/**
 * Whether what right bounds do with probability `rate` at most was seen more often than that, which
 * happens by chance in at most 1 % of samples.
 */
export const isMoreOften = (seen: number, trials: number, rate: number): boolean =>
  boundProbability(seen, trials, 0.01).low > rate;

/** The least p in [0, 1] with this property, which larger ones share. */
function bisect(isReached: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isReached(middle)) high = middle;
    else low = middle;
  }
  return low;
}

/** Guesses about canaries, each of which was included with probability 1/2. */
export interface AuditOutcome {
  /** How many there were. */
  readonly canaries: number;
  /** About how many of them a guess was made; the auditor abstained from the others. */
  readonly guesses: number;
  readonly correct: number;
}

/** The highest scores are guessed to be in, the lowest to be out, as many of either. */
export function guessExtremes(
  scores: ArrayLike<number>,
  isIn: readonly boolean[],
  guesses: number,
): AuditOutcome {
  const order = [...isIn.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const half = guesses / 2;
  const correct =
    order.slice(0, half).filter((canary) => isIn[canary]).length +
    order.slice(order.length - half).filter((canary) => !isIn[canary]).length;
  return { canaries: isIn.length, guesses: 2 * half, correct };
}

/**
 * The largest probability of so many correct guesses or more where training is (epsilon, delta)
 * private for each canary: corollary 5.4 of Steinke, Nasr and Jagielski, which their appendix D
 * computes alike. With delta = 0 each guess is right with probability at most e^epsilon / (1 + e^epsilon).
 */
export function auditPValue(
  { canaries, guesses, correct }: AuditOutcome,
  epsilon: number,
  delta: number,
): number {
  const masses = binomialMasses(guesses, 1 / (1 + Math.exp(-epsilon)));
  let beta = 0;
  for (let k = guesses; k >= correct; k--) beta += masses[k]!;
  let alpha = 0;
  let below = 0;
  for (let i = 1; i <= correct; i++) {
    below += masses[correct - i]!;
    alpha = Math.max(alpha, below / i);
  }
  return Math.min(1, beta + 2 * canaries * delta * alpha);
}

/**
 * The lower bound on epsilon at `delta` that an audit gives, wrong with probability at most `error`:
 * every smaller epsilon would have made the outcome less likely than that. 0 where it says nothing.
 * Throws `attack.trials`.
 */
export function boundEpsilon(outcome: AuditOutcome, delta: number, error: number): number {
  const { canaries, guesses, correct } = outcome;
  if (!(0 <= correct && correct <= guesses && guesses <= canaries)) {
    throw new MisuseError({
      code: 'attack.trials',
      expected: 'at most as many correct guesses as guesses, and guesses as canaries',
      found: `${correct}, ${guesses}, ${canaries}`,
    });
  }
  let [low, high] = [0, 64];
  if (auditPValue(outcome, low, delta) >= error) return 0;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (auditPValue(outcome, middle, delta) < error) low = middle;
    else high = middle;
  }
  return low;
}

/** The area under the curve of true over false positives: P(a score of `ins` is above one of `outs`). */
export function areaUnderCurve(ins: readonly number[], outs: readonly number[]): number {
  const sorted = Float64Array.from(outs).sort();
  const countBelow = (value: number, inclusive: boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value || (inclusive && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = ins.reduce((sum, one) => sum + (countBelow(one, false) + countBelow(one, true)) / 2, 0);
  return wins / (ins.length * outs.length);
}

/** The share of `ins` above the value that only a share of `rate` of `outs` exceeds. */
export function truePositivesAt(rate: number, ins: readonly number[], outs: readonly number[]): number {
  const threshold = outs.toSorted((a, b) => b - a)[Math.floor(rate * outs.length)]!;
  return ins.filter((score) => score > threshold).length / ins.length;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
