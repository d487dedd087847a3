/**
 * Proof of a sumcheck over several instances at once (docs/specs/zk.md §6): tables of extension
 * elements and an expression of them whose sum is claimed.
 */
import {
  type Address,
  add,
  type FieldMemory,
  fromBase,
  invert,
  mul,
  one,
  type Quartic,
  quarticSize,
  sub,
  zero,
} from '@nonet/algebra';
import { type ProofWriter, quarticBytes } from '../proofBytes.ts';
import type { ExtensionRing } from '../rings.ts';
import type { Transcript } from '../transcript.ts';
import { chunkSize, vectorRing } from './proveVectors.ts';
import { absentFactor, interpolate } from './roundPolynomial.ts';

/** A sum of expressions of tables; the tables are overwritten while they are bound. */
export interface Instance {
  readonly variables: number;
  /** Of 2^variables elements each. */
  readonly tables: readonly Address[];
  /** Of the expression in any one variable. */
  readonly degree: number;
  expression(ring: ExtensionRing<Address>, tables: readonly Address[]): Address;
  /** Where there is such a point, the expression is multiplied by eq(point, x). */
  readonly eq?: readonly Quartic[];
  /** Of degree 1, added to that. */
  linear?(ring: ExtensionRing<Address>, tables: readonly Address[]): Address;
}

/** An instance as it is bound. */
interface Progress {
  /** The sum that is left, once it has begun: it saves one value of each round. */
  left?: Quartic;
  /** eq of the point and the challenges so far. */
  bound: Quartic;
  /** eq of the point and the upper variables of this round. */
  readonly rest: Address | undefined;
}

/**
 * The sums over the upper variables with the first one at 0, 1, ...: eq is a line in it, so that
 * the expression is needed at one point less (Gruen, ePrint 2024/108).
 */
function roundValues(
  field: FieldMemory,
  { tables, degree, expression, linear, eq, variables: all }: Instance,
  variables: number,
  { left, bound, rest }: Progress,
): Quartic[] {
  const outer = field.mark();
  const half = 2 ** (variables - 1);
  const sums = Array<Quartic>(degree + 1).fill(zero);
  const line = [zero, zero];
  const out = field.allocate(quarticSize);
  for (let from = 0; from < half; from += chunkSize) {
    const mark = field.mark();
    const count = Math.min(chunkSize, half - from);
    const ring = vectorRing(field, count);
    const low = tables.map((table) => table + from * quarticSize);
    const high = low.map((table) => table + half * quarticSize);
    const steps = high.map((table, i) => ring.sub(table, low[i]));
    let points = low;
    for (let t = 0; t <= degree; t++) {
      if (t === 1) points = high;
      else if (t > 1) points = points.map((table, i) => ring.add(table, steps[i]));
      const inner = field.mark();
      if (t <= 1 && linear !== undefined) {
        field.kernels.sumVector(out, linear(ring, points), count);
        line[t] = add(line[t], field.read(out));
      }
      if (t !== 1 || left === undefined) {
        const values = expression(ring, points);
        if (rest === undefined) field.kernels.sumVector(out, values, count);
        else field.kernels.dotVectors(out, values, rest + from * quarticSize, count);
        sums[t] = add(sums[t], field.read(out));
      }
      field.release(inner);
    }
    field.release(mark);
  }
  field.release(outer);
  if (eq === undefined) {
    if (left !== undefined) sums[1] = sub(left, sums[0]);
    return sums;
  }
  const factors = eqLine(eq[all - variables], bound);
  if (left !== undefined) {
    // The coordinate of a challenge is 0 as rarely as one that has been guessed.
    const lower = add(mul(factors[0], sums[0]), add(line[0], line[1]));
    sums[1] = mul(sub(left, lower), invert(factors[1]));
  }
  return extend(sums, degree + 1).map((value, t) =>
    add(mul(interpolate(factors, fromBase(t)), value), interpolate(line, fromBase(t))),
  );
}

/** eq(coordinate, x) * bound at 0 and 1. */
function eqLine(coordinate: Quartic, bound: Quartic): Quartic[] {
  return [mul(sub(one, coordinate), bound), mul(coordinate, bound)];
}

/** The polynomial of degree `degree` with these values at 0, 1, ..., by its values there. */
function extend(values: readonly Quartic[], degree: number): Quartic[] {
  return Array.from({ length: degree + 1 }, (_, t) => values[t] ?? interpolate(values, fromBase(t)));
}

/** Writes the rounds and returns the challenges. The first element of each table is its value there. */
export function proveSumcheck(
  field: FieldMemory,
  transcript: Transcript,
  writer: ProofWriter,
  instances: readonly Instance[],
  degree: number,
): Quartic[] {
  const rounds = Math.max(...instances.map(({ variables }) => variables));
  const progress = instances.map(({ eq, variables }): Progress => {
    const rest = eq === undefined || variables === 0 ? undefined : field.placeEq(eq.slice(1), one);
    return { bound: one, rest };
  });
  // Of an instance that has not begun: its own sum times 1 - r for the rounds so far.
  const first = instances.map((instance, k) =>
    instance.variables === 0 || instance.variables === rounds
      ? undefined
      : roundValues(field, instance, instance.variables, progress[k]),
  );
  const absent = instances.map((instance, k) => {
    const values = first[k];
    if (values !== undefined) return add(values[0], values[1]);
    return instance.variables === 0 ? evaluateOnce(field, instance) : zero;
  });
  const challenges: Quartic[] = [];
  for (let round = 0; round < rounds; round++) {
    const variables = rounds - round;
    let sums = Array<Quartic>(degree + 1).fill(zero);
    const own = new Map<number, readonly Quartic[]>();
    for (const [k, instance] of instances.entries()) {
      const begun = instance.variables >= variables;
      const values = !begun
        ? [absent[k], zero]
        : ((instance.variables === variables ? first[k] : undefined) ??
          roundValues(field, instance, variables, progress[k]));
      if (begun) own.set(k, values);
      const factor = absentFactor(challenges, Math.min(rounds - instance.variables, round));
      const scaled = extend(values, degree).map((value) => mul(value, factor));
      sums = sums.map((sum, t) => add(sum, scaled[t]));
    }
    transcript.absorbElements('round', sums);
    writer.bytes(quarticBytes(sums));
    const [challenge] = transcript.elements('round', 1);
    challenges.push(challenge);
    const half = 2 ** (variables - 1);
    const mark = field.mark();
    const at = field.place([challenge]);
    for (const [k, values] of own) {
      const { tables, eq, variables: all } = instances[k];
      const state = progress[k];
      state.left = interpolate(values, challenge);
      for (const table of tables) field.kernels.foldVector(table, table, at, half);
      if (eq === undefined || state.rest === undefined || half === 1) continue;
      state.bound = interpolate(eqLine(eq[all - variables], state.bound), challenge);
      // The next variable is summed over both of its values: their eq add up to 1.
      field.kernels.addVectors(state.rest, state.rest, state.rest + (half / 2) * quarticSize, half / 2);
    }
    field.release(mark);
  }
  return challenges;
}

/** An instance without variables is one value. */
function evaluateOnce(field: FieldMemory, { tables, expression, linear }: Instance): Quartic {
  const mark = field.mark();
  const ring = vectorRing(field, 1);
  const value = field.read(expression(ring, tables));
  const whole = linear === undefined ? value : add(value, field.read(linear(ring, tables)));
  field.release(mark);
  return whole;
}
