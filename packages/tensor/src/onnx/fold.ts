/**
 * Folding of constants. Files compute shapes as they go (Shape, Gather, Unsqueeze, Concat,
 * Reshape), and weights are transposed or cast on their way; a static graph needs the results.
 *
 * Lists of integers are folded here, element by element, with names of extents kept (`[B, 64]`) and
 * with int64 numbers that no i32 holds (the open end of a slice). All other constants are read into
 * a small graph of their own and evaluated by the scalar twin, so that folding a node and running
 * it give the same bits. `work` bounds how many terms one import may evaluate.
 */
import { createBuilder } from '../graph/builder.ts';
import { isLeaf } from '../graph/graph.ts';
import { type Extent, elementCount, extentFactors, multiplyExtents } from '../graph/shape.ts';
import { lower } from '../transform/lower.ts';
import { createTwinProgram } from '../twins/twinProgram.ts';
import { dtypeOf, type ElementType } from './elementTypes.ts';
import type { NodeReader, Value } from './reading.ts';

/** Lists of integers longer than this are data, not shapes. */
const longestList = 1024;

type Binary = (a: number, b: number) => number;

/** With names: x + 0, x - 0, x * 1, x / 1 are x, and an extent is never 0 or negative. */
const arithmetic: Readonly<Record<string, { readonly of: Binary; readonly neutral: number }>> = {
  Add: { of: (a, b) => a + b, neutral: 0 },
  Sub: { of: (a, b) => a - b, neutral: 0 },
  Mul: { of: (a, b) => a * b, neutral: 1 },
  Div: { of: (a, b) => Math.trunc(a / b), neutral: 1 },
};

const isExtent = (item: Extent) => typeof item === 'string' || (Number.isSafeInteger(item) && item >= 1);

const productOf = (...items: readonly Extent[]): Extent | undefined =>
  items.every(isExtent) ? multiplyExtents(items) : undefined;

/** `8*B` divided by 4 or by B; undefined unless nothing is left over. */
function quotientOf(a: Extent, b: Extent): Extent | undefined {
  if (!isExtent(a) || !isExtent(b)) return undefined;
  const [whole, part] = [extentFactors(a), extentFactors(b)];
  const names = [...whole.names];
  for (const name of part.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  const count = whole.count / part.count;
  return Number.isInteger(count) ? multiplyExtents([count, ...names]) : undefined;
}

interface List {
  readonly type: ElementType;
  /** Empty for one number. */
  readonly shape: readonly number[];
  readonly items: readonly Extent[];
}

function listOf(value: Value): List | undefined {
  if (value.kind !== 'constant') return undefined;
  const { type, shape, data } = value.constant;
  if (dtypeOf(type) !== 'i32' || shape.length > 1 || data.length > longestList) return undefined;
  return { type, shape, items: [...data] };
}

function constantOf(type: ElementType, shape: readonly number[], data: readonly Extent[]): Value {
  return { kind: 'constant', constant: { type, shape, data } };
}

const vector = ({ type }: List, items: readonly Extent[]) => constantOf(type, [items.length], items);

/**
 * Item by item, one of the lists perhaps of one element; undefined if an item cannot be decided.
 */
function zip(
  lists: readonly List[],
  of: (...items: readonly Extent[]) => Extent | undefined,
): { shape: readonly number[]; items: readonly Extent[] } | undefined {
  const longest = lists.reduce((a, b) =>
    b.shape.length > a.shape.length || b.items.length > a.items.length ? b : a,
  );
  if (lists.some(({ items }) => items.length !== 1 && items.length !== longest.items.length))
    return undefined;
  const items: Extent[] = [];
  for (const i of longest.items.keys()) {
    const item = of(...lists.map((list) => list.items[list.items.length === 1 ? 0 : i]));
    if (item === undefined) return undefined;
    items.push(item);
  }
  return { shape: longest.shape, items };
}

function equalItems(a: Extent, b: Extent): number | undefined {
  // Int64 numbers beyond 2^53 have been rounded, so comparing them decides nothing.
  if ([a, b].some((item) => typeof item === 'number' && !Number.isSafeInteger(item))) return undefined;
  if (a === b) return 1;
  if (typeof a === 'number' && typeof b === 'number') return 0;
  // Two names may stand for one number; a name never stands for a number below 1.
  const number = typeof a === 'number' ? a : b;
  return typeof number === 'number' && number < 1 ? 0 : undefined;
}

/** NumPy's slice of a list: negative positions count from the end, ends are clamped. */
export function sliceBounds(extent: number, start: number, end: number, step: number) {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? extent : extent - 1;
  const clamp = (position: number) =>
    Math.min(Math.max(position < 0 ? position + extent : position, low), high);
  const from = clamp(start);
  const to = clamp(end);
  return { from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

const folds: Readonly<Record<string, (n: NodeReader, lists: readonly List[]) => Value | undefined>> = {
  Identity: (_, [list]) => constantOf(list.type, list.shape, list.items),
  Cast(n, [list]) {
    // Names stay names only in the integer type that shapes have.
    return n.integer('to') === 7 && list.type !== 'bool'
      ? constantOf('int64', list.shape, list.items)
      : undefined;
  },
  Gather(n, [data, indices]) {
    if (data.shape.length !== 1 || n.integer('axis', 0) !== 0) return undefined;
    const items = indices.items.map((index) =>
      typeof index === 'number' ? data.items[index < 0 ? index + data.items.length : index] : undefined,
    );
    return items.every((item) => item !== undefined)
      ? constantOf(data.type, indices.shape, items as Extent[])
      : undefined;
  },
  Concat(_, lists) {
    return lists.every(({ shape }) => shape.length === 1)
      ? vector(
          lists[0],
          lists.flatMap(({ items }) => items),
        )
      : undefined;
  },
  Slice(_, [data, starts, ends, axes, steps]) {
    if (starts === undefined || ends === undefined) return undefined;
    const numbers = [starts, ends, steps ?? { items: [1] }].map(({ items }) => items[0]);
    const oneAxis = data.shape.length === 1 && starts.items.length === 1;
    if (!oneAxis || (axes !== undefined && axes.items[0] !== 0 && axes.items[0] !== -1)) return undefined;
    if (!numbers.every((item) => typeof item === 'number') || numbers[2] === 0) return undefined;
    const [start, end, step] = numbers as number[];
    const { from, count } = sliceBounds(data.items.length, start, end, step);
    return vector(
      data,
      Array.from({ length: count }, (_, i) => data.items[from + i * step]),
    );
  },
  Unsqueeze(n, [data]) {
    const axes = n.hasAttribute('axes') ? n.integerList('axes') : n.integers(1);
    return data.shape.length === 0 && axes.length === 1 ? vector(data, data.items) : undefined;
  },
  Squeeze(_, [data]) {
    return data.items.length === 1 ? constantOf(data.type, [], data.items) : undefined;
  },
  Reshape(_, [data, shape]) {
    const flat = shape.items.length === 1 && [-1, data.items.length].includes(shape.items[0] as number);
    if (flat) return vector(data, data.items);
    return shape.items.length === 0 && data.items.length === 1
      ? constantOf(data.type, [], data.items)
      : undefined;
  },
  ReduceProd(n, [list, axes]) {
    if (list.shape.length !== 1 || (axes?.items[0] ?? 0) !== 0) return undefined;
    n.ignore('axes', 'noop_with_empty_axes');
    const product = productOf(...list.items);
    if (product === undefined || list.type !== 'int64') return undefined;
    return constantOf(list.type, n.flag('keepdims', true) ? [1] : [], [product]);
  },
  Equal(_, lists) {
    const zipped = zip(lists, equalItems);
    return zipped && constantOf('bool', zipped.shape, zipped.items);
  },
  Where(_, lists) {
    const zipped = zip(lists, (condition, a, b) =>
      typeof condition === 'number' ? (condition === 0 ? b : a) : undefined,
    );
    return zipped && constantOf(lists[1].type, zipped.shape, zipped.items);
  },
  ConstantOfShape(n, [shape]) {
    const value = n.tensorAttribute('value');
    const [extent] = shape.items;
    if (value === undefined || dtypeOf(value.type) !== 'i32' || value.data.length !== 1) return undefined;
    if (shape.items.length !== 1 || typeof extent !== 'number') return undefined;
    if (extent < 0 || extent > longestList) return undefined;
    return constantOf(value.type, [extent], new Array<Extent>(extent).fill(value.data[0]));
  },
};

const fewestInputs: Readonly<Record<string, number>> = {
  Identity: 1,
  Cast: 1,
  Concat: 1,
  Squeeze: 1,
  ReduceProd: 1,
  Unsqueeze: 1,
  ConstantOfShape: 1,
  Slice: 1,
  Where: 3,
};

/** The result of a node over lists of integers; undefined for any other node. */
export function foldLists(n: NodeReader): Value | undefined {
  const { operator, domain } = n.node;
  const rule = Object.hasOwn(arithmetic, operator) ? arithmetic[operator] : undefined;
  const known = rule !== undefined || Object.hasOwn(folds, operator);
  // A node that lacks inputs is refused by its reading.
  if (domain !== '' || !known || n.inputCount < (fewestInputs[operator] ?? 2)) return undefined;
  const lists = n.given().map((value) => value && listOf(value));
  if (!lists.every((list) => list !== undefined)) return undefined;
  if (rule === undefined) return folds[operator](n, lists);
  // Narrower types wrap, and the file must name one type: the reading takes care of both.
  if (lists.some(({ type }) => type !== 'int64')) return undefined;
  const zipped = zip(lists, (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return rule.of(a, b);
    if (b === rule.neutral) return a;
    if (operator === 'Mul') return productOf(a, b);
    if (operator === 'Div') return quotientOf(a, b);
    return a === rule.neutral && (operator === 'Add' || operator === 'Mul') ? b : undefined;
  });
  if (
    zipped === undefined ||
    zipped.items.some((item) => typeof item === 'number' && !Number.isSafeInteger(item))
  ) {
    return undefined;
  }
  return constantOf(lists[0].type, zipped.shape, zipped.items);
}

/** What folding may still take in one import; it is counted down. */
export interface FoldingBudget {
  /** How many terms of reductions and elements an import may still evaluate. */
  work: number;
  /**
   * Elements of inputs that folding may still copy: a node may name one constant a thousand times.
   */
  copies: number;
  /** Elements of constants that the file only describes, which an import may still make. */
  described: number;
  /** Steps of recurrent layers, and nodes of branches, that an import may still unroll. */
  unrolled: number;
}

/** The largest constant that folding makes or reads. */
const largestFolded = 2 ** 16;

/** Whether a node of these inputs may be folded. */
export function foldable(values: readonly (Value | undefined)[], budget: FoldingBudget): boolean {
  let copies = 0;
  for (const value of values) {
    if (value === undefined) continue;
    if (value.kind !== 'constant') return false;
    const { length } = value.constant.data;
    copies += length;
    if (length === 0 || length > largestFolded || copies > budget.copies) return false;
  }
  budget.copies -= copies;
  return true;
}

/**
 * Evaluates a node whose inputs are all constants: `read` reads it into a graph of its own.
 * Undefined if that would take more than the budget, or if the reading gives constants by itself.
 */
export function foldByTwin(
  read: (g: ReturnType<typeof createBuilder>) => readonly Value[],
  name: string | undefined,
  budget: FoldingBudget,
): readonly Value[] | undefined {
  const g = createBuilder();
  const values = read(g);
  if (values.every(({ kind }) => kind === 'constant')) return values;
  for (const [i, value] of values.entries()) if (value.kind === 'tensor') g.output(`o${i}`, value.tensor);
  const graph = lower(g.finish());
  let work = 0;
  for (const node of graph.nodes) {
    if (node.shape.some((extent) => typeof extent === 'string')) return undefined;
    const terms = 'k' in node ? elementCount(node.k as readonly number[]) : 1;
    const elements = elementCount(node.shape as readonly number[]);
    if (elements > largestFolded) return undefined;
    if (!isLeaf(node)) work += elements * terms;
  }
  if (work > budget.work) return undefined;
  budget.work -= work;
  const outputs = createTwinProgram(graph).run();
  return values.map((value, i): Value => {
    if (value.kind === 'constant') return value;
    const node = g.nodes[value.tensor];
    const shape = node.shape as readonly number[];
    const weight = name !== undefined && node.dtype === 'f32' && shape.length > 0;
    const constant = { type: value.type, shape, data: outputs[`o${i}`] };
    return { kind: 'constant', constant: weight ? { ...constant, name } : constant };
  });
}
