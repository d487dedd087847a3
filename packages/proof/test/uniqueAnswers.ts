/**
 * For random layers of one number within the bounds of programs: which outputs satisfy
 * docs/specs/zk.md §8.3 in the arithmetic of the verifier, by trying all of them.
 */
import { equal, FieldMemory, fromBase, fromInteger, modulus as p, type Quartic, zero } from '@nonet/algebra';
import type { Canonical } from '@nonet/core/codec';
import { expect } from 'vitest';
import { analyseProgram, halfOf, type Program, readProgram } from '../src/zk/model/program.ts';
import { evaluatePublic, inferenceRelations } from '../src/zk/model/relations.ts';
import { Rejected } from '../src/zk/rejection.ts';
import { quarticRing } from '../src/zk/rings.ts';
import { createSource, type Source } from './randomPrograms.ts';

const limit = (p - 1) / 2;
const field = new FieldMemory();

function randomLayer({ next, pick, from }: Source): { program: Program; reach: number } {
  const around = (centre: number, spread: number) => from(centre - spread, centre + spread);
  const clamp = (value: number) => Math.max(-limit, Math.min(limit, value));
  const span = pick([2 ** from(1, 8) - 1, 1 + next(255)]);
  const low = Math.min(
    limit - span,
    clamp(pick([0, -128, around(0, 300), around(-limit, 300), around(limit, 300), around(-(2 ** 28), 100)])),
  );
  const zeros = [0, low, around(low, 300), around(low, 2 ** 28), around(low, 2 ** 29), around(-limit, 300)];
  const reach = pick([1, 100, 2 ** 10, 2 ** 20, 2 ** 21, 2 ** 22]);
  const requantise = {
    shift: [pick([0, 0, 1, next(12), next(31)])],
    zero: [clamp(pick(zeros))],
    low,
    high: low + span,
  };
  const program: Program = {
    format: 'nonet integrity program 1',
    queries: 154,
    maximumBatch: 1,
    input: { shape: [1], low: -reach, high: pick([0, reach]) },
    layers: [{ kind: 'dense', source: 0, size: 1, biasBits: pick([0, 10, 28]), requantise }],
    tables: [],
    output: 'values',
  };
  return { program, reach };
}

/** The outputs that some remainder, sign and excess make right, of a sum. */
function answersOf(program: Program, acc: number): number[] {
  const ranges = analyseProgram(program);
  const relations = inferenceRelations(program, ranges, 1, []);
  const [component] = relations.components;
  const [layer] = program.layers as readonly Extract<Program['layers'][number], { kind: 'dense' }>[];
  const { low, high, shift } = layer.requantise!;
  const publics = component.publics.map((column) => evaluatePublic(field, column, [zero, zero], 0));
  const roles = relations.roles.slice(0, relations.multiplicity);
  const [excessBits] = ranges.excessBits[0];
  const scale = 2 ** shift[0];
  const element = (v: number): Quartic => fromBase(((v % p) + p) % p);
  const isRight = (y: number, sign: number): boolean => {
    const evaluate = (rem: number, e: number) => {
      const uses = roles.map((role) => {
        if (role.kind === 'output') return fromBase(fromInteger(y));
        if (role.kind === 'sign') return element(sign);
        // How far y is from the ends of its range.
        if (role.kind === 'above' || role.kind === 'below') {
          return element(role.kind === 'above' ? y - low : high - y);
        }
        const { kind, limb } = role as { kind: string; limb: number };
        return element(Math.floor((kind === 'excess' ? e : rem) / 256 ** limb) % 256);
      });
      return { uses, sum: component.sums[0](quarticRing, uses, publics) };
    };
    const [found] = evaluate(0, 0).sum;
    const difference = (((acc - found) % p) + p) % p;
    // It is rem + (2 sign - 1) 2^s e mod p.
    return [difference, difference - p].some((whole) => {
      const rem = ((whole % scale) + scale) % scale;
      const e = ((whole - rem) / scale) * (sign === 1 ? 1 : -1);
      if (e < 0 || e >= 2 ** excessBits) return false;
      const { uses, sum } = evaluate(rem, e);
      if (!equal(sum, element(acc))) return false;
      const holds = component.equations.every((equation) =>
        equal(equation(quarticRing, uses, publics), zero),
      );
      return (
        holds &&
        component.lookups.every(
          ({ tag, a }) => a(quarticRing, uses, publics)[0] < 2 ** tag(quarticRing, uses, publics)[0],
        )
      );
    });
  };
  const signs = excessBits > 0 ? [0, 1] : [0];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((y) =>
    signs.some((sign) => isRight(y, sign)),
  );
}

/** Demands one answer, the right one, of each random layer that is within bounds. */
export function countAnswers(seed: number, runs: number): { readonly checked: number } {
  const source = createSource(seed);
  let checked = 0;
  for (let run = 0; run < runs; run++) {
    const { program, reach } = randomLayer(source);
    const acc = source.from(-reach * 100, program.input.high === 0 ? 0 : reach * 100);
    const sums = { low: -reach * 128 - 2 ** 10, high: Math.max(0, program.input.high) * 127 };
    try {
      analyseProgram(readProgram(program as unknown as Canonical));
    } catch (error) {
      if (error instanceof Rejected) continue;
      throw error;
    }
    if (acc < sums.low || acc > sums.high) continue;
    const [layer] = program.layers as readonly Extract<Program['layers'][number], { kind: 'dense' }>[];
    const { shift, zero: zeros, low, high } = layer.requantise!;
    const rounded = Math.floor((acc + halfOf(shift[0])) / 2 ** shift[0]) + zeros[0];
    const expected = Math.min(high, Math.max(low, rounded));
    expect(answersOf(program, acc), JSON.stringify({ layer, acc })).toEqual([expected]);
    checked++;
  }
  return { checked };
}
