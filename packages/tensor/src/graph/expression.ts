/**
 * Element-wise expressions (docs/specs/arithmetic.md §3): what one output element of a `map` is, as
 * a tree over the operands' elements. Constants are bit patterns, so that they survive every
 * encoding. Each f32 operation rounds once; nothing is fused or re-associated. i32 arithmetic wraps
 * (mod 2^32, two's complement); shifts take their count mod 32, `shr` keeps the sign.
 *
 * exp, log, log1p, tanh, erf, sin and cos are calls into the table of `arithmetic 1` (twins/transcendental.ts is its
 * definition): written out as bit operations they would have no derivative. Comparisons yield truth
 * values, which `select`, `and`, `or`, `xor` take. `convert` goes from i32 to the nearest f32 (ties
 * to even), and from f32 towards zero, saturating, NaN to 0; `bitcast` keeps the bits (of a NaN
 * they are outside the definition).
 */
import { MisuseError } from '@nonet/core';
import type { Dtype } from './shape.ts';

type Unary = 'neg' | 'sqrt';
type Binary = 'add' | 'sub' | 'mul' | 'div';
type Bitwise = 'and' | 'or' | 'xor';
type Shift = 'shl' | 'shr';
type Comparison = 'lt' | 'eq';
type Cast = 'convert' | 'bitcast';
/** The functions of `arithmetic 1`: f32 to f32, their bits defined by twins/transcendental.ts. */
export const calls = ['exp', 'log', 'tanh', 'erf', 'log1p', 'sin', 'cos'] as const;
/** The name of one of them. */
export type Call = (typeof calls)[number];

/** A tree: the operation first, then its operands. `['const', dtype, bits]` is a literal. */
export type Expression =
  | readonly ['arg', number]
  | readonly ['const', Dtype, number]
  /** The position of the output element on one axis, i32. */
  | readonly ['index', number]
  | readonly [Unary, Expression]
  | readonly [Binary | Bitwise | Shift | Comparison, Expression, Expression]
  | readonly [Cast, Dtype, Expression]
  | readonly ['select', Expression, Expression, Expression]
  | readonly ['call', Call, Expression];

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bit pattern of fround(value). */
export function floatBits(value: number): number {
  float[0] = value;
  return bits[0];
}

/** The f32 with this bit pattern. */
export function floatOfBits(pattern: number): number {
  bits[0] = pattern;
  return float[0];
}

/** The element of operand number `index`. */
export const arg = (index: number): Expression => ['arg', index];
/** The f32 literal nearest to `value`. */
export const constant = (value: number): Expression => ['const', 'f32', floatBits(value)];

/** The i32 literal `value` (mod 2^32). */
export const integer = (value: number): Expression => ['const', 'i32', value >>> 0];

const zero = constant(0);
const one = constant(1);
const isOne = (e: Expression) => e[0] === 'const' && e[1] === 'f32' && e[2] === one[2];

function multiply(a: Expression, b: Expression): Expression {
  if (isOne(a)) return b;
  return isOne(b) ? a : ['mul', a, b];
}

function negate(e: Expression): Expression {
  return e[0] === 'neg' ? e[1] : ['neg', e];
}

function sum(a: Expression | undefined, b: Expression | undefined): Expression | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return ['add', a, b];
}

/**
 * The derivative of `expression` with respect to argument `index`, times `seed`; undefined where it
 * is zero everywhere. `output` names the value of the whole expression, if the caller has it: exp
 * and sqrt at the root then need no second evaluation. Comparisons and integers are piecewise
 * constant; a product with the literal 1 is left out. Throws `expression.derivative` where bits of
 * the argument are read as a number.
 */
export function differentiateExpression(
  expression: Expression,
  index: number,
  seed: Expression,
  output?: Expression,
): Expression | undefined {
  const walk = (e: Expression, s: Expression): Expression | undefined => {
    switch (e[0]) {
      case 'arg':
        return e[1] === index ? s : undefined;
      case 'const':
      case 'index':
      case 'lt':
      case 'eq':
      case 'and':
      case 'or':
      case 'xor':
      case 'shl':
      case 'shr':
      case 'convert':
        return undefined;
      case 'bitcast':
        if (e[1] === 'i32' || !usedArguments(e).includes(index)) return undefined;
        throw new MisuseError({
          code: 'expression.derivative',
          expected: 'an expression whose derivative is known',
          found: printExpression(e).slice(0, 120),
          hint: 'Detach the operand whose bits are read.',
        });
      case 'neg':
        return walk(e[1], negate(s));
      case 'sqrt': {
        const root = e === expression && output !== undefined ? output : e;
        return walk(e[1], ['div', s, ['add', root, root]]);
      }
      case 'add':
        return sum(walk(e[1], s), walk(e[2], s));
      case 'sub':
        return sum(walk(e[1], s), walk(e[2], negate(s)));
      case 'mul':
        return sum(walk(e[1], multiply(s, e[2])), walk(e[2], multiply(s, e[1])));
      case 'div':
        return sum(
          walk(e[1], ['div', s, e[2]]),
          walk(e[2], negate(['div', multiply(s, ['div', e[1], e[2]]), e[2]])),
        );
      case 'select':
        return sum(walk(e[2], ['select', e[1], s, zero]), walk(e[3], ['select', e[1], zero, s]));
      case 'call': {
        const value = e === expression && output !== undefined ? output : e;
        return walk(e[2], callDerivatives[e[1]](s, e[2], value));
      }
    }
  };
  return walk(expression, seed);
}

/** s * f'(x), where y = f(x). */
const callDerivatives: {
  readonly [C in Call]: (s: Expression, x: Expression, y: Expression) => Expression;
} = {
  exp: (s, _, y) => multiply(s, y),
  log: (s, x) => ['div', s, x],
  tanh: (s, _, y) => multiply(s, ['sub', one, ['mul', y, y]]),
  // 2/sqrt(pi) * exp(-x^2)
  erf: (s, x) =>
    multiply(s, ['mul', constant(2 / Math.sqrt(Math.PI)), ['call', 'exp', ['neg', ['mul', x, x]]]]),
  log1p: (s, x) => ['div', s, ['add', one, x]],
  sin: (s, x) => multiply(s, ['call', 'cos', x]),
  cos: (s, x) => negate(multiply(s, ['call', 'sin', x])),
};

/** The same expression with other argument numbers. */
export function renumberArguments(expression: Expression, number: (index: number) => number): Expression {
  const walk = (e: Expression): Expression => {
    switch (e[0]) {
      case 'arg':
        return ['arg', number(e[1])];
      case 'const':
      case 'index':
        return e;
      case 'call':
        return ['call', e[1], walk(e[2])];
      case 'convert':
      case 'bitcast':
        return [e[0], e[1], walk(e[2])];
      case 'select':
        return ['select', walk(e[1]), walk(e[2]), walk(e[3])];
      case 'neg':
      case 'sqrt':
        return [e[0], walk(e[1])];
      default:
        return [e[0], walk(e[1]), walk(e[2])];
    }
  };
  return walk(expression);
}

/** The arguments that the expression reads, ascending. */
export function usedArguments(expression: Expression): readonly number[] {
  const used = new Set<number>();
  renumberArguments(expression, (index) => {
    used.add(index);
    return index;
  });
  return [...used].sort((a, b) => a - b);
}

/**
 * An expression beyond these is refused: it is evaluated by recursion, and encodings nest no deeper
 * than 64.
 */
const maximumSize = 4096;
const maximumDepth = 48;

/**
 * The dtype of the expression over arguments of the given dtypes and an output of the given rank.
 * Throws `expression.type` on a mismatch: arithmetic and comparisons take two of one dtype (`div`,
 * `sqrt` and calls f32 only), bitwise operations two i32 or two truth values, shifts i32, `select`
 * a truth value and two of one dtype.
 */
export function expressionType(expression: Expression, operands: readonly Dtype[], rank: number): Dtype {
  const refuse = (expected: string, e: Expression): never => {
    throw new MisuseError({ code: 'expression.type', expected, found: printExpression(e).slice(0, 120) });
  };
  let size = 0;
  const walk = (e: Expression, depth = 0): Dtype | 'truth' => {
    if (++size > maximumSize || depth > maximumDepth) return refuse('a smaller expression', ['arg', 0]);
    const type = (operand: Expression) => walk(operand, depth + 1);
    switch (e[0]) {
      case 'arg':
        return operands[e[1]] ?? refuse(`an argument below ${operands.length}`, e);
      case 'const':
        return e[1];
      case 'index':
        return e[1] < rank ? 'i32' : refuse(`an axis below ${rank}`, e);
      case 'lt':
      case 'eq': {
        const compared = type(e[1]);
        if (compared !== type(e[2]) || compared === 'truth') return refuse('two f32 or two i32', e);
        return 'truth';
      }
      case 'select': {
        const chosen = type(e[2]);
        if (type(e[1]) !== 'truth' || chosen === 'truth' || chosen !== type(e[3])) {
          return refuse('a comparison and two values of one dtype', e);
        }
        return chosen;
      }
      case 'call':
        return type(e[2]) === 'f32' ? 'f32' : refuse('an f32', e);
      case 'convert':
      case 'bitcast':
        return type(e[2]) === (e[1] === 'f32' ? 'i32' : 'f32') ? e[1] : refuse('the other dtype', e);
      case 'sqrt':
        return type(e[1]) === 'f32' ? 'f32' : refuse('an f32', e);
      case 'neg': {
        const negated = type(e[1]);
        return negated === 'truth' ? refuse('a number', e) : negated;
      }
      case 'shl':
      case 'shr':
        return type(e[1]) === 'i32' && type(e[2]) === 'i32' ? 'i32' : refuse('two i32', e);
      case 'and':
      case 'or':
      case 'xor': {
        const combined = type(e[1]);
        return combined === type(e[2]) && combined !== 'f32' ? combined : refuse('two i32 or truths', e);
      }
      case 'div':
        return type(e[1]) === 'f32' && type(e[2]) === 'f32' ? 'f32' : refuse('two f32', e);
      default: {
        const first = type(e[1]);
        return first === type(e[2]) && first !== 'truth' ? first : refuse('two f32 or two i32', e);
      }
    }
  };
  const type = walk(expression);
  return type === 'truth' ? refuse('a value, not a comparison', expression) : type;
}

/** Whether the value depends on the position of the element. */
export function usesPosition(e: Expression): boolean {
  return e[0] === 'index' || e.some((part) => Array.isArray(part) && usesPosition(part as Expression));
}

/** Whether a well-typed expression over operands of these dtypes is i32. */
export function isIntegerExpression(e: Expression, operands: readonly Dtype[]): boolean {
  switch (e[0]) {
    case 'arg':
      return operands[e[1]] === 'i32';
    case 'const':
    case 'convert':
    case 'bitcast':
      return e[1] === 'i32';
    case 'index':
    case 'and':
    case 'or':
    case 'xor':
    case 'shl':
    case 'shr':
      return true;
    case 'select':
      return isIntegerExpression(e[2], operands);
    case 'neg':
    case 'add':
    case 'sub':
    case 'mul':
      return isIntegerExpression(e[1], operands);
    default:
      return false;
  }
}

const symbols = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  lt: '<',
  eq: '==',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shr: '>>',
} as const;

/** `(a0-a1)/a2`, `select(index1==a1,a0,0)`. */
export function printExpression(expression: Expression): string {
  const inner = (e: Expression): string => {
    const text = printExpression(e);
    return Object.hasOwn(symbols, e[0]) ? `(${text})` : text;
  };
  switch (expression[0]) {
    case 'arg':
      return `a${expression[1]}`;
    case 'const':
      return String(expression[1] === 'f32' ? floatOfBits(expression[2]) : expression[2] | 0);
    case 'index':
      return `index${expression[1]}`;
    case 'call':
    case 'convert':
      return `${expression[1]}(${printExpression(expression[2])})`;
    case 'bitcast':
      return `bits${expression[1]}(${printExpression(expression[2])})`;
    case 'select':
      return `select(${expression
        .slice(1)
        .map((e) => printExpression(e as Expression))
        .join(',')})`;
    case 'neg':
    case 'sqrt':
      return `${expression[0]}(${printExpression(expression[1])})`;
    default:
      return `${inner(expression[1])}${symbols[expression[0]]}${inner(expression[2])}`;
  }
}
