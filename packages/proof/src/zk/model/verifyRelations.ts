/**
 * Verification that relations hold of committed columns (docs/specs/zk.md §10 from step 3): the
 * part that registration and inference share.
 */
import { type Address, add, equal, evaluateEq, mul, one, type Quartic, sub, zero } from '@nonet/algebra';
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
  pairCount,
  type Relations,
} from './relations.ts';
import {
  columnClaim,
  inverseClaim,
  pointVariables,
  relationDegree,
  relationLayouts,
  relationVariables,
  suffix,
} from './shape.ts';

/** Values that the verifier knows by itself. */
export interface PublicValues {
  /** The input, rows by positions in Montgomery form, padded; `rows` of them. */
  readonly input?: { readonly at: Address; readonly rows: number; readonly variables: number };
  /** The outputs as a polynomial, at a point over rows and positions. */
  readonly outputAt?: (point: readonly Quartic[]) => Quartic;
}

/**
 * Refuses with `relations.sum` where the committed values do not satisfy the relations, and as
 * sumcheck and opening do.
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
  const biases = reader.quartics(products.length);
  transcript.absorbElements('biases', biases);
  let total = zero;
  for (const [i, { rows, rowVariables, outerVariables, sums }] of products.entries()) {
    const point = suffix(t, rowVariables + outerVariables);
    const bias = mul(biases[i], evaluatePrefix(point.slice(0, rowVariables), rows));
    const known = sums === 'output' ? publics.outputAt!(point) : zero;
    total = add(total, mul(weights.products[i], sub(bias, known)));
  }
  // Step 6.
  const rounds = relationVariables(relations);
  const { challenges: r, claim } = verifySumcheck(transcript, reader, total, rounds, relationDegree);
  // Step 7.
  const claims: Claim[] = [];
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
  for (const [i, { bias, outerVariables }] of products.entries()) {
    claims.push(columnClaim(commitmentOrder.weights, bias, suffix(t, outerVariables), biases[i]));
  }
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
  for (const [i, product] of products.entries()) {
    const inner = suffix(r, product.innerVariables);
    const outer = suffix(t, product.rowVariables + product.outerVariables);
    const left = readUse(product.left, outer.slice(0, product.rowVariables), inner);
    const weightPoint = [...inner, ...outer.slice(product.rowVariables)];
    const right = readValue((value) =>
      columnClaim(commitmentOrder.weights, product.weights, weightPoint, value),
    );
    addInstance(product.innerVariables, mul(sub(zero, weights.products[i]), mul(left, right)));
  }
  transcript.absorbElements('values', values);
  if (!equal(end, claim)) {
    reject('relations.sum', `values that satisfy the relations and give ${claim}`, `${end}`);
  }
  // Step 8.
  if (relations.output !== undefined) {
    const { column, variables } = relations.output;
    const point = suffix(t, variables);
    claims.push(columnClaim(commitmentOrder.witness, column, point, publics.outputAt!(point)));
  }
  const roots = [weightRoot, witnessRoot, inverseRoot];
  const commitments = relationLayouts(relations).map((layout, i) => ({ layout, root: roots[i] }));
  verifyOpening(workspace, transcript, reader, commitments, claims);
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
