/**
 * The accountant of privacy loss distributions: grids of single releases (`lossGrid.ts`) are
 * convolved by Fourier transform, both directions in one complex sequence. docs/specs/dp.md §6. The
 * tightest of the accountants, and an upper bound: what rounding and truncation change, they
 * change upwards. The other side is bounded too, so that a figure says how much it may overstate.
 */
import { assertDelta, UncoveredError } from '../assertions.ts';
import { transformFourier } from '../fourier.ts';
import { assertReleases, type Mechanism, type Release } from '../mechanism.ts';
import { createLossGrids, type LossGrid, lossRange } from './lossGrid.ts';
import { createProfile, invertCurve, type PrivacyProfile } from './profile.ts';
import { logMixture } from './renyi.ts';

/** A profile from privacy loss distributions, with a bound on its own error. */
export interface LossProfile extends PrivacyProfile {
  /** Distance between grid points of the privacy loss. */
  readonly interval: number;
  /** Part of delta that stands for what truncation and rounding to 64 bits may have hidden. */
  readonly slack: number;
  /** As in every profile; throws `dp.precision` also, for a delta below 100 times `slack`. */
  epsilonAt(delta: number): number;
  /**
   * A lower bound on the true epsilon of the composed dominating pairs at `delta`, so that the true
   * value lies between it and `epsilonAt(delta)`. Throws as `epsilonAt` does.
   */
  leastEpsilonAt(delta: number): number;
}

/** Probability of composed losses outside of the window, on each side; added to delta. */
const cut = 1e-14;
/** Of the standard deviation of one release's loss; the error of epsilon falls with its square. */
const fineness = 0.02;
const coarsest = 1e-3;
const mostPoints = 2 ** 20;

interface Part {
  readonly mechanism: Mechanism;
  readonly count: number;
}

/**
 * The curve of a composition by privacy loss distributions. Throws `dp.uncovered` for mechanisms
 * without a known dominating pair (sums of discrete Gaussians; discrete Gaussians in more than one
 * dimension), `dp.argument` for parameters out of range.
 *
 * @example
 *   const mechanism = { kind: 'poissonGaussian', noiseMultiplier: 1, samplingRate: 0.01 } as const;
 *   accountLossDistribution([{ mechanism, count: 1000 }]).epsilonAt(1e-5); // 1.8282
 */
export function accountLossDistribution(releases: readonly Release[]): LossProfile {
  assertReleases(releases);
  const parts = mergeGaussians(releases.filter(({ count }) => count > 0));
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const variance = parts.reduce((sum, part) => sum + part.count * lossDeviation(part.mechanism) ** 2, 0);
  const deviation = Math.sqrt(variance / Math.max(1, count));
  const span = Math.max(0, ...parts.map(({ mechanism }) => lossRange(mechanism).highest));
  let interval = Math.max(span / 2 ** 18, Math.min(coarsest, fineness * deviation) || coarsest);
  for (; interval < 2 ** 10; interval *= 4) {
    const composed = compose(parts, interval, Math.sqrt(variance));
    if (composed !== undefined) return createLossProfile(composed, interval, count);
  }
  throw new UncoveredError({
    code: 'dp.grid',
    expected: `composed privacy losses that fit ${mostPoints} points of a grid`,
    found: `${count} releases whose losses spread over more`,
    hint: 'So much loss has no useful epsilon; more noise, or rdp, gives a figure.',
  });
}

/** Step 6.5: unsampled Gaussians are one Gaussian, exactly. */
function mergeGaussians(releases: readonly Release[]): Part[] {
  let squared = 0;
  const parts: Part[] = [];
  for (const { mechanism, count } of releases) {
    const isPlain =
      mechanism.kind === 'gaussian' || (mechanism.kind === 'poissonGaussian' && mechanism.samplingRate === 1);
    if (isPlain) squared += count / mechanism.noiseMultiplier ** 2;
    else parts.push({ mechanism, count });
  }
  if (squared > 0) {
    parts.push({ mechanism: { kind: 'gaussian', noiseMultiplier: 1 / Math.sqrt(squared) }, count: 1 });
  }
  return parts;
}

/** About the standard deviation of one release's loss; it only chooses the grid. */
function lossDeviation(mechanism: Mechanism): number {
  switch (mechanism.kind) {
    case 'gaussian':
    case 'laplace':
      return 1 / mechanism.noiseMultiplier;
    case 'poissonGaussian':
      return sampledLossDeviation(mechanism.noiseMultiplier, mechanism.samplingRate);
    case 'discreteGaussian':
      return mechanism.sensitivity / mechanism.sigma;
    case 'discreteLaplace':
      return mechanism.sensitivity / mechanism.scale;
    case 'discreteGaussianSum':
      return mechanism.sensitivity / (mechanism.shareSigma * Math.sqrt(mechanism.shares));
  }
}

function sampledLossDeviation(z: number, q: number): number {
  let mass = 0;
  let mean = 0;
  let square = 0;
  for (let i = -80; i <= 80; i++) {
    const weight = Math.exp(-((i / 10) ** 2) / 2);
    const loss = logMixture(q, ((2 * z * i) / 10 - 1) / (2 * z * z));
    mass += weight;
    mean += weight * loss;
    square += weight * loss * loss;
  }
  return Math.sqrt(Math.max(0, square / mass - (mean / mass) ** 2));
}

/** Composed losses of one direction: masses at `(first + i) * interval`. */
interface Composed {
  readonly first: number;
  readonly masses: Float64Array;
  readonly infinite: number;
  /** The part of `infinite` that is no probability but a bound on what was cut and rounded. */
  readonly slack: number;
}

type Direction = readonly { readonly grid: LossGrid; readonly count: number }[];

/** Both directions, or nothing if the window needs more than `mostPoints`. */
function compose(
  parts: readonly Part[],
  interval: number,
  deviation: number,
): readonly [Composed, Composed] | undefined {
  const pairs = parts.map(({ mechanism, count }) => {
    return { grids: createLossGrids(mechanism, interval), count };
  });
  const removed = pairs.map(({ grids, count }) => ({ grid: grids.removed, count }));
  const added = pairs.map(({ grids, count }) => ({ grid: grids.added, count }));
  const windows = [removed, added].map((direction) => findWindow(direction, interval, deviation));
  const width = Math.max(...windows.map(({ from, to }) => to - from + 1));
  if (!(width <= mostPoints)) return undefined;
  const n = 2 ** Math.max(1, Math.ceil(Math.log2(width)));
  const [real, imaginary] = convolve(removed, added, n);
  return [cutWindow(removed, real!, windows[0]!.from), cutWindow(added, imaginary!, windows[1]!.from)];
}

/**
 * Step 6.6: grid points outside of which the composed loss lies with probability at most `cut` on
 * either side, by Chernoff's bound over a few exponents.
 */
function findWindow(
  direction: Direction,
  interval: number,
  deviation: number,
): { readonly from: number; readonly to: number } {
  const parts = direction.map(({ grid, count }) => ({ ...coarsen(grid), count }));
  let from = parts.reduce((sum, { points, count }) => sum + count * points[0]!, 0);
  let to = parts.reduce((sum, { points, count }) => sum + count * points.at(-1)!, 0);
  const typical = Math.sqrt(-2 * Math.log(cut)) / (deviation || 1);
  for (let j = -4; j <= 12; j++) {
    const t = typical * 2 ** (j / 2) * interval;
    let up = -Math.log(cut);
    let down = up;
    for (const { masses, points, count } of parts) {
      up += count * logMoment(masses, points, t);
      down += count * logMoment(masses, points, -t);
    }
    to = Math.min(to, Math.ceil(up / t));
    from = Math.max(from, Math.floor(-down / t));
  }
  // Nothing finite is left: any window will do.
  return Number.isFinite(from) && Number.isFinite(to) ? { from, to: Math.max(from, to) } : { from: 0, to: 0 };
}

/**
 * The same mean on about 1,024 points, each mass divided between both neighbours: by convexity, no
 * exponential moment is smaller.
 */
function coarsen({ offset, masses }: LossGrid) {
  const size = Math.ceil(masses.length / 1024);
  const count = Math.ceil(masses.length / size) + 1;
  const coarse = new Float64Array(count);
  for (let i = 0; i < masses.length; i++) {
    const block = Math.floor(i / size);
    const upper = (masses[i]! * (i - block * size)) / size;
    coarse[block]! += masses[i]! - upper;
    coarse[block + 1]! += upper;
  }
  return { masses: coarse, points: Float64Array.from({ length: count }, (_, i) => offset + i * size) };
}

/** ln E[exp(t x)] over points x, without overflow. */
function logMoment(masses: Float64Array, points: Float64Array, t: number): number {
  let most = -Infinity;
  for (let i = 0; i < masses.length; i++) {
    if (masses[i]! > 0) most = Math.max(most, t * points[i]!);
  }
  let sum = 0;
  for (let i = 0; i < masses.length; i++) {
    if (masses[i]! > 0) sum += masses[i]! * Math.exp(t * points[i]! - most);
  }
  return sum > 0 ? most + Math.log(sum) : -Infinity;
}

/** Step 6.7: the cyclic convolution of length n of all parts, `removed` real, `added` imaginary. */
function convolve(removed: Direction, added: Direction, n: number): [Float64Array, Float64Array] {
  const product = [
    new Float64Array(n).fill(1),
    new Float64Array(n),
    new Float64Array(n).fill(1),
    new Float64Array(n),
  ];
  const [aRe, aIm, bRe, bIm] = product as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (const [part, { grid, count }] of removed.entries()) {
    const real = fold(grid, n);
    const imaginary = fold(added[part]!.grid, n);
    transformFourier(real, imaginary);
    for (let j = 0; j < n; j++) {
      const k = (n - j) & (n - 1);
      // The spectra of both real sequences out of that of one complex sequence.
      const re = (real[j]! + real[k]!) / 2;
      const im = (imaginary[j]! - imaginary[k]!) / 2;
      multiplyPower(aRe, aIm, j, re, im, count);
      multiplyPower(bRe, bIm, j, (imaginary[j]! + imaginary[k]!) / 2, (real[k]! - real[j]!) / 2, count);
    }
  }
  for (let j = 0; j < n; j++) {
    const re = aRe[j]! - bIm[j]!;
    aIm[j]! += bRe[j]!;
    aRe[j] = re;
  }
  transformFourier(aIm, aRe); // The inverse: parts swapped.
  for (let j = 0; j < n; j++) {
    aRe[j]! /= n;
    aIm[j]! /= n;
  }
  return [aRe, aIm];
}

function fold({ masses }: LossGrid, n: number): Float64Array {
  const folded = new Float64Array(n);
  for (let i = 0; i < masses.length; i++) folded[i & (n - 1)]! += masses[i]!;
  return folded;
}

/**
 * Multiplies entry j by (re + i im)^count, by squaring. What is below 1e-150 becomes 0 before
 * subnormal numbers slow it down a hundredfold.
 */
function multiplyPower(
  intoRe: Float64Array,
  intoIm: Float64Array,
  j: number,
  re: number,
  im: number,
  count: number,
): void {
  let x = intoRe[j]!;
  let y = intoIm[j]!;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      const product = x * re - y * im;
      y = x * im + y * re;
      x = product;
    }
    if (Math.abs(re) + Math.abs(im) < 1e-150) {
      if (rest > 1) x = y = 0;
      break;
    }
    const square = re * re - im * im;
    im = 2 * re * im;
    re = square;
  }
  intoRe[j] = x;
  intoIm[j] = y;
}

/** Turns the cyclic result so that the window comes first; what rounding made negative is noise. */
function cutWindow(direction: Direction, cyclic: Float64Array, first: number): Composed {
  const n = cyclic.length;
  const offset = direction.reduce((sum, { grid, count }) => sum + count * grid.offset, 0);
  const shift = (((first - offset) % n) + n) % n;
  const masses = new Float64Array(n);
  let noise = 0;
  for (let i = 0; i < n; i++) {
    const mass = cyclic[(i + shift) & (n - 1)]!;
    masses[i] = Math.max(0, mass);
    noise = Math.max(noise, -mass);
  }
  let finite = 0; // ln of the probability that no release has an infinite loss
  for (const { grid, count } of direction) finite += count * Math.log1p(-grid.infinite);
  const slack = 2 * cut + n * noise; // Step 6.8
  return { first, masses, infinite: -Math.expm1(finite) + slack, slack };
}

function createLossProfile(
  composed: readonly [Composed, Composed],
  interval: number,
  count: number,
): LossProfile {
  const curves = composed.map((direction) => createCurve(direction, interval));
  const deltaAt = (epsilon: number) => Math.max(...curves.map((curve) => curve(epsilon)));
  const slack = Math.max(...composed.map((direction) => direction.slack));
  const profile = createProfile('pld', {
    deltaAt,
    epsilonAt: (delta) => {
      assertResolved(slack, delta);
      return invertCurve(deltaAt, delta);
    },
  });
  return {
    ...profile,
    interval,
    slack,
    leastEpsilonAt(delta) {
      assertDelta(delta);
      // Step 6.9: the grid moved the composed loss up by at most `moved`, but for delta / 100.
      const moved = (count * interval ** 2) / 8 + interval * Math.sqrt((count * Math.log(100 / delta)) / 2);
      const hidden = Math.max(...composed.map(({ infinite }) => infinite));
      const most = delta * 1.01 + hidden;
      return most < 1 ? Math.max(0, profile.epsilonAt(most) - moved) : 0;
    },
  };
}

/** delta(epsilon) = P(infinite) + sum over losses l > epsilon of mass (1 - exp(epsilon - l)). */
function createCurve({ first, masses, infinite }: Composed, interval: number): (epsilon: number) => number {
  const n = masses.length;
  const above = new Float64Array(n + 1);
  const discounted = new Float64Array(n + 1);
  const start = Math.max(0, -first);
  for (let i = n - 1; i >= start; i--) {
    above[i] = above[i + 1]! + masses[i]!;
    discounted[i] = discounted[i + 1]! + masses[i]! * Math.exp(-(first + i) * interval);
  }
  return (epsilon) => {
    const i = Math.min(n, Math.max(start, Math.floor(epsilon / interval) - first + 1));
    const scale = Math.exp(epsilon);
    return infinite + (scale < Infinity ? Math.max(0, above[i]! - scale * discounted[i]!) : above[i]!);
  };
}

/** Throws `dp.precision` if `delta` is not well above what 64 bits can tell. */
function assertResolved(slack: number, delta: number): void {
  if (slack <= delta / 100) return;
  throw new UncoveredError({
    code: 'dp.precision',
    expected: `a delta of at least ${(100 * slack).toExponential(1)}, which 64-bit arithmetic can tell`,
    found: String(delta),
    hint: 'Ask for a larger delta, or account with rdp.',
  });
}
