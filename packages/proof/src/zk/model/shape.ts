/**
 * Sizes that follow from relations, and the claims that their values become: what prover and
 * verifier have to agree on without saying it.
 */
import { logCeil, monomial, one, type Quartic } from '@nonet/algebra';
import type { Claim } from '../commitment/claims.ts';
import { type Layout, layOut } from '../commitment/layout.ts';
import { type TensorRange, variablesOf } from './program.ts';
import {
  commitmentOrder,
  type LinearProduct,
  type Product,
  type Relations,
  type WindowProduct,
} from './relations.ts';
import type { Window } from './windows.ts';

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
    ...products.map(outerVariables),
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

/** Variables of the sums of a product, rows of the batch included. */
function outerVariables({ rowVariables, outer }: Product): number {
  return rowVariables + variablesOf(outer);
}

/** A point over the sums of a product by its parts. */
export function outerPoint(product: Product, t: readonly Quartic[]) {
  const whole = suffix(t, outerVariables(product));
  const { rowVariables, outer } = product;
  const channels = rowVariables + outer[0].variables;
  const rows = channels + (outer[1]?.variables ?? 0);
  return {
    whole,
    batch: whole.slice(0, rowVariables),
    channel: whole.slice(rowVariables, channels),
    /** Without the rows of the batch. */
    position: whole.slice(rowVariables),
    /** Along the rows and the columns of an image. */
    image: [whole.slice(channels, rows), whole.slice(rows)] as const,
  };
}

/** A point over the places of a window's input, channel first, by its parts. */
export function imagePoint({ axes }: TensorRange, point: readonly Quartic[]) {
  const channels = axes[0].variables;
  const rows = channels + axes[1].variables;
  return {
    channel: point.slice(0, channels),
    image: [point.slice(channels, rows), point.slice(rows)] as const,
  };
}

/** A point over the weights of a window, input channel first, by its parts. */
export function kernelPoint(source: TensorRange, [vertical, horizontal]: Window, point: readonly Quartic[]) {
  const channels = source.axes[0].variables;
  const rows = channels + logCeil(vertical.kernel);
  const columns = rows + logCeil(horizontal.kernel);
  return {
    channel: point.slice(0, channels),
    image: [point.slice(channels, rows), point.slice(rows, columns)] as const,
    /** Along the outputs of a group, where there are several. */
    output: point.slice(columns),
  };
}

/** Products through a window with weights: their patches are shown in a second sumcheck (§10.8). */
export function patchProducts({
  products,
}: Relations): readonly (LinearProduct & { readonly window: Window })[] {
  return products.filter(
    (product): product is LinearProduct & { readonly window: Window } =>
      product.kind === 'linear' && product.window !== undefined,
  );
}

/** Variables of the patches of a product: input channel, then place. */
export function patchVariables({ source, window }: LinearProduct): number {
  return window!.reduce((sum, { kernel }) => sum + logCeil(kernel), source.axes[0].variables);
}

/** A weight for each place of a window: one for all of them where their total counts. */
export function placeWeights(product: WindowProduct, weights: readonly Quartic[]): readonly Quartic[] {
  const places = product.window[0].kernel * product.window[1].kernel;
  return product.isTotal ? Array<Quartic>(places).fill(weights[0]) : weights;
}
