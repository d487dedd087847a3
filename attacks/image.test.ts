import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { clampImage, compareImages, drawGrid, side } from './image.ts';

const pixels = side * side;
const flat = (value: number) => new Float64Array(pixels).fill(value);
const pattern = Float64Array.from({ length: pixels }, (_, i) => ((i * i + 3 * i) % 11) / 10);

test('structural similarity in closed form', () => {
  expect(compareImages(pattern, pattern)).toBeCloseTo(1, 12);
  // Of flat images only the luminance differs: (2ab + C1) / (a² + b² + C1), C1 = 0.0001.
  expect(compareImages(flat(0.2), flat(0.6))).toBeCloseTo(0.2401 / 0.4001, 9);
  expect(compareImages(flat(0), flat(1))).toBeCloseTo(0.0001 / 1.0001, 9);
  // Of an image and its negative around 1/2 contrast and luminance agree, and the structure is opposite.
  const checks = Float64Array.from({ length: pixels }, (_, i) => ((i % side) + Math.floor(i / side)) % 2);
  const negative = checks.map((value) => 1 - value);
  expect(compareImages(checks, negative)).toBeLessThan(-0.98);
});

test('similarity is symmetric, and falls with noise', () => {
  const other = pattern.map((value, i) => value + ((i * 7) % 5) / 10);
  expect(compareImages(pattern, other)).toBeCloseTo(compareImages(other, pattern), 12);
  expect(compareImages(pattern, other)).toBeLessThan(1);
  expect(compareImages(pattern, flat(0.5))).toBeLessThan(compareImages(pattern, other));
});

test('pixels outside the range are its ends', () => {
  expect([...clampImage([-1, 0.25, 7])]).toEqual([0, 0.25, 1]);
});

test('a grid has each image in its place, enlarged, and grey where there is none', () => {
  const { width, height, data, channels } = decode(drawGrid([[flat(0), flat(1)], [undefined]]));
  expect([width, height, channels]).toEqual([2 * 88 + 4, 2 * 88 + 4, 1]);
  const at = (x: number, y: number) => data[y * width + x];
  expect([at(4, 4), at(87, 87), at(92, 4), at(4, 92)]).toEqual([0, 0, 255, 128]);
  // Margins, and the place of the image that its row does not have.
  expect([at(0, 0), at(88, 40), at(100, 100)]).toEqual([255, 255, 255]);
});
