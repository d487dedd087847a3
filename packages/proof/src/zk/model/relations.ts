/**
 * The relations of a program (docs/specs/zk.md §8): which columns are committed, which equations
 * and look-ups hold at every position, which products of matrices. Prover and verifier evaluate the
 * same expressions, over rings of their own.
 */
import {
  add,
  eqValues,
  type FieldMemory,
  fromInteger,
  logCeil,
  mul,
  one,
  type Quartic,
  sub,
  zero,
} from '@nonet/algebra';
import type { Column } from '../commitment/layout.ts';
import { reject } from '../rejection.ts';
import type { Ring } from '../rings.ts';
import { type Moves, movesOf } from './moves.ts';
import {
  type Axis,
  bitsOf,
  halfOf,
  innerAxes,
  type Layer,
  maximumLookups,
  type Program,
  type ProgramRanges,
  type Requantisation,
  type TensorRange,
  variablesOf,
  type WeightedLayer,
  weightAxes,
  weightLow,
} from './program.ts';
import { type Window, windowOf } from './windows.ts';

/** Over committed and public columns, in the order of the component. */
export type Expression = <T>(ring: Ring<T>, uses: readonly T[], publics: readonly T[]) => T;

/** Shows that the row (tag, a, b) is in the table; without b, 0. */
export interface Lookup {
  readonly tag: Expression;
  readonly a: Expression;
  readonly b?: Expression;
}

/** The commitments of a proof, in this order. */
export const commitmentOrder = { weights: 0, witness: 1, inverses: 2 } as const;

/** A committed column in a component; the input is public, so it is in no commitment. */
export type ColumnUse =
  | {
      readonly commitment: 0 | 1;
      readonly column: number;
      /** How many of the component's variables it depends on, the first ones; all if left out. */
      readonly leading?: number;
    }
  | 'input';

/** A column of a commitment. */
export type CommittedUse = Exclude<ColumnUse, 'input'>;

/** A column that the verifier computes by itself, over (row, position). */
export type PublicColumn =
  /** The product of the values of its position on each axis. */
  | { readonly kind: 'separable'; readonly axes: readonly PublicAxis[] }
  /** 1 at (or before) position `at[row]` of each row. */
  | { readonly kind: 'best' | 'before'; readonly at: readonly number[] }
  | { readonly kind: 'list'; readonly values: readonly number[] };

/** Numbers along an axis, or that many ones; zeros behind. */
export interface PublicAxis {
  readonly variables: number;
  readonly values: readonly number[] | number;
}

/** Columns of one size with what holds at each position. */
export interface Component {
  readonly label: string;
  readonly variables: number;
  /** The first ones, which number the rows of the batch. */
  readonly rowVariables: number;
  readonly uses: readonly ColumnUse[];
  readonly publics: readonly PublicColumn[];
  /** What the sums of its product (§8.4, §8.9) have to be. */
  readonly sums: readonly Expression[];
  readonly equations: readonly Expression[];
  readonly lookups: readonly Lookup[];
}

/** What sums of products have in common. */
interface ProductBase {
  readonly left: ColumnUse;
  readonly source: TensorRange;
  readonly rows: number;
  readonly rowVariables: number;
  /** Variables that are summed over. */
  readonly innerVariables: number;
  /** The tensor that the sums belong to, without the rows of the batch. */
  readonly outer: readonly Axis[];
}

/** Sums over k of x(row, k) w(k, channel), plus biases; through a window, x is its patches. */
export interface LinearProduct extends ProductBase {
  readonly kind: 'linear';
  readonly window: Window | undefined;
  /** Of several groups, k is summed over with the channels of a group (§8.4). */
  readonly groups: number;
  readonly weights: number;
  readonly bias: number;
  /** The number of the component with the sums, or that they are the public outputs. */
  readonly sums: number | 'output';
}

/** The input that each place of a window reads: one sum for each, or that of all of them. */
export interface WindowProduct extends ProductBase {
  readonly kind: 'window';
  readonly window: Window;
  readonly isTotal: boolean;
  readonly sums: number;
}

/** Values that are moved to other positions; parts of one tensor have one component. */
export interface MoveProduct extends ProductBase {
  readonly kind: 'move';
  readonly moves: Moves;
  readonly sums: number;
}

/** Tensors that are added position by position, each times a factor. */
export interface AdditionProduct extends ProductBase {
  readonly kind: 'addition';
  readonly terms: readonly { readonly use: ColumnUse; readonly factor: number }[];
  readonly sums: number;
}

/** A product that is a sum over a cube. */
export type SummedProduct = LinearProduct | WindowProduct | MoveProduct;

/** Sums that a component has to equal. */
export type Product = SummedProduct | AdditionProduct;

/** The products that are sums over a cube. */
export function summedProducts({ products }: Relations): readonly SummedProduct[] {
  return products.filter((product) => product.kind !== 'addition');
}

/** How many sums a product makes. */
export function sumCount(product: Product): number {
  if (product.kind !== 'window' || product.isTotal) return 1;
  return product.window[0].kernel * product.window[1].kernel;
}

/** What the values of a witness column are (§8); `layer` counts from 0. */
export type WitnessRole =
  | { readonly kind: 'output' | 'sign'; readonly layer: number }
  /** `above` and `below`: how far an output is from the ends of its range. */
  | {
      readonly kind: 'excess' | 'remainder' | 'above' | 'below' | 'bias';
      readonly layer: number;
      readonly limb: number;
    }
  /** How far an output of a window is above a place, and products of such gaps. */
  | { readonly kind: 'below the maximum' | 'product of gaps'; readonly layer: number; readonly place: number }
  | { readonly kind: 'gap'; readonly limb: number }
  | { readonly kind: 'top' | 'multiplicity' };

/** The rows of the look-up table, padded to a power of two with zeros. */
export interface Table {
  readonly tags: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly variables: number;
}

/** All that a proof shows. */
export interface Relations {
  readonly weights: readonly Column[];
  readonly witness: readonly Column[];
  readonly roles: readonly WitnessRole[];
  readonly inverses: readonly Column[];
  readonly components: readonly Component[];
  readonly products: readonly Product[];
  readonly table: Table;
  /** The number of the multiplicities among the witness columns. */
  readonly multiplicity: number;
  /** A committed tensor that has to equal the public outputs, with its size. */
  readonly output?: { readonly column: number; readonly variables: number };
  /** All look-ups, padding included. */
  readonly lookups: number;
}

/** The width of a limb of a number of `bits` bits (§8.2). */
function limbWidth(bits: number, limb: number): number {
  return Math.min(8, Math.max(0, bits - 8 * limb));
}

/** Widths of its first `count` limbs. */
function limbWidths(bits: number, count: number): number[] {
  return Array.from({ length: count }, (_, limb) => limbWidth(bits, limb));
}

const limbCount = (bits: number) => Math.ceil(bits / 8);

const functionTag = 9;

/** §8.1. */
function createTable({ tables }: Program): Table {
  const tags: number[] = [];
  const a: number[] = [];
  const b: number[] = [];
  const push = (tag: number, x: number, y: number) => {
    tags.push(tag);
    a.push(x);
    b.push(y);
  };
  for (let width = 0; width <= 8; width++) for (let v = 0; v < 2 ** width; v++) push(width, v, 0);
  for (const [i, { low, values }] of tables.entries()) {
    for (const [x, value] of values.entries()) push(functionTag + i, low + x, value);
  }
  const variables = logCeil(tags.length);
  while (tags.length < 2 ** variables) push(0, 0, 0);
  return { tags, a, b, variables };
}

/** The columns of a component while it is written. */
class ComponentWriter {
  readonly uses: ColumnUse[] = [];
  readonly publics: PublicColumn[] = [];
  readonly sums: Expression[] = [];
  readonly equations: Expression[] = [];
  readonly lookups: Lookup[] = [];

  use(use: ColumnUse): Expression {
    const index = this.uses.push(use) - 1;
    return (_, uses) => uses[index];
  }

  public(column: PublicColumn): Expression {
    const index = this.publics.push(column) - 1;
    return (_, __, publics) => publics[index];
  }

  /** `value`, from 0 up, in the width of the public column. */
  range(widths: PublicColumn, value: Expression): void {
    this.lookups.push({ tag: this.public(widths), a: value });
  }
}

/** The sum of 256^i times limb i, or nothing. */
function sumLimbs(limbs: readonly Expression[]): Expression | undefined {
  if (limbs.length === 0) return undefined;
  return (ring, uses, publics) =>
    limbs
      .map((limb, i) => ring.scale(limb(ring, uses, publics), 256 ** i))
      .reduce((sum, term) => ring.add(sum, term));
}

/** Committed columns and components in the order of the program. */
class RelationWriter {
  readonly witness: Column[] = [];
  readonly roles: WitnessRole[] = [];
  readonly components: Component[] = [];

  column(column: Column, role: WitnessRole): ColumnUse {
    this.witness.push(column);
    this.roles.push(role);
    return { commitment: commitmentOrder.witness, column: this.witness.length - 1 };
  }

  finish(
    program: Program,
    weights: readonly Column[],
    products: readonly Product[],
    output: Relations['output'],
  ): Relations {
    const table = createTable(program);
    const { witness, roles, components } = this;
    const size = 2 ** table.variables;
    this.column({ variables: table.variables, live: size }, { kind: 'multiplicity' });
    const counts = components.map((component) => ({ ...component, pairs: pairCount(component) }));
    const inverses = [...counts, { variables: table.variables, pairs: 1 }].flatMap(({ variables, pairs }) =>
      Array<Column>(4 * pairs).fill({ variables, live: 2 ** variables }),
    );
    const lookups = components.reduce((sum, c) => sum + c.lookups.length * 2 ** c.variables, 0);
    return {
      weights,
      witness,
      roles,
      inverses,
      components,
      products,
      table,
      multiplicity: witness.length - 1,
      ...(output === undefined ? {} : { output }),
      lookups,
    };
  }
}

/** Columns of inverses of a component: one for two look-ups. */
export function pairCount({ lookups }: { readonly lookups: readonly unknown[] }): number {
  return Math.ceil(lookups.length / 2);
}

/** How many claims about columns a proof makes for a product (§10.5, §10.7, §10.8). */
function claimsOf(product: Product): number {
  switch (product.kind) {
    case 'linear':
      return 3;
    case 'addition':
      return product.terms.length;
    default:
      return 1;
  }
}

/** How many claims about columns a proof of the relations makes at most: the public input needs none. */
export function claimCount({ components, products, output }: Relations): number {
  const own = components.reduce((sum, c) => sum + c.uses.length + pairCount(c), 0);
  const ofTable = 2;
  return products.reduce((sum, product) => sum + claimsOf(product), own + ofTable + (output ? 1 : 0));
}

/** The weighted layers with their numbers and tensors. */
export function weightedLayers({ layers }: Program, { tensors }: ProgramRanges) {
  return layers.flatMap((layer, i) =>
    'biasBits' in layer ? [{ layer, i, source: tensors[layer.source], target: tensors[i + 1] }] : [],
  );
}

/** One more than the last real index of axes, padded but for the first. */
function liveOf(axes: readonly Axis[]): number {
  return axes.reduce((last, { size, variables }) => last * 2 ** variables + size - 1, 0) + 1;
}

/** §9.1: columns of weights and biases of each weighted layer. */
function weightColumns(program: Program, ranges: ProgramRanges): readonly Column[] {
  return weightedLayers(program, ranges).flatMap(({ layer, source, target }) => {
    const axes = weightAxes(layer, source, target);
    const [channels] = target.axes;
    return [
      {
        variables: variablesOf(axes),
        live: liveOf(axes.slice(0, -1)) * 2 ** axes[axes.length - 1].variables,
      },
      { variables: channels.variables, live: channels.size },
    ];
  });
}

const constant = (count: number, value: number): number[] => Array<number>(count).fill(value);

/** 1 on real positions. */
const maskOf = (axes: readonly Axis[]): readonly PublicAxis[] =>
  axes.map(({ size, variables }) => ({ variables, values: size }));

/** §9.3: every weight and bias is in its range, and padding is zero. */
export function registrationRelations(program: Program, ranges: ProgramRanges): Relations {
  const writer = new RelationWriter();
  let column = 0;
  for (const { layer, i, source, target } of weightedLayers(program, ranges)) {
    const axes = weightAxes(layer, source, target);
    const [channels] = target.axes;
    const weights = new ComponentWriter();
    const weight = weights.use({ commitment: commitmentOrder.weights, column: column++ });
    const real = weights.public({ kind: 'separable', axes: maskOf(axes) });
    weights.lookups.push({
      tag: (ring, uses, publics) => ring.scale(real(ring, uses, publics), 8),
      a: (ring, uses, publics) =>
        ring.sub(weight(ring, uses, publics), ring.scale(real(ring, uses, publics), weightLow)),
    });
    const variables = variablesOf(axes);
    writer.components.push({ label: `weights of layer ${i}`, variables, rowVariables: 0, ...weights });

    const biases = new ComponentWriter();
    const bias = biases.use({ commitment: commitmentOrder.weights, column: column++ });
    const perChannel = (value: number): PublicColumn => ({
      kind: 'separable',
      axes: [{ variables: channels.variables, values: constant(channels.size, value) }],
    });
    const live = biases.public(perChannel(1));
    const bits = layer.biasBits + 1;
    const limbs = limbWidths(bits, limbCount(bits)).map((width, limb) => {
      const use = biases.use(
        writer.column(
          { variables: channels.variables, live: channels.size },
          { kind: 'bias', layer: i, limb },
        ),
      );
      biases.range(perChannel(width), use);
      return use;
    });
    const total = sumLimbs(limbs)!;
    biases.equations.push((ring, u, p) =>
      ring.sub(
        ring.add(bias(ring, u, p), ring.scale(live(ring, u, p), 2 ** layer.biasBits)),
        total(ring, u, p),
      ),
    );
    writer.components.push({
      label: `biases of layer ${i}`,
      variables: channels.variables,
      rowVariables: 0,
      ...biases,
    });
  }
  return checked(writer.finish(program, weightColumns(program, ranges), [], undefined));
}

/** A layer while its relations are written. */
interface LayerContext {
  readonly writer: RelationWriter;
  readonly ranges: ProgramRanges;
  readonly i: number;
  readonly rows: number;
  /** Of each tensor so far; that of sums, which nothing reads, is a placeholder. */
  readonly committed: ColumnUse[];
  readonly products: Product[];
}

/** The tensor of a layer as columns over the batch. */
function tensorColumns({ ranges, i, rows }: LayerContext) {
  const target = ranges.tensors[i + 1];
  const rowVariables = logCeil(rows);
  const variables = rowVariables + target.variables;
  const column: Column = { variables, live: rows * 2 ** target.variables };
  const batch: PublicAxis = { variables: rowVariables, values: rows };
  const [first, ...others] = target.axes;
  /** A value for each position of the first axis. */
  const perChannel = (values: readonly number[]): PublicColumn => ({
    kind: 'separable',
    axes: [batch, { variables: first.variables, values }, ...maskOf(others)],
  });
  const everywhere = (value: number) => perChannel(constant(first.size, value));
  return { target, rowVariables, variables, column, perChannel, everywhere };
}

/** §8 for a batch of `rows` rows; `positions` where the output is those of the largest values. */
export function inferenceRelations(
  program: Program,
  ranges: ProgramRanges,
  rows: number,
  positions: readonly number[],
): Relations {
  const writer = new RelationWriter();
  const products: Product[] = [];
  const committed: ColumnUse[] = ['input'];
  let weight = 0;
  for (const [i, layer] of program.layers.entries()) {
    const context = { writer, ranges, i, rows, committed, products };
    switch (layer.kind) {
      case 'lookup':
        writeLookup(context, layer);
        break;
      case 'maximum':
        writeMaximum(context, layer);
        break;
      case 'sum':
      case 'add':
        writeSum(context, layer);
        writeRequantisation(context, layer.requantise);
        break;
      case 'multiply':
        writeRequantisation(context, layer.requantise, [layer.source, layer.other]);
        break;
      case 'join':
      case 'view':
        writeMoves(context, layer);
        break;
      default: {
        const isLast = i === program.layers.length - 1;
        if (layer.requantise === null && !isLast) {
          reject('program.source', 'sums only in the last layer', `layer ${i}`);
        }
        const hasComponent = layer.requantise !== null || program.output === 'position';
        writeProduct(context, layer, weight, hasComponent);
        weight += 2;
        if (layer.requantise === null) committed.push('input');
        else writeRequantisation(context, layer.requantise);
      }
    }
  }
  const last = ranges.tensors[ranges.tensors.length - 1];
  const result = committed[committed.length - 1];
  if (program.output === 'position') {
    writePosition(writer, last, ranges.gapBits, rows, positions, last.isAccumulator ? undefined : result);
  }
  const isValues = program.output === 'values' && !last.isAccumulator && result !== 'input';
  const output = isValues ? { column: result.column, variables: logCeil(rows) + last.variables } : undefined;
  return checked(writer.finish(program, weightColumns(program, ranges), products, output));
}

/** §8.5. */
function writeLookup(context: LayerContext, layer: Extract<Layer, { kind: 'lookup' }>): void {
  const { writer, committed, i } = context;
  const { variables, rowVariables, column, everywhere, perChannel } = tensorColumns(context);
  const c = new ComponentWriter();
  const x = c.use(committed[layer.source]);
  const output = writer.column(column, { kind: 'output', layer: i });
  committed.push(output);
  const y = c.use(output);
  const tag = c.public(everywhere(functionTag + layer.table));
  if (layer.offsets.length === 0) c.lookups.push({ tag, a: x, b: y });
  else {
    const offset = c.public(perChannel(layer.offsets));
    c.lookups.push({ tag, a: (ring, u, p) => ring.add(x(ring, u, p), offset(ring, u, p)), b: y });
  }
  writer.components.push({ label: `layer ${i}`, variables, rowVariables, ...c });
}

/** §8.4. */
function writeProduct(
  { writer, ranges, committed, products, rows, i }: LayerContext,
  layer: WeightedLayer,
  weights: number,
  hasComponent: boolean,
): void {
  const [source, target] = [ranges.tensors[layer.source], ranges.tensors[i + 1]];
  const groups = layer.kind === 'dense' ? 1 : layer.groups;
  products.push({
    kind: 'linear',
    left: committed[layer.source],
    source,
    window: layer.kind === 'dense' ? undefined : windowOf(layer, source, target),
    groups,
    weights,
    bias: weights + 1,
    rows,
    rowVariables: logCeil(rows),
    innerVariables: variablesOf(groups > 1 ? weightAxes(layer, source, target) : innerAxes(layer, source)),
    outer: target.axes,
    sums: hasComponent ? writer.components.length : 'output',
  });
}

/** §8.10. */
function writeSum(
  { writer, ranges, committed, products, rows, i }: LayerContext,
  layer: Extract<Layer, { kind: 'sum' | 'add' }>,
): void {
  const [source, target] = [ranges.tensors[layer.source], ranges.tensors[i + 1]];
  const base = {
    left: committed[layer.source],
    source,
    rows,
    rowVariables: logCeil(rows),
    outer: target.axes,
    sums: writer.components.length,
  };
  if (layer.kind === 'add') {
    const terms = [{ source: layer.source, factor: 1 }, ...layer.others].map(
      ({ source: tensor, factor }) => ({
        use: committed[tensor],
        factor,
      }),
    );
    products.push({ ...base, kind: 'addition', terms, innerVariables: 0 });
    return;
  }
  const window = windowOf(layer, source, target);
  products.push({ ...base, kind: 'window', window, isTotal: true, innerVariables: source.variables });
}

/** §8.11. */
function writeMoves(context: LayerContext, layer: Extract<Layer, { kind: 'join' | 'view' }>): void {
  const { writer, ranges, committed, products, rows, i } = context;
  const { target, variables, rowVariables, column } = tensorColumns(context);
  for (const { tensor, moves } of movesOf(layer, ranges.tensors, target)) {
    products.push({
      kind: 'move',
      left: committed[tensor],
      source: ranges.tensors[tensor],
      moves,
      rows,
      rowVariables,
      innerVariables: ranges.tensors[tensor].variables,
      outer: target.axes,
      sums: writer.components.length,
    });
  }
  const c = new ComponentWriter();
  const output = writer.column(column, { kind: 'output', layer: i });
  committed.push(output);
  c.sums.push(c.use(output));
  writer.components.push({ label: `layer ${i}`, variables, rowVariables, ...c });
}

/** §8.3; of `factors`, two tensors, it is their product (§8.12), of others a sum of products. */
function writeRequantisation(
  context: LayerContext,
  requantise: Requantisation,
  factors?: readonly [number, number],
): void {
  const { writer, ranges, committed, i } = context;
  const { variables, rowVariables, column, perChannel, everywhere } = tensorColumns(context);
  const { shift, zero: zeros, low, high } = requantise;
  const c = new ComponentWriter();
  const output = writer.column(column, { kind: 'output', layer: i });
  committed.push(output);
  const y = c.use(output);
  const mask = c.public(everywhere(1));
  const lowest: Expression = (ring, u, p) => ring.sub(y(ring, u, p), ring.scale(mask(ring, u, p), low));
  const width = bitsOf(high - low);
  const bound = (kind: 'above' | 'below', value: Expression) => {
    const widths = limbWidths(width, limbCount(width));
    if (widths.length === 1) return c.range(everywhere(width), value);
    const limbs = widths.map((bits, limb) => {
      const use = c.use(writer.column(column, { kind, layer: i, limb }));
      c.range(everywhere(bits), use);
      return use;
    });
    const total = sumLimbs(limbs)!;
    c.equations.push((ring, u, p) => ring.sub(value(ring, u, p), total(ring, u, p)));
  };
  bound('above', lowest);
  if (high - low + 1 !== 2 ** width) {
    bound('below', (ring, u, p) => ring.sub(ring.scale(mask(ring, u, p), high), y(ring, u, p)));
  }
  /** Limbs of as many bits as each channel has. */
  const limbsOf = (kind: 'remainder' | 'excess', bits: readonly number[]) =>
    Array.from({ length: limbCount(Math.max(...bits)) }, (_, limb) => {
      const use = c.use(writer.column(column, { kind, layer: i, limb }));
      c.range(perChannel(bits.map((own) => limbWidth(own, limb))), use);
      return use;
    });
  const remainder = sumLimbs(limbsOf('remainder', shift));
  const excessBits = ranges.excessBits[i];
  let signed: Expression | undefined;
  if (excessBits.some((bits) => bits > 0)) {
    const sign = c.use(writer.column(column, { kind: 'sign', layer: i }));
    c.equations.push((ring, u, p) => {
      const s = sign(ring, u, p);
      return ring.sub(ring.mul(s, s), ring.mul(s, mask(ring, u, p)));
    });
    const excess = sumLimbs(limbsOf('excess', excessBits))!;
    c.equations.push((ring, u, p) => {
      const edge = ring.sub(lowest(ring, u, p), ring.scale(sign(ring, u, p), high - low));
      return ring.mul(excess(ring, u, p), edge);
    });
    signed = (ring, u, p) => {
      const direction = ring.sub(ring.scale(sign(ring, u, p), 2), mask(ring, u, p));
      return ring.mul(direction, excess(ring, u, p));
    };
  }
  const scales = c.public(perChannel(shift.map((bits) => 2 ** bits)));
  const zeroPoints = c.public(perChannel(zeros));
  const halves = c.public(perChannel(shift.map(halfOf)));
  const sum: Expression = (ring, u, p) => {
    let value = ring.sub(y(ring, u, p), zeroPoints(ring, u, p));
    if (signed !== undefined) value = ring.add(value, signed(ring, u, p));
    const rounded = ring.sub(ring.mul(scales(ring, u, p), value), halves(ring, u, p));
    return remainder === undefined ? rounded : ring.add(rounded, remainder(ring, u, p));
  };
  if (factors === undefined) c.sums.push(sum);
  else {
    const [left, right] = factors.map((tensor) => c.use(useOf(context, tensor)));
    c.equations.push((ring, u, p) =>
      ring.sub(sum(ring, u, p), ring.mul(left(ring, u, p), right(ring, u, p))),
    );
  }
  writer.components.push({ label: `layer ${i}`, variables, rowVariables, ...c });
}

/** A tensor in a component of the layer's size: as it is, or one that has a value for each channel. */
function useOf({ ranges, committed, i, rows }: LayerContext, tensor: number): ColumnUse {
  const [own, target] = [ranges.tensors[tensor], ranges.tensors[i + 1]];
  const use = committed[tensor];
  if (own.axes.length === target.axes.length || use === 'input') return use;
  return { ...use, leading: logCeil(rows) + own.variables };
}

/** §8.9. */
function writeMaximum(context: LayerContext, layer: Extract<Layer, { kind: 'maximum' }>): void {
  const { writer, ranges, committed, products, rows, i } = context;
  const { target, variables, rowVariables, column, everywhere } = tensorColumns(context);
  const source = ranges.tensors[layer.source];
  const c = new ComponentWriter();
  const output = writer.column(column, { kind: 'output', layer: i });
  const y = c.use(output);
  const widths = everywhere(bitsOf(source.high - source.low));
  const gaps = Array.from({ length: layer.kernel[0] * layer.kernel[1] }, (_, place) => {
    const gap = c.use(writer.column(column, { kind: 'below the maximum', layer: i, place }));
    c.range(widths, gap);
    c.sums.push((ring, u, p) => ring.sub(y(ring, u, p), gap(ring, u, p)));
    return gap;
  });
  // One of the gaps is 0: three factors at a time, so that no equation has more.
  let factors = gaps;
  for (let place = 0; factors.length > 3; place++) {
    const [first, second, third, ...others] = factors;
    const product = c.use(writer.column(column, { kind: 'product of gaps', layer: i, place }));
    c.equations.push((ring, u, p) =>
      ring.sub(
        product(ring, u, p),
        ring.mul(ring.mul(first(ring, u, p), second(ring, u, p)), third(ring, u, p)),
      ),
    );
    factors = [product, ...others];
  }
  c.equations.push((ring, u, p) =>
    factors.map((factor) => factor(ring, u, p)).reduce((product, factor) => ring.mul(product, factor)),
  );
  products.push({
    kind: 'window',
    left: committed[layer.source],
    source,
    window: windowOf(layer, source, target),
    isTotal: false,
    rows,
    rowVariables,
    innerVariables: source.variables,
    outer: target.axes,
    sums: writer.components.length,
  });
  committed.push(output);
  writer.components.push({ label: `layer ${i}`, variables, rowVariables, ...c });
}

/** §8.6. */
function writePosition(
  writer: RelationWriter,
  { axes }: TensorRange,
  gapBits: number,
  rows: number,
  positions: readonly number[],
  value: ColumnUse | undefined,
): void {
  const [{ size, variables: own }] = axes;
  const rowVariables = logCeil(rows);
  const variables = rowVariables + own;
  const c = new ComponentWriter();
  const top = c.use({
    ...(writer.column({ variables: rowVariables, live: rows }, { kind: 'top' }) as CommittedUse),
    leading: rowVariables,
  });
  const everywhere = (own: number): PublicColumn => ({
    kind: 'separable',
    axes: [
      { variables: rowVariables, values: rows },
      { variables: axes[0].variables, values: constant(size, own) },
    ],
  });
  const mask = c.public(everywhere(1));
  const best = c.public({ kind: 'best', at: positions });
  const before = c.public({ kind: 'before', at: positions });
  const limbs = limbWidths(gapBits, limbCount(gapBits)).map((bits, limb) => {
    const use = c.use(writer.column({ variables, live: rows * 2 ** own }, { kind: 'gap', limb }));
    c.range(everywhere(bits), use);
    return use;
  });
  const gap = sumLimbs(limbs);
  const below: Expression = (ring, u, p) => {
    const largest = ring.sub(ring.mul(top(ring, u, p), mask(ring, u, p)), before(ring, u, p));
    return gap === undefined ? largest : ring.sub(largest, gap(ring, u, p));
  };
  if (gap !== undefined) c.equations.push((ring, u, p) => ring.mul(best(ring, u, p), gap(ring, u, p)));
  if (value === undefined) c.sums.push(below);
  else {
    const x = c.use(value);
    c.equations.push((ring, u, p) => ring.sub(below(ring, u, p), x(ring, u, p)));
  }
  writer.components.push({ label: 'position', variables, rowVariables, ...c });
}

function checked(relations: Relations): Relations {
  if (relations.lookups > maximumLookups) {
    reject('program.lookups', `at most ${maximumLookups} look-ups in one proof`, `${relations.lookups}`);
  }
  // Also of what needs no look-ups.
  const positions = relations.components.reduce((sum, { variables }) => sum + 2 ** variables, 0);
  if (positions > maximumLookups) {
    reject('program.lookups', `at most ${maximumLookups} positions in one proof`, `${positions}`);
  }
  return relations;
}

/** The sum of eq(point, x) over the first `count` x. */
export function evaluatePrefix(point: readonly Quartic[], count: number): Quartic {
  if (count >= 2 ** point.length) return one;
  let sum = zero;
  let factor = one;
  for (const [i, coordinate] of point.entries()) {
    const without = mul(factor, sub(one, coordinate));
    if (Math.floor(count / 2 ** (point.length - 1 - i)) % 2 === 1) {
      sum = add(sum, without);
      factor = mul(factor, coordinate);
    } else factor = without;
  }
  return sum;
}

/** The value of a public column at a point, of which the first `rowVariables` are about rows. */
export function evaluatePublic(
  field: FieldMemory,
  column: PublicColumn,
  point: readonly Quartic[],
  rowVariables: number,
): Quartic {
  if (column.kind === 'list') return field.evaluate(column.values.map(fromInteger), point);
  if (column.kind === 'separable') {
    let from = 0;
    return column.axes
      .map(({ variables, values }) => {
        const own = point.slice(from, (from += variables));
        return typeof values === 'number'
          ? evaluatePrefix(own, values)
          : field.evaluate(values.map(fromInteger), own);
      })
      .reduce(mul, one);
  }
  const [rowPoint, position] = [point.slice(0, rowVariables), point.slice(rowVariables)];
  const weights = eqValues(rowPoint, column.at.length);
  return column.at
    .map((at, row) => {
      const upTo = evaluatePrefix(position, at);
      const own = column.kind === 'before' ? upTo : sub(evaluatePrefix(position, at + 1), upTo);
      return mul(weights[row], own);
    })
    .reduce(add, zero);
}

/** A public column's values at all positions, as integers. */
export function expandPublic(column: PublicColumn, variables: number, rowVariables: number): Int32Array {
  const out = new Int32Array(2 ** variables);
  if (column.kind === 'list') {
    out.set(column.values);
    return out;
  }
  if (column.kind === 'separable') return expandAxes(column.axes);
  const each = 2 ** (variables - rowVariables);
  for (const [row, at] of column.at.entries()) {
    const first = column.kind === 'before' ? 0 : at;
    out.fill(1, row * each + first, row * each + at + (column.kind === 'before' ? 0 : 1));
  }
  return out;
}

/** The products of values of axes, the first axis slowest. */
function expandAxes(axes: readonly PublicAxis[]): Int32Array {
  let out = Int32Array.of(1);
  for (const { variables, values } of axes) {
    const extent = 2 ** variables;
    const own = typeof values === 'number' ? constant(values, 1) : values;
    const next = new Int32Array(out.length * extent);
    for (let i = 0; i < out.length; i++) {
      if (out[i] === 0) continue;
      for (let j = 0; j < own.length; j++) next[i * extent + j] = out[i] * own[j];
    }
    out = next;
  }
  return out;
}
