/**
 * From a model in f32 and rows to a file of proven answers: quantises, registers, proves batch by
 * batch, and says on the way what it found and what it takes.
 */
import { existsSync } from 'node:fs';
import { type Address, addressOf, MisuseError } from '@nonet/core';
import {
  createProver,
  encodeInputs,
  encodeProofFile,
  type IntegerModel,
  makeIntegerModel,
  type Prover,
  provenRows,
} from '@nonet/proof/zk';
import { type RegisteredModel, verifyRegistration } from '@nonet/proof/zk/verify';
import type { Dataset } from '@nonet/tensor';
import { estimateQuantisation, measureQuantised, type QuantisationReport } from '@nonet/tensor/quantise';
import { readBytes } from '../files/dataFile.ts';
import { writeWhole } from '../files/writeWhole.ts';
import { type ModelRows, type ProvableModel, scores } from '../models/provableModel.ts';
import { formatBytes, formatSeconds, plural } from '../terminal/terminal.ts';

/** What to prove of a model, and what to say on the way. */
export interface ProveRowsOptions {
  readonly model: ProvableModel;
  readonly calibration: ModelRows;
  readonly rows: ModelRows;
  readonly answer: 'values' | 'position';
  readonly context: Uint8Array;
  /** Read if it is there, else written. */
  readonly registrationFile?: string | undefined;
  /** Told what begins, and what it will take. */
  readonly say: (text: string) => void;
}

/** Answers with their proofs, in the bytes of a proof file. */
export interface ProvenAnswers {
  readonly modelId: Address;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The canonical registration. */
  readonly registration: Uint8Array;
  /** Of each row: a position, or all scores. */
  readonly outputs: readonly (readonly number[])[];
  /** What one unit of a score stands for. */
  readonly scale: number;
  readonly report: QuantisationReport;
  /** Whether the report's accuracies are against labels that are known. */
  readonly isLabelled: boolean;
  readonly seconds: { readonly quantising: number; readonly registering: number; readonly proving: number };
  /** Bytes of memory that the prover took at most. */
  readonly memory: number;
}

/** Examples that the report is measured over, at most. */
const mostMeasured = 1000;

/** Throws what quantising, compiling and proving throw. */
export async function proveRows(options: ProveRowsOptions): Promise<ProvenAnswers> {
  const { model, calibration, rows, answer, context, say } = options;
  const width = model.shape.reduce((product, extent) => product * extent, 1);
  const count = rows.features.length / width;
  const calibrating = { [model.input]: calibration.features };
  const cost = estimateQuantisation({ graph: model.graph, rows: calibrating }).calibration;
  const calibrated = plural(calibration.features.length / width, 'row');
  say(`quantising with ${calibrated}: about ${formatSeconds(cost.seconds)} and ${formatBytes(cost.bytes)}`);
  const lap = createClock();
  const integers = await makeIntegerModel({
    graph: model.graph,
    parameters: model.parameters,
    rows: calibrating,
    output: scores,
    answer,
  });
  const measured = calibration.labels === undefined && rows.labels !== undefined ? rows : calibration;
  const dataset = datasetOf(model, measured, integers);
  const report = await measureQuantised({ quantised: integers.quantised, dataset });
  const quantising = lap();
  const prover = createProver(integers);
  const registration = registrationOf(prover, options);
  const registering = lap();
  const together = Math.min(count, integers.program.maximumBatch);
  say(
    `proving ${plural(count, 'row')}, ${together} at a time: about ${formatBytes(prover.predictMemory(together))}`,
  );
  const inputs = await encodeInputs(integers.quantised, rows.features);
  const answers = [];
  const began = performance.now();
  for (let start = 0; start < count; start += together) {
    const batch = Math.min(together, count - start);
    const proven = prover.prove({
      inputs: inputs.subarray(start * width, (start + batch) * width),
      rows: batch,
      context,
    });
    answers.push(provenRows(proven.statement, proven.proof));
    const [done, left] = [start + batch, count - start - batch];
    if (left === 0) continue;
    const seconds = ((performance.now() - began) / 1000 / done) * left;
    say(`proved ${done} of ${plural(count, 'row')}; about ${formatSeconds(seconds)} left`);
  }
  const proving = lap();
  const stated = { labels: [...model.labels], scale: integers.scale };
  return {
    modelId: prover.modelId,
    bytes: encodeProofFile({ registration, context, stated, answers }),
    registration,
    outputs: answers.flatMap(({ rows: batch, outputs }) => splitRows(outputs, batch)),
    scale: integers.scale,
    report,
    isLabelled: calibration.labels !== undefined || rows.labels !== undefined,
    seconds: { quantising, registering, proving },
    memory: prover.memoryBytes(),
  };
}

/** Seconds since the last call. */
function createClock(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

/** Values by row. */
export function splitRows(values: ArrayLike<number>, rows: number): readonly (readonly number[])[] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, row) => Array.from(values).slice(row * width, (row + 1) * width));
}

/** Rows as examples to measure by; without known labels only agreement means something. */
function datasetOf(
  { shape, labels: names, graph }: ProvableModel,
  { features, labels }: ModelRows,
  { program }: IntegerModel,
): Dataset {
  const width = shape.reduce((product, extent) => product * extent, 1);
  const count = Math.min(mostMeasured, features.length / width);
  const node = graph.nodes[graph.outputs[0]!.tensor]!;
  const classes = Number(node.shape.at(-1));
  return {
    features: features.slice(0, count * width) as Float32Array<ArrayBuffer>,
    shape,
    labels: labels?.slice(0, count) ?? new Int32Array(count),
    vocabulary:
      names.length === classes
        ? names
        : Array.from({ length: classes }, (_, i) => `${i} of ${program.output}`),
  };
}

/** The registration that is there, if it is this model's, or a new one. */
function registrationOf(prover: Prover, { registrationFile, say }: ProveRowsOptions): Uint8Array {
  if (registrationFile !== undefined && existsSync(registrationFile)) {
    const bytes = readBytes(registrationFile, 'a registration', 'prove.registration');
    const model = acceptRegistration(bytes, registrationFile);
    if (model.modelId === prover.modelId) return bytes;
    throw new MisuseError({
      code: 'prove.registration',
      expected: `the registration of model ${prover.modelId} in ${registrationFile}`,
      found: `that of model ${model.modelId}`,
      hint: 'Another model, other calibration rows or another kind of answer make another model: name another file.',
    });
  }
  say(`registering model ${prover.modelId}`);
  const bytes = prover.register();
  if (registrationFile !== undefined) writeWhole(registrationFile, bytes);
  return bytes;
}

/** The model of a registration. Throws `prove.registration`, naming the file. */
function acceptRegistration(bytes: Uint8Array, file: string): RegisteredModel {
  const verdict = verifyRegistration(bytes);
  if (verdict.accepted) return verdict.model;
  throw new MisuseError({
    code: 'prove.registration',
    expected: `a registration in ${file}: ${verdict.expected}`,
    found: verdict.found,
  });
}

/** The address under which stores keep a registration. */
export const registrationAddress = (registration: Uint8Array): Address => addressOf(registration);
