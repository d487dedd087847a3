/**
 * Tails of the standard normal distribution to nearly full relative precision, however far out: an
 * accountant subtracts and multiplies probabilities of 1e-30. W. J. Cody, "Rational Chebyshev
 * approximations for the error function", Mathematics of Computation 23 (1969); relative error
 * below 1e-15 except where exp(-x²) itself loses digits, which is relative x² · 1e-16.
 */

const near = {
  numerator: [
    0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
  ],
  denominator: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};
const middle = {
  numerator: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
    881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  denominator: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
    4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
};
const far = {
  numerator: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
    0.0006587491615298378,
  ],
  denominator: [
    1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
  ],
};
const inverseRootPi = 0.5641895835477563;

/** Highest power first, of a quotient of polynomials. */
function rational({ numerator, denominator }: typeof near, x: number): number {
  let above = 0;
  let below = 0;
  for (let i = 0; i < numerator.length; i++) above = above * x + numerator[i]!;
  for (let i = 0; i < denominator.length; i++) below = below * x + denominator[i]!;
  return above / below;
}

/** exp(x²) erfc(x) for x >= 0: falls like 1/x, so it neither under- nor overflows. */
function scaledErfc(x: number): number {
  if (x <= 0.46875) return Math.exp(x * x) * (1 - x * rational(near, x * x));
  if (x <= 4) return rational(middle, x);
  const t = 1 / (x * x);
  return (inverseRootPi - t * rational(far, t)) / x;
}

/** P(Z > x) of a standard normal Z. */
export function normalTail(x: number): number {
  const distance = Math.abs(x) * Math.SQRT1_2;
  const tail = 0.5 * Math.exp(-distance * distance) * scaledErfc(distance);
  return x >= 0 ? tail : 1 - tail;
}

/** P(a < Z <= b) for a <= b, computed on the side where both tails are small. */
export function normalMass(a: number, b: number): number {
  return a + b > 0 ? normalTail(a) - normalTail(b) : normalTail(-b) - normalTail(-a);
}

/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) * 0.3989422804014327;
}

/** Mills' ratio P(Z > x) / density(x), for x >= 0. */
export function millsRatio(x: number): number {
  return scaledErfc(x * Math.SQRT1_2) * 1.2533141373155003;
}
