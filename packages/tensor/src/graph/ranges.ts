/**
 * Between which integers each i32 of a graph lies, whatever its inputs are: interval arithmetic over
 * the nodes, a rule for each primitive (docs/specs/quantise.md §6). It says which contractions may
 * be computed in 16 bits, and refuses graphs whose integers could wrap: in i32, or in the field in
 * which a proof computes them.
 *
 * Intervals are those of the whole numbers that the graph means, before anything wraps. They are
 * sound and not tight: two operands are taken to be independent.
 */
import { NonetError } from '@nonet/core';
import { type Affine, flatten } from './affine.ts';
import type { Expression } from './expression.ts';
import { type Graph, isLeaf, type Node, type PrimitiveNode, type TensorId } from './graph.ts';
import { isPosition, type PrimitiveKind } from './primitives.ts';
import { elementCount, type Shape } from './shape.ts';

/** The whole numbers from `low` to `high`, both included; infinite beyond 2^52. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What is known of one tensor. */
export interface TensorRange extends Range {
  /** The largest magnitude that is reached on the way to an element, itself included. */
  readonly peak: number;
}

/** What an i32 holds. */
const i32Range: Range = { low: -(2 ** 31), high: 2 ** 31 - 1 };
/** What 16 bits hold. */
export const shortRange: Range = { low: -(2 ** 15), high: 2 ** 15 - 1 };

/** Whether all of `range` lies in `limits`; nothing is known of a range that is undefined. */
export const isWithin = (range: Range | undefined, limits: Range): boolean =>
  range !== undefined && range.low >= limits.low && range.high <= limits.high;

const exactLimit = 2 ** 52;
/** Nothing is known. */
const unknown: TensorRange = { low: -Infinity, high: Infinity, peak: Infinity };

const magnitude = ({ low, high }: Range) => Math.max(Math.abs(low), Math.abs(high));

/** A range whose bounds are exact, or unknown. */
function reached(low: number, high: number, peak = 0): TensorRange {
  const largest = Math.max(magnitude({ low, high }), peak);
  return largest <= exactLimit ? { low, high, peak: largest } : unknown;
}

const hull = (ranges: readonly TensorRange[]): TensorRange =>
  reached(
    Math.min(...ranges.map(({ low }) => low)),
    Math.max(...ranges.map(({ high }) => high)),
    Math.max(...ranges.map(({ peak }) => peak)),
  );

/** What later nodes read: a range that does not fit i32 has wrapped to anything. */
const stored = (range: TensorRange): TensorRange =>
  isWithin(range, i32Range) ? range : { ...i32Range, peak: 2 ** 31 };

function times(a: Range, b: Range): TensorRange {
  const products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return products.some(Number.isNaN) ? unknown : reached(Math.min(...products), Math.max(...products));
}

const multiple = ({ low, high }: Range, count: number) => times({ low, high }, { low: count, high: count });

/** How many indices a space has; Infinity where an extent has a name. */
const countOf = (shape: Shape): number =>
  shape.some((extent) => typeof extent === 'string') ? Infinity : elementCount(shape as readonly number[]);

/** The elements of an i32 constant. */
function integersOf(node: Extract<Node, { kind: 'constant' }>): (i: number) => number {
  const view = new DataView(node.bytes.buffer, node.bytes.byteOffset, node.bytes.length);
  return (i) => view.getInt32(4 * i, true);
}

function rangeOfConstant(node: Extract<Node, { kind: 'constant' }>): TensorRange {
  const at = integersOf(node);
  let [low, high] = [at(0), at(0)];
  for (let i = 1; 4 * i < node.bytes.length; i++) {
    low = Math.min(low, at(i));
    high = Math.max(high, at(i));
  }
  return reached(low, high);
}

type Contract = Extract<PrimitiveNode, { kind: 'contract' }>;

/**
 * The sums of products with these weights: for each output the worst of what the other operand may
 * be. Undefined where a weight is read more than once for the same output axes, as in windows over
 * weights, so that the work is bounded by their number.
 */
function weightedSums(
  { out, k }: Contract,
  weights: Extract<Node, { kind: 'constant' }>,
  map: Affine,
  x: Range,
): TensorRange | undefined {
  const { base, strides } = flatten(map, weights.shape, out.length + k.length);
  const offsetsOver = (axes: Shape, first: number): readonly number[] | undefined => {
    const read = [...axes.keys()].filter((axis) => strides[first + axis] !== 0);
    if (countOf(read.map((axis) => axes[axis])) > elementCount(weights.shape)) return undefined;
    return read.reduce<readonly number[]>(
      (offsets, axis) =>
        offsets.flatMap((offset) =>
          Array.from({ length: axes[axis] as number }, (_, i) => offset + i * strides[first + axis]),
        ),
      [0],
    );
  };
  const lines = offsetsOver(out, 0);
  const terms = offsetsOver(k, out.length);
  if (lines === undefined || terms === undefined) return undefined;
  if (lines.length * terms.length > elementCount(weights.shape)) return undefined;
  const repeated = countOf(k.filter((_, axis) => strides[out.length + axis] === 0));
  const at = integersOf(weights);
  let [low, high, most] = [Infinity, -Infinity, 0];
  for (const line of lines) {
    let [least, largest, size] = [0, 0, 0];
    for (const term of terms) {
      const w = at(base + line + term);
      const [p, q] = [w * x.low, w * x.high];
      least += Math.min(p, q);
      largest += Math.max(p, q);
      size += Math.max(Math.abs(p), Math.abs(q));
    }
    low = Math.min(low, least);
    high = Math.max(high, largest);
    most = Math.max(most, size);
  }
  // Sums of numbers beyond 2^52 would not be exact.
  if (most * repeated > exactLimit) return unknown;
  return reached(repeated * low, repeated * high);
}

/** x shifted right by some of these counts, rounded half up. */
function rounded({ low, high }: Range, shifts: readonly number[]): TensorRange {
  const ends = shifts.flatMap((shift) => [low, high].map((x) => Math.floor(x / 2 ** shift + 0.5)));
  const half = Math.max(...shifts.map((shift) => (shift === 0 ? 0 : 2 ** (shift - 1))));
  return reached(Math.min(...ends), Math.max(...ends), magnitude({ low, high }) + half);
}

const clamped = (range: TensorRange, low: number, high: number): TensorRange => ({
  low: Math.max(low, Math.min(high, range.low)),
  high: Math.max(low, Math.min(high, range.high)),
  peak: Math.max(range.peak, Math.abs(low), Math.abs(high)),
});

/** What a rule is given: the ranges of i32 operands, and the nodes behind them. */
interface Operands {
  readonly ranges: readonly TensorRange[];
  readonly nodes: readonly Node[];
  /** Whether the operand's elements may be read, rather than a range that was given for it. */
  readonly isFixed: readonly boolean[];
}

type Rule<K extends PrimitiveKind> = (
  node: Extract<PrimitiveNode, { kind: K }>,
  operands: Operands,
) => TensorRange;

const same = (_: unknown, { ranges }: Operands) => ranges[0];

/** The range of each primitive that makes i32. */
const rules: { readonly [K in PrimitiveKind]: Rule<K> } = {
  contract(node, { ranges, nodes, isFixed }) {
    for (const [i, weights] of nodes.entries()) {
      if (weights.kind !== 'constant' || !isFixed[i]) continue;
      const sums = weightedSums(node, weights, node.maps[i], ranges[1 - i]);
      if (sums !== undefined) return sums;
    }
    return multiple(times(ranges[0], ranges[1]), countOf(node.k));
  },
  reduce({ op, k }, { ranges: [x] }) {
    if (op === 'sum') return multiple(x, countOf(k));
    return isPosition(op) ? reached(0, Math.min(countOf(k), 2 ** 31) - 1) : x;
  },
  map: ({ expression, out }, { ranges }) => rangeOfExpression(expression, ranges, out),
  view: same,
  reshape: same,
  pad: ({ valueBits }, { ranges: [x] }) => hull([x, reached(valueBits | 0, valueBits | 0)]),
  concat: (_, { ranges }) => hull(ranges),
  gather: same,
  scatterAdd: () => unknown,
  random: () => stored(unknown),
  requantise({ shift, zero, low, high }, { ranges: [x], nodes: [source] }) {
    // So an input is bounded. Where i32 cannot be held, inputs outside are refused, not clamped.
    if (source.kind === 'input' && [...shift, ...zero].every((each) => each === 0)) return reached(low, high);
    const range = rounded(x, shift);
    const moved = reached(range.low + Math.min(...zero), range.high + Math.max(...zero), range.peak);
    return clamped(moved, low, high);
  },
  lookup: (_, { ranges: [, table] }) => table,
};

const isSame = (a: Expression, b: Expression) => JSON.stringify(a) === JSON.stringify(b);

/** The range of an i32 expression over i32 arguments of these ranges. */
function rangeOfExpression(expression: Expression, args: readonly TensorRange[], out: Shape): TensorRange {
  let peak = 0;
  const note = (range: TensorRange): TensorRange => {
    peak = Math.max(peak, range.peak);
    return stored(range);
  };
  const walk = (e: Expression): TensorRange => note(rangeAt(e));
  const isNatural = (...ranges: readonly Range[]) => ranges.every(({ low }) => low >= 0);
  const bitsOf = ({ high }: Range) => 2 ** Math.ceil(Math.log2(high + 1)) - 1;
  const rangeAt = (e: Expression): TensorRange => {
    switch (e[0]) {
      case 'arg':
        return args[e[1]];
      case 'const':
        return reached(e[2] | 0, e[2] | 0);
      case 'index':
        return reached(0, Math.min(countOf([out[e[1]]]), 2 ** 31) - 1);
      case 'neg': {
        const { low, high } = walk(e[1]);
        return reached(0 - high, 0 - low);
      }
      case 'add': {
        const [a, b] = [walk(e[1]), walk(e[2])];
        return reached(a.low + b.low, a.high + b.high);
      }
      case 'sub': {
        const [a, b] = [walk(e[1]), walk(e[2])];
        return reached(a.low - b.high, a.high - b.low);
      }
      case 'mul':
        return times(walk(e[1]), walk(e[2]));
      case 'shl':
      case 'shr': {
        const [x, by] = [walk(e[1]), walk(e[2])];
        if (by.low !== by.high || by.low < 0 || by.low > 31) return stored(unknown);
        if (e[0] === 'shl') return multiple(x, 2 ** by.low);
        return reached(Math.floor(x.low / 2 ** by.low), Math.floor(x.high / 2 ** by.low));
      }
      case 'and': {
        const [a, b] = [walk(e[1]), walk(e[2])];
        if (isNatural(a) || isNatural(b)) {
          return reached(0, Math.min(...[a, b].filter((each) => isNatural(each)).map(({ high }) => high)));
        }
        return stored(unknown);
      }
      case 'or':
      case 'xor': {
        const [a, b] = [walk(e[1]), walk(e[2])];
        return isNatural(a, b) ? reached(0, Math.max(bitsOf(a), bitsOf(b))) : stored(unknown);
      }
      case 'select': {
        const [, condition, yes, no] = e;
        const [a, b] = [walk(yes), walk(no)];
        if (condition[0] === 'lt' && isSame(condition[1], yes) && isSame(condition[2], no)) {
          return reached(Math.min(a.low, b.low), Math.min(a.high, b.high));
        }
        if (condition[0] === 'lt' && isSame(condition[1], no) && isSame(condition[2], yes)) {
          return reached(Math.max(a.low, b.low), Math.max(a.high, b.high));
        }
        return hull([a, b]);
      }
      // Of an f32, of which nothing is known.
      default:
        return stored(unknown);
    }
  };
  const range = rangeAt(expression);
  return { ...range, peak: Math.max(range.peak, peak) };
}

/**
 * The range of each tensor of a graph of primitives, undefined for those that are f32. Inputs may be
 * anything that i32 holds, and constants are what they are, unless `given` says otherwise: a prover
 * gives the range that it proved of weights which the verifier does not see.
 */
export function analyseRanges(
  graph: Graph,
  given: ReadonlyMap<TensorId, Range> = new Map(),
): readonly (TensorRange | undefined)[] {
  const ranges: (TensorRange | undefined)[] = [];
  const rangeOf = (node: Node, id: TensorId): TensorRange => {
    const known = given.get(id);
    if (known !== undefined) return reached(known.low, known.high);
    if (node.kind === 'constant') return rangeOfConstant(node);
    if (isLeaf(node)) return stored(unknown);
    const { operands } = node;
    return (rules[node.kind as PrimitiveKind] as Rule<PrimitiveKind>)(node as PrimitiveNode as never, {
      ranges: operands.map((operand) => {
        const { low, high } = stored(ranges[operand] ?? unknown);
        return reached(low, high);
      }),
      nodes: operands.map((operand) => graph.nodes[operand]),
      isFixed: operands.map((operand) => !given.has(operand)),
    });
  };
  for (const [id, node] of graph.nodes.entries()) {
    ranges.push(node.dtype === 'i32' ? rangeOf(node, id) : undefined);
  }
  return ranges;
}

/** Where integers must stay: largest magnitude, and what says so. */
export interface IntegerLimit {
  readonly magnitude: number;
  readonly name: string;
}

/** Two's complement of 32 bits. */
export const i32Limit: IntegerLimit = { magnitude: 2 ** 31 - 1, name: 'i32' };
/**
 * BabyBear, p = 2^31 - 2^27 + 1, where x below 0 stands as p + x: (p - 1) / 2.
 */
export const babyBearLimit: IntegerLimit = { magnitude: 1_006_632_960, name: 'the field BabyBear' };

/**
 * Throws `ranges.wrap` at the first node of a graph of primitives whose integers could leave the
 * limit, also on the way to an element (the sum of a requantisation before it is shifted). `given`
 * as for `analyseRanges`; inputs, which may be anything, are not looked at themselves.
 */
export function assertNoWrap(
  graph: Graph,
  { magnitude: most, name }: IntegerLimit,
  given?: ReadonlyMap<TensorId, Range>,
): void {
  for (const [id, range] of analyseRanges(graph, given).entries()) {
    const node = graph.nodes[id];
    if (range === undefined || range.peak <= most || node.kind === 'input') continue;
    const note = 'note' in node && node.note !== undefined ? ` "${node.note}"` : '';
    throw new NonetError({
      code: 'ranges.wrap',
      expected: `integers of at most ${most} in magnitude, as ${name} holds them`,
      found: `up to ${range.peak} in node ${id}, ${node.kind}${note}`,
      hint: 'Bound its operands with requantise, or let a sum have fewer terms.',
    });
  }
}
