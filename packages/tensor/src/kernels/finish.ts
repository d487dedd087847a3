/**
 * Element-wise programs that finish the sums of a contraction (`finish` in assembly/map.ts): which
 * reads the kernel can follow, and their descriptor.
 */
import type { FlatMap } from '../graph/affine.ts';
import type { ElementSpecification } from '../graph/primitives.ts';
import { rowMajorStrides } from '../graph/shape.ts';
import type { MapProgram } from './compile.ts';
import { accessOf, encodeInstructions, places, registerAt } from './descriptors.ts';

/** Element e of the outputs reads element (e / inner) mod count of the operand, from its base. */
interface Varying {
  readonly inner: number;
  readonly count: number;
}

/**
 * How each operand varies: undefined for those that are read in order, or are scalars. Undefined as
 * a whole if the kernel cannot follow: it finishes pieces of rows of `columns` elements, within
 * which an operand has to stay the same, or to run along.
 */
export function finishOf(
  { out, operands }: ElementSpecification,
  columns: number,
): readonly (Varying | undefined)[] | undefined {
  const found: (Varying | undefined)[] = [];
  for (const read of operands) {
    if (accessOf({ out, k: [], operands }, read) !== 'strided') {
      found.push(undefined);
      continue;
    }
    const varying = varyingOf(out, read);
    if (varying === undefined) return undefined;
    const { inner, count } = varying;
    if (inner === 1 ? count % columns !== 0 : inner % columns !== 0) return undefined;
    found.push(varying);
  }
  return found;
}

/** A read that takes each element of some neighbouring axes in order, and ignores the others. */
function varyingOf(out: readonly number[], { strides }: FlatMap): Varying | undefined {
  const used = [...out.keys()].filter((axis) => out[axis] > 1 && strides[axis] !== 0);
  const [first, last] = [used[0], used[used.length - 1]];
  const whole = rowMajorStrides(out);
  const inner = whole[last];
  const inOrder = used.every((axis) => strides[axis] * inner === whole[axis]);
  const together = out.slice(first, last + 1).every((extent, i) => extent === 1 || strides[first + i] !== 0);
  return inOrder && together ? { inner, count: (whole[first] * out[first]) / inner } : undefined;
}

/**
 * For `matmul`, `contract` and `contractDepthwise`: the outputs at `out`, of which `program` reads
 * the sums as an operand in order.
 */
export function finishDescriptor(
  specification: ElementSpecification,
  varying: readonly (Varying | undefined)[],
  program: MapProgram,
  out: number,
  operands: readonly number[],
  literal: (bits: number) => number,
): readonly number[] {
  const address = (operand: number) => operands[operand] + 4 * specification.operands[operand].base;
  const fills = program.fills.map(({ register: index, source }) => {
    const operand = (source as { operand: number }).operand;
    return { index, operand, ...varying[operand]! };
  });
  const placeOf = new Map<number, number>([
    ...program.splats.map(({ register: index }) => [index, places.repeated] as const),
    ...fills.map(({ index, inner }) => [index, inner === 1 ? places.elsewhere : places.repeated] as const),
  ]);
  return [
    out,
    program.splats.length,
    fills.length,
    program.instructions.length,
    registerAt(program.registers),
    ...program.splats.flatMap(({ register: index, source }) => [
      'operand' in source ? address(source.operand) : literal(source.bits),
      registerAt(index),
    ]),
    ...fills.flatMap(({ index, operand, inner, count }) => [
      address(operand),
      inner,
      count,
      registerAt(index),
    ]),
    ...encodeInstructions(program, out, address, placeOf),
  ];
}
