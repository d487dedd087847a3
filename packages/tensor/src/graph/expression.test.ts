import { describe, expect, it } from 'vitest';
import {
  arg,
  constant,
  differentiateExpression,
  type Expression,
  expressionType,
  floatBits,
  floatOfBits,
  printExpression,
  usedArguments,
} from './expression.ts';

const one = constant(1);
const derivative = (expression: Expression, index = 0, seed: Expression = one, output?: Expression) => {
  const found = differentiateExpression(expression, index, seed, output);
  return found === undefined ? 'zero' : printExpression(found);
};

describe('constants', () => {
  it.each([
    [1, 0x3f800000],
    [-0, 0x80000000],
    [0.1, 0x3dcccccd],
    [2 ** -149, 1],
    [Number.POSITIVE_INFINITY, 0x7f800000],
  ])('%f has the bits of IEEE 754 binary32', (value, bits) => {
    expect(floatBits(value)).toBe(bits);
    expect(floatOfBits(bits)).toBe(Math.fround(value));
  });
});

// Agreement with finite differences is tested in test/gradients.test.ts; these are the written
// forms, which are identity.
describe('differentiateExpression', () => {
  it.each<[string, Expression, string]>([
    ['an argument', arg(0), '1'],
    ['another argument', arg(1), 'zero'],
    ['a sum of both', ['add', arg(0), arg(0)], '1+1'],
    ['a difference', ['sub', arg(1), arg(0)], 'neg(1)'],
    ['a double negation', ['neg', ['neg', arg(0)]], '1'],
    ['a product', ['mul', arg(0), arg(1)], 'a1'],
    ['a square', ['mul', arg(0), arg(0)], 'a0+a0'],
    ['a numerator', ['div', arg(0), arg(1)], '1/a1'],
    ['a denominator', ['div', arg(1), arg(0)], 'neg((a1/a0)/a0)'],
    ['a logarithm', ['call', 'log', arg(0)], '1/a0'],
    ['an exponential', ['call', 'exp', arg(0)], 'exp(a0)'],
    ['a choice', ['select', ['lt', constant(0), arg(0)], arg(0), constant(0)], 'select(0<a0,1,0)'],
    ['a tanh', ['call', 'tanh', arg(0)], '1-(tanh(a0)*tanh(a0))'],
    ['an erf', ['call', 'erf', arg(0)], '1.128379225730896*exp(neg(a0*a0))'],
    ['a log1p', ['call', 'log1p', arg(0)], '1/(1+a0)'],
    ['a sine', ['call', 'sin', arg(0)], 'cos(a0)'],
    ['a cosine', ['call', 'cos', arg(0)], 'neg(sin(a0))'],
    ['a rounding', ['convert', 'f32', ['convert', 'i32', arg(0)]], 'zero'],
    ['a comparison alone', ['select', ['eq', arg(0), arg(1)], one, constant(0)], 'zero'],
  ])('of %s', (_, expression, expected) => {
    expect(derivative(expression)).toBe(expected);
  });

  it('uses the output where the root is exp or sqrt', () => {
    expect(derivative(['call', 'exp', arg(0)], 0, arg(1), arg(2))).toBe('a1*a2');
    expect(derivative(['sqrt', arg(0)], 0, arg(1), arg(2))).toBe('a1/(a2+a2)');
    expect(derivative(['neg', ['call', 'exp', arg(0)]], 0, arg(1), arg(2))).toBe('neg(a1)*exp(a0)');
  });
});

it('refuses the derivative of bits read as a number', () => {
  const magnitude: Expression = [
    'bitcast',
    'f32',
    ['and', ['bitcast', 'i32', arg(0)], ['const', 'i32', 0x7fffffff]],
  ];
  expect(() => derivative(magnitude)).toThrow(expect.objectContaining({ code: 'expression.derivative' }));
  expect(derivative(['mul', arg(1), magnitude], 1)).toContain('bits');
});

describe('expressionType', () => {
  it('tells integers from floats', () => {
    expect(expressionType(['index', 0], [], 1)).toBe('i32');
    expect(expressionType(['select', ['eq', arg(0), ['index', 0]], arg(1), one], ['i32', 'f32'], 1)).toBe(
      'f32',
    );
  });

  it.each<Expression>([
    ['lt', arg(0), arg(0)],
    ['add', arg(0), arg(1)],
    ['eq', arg(0), arg(1)],
    ['div', arg(1), arg(1)],
    ['sqrt', arg(1)],
    ['and', arg(0), arg(0)],
    ['or', arg(1), ['eq', arg(1), arg(1)]],
    ['shl', arg(1), arg(0)],
    ['convert', 'i32', arg(1)],
    ['bitcast', 'f32', arg(0)],
    ['and', ['eq', arg(1), arg(1)], ['eq', arg(1), arg(1)]],
    ['call', 'exp', arg(1)],
    ['select', arg(0), arg(0), arg(0)],
    ['select', ['lt', arg(0), arg(0)], arg(0), arg(1)],
    ['index', 1],
    arg(2),
  ])('refuses %j over (f32, i32)', (...expression) => {
    expect(() => expressionType(expression as unknown as Expression, ['f32', 'i32'], 1)).toThrow(
      expect.objectContaining({ code: 'expression.type' }),
    );
  });
});

it('usedArguments lists each once, ascending', () => {
  expect(usedArguments(['add', arg(3), ['mul', arg(1), arg(3)]])).toEqual([1, 3]);
});
