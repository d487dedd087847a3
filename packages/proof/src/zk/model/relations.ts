/**
 * The relations of a program (docs/specs/zk.md §8): which columns are committed, which equations
 * and look-ups hold at every position, which products of matrices. Prover and verifier evaluate the
 * same expressions, over rings of their own.
 */
import {
  add,
  eqValues,
  evaluateMultilinear,
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
import { bitsOf, halfOf, maximumLookups, type Program, type ProgramRanges, weightLow } from './program.ts';

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
      /** It has one value for each row of the batch. */
      readonly perRow: boolean;
    }
  | 'input';

/** A column that the verifier computes by itself, over (row, position). */
export type PublicColumn =
  /** values[position] in the first `rows` rows, 0 elsewhere. */
  | { readonly kind: 'separable'; readonly rows: number; readonly values: readonly number[] }
  /** 1 at (or before) position `at[row]` of each row. */
  | { readonly kind: 'best' | 'before'; readonly at: readonly number[] }
  | { readonly kind: 'list'; readonly values: readonly number[] };

/** Columns of one size with what holds at each position. */
export interface Component {
  readonly label: string;
  readonly variables: number;
  /** The first ones, which number the rows of the batch. */
  readonly rowVariables: number;
  readonly uses: readonly ColumnUse[];
  readonly publics: readonly PublicColumn[];
  /** What the sums of a product (§8.4) have to be. */
  readonly accumulator?: Expression;
  readonly equations: readonly Expression[];
  readonly lookups: readonly Lookup[];
}

/** Sums over k of x(row, k) w(k, position), plus biases. */
export interface Product {
  readonly left: ColumnUse;
  readonly weights: number;
  readonly bias: number;
  readonly rows: number;
  readonly rowVariables: number;
  readonly innerVariables: number;
  readonly outerVariables: number;
  /** The number of the component with the accumulator, or that the sums are the public outputs. */
  readonly sums: number | 'output';
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

/** Widths of the limbs of a number of `bits` bits (§8.2), `count` of them. */
function limbWidths(bits: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.min(8, Math.max(0, bits - 8 * i)));
}

const limbCount = (bits: number) => Math.ceil(bits / 8);

const functionTag = 9;

/** §8.1. */
export function createTable({ tables }: Program): Table {
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
    return { commitment: commitmentOrder.witness, column: this.witness.length - 1, perRow: false };
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

/** §9.1: columns of weights and biases of each dense layer. */
export function weightColumns(program: Program, { tensors }: ProgramRanges): readonly Column[] {
  return program.layers.flatMap((layer, i) => {
    if (layer.kind !== 'dense') return [];
    const [source, target] = [tensors[layer.source], tensors[i + 1]];
    return [
      { variables: source.variables + target.variables, live: source.size * 2 ** target.variables },
      { variables: target.variables, live: target.size },
    ];
  });
}

const constant = (count: number, value: number): number[] => Array<number>(count).fill(value);

/** §9.3: every weight and bias is in its range, and padding is zero. */
export function registrationRelations(program: Program, ranges: ProgramRanges): Relations {
  const writer = new RelationWriter();
  let column = 0;
  for (const [i, layer] of program.layers.entries()) {
    if (layer.kind !== 'dense') continue;
    const [source, target] = [ranges.tensors[layer.source], ranges.tensors[i + 1]];
    const ones = (rows: number): PublicColumn => ({
      kind: 'separable',
      rows,
      values: constant(target.size, 1),
    });
    const weights = new ComponentWriter();
    const weight = weights.use({ commitment: commitmentOrder.weights, column: column++, perRow: false });
    const real = weights.public(ones(source.size));
    weights.lookups.push({
      tag: (ring, uses, publics) => ring.scale(real(ring, uses, publics), 8),
      a: (ring, uses, publics) =>
        ring.sub(weight(ring, uses, publics), ring.scale(real(ring, uses, publics), weightLow)),
    });
    const { uses, publics, equations, lookups } = weights;
    const variables = source.variables + target.variables;
    writer.components.push({
      label: `weights of layer ${i}`,
      variables,
      rowVariables: source.variables,
      uses,
      publics,
      equations,
      lookups,
    });

    const biases = new ComponentWriter();
    const bias = biases.use({ commitment: commitmentOrder.weights, column: column++, perRow: false });
    const live = biases.public(ones(1));
    const bits = layer.biasBits + 1;
    const limbs = limbWidths(bits, limbCount(bits)).map((width, limb) => {
      const use = biases.use(
        writer.column({ variables: target.variables, live: target.size }, { kind: 'bias', layer: i, limb }),
      );
      biases.range({ kind: 'separable', rows: 1, values: constant(target.size, width) }, use);
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
      variables: target.variables,
      rowVariables: 0,
      uses: biases.uses,
      publics: biases.publics,
      equations: biases.equations,
      lookups: biases.lookups,
    });
  }
  return checked(writer.finish(program, weightColumns(program, ranges), [], undefined));
}

/** §8 for a batch of `rows` rows; `positions` where the output is those of the largest values. */
export function inferenceRelations(
  program: Program,
  ranges: ProgramRanges,
  rows: number,
  positions: readonly number[],
): Relations {
  const writer = new RelationWriter();
  const rowVariables = logCeil(rows);
  const products: Product[] = [];
  const committed: ColumnUse[] = ['input'];
  let weight = 0;
  for (const [i, layer] of program.layers.entries()) {
    const [source, target] = [ranges.tensors[layer.source], ranges.tensors[i + 1]];
    const variables = rowVariables + target.variables;
    const column: Column = { variables, live: rows * 2 ** target.variables };
    const perPosition = (values: readonly number[]): PublicColumn => ({ kind: 'separable', rows, values });
    const isLast = i === program.layers.length - 1;
    if (layer.kind === 'dense') {
      const hasComponent = layer.requantise !== null || program.output === 'position';
      products.push({
        left: committed[layer.source],
        weights: weight++,
        bias: weight++,
        rows,
        rowVariables,
        innerVariables: source.variables,
        outerVariables: target.variables,
        sums: hasComponent ? writer.components.length : 'output',
      });
    }
    const c = new ComponentWriter();
    if (layer.kind === 'lookup') {
      const x = c.use(committed[layer.source]);
      const output = writer.column(column, { kind: 'output', layer: i });
      committed.push(output);
      const tag = c.public(perPosition(constant(target.size, functionTag + layer.table)));
      c.lookups.push({ tag, a: x, b: c.use(output) });
      writer.components.push({ label: `layer ${i}`, variables, rowVariables, ...c });
      continue;
    }
    if (layer.requantise === null) {
      committed.push('input');
      if (!isLast) reject('program.source', 'sums only in the last layer', `layer ${i}`);
      continue;
    }
    const { shift, zero: zeros, low, high } = layer.requantise;
    const output = writer.column(column, { kind: 'output', layer: i });
    committed.push(output);
    const y = c.use(output);
    const mask = c.public(perPosition(constant(target.size, 1)));
    const lowest: Expression = (ring, u, p) => ring.sub(y(ring, u, p), ring.scale(mask(ring, u, p), low));
    const width = bitsOf(high - low);
    const bound = (kind: 'above' | 'below', value: Expression) => {
      const widths = limbWidths(width, limbCount(width));
      if (widths.length === 1) return c.range(perPosition(constant(target.size, width)), value);
      const limbs = widths.map((bits, limb) => {
        const use = c.use(writer.column(column, { kind, layer: i, limb }));
        c.range(perPosition(constant(target.size, bits)), use);
        return use;
      });
      const total = sumLimbs(limbs)!;
      c.equations.push((ring, u, p) => ring.sub(value(ring, u, p), total(ring, u, p)));
    };
    bound('above', lowest);
    if (high - low + 1 !== 2 ** width) {
      bound('below', (ring, u, p) => ring.sub(ring.scale(mask(ring, u, p), high), y(ring, u, p)));
    }
    const remainders = Array.from({ length: limbCount(Math.max(...shift)) }, (_, limb) => {
      const use = c.use(writer.column(column, { kind: 'remainder', layer: i, limb }));
      c.range(perPosition(shift.map((bits) => limbWidths(bits, limb + 1)[limb])), use);
      return use;
    });
    const remainder = sumLimbs(remainders);
    const excessBits = ranges.excessBits[i];
    let signed: Expression | undefined;
    if (excessBits.some((bits) => bits > 0)) {
      const sign = c.use(writer.column(column, { kind: 'sign', layer: i }));
      c.equations.push((ring, u, p) => {
        const s = sign(ring, u, p);
        return ring.sub(ring.mul(s, s), ring.mul(s, mask(ring, u, p)));
      });
      const limbs = Array.from({ length: limbCount(Math.max(...excessBits)) }, (_, limb) => {
        const use = c.use(writer.column(column, { kind: 'excess', layer: i, limb }));
        c.range(perPosition(excessBits.map((bits) => limbWidths(bits, limb + 1)[limb])), use);
        return use;
      });
      const excess = sumLimbs(limbs)!;
      c.equations.push((ring, u, p) => {
        const edge = ring.sub(lowest(ring, u, p), ring.scale(sign(ring, u, p), high - low));
        return ring.mul(excess(ring, u, p), edge);
      });
      signed = (ring, u, p) => {
        const direction = ring.sub(ring.scale(sign(ring, u, p), 2), mask(ring, u, p));
        return ring.mul(direction, excess(ring, u, p));
      };
    }
    const scales = c.public(perPosition(shift.map((bits) => 2 ** bits)));
    const zeroPoints = c.public(perPosition(zeros));
    const halves = c.public(perPosition(shift.map(halfOf)));
    const accumulator: Expression = (ring, u, p) => {
      let value = ring.sub(y(ring, u, p), zeroPoints(ring, u, p));
      if (signed !== undefined) value = ring.add(value, signed(ring, u, p));
      const rounded = ring.sub(ring.mul(scales(ring, u, p), value), halves(ring, u, p));
      return remainder === undefined ? rounded : ring.add(rounded, remainder(ring, u, p));
    };
    writer.components.push({ label: `layer ${i}`, variables, rowVariables, ...c, accumulator });
  }
  const last = ranges.tensors[ranges.tensors.length - 1];
  const result = committed[committed.length - 1];
  if (program.output === 'position') {
    writePosition(writer, last, ranges.gapBits, rows, positions, last.isAccumulator ? undefined : result);
  }
  const isValues = program.output === 'values' && !last.isAccumulator && result !== 'input';
  const output = isValues ? { column: result.column, variables: rowVariables + last.variables } : undefined;
  return checked(writer.finish(program, weightColumns(program, ranges), products, output));
}

/** §8.6. */
function writePosition(
  writer: RelationWriter,
  { size, variables: own }: { readonly size: number; readonly variables: number },
  gapBits: number,
  rows: number,
  positions: readonly number[],
  value: ColumnUse | undefined,
): void {
  const rowVariables = logCeil(rows);
  const variables = rowVariables + own;
  const c = new ComponentWriter();
  const top = c.use({
    ...(writer.column({ variables: rowVariables, live: rows }, { kind: 'top' }) as Exclude<
      ColumnUse,
      'input'
    >),
    perRow: true,
  });
  const mask = c.public({ kind: 'separable', rows, values: constant(size, 1) });
  const best = c.public({ kind: 'best', at: positions });
  const before = c.public({ kind: 'before', at: positions });
  const limbs = limbWidths(gapBits, limbCount(gapBits)).map((bits, limb) => {
    const use = c.use(writer.column({ variables, live: rows * 2 ** own }, { kind: 'gap', limb }));
    c.range({ kind: 'separable', rows, values: constant(size, bits) }, use);
    return use;
  });
  const gap = sumLimbs(limbs);
  const below: Expression = (ring, u, p) => {
    const largest = ring.sub(ring.mul(top(ring, u, p), mask(ring, u, p)), before(ring, u, p));
    return gap === undefined ? largest : ring.sub(largest, gap(ring, u, p));
  };
  if (gap !== undefined) c.equations.push((ring, u, p) => ring.mul(best(ring, u, p), gap(ring, u, p)));
  const component = { label: 'position', variables, rowVariables };
  if (value === undefined) {
    writer.components.push({ ...component, ...c, accumulator: below });
    return;
  }
  const x = c.use(value);
  c.equations.push((ring, u, p) => ring.sub(below(ring, u, p), x(ring, u, p)));
  writer.components.push({ ...component, ...c });
}

function checked(relations: Relations): Relations {
  if (relations.lookups > maximumLookups) {
    reject('program.lookups', `at most ${maximumLookups} look-ups in one proof`, `${relations.lookups}`);
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
  column: PublicColumn,
  point: readonly Quartic[],
  rowVariables: number,
): Quartic {
  if (column.kind === 'list') return evaluateMultilinear(column.values.map(fromInteger), point);
  const [rowPoint, position] = [point.slice(0, rowVariables), point.slice(rowVariables)];
  if (column.kind === 'separable') {
    return mul(
      evaluatePrefix(rowPoint, column.rows),
      evaluateMultilinear(column.values.map(fromInteger), position),
    );
  }
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
  const each = 2 ** (variables - rowVariables);
  if (column.kind === 'separable') {
    for (let row = 0; row < column.rows; row++) out.set(column.values, row * each);
  } else {
    for (const [row, at] of column.at.entries()) {
      const first = column.kind === 'before' ? 0 : at;
      out.fill(1, row * each + first, row * each + at + (column.kind === 'before' ? 0 : 1));
    }
  }
  return out;
}
