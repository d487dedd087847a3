/**
 * Descriptors: what one kernel call reads from memory instead of arguments, as 32-bit words.
 * Layouts are stated beside each kernel in assembly/. Addresses are in bytes, strides in elements.
 */
import type { FlatMap } from '../graph/affine.ts';
import type { ElementSpecification, Primitive, Reduction } from '../graph/primitives.ts';
import { type Dtype, elementCount, rowMajorStrides } from '../graph/shape.ts';
import type { MapProgram, Place } from './compile.ts';

/**
 * A row-major space with the strides of several reads over it; neighbouring axes that all reads
 * walk as one are one axis.
 */
interface Axes {
  readonly extents: readonly number[];
  /** One list of strides per read. */
  readonly strides: readonly (readonly number[])[];
}

/**
 * Drops axes of extent 1 and joins axes where, for every read, the outer stride is the inner extent
 * times the inner stride.
 */
function joinAxes(extents: readonly number[], strides: readonly (readonly number[])[]): Axes {
  const joined: { extent: number; strides: number[] }[] = [];
  for (const [axis, extent] of extents.entries()) {
    if (extent === 1) continue;
    const own = strides.map((read) => read[axis]);
    const outer = joined[joined.length - 1];
    if (outer?.strides.every((stride, read) => stride === extent * own[read])) {
      outer.extent *= extent;
      outer.strides = own;
    } else joined.push({ extent, strides: own });
  }
  return {
    extents: joined.map(({ extent }) => extent),
    strides: strides.map((_, read) => joined.map((axis) => axis.strides[read])),
  };
}

/** The parts of a read that depend on o and on k. */
function splitStrides({ out }: ElementSpecification, { strides }: FlatMap) {
  return { o: strides.slice(0, out.length), k: strides.slice(out.length) };
}

interface MatrixProduct {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /**
   * Element (i,k) of the left factor lies at base + i*row + k*term; (k,j) of the right one at base
   * + k*term + j*column.
   */
  readonly left: {
    readonly operand: 0 | 1;
    readonly base: number;
    readonly line: number;
    readonly term: number;
  };
  readonly right: {
    readonly operand: 0 | 1;
    readonly base: number;
    readonly line: number;
    readonly term: number;
  };
}

/**
 * The contraction as one matrix product, if it is one: output axes that only one factor reads, then
 * axes that only the other reads, over one axis of terms. Multiplication commutes bit for bit, so
 * either operand may be the left factor.
 */
export function asMatrixProduct(specification: ElementSpecification): MatrixProduct | undefined {
  const reads = specification.operands.map((read) => splitStrides(specification, read));
  const terms = joinAxes(specification.k, [reads[0].k, reads[1].k]);
  if (terms.extents.length > 1) return undefined;
  const out = joinAxes(specification.out, [reads[0].o, reads[1].o]);
  if (out.extents.length > 2) return undefined;
  const [m, n] = out.extents.length === 2 ? out.extents : [1, out.extents[0] ?? 1];
  const axisStrides = (operand: number) =>
    out.extents.length === 2 ? out.strides[operand] : [0, out.strides[operand][0] ?? 0];
  for (const left of [0, 1] as const) {
    const right = left === 0 ? 1 : 0;
    const [row, leftColumn] = axisStrides(left);
    const [rightRow, column] = axisStrides(right);
    if (leftColumn !== 0 || rightRow !== 0) continue;
    const factor = (operand: 0 | 1, line: number) => ({
      operand,
      base: specification.operands[operand].base,
      line,
      term: terms.strides[operand][0] ?? 0,
    });
    return { m, n, k: terms.extents[0] ?? 1, left: factor(left, row), right: factor(right, column) };
  }
  return undefined;
}

/** Which axes of the output, of more than one element, are which of a product. */
interface ProductAxes {
  readonly left: 0 | 1;
  readonly batches: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/**
 * Each axis of the output belongs to the rows, the columns or the batches of a product, by which
 * operands read it. Multiplication commutes bit for bit, so the operand that reads the innermost
 * such axis becomes the right factor: its columns are what vectors hold.
 */
function productAxes(specification: ElementSpecification): ProductAxes {
  const reads = specification.operands.map((read) => splitStrides(specification, read));
  const axes = [...specification.out.keys()].filter((axis) => specification.out[axis] > 1);
  const isBatch = (axis: number) => reads[0].o[axis] !== 0 && reads[1].o[axis] !== 0;
  const innermost = axes.findLast((axis) => !isBatch(axis));
  const left = innermost !== undefined && reads[0].o[innermost] !== 0 ? 1 : 0;
  const isColumn = (axis: number) => reads[left].o[axis] === 0;
  return {
    left,
    batches: axes.filter(isBatch),
    rows: axes.filter((axis) => !isBatch(axis) && !isColumn(axis)),
    columns: axes.filter((axis) => !isBatch(axis) && isColumn(axis)),
  };
}

/**
 * How many outputs of a contraction lie together as the columns of a row; undefined where columns
 * are not the innermost axes.
 */
export function columnsOf(specification: ElementSpecification): number | undefined {
  const { batches, rows, columns } = productAxes(specification);
  if (Math.max(-1, ...batches, ...rows) > Math.min(specification.out.length, ...columns)) return undefined;
  return elementCount(columns.map((axis) => specification.out[axis]));
}

/** Outputs of a contraction: they begin at element `start` and lie `strides` apart. */
interface ContractionPart {
  readonly start: number;
  readonly strides: readonly number[];
  readonly specification: ElementSpecification;
}

/**
 * A part keeps the axes of the whole: where only one of the columns is left in it, the rows would
 * become columns, which do not lie together.
 */
interface DividedPart extends ContractionPart {
  readonly axes: ProductAxes;
}

/** Rows and columns of one tile. */
const tile = { rows: 3, columns: 12 };

/**
 * A contraction as at most `threads` parts of nearly the same size, along that axis of its output
 * where they come out most equal. Columns that lie together stay together.
 */
export function divideContraction(contraction: ContractionPart, threads: number): readonly DividedPart[] {
  const { start, strides: outStrides, specification } = contraction;
  const { out, k, operands } = specification;
  const axes = productAxes(specification);
  const { batches, rows, columns } = axes;
  const candidates = [
    ...columns.map((axis) => ({ axis, unit: columns.length === 1 ? tile.columns : 1 })).slice(0, 1),
    ...batches.map((axis) => ({ axis, unit: 1 })),
    ...rows.map((axis) => ({ axis, unit: tile.rows })),
  ].map(({ axis, unit }) => {
    const block = Math.ceil(Math.ceil(out[axis] / unit) / threads) * unit;
    return { axis, block, share: block / out[axis] };
  });
  if (threads === 1 || candidates.length === 0) return [{ ...contraction, axes }];
  const best = candidates.reduce((a, b) => (b.share < 0.95 * a.share ? b : a));
  return Array.from({ length: Math.ceil(out[best.axis] / best.block) }, (_, part) => {
    const first = part * best.block;
    return {
      start: start + first * outStrides[best.axis],
      strides: outStrides,
      axes,
      specification: {
        out: out.with(best.axis, Math.min(best.block, out[best.axis] - first)),
        k,
        operands: operands.map(({ base, strides }) => ({ base: base + first * strides[best.axis], strides })),
      },
    };
  });
}

/** The kernels of contractions: of f32, of i32, of i32 that all fit 16 bits. */
export type ContractKernel = 'contract' | 'contractInteger' | 'contractShort';

/**
 * For `kernel`, and of f32 for `contractDepthwise` where there are no rows. `then` is the address of
 * a program that finishes the outputs, or 0.
 */
export function contractDescriptor(
  { start, strides: outStrides, specification, axes }: DividedPart,
  kernel: ContractKernel,
  out: number,
  operands: readonly number[],
  then: number,
): { readonly kernel: ContractKernel | 'contractDepthwise'; readonly words: readonly number[] } {
  const reads = specification.operands.map((read) => splitStrides(specification, read));
  const { left } = axes;
  const right = 1 - left;
  const group = (of: readonly number[], strides: readonly (readonly number[])[]) => {
    const joined = joinAxes(
      of.map((axis) => specification.out[axis]),
      strides.map((read) => of.map((axis) => read[axis])),
    );
    return { count: joined.extents.length, words: [...joined.extents, ...joined.strides.flat()] };
  };
  const batches = group(axes.batches, [outStrides, reads[left].o, reads[right].o]);
  const rows = group(axes.rows, [outStrides, reads[left].o]);
  const columns = group(axes.columns, [outStrides, reads[right].o]);
  const terms = joinAxes(specification.k, [reads[left].k, reads[right].k]);
  const address = (operand: number) => operands[operand] + 4 * specification.operands[operand].base;
  const words = [
    out + 4 * start,
    address(left),
    address(right),
    then,
    batches.count,
    rows.count,
    columns.count,
    terms.extents.length,
    ...batches.words,
    ...rows.words,
    ...columns.words,
    ...terms.extents,
    ...terms.strides.flat(),
  ];
  // One filter slides over columns that all lie together in the output.
  const own = axes.columns.map((axis) => outStrides[axis]);
  const joined = joinAxes(
    axes.columns.map((axis) => specification.out[axis]),
    [own],
  );
  const together = joined.extents.length === 0 || (joined.extents.length === 1 && joined.strides[0][0] === 1);
  if (kernel === 'contract') {
    return { kernel: rows.count === 0 && together ? 'contractDepthwise' : kernel, words };
  }
  const lines = elementCount(axes.rows.map((axis) => specification.out[axis]));
  return { kernel: lines > directRows ? kernel : 'contractInteger', words };
}

/** Up to so many rows, two terms a word are not worth packing: `DIRECT_ROWS` of assembly/contract.ts. */
const directRows = 12;

/**
 * `dtype` is that of the terms; `positions`: where the positions of a maximum or minimum go as well,
 * or 0.
 */
export function reduceDescriptor(
  specification: ElementSpecification,
  op: Reduction,
  dtype: Dtype,
  out: number,
  source: number,
  scratch: number,
  positions: number,
): readonly number[] {
  const read = splitStrides(specification, specification.operands[0]);
  const o = joinAxes(specification.out, [read.o]);
  const k = joinAxes(specification.k, [read.k]);
  return [
    { sum: 0, max: 1, argmax: 2, min: 3, argmin: 4 }[op] + (dtype === 'i32' ? 5 : 0),
    out,
    source + 4 * specification.operands[0].base,
    scratch,
    o.extents.length,
    k.extents.length,
    positions,
    ...o.extents,
    ...o.strides.flat(),
    ...k.extents,
    ...k.strides.flat(),
  ];
}

/**
 * The most elements of one block of the map kernel; a register holds them, and what a vector writes
 * beyond.
 */
const blockElements = 256;
/** Bytes of one register of the map kernel. */
export const registerBytes = 4 * blockElements + 32;

/** Registers that a map takes: those of its program, a table for each fill, and a spare one. */
export const mapRegisters = (program: MapProgram) => program.registers + program.fills.length + 1;

/**
 * How the map kernel walks a space: the innermost axes that fit into a block are its rows'
 * elements; a block takes several rows of the next axis; the axes before that are the outer ones.
 */
function splitBlocks(extents: readonly number[]) {
  let axis = extents.length;
  let inner = 1;
  while (axis > 0 && inner * extents[axis - 1] <= blockElements) inner *= extents[--axis];
  const extent = axis === 0 ? 1 : extents[axis - 1];
  // Blocks of one size, as far as possible.
  const rows = Math.ceil(extent / Math.ceil(extent / Math.floor(blockElements / inner)));
  const outer = Math.max(0, axis - 1);
  return { outer, extent, rows, inner, local: [rows, ...extents.slice(axis)] };
}

/** Modes of a fill, as in assembly/map.ts. */
const fillModes = { gather: 0, runs: 1, repeats: 2, index: 3, fixedIndex: 4, twice: 5, one: 6 } as const;
/** Where operands and results of instructions lie, as in assembly/map.ts. */
export const places = { register: 0, moves: 1, repeated: 2, elsewhere: 3 } as const;
/**
 * From so many elements that lie together, copying them as vectors beats looking each of them up.
 */
const shortestRun = 6;

/**
 * Whether the read takes the elements in row-major order of `out`, always the same one, or
 * otherwise.
 */
export function accessOf({ out }: ElementSpecification, { base, strides }: FlatMap) {
  if (strides.every((stride, axis) => stride === 0 || out[axis] === 1)) return 'scalar';
  const inOrder = rowMajorStrides(out).every((stride, axis) => out[axis] === 1 || stride === strides[axis]);
  return inOrder && base % 4 === 0 ? 'inOrder' : 'strided';
}

/** Where a register lies, from where those of the thread begin. */
export const registerAt = (index: number) => index * registerBytes;

/**
 * Instructions as words: op, then address and place of the result and of three operands. `placeOf`
 * says which registers are not plain ones.
 */
export function encodeInstructions(
  { instructions }: MapProgram,
  out: number,
  address: (operand: number) => number,
  placeOf: ReadonlyMap<number, number>,
): readonly number[] {
  const encode = (at: Place): readonly [number, number] => {
    if (at.at === 'register') return [registerAt(at.index), placeOf.get(at.index) ?? places.register];
    return [at.at === 'out' ? out : address(at.index), places.moves];
  };
  return instructions.flatMap(({ opcode, to, from }) => [
    opcode,
    ...encode(to),
    ...[0, 1, 2].flatMap((i) => (from[i] === undefined ? [0, 0] : encode(from[i]))),
  ]);
}

/** For `map`: at most `parts` descriptors of disjoint parts. */
export function mapDescriptors(
  specification: ElementSpecification,
  program: MapProgram,
  out: number,
  operands: readonly number[],
  literal: (bits: number) => number,
  parts: number,
): readonly (readonly number[])[] {
  const fillStrides = program.fills.map(({ source }) =>
    'operand' in source
      ? specification.operands[source.operand].strides
      : specification.out.map((_, axis) => (axis === source.axis ? 1 : 0)),
  );
  const axes = joinAxes(specification.out, fillStrides);
  const [outermost = 1] = axes.extents;
  const pitch = elementCount(axes.extents.slice(1));
  const unit = pitch % mapTurn === 0 ? 1 : mapTurn;
  const positions = program.fills.some(({ source }) => 'axis' in source);
  const block = positions ? outermost : Math.ceil(Math.ceil(outermost / unit) / parts) * unit;
  return Array.from({ length: Math.ceil(outermost / block) }, (_, part) => {
    const start = part * block;
    const count = Math.min(block, outermost - start);
    return mapDescriptor(
      {
        extents: axes.extents.toSpliced(0, 1, ...axes.extents.slice(0, 1).fill(count)),
        strides: axes.strides,
      },
      start,
      pitch,
      specification,
      program,
      out,
      operands,
      literal,
    );
  });
}

/** Elements that an instruction computes in one turn. */
const mapTurn = 8;

/** The part that begins at `start` on the first of the joined axes, `pitch` elements each. */
function mapDescriptor(
  axes: Axes,
  start: number,
  pitch: number,
  specification: ElementSpecification,
  program: MapProgram,
  out: number,
  operands: readonly number[],
  literal: (bits: number) => number,
): readonly number[] {
  const address = (operand: number) => operands[operand] + 4 * specification.operands[operand].base;
  const blocks = splitBlocks(axes.extents);
  const outerExtents = axes.extents.slice(0, blocks.outer);
  const run = blocks.local[blocks.local.length - 1];
  const placeOf = new Map<number, number>(
    program.splats.map(({ register: index }) => [index, places.repeated]),
  );
  const fills = program.fills.flatMap(({ register: index, source }, i) => {
    const outer = axes.strides[i].slice(0, blocks.outer);
    // Where the whole space is one block, its row axis is not an axis of the space.
    const local = axes.strides[i].slice(blocks.outer);
    const rowStride = blocks.local.length > local.length ? 0 : local[0];
    const oneRow = blocks.rows === 1 && blocks.local.length === local.length;
    const last = local.length === 0 ? 0 : local[local.length - 1];
    const mode = (): keyof typeof fillModes => {
      if ('axis' in source)
        return [...outer, rowStride].every((stride) => stride === 0) ? 'fixedIndex' : 'index';
      if (local.every((stride, axis) => stride === 0 || (axis === 0 && oneRow))) return 'one';
      if (run === 2 && last === 0 && blocks.local.length > 2 && local.at(-2) === 1) return 'twice';
      if (run < shortestRun || last < 0 || last > 1) return 'gather';
      return last === 1 ? 'runs' : 'repeats';
    };
    const kind = mode();
    if (kind === 'one') placeOf.set(index, places.repeated);
    const first = start * (axes.strides[i][0] ?? 0);
    return [
      fillModes[kind],
      'operand' in source ? address(source.operand) + 4 * first : 0,
      registerAt(index),
      registerAt(program.registers + i),
      kind === 'twice' ? blocks.local[blocks.local.length - 2] : run,
      rowStride,
      ...outer,
      ...(blocks.local.length > local.length ? [0, ...local] : local),
    ];
  });
  const moved = 4 * start * pitch;
  return [
    elementCount(outerExtents),
    blocks.extent,
    blocks.rows,
    blocks.inner,
    blocks.outer,
    blocks.local.length,
    program.splats.length,
    program.fills.length,
    program.instructions.length,
    registerAt(mapRegisters(program) - 1),
    ...outerExtents,
    ...blocks.local,
    ...program.splats.flatMap(({ register: index, source }) => [
      'operand' in source ? address(source.operand) : literal(source.bits),
      registerAt(index),
    ]),
    ...fills,
    ...encodeInstructions(program, out + moved, (operand) => address(operand) + moved, placeOf),
  ];
}

/** For `pad`. */
export function padDescriptor(
  { low, interior, valueBits }: Extract<Primitive, { kind: 'pad' }>,
  shape: readonly number[],
  outShape: readonly number[],
  out: number,
  source: number,
): readonly number[] {
  const strides = rowMajorStrides(outShape);
  const axes = joinAxes(shape, [strides.map((stride, axis) => stride * (interior[axis] + 1))]);
  // The kernel needs an axis to walk along.
  const [extents, steps] = axes.extents.length > 0 ? [axes.extents, axes.strides[0]] : [[1], [1]];
  return [
    out,
    elementCount(outShape),
    valueBits,
    source,
    extents.length,
    low.reduce((base, count, axis) => base + count * strides[axis], 0),
    ...extents,
    ...steps,
  ];
}
