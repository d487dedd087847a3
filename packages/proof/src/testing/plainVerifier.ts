/**
 * A second verifier of integrity proofs, written from docs/specs/zk.md in BigInt, as slow as it is
 * plain. It shares with the other one nothing but the specification: no field, no hash, no layout,
 * no relation. Section numbers are those of the specification. It throws where it refuses.
 */
import { createHash } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';

const p = 2n ** 31n - 2n ** 27n + 1n;
type K = readonly [bigint, bigint, bigint, bigint];

const mod = (x: bigint) => ((x % p) + p) % p;
const k = (x: number | bigint): K => [mod(BigInt(x)), 0n, 0n, 0n];
const zero = k(0);
const one = k(1);
const map = (f: (i: number) => bigint): K => [mod(f(0)), mod(f(1)), mod(f(2)), mod(f(3))];
const add = (...all: readonly K[]): K => map((i) => all.reduce((sum, x) => sum + x[i], 0n));
const sub = (a: K, b: K): K => map((i) => a[i] - b[i]);
const mul2 = (a: K, b: K): K => {
  const c = Array<bigint>(7).fill(0n);
  for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) c[i + j] += a[i] * b[j];
  return map((i) => c[i] + 11n * (c[i + 4] ?? 0n));
};
const mul = (...all: readonly K[]): K => all.reduce(mul2, one);
const times = (a: K, b: number | bigint): K => map((i) => a[i] * BigInt(b));
const sum = (all: readonly K[]): K => all.reduce((a, b) => add(a, b), zero);
const same = (a: K, b: K) => a.every((x, i) => x === b[i]);
const power = (a: bigint, e: bigint): bigint => {
  if (e === 0n) return 1n;
  const half = power((a * a) % p, e / 2n);
  return e % 2n === 1n ? (half * a) % p : half;
};
const powersOf = (a: K, count: number): K[] => {
  const out: K[] = [];
  for (let x = one; out.length < count; x = mul(x, a)) out.push(x);
  return out;
};
const x1: K = [0n, 1n, 0n, 0n];

const log2 = (count: number) => {
  let log = 0;
  while (2 ** log < count) log++;
  return log;
};
const require = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what);
};

/** §2.3. */
const eq = (a: readonly K[], b: readonly K[]): K =>
  mul(...a.map((x, i) => add(mul(x, b[i]), mul(sub(one, x), sub(one, b[i])))));
const bitsOf = (index: number, n: number): K[] =>
  [...index.toString(2).padStart(n, '0')].slice(0, n === 0 ? 0 : undefined).map((bit) => k(Number(bit)));
/** The polynomial of these values, zeros behind, at a point. */
const at = (values: readonly (number | K)[], point: readonly K[]): K =>
  sum(
    values.map((v, i) => {
      if (v === 0) return zero;
      const weight = eq(bitsOf(i, point.length), point);
      return typeof v === 'number' ? times(weight, v) : mul(weight, v);
    }),
  );

// §3.
const bytes = (...parts: (Uint8Array | number[])[]): Uint8Array => {
  const out: number[] = [];
  for (const part of parts) for (const byte of part) out.push(byte);
  return Uint8Array.from(out);
};
const u32 = (x: number) => [x & 255, (x >> 8) & 255, (x >> 16) & 255, (x >>> 24) & 255];
const text = (s: string) => bytes(u32(s.length), new TextEncoder().encode(s));
class Chain {
  state: Uint8Array;
  constructor(domain: string) {
    this.state = keccak_256(new TextEncoder().encode(domain));
  }
  absorb(label: string, data: Uint8Array) {
    this.state = keccak_256(bytes([0], this.state, text(label), u32(data.length), data));
  }
  words(label: string, want: (words: number[]) => boolean): void {
    const words: number[] = [];
    for (let i = 0; want(words); i++) {
      const block = keccak_256(bytes([1], this.state, text(label), u32(i)));
      for (let j = 0; j < 32; j += 4) {
        words.push(block[j] + block[j + 1] * 256 + block[j + 2] * 65536 + block[j + 3] * 2 ** 24);
      }
    }
    this.state = keccak_256(bytes([2], this.state, text(label)));
  }
  elements(label: string, count: number): K[] {
    let found: bigint[] = [];
    this.words(label, (words) => {
      found = words.map((w) => BigInt(w) % 2n ** 31n).filter((w) => w < p);
      return found.length < 4 * count;
    });
    return Array.from({ length: count }, (_, i) => map((j) => found[4 * i + j]));
  }
  indices(label: string, count: number, log: number): number[] {
    let found: number[] = [];
    this.words(label, (words) => {
      found = words.map((w) => w % 2 ** log);
      return found.length < count;
    });
    return found.slice(0, count);
  }
}

const R = power(2n, 32n);
const inverseR = power(R, p - 2n);
/** §2.2: the bytes of elements. */
const encode = (all: readonly K[]) =>
  bytes(...all.flatMap((x) => x.map((limb) => u32(Number((limb * R) % p) | 0))));

class Reader {
  offset = 0;
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    this.data = data;
  }
  take(count: number): Uint8Array {
    require(this.offset + count <= this.data.length, 'bytes missing');
    this.offset += count;
    return this.data.subarray(this.offset - count, this.offset);
  }
  base(): bigint {
    const [a, b, c, d] = this.take(4);
    const word = BigInt(a) + BigInt(b) * 256n + BigInt(c) * 65536n + BigInt(d) * 2n ** 24n;
    require(word < p, 'an element that is not below p');
    return (word * inverseR) % p;
  }
  k(): K {
    const limbs = [this.base(), this.base(), this.base(), this.base()];
    return map((i) => limbs[i]);
  }
  ks(count: number): K[] {
    return Array.from({ length: count }, () => this.k());
  }
}

// §4.
interface Column {
  readonly n: number;
  readonly live: number;
}
interface Layout {
  readonly columns: readonly Column[];
  readonly offsets: readonly number[];
  readonly c: number;
  readonly s: number;
  readonly rows: readonly number[];
}
function layOut(columns: readonly Column[]): Layout {
  const order = columns.map((_, i) => i).sort((a, b) => columns[b].n - columns[a].n || a - b);
  const offsets: number[] = [];
  let total = 0;
  for (const i of order) {
    offsets[i] = total;
    total += 2 ** columns[i].n;
  }
  const rowsFor = (c: number) => {
    const rows = new Set<number>();
    for (const [i, { live }] of columns.entries()) {
      for (let v = offsets[i]; v < offsets[i] + live; v++) rows.add(Math.floor(v / 2 ** c));
    }
    return [...rows].sort((a, b) => a - b);
  };
  let best = { cost: Number.POSITIVE_INFINITY, c: 0, rows: [] as number[] };
  for (let c = 2; c <= 20; c++) {
    const rows = rowsFor(c);
    const cost = 16 * 2 ** c + 4 * 154 * rows.length + 32 * 154 * c;
    if (cost < best.cost) best = { cost, c, rows };
  }
  return { columns, offsets, c: best.c, rows: best.rows, s: log2(Math.ceil(total / 2 ** best.c)) };
}

// §6.
interface End {
  readonly r: readonly K[];
  readonly claim: K;
}
function sumcheck(chain: Chain, reader: Reader, total: K, rounds: number, degree: number): End {
  const r: K[] = [];
  let claim = total;
  for (let round = 0; round < rounds; round++) {
    const values = reader.ks(degree + 1);
    require(same(add(values[0], values[1]), claim), `round ${round}`);
    chain.absorb('round', encode(values));
    const [x] = chain.elements('round', 1);
    claim = sum(
      values.map((v, i) => {
        let factor = v;
        for (let j = 0; j <= degree; j++) {
          if (j !== i) factor = mul(factor, sub(x, k(j)), k(power(mod(BigInt(i - j)), p - 2n)));
        }
        return factor;
      }),
    );
    r.push(x);
  }
  return { r, claim };
}
const last = (point: readonly K[], n: number) => point.slice(point.length - n);
const absent = (r: readonly K[], n: number) => mul(...r.slice(0, r.length - n).map((x) => sub(one, x)));

// §5.
interface Claim {
  readonly commitment: number;
  readonly terms: readonly (readonly [K, number])[];
  readonly point: readonly K[];
  readonly value: K;
}
function open(
  chain: Chain,
  reader: Reader,
  layouts: readonly Layout[],
  roots: readonly Uint8Array[],
  claims: readonly Claim[],
) {
  const weights = powersOf(chain.elements('lambda', 1)[0], claims.length);
  const total = sum(claims.map(({ value }, i) => mul(weights[i], value)));
  const rounds = Math.max(...layouts.map(({ s }) => s));
  const { r, claim } = sumcheck(chain, reader, total, rounds, 2);
  const rows = layouts.map(({ c }) => reader.ks(2 ** c));
  // Each claim by itself: no groups.
  const end = sum(
    claims.flatMap(({ commitment, terms, point }, i) => {
      const { columns, offsets, s, c } = layouts[commitment];
      return terms.map(([coefficient, column]) => {
        const { n } = columns[column];
        const whole = [...bitsOf(offsets[column] / 2 ** n, s + c - n), ...point];
        const own = last(r, s);
        const value = at(rows[commitment], whole.slice(s));
        return mul(weights[i], coefficient, eq(whole.slice(0, s), own), value, absent(r, s));
      });
    }),
  );
  require(same(end, claim), 'rows that do not give the claims');
  for (const [i, row] of rows.entries()) chain.absorb(`row ${i}`, encode(row));
  for (const [i, { c, s, rows: live }] of layouts.entries()) {
    const depth = c + 2;
    const positions = [...new Set(chain.indices(`queries ${i}`, 154, depth))].sort((a, b) => a - b);
    const w = power(power(0x1a427a41n, 2n ** BigInt(27 - depth)), 1n);
    let known = new Map<number, Uint8Array>();
    for (const q of positions) {
      const from = reader.offset;
      const entries = live.map(() => reader.base());
      known.set(q, keccak_256(bytes(u32(0), u32(q), reader.data.subarray(from, reader.offset))));
      const reversed = Number.parseInt([...q.toString(2).padStart(depth, '0')].reverse().join(''), 2);
      const x = power(w, BigInt(reversed));
      const value = rows[i].reduceRight((acc, coefficient) => add(times(acc, x), coefficient), zero);
      const expected = sum(entries.map((entry, j) => times(eq(bitsOf(live[j], s), last(r, s)), entry)));
      require(same(value, expected), `position ${q} of commitment ${i}`);
    }
    for (let h = 1; h <= depth; h++) {
      const above = new Map<number, Uint8Array>();
      const missing = [...known.keys()].filter((index) => !known.has(index ^ 1));
      for (const index of missing) known.set(index ^ 1, reader.take(32));
      for (const index of [...known.keys()].sort((a, b) => a - b)) {
        if (index % 2 === 1) continue;
        above.set(index / 2, keccak_256(bytes(u32(1), u32(h), known.get(index)!, known.get(index + 1)!)));
      }
      known = new Map([...above].sort(([a], [b]) => a - b));
    }
    require(String(known.get(0)) === String(roots[i]), `root of commitment ${i}`);
  }
}

// §7. The program as plain data; what is malformed is not this verifier's business.
interface Requantise {
  readonly shift: readonly number[];
  readonly zero: readonly number[];
  readonly low: number;
  readonly high: number;
}
/** A layer of any kind; fields that it lacks are undefined. */
interface PlainLayer {
  readonly kind: string;
  readonly source: number;
  readonly size?: number;
  readonly channels?: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly before?: readonly [number, number];
  readonly after?: readonly [number, number];
  readonly biasBits?: number;
  readonly requantise?: Requantise | null;
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
  readonly factors?: readonly [readonly number[], readonly number[]];
  readonly table?: number;
  readonly offsets?: readonly number[];
  readonly other?: number;
  readonly others?: readonly unknown[];
  readonly outer?: number;
  readonly shape?: readonly number[];
  readonly matrix?: readonly (readonly number[])[];
  readonly offset?: readonly number[];
}
/** A program as JSON has it. */
export interface PlainProgram {
  readonly input: { readonly shape: readonly number[]; readonly low: number; readonly high: number };
  readonly layers: readonly PlainLayer[];
  readonly tables: readonly { readonly low: number; readonly values: readonly number[] }[];
  readonly output: string;
}

/** What an addition adds to its source. */
const termsOf = ({ others }: PlainLayer) => others as readonly { source: number; factor: number }[];

interface Tensor {
  /** [extent, variables] of each axis. */
  readonly axes: readonly (readonly [number, number])[];
  readonly low: number;
  readonly high: number;
  readonly isSum: boolean;
  readonly excess: readonly number[];
}
const axesOf = (shape: readonly number[]) =>
  shape.map((size, i) => [size, Math.max(i === 0 || i === shape.length - 1 ? 2 : 0, log2(size))] as const);
const variables = (axes: readonly (readonly [number, number])[]) => axes.reduce((n, [, v]) => n + v, 0);
const bitCount = (x: number) => (x === 0 ? 0 : x.toString(2).length);
const half = (s: number) => (s === 0 ? 0 : 2 ** (s - 1));

/** §8.3 and §7.7: the bits by which the sums of each channel can leave the range. */
const excessOf = (own: Requantise, least: number, most: number): number[] => {
  require(least > -Number(p) && most < Number(p), 'sums that are not between -p and p');
  return own.shift.map((s, j) => {
    const round = (x: number) => Math.floor((x + half(s)) / 2 ** s) + own.zero[j];
    const bits = bitCount(Math.max(0, round(most) - own.high, own.low - round(least)));
    const top = 2 ** s * (own.high + 2 ** bits - 1 - own.zero[j]) + 2 ** s - 1 - half(s);
    const bottom = 2 ** s * (own.low - 2 ** bits + 1 - own.zero[j]) - half(s);
    require(Math.max(top - least, most - bottom) < Number(p), 'sums that wrap');
    return bits;
  });
};

/** §7.7: each constant is the only integer of its size that stands for its element. */
function requireConstants({ input, layers, tables }: PlainProgram): void {
  const all = [input.low, input.high];
  for (const { low, values } of tables)
    for (const v of [low, low + values.length - 1, ...values]) all.push(v);
  for (const { requantise: own, offsets } of layers) {
    for (const v of offsets ?? []) all.push(v);
    if (own !== null && own !== undefined) for (const v of [own.low, own.high, ...own.zero]) all.push(v);
  }
  require(all.every((v) => Number.isInteger(v) && 2 * Math.abs(v) < Number(p)), 'constants beyond p / 2');
}

function tensorsOf(program: PlainProgram): Tensor[] {
  requireConstants(program);
  const { shape, low, high } = program.input;
  const tensors: Tensor[] = [{ axes: axesOf(shape), low, high, isSum: false, excess: [] }];
  for (const layer of program.layers) {
    const source = tensors[layer.source];
    const extents = source.axes.map(([size]) => size);
    if (layer.kind === 'lookup') {
      const { values } = program.tables[layer.table!];
      tensors.push({ ...source, low: Math.min(...values), high: Math.max(...values), excess: [] });
      continue;
    }
    const outOf = (i: number) => {
      const covered = (layer.kernel![i] - 1) * layer.dilation![i] + 1;
      const whole = extents[i + 1] + layer.before![i] + layer.after![i];
      return Math.floor((whole - covered) / layer.stride![i]) + 1;
    };
    if (layer.kind === 'join' || layer.kind === 'view') {
      const read = layer.kind === 'view' ? [] : (layer.others as readonly number[]);
      const all = [source, ...read.map((number) => tensors[number])];
      const lows = all.map(({ low }) => low);
      const highs = all.map(({ high }) => high);
      if (layer.kind === 'view') {
        lows.push(0);
        highs.push(0);
      }
      const axes = axesOf(layer.shape!);
      tensors.push({ axes, low: Math.min(...lows), high: Math.max(...highs), isSum: false, excess: [] });
      continue;
    }
    if (layer.kind === 'maximum') {
      tensors.push({ ...source, axes: axesOf([extents[0], outOf(0), outOf(1)]), excess: [] });
      continue;
    }
    if (layer.kind === 'sum' || layer.kind === 'add' || layer.kind === 'multiply') {
      let ends: number[];
      if (layer.kind === 'sum') {
        const most = layer.factors!.map((list) => Math.max(...list));
        const times = layer.kernel![0] * layer.kernel![1] * most[0] * most[1];
        ends = [times * Math.min(source.low, 0), times * Math.max(source.high, 0)];
      } else if (layer.kind === 'multiply') {
        const second = tensors[layer.other!];
        ends = [second.low, second.high].flatMap((y) => [source.low * y, source.high * y]);
      } else {
        ends = [source.low, source.high];
        for (const { source: number, factor } of termsOf(layer)) {
          const both = [tensors[number].low * factor, tensors[number].high * factor];
          ends = [ends[0] + Math.min(...both), ends[1] + Math.max(...both)];
        }
      }
      const shape = layer.kind === 'sum' ? [extents[0], outOf(0), outOf(1)] : extents;
      const { low: to, high: from } = layer.requantise!;
      const excess = excessOf(layer.requantise!, Math.min(...ends), Math.max(...ends));
      tensors.push({ axes: axesOf(shape), low: to, high: from, isSum: false, excess });
      continue;
    }
    const axes = axesOf(layer.kind === 'dense' ? [layer.size!] : [layer.channels!, outOf(0), outOf(1)]);
    const terms =
      layer.kind === 'dense'
        ? extents.reduce((a, b) => a * b, 1)
        : (extents[0] / layer.groups!) * layer.kernel![0] * layer.kernel![1];
    const ends = [source.low * -128, source.low * 127, source.high * -128, source.high * 127, 0];
    const least = terms * Math.min(...ends) - 2 ** layer.biasBits!;
    const most = terms * Math.max(...ends) + 2 ** layer.biasBits! - 1;
    const own = layer.requantise;
    if (own === null || own === undefined) {
      tensors.push({ axes, low: least, high: most, isSum: true, excess: [] });
      continue;
    }
    const excess = excessOf(own, least, most);
    tensors.push({ axes, low: own.low, high: own.high, isSum: false, excess });
  }
  return tensors;
}

// §8. A component reads values of columns and gives what has to be zero, what sums equal, look-ups.
interface Shown {
  readonly zeros: readonly K[];
  readonly sums: readonly K[];
  readonly lookups: readonly { readonly tag: K; readonly a: K; readonly b?: K }[];
}
interface Use {
  /** -1: the public input. */
  readonly commitment: number;
  readonly column: number;
  /** It depends on that many of the first variables only. */
  readonly leading?: number;
}
interface Component {
  readonly n: number;
  readonly rowN: number;
  readonly uses: readonly Use[];
  readonly lookups: number;
  show(values: readonly K[], point: readonly K[]): Shown;
}
interface Product {
  readonly left: Use;
  /** Of an addition: the others, with their factors. */
  readonly terms?: readonly (readonly [Use, number])[];
  /** Of values that are moved: where to and where from. */
  readonly moves?: readonly (readonly [number, number])[];
  readonly source: Tensor;
  readonly layer: PlainLayer;
  readonly outer: Tensor;
  readonly weights: number;
  readonly innerN: number;
  readonly component: number;
}
interface Relations {
  readonly weights: Column[];
  readonly witness: Column[];
  readonly components: Component[];
  readonly products: Product[];
  readonly output: number;
}

const innerAxes = (layer: PlainLayer, source: Tensor) =>
  layer.kind === 'dense'
    ? source.axes
    : [source.axes[0], ...layer.kernel!.map((size) => [size, log2(size)] as const)];
/** The axes of a column of weights, k first. */
const weightAxes = (layer: PlainLayer, source: Tensor, target: Tensor) => [
  ...innerAxes(layer, source),
  (layer.groups ?? 1) > 1 ? axesOf([layer.channels! / layer.groups!])[0] : target.axes[0],
];
const isGrouped = ({ groups }: PlainLayer) => (groups ?? 1) > 1;

/** Where the real positions of axes are among the padded ones, in row-major order. */
const placesOf = ({ axes }: Tensor): number[] => {
  let places = [0];
  for (const [size, v] of axes) {
    places = places.flatMap((place) => Array.from({ length: size }, (_, i) => place * 2 ** v + i));
  }
  return places;
};

/** §8.11: [to, from] of each value that a layer takes from one of its tensors. */
function movesOf(layer: PlainLayer, sources: readonly Tensor[], target: Tensor): [number, number][][] {
  const to = placesOf(target);
  if (layer.kind === 'join') {
    const blocks = sources.map((source) => placesOf(source).length / layer.outer!);
    const moves: [number, number][][] = sources.map(() => []);
    let next = 0;
    for (let block = 0; block < layer.outer!; block++) {
      for (const [i, source] of sources.entries()) {
        const from = placesOf(source);
        for (let k = 0; k < blocks[i]; k++) moves[i].push([to[next++], from[block * blocks[i] + k]]);
      }
    }
    return moves;
  }
  const [{ axes }] = sources;
  const own: [number, number][] = [];
  for (const [n, place] of to.entries()) {
    const index: number[] = [];
    let rest = n;
    for (const extent of [...layer.shape!].reverse()) {
      index.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const read = layer.matrix!.map((row, i) =>
      row.reduce((total, factor, j) => total + factor * index[j], layer.offset![i]),
    );
    if (read.some((x, i) => x < 0 || x >= axes[i][0])) continue;
    own.push([place, read.reduce((flat, x, i) => flat * 2 ** axes[i][1] + x, 0)]);
  }
  return [own];
}

const mask = (axes: readonly (readonly [number, number])[], point: readonly K[]): K => {
  let from = 0;
  return mul(...axes.map(([size, v]) => at(Array(size).fill(1), point.slice(from, (from += v)))));
};

/** The columns of weights and biases. */
function weightColumns(program: PlainProgram, tensors: readonly Tensor[]): Column[] {
  return program.layers.flatMap((layer, i) => {
    if (layer.biasBits === undefined) return [];
    const axes = weightAxes(layer, tensors[layer.source], tensors[i + 1]);
    const [size, v] = tensors[i + 1].axes[0];
    const live = axes.slice(0, -1).reduce((index, [extent, n]) => index * 2 ** n + extent - 1, 0) + 1;
    return [
      { n: variables(axes), live: live * 2 ** axes[axes.length - 1][1] },
      { n: v, live: size },
    ];
  });
}

/** §9.3. */
function registrationRelations(program: PlainProgram, tensors: readonly Tensor[]): Relations {
  const witness: Column[] = [];
  const components: Component[] = [];
  let column = 0;
  for (const [i, layer] of program.layers.entries()) {
    if (layer.biasBits === undefined) continue;
    const axes = weightAxes(layer, tensors[layer.source], tensors[i + 1]);
    components.push({
      n: variables(axes),
      rowN: 0,
      uses: [{ commitment: 0, column: column++ }],
      lookups: 1,
      show: ([w], point) => {
        const m = mask(axes, point);
        return { zeros: [], sums: [], lookups: [{ tag: times(m, 8), a: add(w, times(m, 128)) }] };
      },
    });
    const [size, v] = tensors[i + 1].axes[0];
    const bits = layer.biasBits + 1;
    const limbs = Array.from({ length: Math.ceil(bits / 8) }, () => witness.push({ n: v, live: size }) - 1);
    const offset = 2 ** layer.biasBits;
    components.push({
      n: v,
      rowN: 0,
      uses: [{ commitment: 0, column: column++ }, ...limbs.map((limb) => ({ commitment: 1, column: limb }))],
      lookups: limbs.length,
      show: ([bias, ...own], point) => {
        const m = mask([[size, v]], point);
        const total = sum(own.map((limb, j) => times(limb, 256 ** j)));
        return {
          zeros: [sub(add(bias, times(m, offset)), total)],
          sums: [],
          lookups: own.map((a, j) => ({ tag: times(m, Math.min(8, bits - 8 * j)), a })),
        };
      },
    });
  }
  return { weights: weightColumns(program, tensors), witness, components, products: [], output: -1 };
}

/** §8.3 to §8.6, §8.9. */
function inferenceRelations(
  program: PlainProgram,
  tensors: readonly Tensor[],
  rows: number,
  positions: readonly number[],
): Relations {
  const witness: Column[] = [];
  const components: Component[] = [];
  const products: Product[] = [];
  const rowN = log2(rows);
  const uses: Use[] = [{ commitment: -1, column: -1 }];
  let weights = 0;
  for (const [i, layer] of program.layers.entries()) {
    const [source, target] = [tensors[layer.source], tensors[i + 1]];
    const n = rowN + variables(target.axes);
    const fresh = (): Use => ({
      commitment: 1,
      column: witness.push({ n, live: rows * 2 ** variables(target.axes) }) - 1,
    });
    const all = [[rows, rowN] as const, ...target.axes];
    /** Values by channel, masked elsewhere. */
    const channelAt = (values: readonly number[], point: readonly K[]) => {
      const v = target.axes[0][1];
      return mul(
        mask([[rows, rowN]], point.slice(0, rowN)),
        at(values, point.slice(rowN, rowN + v)),
        mask(target.axes.slice(1), point.slice(rowN + v)),
      );
    };
    const push = (own: readonly Use[], lookups: number, show: Component['show']) =>
      components.push({ n, rowN, uses: own, lookups, show });
    if (layer.biasBits !== undefined) {
      const hasComponent = (layer.requantise ?? null) !== null || program.output === 'position';
      products.push({
        left: uses[layer.source],
        source,
        layer,
        outer: target,
        weights,
        innerN: variables(isGrouped(layer) ? weightAxes(layer, source, target) : innerAxes(layer, source)),
        component: hasComponent ? components.length : -1,
      });
      weights += 2;
    }
    if (layer.kind === 'sum' || layer.kind === 'add') {
      products.push({
        left: uses[layer.source],
        ...(layer.kind === 'add'
          ? { terms: termsOf(layer).map(({ source: number, factor }) => [uses[number], factor] as const) }
          : {}),
        source,
        layer,
        outer: target,
        weights: -1,
        innerN: layer.kind === 'add' ? 0 : variables(source.axes),
        component: components.length,
      });
    }
    if (layer.kind === 'lookup') {
      const y = fresh();
      push([uses[layer.source], y], 1, ([a, b], point) => ({
        zeros: [],
        sums: [],
        lookups: [
          {
            tag: times(mask(all, point), 9 + layer.table!),
            a: layer.offsets!.length === 0 ? a : add(a, channelAt(layer.offsets!, point)),
            b,
          },
        ],
      }));
      uses.push(y);
      continue;
    }
    if (layer.kind === 'join' || layer.kind === 'view') {
      const numbers = [layer.source, ...(layer.kind === 'join' ? (layer.others as readonly number[]) : [])];
      const moves = movesOf(
        layer,
        numbers.map((number) => tensors[number]),
        target,
      );
      for (const [j, number] of numbers.entries()) {
        products.push({
          left: uses[number],
          moves: moves[j],
          source: tensors[number],
          layer,
          outer: target,
          weights: -1,
          innerN: variables(tensors[number].axes),
          component: components.length,
        });
      }
      const y = fresh();
      push([y], 0, ([value]) => ({ zeros: [], sums: [value], lookups: [] }));
      uses.push(y);
      continue;
    }
    if (layer.kind === 'maximum') {
      const y = fresh();
      const places = layer.kernel![0] * layer.kernel![1];
      const gaps = Array.from({ length: places }, fresh);
      const partial: Use[] = [];
      for (let left = places; left > 3; left -= 2) partial.push(fresh());
      products.push({
        left: uses[layer.source],
        source,
        layer,
        outer: target,
        weights: -1,
        innerN: variables(source.axes),
        component: components.length,
      });
      const width = bitCount(source.high - source.low);
      push([y, ...gaps, ...partial], places, ([top, ...own], point) => {
        const [g, products] = [own.slice(0, places), own.slice(places)];
        const zeros: K[] = [];
        let factors = g;
        for (const product of products) {
          zeros.push(sub(product, mul(factors[0], factors[1], factors[2])));
          factors = [product, ...factors.slice(3)];
        }
        zeros.push(mul(...factors));
        const tag = times(mask(all, point), width);
        return { zeros, sums: g.map((gap) => sub(top, gap)), lookups: g.map((a) => ({ tag, a })) };
      });
      uses.push(y);
      continue;
    }
    const own = layer.requantise ?? null;
    if (own === null) {
      uses.push({ commitment: -1, column: -1 });
      continue;
    }
    const { shift, zero: zeroPoints, low, high } = own;
    const width = bitCount(high - low);
    const isFull = high - low + 1 === 2 ** width;
    const limbCount = (bits: number) => Math.ceil(bits / 8);
    const order: Use[] = [];
    const take = (count: number) =>
      Array.from({ length: count }, () => {
        const use = fresh();
        order.push(use);
        return order.length - 1;
      });
    const [y] = take(1);
    const rangeLimbs = limbCount(width) > 1 ? limbCount(width) : 0;
    const above = take(rangeLimbs);
    const below = take(isFull ? 0 : rangeLimbs);
    const remainder = take(limbCount(Math.max(...shift)));
    const hasExcess = target.excess.some((bits) => bits > 0);
    const sign = take(hasExcess ? 1 : 0);
    const excess = take(hasExcess ? limbCount(Math.max(...target.excess)) : 0);
    const limbWidth = (bits: number, limb: number) => Math.min(8, Math.max(0, bits - 8 * limb));
    const factors =
      layer.kind === 'multiply'
        ? [layer.source, layer.other!].map((number): number => {
            const isShort = tensors[number].axes.length < target.axes.length;
            const leading = rowN + variables(tensors[number].axes);
            order.push(isShort ? { ...uses[number], leading } : uses[number]);
            return order.length - 1;
          })
        : [];
    const rangeLookups = (isFull ? 1 : 2) * Math.max(1, rangeLimbs);
    push(order, rangeLookups + remainder.length + excess.length, (v, point) => {
      const m = mask(all, point);
      const lookups: { tag: K; a: K }[] = [];
      const zeros: K[] = [];
      const number = (limbs: readonly number[]) => sum(limbs.map((limb, j) => times(v[limb], 256 ** j)));
      const bound = (value: K, limbs: readonly number[]) => {
        if (limbs.length === 0) {
          lookups.push({ tag: times(m, width), a: value });
          return;
        }
        for (const [j, limb] of limbs.entries()) {
          lookups.push({ tag: times(m, limbWidth(width, j)), a: v[limb] });
        }
        zeros.push(sub(value, number(limbs)));
      };
      const lowest = sub(v[y], times(m, low));
      bound(lowest, above);
      if (!isFull) bound(sub(times(m, high), v[y]), below);
      for (const [j, limb] of remainder.entries()) {
        lookups.push({
          tag: channelAt(
            shift.map((bits) => limbWidth(bits, j)),
            point,
          ),
          a: v[limb],
        });
      }
      let value = v[y];
      if (hasExcess) {
        const s = v[sign[0]];
        const e = number(excess);
        zeros.push(sub(mul(s, s), mul(s, m)));
        zeros.push(mul(e, sub(lowest, times(s, high - low))));
        for (const [j, limb] of excess.entries()) {
          lookups.push({
            tag: channelAt(
              target.excess.map((bits) => limbWidth(bits, j)),
              point,
            ),
            a: v[limb],
          });
        }
        value = add(value, mul(sub(times(s, 2), m), e));
      }
      const scaled = mul(
        channelAt(
          shift.map((bits) => 2 ** bits),
          point,
        ),
        sub(value, channelAt(zeroPoints, point)),
      );
      const acc = add(sub(scaled, channelAt(shift.map(half), point)), number(remainder));
      if (factors.length === 0) return { zeros, sums: [acc], lookups };
      return { zeros: [...zeros, sub(acc, mul(v[factors[0]], v[factors[1]]))], sums: [], lookups };
    });
    uses.push(order[y]);
  }
  const final = tensors[tensors.length - 1];
  if (program.output === 'position') {
    const [size, v] = final.axes[0];
    const gapBits = bitCount(final.high - final.low);
    const top = witness.push({ n: rowN, live: rows }) - 1;
    const limbs = Array.from(
      { length: Math.ceil(gapBits / 8) },
      () => witness.push({ n: rowN + v, live: rows * 2 ** v }) - 1,
    );
    components.push({
      n: rowN + v,
      rowN,
      uses: [
        { commitment: 1, column: top, leading: rowN },
        ...limbs.map((column) => ({ commitment: 1, column })),
        ...(final.isSum ? [] : [uses[uses.length - 1]]),
      ],
      lookups: limbs.length,
      show: ([highest, ...rest], point) => {
        const own = rest.slice(0, limbs.length);
        const m = mask(
          [
            [rows, rowN],
            [size, v],
          ],
          point,
        );
        const [row, position] = [point.slice(0, rowN), point.slice(rowN)];
        const overRows = (values: (a: number) => number[]) =>
          sum(positions.map((a, b) => mul(eq(bitsOf(b, rowN), row), at(values(a), position))));
        const best = overRows((a) => [...Array(a).fill(0), 1]);
        const before = overRows((a) => Array(a).fill(1));
        const gap = sum(own.map((limb, j) => times(limb, 256 ** j)));
        const value = sub(sub(mul(highest, m), before), gap);
        const zeros = limbs.length === 0 ? [] : [mul(best, gap)];
        if (!final.isSum) zeros.push(sub(value, rest[limbs.length]));
        return {
          zeros,
          sums: final.isSum ? [value] : [],
          lookups: own.map((a, j) => ({ tag: times(m, Math.min(8, gapBits - 8 * j)), a })),
        };
      },
    });
  }
  const result = uses[uses.length - 1];
  const output = program.output === 'values' && !final.isSum ? result.column : -1;
  return { weights: weightColumns(program, tensors), witness, components, products, output };
}

/** §8.1, as three columns. */
function tableOf(program: PlainProgram) {
  const rows: [number, number, number][] = [];
  for (let width = 0; width <= 8; width++) for (let v = 0; v < 2 ** width; v++) rows.push([width, v, 0]);
  for (const [i, { low, values }] of program.tables.entries()) {
    for (const [x, value] of values.entries()) rows.push([9 + i, low + x, value]);
  }
  return { n: log2(rows.length), columns: [0, 1, 2].map((j) => rows.map((row) => row[j])) };
}

interface Public {
  readonly rows: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** §10 from step 3. */
function verifyRelations(
  chain: Chain,
  proof: Uint8Array,
  program: PlainProgram,
  tensors: readonly Tensor[],
  relations: Relations,
  commitment: Uint8Array,
  statement: Public,
) {
  const reader = new Reader(proof);
  const table = tableOf(program);
  const { weights, witness, components, products } = relations;
  const rowN = log2(statement.rows);
  const multiplicity = witness.push({ n: table.n, live: 2 ** table.n }) - 1;
  const pairs = [
    ...components.map(({ n, lookups }) => [n, Math.ceil(lookups / 2)] as const),
    [table.n, 1] as const,
  ];
  const inverses = pairs.flatMap(([n, count]) => Array<Column>(4 * count).fill({ n, live: 2 ** n }));
  const inputAt = (batch: readonly K[], position: readonly K[]): K => {
    const { axes } = tensors[0];
    const size = axes.reduce((product, [extent]) => product * extent, 1);
    return sum(
      statement.inputs.map((x, index) => {
        let rest = index % size;
        const places = [...axes].reverse().map(([extent, v]) => {
          const bits = bitsOf(rest % extent, v);
          rest = Math.floor(rest / extent);
          return bits;
        });
        const where = [...bitsOf(Math.floor(index / size), batch.length), ...places.reverse().flat()];
        return times(eq(where, [...batch, ...position]), x);
      }),
    );
  };
  const outputAt = (point: readonly K[]): K => {
    const size = tensors[tensors.length - 1].axes[0][0];
    return sum(
      statement.outputs.map((y, i) => {
        const where = [...bitsOf(Math.floor(i / size), rowN), ...bitsOf(i % size, point.length - rowN)];
        return times(eq(where, point), y);
      }),
    );
  };

  const roots = [commitment, reader.take(32)];
  chain.absorb('witness', roots[1]);
  const [alpha, beta] = chain.elements('lookup', 2);
  roots.push(reader.take(32));
  chain.absorb('inverses', roots[2]);
  const outerN = ({ outer }: Product) => rowN + variables(outer.axes);
  const t = chain.elements(
    'point',
    Math.max(table.n, ...components.map(({ n }) => n), ...products.map(outerN)),
  );
  /** Powers of gamma of a product: none of its own where an earlier one has its component. */
  const ownPlaces = (product: Product, i: number) => {
    if (i > 0 && product.moves !== undefined && products[i - 1].component === product.component) return 0;
    return product.layer.kind === 'maximum' ? product.layer.kernel![0] * product.layer.kernel![1] : 1;
  };
  // The number of equations is only known with values: count them on zeros.
  const shapes = components.map((c) =>
    c.show(
      c.uses.map(() => zero),
      Array(c.n).fill(zero),
    ),
  );
  const count =
    products.reduce((total, product, i) => total + ownPlaces(product, i), 0) +
    shapes.reduce((total, { zeros, lookups }) => total + zeros.length + Math.ceil(lookups.length / 2), 0);
  const gammas = powersOf(chain.elements('gamma', 1)[0], count + 2);
  let next = 0;
  const productWeights: K[][] = [];
  for (const [i, product] of products.entries()) {
    const places = ownPlaces(product, i);
    productWeights.push(places === 0 ? productWeights[i - 1] : gammas.slice(next, (next += places)));
  }
  const split = (product: Product) => {
    const whole = last(t, outerN(product));
    const c = rowN + product.outer.axes[0][1];
    const y = c + (product.outer.axes[1]?.[1] ?? 0);
    return {
      whole,
      batch: whole.slice(0, rowN),
      channel: whole.slice(rowN, c),
      image: [whole.slice(c, y), whole.slice(y)],
    };
  };

  const readOf = ({ layer }: Product, axis: number, o: number, place: number) =>
    o * layer.stride![axis] + place * layer.dilation![axis] - layer.before![axis];
  /** Sum of eq(outer, o) over the outputs whose read lies inside. */
  const insideOf = (product: Product, axis: number, place: number, outer: readonly K[]): K => {
    const terms: K[] = [];
    for (let o = 0; o < product.outer.axes[axis + 1][0]; o++) {
      const read = readOf(product, axis, o, place);
      if (read >= 0 && read < product.source.axes[axis + 1][0])
        terms.push(eq(bitsOf(o, outer.length), outer));
    }
    return sum(terms);
  };
  const claims: Claim[] = [];
  const started: K[] = [];
  const readAtStart = (commitment: number, column: number, point: readonly K[]): K => {
    const value = reader.k();
    started.push(value);
    claims.push({ commitment, terms: [[one, column]], point, value });
    return value;
  };
  const total = sum(
    products.map((product, i) => {
      const { whole, batch, channel, image } = split(product);
      if (product.terms !== undefined) {
        const all = [[product.left, 1] as const, ...product.terms].map(([use, factor]) =>
          times(
            use.commitment < 0 ? inputAt(batch, whole.slice(rowN)) : readAtStart(1, use.column, whole),
            factor,
          ),
        );
        return mul(productWeights[i][0], sum(all));
      }
      if (product.layer.kind === 'maximum') {
        // What is outside of the image counts as the least value.
        const real = mask([[statement.rows, rowN], ...product.outer.axes], whole);
        const outside: K[] = [];
        for (let y = 0; y < product.layer.kernel![0]; y++) {
          for (let z = 0; z < product.layer.kernel![1]; z++) {
            const inside = [y, z].map((place, axis) => insideOf(product, axis, place, image[axis]));
            const shared = mask([[statement.rows, rowN], product.outer.axes[0]], [...batch, ...channel]);
            outside.push(mul(productWeights[i][outside.length], sub(real, mul(shared, ...inside))));
          }
        }
        return times(sum(outside), product.source.low);
      }
      if (product.layer.biasBits === undefined) return zero;
      const bias = readAtStart(0, product.weights + 1, channel);
      const others = product.outer.axes.slice(1);
      const own = mul(bias, mask([[statement.rows, rowN]], batch), mask(others, image.flat()));
      const known = product.component < 0 ? outputAt(whole) : zero;
      return mul(productWeights[i][0], sub(own, known));
    }),
  );
  chain.absorb('biases', encode(started));
  const rounds = Math.max(table.n, ...components.map(({ n }) => n), ...products.map(({ innerN }) => innerN));
  const { r, claim } = sumcheck(chain, reader, total, rounds, 4);

  const values: K[] = [];
  const read = (): K => {
    const value = reader.k();
    values.push(value);
    return value;
  };
  const readUse = (
    { commitment: i, column, leading }: Use,
    batch: readonly K[],
    position: readonly K[],
  ): K => {
    if (i < 0) return inputAt(batch, position);
    const value = read();
    claims.push({
      commitment: i,
      terms: [[one, column]],
      point: [...batch, ...position].slice(0, leading),
      value,
    });
    return value;
  };
  let pair = 0;
  const readInverse = (point: readonly K[]): K => {
    const value = read();
    const basis = powersOf(x1, 4);
    claims.push({ commitment: 2, terms: basis.map((x, j) => [x, 4 * pair + j] as const), point, value });
    pair++;
    return value;
  };
  const denominator = ({ tag, a, b }: { tag: K; a: K; b?: K }) =>
    sub(add(tag, mul(beta, a), b === undefined ? zero : mul(beta, beta, b)), alpha);
  const sumWeight = gammas[count + 1];
  let end = zero;
  for (const [i, component] of components.entries()) {
    const point = last(r, component.n);
    const own = component.uses.map((use) =>
      readUse(use, point.slice(0, component.rowN), point.slice(component.rowN)),
    );
    const h = Array.from({ length: Math.ceil(component.lookups / 2) }, () => readInverse(point));
    const { zeros, sums, lookups } = component.show(own, point);
    const terms = zeros.map((value) => mul(value, gammas[next++]));
    const product = products.findIndex((candidate) => candidate.component === i);
    for (const [j, value] of sums.entries()) terms.push(mul(value, productWeights[product][j]));
    for (const [j, inverse] of h.entries()) {
      const [d, e] = lookups.slice(2 * j, 2 * j + 2).map(denominator);
      const shown = e === undefined ? sub(mul(inverse, d), one) : sub(mul(inverse, d, e), add(d, e));
      terms.push(mul(shown, gammas[next++]));
    }
    const everywhere = mul(eq(last(t, component.n), point), sum(terms));
    end = add(end, mul(absent(r, component.n), add(everywhere, mul(sumWeight, sum(h)))));
  }
  const tablePoint = last(r, table.n);
  const m = readUse({ commitment: 1, column: multiplicity }, [], tablePoint);
  const g = readInverse(tablePoint);
  const [tag, a, b] = table.columns.map((column) => at(column, tablePoint));
  const shown = mul(
    gammas[count],
    sub(mul(g, denominator({ tag, a, b })), m),
    eq(last(t, table.n), tablePoint),
  );
  end = add(end, mul(absent(r, table.n), sub(shown, mul(sumWeight, g))));

  /** Sum over outputs of eq(outer, o) eq(inner, o stride + place - before). */
  const along = (
    product: Product,
    axis: number,
    place: number,
    outer: readonly K[],
    inner: readonly K[],
  ): K => {
    const terms: K[] = [];
    for (let o = 0; o < product.outer.axes[axis + 1][0]; o++) {
      const read = readOf(product, axis, o, place);
      if (read < 0 || read >= product.source.axes[axis + 1][0]) continue;
      const weight = mul(eq(bitsOf(o, outer.length), outer), eq(bitsOf(read, inner.length), inner));
      terms.push(times(weight, product.layer.factors?.[axis][o] ?? 1));
    }
    return sum(terms);
  };
  const imageParts = ({ source }: Product, point: readonly K[]) => {
    const c = source.axes[0][1];
    const y = c + source.axes[1][1];
    return { channel: point.slice(0, c), image: [point.slice(c, y), point.slice(y)] };
  };
  const patches: K[] = [];
  for (const [i, product] of products.entries()) {
    if (product.terms !== undefined) continue;
    const inner = last(r, product.innerN);
    const { whole, batch, channel, image } = split(product);
    const { layer } = product;
    let value: K;
    if (product.moves !== undefined) {
      const x = readUse(product.left, batch, inner);
      const position = whole.slice(rowN);
      const moved = product.moves.map(([to, from]) =>
        mul(eq(bitsOf(to, position.length), position), eq(bitsOf(from, inner.length), inner)),
      );
      value = mul(productWeights[i][0], x, sum(moved));
    } else if (layer.biasBits === undefined) {
      const x = readUse(product.left, batch, inner);
      const own = imageParts(product, inner);
      const reads: K[] = [];
      for (let y = 0; y < layer.kernel![0]; y++) {
        for (let z = 0; z < layer.kernel![1]; z++) {
          const [vertical, horizontal] = [y, z].map((place, j) =>
            along(product, j, place, image[j], own.image[j]),
          );
          const weight = productWeights[i][layer.kind === 'sum' ? 0 : reads.length];
          reads.push(mul(weight, vertical, horizontal));
        }
      }
      value = mul(x, eq(channel, own.channel), sum(reads));
    } else {
      let x: K;
      if (layer.kind === 'dense') x = readUse(product.left, batch, inner);
      else {
        x = read();
        patches.push(x);
      }
      const grouped = isGrouped(layer);
      const w = readUse({ commitment: 0, column: product.weights }, inner, grouped ? [] : channel);
      value = mul(productWeights[i][0], x, w);
      if (grouped) {
        const c = product.source.axes[0][1];
        const within = inner.slice(c + log2(layer.kernel![0]) + log2(layer.kernel![1]));
        const [inputs, outputs] = [product.source.axes[0][0], layer.channels!].map((n) => n / layer.groups!);
        const belongs: K[] = [];
        for (let input = 0; input < product.source.axes[0][0]; input++) {
          for (let o = 0; o < outputs; o++) {
            const output = Math.floor(input / inputs) * outputs + o;
            belongs.push(
              mul(
                eq(bitsOf(input, c), inner.slice(0, c)),
                eq(bitsOf(o, within.length), within),
                eq(bitsOf(output, channel.length), channel),
              ),
            );
          }
        }
        value = mul(value, sum(belongs));
      }
    }
    end = sub(end, mul(absent(r, product.innerN), value));
  }
  chain.absorb('values', encode(values));
  require(same(end, claim), 'relations');

  const convolutions = products.filter(({ layer }) => layer.kind === 'convolution');
  if (convolutions.length > 0) {
    const deltas = powersOf(chain.elements('patches', 1)[0], convolutions.length);
    const sizes = convolutions.map(({ source }) => variables(source.axes));
    const started = sum(patches.map((patch, i) => mul(deltas[i], patch)));
    const second = sumcheck(chain, reader, started, Math.max(...sizes), 2);
    const images: K[] = [];
    let finish = zero;
    for (const [i, product] of convolutions.entries()) {
      const point = last(second.r, sizes[i]);
      const { batch, image } = split(product);
      const inner = last(r, product.innerN);
      const c = product.source.axes[0][1];
      const y = c + log2(product.layer.kernel![0]);
      const kernelPoint = [inner.slice(c, y), inner.slice(y, y + log2(product.layer.kernel![1]))];
      const own = imageParts(product, point);
      const reads = [0, 1].map((axis) =>
        sum(
          Array.from({ length: product.layer.kernel![axis] }, (_, place) =>
            mul(
              eq(bitsOf(place, kernelPoint[axis].length), kernelPoint[axis]),
              along(product, axis, place, image[axis], own.image[axis]),
            ),
          ),
        ),
      );
      let x: K;
      if (product.left.commitment < 0) x = inputAt(batch, point);
      else {
        x = reader.k();
        images.push(x);
        const { commitment: j, column } = product.left;
        claims.push({ commitment: j, terms: [[one, column]], point: [...batch, ...point], value: x });
      }
      const matrix = mul(eq(inner.slice(0, c), own.channel), reads[0], reads[1]);
      finish = add(finish, mul(deltas[i], absent(second.r, sizes[i]), matrix, x));
    }
    chain.absorb('images', encode(images));
    require(same(finish, second.claim), 'patches');
  }
  if (relations.output >= 0) {
    const point = last(t, witness[relations.output].n);
    claims.push({ commitment: 1, terms: [[one, relations.output]], point, value: outputAt(point) });
  }
  open(chain, reader, [layOut(weights), layOut(witness), layOut(inverses)], roots, claims);
  require(reader.offset === reader.data.length, 'bytes left over');
}

const fromHex = (hex: string) =>
  Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const integers = (values: readonly number[]) => bytes(...values.map(u32));

/** Throws unless the registration's proof holds (§9). */
export function verifyRegistrationPlainly(
  modelId: string,
  program: PlainProgram,
  commitment: Uint8Array,
  proof: Uint8Array,
): void {
  const tensors = tensorsOf(program);
  const chain = new Chain('nonet integrity registration 1');
  chain.absorb('model', fromHex(modelId));
  const relations = registrationRelations(program, tensors);
  verifyRelations(chain, proof, program, tensors, relations, commitment, {
    rows: 1,
    inputs: [],
    outputs: [],
  });
}

/** A statement as JSON has it. */
export interface PlainStatement extends Public {
  readonly modelId: string;
  readonly context: Uint8Array;
}

/** Throws unless the proof holds (§10). */
export function verifyInferencePlainly(
  program: PlainProgram,
  commitment: Uint8Array,
  statement: PlainStatement,
  proof: Uint8Array,
): void {
  const tensors = tensorsOf(program);
  const { low, high } = program.input;
  require(statement.inputs.every((x) => x >= low && x <= high), 'inputs out of range');
  const chain = new Chain('nonet integrity inference 1');
  chain.absorb('model', fromHex(statement.modelId));
  chain.absorb('context', statement.context);
  chain.absorb('rows', integers([statement.rows]));
  chain.absorb('inputs', integers(statement.inputs));
  chain.absorb('outputs', integers(statement.outputs));
  const positions = program.output === 'position' ? statement.outputs : [];
  const relations = inferenceRelations(program, tensors, statement.rows, positions);
  verifyRelations(chain, proof, program, tensors, relations, commitment, statement);
}

/** SHA-256 in hexadecimal, for golden proofs. */
export function digestOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
