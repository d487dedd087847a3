/**
 * Proof of a sumcheck over several instances at once (docs/specs/zk.md §6): tables of extension
 * elements and an expression of them whose sum is claimed.
 */
import {
  type Address,
  add,
  type FieldMemory,
  fromBase,
  mul,
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

/** An expression of tables; the tables are overwritten while they are bound. */
export interface Instance {
  readonly variables: number;
  /** Of 2^variables elements each. */
  readonly tables: readonly Address[];
  /** In any one variable. */
  readonly degree: number;
  expression(ring: ExtensionRing<Address>, tables: readonly Address[]): Address;
}

/**
 * The sums over the upper variables with the first one at 0, 1, ..., degree. Where both that at 0
 * and that at 1 are known to add up to `claim`, the second one is not summed.
 */
function roundValues(
  field: FieldMemory,
  { tables, degree, expression }: Instance,
  variables: number,
  claim?: Quartic,
): Quartic[] {
  const outer = field.mark();
  const half = 2 ** (variables - 1);
  const sums = Array<Quartic>(degree + 1).fill(zero);
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
      if (t === 1 && claim !== undefined) continue;
      const inner = field.mark();
      field.kernels.sumVector(out, expression(ring, points), count);
      sums[t] = add(sums[t], field.read(out));
      field.release(inner);
    }
    field.release(mark);
  }
  field.release(outer);
  if (claim !== undefined) sums[1] = sub(claim, sums[0]);
  return sums;
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
  // Of an instance that has not begun: its own sum times 1 - r for the rounds so far.
  const first = instances.map((instance) =>
    instance.variables === 0 || instance.variables === rounds
      ? undefined
      : roundValues(field, instance, instance.variables),
  );
  const absent = instances.map((instance, k) => {
    const values = first[k];
    if (values !== undefined) return add(values[0], values[1]);
    return instance.variables === 0 ? evaluateOnce(field, instance) : zero;
  });
  // Of each instance that has begun: the sum that is left, which saves one of its values.
  const left = instances.map((): Quartic | undefined => undefined);
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
          roundValues(field, instance, variables, left[k]));
      if (begun) own.set(k, values);
      const factor = absentFactor(challenges, Math.min(rounds - instance.variables, round));
      const scaled = extend(values, degree).map((value) => mul(value, factor));
      sums = sums.map((sum, t) => add(sum, scaled[t]));
    }
    transcript.absorbElements('round', sums);
    writer.bytes(quarticBytes(sums));
    const [challenge] = transcript.elements('round', 1);
    challenges.push(challenge);
    for (const [k, values] of own) left[k] = interpolate(values, challenge);
    const mark = field.mark();
    const at = field.place([challenge]);
    for (const instance of instances) {
      if (instance.variables < variables) continue;
      for (const table of instance.tables) field.kernels.foldVector(table, table, at, 2 ** (variables - 1));
    }
    field.release(mark);
  }
  return challenges;
}

/** An instance without variables is one value. */
function evaluateOnce(field: FieldMemory, { tables, expression }: Instance): Quartic {
  const mark = field.mark();
  const value = field.read(expression(vectorRing(field, 1), tables));
  field.release(mark);
  return value;
}
