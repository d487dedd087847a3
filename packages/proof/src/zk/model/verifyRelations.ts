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
  mul,
  one,
  powers,
  type Quartic,
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
import { verifySumcheck } from '../sumcheck/verifySumcheck.ts';
import type { Transcript } from '../transcript.ts';
import { assignWeights, combineComponent, combineTable } from './combine.ts';
import {
  type ColumnUse,
  commitmentOrder,
  evaluatePrefix,
  evaluatePublic,
  type LinearProduct,
  pairCount,
  type Relations,
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
import { evaluateAxis } from './windows.ts';

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
  const { components, products, table } = relations;
  // Step 3.
  const witnessRoot = reader.digest();
  transcript.absorb('witness', witnessRoot);
  const [alpha, beta] = transcript.elements('lookup', 2);
  const challenges = { alpha, beta };
  // Step 4.
  const inverseRoot = reader.digest();
  transcript.absorb('inverses', inverseRoot);
  const t = transcript.elements('point', pointVariables(relations));
  const weights = assignWeights(relations, transcript.elements('gamma', 1)[0]);
  // Step 5.
  const claims: Claim[] = [];
  const started: Quartic[] = [];
  let total = zero;
  const readAtStart = (claimOf: (value: Quartic) => Claim): Quartic => {
    const [value] = reader.quartics(1);
    started.push(value);
    claims.push(claimOf(value));
    return value;
  };
  for (const [i, product] of products.entries()) {
    const { whole, batch, channel, image } = outerPoint(product, t);
    const [weight] = weights.products[i];
    if (product.kind === 'addition') {
      for (const use of [product.left, product.right]) {
        const value =
          use === 'input'
            ? evaluateInput(workspace, publics.input!, batch, whole.slice(batch.length))
            : readAtStart((read) => columnClaim(use.commitment, use.column, whole, read));
        total = add(total, mul(weight, value));
      }
    }
    if (product.kind !== 'linear') continue;
    const bias = readAtStart((read) => columnClaim(commitmentOrder.weights, product.bias, channel, read));
    const [, ...extents] = product.outer;
    const mask = extents
      .map(({ size }, axis) => evaluatePrefix(image[axis], size))
      .reduce(mul, evaluatePrefix(batch, product.rows));
    const known = product.sums === 'output' ? publics.outputAt!(whole) : zero;
    total = add(total, mul(weight, sub(mul(bias, mask), known)));
  }
  transcript.absorbElements('biases', started);
  // Step 6.
  const rounds = relationVariables(relations);
  const { challenges: r, claim } = verifySumcheck(transcript, reader, total, rounds, relationDegree);
  // Step 7.
  const values: Quartic[] = [];
  const readValue = (claimOf: (value: Quartic) => Claim): Quartic => {
    const [value] = reader.quartics(1);
    values.push(value);
    claims.push(claimOf(value));
    return value;
  };
  const readUse = (use: ColumnUse, rowPoint: readonly Quartic[], position: readonly Quartic[]): Quartic => {
    if (use === 'input') return evaluateInput(workspace, publics.input!, rowPoint, position);
    const point = use.perRow ? rowPoint : [...rowPoint, ...position];
    return readValue((value) => columnClaim(use.commitment, use.column, point, value));
  };
  let end = zero;
  const addInstance = (variables: number, value: Quartic) => {
    end = add(end, mul(absentFactor(r, rounds - variables), value));
  };
  let pair = 0;
  for (const [k, component] of components.entries()) {
    const { variables, rowVariables } = component;
    const point = suffix(r, variables);
    const uses = component.uses.map((use) =>
      readUse(use, point.slice(0, rowVariables), point.slice(rowVariables)),
    );
    const inverses = Array.from({ length: pairCount(component) }, () =>
      readValue((value) => inverseClaim(pair++, point, value)),
    );
    const own = {
      uses,
      inverses,
      publics: component.publics.map((column) => evaluatePublic(column, point, rowVariables)),
      eq: evaluateEq(suffix(t, variables), point),
    };
    addInstance(
      variables,
      combineComponent(quarticRing, component, own, challenges, weights.components[k], weights.sum),
    );
  }
  const tablePoint = suffix(r, table.variables);
  const multiplicity = readValue((value) =>
    columnClaim(commitmentOrder.witness, relations.multiplicity, tablePoint, value),
  );
  const tableInverse = readValue((value) => inverseClaim(pair++, tablePoint, value));
  const tableColumns = [table.tags, table.a, table.b].map((list) =>
    evaluatePublic({ kind: 'list', values: list }, tablePoint, 0),
  );
  const tableEq = evaluateEq(suffix(t, table.variables), tablePoint);
  addInstance(
    table.variables,
    combineTable(
      quarticRing,
      multiplicity,
      tableInverse,
      tableColumns,
      tableEq,
      challenges,
      weights.table,
      weights.sum,
    ),
  );
  const patches: Quartic[] = [];
  for (const product of summedProducts(relations)) {
    const own = weights.products[products.indexOf(product)];
    const inner = suffix(r, product.innerVariables);
    const { batch, channel } = outerPoint(product, t);
    if (product.kind === 'window') {
      const left = readUse(product.left, batch, inner);
      const right = evaluateWindow(product, own, outerPoint(product, t), inner);
      addInstance(product.innerVariables, sub(zero, mul(left, right)));
      continue;
    }
    let left: Quartic;
    if (product.window === undefined) left = readUse(product.left, batch, inner);
    else {
      [left] = reader.quartics(1);
      values.push(left);
      patches.push(left);
    }
    const right = readValue((value) =>
      columnClaim(commitmentOrder.weights, product.weights, [...inner, ...channel], value),
    );
    addInstance(product.innerVariables, mul(sub(zero, own[0]), mul(left, right)));
  }
  transcript.absorbElements('values', values);
  if (!equal(end, claim)) {
    reject('relations.sum', `values that satisfy the relations and give ${claim}`, `${end}`);
  }
  // Step 8.
  if (patches.length > 0) {
    verifyPatches(transcript, reader, relations, patches, t, r, (product, inner) => {
      const { batch } = outerPoint(product, t);
      if (product.left === 'input') return evaluateInput(workspace, publics.input!, batch, inner);
      const { commitment, column } = product.left;
      const [value] = reader.quartics(1);
      claims.push(columnClaim(commitment, column, [...batch, ...inner], value));
      return value;
    });
  }
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

/** §10.8: that the patches' values are those of their images; `imageAt` gives an image's value. */
function verifyPatches(
  transcript: Transcript,
  reader: ProofReader,
  relations: Relations,
  patches: readonly Quartic[],
  t: readonly Quartic[],
  r: readonly Quartic[],
  imageAt: (product: LinearProduct, point: readonly Quartic[]) => Quartic,
): void {
  const products = patchProducts(relations);
  const weights = powers(transcript.elements('patches', 1)[0], products.length);
  const rounds = Math.max(...products.map(({ source }) => source.variables));
  const total = dot(patches, weights);
  const { challenges, claim } = verifySumcheck(transcript, reader, total, rounds, 2);
  const values: Quartic[] = [];
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
    const value = imageAt(product, point);
    if (product.left !== 'input') values.push(value);
    const absent = absentFactor(challenges, rounds - source.variables);
    end = add(end, mul(mul(weights[i], absent), mul(matrix, value)));
  }
  transcript.absorbElements('images', values);
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
