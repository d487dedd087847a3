/**
 * What an opening has to show (docs/specs/zk.md §5): values of sums of columns at points; and how
 * these fall into groups that share a row of the matrix.
 */
import { indexPoint, mul, powers, type Quartic } from '@nonet/algebra';
import type { Layout } from './layout.ts';

/** A column times a weight. */
export interface Term {
  readonly coefficient: Quartic;
  readonly column: number;
}

/** The sum of `terms`, columns of the same number of variables, is `value` at `point`. */
export interface Claim {
  readonly commitment: number;
  readonly terms: readonly Term[];
  readonly point: readonly Quartic[];
  readonly value: Quartic;
}

/** §5.2: terms with the same column part. */
export interface ClaimGroup {
  readonly columnPoint: readonly Quartic[];
  readonly terms: readonly { readonly weight: Quartic; readonly rowPoint: readonly Quartic[] }[];
}

/** The groups of each commitment, in the order in which they first occur. */
export function groupClaims(
  layouts: readonly Layout[],
  claims: readonly Claim[],
  lambda: Quartic,
): readonly (readonly ClaimGroup[])[] {
  const weights = powers(lambda, claims.length);
  const groups = layouts.map(
    () => new Map<string, { columnPoint: Quartic[]; terms: ClaimGroup['terms'][number][] }>(),
  );
  for (const [k, { commitment, terms, point }] of claims.entries()) {
    const { columns, offsets, rowLog, columnLog } = layouts[commitment];
    for (const { coefficient, column } of terms) {
      const { variables } = columns[column];
      const prefix = indexPoint(offsets[column] / 2 ** variables, rowLog + columnLog - variables);
      const whole = [...prefix, ...point];
      const columnPoint = whole.slice(rowLog);
      const key = columnPoint.join(';');
      const group = groups[commitment].get(key) ?? { columnPoint, terms: [] };
      groups[commitment].set(key, group);
      group.terms.push({ weight: mul(weights[k], coefficient), rowPoint: whole.slice(0, rowLog) });
    }
  }
  return groups.map((map) => [...map.values()]);
}

/** The claims' values, weighed: what the opening's sumcheck adds up to. */
export function claimTotals(claims: readonly Claim[], lambda: Quartic): Quartic[] {
  const weights = powers(lambda, claims.length);
  return claims.map(({ value }, k) => mul(weights[k], value));
}
