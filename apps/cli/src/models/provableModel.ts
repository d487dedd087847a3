/**
 * Models whose answers can be proven: an ONNX file, or what a run of this machine ended with. Each
 * has one input and one output of scores, and knows how its rows are read.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MisuseError } from '@nonet/core';
import { decodeCanonical } from '@nonet/core/codec';
import { parseJob, requireGraphJob, type TrainJob } from '@nonet/core/records';
import { createFileStore, fetchGraph, parametersOfModel } from '@nonet/federation';
import { type Dataset, type Graph, leavesOf, type Parameters } from '@nonet/tensor';
import { decodeDataset, readFeatureRows, readLabels } from '@nonet/tensor/datasets';
import { importClassifier } from '@nonet/tensor/onnx';
import { readDataset, readTableFile } from '../files/dataFile.ts';
import { readJsonTable, readNumbersFile } from '../files/jsonRows.ts';
import { readOnnxFile } from '../files/onnxFile.ts';
import { finalModel, findRun } from '../runs/runDirectory.ts';
import { importChoices, importForeign } from './modelChoices.ts';
import { inputsOf, misfit, noteUnknownTexts, type RowOptions, readRows } from './modelRows.ts';
import { hintAtSkipping, nameFile, schemaOf } from './tableModel.ts';

/** How a model and its rows are read. */
export interface ProvableOptions extends RowOptions {
  /** The output to prove, by its name in the file. */
  readonly output?: string | undefined;
  readonly extent?: readonly string[] | undefined;
  readonly value?: readonly string[] | undefined;
}

/** Rows for the one input of a model. */
export interface ModelRows {
  readonly features: Float32Array | Uint8Array;
  /** The number of each row in its file. */
  readonly numbers: readonly number[];
  /** The known label of each row, where all of them have one. */
  readonly labels?: Int32Array<ArrayBuffer>;
}

/** What the output of a provable model is called. */
export const scores = 'logits';

/** A model in f32 with one input, and the output `scores`. */
export interface ProvableModel {
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly input: string;
  /** Extents of one row. */
  readonly shape: readonly number[];
  /** What positions are called; empty where they have no names. */
  readonly labels: readonly string[];
  readRows(file: string): Promise<ModelRows>;
  /** The public test set of a run's job. */
  readonly testSet?: Dataset;
}

/**
 * Opens an ONNX file, or a finished run by its ID or folder. Throws `prove.model`, what reading the
 * model throws, and `run.missing` and `run.unfinished`.
 */
export async function openProvableModel(source: string, options: ProvableOptions): Promise<ProvableModel> {
  const isRun = existsSync(join(source, 'run.json')) || !existsSync(source);
  return isRun ? openRunModel(source, options) : openOnnxModel(source, options);
}

/** The model of a run that is over, with the public test set of its job. */
async function openRunModel(name: string, options: ProvableOptions): Promise<ProvableModel> {
  const run = findRun(name);
  const model = finalModel(run);
  const blobs = createFileStore(run.resolve('blobs'));
  const job = requireGraphJob(parseJob(decodeCanonical((await blobs.get(run.record.job!)).bytes)));
  const graph = await fetchGraph(job, blobs);
  const { bytes } = await blobs.get(model);
  const testSet = job.testSet === undefined ? undefined : decodeDataset((await blobs.get(job.testSet)).bytes);
  return {
    ...portsOf(graph, options.output ?? scores),
    parameters: parametersOfModel(graph, bytes),
    labels: job.data.labels,
    readRows: (file) => readJobRows(file, job.data, options),
    ...(testSet === undefined ? {} : { testSet }),
  };
}

/** Rows as the schema of a job reads them; numbers in JSON and arrays also without labels. */
async function readJobRows(
  file: string,
  schema: TrainJob['data'],
  options: ProvableOptions,
): Promise<ModelRows> {
  if (schema.table !== undefined) return readTableRows(file, schema, options);
  const width = schema.shape.reduce((product, extent) => product * extent, 1);
  const numbers = readNumbersFile(file, width);
  if (numbers !== undefined) return { features: numbers, numbers: countFrom1(numbers.length / width) };
  const { features, labels } = await readDataset(file, schema);
  return { features, labels, numbers: countFrom1(labels.length) };
}

async function readTableRows(
  file: string,
  schema: TrainJob['data'],
  { delimiter, decimal }: ProvableOptions,
): Promise<ModelRows> {
  const table = readJsonTable(file) ?? (await readTableFile(file, { delimiter, decimal }));
  const { features, rows } = nameFile(file, () => hintAtSkipping(() => readFeatureRows(table, schema)));
  if (rows.length === 0) throw noRows(file);
  const known = readLabels({ ...table, rows }, schema);
  const isComplete = known?.every((label) => label !== undefined) ?? false;
  return {
    features,
    numbers: rows.map(({ row }) => row),
    ...(isComplete ? { labels: Int32Array.from(known as readonly number[]) } : {}),
  };
}

function openOnnxModel(path: string, options: ProvableOptions): ProvableModel {
  const file = nameFile(path, () => readOnnxFile(path));
  const foreign = nameFile(path, () => importForeign(file, importChoices(options)));
  if (foreign === undefined) {
    const model = nameFile(path, () => importClassifier(file.bytes));
    const schema = schemaOf(model, path);
    return {
      ...portsOf(model.graph, options.output ?? scores),
      parameters: model.parameters,
      labels: schema.labels,
      readRows: (rows) => readTableRows(rows, schema, options),
    };
  }
  const inputs = inputsOf(foreign);
  const ports = portsOf(foreign.graph, scoresOf(foreign.graph, options.output));
  const labels = foreign.outputs.find(({ labels: texts }) => texts !== undefined)?.labels ?? [];
  return {
    ...ports,
    parameters: foreign.parameters,
    labels,
    async readRows(rows) {
      const [only] = inputs;
      const numbers = readNumbersFile(rows, only!.width);
      if (numbers !== undefined)
        return { features: numbers, numbers: countFrom1(numbers.length / only!.width) };
      const given = await readRows(inputs, rows, options);
      noteUnknownTexts(given);
      const [{ elements, numbers: lines }] = given as [(typeof given)[number]];
      if (elements.length === 0) throw noRows(rows);
      const features = Float32Array.from(elements);
      return { features, numbers: lines ?? countFrom1(features.length / only!.width) };
    },
  };
}

const countFrom1 = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const noRows = (file: string): MisuseError => misfit(`rows in ${file}`, 'none');

/** The named output, else the only one of scores; a softmax over another output is none of its own. */
function scoresOf({ nodes, outputs }: Graph, name: string | undefined): string {
  const floats = outputs.filter(({ tensor }) => nodes[tensor]!.dtype === 'f32');
  const numbers = floats.filter(({ tensor }) => {
    const node = nodes[tensor]!;
    if (node.kind !== 'softmax') return true;
    const [source] = node.operands;
    return floats.every((other) => other.tensor !== source);
  });
  const named = name ?? (numbers.length === 1 ? numbers[0]!.name : undefined);
  if (named !== undefined) return named;
  throw refuseModel(
    'one output of numbers to prove',
    outputs.map((output) => output.name).join(', '),
    'Name it: --output NAME.',
  );
}

/** The one input of a model, and the output of this name, before a softmax. */
function portsOf(graph: Graph, name: string): Pick<ProvableModel, 'graph' | 'input' | 'shape'> {
  const inputs = leavesOf(graph, 'input');
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1 || input.dtype !== 'f32') {
    const found = inputs.map((leaf) => `${leaf.name} ${leaf.dtype}`).join(', ') || 'none';
    throw refuseModel('a model with one input of numbers', found, 'Proofs cover models of one input.');
  }
  const [batch, ...shape] = input.shape;
  if (typeof batch !== 'string' || !shape.every((extent) => typeof extent === 'number')) {
    throw refuseModel(
      'an input with an open batch as its first axis, and numbers as the others',
      `[${input.shape.join(', ')}]`,
      'Fix open extents by their names, which nonet infer MODEL --describe shows: --extent NAME=1. Export the model with a dynamic batch.',
    );
  }
  const output = graph.outputs.find((each) => each.name === name);
  if (output === undefined) {
    throw refuseModel(
      `an output ${name}`,
      graph.outputs.map((each) => each.name).join(', '),
      'Name one of them: --output NAME.',
    );
  }
  const node = graph.nodes[output.tensor]!;
  // A softmax keeps the order of what it reads, and has no integers.
  const tensor = node.kind === 'softmax' ? node.operands[0]! : output.tensor;
  return { graph: { ...graph, outputs: [{ name: scores, tensor }] }, input: input.name, shape };
}

function refuseModel(expected: string, found: string, hint: string): MisuseError {
  return new MisuseError({ code: 'prove.model', expected, found, hint });
}
