/**
 * The Gaussian copula: draws of correlated probabilities. A rank correlation rho (Spearman) between
 * two quantities is the correlation 2 sin(pi rho / 6) (Pearson) between two normal variables; these
 * are mixed from independent ones by the Cholesky factor of their matrix.
 */
import { MisuseError } from '@nonet/core';
import { sin } from './arithmetic.ts';

export interface Correlation<Id extends string = string> {
  readonly between: readonly [Id, Id];
  /** Spearman's rho, -1 to 1. */
  readonly rho: number;
}

export function pearsonOf(spearman: number): number {
  return 2 * sin((Math.PI * spearman) / 6);
}

/** Pearson's correlations of these ids, 1 on the diagonal, 0 where nothing is said. */
export function correlationMatrix<Id extends string>(
  ids: readonly Id[],
  correlations: readonly Correlation<Id>[],
): number[][] {
  const matrix = ids.map((_, i) => ids.map((_, j) => Number(i === j)));
  for (const { between, rho } of correlations) {
    const [i, j] = between.map((id) => ids.indexOf(id)) as [number, number];
    const row = matrix[i];
    const column = matrix[j];
    if (row === undefined || column === undefined) continue;
    row[j] = pearsonOf(rho);
    column[i] = pearsonOf(rho);
  }
  return matrix;
}

/** Rounding may make a semidefinite matrix look indefinite by this much. */
const tolerance = 1e-10;

/**
 * The lower triangle L with L Lᵀ = matrix, or undefined unless the matrix is positive semidefinite.
 */
export function choleskyFactor(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const factor: number[][] = [];
  for (const [i, given] of matrix.entries()) {
    const row: number[] = [];
    for (let j = 0; j < i; j++) {
      const earlier = factor[j]!;
      let rest = given[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * earlier[k]!;
      const pivot = earlier[j]!;
      // A pivot of 0 means that this variable is a mixture of earlier ones; then so must be what is
      // left here.
      if (pivot === 0 && Math.abs(rest) > Math.sqrt(tolerance)) return undefined;
      row.push(pivot === 0 ? 0 : rest / pivot);
    }
    let rest = given[i]!;
    for (const entry of row) rest -= entry * entry;
    if (rest < -tolerance) return undefined;
    row.push(rest > tolerance ? Math.sqrt(rest) : 0);
    factor.push(row);
  }
  return factor;
}

/**
 * The Cholesky factor of the correlations among `ids`. Throws `limits.correlations` if no
 * quantities have them, naming a smallest set that is impossible by itself.
 */
export function copulaFactor<Id extends string>(
  ids: readonly Id[],
  correlations: readonly Correlation<Id>[],
): number[][] {
  const factorOf = (some: readonly Id[]) => choleskyFactor(correlationMatrix(some, correlations));
  const factor = factorOf(ids);
  if (factor !== undefined) return factor;
  // Every part of a semidefinite matrix is semidefinite, so leaving out each quantity that the
  // contradiction does not need ends at a smallest one.
  let offenders = ids;
  for (const id of ids) {
    const without = offenders.filter((other) => other !== id);
    if (factorOf(without) === undefined) offenders = without;
  }
  const among = correlations.filter(({ between }) => between.every((id) => offenders.includes(id)));
  throw new MisuseError({
    code: 'limits.correlations',
    expected: 'correlations that quantities can have together (a positive semidefinite matrix)',
    found: among.map(({ between, rho }) => `${between.join(' and ')} ${rho}`).join(', '),
    hint: `Change one of the correlations among ${offenders.join(', ')}.`,
  });
}
