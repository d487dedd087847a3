import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromMontgomery, modulus, rootOfUnity, toMontgomery } from './babyBear.ts';
import { FieldMemory, quarticSize } from './kernels.ts';
import { evaluateMultilinear } from './multilinear.ts';
import { one, type Quartic } from './quartic.ts';
import {
  addBig,
  type BigQuartic,
  big,
  eqBig,
  invertBig,
  mod,
  mulBig,
  subBig,
  transformBig,
} from './testing/bigField.ts';

const base = fc.oneof(fc.constantFrom(0, 1, modulus - 1, modulus - 2), fc.nat(modulus - 1));
const element = fc.tuple(base, base, base, base) as fc.Arbitrary<Quartic>;
const elements = (count: number) => fc.array(element, { minLength: count, maxLength: count });
/** The largest sums of four products: p - 1 everywhere. */
const largest: Quartic = [modulus - 1, modulus - 1, modulus - 1, modulus - 1];

const field = new FieldMemory();
const { kernels } = field;

/** The elements at `at`, in BigInt. */
const readAll = (at: number, count: number) =>
  Array.from({ length: count }, (_, i) => big(field.read(at + i * quarticSize)));
const readBase = (at: number, count: number) =>
  Array.from(field.words(at, count), (word) => BigInt(fromMontgomery(word)));
const zeroBig: BigQuartic = [0n, 0n, 0n, 0n];
const sumBig = (values: readonly BigQuartic[]) => values.reduce(addBig, zeroBig);

/** Runs `body` and gives back what it allocated. */
function inScratch(body: () => void): void {
  const mark = field.mark();
  body();
  field.release(mark);
}

test('vectors: sums, products, scalings, shifts, folds, inverses', () => {
  fc.assert(
    fc.property(elements(8), elements(8), element, (a, b, c) => {
      inScratch(() => {
        const [x, y] = [
          [largest, ...a],
          [largest, ...b],
        ];
        const n = x.length;
        const [atX, atY, atC] = [field.place(x), field.place(y), field.place([c])];
        const out = field.allocate(n * quarticSize);
        const [bx, by, bc] = [x.map(big), y.map(big), big(c)];
        kernels.addVectors(out, atX, atY, n);
        expect(readAll(out, n)).toEqual(bx.map((v, i) => addBig(v, by[i])));
        kernels.subVectors(out, atX, atY, n);
        expect(readAll(out, n)).toEqual(bx.map((v, i) => subBig(v, by[i])));
        kernels.mulVectors(out, atX, atY, n);
        expect(readAll(out, n)).toEqual(bx.map((v, i) => mulBig(v, by[i])));
        kernels.scaleVector(out, atX, atC, n);
        expect(readAll(out, n)).toEqual(bx.map((v) => mulBig(v, bc)));
        kernels.scaleBase(out, atX, toMontgomery(c[0]), n);
        expect(readAll(out, n)).toEqual(bx.map((v) => mulBig(v, [bc[0], 0n, 0n, 0n])));
        kernels.shiftVector(out, atX, atC, n);
        expect(readAll(out, n)).toEqual(bx.map((v) => addBig(v, bc)));
        kernels.sumVector(out, atX, n);
        expect(readAll(out, 1)).toEqual([sumBig(bx)]);
        kernels.dotVectors(out, atX, atY, n);
        expect(readAll(out, 1)).toEqual([sumBig(bx.map((v, i) => mulBig(v, by[i])))]);
        kernels.foldVector(out, atX, atC, 4);
        const folded = [0, 1, 2, 3].map((i) => addBig(bx[i], mulBig(bc, subBig(bx[i + 4], bx[i]))));
        expect(readAll(out, 4)).toEqual(folded);
        const invertible = bx.every((v) => v.some((limb) => limb !== 0n));
        expect(kernels.invertVector(out, atX, n)).toBe(invertible ? 1 : 0);
        if (invertible) expect(readAll(out, n)).toEqual(bx.map(invertBig));
      });
    }),
    { numRuns: 20 },
  );
});

test('tables of eq, lifted base elements, Montgomery forms', () => {
  fc.assert(
    fc.property(
      fc.array(element, { maxLength: 4 }),
      element,
      fc.array(base, { maxLength: 9 }),
      (point, c, values) => {
        inScratch(() => {
          const size = 2 ** point.length;
          const expected = Array.from({ length: size }, (_, i) => mulBig(eqBig(point.map(big), i), big(c)));
          expect(readAll(field.placeEq(point, c), size)).toEqual(expected);
          const at = field.placeBase(values, 10);
          expect(readBase(at, 10)).toEqual([...values, ...Array(10 - values.length).fill(0)].map(BigInt));
          const lifted = field.allocate(values.length * quarticSize);
          kernels.liftVector(lifted, at, values.length);
          expect(readAll(lifted, values.length)).toEqual(values.map((v) => [BigInt(v), 0n, 0n, 0n]));
          const limbs = field.allocate(point.length * 4);
          kernels.takeLimbs(limbs, field.place(point) + 8, point.length);
          expect(readBase(limbs, point.length)).toEqual(point.map((v) => BigInt(v[2])));
        });
      },
    ),
    { numRuns: 30 },
  );
});

test('matrices: combined rows, rows times a vector', () => {
  const rows = 7;
  const columns = 8;
  fc.assert(
    fc.property(
      fc.array(base, { minLength: 48, maxLength: 48 }),
      elements(rows),
      elements(columns),
      (values, down, across) => {
        inScratch(() => {
          // The first row is the largest there is, for sums of four products.
          const matrix = [...Array(columns).fill(modulus - 1), ...values];
          const at = field.placeBase(matrix);
          const out = field.allocate(columns * quarticSize);
          const entry = (r: number, c: number): BigQuartic => [BigInt(matrix[r * columns + c]), 0n, 0n, 0n];
          const [rowRange, columnRange] = [[...Array(rows).keys()], [...Array(columns).keys()]];
          kernels.combineRows(out, at, rows, columns, 4 * columns, field.place([largest, ...down.slice(1)]));
          const factors = [largest, ...down.slice(1)].map(big);
          expect(readAll(out, columns)).toEqual(
            columnRange.map((c) => sumBig(rowRange.map((r) => mulBig(factors[r], entry(r, c))))),
          );
          kernels.dotRows(out, at, rows, columns, 4 * columns, field.place(across));
          expect(readAll(out, rows)).toEqual(
            rowRange.map((r) => sumBig(columnRange.map((c) => mulBig(big(across[c]), entry(r, c))))),
          );
        });
      },
    ),
    { numRuns: 20 },
  );
});

test('codewords are the values of polynomials at the powers of a root, in bit-reversed order', () => {
  for (const [rows, log] of [
    [1, 2],
    [5, 3],
    [18, 4],
    [4, 6],
  ] as const) {
    inScratch(() => {
      const count = 2 ** log;
      const messages = Array.from({ length: rows }, (_, r) =>
        Array.from({ length: count / 4 }, (_, c) =>
          r === 0 ? modulus - 1 : (r * 7919 + c * 104729) % modulus,
        ),
      );
      const width = Math.ceil(rows / 4) * 16;
      const at = field.placeBase(messages.flat());
      const data = field.allocate(count * width);
      field.bytes(data, count * width).fill(0);
      kernels.spreadRows(data, at, rows, count / 4, width);
      kernels.encodeQuarter(data, width, log, field.roots(log));
      const reversed = (i: number) =>
        Number.parseInt(i.toString(2).padStart(log, '0').split('').reverse().join(''), 2);
      for (const [r, message] of messages.entries()) {
        const values = transformBig(message.map(BigInt), BigInt(rootOfUnity(log)), count);
        const found = Array.from({ length: count }, (_, i) => readBase(data + i * width, rows)[r]);
        expect(found).toEqual(values.map((_, i) => values[reversed(i)]));
      }
    });
  }
});

test('a transform of all layers is the sum that defines it, of more than the cache holds as well', () => {
  for (const width of [16, 20_480]) {
    inScratch(() => {
      const values = Array.from({ length: 16 }, (_, i) => (i * i * 123_456_789) % modulus);
      const data = field.allocate(16 * width);
      field.bytes(data, 16 * width).fill(0);
      const last = data + width - 16;
      kernels.spreadRows(last, field.placeBase(values), 1, 16, width);
      kernels.transformLayers(data, width, 4, 3, field.roots(4));
      const expected = transformBig(values.map(BigInt), BigInt(rootOfUnity(4)), 16);
      const reversed = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
      expect(reversed.map((i) => readBase(last + i * width, 1)[0])).toEqual(expected);
    });
  }
});

test('memory: what is released is used again, and beyond the limit there is a typed refusal', () => {
  const small = new FieldMemory(2 ** 20);
  const mark = small.mark();
  const at = small.allocate(1000);
  small.release(mark);
  expect(small.allocate(16)).toBe(at);
  small.write(at, one);
  expect(small.read(at)).toEqual(one);
  expect(() => small.allocate(2 ** 21)).toThrow(expect.objectContaining({ code: 'algebra.memory' }));
});

test('the sum of a thousand largest elements', () => {
  inScratch(() => {
    const out = field.allocate(16);
    kernels.sumVector(out, field.place(Array(1000).fill(largest)), 1000);
    expect(readAll(out, 1)).toEqual([Array(4).fill(mod(-1000n))]);
  });
});

test('polynomials of tables of any length are those of the twin, whatever lay behind them', () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 6 }), fc.array(base, { maxLength: 64 }), (point, all) => {
      const values = all.slice(0, 2 ** point.length);
      inScratch(() => field.words(field.allocate(2048), 512).fill(0xffffffff));
      expect(field.evaluate(values, point)).toEqual(evaluateMultilinear(values, point));
    }),
  );
});
