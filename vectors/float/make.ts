/**
 * Known answers for the step of docs/specs/update.md §4.3, `fround(start + fround(sum / divisor))`:
 * what the JavaScript engine's own doubles and `Math.fround` make of it. `node
 * vectors/float/make.ts` writes step.json beside this file: `[start, sum, divisor, result]`, where
 * start and result are the bits of f32 in hexadecimal and the integers are decimal; all sums and
 * divisors are doubles. `null` stands for a result that is not finite.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Row = [start: string, sum: string, divisor: string, result: string | null];

const view = new DataView(new ArrayBuffer(4));
const hex = (bits: number) => bits.toString(16).padStart(8, '0');

function numberOf(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

function bitsOf(number: number): number {
  view.setFloat32(0, number);
  return view.getUint32(0);
}

function rowOf(start: number, sum: bigint, divisor: bigint): Row {
  if (BigInt(Number(sum)) !== sum || BigInt(Number(divisor)) !== divisor) {
    throw new RangeError(`${sum} / ${divisor}: not doubles`);
  }
  const result = Math.fround(numberOf(start) + Math.fround(Number(sum) / Number(divisor)));
  return [hex(start), `${sum}`, `${divisor}`, Number.isFinite(result) ? hex(bitsOf(result)) : null];
}

const rows: Row[] = [];
const add = (start: number, sum: bigint, divisor: bigint) => {
  for (const signed of sum === 0n ? [sum] : [sum, -sum]) {
    for (const sign of [0, 0x80000000]) rows.push(rowOf((start | sign) >>> 0, signed, divisor));
  }
};
/** Starts of every kind: zero, subnormal, normal, the largest, infinity, no number. */
const zero = 0;
const one = bitsOf(1);
const largest = 0x7f7fffff;
const smallestNormal = 0x00800000;
const scale = 2n ** 20n;

// Zeros keep no sign unless both have it; 0 / x is +0.
add(zero, 0n, scale);
add(zero, 1n, scale);
add(one, 0n, scale);

// What is not finite stays so.
for (const start of [0x7f800000, 0x7fc00000, 0x7f800001]) add(start, 5n, scale);

// Cancellation: exact, and to the last bits.
for (const [sum, divisor] of [
  [scale, scale],
  [3n * scale, 2n * scale],
  [scale / 1024n, scale],
] as const) {
  const quotient = bitsOf(Number(sum) / Number(divisor));
  for (const off of [-2, -1, 0, 1, 2]) add(quotient + off, sum, divisor);
}

// Ties of the quotient: 25 bits, the last one set, with even and odd 24th; and just beside them.
for (const mantissa of [0x1000001n, 0x1000003n, 0x1ffffffn, 0x1fffffdn]) {
  for (const beside of [-1n, 0n, 1n]) {
    add(zero, mantissa * 2n ** 28n + beside, 2n ** 60n);
    add(one, mantissa * 2n ** 28n + beside, 2n ** 60n);
  }
}

// Rounded twice: the quotient lies beside such a tie, closer than a double can tell, so that the
// division rounds it to the tie, and the tie goes to even whatever side it came from. k * w +- 1 is
// made divisible by 2^j, then (k * w +- 1) / 2^j / w = k / 2^j +- 1 / (w * 2^j).
for (const w of [2n ** 29n + 1n, 2n ** 30n - 1n, 2n ** 30n - 35n, 799_999_999n, 1_000_000_007n]) {
  for (const beside of [1n, -1n]) {
    // k = -+ 1 / w mod 2^25, a number of 25 bits, odd: a tie.
    const j = 25n;
    const k = (((-beside * inverse(w, 2n ** j)) % 2n ** j) + 2n ** j) % 2n ** j;
    if (k < 2n ** 24n) continue;
    add(zero, (k * w + beside) / 2n ** j, w);
    add(zero, (k * w + beside) / 2n ** j, w * scale);
    add(bitsOf(0.5), (k * w + beside) / 2n ** j, w * scale);
  }
}

function inverse(a: bigint, modulus: bigint): bigint {
  // Newton: each turn doubles the bits that are right.
  let x = 1n;
  for (let bits = 1; bits < 64; bits *= 2) x = (x * (2n - a * x)) % modulus;
  return x;
}

// Ties of the sum: half of the start's last bit, a little less, a little more.
for (const start of [one, one + 1, 0x3f7fffff, 0x3fffffff, 0x40000000]) {
  for (const sum of [
    2n ** 39n,
    2n ** 39n - 1n,
    2n ** 39n + 1n,
    2n ** 40n,
    3n * 2n ** 39n,
    2n ** 38n,
    2n ** 38n + 1n,
  ]) {
    add(start, sum, 2n ** 63n);
  }
}

// Far apart: the small one is lost, also below a power of two, where the last bit is worth half.
for (const distance of [22n, 23n, 24n, 25n, 26n, 39n, 40n, 41n, 42n, 60n, 100n]) {
  for (const start of [one, one + 1, 0x3f7fffff]) {
    add(start, 1n, 2n ** distance);
    add(start, 3n, 2n ** (distance + 1n));
    add(start, 2n ** distance, 1n);
    add(start, 2n ** distance + 2n ** (distance > 52n ? distance - 52n : 0n), 1n);
  }
}

// Subnormal starts, quotients and results.
for (const start of [zero, 1, 2, 3, 0x7fffff, smallestNormal - 1, smallestNormal, smallestNormal + 1]) {
  for (const [sum, divisor] of [
    [1n, 2n ** 126n],
    [3n, 2n ** 126n],
    [2n ** 24n - 1n, 2n ** 126n],
    [2n ** 25n - 1n, 2n ** 126n],
    [1n, 3n * 2n ** 124n],
    [1n, 2n ** 126n + 2n ** 74n],
    [2n ** 53n - 1n, 2n ** 126n],
  ] as const) {
    add(start, sum, divisor);
  }
}

// The largest, and beyond: half of its last bit is 2^103.
for (const sum of [
  2n ** 102n,
  2n ** 103n - 2n ** 60n,
  2n ** 103n,
  2n ** 103n + 2n ** 60n,
  2n ** 104n,
  2n ** 126n,
]) {
  add(largest, sum, 1n);
  add(largest - 1, sum, 1n);
}
add(0x7f000000, 2n ** 126n, 1n);
add(0x7effffff, 2n ** 126n, 1n);

// What a job has: entries of at most 2^23, weights of at most 4,096.
const random = createRandom(20261130);
for (let i = 0; i < 400; i++) {
  const weight = 1 + (random() % 2 ** (1 + (random() % 29)));
  const sum = BigInt(random() - 2 ** 31) * BigInt(1 + (random() % 2 ** 20));
  const start = bitsOf((random() / 2 ** 32 - 0.5) * 2 ** ((random() % 12) - 8));
  rows.push(rowOf(start, sum, BigInt(weight) * scale));
}

/**
 * Of 32 bits (Numerical Recipes' linear congruence, its upper half mixed in): no more is asked of
 * it.
 */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
}

writeFileSync(
  join(import.meta.dirname, 'step.json'),
  `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`,
);
