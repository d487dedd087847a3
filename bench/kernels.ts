/**
 * Products of square matrices, n^3 multiplications and additions: ours in f32 and in int8 on one
 * thread and on two, beside jax-js and TensorFlow.js where they are installed, and beside what the
 * core could do at most without memory (multiplyAddLimit.ts). Operands lie in each library's own
 * memory and the product stays there; only int8 copies all three.
 *
 * Before anything is timed, rows of ours are compared with the scalar twin bit for bit, two threads
 * with one, and peers with ours. Then candidates take turns, so that what disturbs the machine
 * disturbs all of them. One thread is measured in its own processor time, so that what else the
 * machine does is not counted; two threads in elapsed time, so on a busy machine they show less
 * than they can.
 */
import { NonetError } from '@nonet/core';
import { createBuilder, createProgram, matmul } from '@nonet/tensor';
import { createMatrices } from '@nonet/tensor/kernels';
import { startThreads, type Threads } from '@nonet/tensor/threads';
import { multiplyInt8Twin, multiplyTwin } from '../packages/tensor/src/twins/matmul.ts';
import { createMultiplyAddLimit } from './multiplyAddLimit.ts';
import { type BenchContext, benchFigure, type Figure, type Suite } from './suite.ts';

const rounds = 9;
/** Of one sample: the system counts processor time in ticks of up to 10 ms. */
const milliseconds = 250;
/** Relative to the largest element: peers may fuse, or add in another order. */
const tolerance = 1e-5;

type Floats = Float32Array<ArrayBuffer>;

/** A product whose operands are in place. */
interface Product {
  multiply(): unknown;
  values(): Float32Array;
}

interface Candidate {
  readonly name: string;
  readonly unit: 'GFLOP/s' | 'GOP/s';
  /** Does some of its work and returns the number of operations. */
  run(): number | Promise<number>;
  readonly clock: () => number;
}

const processorTime = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const elapsedTime = () => performance.now();

/** Numbers in [-1,1) that depend on their place only. */
const scattered = (i: number, key: number) => ((Math.imul(i + 1, key) >>> 8) % 2003) / 1001.5 - 1;
const floats = (n: number, key: number): Floats =>
  Float32Array.from({ length: n * n }, (_, i) => scattered(i, key));
const bytes = (n: number, key: number) =>
  Int8Array.from({ length: n * n }, (_, i) => Math.floor(128 * scattered(i, key)));

/** By the executor, with its operands set once. */
async function createOurs(a: Floats, b: Floats, n: number, threads?: Threads) {
  const g = createBuilder();
  g.output('c', matmul(g, g.input('a', 'f32', [n, n]), g.input('b', 'f32', [n, n])));
  const program = await createProgram(g.finish(), threads === undefined ? {} : { threads });
  program.run({ a, b });
  return {
    // As `run` does, without copying the product out.
    multiply: () => program.profile(),
    values: () => program.run().c as Float32Array,
    close: () => program.close(),
  };
}

const peers = [
  { name: 'jaxjs', packageName: '@jax-js/jax', file: './jaxProduct.ts' },
  { name: 'tfjs', packageName: '@tensorflow/tfjs-backend-wasm', file: './tensorFlowProduct.ts' },
] as const;
type CreateProduct = (a: Floats, b: Floats, n: number) => Promise<Product | undefined>;

async function createPeers(context: BenchContext, a: Floats, b: Floats, n: number) {
  const products = new Map<string, Product>();
  for (const { name, packageName, file } of peers) {
    if ((await context.peer(packageName)) === undefined) continue;
    const peer = await context.peer<{ createProduct: CreateProduct }>(file);
    const product = await peer!.createProduct(a, b, n);
    if (product === undefined) context.note(`${name}: no SIMD here`);
    else products.set(name, product);
  }
  return products;
}

function assertEqual(
  who: string,
  found: Float32Array | Int32Array,
  expected: Float32Array | Int32Array,
): void {
  const at = expected.findIndex((value, i) => !Object.is(value, found[i]));
  if (at < 0) return;
  throw new NonetError({
    code: 'bench.disagree',
    expected: `${expected[at]} as element ${at} of the product, as the twin has it`,
    found: `${found[at]} from ${who}`,
  });
}

/**
 * The share of elements of a peer's product that are other numbers than ours. Throws
 * `bench.disagree` where one is far from it.
 */
function differingShare(who: string, found: ArrayLike<number>, ours: Float32Array): number {
  const largest = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let count = 0;
  for (const [i, value] of ours.entries()) {
    if (Object.is(value, found[i])) continue;
    count++;
    if (Math.abs(value - found[i]!) <= tolerance * largest) continue;
    throw new NonetError({
      code: 'bench.disagree',
      expected: `${value} within ${tolerance * largest}`,
      found: `${found[i]} from ${who}`,
    });
  }
  return count / ours.length;
}

/** All candidates at n x n, whose products have been compared. */
async function prepare(n: number, threads: Threads, context: BenchContext) {
  const [a, b] = [floats(n, 2654435761), floats(n, 2246822519)];
  const [left, right] = [bytes(n, 2654435761), bytes(n, 2246822519)].map((data) => ({
    rows: n,
    columns: n,
    data,
  }));
  context.note(`${n} x ${n}: comparing with the twin`);
  const one = await createOurs(a, b, n);
  const two = await createOurs(a, b, n, threads);
  const matrices = await createMatrices({ bytes: 6 * n * n });
  const int8 = () => matrices.multiplyInt8(left!, right!).data;
  const ours = one.values();
  const sums = int8();
  for (let row = 0; row < n; row += 61) {
    const of = <T extends Float32Array | Int8Array | Int32Array>(values: T) =>
      values.subarray(row * n, (row + 1) * n) as T;
    assertEqual('one thread', of(ours), multiplyTwin(of(a), b, 1, n, n));
    assertEqual('int8', of(sums), multiplyInt8Twin(of(left!.data), right!.data, 1, n, n));
  }
  assertEqual(`${threads.count} threads`, two.values(), ours);
  const others = await createPeers(context, a, b, n);
  const figures: Record<string, Figure> = {};
  for (const [who, product] of others) {
    const share = differingShare(who, product.values(), ours);
    figures[`${who}.f32.${n}.otherBits`] = benchFigure(share, 'fraction');
  }
  const candidate = (
    name: string,
    multiply: () => unknown,
    clock = processorTime,
    unit: Candidate['unit'] = 'GFLOP/s',
  ) => ({
    name,
    unit,
    clock,
    async run() {
      await multiply();
      return 2 * n ** 3;
    },
  });
  const candidates: Candidate[] = [
    candidate(`ours.f32.${n}.t1`, one.multiply),
    ...(threads.count === 2 ? [candidate(`ours.f32.${n}.t2`, two.multiply, elapsedTime)] : []),
    candidate(`ours.int8.${n}.t1`, int8, processorTime, 'GOP/s'),
    ...[...others].map(([who, product]) => candidate(`${who}.f32.${n}.t1`, () => product.multiply())),
  ];
  const close = () => {
    two.close();
    matrices.close();
  };
  return { candidates, figures, close };
}

/** Work for `milliseconds` on the candidate's clock; operations per nanosecond. */
async function sample({ run, clock }: Candidate): Promise<number> {
  let operations = 0;
  const start = clock();
  let spent = 0;
  while (spent < milliseconds) {
    operations += await run();
    spent = clock() - start;
  }
  return operations / spent / 1e6;
}

async function measure(
  candidates: readonly Candidate[],
  { note }: BenchContext,
): Promise<Record<string, Figure>> {
  const samples = candidates.map((): number[] => []);
  for (const candidate of candidates) await sample(candidate); // the engine compiles what is called often once more
  for (let round = 1; round <= rounds; round++) {
    note(`round ${round} of ${rounds}`);
    for (const [i, candidate] of candidates.entries()) samples[i]!.push(await sample(candidate));
  }
  return Object.fromEntries(candidates.map(({ name, unit }, i) => [name, benchFigure(samples[i]!, unit)]));
}

export const suite: Suite = {
  name: 'kernels',
  about:
    'products of f32 and int8 matrices on one thread and on two, beside the limit of 128-bit vectors without fusing',
  cells: ['performance-scalability'],
  async run(context) {
    const limit = createMultiplyAddLimit();
    const figures: Record<string, Figure> = {};
    const candidates: Candidate[] = [
      { name: 'limit.f32.t1', unit: 'GFLOP/s', clock: processorTime, run: () => limit(1_000_000) },
    ];
    const teams = [startThreads(2), startThreads(2)];
    const sizes = [512, 1024];
    const prepared = [];
    for (const [i, n] of sizes.entries()) prepared.push(await prepare(n, teams[i]!, context));
    try {
      for (const { candidates: more, figures: shares } of prepared) {
        candidates.push(...more);
        Object.assign(figures, shares);
      }
      return { ...(await measure(candidates, context)), ...figures };
    } finally {
      for (const { close } of prepared) close();
      for (const team of teams) await team.close();
    }
  },
};
