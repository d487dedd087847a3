/**
 * Verification that relations hold of committed columns (docs/specs/zk.md §10 from step 3): the
 * part that registration and inference share.
 */
import {
  type Address,
  add,
  dot,
  equal,
  eqValues,
  evaluateEq,
  fromInteger,
  mul,
  one,
  powers,
  type Quartic,
  quarticSize,
  scale,
  sub,
  zero,
} from '@nonet/algebra';
import type { Claim } from '../commitment/claims.ts';
import { verifyOpening } from '../commitment/verifyOpening.ts';
import type { Workspace } from '../hash/hashKernels.ts';
import type { ProofReader } from '../proofBytes.ts';
import { reject } from '../rejection.ts';
import { quarticRing } from '../rings.ts';
import { absentFactor } from '../sumcheck/roundPolynomial.ts';
import { type SumcheckEnd, verifySumcheck } from '../sumcheck/verifySumcheck.ts';
import type { Transcript } from '../transcript.ts';
import {
  assignWeights,
  combineComponent,
  combineInverses,
  combineTable,
  type LookupChallenges,
  type Weights,
} from './combine.ts';
import { evaluateGroups } from './groups.ts';
import {
  type ColumnUse,
  type Component,
  commitmentOrder,
  evaluatePrefix,
  evaluatePublic,
  type MoveProduct,
  pairCount,
  type Relations,
  type SummedProduct,
  summedProducts,
  type WindowProduct,
} from './relations.ts';
import {
  columnClaim,
  imagePoint,
  inverseClaim,
  kernelPoint,
  outerPoint,
  patchProducts,
  placeWeights,
  pointVariables,
  relationDegree,
  relationLayouts,
  relationVariables,
  suffix,
} from './shape.ts';
import { evaluateAxis, evaluateInside } from './windows.ts';

/** Values that the verifier knows by itself. */
export interface PublicValues {
  /** The input, rows by positions in Montgomery form, padded; `rows` of them. */
  readonly input?: { readonly at: Address; readonly rows: number; readonly variables: number };
  /** The outputs as a polynomial, at a point over rows and positions. */
  readonly outputAt?: (point: readonly Quartic[]) => Quartic;
}

/**
 * Refuses with `relations.sum` and `relations.patches` where the committed values do not satisfy
 * the relations, and as sumcheck and opening do.
 */
export function verifyRelations(
  workspace: Workspace,
  transcript: Transcript,
  reader: ProofReader,
  relations: Relations,
  weightRoot: Uint8Array,
  publics: PublicValues,
): void {
  // Step 3.
  const witnessRoot = reader.digest();
  transcript.absorb('witness', witnessRoot);
  const [alpha, beta] = transcript.elements('lookup', 2);
  // Step 4.
  const inverseRoot = reader.digest();
  transcript.absorb('inverses', inverseRoot);
  const t = transcript.elements('point', pointVariables(relations));
  const weights = assignWeights(relations, transcript.elements('gamma', 1)[0]);
  const lookups = { alpha, beta };
  const context = { workspace, transcript, reader, relations, publics, lookups, weights, t };
  const claims: Claim[] = [];
  // Steps 5 and 6.
  const total = readStart(context, claims);
  const rounds = relationVariables(relations);
  const end = verifySumcheck(transcript, reader, total, rounds, relationDegree);
  // Steps 7 and 8.
  const patches = verifyEnd(context, claims, end);
  if (patches.length > 0) verifyPatches(context, claims, patches, end.challenges);
  // Step 9.
  if (relations.output !== undefined) {
    const { column, variables } = relations.output;
    const point = suffix(t, variables);
    claims.push(columnClaim(commitmentOrder.witness, column, point, publics.outputAt!(point)));
  }
  const roots = [weightRoot, witnessRoot, inverseRoot];
  const commitments = relationLayouts(relations).map((layout, i) => ({ layout, root: roots[i] }));
  verifyOpening(workspace, transcript, reader, commitments, claims);
}

/** What the steps share. */
interface Context {
  readonly workspace: Workspace;
  readonly transcript: Transcript;
  readonly reader: ProofReader;
  readonly relations: Relations;
  readonly publics: PublicValues;
  readonly lookups: LookupChallenges;
  readonly weights: Weights;
  readonly t: readonly Quartic[];
}

/** Reads values of a proof that become claims, to be absorbed together. */
class ValueReader {
  readonly values: Quartic[] = [];
  readonly #context: Context;
  readonly #claims: Claim[];

  constructor(context: Context, claims: Claim[]) {
    this.#context = context;
    this.#claims = claims;
  }

  /** A value without a claim. */
  next(): Quartic {
    const [value] = this.#context.reader.quartics(1);
    this.values.push(value);
    return value;
  }

  claimed(claimOf: (value: Quartic) => Claim): Quartic {
    const value = this.next();
    this.#claims.push(claimOf(value));
    return value;
  }

  /** A column at a point over rows and positions; the public input is computed instead. */
  use(use: ColumnUse, rowPoint: readonly Quartic[], position: readonly Quartic[]): Quartic {
    const { workspace, publics } = this.#context;
    if (use === 'input') return evaluateInput(workspace, publics.input!, rowPoint, position);
    const point = [...rowPoint, ...position].slice(0, use.leading);
    return this.claimed((value) => columnClaim(use.commitment, use.column, point, value));
  }

  absorb(label: string): void {
    this.#context.transcript.absorbElements(label, this.values);
  }
}

/** Step 5, and the total that follows (§8.8). */
function readStart(context: Context, claims: Claim[]): Quartic {
  const { relations, weights, publics, t } = context;
  const reader = new ValueReader(context, claims);
  let total = zero;
  for (const [i, product] of relations.products.entries()) {
    const { whole, batch, channel, image } = outerPoint(product, t);
    const [weight] = weights.products[i];
    if (product.kind === 'addition') {
      for (const { use, factor } of product.terms) {
        const value = reader.use(use, batch, whole.slice(batch.length));
        total = add(total, mul(weight, scale(value, fromInteger(factor))));
      }
    }
    if (product.kind === 'window' && !product.isTotal) {
      total = add(total, sumOutside(product, weights.products[i], outerPoint(product, t)));
    }
    if (product.kind !== 'linear') continue;
    const bias = reader.claimed((value) =>
      columnClaim(commitmentOrder.weights, product.bias, channel, value),
    );
    const [, ...extents] = product.outer;
    const mask = extents
      .map(({ size }, axis) => evaluatePrefix(image[axis], size))
      .reduce(mul, evaluatePrefix(batch, product.rows));
    const known = product.sums === 'output' ? publics.outputAt!(whole) : zero;
    total = add(total, mul(weight, sub(mul(bias, mask), known)));
  }
  reader.absorb('biases');
  return total;
}

/** §8.9: what is outside of the image is the least value that the source can have. */
function sumOutside(
  product: WindowProduct,
  weights: readonly Quartic[],
  { batch, channel, image }: ReturnType<typeof outerPoint>,
): Quartic {
  const { source, window, rows, outer } = product;
  const before = mul(evaluatePrefix(batch, rows), evaluatePrefix(channel, outer[0].size));
  const all = mul(evaluatePrefix(image[0], outer[1].size), evaluatePrefix(image[1], outer[2].size));
  const [down, across] = window.map((axis, i) => evaluateInside(axis, image[i]));
  const places = down.flatMap((row) => across.map((column) => sub(all, mul(row, column))));
  return scale(mul(before, dot(places, weights)), fromInteger(source.low));
}

/** Step 7. Returns the values of patches, which are still to be shown. */
function verifyEnd(context: Context, claims: Claim[], { challenges: r, claim }: SumcheckEnd): Quartic[] {
  const { relations, weights } = context;
  const reader = new ValueReader(context, claims);
  const patches: Quartic[] = [];
  let [pair, end] = [0, zero];
  const addInstance = (variables: number, value: Quartic) => {
    end = add(end, mul(absentFactor(r, r.length - variables), value));
  };
  for (const [k, component] of relations.components.entries()) {
    const value = readComponent(context, reader, component, weights.components[k], pair, r);
    addInstance(component.variables, value);
    pair += pairCount(component);
  }
  addInstance(relations.table.variables, readTable(context, reader, pair, r));
  for (const product of summedProducts(relations)) {
    addInstance(product.innerVariables, sub(zero, readProduct(context, reader, product, patches, r)));
  }
  reader.absorb('values');
  if (!equal(end, claim)) {
    reject('relations.sum', `values that satisfy the relations and give ${claim}`, `${end}`);
  }
  return patches;
}

function readComponent(
  { workspace, lookups, weights, t }: Context,
  reader: ValueReader,
  component: Component,
  own: Weights['components'][number],
  firstPair: number,
  r: readonly Quartic[],
): Quartic {
  const { variables, rowVariables } = component;
  const point = suffix(r, variables);
  const [rowPoint, position] = [point.slice(0, rowVariables), point.slice(rowVariables)];
  const uses = component.uses.map((use) => reader.use(use, rowPoint, position));
  const inverses = Array.from({ length: pairCount(component) }, (_, i) =>
    reader.claimed((value) => inverseClaim(firstPair + i, point, value)),
  );
  const publics = component.publics.map((column) =>
    evaluatePublic(workspace.field, column, point, rowVariables),
  );
  const eq = evaluateEq(suffix(t, variables), point);
  const everywhere = mul(
    eq,
    combineComponent(quarticRing, component, { uses, inverses, publics }, lookups, own),
  );
  if (inverses.length === 0) return everywhere;
  return add(everywhere, combineInverses(quarticRing, inverses, weights.sum));
}

function readTable(
  { workspace, relations, lookups, weights, t }: Context,
  reader: ValueReader,
  pair: number,
  r: readonly Quartic[],
): Quartic {
  const { table, multiplicity } = relations;
  const point = suffix(r, table.variables);
  const m = reader.claimed((value) => columnClaim(commitmentOrder.witness, multiplicity, point, value));
  const g = reader.claimed((value) => inverseClaim(pair, point, value));
  const publics = [table.tags, table.a, table.b].map((values) =>
    evaluatePublic(workspace.field, { kind: 'list', values }, point, 0),
  );
  const eq = evaluateEq(suffix(t, table.variables), point);
  const everywhere = mul(eq, combineTable(quarticRing, m, g, publics, lookups, weights.table));
  return sub(everywhere, combineInverses(quarticRing, [g], weights.sum));
}

/** The weighted product at the end; the value of a patch, which no column has, goes to `patches`. */
function readProduct(
  { workspace, relations, weights, t }: Context,
  reader: ValueReader,
  product: SummedProduct,
  patches: Quartic[],
  r: readonly Quartic[],
): Quartic {
  const own = weights.products[relations.products.indexOf(product)];
  const inner = suffix(r, product.innerVariables);
  const outer = outerPoint(product, t);
  if (product.kind === 'window') {
    return mul(reader.use(product.left, outer.batch, inner), evaluateWindow(product, own, outer, inner));
  }
  if (product.kind === 'move') {
    const moved = evaluateMoves(workspace, product, outer.position, inner);
    return mul(own[0], mul(reader.use(product.left, outer.batch, inner), moved));
  }
  let left: Quartic;
  if (product.window === undefined) left = reader.use(product.left, outer.batch, inner);
  else patches.push((left = reader.next()));
  const isGrouped = product.groups > 1;
  const right = reader.claimed((value) =>
    columnClaim(
      commitmentOrder.weights,
      product.weights,
      isGrouped ? inner : [...inner, ...outer.channel],
      value,
    ),
  );
  const value = mul(own[0], mul(left, right));
  if (!isGrouped) return value;
  const { channel, output } = kernelPoint(product.source, product.window!, inner);
  return mul(value, evaluateGroups(product, outer.channel, channel, output));
}

/** §8.11: the sum over moves of eq(position, to) eq(inner, from). */
function evaluateMoves(
  { field }: Workspace,
  { moves }: MoveProduct,
  position: readonly Quartic[],
  inner: readonly Quartic[],
): Quartic {
  const mark = field.mark();
  const [to, from] = [
    [position, moves.to],
    [inner, moves.from],
  ].map(([point, places]) =>
    field.placeAt(field.placeEq(point as readonly Quartic[], one), places as Int32Array),
  );
  const out = field.allocate(quarticSize);
  field.kernels.dotVectors(out, to, from, moves.to.length);
  const value = field.read(out);
  field.release(mark);
  return value;
}

/** §8.9: the weighted sum over places of what they read, as a polynomial over the input. */
function evaluateWindow(
  product: WindowProduct,
  weights: readonly Quartic[],
  outer: ReturnType<typeof outerPoint>,
  inner: readonly Quartic[],
): Quartic {
  const { channel, image } = imagePoint(product.source, inner);
  const [rows, columns] = product.window.map((axis, i) => evaluateAxis(axis, outer.image[i], image[i]));
  const places = rows.flatMap((row) => columns.map((column) => mul(row, column)));
  return mul(evaluateEq(outer.channel, channel), dot(places, placeWeights(product, weights)));
}

/** Step 8: that the values of patches are those of their images. */
function verifyPatches(
  context: Context,
  claims: Claim[],
  patches: readonly Quartic[],
  r: readonly Quartic[],
): void {
  const { transcript, relations, t } = context;
  const products = patchProducts(relations);
  const weights = powers(transcript.elements('patches', 1)[0], products.length);
  const rounds = Math.max(...products.map(({ source }) => source.variables));
  const total = dot(patches, weights);
  const { challenges, claim } = verifySumcheck(transcript, context.reader, total, rounds, 2);
  const reader = new ValueReader(context, claims);
  let end = zero;
  for (const [i, product] of products.entries()) {
    const { source, window } = product;
    const point = suffix(challenges, source.variables);
    const { channel, image } = imagePoint(source, point);
    const inner = kernelPoint(source, window, suffix(r, product.innerVariables));
    const outer = outerPoint(product, t);
    const along = window.map((axis, k) =>
      dot(evaluateAxis(axis, outer.image[k], image[k]), eqValues(inner.image[k], axis.kernel)),
    );
    const matrix = mul(evaluateEq(inner.channel, channel), mul(along[0], along[1]));
    const value = reader.use(product.left, outer.batch, point);
    const absent = absentFactor(challenges, rounds - source.variables);
    end = add(end, mul(mul(weights[i], absent), mul(matrix, value)));
  }
  reader.absorb('images');
  if (!equal(end, claim)) {
    reject('relations.patches', `images whose patches give ${claim}`, `${end}`);
  }
}

/** The input's polynomial at (rowPoint, position). */
function evaluateInput(
  { field }: Workspace,
  { at, rows, variables }: NonNullable<PublicValues['input']>,
  rowPoint: readonly Quartic[],
  position: readonly Quartic[],
): Quartic {
  const mark = field.mark();
  const sums = field.allocate(rows * 16);
  const columns = 2 ** variables;
  field.kernels.dotRows(sums, at, rows, columns, 4 * columns, field.placeEq(position, one));
  const out = field.allocate(16);
  field.kernels.dotVectors(out, sums, field.placeEq(rowPoint, one), rows);
  const value = field.read(out);
  field.release(mark);
  return value;
}
