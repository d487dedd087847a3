import { createRandomStream } from '@nonet/core';
import { expect, test } from 'vitest';
import { transformFourier } from './fourier.ts';

test.each([2, 8, 64])('agrees with the definition at length %i', (n) => {
  const random = createRandomStream([n, 1]);
  const real = Float64Array.from({ length: n }, () => random.uniform());
  const imaginary = Float64Array.from({ length: n }, () => random.uniform());
  const expected = Array.from({ length: n }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * j * k) / n;
      re += real[j]! * Math.cos(angle) - imaginary[j]! * Math.sin(angle);
      im += real[j]! * Math.sin(angle) + imaginary[j]! * Math.cos(angle);
    }
    return { re, im };
  });
  transformFourier(real, imaginary);
  for (const [k, { re, im }] of expected.entries()) {
    expect(real[k]).toBeCloseTo(re, 12);
    expect(imaginary[k]).toBeCloseTo(im, 12);
  }
});
