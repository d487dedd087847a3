/**
 * Other provers beside ours, for the suite `zk`: one answer of the trained digits MLP 784-128-10 by
 * circom2, circomlib-ml and snarkjs (Groth16), and of it and LeNet-5 by EZKL (Halo2). What differs,
 * and figures of a run, are in docs/proof-peers.md. snarkjs takes minutes, EZKL more, and more than
 * 5.7 GB for LeNet-5. Each is left out where it is not installed:
 *
 *     npm run bench:peers
 *     python3 -m venv build/ezkl && build/ezkl/bin/pip install -r bench/peers/requirements-ezkl.txt
 *
 * Both need a trusted setup. The ones made here are FOR TIMING ONLY: their secrets are known. They
 * are kept in `build/zkPeers`. Figures are milliseconds of the clock, and under `.cpu` of all
 * threads' processor time, which other work on the machine disturbs less.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import { createProver } from '@nonet/proof/zk';
import { bind, createProgram } from '@nonet/tensor';
import { exportOnnx } from '@nonet/tensor/onnx';
import { type BenchContext, benchFigure, type Figure } from './suite.ts';
import type { TrainedModel } from './zkTrained.ts';

const folder = fileURLToPath(new URL('../build/zkPeers', import.meta.url));
const peers = fileURLToPath(new URL('peers', import.meta.url));
const python = fileURLToPath(new URL('../build/ezkl/bin/python', import.meta.url));
/** Of a peer, after one that warms up. */
const peerRuns = 3;

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

/** Runs a program of `bench/peers` and reads the JSON document of its last line. */
function runPeer<T>(program: string, args: readonly string[]): T {
  const { status, signal, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd: peers,
    maxBuffer: 2 ** 26,
    // Its progress, and why it fails.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    throw new NonetError({
      code: 'bench.peer',
      expected: `${args.slice(0, 2).join(' ')} to end with exit status 0`,
      found: signal ?? `exit status ${status}`,
      hint: 'What it said is above. SIGKILL: the system had too little memory for it.',
    });
  }
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

const samplesOf = (times: readonly Times[], clock: keyof Times) => times.map((each) => each[clock]);
const timeFigures = (name: string, times: readonly Times[]): Readonly<Record<string, Figure>> => ({
  [name]: benchFigure(samplesOf(times, 'ms'), 'ms'),
  [`${name}.cpu`]: benchFigure(samplesOf(times, 'cpu'), 'ms'),
});

/** The two dense layers of the digits MLP for bench/peers/groth16.ts, with the answer that we prove. */
function groth16Model(model: TrainedModel) {
  const inputs = model.inputsOf(1);
  const { statement } = createProver(model).prove({ inputs, rows: 1, context: new Uint8Array(32) });
  const layers = model.program.layers.map((layer, i) => {
    if (layer.kind !== 'dense' || layer.requantise === null) throw new Error('not the digits MLP');
    const { low, high, shift, zero } = layer.requantise;
    const { weights, bias } = model.weights[i]!;
    return {
      ...{ size: layer.size, low, bits: Math.log2(high - low + 1) },
      shift: Array.from(shift),
      zero: Array.from(zero),
      weights: Array.from(weights),
      bias: Array.from(bias),
    };
  });
  const sizes = [inputs.length, ...layers.map(({ size }) => size)];
  // Of products of 8 bits, one of them signed, with a bias; and of what requantising adds to it.
  const largest = layers.flatMap(({ shift, zero, low, bias }, i) =>
    bias.map((start, j) => {
      const added = 2 ** Math.max(0, shift[j]! - 1) + Math.abs(zero[j]! - low) * 2 ** shift[j]!;
      return sizes[i]! * 2 ** 15 + Math.abs(start) + added;
    }),
  );
  const width = Math.ceil(Math.log2(Math.max(...largest)));
  return { sizes, layers, width, x: Array.from(inputs), values: Array.from(statement.outputs) };
}

/** Groth16 on the integers that we prove. */
function measureGroth16(digits: TrainedModel): Readonly<Record<string, Figure>> {
  const own = join(folder, 'digits');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'model.json'), JSON.stringify(groth16Model(digits)));
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

/** EZKL on the float model: its scales follow from weights and rows. */
async function measureEzkl(
  name: string,
  { graph, parameters, training, test }: TrainedModel,
): Promise<Readonly<Record<string, Figure>>> {
  const own = join(folder, `ezkl-${name}`);
  mkdirSync(own, { recursive: true });
  // Without softmax and argmax, which our integer program lacks, too.
  const logits = bind(
    { ...graph, nodes: graph.nodes.slice(0, -2), outputs: graph.outputs.slice(0, 1) },
    { B: 1 },
  );
  writeFileSync(join(own, 'network.onnx'), exportOnnx({ graph: logits, parameters }));
  const program = await createProgram(logits);
  program.setParameters(parameters);
  const row = test.features.slice(0, 784);
  const answer = program.run({ x: row }).logits!;
  const calibration = training.features.subarray(0, 16 * 784);
  writeFileSync(join(own, 'calibration.json'), JSON.stringify({ input_data: [[...calibration]] }));
  writeFileSync(
    join(own, 'input.json'),
    JSON.stringify({ input_data: [[...row]], output_data: [[...answer]] }),
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

/**
 * Of each prover that is installed: `snarkjs.digits.prove`, `snarkjsFixed.digits.prove`,
 * `ezkl.lenet.prove`, ... One that fails is told of, and costs its own figures only.
 */
export async function measurePeers(
  { note, peer }: BenchContext,
  models: Readonly<Record<'digits' | 'lenet', TrainedModel>>,
): Promise<Readonly<Record<string, Figure>>> {
  const figures: Record<string, Figure> = {};
  const measure = async (
    name: string,
    work: () => Readonly<Record<string, Figure>> | Promise<Readonly<Record<string, Figure>>>,
  ) => {
    note(`${name}, minutes`);
    try {
      Object.assign(figures, await work());
    } catch (error) {
      if (!(error instanceof NonetError) || error.code !== 'bench.peer') throw error;
      note(`${name} failed: ${error.message}`);
    }
  };
  if ((await peer('snarkjs')) !== undefined) {
    await measure('snarkjs on digits', () => measureGroth16(models.digits));
  }
  if (existsSync(python)) {
    for (const [name, model] of Object.entries(models)) {
      await measure(`EZKL on ${name}`, () => measureEzkl(name, model));
    }
  } else {
    note(
      'peer not installed: EZKL (python3 -m venv build/ezkl && ' +
        'build/ezkl/bin/pip install -r bench/peers/requirements-ezkl.txt installs it)',
    );
  }
  return figures;
}
