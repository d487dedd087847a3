/**
 * The loop that `nonet bench kernels` measures the core's limit with: a valid module, which does as
 * many operations as it says.
 */
import { expect, it } from 'vitest';
import { createMultiplyAddLimit, multiplyAddModule } from '../bench/multiplyAddLimit.ts';

it('multiplies and adds in fourteen chains of four', () => {
  expect(createMultiplyAddLimit()(1000)).toBe(1000 * 14 * 2 * 4);
});

it('computes c = x + c * x, so that no engine can leave a turn out', () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(multiplyAddModule()));
  const run = exports.f as (turns: number, x: number) => number;
  let c = 0;
  for (let turns = 1; turns <= 5; turns++) {
    c = 0.5 + c * 0.5;
    // All chains are equal, and powers of two round nothing.
    expect(run(turns, 0.5)).toBe(14 * c);
  }
});
