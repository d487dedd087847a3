/**
 * The executable definition of every primitive: plain loops over the element specification, one element and one term at a time,
 * each step rounded with Math.fround. Slow and obvious; the kernels must give the same bits. NaN is outside the definition
 * (its bits differ between processors), and so is whatever a NaN decides.
 */
import { type Expression, floatOfBits } from '../expression.ts';
import type { ElementSpecification, Primitive, PrimitiveKind } from '../primitives.ts';
import { elementCount } from '../shape.ts';
import { exp, log } from './transcendental.ts';

export type Elements = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** The index of element or term `flat` in a row-major space. */
function unravel(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = flat % shape[axis];
    flat = Math.floor(flat / shape[axis]);
  }
  return index;
}

/** Which element of each operand term `k` of output element `o` reads: positions in row-major data. */
export function termOperands(specification: ElementSpecification, o: number, k: number): readonly number[] {
  const index = [...unravel(o, specification.out), ...unravel(k, specification.k)];
  return specification.operands.map(({ base, strides }) =>
    strides.reduce((position, stride, axis) => position + stride * index[axis], base),
  );
}

function evaluateExpression(
  expression: Expression,
  args: readonly number[],
  index: readonly number[],
): number {
  const value = (e: Expression): number => {
    switch (e[0]) {
      case 'arg':
        return args[e[1]];
      case 'const':
        return e[1] === 'f32' ? floatOfBits(e[2]) : e[2] | 0;
      case 'index':
        return index[e[1]];
      case 'neg':
        return -value(e[1]);
      case 'sqrt':
        return Math.fround(Math.sqrt(value(e[1])));
      case 'add':
        return Math.fround(value(e[1]) + value(e[2]));
      case 'sub':
        return Math.fround(value(e[1]) - value(e[2]));
      case 'mul':
        return Math.fround(value(e[1]) * value(e[2]));
      case 'div':
        return Math.fround(value(e[1]) / value(e[2]));
      case 'lt':
        return value(e[1]) < value(e[2]) ? 1 : 0;
      case 'eq':
        return value(e[1]) === value(e[2]) ? 1 : 0;
      case 'select':
        return value(e[1]) === 1 ? value(e[2]) : value(e[3]);
      case 'call':
        return e[1] === 'exp' ? exp(value(e[2])) : log(value(e[2]));
    }
  };
  return value(expression);
}

type Element<P> = (
  primitive: P,
  specification: ElementSpecification,
  operands: readonly Elements[],
  o: number,
) => number;

const copy: Element<unknown> = (_, specification, [x], o) => x[termOperands(specification, o, 0)[0]];

const elements: { readonly [K in PrimitiveKind]: Element<Extract<Primitive, { kind: K }>> } = {
  contract(_, specification, [a, b], o) {
    let c = 0;
    for (let k = 0; k < elementCount(specification.k); k++) {
      const [i, j] = termOperands(specification, o, k);
      c = Math.fround(c + Math.fround(a[i] * b[j]));
    }
    return c;
  },
  reduce({ op }, specification, [x], o) {
    let c = op === 'sum' ? 0 : x[termOperands(specification, o, 0)[0]];
    let best = 0;
    for (let k = 0; k < elementCount(specification.k); k++) {
      const term = x[termOperands(specification, o, k)[0]];
      if (op === 'sum') c = Math.fround(c + term);
      else if (term > c) {
        c = term;
        best = k;
      }
    }
    return op === 'argmax' ? best : c;
  },
  map({ expression }, specification, operands, o) {
    const args = termOperands(specification, o, 0).map((position, i) => operands[i][position]);
    return evaluateExpression(expression, args, unravel(o, specification.out));
  },
  view: copy,
  reshape: copy,
};

/** Output element `o` of a primitive: what a referee recomputes. */
export function evaluateElement(
  primitive: Primitive,
  specification: ElementSpecification,
  operands: readonly Elements[],
  o: number,
): number {
  return (elements[primitive.kind] as Element<Primitive>)(primitive, specification, operands, o);
}
