/**
 * The privacy loss distribution of one release on a grid, rounded so that it dominates: "connect
 * the dots" (Doroshenko, Ghazi, Kamath, Kumar and Manurangsi, PoPETs 2022). docs/specs/dp.md §6.1
 * to 6.3. For a pair (P, Q) the loss at an outcome is ln(P/Q); the probability of a loss between
 * two grid points is divided among both so that its mass under P and under Q stays what it was.
 * The true pair is a post-processing of the result, so the result never understates privacy loss.
 */
import { UncoveredError } from '../assertions.ts';
import type { Mechanism } from '../mechanism.ts';
import { normalMass, normalTail } from '../normal.ts';
import { logMixture } from './renyi.ts';

/** Probabilities under P of losses `(offset + i) * interval`, and of an infinite loss. */
export interface LossGrid {
  readonly offset: number;
  readonly masses: Float64Array;
  readonly infinite: number;
}

/**
 * Both directions of a neighbouring pair. Under add-or-remove the record is removed in one and
 * added in the other, all along a composition; a symmetric pair has one grid twice.
 */
export interface LossGrids {
  readonly removed: LossGrid;
  readonly added: LossGrid;
}

/** From the least to the largest finite loss. */
export interface LossRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Standard deviations of a normal tail that is cut: 1e-21 each, moved up, never dropped. */
const reach = 9.5;
/** Losses beyond this are infinite, as exp(loss) nearly is in 64 bits. */
const mostLoss = 690;

const clampLoss = (loss: number) => Math.min(mostLoss, Math.max(-mostLoss, loss));

/** Collects one grid: losses from `lowest` to `highest`, in units of `interval`. */
function createCollector(interval: number, { lowest, highest }: LossRange) {
  const offset = Math.floor(lowest / interval);
  const length = Math.ceil(highest / interval) - offset + 2;
  const masses = new Float64Array(length);
  const spread = -Math.expm1(-interval);
  let infinite = 0;
  return {
    /** Loss between grid points i and i + 1, of mass p under P and q under Q (step 6.2). */
    addBin(i: number, p: number, q: number) {
      const upper = Math.min(p, Math.max(0, (p - q * Math.exp(i * interval)) / spread));
      masses[i - offset]! += p - upper;
      masses[i - offset + 1]! += upper;
    },
    /** One loss of mass p under P. */
    addAtom(loss: number, p: number) {
      if (loss > highest) {
        infinite += p;
        return;
      }
      const i = Math.max(offset, Math.floor(loss / interval));
      const upper = Math.min(p, (p * Math.max(0, -Math.expm1(i * interval - loss))) / spread);
      masses[i - offset]! += p - upper;
      masses[i - offset + 1]! += upper;
    },
    addInfinite(p: number) {
      infinite += p;
    },
    /** Losses below grid point i, of mass p under P: up to it. */
    addBelow(i: number, p: number) {
      masses[i - offset]! += p;
    },
    /** Losses above grid point i: what Q does not see becomes infinite (step 6.3). */
    addAbove(i: number, p: number, q: number) {
      const finite = Math.min(p, q * Math.exp(i * interval));
      masses[i - offset]! += finite;
      infinite += p - finite;
    },
    finish: (): LossGrid => ({ offset, masses, infinite }),
  };
}

/**
 * The least and the largest loss that the grid of a mechanism holds. Throws `dp.uncovered` for what
 * has no known dominating pair, `dp.grid` for integer noise of too many outcomes.
 */
export function lossRange(mechanism: Mechanism): LossRange {
  switch (mechanism.kind) {
    case 'gaussian':
    case 'poissonGaussian': {
      const z = mechanism.noiseMultiplier;
      const q = mechanism.kind === 'gaussian' ? 1 : mechanism.samplingRate;
      const lossAt = (x: number) => clampLoss(logMixture(q, (2 * x - 1) / (2 * z * z)));
      return { lowest: lossAt(-reach * z), highest: lossAt(1 + reach * z) };
    }
    case 'laplace':
      return symmetric(1 / mechanism.noiseMultiplier);
    case 'discreteLaplace':
    case 'discreteGaussian': {
      const { lossAt, most } = readIntegerNoise(mechanism);
      return symmetric(lossAt(-most));
    }
    case 'discreteGaussianSum':
      throw uncovered('a sum of discrete Gaussians');
  }
}

const symmetric = (loss: number) => ({
  lowest: -clampLoss(Math.abs(loss)),
  highest: clampLoss(Math.abs(loss)),
});

/** The grids of a mechanism at `interval`. Throws as `lossRange` does. */
export function createLossGrids(mechanism: Mechanism, interval: number): LossGrids {
  const range = lossRange(mechanism);
  switch (mechanism.kind) {
    case 'gaussian':
      return createNormalGrids(mechanism.noiseMultiplier, 1, range, interval);
    case 'poissonGaussian':
      return createNormalGrids(mechanism.noiseMultiplier, mechanism.samplingRate, range, interval);
    case 'laplace':
      return createLaplaceGrids(mechanism.noiseMultiplier, range, interval);
    case 'discreteLaplace':
    case 'discreteGaussian':
      return createAtomGrids(mechanism, range, interval);
    case 'discreteGaussianSum':
      throw uncovered('a sum of discrete Gaussians');
  }
}

function uncovered(found: string): UncoveredError {
  return new UncoveredError({
    code: 'dp.uncovered',
    expected: 'a mechanism whose dominating pair is known',
    found,
    hint: 'Account for it with rdp.',
  });
}

/** (1 - q) N(0, z²) + q N(1, z²) against N(0, z²); Zhu, Dong and Wang (2022), theorem 11. */
function createNormalGrids(
  z: number,
  q: number,
  { lowest, highest }: LossRange,
  interval: number,
): LossGrids {
  // Step 6.1: the loss ln(1 - q + q exp((2x - 1) / 2z²)) grows with x.
  const outcomeAt = (loss: number) =>
    q === 1 ? loss * z * z + 0.5 : z * z * inverseLogMixture(q, loss) + 0.5;
  const removed = createCollector(interval, { lowest, highest });
  const added = createCollector(interval, { lowest: -highest, highest: -lowest });
  const first = Math.floor(lowest / interval);
  const last = Math.ceil(highest / interval);
  let x = outcomeAt(first * interval); // -Infinity where no outcome has so low a loss
  const lowP = (1 - q) * normalTail(-x / z) + q * normalTail((1 - x) / z);
  const lowQ = normalTail(-x / z);
  removed.addBelow(first, lowP);
  added.addAbove(-first, lowQ, lowP);
  for (let i = first; i < last; i++) {
    const next = outcomeAt((i + 1) * interval);
    const mass0 = normalMass(x / z, next / z);
    const p = (1 - q) * mass0 + q * normalMass((x - 1) / z, (next - 1) / z);
    removed.addBin(i, p, mass0);
    added.addBin(-i - 1, mass0, p);
    x = next;
  }
  const highQ = normalTail(x / z);
  removed.addAbove(last, (1 - q) * highQ + q * normalTail((x - 1) / z), highQ);
  added.addBelow(-last, highQ);
  return { removed: removed.finish(), added: added.finish() };
}

/** t with ln(1 - q + q exp(t)) = loss. */
function inverseLogMixture(q: number, loss: number): number {
  return loss > 30
    ? loss - Math.log(q) + Math.log1p(-(1 - q) * Math.exp(-loss))
    : Math.log1p(Math.max(-1, Math.expm1(loss) / q));
}

/** Two Laplace distributions of scale b, one apart: losses from -1/b to 1/b, atoms at both ends. */
function createLaplaceGrids(b: number, range: LossRange, interval: number): LossGrids {
  const grid = createCollector(interval, range);
  const most = range.highest;
  grid.addAtom(1 / b, 0.5);
  grid.addAtom(-most, 0.5 * Math.exp(-1 / b));
  // Between them an outcome x in (0, 1) has loss (2x - 1) / b and density exp((x - 1) / b) / 2b.
  const first = Math.floor(-most / interval);
  const last = Math.ceil(most / interval);
  for (let i = first; i < last; i++) {
    const from = Math.max(0, (1 + i * interval * b) / 2);
    const to = Math.min(1, (1 + (i + 1) * interval * b) / 2);
    if (to <= from) continue;
    const width = -Math.expm1((from - to) / b) / 2;
    grid.addBin(i, Math.exp((to - 1) / b) * width, Math.exp(-from / b) * width);
  }
  const finished = grid.finish();
  return { removed: finished, added: finished };
}

/**
 * Integer noise on one coordinate, against the same shifted by the sensitivity: symmetric, and a
 * smaller shift loses less, because the noise is log-concave (docs/specs/dp.md §6.4).
 */
function createAtomGrids(mechanism: IntegerNoise, range: LossRange, interval: number): LossGrids {
  const { lossAt, weight, most } = readIntegerNoise(mechanism);
  const grid = createCollector(interval, range);
  let total = 0;
  for (let x = -most; x <= most; x++) total += weight(x);
  for (let x = -most; x <= most; x++) grid.addAtom(lossAt(x), weight(x) / total);
  grid.addInfinite(1e-20); // Both tails that were cut.
  const finished = grid.finish();
  return { removed: finished, added: finished };
}

type IntegerNoise = Extract<Mechanism, { kind: 'discreteGaussian' | 'discreteLaplace' }>;

/** Noise x of weight `weight(x)`, the loss of x against a shift, and the last x that counts. */
function readIntegerNoise(mechanism: IntegerNoise) {
  if (mechanism.kind === 'discreteLaplace') {
    const { scale, sensitivity } = mechanism;
    return {
      lossAt: (x: number) => (Math.abs(x - sensitivity) - Math.abs(x)) / scale,
      weight: (x: number) => Math.exp(-Math.abs(x) / scale),
      most: assertAtoms(Math.ceil(48 * scale) + sensitivity),
    };
  }
  const { sigma, sensitivity, dimension } = mechanism;
  if (dimension > 1) throw uncovered('discrete Gaussian noise on more than one coordinate');
  const shift = Math.floor(sensitivity);
  return {
    lossAt: (x: number) => (shift * (shift - 2 * x)) / (2 * sigma * sigma),
    weight: (x: number) => Math.exp((-x * x) / (2 * sigma * sigma)),
    most: assertAtoms(Math.ceil(reach * sigma) + shift),
  };
}

/** Throws `dp.grid` beyond two million outcomes. */
function assertAtoms(most: number): number {
  if (most <= 2 ** 20) return most;
  throw new UncoveredError({
    code: 'dp.grid',
    expected: 'integer noise of at most 2^20 outcomes on either side',
    found: String(most),
    hint: 'A coarser grid gives the same privacy; or account for it with rdp.',
  });
}
