/**
 * Powers of tau for snarkjs's Groth16 setup, made alone and at once from numbers that are written
 * here. FOR TIMING ONLY: every reader of this file can forge proofs under the keys made from it. A
 * real ceremony needs several parties who each delete a secret; alone, `snarkjs powersoftau` takes
 * most of an hour for 2^17, because it must work without knowing tau. Knowing it, the points in
 * Lagrange form are multiples of the generator, so the keys made from them give proofs that verify.
 *
 * The layout is that of snarkjs 0.7.6 (`ptau`, version 1), with only what `zKey.newZKey` reads for a
 * circuit of exactly 2^power constraints: sections 1, 2, 4 to 6 and 12 to 15.
 */
import { writeFileSync } from 'node:fs';
import { curves } from 'snarkjs';

const tau = 0x6e6f6e6574206d61646520746869732066696c65n;
// Small, so that a multiple is one or two additions.
const alpha = 2;
const beta = 3;

type Point = Uint8Array;

/** What is used of a group of snarkjs's curve. */
interface Group {
  readonly g: Point;
  readonly zero: Point;
  add(a: Point, b: Point): Point;
  toAffine(a: Point): Point;
  batchToAffine(points: Point): Promise<Point>;
}

interface Curve {
  readonly r: bigint;
  readonly q: bigint;
  readonly Fr: { readonly w: readonly Point[]; toObject(a: Point): bigint };
  readonly G1: Group;
  readonly G2: Group;
}

/** Writes `file`; `power` is the logarithm of the circuit's domain. */
export async function writeDummyCeremony(file: string, power: number): Promise<void> {
  const curve = (await curves.getCurveFromName('bn128')) as Curve;
  const { G1, G2 } = curve;
  const multiplyG1 = createMultiplier(G1);
  const multiplyG2 = createMultiplier(G2);
  const scalars = lagrangeAtTau(curve, power);
  // Of the domain that is twice as large, the setup reads the odd places.
  const odd = lagrangeAtTau(curve, power + 1).map((scalar, i) => (i % 2 === 0 ? 0n : scalar));
  const lagrange = scalars.map(multiplyG1);
  const times = (points: readonly Point[], count: number) =>
    points.map((point) => Array.from({ length: count }, () => point).reduce((a, b) => G1.add(a, b)));
  const header = new Uint8Array(44);
  const view = new DataView(header.buffer);
  view.setUint32(0, 32, true);
  for (let i = 0; i < 4; i++)
    view.setBigUint64(4 + 8 * i, BigInt.asUintN(64, curve.q >> BigInt(64 * i)), true);
  view.setUint32(36, power, true);
  view.setUint32(40, power, true);
  // A section has the points of all smaller domains before those of this one; nothing reads them.
  const smaller = { G1: new Uint8Array((2 ** power - 1) * 64), G2: new Uint8Array((2 ** power - 1) * 128) };
  const affine = (group: Group, points: readonly Point[]) => group.batchToAffine(Buffer.concat(points));
  const sections: (readonly [number, Uint8Array])[] = [
    [1, header],
    // Enters nothing but the hash that names the circuit.
    [2, new Uint8Array(2 ** (power + 1) * 64)],
    [4, await affine(G1, times([G1.g], alpha))],
    [5, await affine(G1, times([G1.g], beta))],
    [6, await affine(G2, [multiplyG2(BigInt(beta))])],
    [12, Buffer.concat([smaller.G1, await affine(G1, lagrange), await affine(G1, odd.map(multiplyG1))])],
    [13, Buffer.concat([smaller.G2, await affine(G2, scalars.map(multiplyG2))])],
    [14, Buffer.concat([smaller.G1, await affine(G1, times(lagrange, alpha))])],
    [15, Buffer.concat([smaller.G1, await affine(G1, times(lagrange, beta))])],
  ];
  const parts: Uint8Array[] = [new TextEncoder().encode('ptau'), u32(1), u32(sections.length)];
  for (const [type, content] of sections) parts.push(u32(type), u32(content.length), u32(0), content);
  writeFileSync(file, Buffer.concat(parts));
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** The Lagrange polynomials of the domain of 2^power, at tau: c w^i / (tau - w^i). */
function lagrangeAtTau({ r, Fr }: Curve, power: number): bigint[] {
  const size = 2 ** power;
  const w = Fr.toObject(Fr.w[power]!);
  const roots: bigint[] = [1n];
  for (let i = 1; i < size; i++) roots.push((roots[i - 1]! * w) % r);
  const differences = roots.map((root) => (tau - root + r) % r);
  // Montgomery's trick: one inversion for all.
  const before: bigint[] = [];
  let product = 1n;
  for (const difference of differences) {
    before.push(product);
    product = (product * difference) % r;
  }
  // The product of all differences is tau^size - 1.
  const c = (product * powerOf(BigInt(size), r - 2n, r)) % r;
  let inverse = powerOf(product, r - 2n, r);
  const values = new Array<bigint>(size);
  for (let i = size - 1; i >= 0; i--) {
    values[i] = (((inverse * before[i]!) % r) * ((roots[i]! * c) % r)) % r;
    inverse = (inverse * differences[i]!) % r;
  }
  return values;
}

function powerOf(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

/** Multiples of the generator, from tables of the multiples of 256^k up to 255. */
function createMultiplier(group: Group): (scalar: bigint) => Point {
  const tables: Point[][] = [];
  for (let k = 0, base = group.g; k < 32; k++) {
    const multiples = [group.zero];
    for (let digit = 1; digit <= 256; digit++) multiples.push(group.add(multiples.at(-1)!, base));
    base = multiples.pop()!;
    tables.push(multiples.map((point) => group.toAffine(point)));
  }
  return (scalar) => {
    let sum = group.zero;
    for (let k = 0; k < 32; k++) {
      const digit = Number((scalar >> BigInt(8 * k)) & 255n);
      if (digit > 0) sum = group.add(sum, tables[k]![digit]!);
    }
    return sum;
  };
}
