/**
 * Sizes that follow from relations, and the claims that their values become: what prover and
 * verifier have to agree on without saying it.
 */
import { monomial, one, type Quartic } from '@nonet/algebra';
import type { Claim } from '../commitment/claims.ts';
import { type Layout, layOut } from '../commitment/layout.ts';
import { commitmentOrder, type Relations } from './relations.ts';

/** Degree of the sum of §8.8 in each variable. */
export const relationDegree = 4;

/** The layouts of the three commitments. */
export function relationLayouts(relations: Relations): readonly [Layout, Layout, Layout] {
  return [layOut(relations.weights), layOut(relations.witness), layOut(relations.inverses)];
}

/** Variables of the sum of §8.8: of its largest component or product. */
export function relationVariables({ components, products, table }: Relations): number {
  return Math.max(
    table.variables,
    ...components.map(({ variables }) => variables),
    ...products.map(({ innerVariables }) => innerVariables),
  );
}

/** Coordinates of t: of the largest component or of what a product is summed over. */
export function pointVariables({ components, products, table }: Relations): number {
  return Math.max(
    table.variables,
    ...components.map(({ variables }) => variables),
    ...products.map(({ rowVariables, outerVariables }) => rowVariables + outerVariables),
  );
}

/** The claim that columns of inverses, four of the base field each, have a value at a point. */
export function inverseClaim(pair: number, point: readonly Quartic[], value: Quartic): Claim {
  const terms = [0, 1, 2, 3].map((i) => ({ coefficient: monomial(i), column: 4 * pair + i }));
  return { commitment: commitmentOrder.inverses, terms, point, value };
}

/** The claim that one committed column has a value at a point. */
export function columnClaim(
  commitment: number,
  column: number,
  point: readonly Quartic[],
  value: Quartic,
): Claim {
  return { commitment, terms: [{ coefficient: one, column }], point, value };
}

/** The last `variables` coordinates of a point. */
export function suffix(point: readonly Quartic[], variables: number): readonly Quartic[] {
  return point.slice(point.length - variables);
}
