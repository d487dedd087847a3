/**
 * circom2, circomlib-ml and snarkjs on a quantised MLP; `nonet bench zk` runs it.
 *
 *     node bench/peers/groth16.ts setup FOLDER VARIANT
 *     node bench/peers/groth16.ts prove FOLDER VARIANT RUNS
 *
 * FOLDER has `model.json` (`Groth16Model`). The circuit has exactly our integers: public inputs and
 * outputs, requantisation as in docs/specs/zk.md. In the variant `private` the weights are a part of
 * the witness, by circomlib-ml's Dense, one constraint for each: the proof says that there are
 * weights that give this answer, not which ones. In the variant `fixed` they are constants of the
 * circuit, which costs no constraint, but a new circuit and a new ceremony for each model.
 *
 * `setup` compiles, makes a ceremony FOR TIMING ONLY (dummyCeremony.ts) unless it is there, and the
 * keys, without a contribution to the second phase. `prove` makes and checks proofs in one warm
 * process, keys in memory, the witness included. The last line of each is a JSON document, with
 * milliseconds of the clock and of all threads' processor time. What it is doing is on standard error.
 */
import fs, { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bindings, CircomRunner } from 'circom2';
import { groth16, r1cs, zKey } from 'snarkjs';
import { writeDummyCeremony } from './dummyCeremony.ts';

/** Of a dense layer that is requantised: docs/specs/zk.md. */
interface Groth16Layer {
  /** By input and output. */
  readonly weights: readonly number[];
  readonly bias: readonly number[];
  /** For each output. */
  readonly shift: readonly number[];
  readonly zero: readonly number[];
  /** Its range is from `low` to `low` + 2^`bits` - 1. */
  readonly low: number;
  readonly bits: number;
}

/** Two dense layers. */
interface Groth16Model {
  readonly sizes: readonly [number, number, number];
  readonly layers: readonly [Groth16Layer, Groth16Layer];
  /** Each sum that is requantised is below 2^width. */
  readonly width: number;
  readonly x: readonly number[];
  readonly values: readonly number[];
}

interface Times {
  readonly ms: number;
  readonly cpu: number;
}

const peers = fileURLToPath(new URL('.', import.meta.url));
const [command, folder, variant, runs] = process.argv.slice(2) as [
  string,
  string,
  'private' | 'fixed',
  string,
];
const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Groth16Model;
const own = join(folder, variant);
mkdirSync(own, { recursive: true });
const files = {
  circuit: join(own, 'main.circom'),
  r1cs: join(own, 'main.r1cs'),
  witness: join(own, 'main_js/main.wasm'),
  zkey: join(own, 'main.zkey'),
};

async function timed<T>(body: () => Promise<T>): Promise<Times & { readonly value: T }> {
  const before = process.cpuUsage();
  const start = performance.now();
  const value = await body();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: performance.now() - start, cpu: (user + system) / 1000 };
}

const timesOf = ({ ms, cpu }: Times): Times => ({ ms, cpu });

/** The main component, with the weights in it if they are fixed. */
function circuitText(): string {
  const { sizes, layers, width } = model;
  const list = (values: readonly number[]) => `[${values.join()}]`;
  const requantise = layers.map(
    ({ shift, zero, low, bits }) => `${list(shift)}, ${list(zero)}, ${low}, ${bits}`,
  );
  const head = 'pragma circom 2.0.0;\ninclude "quantisedMlp.circom";\n';
  if (variant === 'private') {
    return `${head}component main {public [x]} = QuantisedMlp(${sizes.join()}, ${requantise.join()}, ${width});\n`;
  }
  const units = layers.flatMap(({ weights, bias, shift, zero, low, bits }, layer) =>
    bias.map((start, j) => {
      const column = weights.filter((_, i) => i % sizes[layer + 1]! === j);
      return (
        `    unit${layer}[${j}] = FixedUnit(${sizes[layer]}, ${list(column)}, ${start});\n` +
        `    requantise${layer}[${j}] = Requantise(${shift[j]}, ${zero[j]}, ${low}, ${bits}, ${width});\n`
      );
    }),
  );
  return `${head}template FixedMlp(inputs, hidden, outputs) {
    signal input x[inputs];
    signal output values[outputs];
    component unit0[hidden];
    component unit1[outputs];
    component requantise0[hidden];
    component requantise1[outputs];
${units.join('')}    for (var j = 0; j < hidden; j++) {
        unit0[j].x <== x;
        requantise0[j].acc <== unit0[j].sum;
        for (var i = 0; i < outputs; i++) unit1[i].x[j] <== requantise0[j].y;
    }
    for (var i = 0; i < outputs; i++) {
        requantise1[i].acc <== unit1[i].sum;
        values[i] <== requantise1[i].y;
    }
}
component main {public [x]} = FixedMlp(${sizes.join()});
`;
}

async function compile(): Promise<void> {
  // Sums of products are constraints unless they are substituted, and would double the domain.
  const simplification = variant === 'private' ? '--O2' : '--O1';
  writeFileSync(files.circuit, circuitText());
  process.chdir(peers);
  const up = [...relative(join(peers, '../..'), peers).split(/[\\/]/).keys()].map((i) =>
    '../'.repeat(i + 1).slice(0, -1),
  );
  const runner = new CircomRunner({
    args: [
      relative('.', files.circuit),
      simplification,
      '--r1cs',
      '--wasm',
      '-o',
      relative('.', own),
      '-l',
      '.',
      '-l',
      'node_modules',
    ],
    env: {},
    preopens: Object.fromEntries(['.', ...up].map((path) => [path, path])),
    bindings: {
      ...bindings,
      fs,
      exit(code: number) {
        if (code !== 0) throw new Error(`circom: exit ${code}`);
      },
    },
  });
  const wasm = fileURLToPath(new URL('circom.wasm', import.meta.resolve('circom2')));
  await runner.execute(readFileSync(wasm));
}

async function setup() {
  console.error('compiling');
  const compiled = await timed(compile);
  const { nConstraints, nPubInputs, nOutputs } = await r1cs.info(files.r1cs);
  const power = Math.ceil(Math.log2(nConstraints + nPubInputs + nOutputs + 1));
  const ceremony = join(folder, `dummy${power}.ptau`);
  if (!existsSync(ceremony)) console.error(`a dummy ceremony of 2^${power}`);
  const made = existsSync(ceremony) ? undefined : await timed(() => writeDummyCeremony(ceremony, power));
  console.error(`keys of ${nConstraints} constraints`);
  const keys = await timed(() => zKey.newZKey(files.r1cs, ceremony, files.zkey));
  return {
    constraints: nConstraints,
    power,
    compile: timesOf(compiled),
    ...(made === undefined ? {} : { dummyCeremony: timesOf(made) }),
    keys: timesOf(keys),
    memory: 1024 * process.resourceUsage().maxRSS,
  };
}

async function prove() {
  const witness = new Uint8Array(readFileSync(files.witness));
  const zkey = new Uint8Array(readFileSync(files.zkey));
  const key = await zKey.exportVerificationKey(zkey);
  const { x, layers, sizes, values } = model;
  const rows = (layer: 0 | 1) =>
    Array.from({ length: sizes[layer] }, (_, k) =>
      layers[layer].weights.slice(k * sizes[layer + 1]!, (k + 1) * sizes[layer + 1]!),
    );
  const [{ bias: bias0 }, { bias: bias1 }] = layers;
  const input = variant === 'fixed' ? { x } : { x, weights0: rows(0), bias0, weights1: rows(1), bias1 };
  const proving: Times[] = [];
  const verifying: Times[] = [];
  let proofBytes = 0;
  // The first warms up.
  for (let run = 0; run <= Number(runs); run++) {
    console.error(`proof ${run + 1} of ${Number(runs) + 1}`);
    const made = await timed(() => groth16.fullProve(input, witness, zkey));
    const { proof, publicSignals } = made.value;
    const read = publicSignals.map((signal) => {
      const value = BigInt(signal);
      return Number(value > 1n << 252n ? value - prime : value);
    });
    if ([...values, ...x].some((value, i) => value !== read[i]))
      throw new Error('the circuit gives other integers');
    const checked = await timed(() => groth16.verify(key, publicSignals, proof));
    if (!checked.value) throw new Error('the proof does not verify');
    const coordinates = [proof.pi_a.slice(0, 2), proof.pi_b.slice(0, 2), proof.pi_c.slice(0, 2)].flat(2);
    proofBytes = 32 * coordinates.length;
    if (run === 0) continue;
    proving.push(timesOf(made));
    verifying.push(timesOf(checked));
  }
  const memory = 1024 * process.resourceUsage().maxRSS;
  return { prove: proving, verify: verifying, proofBytes, keyBytes: zkey.length, memory };
}

/** Of the scalar field of BN254. */
const prime = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

console.log(JSON.stringify(command === 'setup' ? await setup() : await prove()));
// Threads of snarkjs would keep the process.
process.exit();
