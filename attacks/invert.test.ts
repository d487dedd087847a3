import { createRandomStream, type RandomStream } from '@nonet/core';
import { expect, test } from 'vitest';
import { invertGradient, type LayerGradient, readUnits } from './invert.ts';
import { multiply } from './linear.ts';

const inputs = 40;

const draw = (random: RandomStream) => random.u32() / 2 ** 31 - 1;

/** What relu's layer of so many units leaves of random examples: half of the units are silent for each. */
function createGradient(batch: number, units: number, seed: number) {
  const random = createRandomStream([seed, 2]);
  const examples = Array.from({ length: batch }, () =>
    Float64Array.from({ length: inputs }, () => (draw(random) + 1) / 2),
  );
  const errors = Array.from({ length: units }, () =>
    Float64Array.from({ length: batch }, () => (random.below(2) === 0 ? 0 : draw(random))),
  );
  const gradient: LayerGradient = {
    weights: multiply(errors, examples),
    biases: Float64Array.from(errors, (row) => row.reduce((sum, x) => sum + x, 0)),
  };
  return { examples, gradient };
}

/** The largest difference of each example from the reconstruction that is nearest to it. */
const farthest = (examples: readonly Float64Array[], images: readonly Float64Array[]) =>
  Math.max(
    ...examples.map((example) =>
      Math.min(...images.map((image) => Math.max(...image.map((x, i) => Math.abs(x - example[i]!))))),
    ),
  );

test.each([1, 2, 5, 8])('a batch of %i is read exactly', (batch) => {
  const { examples, gradient } = createGradient(batch, 64, batch);
  const images = invertGradient(gradient, batch, createRandomStream([7, 7]), 5000);
  expect(images).toHaveLength(batch);
  expect(farthest(examples, images!)).toBeLessThan(1e-6);
});

test('a common factor changes nothing', () => {
  const { examples, gradient } = createGradient(3, 64, 9);
  const scaled = {
    weights: gradient.weights.map((row) => row.map((x) => -0.01 * x)),
    biases: gradient.biases.map((x) => -0.01 * x),
  };
  expect(farthest(examples, invertGradient(scaled, 3, createRandomStream([7, 8]), 5000)!)).toBeLessThan(1e-6);
});

test('nothing is read where no unit is silent, or the layer is too small for the batch', () => {
  const random = createRandomStream([4, 2]);
  const weights = Array.from({ length: 64 }, () => Float64Array.from({ length: inputs }, () => draw(random)));
  const noise = { weights, biases: Float64Array.from(weights, () => draw(random)) };
  expect(invertGradient(noise, 8, createRandomStream([7, 9]), 500)).toBeUndefined();
  const { gradient } = createGradient(8, 12, 5);
  expect(invertGradient(gradient, 8, createRandomStream([7, 9]), 500)).toBeUndefined();
});

test('a unit that fires on one example shows it', () => {
  const examples = [Float64Array.of(1, 2, 3), Float64Array.of(4, 4, 4)];
  const errors = [Float64Array.of(0.5, 0), Float64Array.of(0, -2), Float64Array.of(0.25, 0.25)];
  const gradient = { weights: multiply(errors, examples), biases: Float64Array.of(0.5, -2, 0.5) };
  expect(readUnits(gradient, 3)).toEqual([examples[1], examples[0], Float64Array.of(2.5, 3, 3.5)]);
  expect(readUnits(gradient, 1)).toEqual([examples[1]]);
});
