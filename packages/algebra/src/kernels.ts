/**
 * The field kernels in WebAssembly over a memory of their own, and who may use which part of it.
 * What is in the memory is in Montgomery form: base elements of 4 bytes, extension elements of 16.
 * Parts are taken one after the other and given back in reverse (`mark`, `release`). A scalar twin
 * of each kernel is in babyBear.ts, quartic.ts and multilinear.ts, and in BigInt under testing/.
 */
import { fromHex, NonetError } from '@nonet/core';
import { fromMontgomery, mulBase, rootOfUnity, toMontgomery } from './babyBear.ts';
import { kernelBinary } from './kernelBinary.ts';
import { one, type Quartic } from './quartic.ts';

/** Where something lies in the memory: a byte offset, a multiple of 16. */
export type Address = number;

/** assembly/index.ts. Counts are in elements, widths and pitches in bytes. */
export interface FieldKernels {
  addVectors(out: Address, a: Address, b: Address, count: number): void;
  subVectors(out: Address, a: Address, b: Address, count: number): void;
  mulVectors(out: Address, a: Address, b: Address, count: number): void;
  scaleVector(out: Address, a: Address, factor: Address, count: number): void;
  /** `factor` is a base element in Montgomery form. */
  scaleBase(out: Address, a: Address, factor: number, count: number): void;
  shiftVector(out: Address, a: Address, term: Address, count: number): void;
  sumVector(out: Address, a: Address, count: number): void;
  dotVectors(out: Address, a: Address, b: Address, count: number): void;
  foldVector(out: Address, a: Address, challenge: Address, half: number): void;
  eqTable(out: Address, point: Address, variables: number, scale: Address): void;
  invertVector(out: Address, a: Address, count: number): number;
  liftVector(out: Address, a: Address, count: number): void;
  /** `a` is that of the limb in the first element. */
  takeLimbs(out: Address, a: Address, count: number): void;
  toMontgomery(out: Address, a: Address, count: number): void;
  combineRows(out: Address, a: Address, rows: number, columns: number, pitch: number, factors: Address): void;
  dotRows(out: Address, a: Address, rows: number, columns: number, pitch: number, factors: Address): void;
  encodeQuarter(data: Address, width: number, log: number, roots: Address): void;
  transformLayers(data: Address, width: number, log: number, first: number, roots: Address): void;
  spreadRows(out: Address, a: Address, rows: number, columns: number, width: number): void;
}

/** Bytes of an extension element. */
export const quarticSize = 16;

const pageSize = 65_536;
/** What a memory addressed by 32 bits can have. */
const maximumPages = 65_536;

let module: WebAssembly.Module | undefined;

/** A memory with its kernels. Views (`words`) hold until the next `allocate`, which may move it. */
export class FieldMemory {
  readonly memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages });
  readonly kernels: FieldKernels;
  /** Below lie the data of modules, those of others on this memory included. */
  #top = 2048;
  readonly #limit: number;
  readonly #roots = new Map<number, Address>();

  /** `limit`: bytes that may be used; beyond, `allocate` throws. */
  constructor(limit: number = maximumPages * pageSize) {
    module ??= new WebAssembly.Module(fromHex(`0x${kernelBinary}`));
    this.#limit = limit;
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.kernels = exports as unknown as FieldKernels;
  }

  /** `bytes` of the memory, of any content. Throws `algebra.memory` where there are no more. */
  allocate(bytes: number): Address {
    const at = this.#top;
    const top = at + Math.ceil(bytes / 16) * 16;
    const missing = Math.ceil((top - this.memory.buffer.byteLength) / pageSize);
    if (top > this.#limit) throw noMemory(top, this.#limit);
    if (missing > 0) {
      // An eighth more than needed, so that many small parts do not grow it many times.
      const ample = Math.min(
        missing + Math.ceil(top / 8 / pageSize),
        maximumPages - this.memory.buffer.byteLength / pageSize,
      );
      try {
        this.memory.grow(Math.max(missing, ample));
      } catch (cause) {
        throw noMemory(top, this.memory.buffer.byteLength, cause);
      }
    }
    this.#top = top;
    return at;
  }

  /** What is allocated after it is free after `release` of it. */
  mark(): Address {
    return this.#top;
  }

  /** Frees what was allocated since `mark` gave this. */
  release(mark: Address): void {
    this.#top = mark;
    for (const [log, at] of this.#roots) if (at >= mark) this.#roots.delete(log);
  }

  /** `count` words of 4 bytes from `at`. */
  words(at: Address, count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.memory.buffer, at, count);
  }

  /** `count` bytes from `at`. */
  bytes(at: Address, count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, at, count);
  }

  /** The element at `at`. */
  read(at: Address): Quartic {
    return Array.from(this.words(at, 4), fromMontgomery) as unknown as Quartic;
  }

  /** Puts an element to `at`. */
  write(at: Address, value: Quartic): void {
    const words = this.words(at, 4);
    for (let limb = 0; limb < 4; limb++) words[limb] = toMontgomery(value[limb]);
  }

  /** Elements in memory of their own. */
  place(values: readonly Quartic[]): Address {
    const at = this.allocate(values.length * quarticSize);
    for (const [i, value] of values.entries()) this.write(at + i * quarticSize, value);
    return at;
  }

  /** Base elements of 0 to p - 1 in memory of their own, zeros up to `count` of them behind. */
  placeBase(values: ArrayLike<number>, count: number = values.length): Address {
    const vectors = Math.ceil(count / 4);
    const at = this.allocate(vectors * 16);
    const words = this.words(at, 4 * vectors).fill(0);
    words.set(values);
    this.kernels.toMontgomery(at, at, vectors);
    return at;
  }

  /** eq(point, x) * scale for all x, in memory of its own. */
  placeEq(point: readonly Quartic[], scale: Quartic): Address {
    const out = this.allocate(2 ** point.length * quarticSize);
    const mark = this.mark();
    this.kernels.eqTable(out, this.place(point), point.length, this.place([scale]));
    this.release(mark);
    return out;
  }

  /**
   * The polynomial of `values`, base elements that zeros follow up to 2^n of them, at a point of n
   * variables: evaluateMultilinear of multilinear.ts for long tables.
   */
  evaluate(values: ArrayLike<number>, point: readonly Quartic[]): Quartic {
    const mark = this.mark();
    const out = this.allocate(quarticSize);
    const factors = this.placeEq(point, one);
    // Vectors of four; where the table is shorter, zeros meet whatever lies behind it.
    const columns = Math.ceil(values.length / 4) * 4;
    this.kernels.dotRows(out, this.placeBase(values), 1, columns, 4 * columns, factors);
    const value = this.read(out);
    this.release(mark);
    return value;
  }

  /** The elements of a table at these positions, in memory of their own. */
  placeAt(table: Address, positions: ArrayLike<number>): Address {
    const at = this.allocate(positions.length * quarticSize);
    const [source, target] = [new Uint32Array(this.memory.buffer), this.words(at, 4 * positions.length)];
    for (let i = 0; i < positions.length; i++) {
      const from = table / 4 + 4 * positions[i];
      for (let limb = 0; limb < 4; limb++) target[4 * i + limb] = source[from + limb];
    }
    return at;
  }

  /** The first half of the powers of a root of unity of order 2^log, kept for the next caller. */
  roots(log: number): Address {
    const known = this.#roots.get(log);
    if (known !== undefined) return known;
    const root = rootOfUnity(log);
    const values = new Uint32Array(2 ** (log - 1));
    for (let i = 0, power = 1; i < values.length; i++, power = mulBase(power, root)) values[i] = power;
    const at = this.placeBase(values);
    this.#roots.set(log, at);
    return at;
  }
}

function noMemory(needed: number, found: number, cause?: unknown): NonetError {
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return new NonetError({
    code: 'algebra.memory',
    expected: `${megabytes(needed)} of memory`,
    found: megabytes(found),
    hint: 'Take a smaller batch or a smaller model.',
    cause,
  });
}
