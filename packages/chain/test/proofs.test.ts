/** Floats and content trees in the contract, against their definitions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, addressOf, contentPath, contentRoot, fromHex, type Hex, toHex } from '@nonet/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packLeaves } from '../src/moves.ts';
import { showLeaf } from './blobs.ts';
import { compileAll, deployHarness, type Harness } from './harness.ts';
import { type Play, startPlay } from './play.ts';

let play: Play;
let floats: Harness;
let trees: Harness;

beforeAll(async () => {
  play = await startPlay(1);
  const compiled = compileAll();
  floats = await deployHarness(play, compiled.get('FloatHarness')!);
  trees = await deployHarness(play, compiled.get('TreeHarness')!);
});
afterAll(() => play.chain.close());

const vectors = join(import.meta.dirname, '../../../vectors');

describe('the arithmetic of a step', () => {
  const view = new DataView(new ArrayBuffer(4));

  function numberOf(bits: number): number {
    view.setUint32(0, bits);
    return view.getFloat32(0);
  }

  function bitsOf(number: number): number {
    view.setFloat32(0, number);
    return view.getUint32(0);
  }

  interface Step {
    readonly start: number;
    readonly sum: bigint;
    readonly divisor: bigint;
    /** Bits; null where it is not finite. */
    readonly result: number | null;
  }

  const isFiniteFloat = (bits: number) => (bits & 0x7f800000) !== 0x7f800000;

  async function expectSteps(steps: readonly Step[]): Promise<void> {
    for (let i = 0; i < steps.length; i += 1000) {
      const portion = steps.slice(i, i + 1000);
      const results = (await floats.call(
        'steps',
        portion.map(({ start }) => start),
        portion.map(({ sum }) => sum),
        portion.map(({ divisor }) => divisor),
      )) as number[];
      const wrong = portion.flatMap((step, j) => {
        const found = isFiniteFloat(results[j]!) ? results[j]! : null;
        return found === step.result ? [] : [{ ...step, found }];
      });
      expect(wrong.slice(0, 3)).toEqual([]);
    }
  }

  it('gives the known answers', async () => {
    type Row = [start: string, sum: string, divisor: string, result: string | null];
    const rows: Row[] = JSON.parse(readFileSync(join(vectors, 'float/step.json'), 'utf8'));
    const bits = (text: string) => Number.parseInt(text, 16);
    expect(rows.length).toBeGreaterThan(1500);
    await expectSteps(
      rows.map(([start, sum, divisor, result]) => ({
        start: bits(start),
        sum: BigInt(sum),
        divisor: BigInt(divisor),
        result: result === null ? null : bits(result),
      })),
    );
  });

  it('is that of Math.fround in 10,000 random steps', async () => {
    // Half of them near the start, where bits decide, half of any size.
    const near = fc.tuple(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.maxSafeInteger(),
      fc.integer({ min: 1, max: 2 ** 30 - 1 }),
    );
    const steps = fc
      .sample(near, { numRuns: 10_000, seed: 20261130 })
      .map(([anyStart, anySum, weight], i): Step => {
        // No integer is -0.
        const sum = (i % 3 === 0 ? anySum : anySum % 2 ** (1 + (i % 53))) || 0;
        const quotient = Math.fround(sum / (2 ** 20 * weight));
        const start = i % 2 === 0 ? anyStart : bitsOf(-quotient * (1 + ((i % 65) - 32) * 2 ** -(i % 24)));
        const result = Math.fround(numberOf(start) + quotient);
        return {
          start,
          sum: BigInt(sum),
          divisor: BigInt(2 ** 20 * weight),
          result: Number.isFinite(result) ? bitsOf(result) : null,
        };
      });
    await expectSteps(steps);
  });
});

describe('shown leaves', () => {
  const rootOf = (index: number, packed: Hex) =>
    trees.call('rootOf', BigInt(index), packed) as Promise<[root: Address, read: bigint]>;
  const none = `0x${'00'.repeat(32)}`;

  it('lead to the known addresses', async () => {
    type Known = { length: number; address: Address; paths: Record<string, Address[]> };
    const known: Known[] = JSON.parse(readFileSync(join(vectors, 'content/content.json'), 'utf8'));
    for (const { length, address, paths } of known) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 167 + Math.floor(i / 256)) % 256);
      for (const [index, path] of Object.entries(paths)) {
        const leaf = toHex(bytes.subarray(256 * Number(index), 256 * (Number(index) + 1)));
        const packed = packLeaves([{ length, leaf, path }]);
        expect(await rootOf(Number(index), packed)).toEqual([address, BigInt(packed.length / 2 - 1)]);
      }
    }
  });

  it('lead to the address from every leaf of every small tree', async () => {
    for (let count = 1; count <= 20; count++) {
      const bytes = Uint8Array.from({ length: 256 * count - 100 }, (_, i) => i * 7 + (i >> 8));
      const roots = await Promise.all(
        Array.from({ length: count }, (_, index) => rootOf(index, packLeaves([showLeaf(bytes, index)]))),
      );
      expect(new Set(roots.map(([root]) => root))).toEqual(new Set([addressOf(bytes)]));
    }
  });

  it('lead where the definition leads, whatever is altered, and nowhere if malformed', async () => {
    const hostile = fc.record({
      length: fc.oneof(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 0, max: 3000 }),
        fc.constantFrom(2 ** 40, 2 ** 40 + 1, 2 ** 53 - 1),
      ),
      index: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(2 ** 32 - 1, 2 ** 32)),
      size: fc.constantFrom(...Array(9).fill(undefined), 0, 1, 255, 256, 257),
      path: fc.constantFrom(-1, 0, 0, 0, 0, 0, 1),
    });
    const cases = fc.sample(hostile, { numRuns: 300, seed: 20261130 });
    let whole = 0;
    for (const { length, index, size, path } of cases) {
      const count = Math.max(1, Math.ceil(length / 256));
      const shape = index < count ? pathLength(index, count) : 3;
      const leaf = new Uint8Array(size ?? Math.max(0, Math.min(256, length - 256 * index))).fill(7);
      const siblings = Array.from({ length: Math.max(0, shape + path) }, (_, i) =>
        addressOf(Uint8Array.of(i)),
      );
      const expected = contentRoot({ length, index, leaf, path: siblings });
      if (expected !== undefined) whole++;
      const [root] = await rootOf(index, packLeaves([{ length, leaf: toHex(leaf), path: siblings }]));
      expect([root, length, index, size, path]).toEqual([expected ?? none, length, index, size, path]);
    }
    expect(whole).toBeGreaterThan(30);
  });

  /** As RFC 6962 §2.1.1 counts. */
  function pathLength(index: number, count: number): number {
    if (count === 1) return 0;
    const left = 2 ** Math.floor(Math.log2(count - 1));
    return 1 + (index < left ? pathLength(index, left) : pathLength(index - left, count - left));
  }

  it('climb with zeros in place of a part of the leaf', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i + 1);
    const { path, leaf, length } = contentPath(bytes, 0);
    const packed = packLeaves([{ length, leaf: toHex(leaf), path: path as Address[] }]);
    const zeroed = Uint8Array.from(bytes).fill(0, 152, 217);
    expect(await trees.call('rootWith', 0n, packed, 152n, 65n)).toBe(addressOf(zeroed));
    expect(fromHex(packed).length).toBe(11 + 256 + 64);
  });
});
