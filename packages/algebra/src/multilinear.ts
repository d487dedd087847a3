/**
 * Multilinear polynomials by their values on {0,1}^n. The first variable is the highest bit of an
 * index, so the last n variables of a point belong to the last n bits. A point is a list of
 * extension elements. For short tables and single values; long ones are the kernels' (kernels.ts).
 */
import { add, mul, one, type Quartic, scale, sub, zero } from './quartic.ts';

/**
 * eq(a, b), the multilinear polynomial that is 1 where a = b in {0,1}^n and 0 where they differ
 * there: the product over all variables of a b + (1 - a)(1 - b).
 */
export function evaluateEq(a: readonly Quartic[], b: readonly Quartic[]): Quartic {
  return a.reduce((product, x, i) => {
    const both = mul(x, b[i]);
    return mul(product, add(sub(sub(one, x), b[i]), add(both, both)));
  }, one);
}

/** eq(point, x) for the first `count` of all x in {0,1}^n, in order. */
export function eqValues(point: readonly Quartic[], count = 2 ** point.length): Quartic[] {
  let table: Quartic[] = [one];
  for (const [i, coordinate] of point.entries()) {
    const needed = Math.ceil(count / 2 ** (point.length - 1 - i));
    const next: Quartic[] = [];
    for (const value of table) {
      const upper = mul(value, coordinate);
      next.push(sub(value, upper));
      if (next.length < needed) next.push(upper);
    }
    table = next;
  }
  return table.slice(0, count);
}

/** The coordinates of `index` as a point of `variables` variables. */
export function indexPoint(index: number, variables: number): Quartic[] {
  return Array.from({ length: variables }, (_, i) =>
    Math.floor(index / 2 ** (variables - 1 - i)) % 2 === 1 ? one : zero,
  );
}

/**
 * The polynomial of `values`, base elements that zeros follow up to 2^n of them, at a point of n
 * variables.
 */
export function evaluateMultilinear(values: ArrayLike<number>, point: readonly Quartic[]): Quartic {
  const weights = eqValues(point, values.length);
  let sum = zero;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) sum = add(sum, scale(weights[i], values[i]));
  return sum;
}

/** The smallest n with 2^n >= count. */
export function logCeil(count: number): number {
  let log = 0;
  while (2 ** log < count) log++;
  return log;
}
