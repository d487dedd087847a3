/**
 * Proof that relations hold of committed columns (docs/specs/zk.md §10 from step 3): the part that
 * registration and inference share.
 */
import {
  type Address,
  addBase,
  eqValues,
  fromInteger,
  logCeil,
  one,
  powers,
  type Quartic,
  quarticSize,
  sub,
  zero,
} from '@nonet/algebra';
import type { Claim } from '../commitment/claims.ts';
import { type Layout, placeOf } from '../commitment/layout.ts';
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
  combineInverses,
  combineTable,
  denominator,
  type LookupChallenges,
  tableRow,
  type Weights,
} from './combine.ts';
import { scatterGroups } from './groups.ts';
import {
  type ColumnUse,
  type Component,
  commitmentOrder,
  expandPublic,
  type LinearProduct,
  type MoveProduct,
  type Product,
  type PublicColumn,
  pairCount,
  type Relations,
  summedProducts,
  type WindowProduct,
} from './relations.ts';
import {
  columnClaim,
  inverseClaim,
  kernelPoint,
  outerPoint,
  patchProducts,
  patchVariables,
  placeWeights,
  pointVariables,
  relationDegree,
  relationLayouts,
  suffix,
} from './shape.ts';
import { combineVectors, scatterAxis, type Window } from './windows.ts';

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
  const mark = workspace.field.mark();
  const [, witnessLayout, inverseLayout] = relationLayouts(relations);
  // Steps 2 and 3.
  witness.onProgress?.('commit to the run');
  const columns = witness.columns.map((values): ColumnValues => ({ kind: 'integers', values }));
  const committed = commitColumns(workspace, witnessLayout, columns);
  writer.bytes(committed.root);
  transcript.absorb('witness', committed.root);
  const [alpha, beta] = transcript.elements('lookup', 2);
  // Step 4.
  witness.onProgress?.('commit to look-ups');
  const sources = { weights: witness.weights, witness: committed, input: witness.input };
  const lookups = { alpha, beta };
  const tables = placeTables(workspace, relations, sources, lookups);
  const inverses = commitInverses(workspace, inverseLayout, tables);
  writer.bytes(inverses.root);
  transcript.absorb('inverses', inverses.root);
  const t = transcript.elements('point', pointVariables(relations));
  const weights = assignWeights(relations, transcript.elements('gamma', 1)[0]);
  const context = { workspace, transcript, writer, relations, sources, lookups, weights, t };
  // Step 5.
  witness.onProgress?.('sumcheck');
  const claims = proveStart(context);
  // Step 6.
  const instances = [...createComponents(context, tables), ...createProducts(context)];
  const r = proveSumcheck(workspace.field, transcript, writer, instances, relationDegree);
  // Step 7.
  claims.push(...proveEnd(context, tables, instances, r));
  // Step 8.
  if (patchProducts(relations).length > 0) claims.push(...provePatches(context, r));
  // Step 9.
  witness.onProgress?.('open');
  if (relations.output !== undefined) {
    const { column, variables } = relations.output;
    const point = suffix(t, variables);
    const value = evaluateColumn(workspace, committed, column, point);
    claims.push(columnClaim(commitmentOrder.witness, column, point, value));
  }
  proveOpening(workspace, transcript, writer, [witness.weights, committed, inverses], claims);
  workspace.field.release(mark);
}

/** What the steps share. */
interface Context {
  readonly workspace: Workspace;
  readonly transcript: Transcript;
  readonly writer: ProofWriter;
  readonly relations: Relations;
  readonly sources: Sources;
  readonly lookups: LookupChallenges;
  readonly weights: Weights;
  readonly t: readonly Quartic[];
}

/** Tables of all components, and of the look-up table: multiplicity, inverse, publics. */
interface AllTables {
  readonly components: readonly ComponentTables[];
  readonly table: ComponentTables;
}

/** Values together: in the transcript first, then in the proof. */
function sendValues({ transcript, writer }: Context, label: string, values: Quartic[]): void {
  transcript.absorbElements(label, values);
  writer.bytes(quarticBytes(values));
}

/** The tables of components and of the look-up table, with the inverses of step 4. */
function placeTables(
  workspace: Workspace,
  { components, table, multiplicity }: Relations,
  sources: Sources,
  lookups: LookupChallenges,
): AllTables {
  const { field } = workspace;
  const placed = components.map((component) => placeComponent(workspace, component, sources));
  for (const [k, component] of components.entries()) {
    placeInverses(workspace, component, placed[k], lookups);
  }
  const publics = [table.tags, table.a, table.b].map((values) =>
    placePublic(workspace, { kind: 'list', values }, table.variables, 0),
  );
  const m = placeColumn(workspace, sources.witness, multiplicity);
  const size = 2 ** table.variables;
  const inverse = field.allocate(size * quarticSize);
  const mark = field.mark();
  const denominators = field.allocate(size * quarticSize);
  evaluateVectors(field, denominators, publics, size, (ring, columns) =>
    denominator(ring, tableRow, [], columns, lookups),
  );
  field.kernels.invertVector(inverse, denominators, size);
  field.kernels.mulVectors(inverse, inverse, m, size);
  field.release(mark);
  return { components: placed, table: { uses: [m], publics, inverses: [inverse] } };
}

function commitInverses(workspace: Workspace, layout: Layout, { components, table }: AllTables): Committed {
  const elements = [...components, table].flatMap(({ inverses }) => inverses);
  const limbs = elements.flatMap((at) =>
    [0, 1, 2, 3].map((limb): ColumnValues => ({ kind: 'limb', elements: at, limb })),
  );
  return commitColumns(workspace, layout, limbs);
}

/** Step 5. */
function proveStart(context: Context): Claim[] {
  const { workspace, relations, sources, t } = context;
  const claims: Claim[] = [];
  const open = (commitment: 0 | 1, column: number, point: readonly Quartic[]) => {
    const value = evaluateColumn(workspace, commitmentOf(sources, commitment), column, point);
    claims.push(columnClaim(commitment, column, point, value));
  };
  for (const product of relations.products) {
    const { whole, channel } = outerPoint(product, t);
    if (product.kind === 'addition') {
      for (const { use } of product.terms) {
        if (use !== 'input') open(use.commitment, use.column, whole);
      }
    } else if (product.kind === 'linear') open(commitmentOrder.weights, product.bias, channel);
  }
  sendValues(
    context,
    'biases',
    claims.map(({ value }) => value),
  );
  return claims;
}

/** Step 6: components, then the table. */
function createComponents(context: Context, tables: AllTables): Instance[] {
  const { relations, lookups, weights, t } = context;
  const instances = relations.components.map((component, k): Instance => {
    const { uses, publics, inverses } = tables.components[k];
    const [second, third] = [uses.length, uses.length + inverses.length];
    return {
      variables: component.variables,
      tables: [...uses, ...inverses, ...publics],
      degree: relationDegree - 1,
      eq: suffix(t, component.variables),
      expression: (ring, at) => {
        const values = {
          uses: at.slice(0, second),
          inverses: at.slice(second, third),
          publics: at.slice(third),
        };
        return combineComponent(ring, component, values, lookups, weights.components[k]);
      },
      ...(inverses.length > 0 && {
        linear: (ring, at) => combineInverses(ring, at.slice(second, third), weights.sum),
      }),
    };
  });
  const { uses, inverses, publics } = tables.table;
  const { variables } = relations.table;
  const minus = sub(zero, weights.sum);
  instances.push({
    variables,
    tables: [...uses, ...inverses, ...publics],
    degree: 2,
    eq: suffix(t, variables),
    expression: (ring, [m, g, ...own]) => combineTable(ring, m, g, own, lookups, weights.table),
    linear: (ring, [, g]) => combineInverses(ring, [g], minus),
  });
  return instances;
}

/** Step 6: products that are sums over a cube. */
function createProducts({ workspace, relations, sources, weights, t }: Context): Instance[] {
  return summedProducts(relations).map((product): Instance => {
    const factors = weights.products[relations.products.indexOf(product)];
    const variables = product.innerVariables;
    if (product.kind === 'window') {
      const x = placeLeft(workspace, product, sources, outerPoint(product, t).batch);
      const reads = placeWindow(workspace, product, factors, t);
      const expression: Instance['expression'] = (ring, [a, b]) => ring.scale(ring.mul(a, b), -1);
      return { variables, tables: [x, reads], degree: 2, expression };
    }
    const minus = sub(zero, factors[0]);
    if (product.kind === 'move') {
      const { batch, position } = outerPoint(product, t);
      const x = placeLeft(workspace, product, sources, batch);
      const moved = placeMoves(workspace, product, position);
      const expression: Instance['expression'] = (ring, [a, b]) => ring.scaleBy(ring.mul(a, b), minus);
      return { variables, tables: [x, moved], degree: 2, expression };
    }
    if (product.groups > 1) {
      const tables = placeGroups(workspace, product, sources, t);
      const expression: Instance['expression'] = (ring, [a, b, groups]) =>
        ring.scaleBy(ring.mul(ring.mul(a, b), groups), minus);
      return { variables, tables, degree: 3, expression };
    }
    const x =
      product.window === undefined
        ? placeLeft(workspace, product, sources, outerPoint(product, t).batch)
        : placePatches(workspace, product, product.window, sources, t);
    const w = placeFactors(workspace, product, relations, sources, t);
    const expression: Instance['expression'] = (ring, [a, b]) => ring.scaleBy(ring.mul(a, b), minus);
    return { variables, tables: [x, w], degree: 2, expression };
  });
}

/** Step 7: the values at the end, which are first in the tables that the sumcheck has bound. */
function proveEnd(
  context: Context,
  tables: AllTables,
  instances: readonly Instance[],
  r: readonly Quartic[],
): Claim[] {
  const { workspace, relations, t } = context;
  const claims: Claim[] = [];
  const values: Quartic[] = [];
  const open = (at: Address, claimOf: (value: Quartic) => Claim) => {
    const value = workspace.field.read(at);
    values.push(value);
    claims.push(claimOf(value));
  };
  const openUse = (use: ColumnUse, at: Address, rows: readonly Quartic[], position: readonly Quartic[]) => {
    if (use === 'input') return;
    const point = [...rows, ...position].slice(0, use.leading);
    open(at, (value) => columnClaim(use.commitment, use.column, point, value));
  };
  let pair = 0;
  for (const [k, { variables, rowVariables, uses }] of relations.components.entries()) {
    const point = suffix(r, variables);
    for (const [i, use] of uses.entries()) {
      openUse(use, tables.components[k].uses[i], point.slice(0, rowVariables), point.slice(rowVariables));
    }
    for (const at of tables.components[k].inverses) open(at, (value) => inverseClaim(pair++, point, value));
  }
  const tablePoint = suffix(r, relations.table.variables);
  open(tables.table.uses[0], (value) =>
    columnClaim(commitmentOrder.witness, relations.multiplicity, tablePoint, value),
  );
  open(tables.table.inverses[0], (value) => inverseClaim(pair++, tablePoint, value));
  for (const [i, product] of summedProducts(relations).entries()) {
    const [x, w] = instances[relations.components.length + 1 + i].tables;
    const inner = suffix(r, product.innerVariables);
    const { batch, channel } = outerPoint(product, t);
    const isPatch = product.kind === 'linear' && product.window !== undefined;
    if (isPatch) values.push(workspace.field.read(x));
    else openUse(product.left, x, batch, inner);
    if (product.kind !== 'linear') continue;
    const point = product.groups > 1 ? inner : [...inner, ...channel];
    open(w, (value) => columnClaim(commitmentOrder.weights, product.weights, point, value));
  }
  sendValues(context, 'values', values);
  return claims;
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
  const { variables } = component;
  if (use === 'input') {
    const at = placeZeros(workspace, variables);
    field.kernels.liftVector(at, sources.input!, 2 ** variables);
    return at;
  }
  const own = placeColumn(workspace, commitmentOf(sources, use.commitment), use.column);
  if (use.leading === undefined) return own;
  const repeated = 2 ** (variables - use.leading);
  return field.placeAt(
    own,
    Int32Array.from({ length: 2 ** variables }, (_, i) => Math.floor(i / repeated)),
  );
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
  for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = fromInteger(values[i]);
  const at = field.allocate(values.length * quarticSize);
  const mark = field.mark();
  field.kernels.liftVector(at, field.placeBase(values), values.length);
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
    const [first, second] = component.lookups.slice(2 * pair, 2 * pair + 2).map((lookup) => {
      const denominators = field.allocate(size * quarticSize);
      evaluateVectors(field, denominators, [...uses, ...publics], size, (ring, at) =>
        denominator(ring, lookup, at.slice(0, uses.length), at.slice(uses.length), challenges),
      );
      return denominators;
    });
    if (second === undefined) field.kernels.invertVector(out, first, size);
    else {
      // (d + d') / (d d'): one inversion for both.
      const product = field.allocate(size * quarticSize);
      field.kernels.mulVectors(product, first, second, size);
      field.kernels.invertVector(out, product, size);
      field.kernels.addVectors(first, first, second, size);
      field.kernels.mulVectors(out, out, first, size);
    }
    field.release(mark);
    inverses.push(out);
  }
}

const matrixOf = ({ matrix, layout }: Committed, column: number) => matrix + 4 * placeOf(layout, column);

/** x(t_b, k) for all k. */
function placeLeft(
  workspace: Workspace,
  { left, source, rows }: Product,
  sources: Sources,
  batch: readonly Quartic[],
): Address {
  const { field } = workspace;
  const inner = 2 ** source.variables;
  const x = field.allocate(inner * quarticSize);
  const mark = field.mark();
  const from =
    left === 'input' ? sources.input! : matrixOf(commitmentOf(sources, left.commitment), left.column);
  field.kernels.combineRows(x, from, rows, inner, 4 * inner, field.placeEq(batch, one));
  field.release(mark);
  return x;
}

/** w(k, t_j) for all k. */
function placeFactors(
  workspace: Workspace,
  product: LinearProduct,
  relations: Relations,
  sources: Sources,
  t: readonly Quartic[],
): Address {
  const { field } = workspace;
  const w = placeZeros(workspace, product.innerVariables);
  const mark = field.mark();
  const { channel } = outerPoint(product, t);
  const outer = 2 ** channel.length;
  const size = relations.weights[product.weights].live / outer;
  const weights = matrixOf(sources.weights, product.weights);
  field.kernels.dotRows(w, weights, size, outer, 4 * outer, field.placeEq(channel, one));
  field.release(mark);
  return w;
}

/** Vectors along the three axes of an image, multiplied out. */
function placeOuter(
  { field }: Workspace,
  at: Address,
  channel: readonly Quartic[],
  rows: readonly Quartic[],
  columns: readonly Quartic[],
  isSum: boolean,
): void {
  const mark = field.mark();
  const line = field.place(columns);
  const factors = field.allocate(channel.length * quarticSize);
  const across = field.place(channel);
  const scaled = field.allocate(columns.length * quarticSize);
  for (const [y, row] of rows.entries()) {
    if (row.every((limb) => limb === 0)) continue;
    field.kernels.scaleVector(factors, across, field.place([row]), channel.length);
    for (let c = 0; c < channel.length; c++) {
      const to = at + (c * rows.length + y) * columns.length * quarticSize;
      field.kernels.scaleVector(isSum ? scaled : to, line, factors + c * quarticSize, columns.length);
      if (isSum) field.kernels.addVectors(to, to, scaled, columns.length);
    }
  }
  field.release(mark);
}

/** §8.9: the weighted sum over places of what they read, as a table over the input. */
function placeWindow(
  workspace: Workspace,
  product: WindowProduct,
  weights: readonly Quartic[],
  t: readonly Quartic[],
): Address {
  const { window, innerVariables } = product;
  const { channel, image } = outerPoint(product, t);
  const [rows, columns] = window.map((axis, i) => scatterAxis(axis, image[i]));
  const at = placeZeros(workspace, innerVariables);
  const channels = eqValues(channel);
  const each = placeWeights(product, weights);
  for (const [place, row] of rows.entries()) {
    const own = each.slice(place * columns.length, (place + 1) * columns.length);
    placeOuter(workspace, at, channels, row, combineVectors(columns, own), true);
  }
  return at;
}

/** §8.11: the sum over moves of eq(position, to) at from, as a table over the source. */
function placeMoves(
  workspace: Workspace,
  { innerVariables, moves: { to, from } }: MoveProduct,
  position: readonly Quartic[],
): Address {
  const { field } = workspace;
  const at = placeZeros(workspace, innerVariables);
  const mark = field.mark();
  const values = field.placeAt(field.placeEq(position, one), to);
  const [source, target] = [field.words(values, 4 * to.length), field.words(at, 4 * 2 ** innerVariables)];
  for (let k = 0; k < from.length; k++) {
    for (let limb = 0; limb < 4; limb++) {
      const place = 4 * from[k] + limb;
      // Several positions may be copies of one.
      target[place] = addBase(target[place], source[4 * k + limb]);
    }
  }
  field.release(mark);
  return at;
}

/** §8.4 of several groups: patches, weights, and which outputs belong to which inputs. */
function placeGroups(
  workspace: Workspace,
  product: LinearProduct,
  sources: Sources,
  t: readonly Quartic[],
): Address[] {
  const { field } = workspace;
  const { source, innerVariables } = product;
  const weights = placeColumn(workspace, sources.weights, product.weights);
  const patches = placePatches(workspace, product, product.window!, sources, t);
  const outputs = innerVariables - patchVariables(product);
  const places = 2 ** (innerVariables - outputs - source.axes[0].variables);
  const repeated = Int32Array.from({ length: 2 ** innerVariables }, (_, i) => i >>> outputs);
  const x = field.placeAt(patches, repeated);
  const belongs = placeZeros(workspace, innerVariables);
  const mark = field.mark();
  for (const [c, own] of scatterGroups(product, outerPoint(product, t).channel).entries()) {
    const bytes = field.bytes(field.place(own), own.length * quarticSize).slice();
    for (let place = 0; place < places; place++) {
      const at = belongs + (c * places + place) * 2 ** outputs * quarticSize;
      field.bytes(at, bytes.length).set(bytes);
    }
  }
  field.release(mark);
  return [x, weights, belongs];
}

/** The patches at t, for each place of the kernel in each channel. */
function placePatches(
  workspace: Workspace,
  product: LinearProduct,
  window: Window,
  sources: Sources,
  t: readonly Quartic[],
): Address {
  const { field } = workspace;
  const { source } = product;
  const { batch, image } = outerPoint(product, t);
  const at = placeZeros(workspace, patchVariables(product));
  const mark = field.mark();
  const x = placeLeft(workspace, product, sources, batch);
  const [rows, columns] = window.map((axis, i) => scatterAxis(axis, image[i]));
  const [channels, height, width] = source.axes;
  const lines = columns.map((column) => field.place(column));
  const [vertical, horizontal] = window.map(({ kernel }) => 2 ** logCeil(kernel));
  // First along the columns, for each row of the image; then along the rows.
  const sums = field.allocate(2 ** height.variables * quarticSize);
  const places = rows.map((row) => field.place(row));
  for (let c = 0; c < channels.size; c++) {
    for (const [j, line] of lines.entries()) {
      const image = x + c * 2 ** (height.variables + width.variables) * quarticSize;
      for (let y = 0; y < 2 ** height.variables; y++) {
        const from = image + y * 2 ** width.variables * quarticSize;
        field.kernels.dotVectors(sums + y * quarticSize, from, line, 2 ** width.variables);
      }
      for (const [i, place] of places.entries()) {
        const to = at + ((c * vertical + i) * horizontal + j) * quarticSize;
        field.kernels.dotVectors(to, sums, place, 2 ** height.variables);
      }
    }
  }
  field.release(mark);
  return at;
}

/** Step 8: that the patches' values are those of their images. Returns the claims about these. */
function provePatches(context: Context, r: readonly Quartic[]): Claim[] {
  const { workspace, transcript, writer, relations, sources, t } = context;
  const products = patchProducts(relations);
  const weights = powers(transcript.elements('patches', 1)[0], products.length);
  const instances = products.map((product, k): Instance => {
    const { source, window, innerVariables } = product;
    const inner = kernelPoint(source, window, suffix(r, innerVariables));
    const outer = outerPoint(product, t);
    const [rows, columns] = window.map((axis, i) =>
      combineVectors(scatterAxis(axis, outer.image[i]), eqValues(inner.image[i], axis.kernel)),
    );
    const x = placeLeft(workspace, product, sources, outer.batch);
    const matrix = placeZeros(workspace, source.variables);
    placeOuter(workspace, matrix, eqValues(inner.channel), rows, columns, false);
    return {
      variables: source.variables,
      tables: [x, matrix],
      degree: 2,
      expression: (ring, [left, right]) => ring.scaleBy(ring.mul(left, right), weights[k]),
    };
  });
  const challenges = proveSumcheck(workspace.field, transcript, writer, instances, 2);
  const claims = products.flatMap(({ left, source, ...product }, k): Claim[] => {
    if (left === 'input') return [];
    const { batch } = outerPoint({ left, source, ...product }, t);
    const point = [...batch, ...suffix(challenges, source.variables)];
    return [columnClaim(left.commitment, left.column, point, workspace.field.read(instances[k].tables[0]))];
  });
  sendValues(
    context,
    'images',
    claims.map(({ value }) => value),
  );
  return claims;
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
