/**
 * The executable definition of every primitive (docs/specs/arithmetic.md §2, §3): plain loops over
 * the element specification, one element and one term at a time, each step rounded with
 * Math.fround. Slow and obvious; the kernels must give the same bits. NaN is outside the definition
 * (its bits differ between processors), and so is anything that a NaN decides.
 */
import { philox } from '@nonet/core';
import {
  type Call,
  type Expression,
  floatBits,
  floatOfBits,
  isIntegerExpression,
} from '../graph/expression.ts';
import {
  type ElementSpecification,
  elementSpecification,
  inferPrimitive,
  isPosition,
  type Primitive,
  type PrimitiveKind,
  type TensorType,
} from '../graph/primitives.ts';
import { boundShape, type Dtype, elementCount } from '../graph/shape.ts';
import { indexOutOfRange } from '../run/program.ts';
import { cos, erf, exp, log, log1p, sin, tanh } from './transcendental.ts';

/** A tensor's elements, row-major. */
export type Elements = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

const calls: { readonly [C in Call]: (x: number) => number } = {
  exp,
  log,
  tanh,
  erf,
  log1p,
  sin,
  cos,
};

/** The index of element or term `flat` in a row-major space. */
function unravel(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = flat % shape[axis];
    flat = Math.floor(flat / shape[axis]);
  }
  return index;
}

/**
 * Which element of each operand term `k` of output element `o` reads: positions in row-major data.
 */
function termOperands(specification: ElementSpecification, o: number, k: number): readonly number[] {
  const index = [...unravel(o, specification.out), ...unravel(k, specification.k)];
  return specification.operands.map(({ base, strides }) =>
    strides.reduce((position, stride, axis) => position + stride * index[axis], base),
  );
}

/**
 * Towards zero, saturating, NaN to 0: as `i32.trunc_sat_f32_s` of WebAssembly. Integers have one
 * zero: -0.5 becomes that, and not the -0 of Math.trunc.
 */
function truncate(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value)) | 0;
}

function evaluateExpression(
  expression: Expression,
  dtypes: readonly Dtype[],
  args: readonly number[],
  index: readonly number[],
): number {
  const value = (e: Expression): number => {
    const round = (exact: number) => (isIntegerExpression(e, dtypes) ? exact | 0 : Math.fround(exact));
    switch (e[0]) {
      case 'arg':
        return args[e[1]];
      case 'const':
        return e[1] === 'f32' ? floatOfBits(e[2]) : e[2] | 0;
      case 'index':
        return index[e[1]];
      case 'neg':
        return round(-value(e[1]));
      case 'sqrt':
        return Math.fround(Math.sqrt(value(e[1])));
      case 'add':
        return round(value(e[1]) + value(e[2]));
      case 'sub':
        return round(value(e[1]) - value(e[2]));
      case 'mul': {
        const [a, b] = [value(e[1]), value(e[2])];
        return isIntegerExpression(e, dtypes) ? Math.imul(a, b) : Math.fround(a * b);
      }
      case 'div':
        return Math.fround(value(e[1]) / value(e[2]));
      // Truth values are 0 and 1 here, so that bitwise operations serve both.
      case 'lt':
        return value(e[1]) < value(e[2]) ? 1 : 0;
      case 'eq':
        return value(e[1]) === value(e[2]) ? 1 : 0;
      case 'and':
        return value(e[1]) & value(e[2]);
      case 'or':
        return value(e[1]) | value(e[2]);
      case 'xor':
        return value(e[1]) ^ value(e[2]);
      case 'shl':
        return value(e[1]) << value(e[2]);
      case 'shr':
        return value(e[1]) >> value(e[2]);
      case 'select':
        return value(e[1]) === 1 ? value(e[2]) : value(e[3]);
      case 'convert':
        return e[1] === 'f32' ? Math.fround(value(e[2])) : truncate(value(e[2]));
      case 'bitcast':
        return e[1] === 'f32' ? floatOfBits(value(e[2]) >>> 0) : floatBits(value(e[2])) | 0;
      case 'call':
        return calls[e[1]](value(e[2]));
    }
  };
  return value(expression);
}

/** Output element `o` from the operands' data. */
type Element = (operands: readonly Elements[], o: number) => number;

/**
 * An affine primitive from its element specification, any other from the shapes of its operands and
 * of its output.
 */
type Prepare<P> = (
  primitive: P,
  types: readonly TensorType[],
  shapes: readonly (readonly number[])[],
  out: readonly number[],
) => Element;

const specify = (
  primitive: Parameters<typeof elementSpecification>[0],
  shapes: readonly (readonly number[])[],
) => elementSpecification(primitive, shapes);

const copy: Prepare<Parameters<typeof elementSpecification>[0]> = (primitive, _, shapes) => {
  const specification = specify(primitive, shapes);
  return ([x], o) => x[termOperands(specification, o, 0)[0]];
};

/** Row-major position of an index. */
const ravel = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((position, i, axis) => position * shape[axis] + i, 0);

const prepare: { readonly [K in PrimitiveKind]: Prepare<Extract<Primitive, { kind: K }>> } = {
  contract(primitive, [{ dtype }], shapes) {
    const specification = specify(primitive, shapes);
    const terms = elementCount(specification.k);
    return ([a, b], o) => {
      let c = 0;
      for (let k = 0; k < terms; k++) {
        const [i, j] = termOperands(specification, o, k);
        c = dtype === 'i32' ? (c + Math.imul(a[i], b[j])) | 0 : Math.fround(c + Math.fround(a[i] * b[j]));
      }
      return c;
    };
  },
  reduce(primitive, [{ dtype }], shapes) {
    const specification = specify(primitive, shapes);
    const terms = elementCount(specification.k);
    const { op } = primitive;
    const plus =
      dtype === 'i32' ? (c: number, x: number) => (c + x) | 0 : (c: number, x: number) => Math.fround(c + x);
    const beyond =
      op === 'min' || op === 'argmin' ? (x: number, c: number) => x < c : (x: number, c: number) => x > c;
    // The first NaN stands before every number.
    const better = (x: number, c: number) => beyond(x, c) || (Number.isNaN(x) && !Number.isNaN(c));
    return ([x], o) => {
      let c = op === 'sum' ? 0 : x[termOperands(specification, o, 0)[0]];
      let best = 0;
      for (let k = 0; k < terms; k++) {
        const term = x[termOperands(specification, o, k)[0]];
        if (op === 'sum') c = plus(c, term);
        else if (better(term, c)) {
          c = term;
          best = k;
        }
      }
      return isPosition(op) ? best : c;
    };
  },
  map(primitive, types, shapes) {
    const specification = specify(primitive, shapes);
    const dtypes = types.map(({ dtype }) => dtype);
    return (operands, o) => {
      const args = termOperands(specification, o, 0).map((position, i) => operands[i][position]);
      return evaluateExpression(primitive.expression, dtypes, args, unravel(o, specification.out));
    };
  },
  view: copy,
  reshape: copy,
  pad({ low, interior, valueBits }, [{ dtype }], [shape], out) {
    const value = dtype === 'f32' ? floatOfBits(valueBits) : valueBits | 0;
    return ([x], o) => {
      const source = unravel(o, out).map((i, axis) => (i - low[axis]) / (interior[axis] + 1));
      const inside = source.every((i, axis) => Number.isInteger(i) && i >= 0 && i < shape[axis]);
      return inside ? x[ravel(source, shape)] : value;
    };
  },
  concat({ axis }, _, shapes, out) {
    return (operands, o) => {
      const index = unravel(o, out);
      let operand = 0;
      while (index[axis] >= shapes[operand][axis]) index[axis] -= shapes[operand++][axis];
      return operands[operand][ravel(index, shapes[operand])];
    };
  },
  gather({ kind, axis }, _, [data, indices], out) {
    return ([x, i], o) => {
      const position = unravel(o, out);
      const at = ravel(position.slice(axis, axis + indices.length), indices);
      assertIndex(kind, i[at], 0, data[axis] - 1);
      return x[ravel(position.toSpliced(axis, indices.length, i[at]), data)];
    };
  },
  scatterAdd({ kind, axis }, _, [source, indices], out) {
    return ([x, i], o) => {
      const position = unravel(o, out);
      let c = 0;
      for (let at = 0; at < i.length; at++) {
        assertIndex(kind, i[at], 0, out[axis] - 1);
        if (i[at] !== position[axis]) continue;
        c = Math.fround(c + x[ravel(position.toSpliced(axis, 1, ...unravel(at, indices)), source)]);
      }
      return c;
    };
  },
  random({ stream }) {
    return ([seed, step], o) => {
      const key = [seed[0] >>> 0, seed[1] >>> 0] as const;
      return philox([Math.floor(o / 4), step[0] >>> 0, stream, 0], key)[o % 4] | 0;
    };
  },
  requantise({ axis, shift, zero, low, high }, _, __, out) {
    return ([x], o) => {
      const at = shift.length === 1 ? 0 : unravel(o, out)[axis];
      // Exact in 53 bits.
      const rounded = Math.floor(x[o] / 2 ** shift[at] + 0.5);
      return Math.max(low, Math.min(high, rounded + zero[at]));
    };
  },
  lookup({ kind, low, high }) {
    return ([x, table], o) => {
      assertIndex(kind, x[o], low, high);
      return table[x[o] - low];
    };
  },
};

function assertIndex(kind: PrimitiveKind, index: number, low: number, high: number) {
  if (index < low || index > high) throw indexOutOfRange(kind, index, low, high);
}

/**
 * The elements of a primitive over operands of these types, extents bound: `elementOf(primitive,
 * types)(operands, o)` is what a referee recomputes. Throws `program.index` where data point
 * outside.
 */
export function elementOf(primitive: Primitive, types: readonly TensorType[]): Element {
  const shapes = types.map(({ shape }) => boundShape(shape));
  const out = boundShape(inferPrimitive(primitive, types).shape);
  return (prepare[primitive.kind] as Prepare<Primitive>)(primitive, types, shapes, out);
}
