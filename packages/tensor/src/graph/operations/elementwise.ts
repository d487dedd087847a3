/**
 * Operations on one tensor, element by element. Forms are chosen so that neither value nor
 * derivative overflows on the way, and that the derivative at a kink is PyTorch's: a comparison
 * decides which branch a kink belongs to, and `differentiate` follows that branch
 * (docs/specs/arithmetic.md §7.3).
 */
import type { Builder } from '../builder.ts';
import { addMap } from '../emit.ts';
import { arg, constant, type Expression } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { Dtype } from '../shape.ts';
import {
  choiceAttribute,
  type Definition,
  type Definitions,
  dtypeAttribute,
  float,
  floatAttribute,
  integerAttribute,
  isFloat,
  isSingle,
} from './definition.ts';

const plainKinds = [
  'relu',
  'silu',
  'sigmoid',
  'softplus',
  'tanh',
  'exp',
  'log',
  'sqrt',
  'erf',
  'abs',
  'neg',
  'reciprocal',
] as const;
type PlainKind = (typeof plainKinds)[number];

type Unary<K extends string> = { readonly kind: K; readonly operands: readonly TensorId[] };
/** Operations on one tensor. */
export type ElementwiseOperation =
  /**
   * relu max(x,0), silu x sigmoid(x), sigmoid 1/(1+exp(-x)), softplus log(1+exp(x)), reciprocal
   * 1/x; the others as they are called. The derivative of relu and abs at 0 is 0, that of softplus
   * 1/2.
   */
  | { [K in PlainKind]: Unary<K> }[PlainKind]
  /** x, or slope x below 0; the derivative at 0 is slope. */
  | (Unary<'leakyRelu'> & { readonly slope: number })
  /** x, or alpha (exp(x) - 1) below 0; the derivative at 0 is alpha. */
  | (Unary<'elu'> & { readonly alpha: number })
  /**
   * erf: x Phi(x); tanh: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016).
   */
  | (Unary<'gelu'> & { readonly approximation: 'erf' | 'tanh' })
  /** x, not below low and not above high; the derivative at either is 0. */
  | (Unary<'clip'> & { readonly low: number; readonly high: number })
  /** x to a whole power of -8 to 8, by multiplications; x^-n is 1 / x^n. */
  | (Unary<'power'> & { readonly exponent: number })
  /** To the nearest f32, or towards zero to i32. */
  | (Unary<'cast'> & { readonly to: Dtype });

const x = arg(0);
const zero = constant(0);
const one = constant(1);
const negative: Expression = ['lt', x, zero];
const positive: Expression = ['lt', zero, x];
/** -|x|, whose exponential is at most 1. */
const belowZero: Expression = ['select', negative, x, ['neg', x]];
const decay: Expression = ['call', 'exp', belowZero];
/** The logistic function of argument 0. */
export const sigmoidOf: Expression = ['div', ['select', negative, decay, one], ['add', one, decay]];
/** The positive part of argument 0, +0 of both zeros; of a NaN it is a NaN. */
export const reluOf: Expression = ['select', ['or', negative, ['eq', x, zero]], zero, x];
/**
 * log(1 + exp(x)) as max(x, 0) + log(1 + exp(-|x|)). At 0 both terms take the branch of x <= 0: so
 * their derivatives add to 1/2 there.
 */
export const softplusOf: Expression = [
  'add',
  reluOf,
  ['call', 'log1p', ['call', 'exp', ['select', positive, ['neg', x], x]]],
];
const half = constant(0.5);

const expressions: { readonly [K in PlainKind]: Expression } = {
  relu: reluOf,
  silu: ['mul', x, sigmoidOf],
  sigmoid: sigmoidOf,
  softplus: softplusOf,
  tanh: ['call', 'tanh', x],
  exp: ['call', 'exp', x],
  log: ['call', 'log', x],
  sqrt: ['sqrt', x],
  erf: ['call', 'erf', x],
  abs: ['select', ['eq', x, zero], zero, ['select', negative, ['neg', x], x]],
  neg: ['neg', x],
  reciprocal: ['div', one, x],
};

/**
 * low up to low, high from high on, x between: at a bound it is the bound, whose derivative is 0. A
 * NaN stays one.
 */
export function clipped(x: Expression, low: Expression, high: Expression): Expression {
  const below: Expression = ['select', ['eq', x, x], low, x];
  return ['select', ['lt', low, x], ['select', ['lt', x, high], x, high], below];
}

/** (1 + f(u)) times x/2. */
const gate = (f: Expression): Expression => ['mul', ['mul', half, x], ['add', one, f]];
const gelus = {
  erf: gate(['call', 'erf', ['mul', x, constant(Math.SQRT1_2)]]),
  tanh: gate([
    'call',
    'tanh',
    [
      'mul',
      constant(Math.sqrt(2 / Math.PI)),
      ['add', x, ['mul', constant(0.044715), ['mul', ['mul', x, x], x]]],
    ],
  ]),
} as const;

/** x^n by squaring, n at least 1. */
function wholePower(n: number): Expression {
  if (n === 1) return x;
  const root = wholePower(Math.floor(n / 2));
  const square: Expression = ['mul', root, root];
  return n % 2 === 0 ? square : ['mul', square, x];
}

function powerOf(exponent: number): Expression {
  if (exponent === 0) return one;
  const power = wholePower(Math.abs(exponent));
  return exponent > 0 ? power : ['div', one, power];
}

type Attributes<O> = Definition<O & Unary<string>>['attributes'];

/** An operation f32 -> f32 of one shape. */
function unary<O extends Unary<string>>(
  attributes: Attributes<O>,
  expression: (operation: O) => Expression,
  check: (operation: O) => string | undefined = () => undefined,
): Definition<O> {
  return {
    operands: ['x'],
    attributes: attributes as Definition<O>['attributes'],
    infer(operation, [operand], refuse) {
      const expected = isFloat(operand) ? check(operation) : 'f32';
      return expected === undefined ? float(operand.shape) : refuse(expected);
    },
    lower: (g, operation, [operand]) =>
      addMap(g, g.nodes[operand].shape, expression(operation), [{ tensor: operand }], operation.kind),
  };
}

const plain = Object.fromEntries(
  plainKinds.map((kind) => [kind, unary<Unary<PlainKind>>({}, () => expressions[kind])]),
) as unknown as Definitions<{ [K in PlainKind]: Unary<K> }[PlainKind]>;

type Of<K extends ElementwiseOperation['kind']> = Extract<ElementwiseOperation, { kind: K }>;

/** Definitions, by kind. */
export const elementwise: Definitions<ElementwiseOperation> = {
  ...plain,
  leakyRelu: unary<Of<'leakyRelu'>>(
    { slope: floatAttribute },
    ({ slope }) => ['select', positive, x, ['mul', constant(slope), x]],
    ({ slope }) => (isSingle(slope) ? undefined : 'a finite f32 as slope'),
  ),
  elu: unary<Of<'elu'>>(
    { alpha: floatAttribute },
    ({ alpha }) => [
      'select',
      positive,
      x,
      ['mul', constant(alpha), ['sub', ['call', 'exp', ['select', positive, zero, x]], one]],
    ],
    ({ alpha }) => (isSingle(alpha) ? undefined : 'a finite f32 as alpha'),
  ),
  gelu: unary<Of<'gelu'>>(
    { approximation: choiceAttribute(['erf', 'tanh']) },
    ({ approximation }) => gelus[approximation],
  ),
  clip: unary<Of<'clip'>>(
    { low: floatAttribute, high: floatAttribute },
    ({ low, high }) => clipped(x, constant(low), constant(high)),
    ({ low, high }) =>
      low <= high && Math.fround(low) === low && Math.fround(high) === high
        ? undefined
        : 'two f32, low <= high,',
  ),
  power: unary<Of<'power'>>(
    { exponent: integerAttribute },
    ({ exponent }) => powerOf(exponent),
    ({ exponent }) =>
      Number.isInteger(exponent) && Math.abs(exponent) <= 8 ? undefined : 'a whole exponent of -8 to 8',
  ),
  cast: {
    operands: ['x'],
    attributes: { to: dtypeAttribute },
    infer: ({ to }, [operand], refuse) =>
      operand.dtype === to ? refuse(`another dtype than ${to}`) : { ...operand, dtype: to },
    lower: (g, { to }, [operand]) =>
      addMap(g, g.nodes[operand].shape, ['convert', to, x], [{ tensor: operand }], 'cast'),
  },
};

const plainFunction = (kind: PlainKind) => (g: Builder, tensor: TensorId) =>
  g.add({ kind, operands: [tensor] });

/** max(x, 0). */
export const relu = plainFunction('relu');
/** x sigmoid(x), also called swish. */
export const silu = plainFunction('silu');
/** 1 / (1 + exp(-x)). */
export const sigmoid = plainFunction('sigmoid');
/** log(1 + exp(x)). */
export const softplus = plainFunction('softplus');
/** The hyperbolic tangent. */
export const tanh = plainFunction('tanh');
/** e to the power x. */
export const exp = plainFunction('exp');
/** The natural logarithm; -Infinity at 0, NaN below. */
export const log = plainFunction('log');
/** The square root, correctly rounded. */
export const sqrt = plainFunction('sqrt');
/** The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export const erf = plainFunction('erf');
/** |x|; its derivative at 0 is 0. */
export const abs = plainFunction('abs');
/** -x. */
export const neg = plainFunction('neg');
/** 1 / x. */
export const reciprocal = plainFunction('reciprocal');

/** x, or slope x below 0. */
export const leakyRelu = (g: Builder, x: TensorId, slope = 0.01): TensorId =>
  g.add({ kind: 'leakyRelu', operands: [x], slope: Math.fround(slope) });

/** x, or alpha (exp(x) - 1) below 0 (Clevert et al. 2016). */
export const elu = (g: Builder, x: TensorId, alpha = 1): TensorId =>
  g.add({ kind: 'elu', operands: [x], alpha: Math.fround(alpha) });

/** x Phi(x), exactly or by the approximation with tanh (Hendrycks and Gimpel 2016). */
export const gelu = (g: Builder, x: TensorId, approximation: 'erf' | 'tanh' = 'erf'): TensorId =>
  g.add({ kind: 'gelu', operands: [x], approximation });

/** Not below low, not above high; either may be infinite. */
export const clip = (g: Builder, x: TensorId, low: number, high: number): TensorId =>
  g.add({ kind: 'clip', operands: [x], low: Math.fround(low), high: Math.fround(high) });

/** x to a whole power of -8 to 8. */
export const power = (g: Builder, x: TensorId, exponent: number): TensorId =>
  g.add({ kind: 'power', operands: [x], exponent });

/** To f32 (nearest, ties to even) or to i32 (towards zero, saturating). */
export const cast = (g: Builder, x: TensorId, dtype: Dtype): TensorId =>
  g.add({ kind: 'cast', operands: [x], to: dtype });
