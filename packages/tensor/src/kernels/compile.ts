/**
 * From element-wise expressions, each of which may use the values of those before it, to the
 * instructions of the map kernel (assembly/map.ts): a value per distinct subexpression, in
 * evaluation order, registers given back after the last use. What the kernel does in one
 * instruction (relu, clip, sigmoid) is recognised by its definition, and has its bits.
 * Operands read in order are used where they lie; scalars are spread over a register once per run;
 * everything else is gathered block by block.
 */
import { arg, type Expression, floatOfBits, isIntegerExpression } from '../graph/expression.ts';
import { clipped, reluOf, sigmoidOf } from '../graph/operations/elementwise.ts';
import type { Dtype } from '../graph/shape.ts';

const opcodes = {
  copy: 0,
  add: 1,
  sub: 2,
  mul: 3,
  div: 4,
  neg: 5,
  sqrt: 6,
  lt: 7,
  eqF32: 8,
  eqI32: 9,
  select: 10,
  exp: 11,
  log: 12,
  mulAdd: 13,
  subMul: 14,
  tanh: 15,
  erf: 16,
  and: 17,
  or: 18,
  xor: 19,
  shl: 20,
  shr: 21,
  addI32: 22,
  subI32: 23,
  mulI32: 24,
  negI32: 25,
  ltI32: 26,
  toF32: 27,
  toI32: 28,
  log1p: 29,
  sin: 30,
  cos: 31,
  relu: 32,
  reluBelow: 33,
  clamp: 34,
  sigmoid: 35,
} as const;

type Opcode = keyof typeof opcodes;

/**
 * Where a value lies: operand `index` in order in memory, or a register. `out` is the result's own
 * memory.
 */
export type Place =
  | { readonly at: 'operand'; readonly index: number }
  | { readonly at: 'register'; readonly index: number }
  | { readonly at: 'out' };

interface Instruction {
  readonly opcode: number;
  readonly to: Place;
  readonly from: readonly Place[];
}

/** How an operand is read: in order, one element for all, or by strides. */
type Access = 'inOrder' | 'scalar' | 'strided';

/** An expression as instructions over registers, for the map kernel. */
export interface MapProgram {
  /**
   * Registers that hold one value throughout: an operand that is a scalar, or the bits of a
   * constant.
   */
  readonly splats: readonly {
    readonly register: number;
    readonly source: { operand: number } | { bits: number };
  }[];
  /**
   * Registers that are gathered for every block: an operand by strides, or the position on an axis.
   */
  readonly fills: readonly {
    readonly register: number;
    readonly source: { operand: number } | { axis: number };
  }[];
  readonly instructions: readonly Instruction[];
  readonly registers: number;
}

interface Value {
  readonly opcode: Opcode;
  readonly operands: readonly number[];
}

/** One of the expressions that are compiled together. */
export interface Part {
  readonly expression: Expression;
  readonly dtypes: readonly Dtype[];
  /** Argument i is an operand of the whole, or the value of an earlier part. */
  readonly sources: readonly ({ readonly operand: number } | { readonly part: number })[];
}

/** Compiles expressions for the map kernel; the result is the value of the last. */
export function compileMap(parts: readonly Part[], access: readonly Access[]): MapProgram {
  const places: (Place | undefined)[] = [];
  const values: (Value | undefined)[] = [];
  const known = new Map<string, number>();
  const splats: { register: number; source: { operand: number } | { bits: number } }[] = [];
  const fills: { register: number; source: { operand: number } | { axis: number } }[] = [];
  let registers = 0;

  /** The number of a value; equal subexpressions share it. */
  const define = (key: string, place: () => Place | undefined, value?: Value): number => {
    const found = known.get(key);
    if (found !== undefined) return found;
    values.push(value);
    places.push(place());
    known.set(key, places.length - 1);
    return places.length - 1;
  };
  const apply = (opcode: Opcode, ...operands: number[]): number =>
    define(`${opcode} ${operands.join(' ')}`, () => undefined, { opcode, operands });
  const register = (): { at: 'register'; index: number } => ({ at: 'register', index: registers++ });
  const operandAt = (operand: number): number =>
    define(`operand ${operand}`, () => {
      if (access[operand] === 'inOrder') return { at: 'operand', index: operand };
      const place = register();
      (access[operand] === 'scalar' ? splats : fills).push({ register: place.index, source: { operand } });
      return place;
    });
  const spread = (bits: number): number =>
    define(`bits ${bits >>> 0}`, () => {
      const place = register();
      splats.push({ register: place.index, source: { bits } });
      return place;
    });
  const positionOn = (axis: number): number =>
    define(`index ${axis}`, () => {
      const place = register();
      fills.push({ register: place.index, source: { axis } });
      return place;
    });

  const visitPart = ({ expression, dtypes, sources }: Part, results: readonly number[]): number => {
    const isInteger = (e: Expression) => isIntegerExpression(e, dtypes);
    const visit = (e: Expression): number => {
      const whole = recognise(e);
      if (whole !== undefined) return apply(whole.opcode, ...whole.operands.map(visit));
      switch (e[0]) {
        case 'arg': {
          const source = sources[e[1]];
          return 'part' in source ? results[source.part] : operandAt(source.operand);
        }
        case 'const':
          return spread(e[2]);
        case 'index':
          return positionOn(e[1]);
        case 'sqrt':
          return apply('sqrt', visit(e[1]));
        case 'neg':
          return apply(isInteger(e) ? 'negI32' : 'neg', visit(e[1]));
        case 'call':
          return apply(e[1], visit(e[2]));
        case 'convert':
          return apply(e[1] === 'f32' ? 'toF32' : 'toI32', visit(e[2]));
        // Registers hold bits.
        case 'bitcast':
          return visit(e[2]);
        case 'select':
          return apply('select', visit(e[1]), visit(e[2]), visit(e[3]));
        case 'eq':
          return apply(isInteger(e[1]) ? 'eqI32' : 'eqF32', visit(e[1]), visit(e[2]));
        case 'lt':
          return apply(isInteger(e[1]) ? 'ltI32' : 'lt', visit(e[1]), visit(e[2]));
        case 'add':
          if (isInteger(e)) return apply('addI32', visit(e[1]), visit(e[2]));
          if (e[1][0] === 'mul') return apply('mulAdd', visit(e[1][1]), visit(e[1][2]), visit(e[2]));
          return apply('add', visit(e[1]), visit(e[2]));
        case 'sub':
          if (isInteger(e)) return apply('subI32', visit(e[1]), visit(e[2]));
          if (e[2][0] === 'mul') return apply('subMul', visit(e[1]), visit(e[2][1]), visit(e[2][2]));
          return apply('sub', visit(e[1]), visit(e[2]));
        case 'mul':
          return apply(isInteger(e) ? 'mulI32' : 'mul', visit(e[1]), visit(e[2]));
        default:
          return apply(e[0], visit(e[1]), visit(e[2]));
      }
    };
    return visit(expression);
  };

  const results: number[] = [];
  for (const part of parts) results.push(visitPart(part, results));
  let root = results[results.length - 1];
  if (values[root] === undefined) root = apply('copy', root);
  const lastUse = new Map<number, number>();
  for (const [id, value] of values.entries())
    for (const operand of value?.operands ?? []) lastUse.set(operand, id);
  const free: number[] = [];
  const instructions: Instruction[] = [];
  for (const [id, value] of values.entries()) {
    if (value === undefined) continue;
    const from = value.operands.map((operand) => places[operand]!);
    for (const operand of new Set(value.operands)) {
      const place = places[operand]!;
      const temporary = values[operand] !== undefined && place.at === 'register';
      if (temporary && lastUse.get(operand) === id) free.push(place.index);
    }
    const index = id === root ? undefined : (free.pop() ?? registers++);
    places[id] = index === undefined ? { at: 'out' } : { at: 'register', index };
    instructions.push({ opcode: opcodes[value.opcode], to: places[id], from });
  }
  return { splats, fills, instructions, registers };
}

/** An operation that the kernel does in one instruction, with its arguments. */
interface Whole {
  readonly opcode: 'relu' | 'reluBelow' | 'clamp' | 'sigmoid';
  readonly operands: readonly Expression[];
}

/**
 * What stands for argument 0 where `e` is `pattern`, the same everywhere; undefined if it is not.
 */
function match(pattern: Expression, e: Expression): Expression | undefined {
  let found: Expression | undefined;
  const same = (p: unknown, q: unknown, isHole: boolean): boolean => {
    if (!Array.isArray(p) || !Array.isArray(q)) return p === q;
    if (isHole && p[0] === 'arg') {
      if (found !== undefined) return same(found, q, false);
      found = q as unknown as Expression;
      return true;
    }
    return p.length === q.length && p.every((part, i) => same(part, q[i], isHole));
  };
  return same(pattern, e, true) ? found : undefined;
}

function recognise(e: Expression): Whole | undefined {
  if (e[0] === 'div') {
    const x = match(sigmoidOf, e);
    return x === undefined ? undefined : { opcode: 'sigmoid', operands: [x] };
  }
  if (e[0] !== 'select') return undefined;
  const x = match(reluOf, e);
  if (x !== undefined) return { opcode: 'relu', operands: [x] };
  const [, inside, limited] = e;
  if (inside[0] !== 'lt' || limited[0] !== 'select' || limited[1][0] !== 'lt') return undefined;
  const [low, high] = [inside[1], limited[1][2]];
  if (low[0] !== 'const' || high[0] !== 'const') return undefined;
  const clip = match(clipped(arg(0), low, high), e);
  const [least, most] = [floatOfBits(low[2]), floatOfBits(high[2])];
  // The kernel's own minimum and maximum may take the other one of two zeros.
  if (clip === undefined || !(least <= most) || most === 0 || Object.is(least, -0)) return undefined;
  if (least === 0) return { opcode: 'reluBelow', operands: [clip, high] };
  return { opcode: 'clamp', operands: [clip, low, high] };
}
