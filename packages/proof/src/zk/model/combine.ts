/**
 * One expression for everything that a component has to show (docs/specs/zk.md §8.7, §8.8), so that
 * the prover's tables and the verifier's values go through the same function.
 */
import { mul, one, powers, type Quartic, sub, zero } from '@nonet/algebra';
import type { ExtensionRing } from '../rings.ts';
import { type Component, type Lookup, pairCount, type Relations, sumCount } from './relations.ts';

/** Challenges of the look-ups. */
export interface LookupChallenges {
  readonly alpha: Quartic;
  readonly beta: Quartic;
}

/** Powers of gamma by what they weigh. */
export interface Weights {
  readonly products: readonly (readonly Quartic[])[];
  readonly components: readonly {
    readonly sums: readonly Quartic[];
    readonly equations: readonly Quartic[];
    readonly pairs: readonly Quartic[];
  }[];
  readonly table: Quartic;
  readonly sum: Quartic;
}

/** Products in order, with the number of the first one that has the same component. */
function firstProducts({ products }: Relations): readonly number[] {
  return products.map(({ sums }, i) =>
    sums === 'output' ? i : products.findIndex((product) => product.sums === sums),
  );
}

/** How many powers of gamma there are. */
export function countWeights(relations: Relations): number {
  const firsts = firstProducts(relations);
  return relations.components.reduce(
    (count, component) => count + component.equations.length + pairCount(component),
    relations.products.reduce((count, product, i) => count + (firsts[i] === i ? sumCount(product) : 0), 2),
  );
}

/** §8.8. */
export function assignWeights(relations: Relations, gamma: Quartic): Weights {
  const all = powers(gamma, countWeights(relations));
  const firsts = firstProducts(relations);
  let next = 0;
  const take = (count: number) => all.slice(next, (next += count));
  const products: (readonly Quartic[])[] = [];
  for (const [i, product] of relations.products.entries()) {
    products.push(firsts[i] === i ? take(sumCount(product)) : products[firsts[i]]);
  }
  const components = relations.components.map((component, k) => ({
    sums: products[relations.products.findIndex(({ sums }) => sums === k)] ?? [],
    equations: take(component.equations.length),
    pairs: take(pairCount(component)),
  }));
  const [table, sum] = take(2);
  return { products, components, table, sum };
}

/** The values of a component, in this order: tables of the prover, evaluations of the verifier. */
export interface ComponentValues<T> {
  readonly uses: readonly T[];
  readonly inverses: readonly T[];
  readonly publics: readonly T[];
}

/** d of §8.7. */
export function denominator<T>(
  ring: ExtensionRing<T>,
  { tag, a, b }: Lookup,
  uses: readonly T[],
  publics: readonly T[],
  { alpha, beta }: LookupChallenges,
): T {
  const row = ring.add(tag(ring, uses, publics), ring.scaleBy(a(ring, uses, publics), beta));
  const whole = b === undefined ? row : ring.add(row, ring.scaleBy(b(ring, uses, publics), mul(beta, beta)));
  return ring.shiftBy(whole, sub(zero, alpha));
}

const minusOne = sub(zero, one);

const sumOf = <T>(ring: ExtensionRing<T>, terms: readonly T[]): T =>
  terms.reduce((sum, term) => ring.add(sum, term));

/** What a component adds to the sum of §8.8 times eq, which is left out. */
export function combineComponent<T>(
  ring: ExtensionRing<T>,
  component: Component,
  { uses, inverses, publics }: ComponentValues<T>,
  challenges: LookupChallenges,
  weights: Weights['components'][number],
): T {
  const terms = component.equations.map((equation, i) =>
    ring.scaleBy(equation(ring, uses, publics), weights.equations[i]),
  );
  for (const [i, sum] of component.sums.entries()) {
    terms.push(ring.scaleBy(sum(ring, uses, publics), weights.sums[i]));
  }
  for (const [i, inverse] of inverses.entries()) {
    const own = component.lookups.slice(2 * i, 2 * i + 2);
    const [first, second] = own.map((lookup) => denominator(ring, lookup, uses, publics, challenges));
    const product = ring.mul(inverse, first);
    terms.push(
      second === undefined
        ? ring.scaleBy(ring.shiftBy(product, minusOne), weights.pairs[i])
        : ring.scaleBy(ring.sub(ring.mul(product, second), ring.add(first, second)), weights.pairs[i]),
    );
  }
  return sumOf(ring, terms);
}

/** The same of the table: publics are tag, a and b. */
export function combineTable<T>(
  ring: ExtensionRing<T>,
  multiplicity: T,
  inverse: T,
  publics: readonly T[],
  challenges: LookupChallenges,
  weight: Quartic,
): T {
  const d = denominator(ring, tableRow, [], publics, challenges);
  return ring.scaleBy(ring.sub(ring.mul(inverse, d), multiplicity), weight);
}

/** What inverses add to the sum of §8.8 without eq; there is one at least. */
export function combineInverses<T>(ring: ExtensionRing<T>, inverses: readonly T[], weight: Quartic): T {
  return ring.scaleBy(sumOf(ring, inverses), weight);
}

/** A row of the table as a look-up of it. */
export const tableRow: Lookup = {
  tag: (_, __, publics) => publics[0],
  a: (_, __, publics) => publics[1],
  b: (_, __, publics) => publics[2],
};
