/**
 * Proof that relations hold of committed columns (docs/specs/zk.md §10 from step 3): the part that
 * registration and inference share.
 */
import { type Address, fromInteger, one, type Quartic, quarticSize, sub, zero } from '@nonet/algebra';
import type { Claim } from '../commitment/claims.ts';
import { placeOf } from '../commitment/layout.ts';
import { type ColumnValues, type Committed, commitColumns } from '../commitment/proveCommitment.ts';
import { proveOpening } from '../commitment/proveOpening.ts';
import type { Workspace } from '../hash/hashKernels.ts';
import { type ProofWriter, quarticBytes } from '../proofBytes.ts';
import { type Instance, proveSumcheck } from '../sumcheck/proveSumcheck.ts';
import { evaluateVectors } from '../sumcheck/proveVectors.ts';
import type { Transcript } from '../transcript.ts';
import {
  assignWeights,
  combineComponent,
  combineTable,
  denominator,
  type LookupChallenges,
  tableRow,
} from './combine.ts';
import {
  type ColumnUse,
  type Component,
  commitmentOrder,
  expandPublic,
  type Product,
  type PublicColumn,
  pairCount,
  type Relations,
} from './relations.ts';
import {
  columnClaim,
  inverseClaim,
  pointVariables,
  relationDegree,
  relationLayouts,
  suffix,
} from './shape.ts';

/** What a proof of relations needs besides them. */
export interface RelationWitness {
  readonly weights: Committed;
  /** The witness columns in order, live values only. */
  readonly columns: readonly ArrayLike<number>[];
  /** The input, rows by positions in Montgomery form, padded. */
  readonly input?: Address;
  /** Called as each phase begins. */
  readonly onProgress?: ((phase: string) => void) | undefined;
}

/** Tables of a component, in the order of its values. */
interface ComponentTables {
  readonly uses: readonly Address[];
  readonly publics: readonly Address[];
  readonly inverses: Address[];
}

/** Writes the proof. The statement has been absorbed. */
export function proveRelations(
  workspace: Workspace,
  transcript: Transcript,
  writer: ProofWriter,
  relations: Relations,
  witness: RelationWitness,
): void {
  const { field } = workspace;
  const { components, products, table } = relations;
  const mark = field.mark();
  const [, witnessLayout, inverseLayout] = relationLayouts(relations);
  // Steps 2 and 3.
  witness.onProgress?.('commit to the run');
  const columns = witness.columns.map((values): ColumnValues => ({ kind: 'integers', values }));
  const committed = commitColumns(workspace, witnessLayout, columns);
  writer.bytes(committed.root);
  transcript.absorb('witness', committed.root);
  const [alpha, beta] = transcript.elements('lookup', 2);
  const challenges = { alpha, beta };
  // Step 4.
  witness.onProgress?.('commit to look-ups');
  const sources = { weights: witness.weights, witness: committed, input: witness.input };
  const tables = components.map((component) => placeComponent(workspace, component, sources));
  for (const [k, component] of components.entries())
    placeInverses(workspace, component, tables[k], challenges);
  const tableSize = 2 ** table.variables;
  const tablePublics = [table.tags, table.a, table.b].map((values) =>
    placePublic(workspace, { kind: 'list', values }, table.variables, 0),
  );
  const multiplicity = placeColumn(workspace, committed, relations.multiplicity);
  const tableInverse = field.allocate(tableSize * quarticSize);
  const tableDenominators = field.allocate(tableSize * quarticSize);
  evaluateVectors(field, tableDenominators, tablePublics, tableSize, (ring, publics) =>
    denominator(ring, tableRow, [], publics, challenges),
  );
  field.kernels.invertVector(tableInverse, tableDenominators, tableSize);
  field.kernels.mulVectors(tableInverse, tableInverse, multiplicity, tableSize);
  const elements = [...tables.flatMap(({ inverses }) => inverses), tableInverse];
  const inverses = commitColumns(
    workspace,
    inverseLayout,
    elements.flatMap((at) =>
      [0, 1, 2, 3].map((limb): ColumnValues => ({ kind: 'limb', elements: at, limb })),
    ),
  );
  writer.bytes(inverses.root);
  transcript.absorb('inverses', inverses.root);
  const t = transcript.elements('point', pointVariables(relations));
  const weights = assignWeights(relations, transcript.elements('gamma', 1)[0]);
  // Step 5.
  witness.onProgress?.('sumcheck');
  const biases = products.map(({ bias, outerVariables }) =>
    evaluateColumn(workspace, witness.weights, bias, suffix(t, outerVariables)),
  );
  writer.bytes(quarticBytes(biases));
  transcript.absorbElements('biases', biases);
  // Step 6.
  const instances: Instance[] = components.map((component, k) => {
    const { uses, publics, inverses: own } = tables[k];
    const eq = field.placeEq(suffix(t, component.variables), one);
    const [second, third] = [uses.length, uses.length + own.length];
    return {
      variables: component.variables,
      tables: [...uses, ...own, ...publics, eq],
      degree: relationDegree,
      expression: (ring, at) =>
        combineComponent(
          ring,
          component,
          {
            uses: at.slice(0, second),
            inverses: at.slice(second, third),
            publics: at.slice(third, -1),
            eq: at[at.length - 1],
          },
          challenges,
          weights.components[k],
          weights.sum,
        ),
    };
  });
  instances.push({
    variables: table.variables,
    tables: [multiplicity, tableInverse, ...tablePublics, field.placeEq(suffix(t, table.variables), one)],
    degree: 3,
    expression: (ring, at) =>
      combineTable(ring, at[0], at[1], at.slice(2, 5), at[5], challenges, weights.table, weights.sum),
  });
  for (const [i, product] of products.entries()) {
    const minus = sub(zero, weights.products[i]);
    instances.push({
      variables: product.innerVariables,
      tables: placeProduct(workspace, product, relations, sources, t),
      degree: 2,
      expression: (ring, [x, w]) => ring.scaleBy(ring.mul(x, w), minus),
    });
  }
  const r = proveSumcheck(field, transcript, writer, instances, relationDegree);
  // Step 7.
  const claims: Claim[] = products.map(({ bias, outerVariables }, i) =>
    columnClaim(commitmentOrder.weights, bias, suffix(t, outerVariables), biases[i]),
  );
  const values: Quartic[] = [];
  const open = (at: Address, claimOf: (value: Quartic) => Claim) => {
    const value = field.read(at);
    values.push(value);
    claims.push(claimOf(value));
  };
  const openUse = (
    use: ColumnUse,
    at: Address,
    rowPoint: readonly Quartic[],
    position: readonly Quartic[],
  ) => {
    if (use === 'input') return;
    const point = use.perRow ? rowPoint : [...rowPoint, ...position];
    open(at, (value) => columnClaim(use.commitment, use.column, point, value));
  };
  let pair = 0;
  for (const [k, { variables, rowVariables, uses }] of components.entries()) {
    const point = suffix(r, variables);
    for (const [i, use] of uses.entries()) {
      openUse(use, tables[k].uses[i], point.slice(0, rowVariables), point.slice(rowVariables));
    }
    for (const at of tables[k].inverses) open(at, (value) => inverseClaim(pair++, point, value));
  }
  const tablePoint = suffix(r, table.variables);
  open(multiplicity, (value) =>
    columnClaim(commitmentOrder.witness, relations.multiplicity, tablePoint, value),
  );
  open(tableInverse, (value) => inverseClaim(pair++, tablePoint, value));
  for (const [i, product] of products.entries()) {
    const [x, w] = instances[components.length + 1 + i].tables;
    const inner = suffix(r, product.innerVariables);
    const outer = suffix(t, product.rowVariables + product.outerVariables);
    openUse(product.left, x, outer.slice(0, product.rowVariables), inner);
    const weightPoint = [...inner, ...outer.slice(product.rowVariables)];
    open(w, (value) => columnClaim(commitmentOrder.weights, product.weights, weightPoint, value));
  }
  writer.bytes(quarticBytes(values));
  transcript.absorbElements('values', values);
  // Step 8.
  witness.onProgress?.('open');
  if (relations.output !== undefined) {
    const { column, variables } = relations.output;
    const point = suffix(t, variables);
    const value = evaluateColumn(workspace, committed, column, point);
    claims.push(columnClaim(commitmentOrder.witness, column, point, value));
  }
  proveOpening(workspace, transcript, writer, [witness.weights, committed, inverses], claims);
  field.release(mark);
}

interface Sources {
  readonly weights: Committed;
  readonly witness: Committed;
  readonly input: Address | undefined;
}

/** Zeroed room for a table. */
function placeZeros({ field }: Workspace, variables: number): Address {
  const at = field.allocate(2 ** variables * quarticSize);
  field.bytes(at, 2 ** variables * quarticSize).fill(0);
  return at;
}

/** A column's values as extension elements. */
function placeColumn(workspace: Workspace, { layout, matrix }: Committed, column: number): Address {
  const { variables, live } = layout.columns[column];
  const at = placeZeros(workspace, variables);
  workspace.field.kernels.liftVector(at, matrix + 4 * placeOf(layout, column), live);
  return at;
}

const commitmentOf = (sources: Sources, commitment: 0 | 1): Committed =>
  commitment === commitmentOrder.weights ? sources.weights : sources.witness;

function placeUse(workspace: Workspace, use: ColumnUse, component: Component, sources: Sources): Address {
  const { field } = workspace;
  const { variables, rowVariables } = component;
  if (use === 'input') {
    const at = placeZeros(workspace, variables);
    field.kernels.liftVector(at, sources.input!, 2 ** variables);
    return at;
  }
  const own = placeColumn(workspace, commitmentOf(sources, use.commitment), use.column);
  if (!use.perRow) return own;
  const at = placeZeros(workspace, variables);
  const each = 2 ** (variables - rowVariables);
  const [from, to] = [field.words(own, 4 * 2 ** rowVariables), field.words(at, 4 * 2 ** variables)];
  for (let i = 0; i < 2 ** variables; i++) {
    const row = Math.floor(i / each);
    to.set(from.subarray(4 * row, 4 * row + 4), 4 * i);
  }
  return at;
}

/** A public column's values as extension elements. */
function placePublic(
  workspace: Workspace,
  column: PublicColumn,
  variables: number,
  rowVariables: number,
): Address {
  const { field } = workspace;
  const values = expandPublic(column, variables, rowVariables);
  const at = placeZeros(workspace, variables);
  const mark = field.mark();
  field.kernels.liftVector(at, field.placeBase(values.map(fromInteger)), values.length);
  field.release(mark);
  return at;
}

function placeComponent(workspace: Workspace, component: Component, sources: Sources): ComponentTables {
  const { variables, rowVariables } = component;
  return {
    uses: component.uses.map((use) => placeUse(workspace, use, component, sources)),
    publics: component.publics.map((column) => placePublic(workspace, column, variables, rowVariables)),
    inverses: [],
  };
}

/** The columns of inverses: 1/d, or 1/d + 1/d' for two look-ups. */
function placeInverses(
  workspace: Workspace,
  component: Component,
  { uses, publics, inverses }: ComponentTables,
  challenges: LookupChallenges,
): void {
  const { field } = workspace;
  const size = 2 ** component.variables;
  for (let pair = 0; pair < pairCount(component); pair++) {
    const out = field.allocate(size * quarticSize);
    const mark = field.mark();
    const parts = component.lookups.slice(2 * pair, 2 * pair + 2).map((lookup) => {
      const denominators = field.allocate(size * quarticSize);
      evaluateVectors(field, denominators, [...uses, ...publics], size, (ring, at) =>
        denominator(ring, lookup, at.slice(0, uses.length), at.slice(uses.length), challenges),
      );
      const inverted = field.allocate(size * quarticSize);
      field.kernels.invertVector(inverted, denominators, size);
      return inverted;
    });
    field.kernels.addVectors(out, parts[0], parts[1] ?? placeZeros(workspace, component.variables), size);
    field.release(mark);
    inverses.push(out);
  }
}

/** x(t_b, k) and w(k, t_j) for all k. */
function placeProduct(
  workspace: Workspace,
  product: Product,
  relations: Relations,
  sources: Sources,
  t: readonly Quartic[],
): readonly [Address, Address] {
  const { field } = workspace;
  const { left, rows, rowVariables, innerVariables, outerVariables } = product;
  const point = suffix(t, rowVariables + outerVariables);
  const inner = 2 ** innerVariables;
  const x = field.allocate(inner * quarticSize);
  const w = placeZeros(workspace, innerVariables);
  const mark = field.mark();
  const matrixOf = ({ matrix, layout }: Committed, column: number) => matrix + 4 * placeOf(layout, column);
  const from =
    left === 'input' ? sources.input! : matrixOf(commitmentOf(sources, left.commitment), left.column);
  const rowFactors = field.placeEq(point.slice(0, rowVariables), one);
  field.kernels.combineRows(x, from, rows, inner, 4 * inner, rowFactors);
  const outer = 2 ** outerVariables;
  const factors = field.placeEq(point.slice(rowVariables), one);
  const size = relations.weights[product.weights].live / outer;
  const weights = matrixOf(sources.weights, product.weights);
  field.kernels.dotRows(w, weights, size, outer, 4 * outer, factors);
  field.release(mark);
  return [x, w];
}

/** The polynomial of a column at a point. */
function evaluateColumn(
  workspace: Workspace,
  committed: Committed,
  column: number,
  point: readonly Quartic[],
): Quartic {
  const { field } = workspace;
  const mark = field.mark();
  const out = field.allocate(quarticSize);
  const values = placeColumn(workspace, committed, column);
  field.kernels.dotVectors(out, values, field.placeEq(point, one), 2 ** point.length);
  const value = field.read(out);
  field.release(mark);
  return value;
}
