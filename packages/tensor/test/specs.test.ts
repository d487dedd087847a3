/** docs/specs/graph.md and docs/specs/arithmetic.md say what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, createRandomStream, fromHex, type Hex } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { floatBits, floatOfBits } from '../src/graph/expression.ts';
import { encodeAttributes, inferOperation, type Operation, operationKinds } from '../src/graph/operations.ts';
import { primitiveKinds } from '../src/graph/primitives.ts';
import { createBuilder, decodeGraph, dense, encodeGraph, graphAddress, lower } from '../src/index.ts';
import { cos, erf, exp, log, log1p, sin, tanh } from '../src/twins/transcendental.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs/specs', name), 'utf8');
const graphs = read('graph.md');
const arithmetic = read('arithmetic.md');

/** The cells of all rows of tables in a text, without their padding. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^ *\|(.*)\|$/gm)].map(([, row]) => row!.split('|').map((cell) => cell.trim()));

const section = (text: string, number: number) =>
  text.split(/^## /m).find((part) => part.startsWith(`${number}. `))!;

const words = (cell: string) =>
  cell
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

describe('docs/specs/graph.md', () => {
  const operations = new Map(
    rowsOf(section(graphs, 6))
      .filter(([kind]) => kind.startsWith('`'))
      .map(([kind, operands, attributes]) => [kind.slice(1, -1), { operands, attributes }]),
  );

  it('§3 lists every primitive', () => {
    const kinds = [...section(graphs, 3).matchAll(/`\["(\w+)", operands/g)].map(([, kind]) => kind);
    expect(kinds).toEqual(primitiveKinds);
  });

  it('§6 lists every readable operation', () => {
    expect([...operations.keys()].sort()).toEqual([...operationKinds].sort());
  });

  it.each(operationKinds)('§6 gives the operands and the attributes of %s in their order', (kind) => {
    const { operands, attributes } = operations.get(kind)!;
    const asked: string[] = [];
    const probe = new Proxy({ kind, operands: [] } as unknown as Operation, {
      get(target, name) {
        if (name in target) return Reflect.get(target, name);
        asked.push(String(name));
        return 0;
      },
    });
    encodeAttributes(probe);
    expect(words(attributes)).toEqual(asked);
    const counts = words(operands).length;
    const required = words(operands).filter((name) => !name.endsWith('?')).length;
    const expected = required === counts ? `${counts} operands` : `${required} to ${counts} operands`;
    expect(() => inferOperation(probe, [], 0)).toThrow(expected);
  });

  it('§8 shows an encoding and its addresses', () => {
    const g = createBuilder();
    g.output('y', dense(g, g.input('x', 'f32', ['B', 2]), 1));
    const graph = g.finish();
    const hex = /```text\n(.*?)```/s.exec(section(graphs, 8))![1]!.replaceAll('\n', '');
    const bytes = fromHex(`0x${hex}` as Hex);
    expect(encodeGraph(graph)).toEqual(bytes);
    expect(decodeGraph(bytes)).toEqual(graph);
    const addresses = [...section(graphs, 8).matchAll(/0x[0-9a-f]{64}/g)].map(([address]) => address);
    expect(addresses).toEqual([addressOf(bytes), graphAddress(lower(graph))]);
  });
});

describe('docs/specs/arithmetic.md', () => {
  const f = Math.fround;
  const rows = rowsOf(section(arithmetic, 4));
  const bitsIn = (cell: string) => [...cell.matchAll(/0x[0-9a-f]{8}/g)].map(([bits]) => Number(bits));
  const numbers = (name: string, columns: number) =>
    bitsIn(rows.find((row) => row.length === columns && row[0] === `\`${name}\``)![1]!).map(floatOfBits);
  const constant = (name: string) => numbers(name, 3)[0]!;
  const doubles = (name: string, columns: number) => {
    const cell = rows.find((row) => row.length === columns && row[0] === `\`${name}\``)![1]!;
    const view = new DataView(new ArrayBuffer(8));
    return [...cell.matchAll(/0x[0-9a-f]{16}/g)].map(([bits]) => {
      view.setBigUint64(0, BigInt(bits));
      return view.getFloat64(0);
    });
  };
  const double = (name: string) => doubles(name, 3)[0]!;
  const horner = (name: string, z: number) => numbers(name, 2).reduce((p, c) => f(f(p * z) + c));

  /** §4, step by step. */
  const page = {
    exp(x: number): number {
      x = Math.max(-104, Math.min(89, x));
      const n = f(f(f(x * constant('log2e')) + constant('magic')) - constant('magic'));
      let r = f(x - f(n * constant('ln2High')));
      r = f(r + f(n * constant('ln2Low')));
      const y = f(f(f(f(horner('exp', r) * r) * r) + r) + 1);
      const h = n >> 1;
      return f(f(y * 2 ** h) * 2 ** (n - h));
    },
    log(x: number): number {
      if (x === 0) return Number.NEGATIVE_INFINITY;
      if (x === Number.POSITIVE_INFINITY) return x;
      let e = -126;
      if (x < constant('least')) {
        x = f(x * 2 ** 23);
        e -= 23;
      }
      e += floatBits(x) >> 23;
      let half = floatOfBits((floatBits(x) & 0x7fffff) | 0x3f000000);
      if (half < constant('root')) {
        e -= 1;
        half = f(half + half);
      }
      const m = f(half - 1);
      const z = f(m * m);
      let y = f(f(horner('log', m) * m) * z);
      y = f(y - f(e * constant('ln2Low')));
      y = f(y - f(0.5 * z));
      return f(f(m + y) + f(e * constant('ln2High')));
    },
    tanh(x: number): number {
      const a = Math.min(10, Math.abs(x));
      const z = f(a * a);
      const near = f(a + f(f(horner('tanh', z) * z) * a));
      const y = a < 0.625 ? near : f(1 - f(2 / f(page.exp(f(a + a)) + 1)));
      return floatBits(x) >>> 31 === 1 ? -y : y;
    },
    erf(x: number): number {
      const a = Math.min(4, Math.abs(x));
      const z = f(a * a);
      const near = f(a + f(a * horner('erfNear', z)));
      const y = a < 1 ? near : f(1 - f(page.exp(-z) * horner('erfFar', f(1 / a))));
      return floatBits(x) >>> 31 === 1 ? -y : y;
    },
    log1p(x: number): number {
      const u = f(1 + x);
      return u === 1 || x === Number.POSITIVE_INFINITY ? x : f(page.log(u) * f(x / f(u - 1)));
    },
    quotient(x: number): readonly [n: number, r: number] {
      if (Math.abs(x) < 2 ** 28) {
        const n = x * double('twoByPi') + double('magic64') - double('magic64');
        return [n, x - n * double('piBy2High') - n * double('piBy2Low')];
      }
      const [digits] = /0x[0-9a-f]{48}/.exec(section(arithmetic, 4))!;
      const t = (i: number) => (BigInt(digits) >> BigInt(8 * (23 - i))) & (2n ** 32n - 1n);
      const b = floatBits(Math.abs(x));
      const k = (b >>> 26) & 15;
      const m = BigInt((b & 0x7fffff) + 0x800000) * 2n ** BigInt((b >>> 23) & 7);
      const p = (m * t(k) * 2n ** 32n + m * t(k + 4) + ((m * t(k + 8)) >> 32n)) % 2n ** 64n;
      const n = ((p + 2n ** 61n) % 2n ** 64n) >> 62n;
      const r = Number(BigInt.asIntN(64, p - n * 2n ** 62n)) * double('piBy63');
      return x < 0 ? [-Number(n), -r] : [Number(n), r];
    },
    turned(x: number, turn: number): number {
      if (!(Math.abs(x) < Number.POSITIVE_INFINITY)) return Number.NaN;
      const [n, r] = page.quotient(x);
      const q = (((n + turn) % 4) + 4) % 4;
      const z = r * r;
      const polynomial = (name: string) => doubles(name, 2).reduce((p, c) => p * z + c);
      const y = q % 2 === 0 ? polynomial('sin') * z * r + r : polynomial('cos') * z + 1;
      return f(q < 2 ? y : -y);
    },
    sin: (x: number): number => (Math.abs(x) < 2 ** -12 ? x : page.turned(x, 0)),
    cos: (x: number): number => page.turned(x, 1),
  };
  const twin = { exp, log, tanh, erf, log1p, sin, cos };
  const names = ['exp', 'log', 'tanh', 'erf', 'log1p', 'sin', 'cos'] as const;

  it('§2 lists every primitive', () => {
    const kinds = rowsOf(section(arithmetic, 2)).flatMap(([kind]) =>
      kind.startsWith('`') ? [kind.slice(1, -1)] : [],
    );
    expect(kinds).toEqual(primitiveKinds);
  });

  it('§4 shows known answers', () => {
    const answers = rows.filter((row) => row.length === 8 && row[0]!.startsWith('`'));
    expect(answers.length).toBeGreaterThan(5);
    for (const [argument, ...cells] of answers) {
      const x = floatOfBits(bitsIn(argument)[0]!);
      for (const [i, name] of names.entries()) {
        const [expected] = bitsIn(cells[i]!);
        if (expected !== undefined) expect(floatBits(twin[name](x))).toBe(expected);
      }
    }
  });

  it.each(names)('§4, followed step by step, gives the bits of %s', (name) => {
    const random = createRandomStream([0x73, 0x70]);
    const special = [0, -0, 1, 0.625, 89, 90, -104, -105, Number.POSITIVE_INFINITY, floatOfBits(1)];
    const drawn = Array.from({ length: 2000 }, () => floatOfBits(random.u32()));
    const usual = Array.from({ length: 2000 }, () => f(20 * random.uniform() - 10));
    for (const x of [...special, ...drawn, ...usual]) {
      if (Number.isNaN(x) || (name === 'log' && x < 0) || (name === 'log1p' && x < -1)) continue;
      expect([x, floatBits(page[name](x))]).toEqual([x, floatBits(twin[name](x))]);
    }
  });
});
