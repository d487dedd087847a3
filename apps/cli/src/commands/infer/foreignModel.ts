/**
 * `nonet infer` with a model that another tool exported: the rows of a table, or arrays, in the
 * order of its inputs; its outputs as columns.
 */
import { UndecidedError } from '@nonet/core';
import {
  assertWithinBudget,
  bind,
  createProgram,
  estimateRun,
  type Graph,
  leavesOf,
  type OutputValue,
  scaleBudget,
  unboundExtents,
  usualBudget,
} from '@nonet/tensor';
import type { ImportOnnxReturnType, OnnxPort } from '@nonet/tensor/onnx';
import { foreignCell, formatRecord } from '../../files/csv.ts';
import { inputsOf, misfit, noteUnknownTexts, readRows } from '../../models/modelRows.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import { dim, note, plural, print, printJson } from '../../terminal/terminal.ts';
import type { InferOptions } from './definition.ts';

/** The hint of a budget that is too small. */
export const budgetHint = 'Look at it with --describe. To let it take ten times as much: --budget 10.';

/** Rows of one run where the batch is open. */
const usualBatch = 64;

/** Columns of a table that one output may become. */
const mostColumns = 4096;

/**
 * Prints CSV, or with `json` one document: a row for each row of the file, a column for each number
 * of each output. Throws `infer.inputs` where file and model do not fit, `run.budget` beyond the
 * budget, and what reading the rows throws.
 */
export async function inferForeign(
  modelFile: string,
  model: ImportOnnxReturnType,
  rowsFile: string,
  options: InferOptions,
): Promise<void> {
  const { graph } = model;
  const batch = batchOf(graph);
  const inputs = inputsOf(model);
  const given = await readRows(inputs, rowsFile, options);
  const count = given[0] === undefined ? 1 : given[0].elements.length / given[0].input.width;
  const size = batch.fixed ?? Math.min(usualBatch, count);
  if (batch.fixed !== undefined && count % batch.fixed !== 0) {
    throw misfit(
      `a multiple of ${batch.fixed} rows, the batch of the model`,
      `${plural(count, 'row')} in ${rowsFile}`,
    );
  }
  const budget = scaleBudget(usualBudget, options.budget ?? 1);
  const bound = boundTo(graph, batch, size, budget, modelFile);
  const program = await createProgram(bound.graph);
  program.setParameters(model.parameters);
  const outputs = new Map([...model.outputs, ...model.checks].map(({ name }) => [name, [] as number[]]));
  for (let row = 0; row < count; row += bound.size) {
    const rows = Math.min(bound.size, count - row);
    for (const { input, elements } of given) {
      const memory = program.input(input.port.name);
      // Rows that fill the last batch are copies of its first: zeros might divide something.
      for (let i = 0; i < bound.size; i++) {
        const from = (row + Math.min(i, rows - 1)) * input.width;
        memory.set(elements.subarray(from, from + input.width), i * input.width);
      }
    }
    collect(program.run(), outputs, bound.size, rows);
  }
  for (const text of model.notes) note(dim(foreignText(text)));
  const numbers = given[0]?.numbers ?? Array.from({ length: count }, (_, row) => row + 1);
  noteUnknownTexts(given);
  assertAnswered(model, outputs, numbers);
  printOutputs(modelFile, model, outputs, numbers, options.json === true);
}

/** Adds the first `rows` rows of each output to what is there. */
function collect(
  found: Readonly<Record<string, OutputValue>>,
  outputs: ReadonlyMap<string, number[]>,
  size: number,
  rows: number,
): void {
  for (const [name, values] of outputs) {
    const data = found[name]!;
    const part = data.subarray(0, (data.length / size) * rows);
    for (const value of part) values.push(value);
  }
}

/** The open first axis of the inputs by its letter, or its number if the file fixes it. */
interface Batch {
  readonly name?: string;
  readonly fixed?: number;
}

function batchOf(graph: Graph): Batch {
  const open = unboundExtents(graph);
  const firsts = new Set(leavesOf(graph, 'input').flatMap(({ shape }) => shape.slice(0, 1)));
  const [first] = firsts;
  const others = open.filter((name) => name !== first);
  if (firsts.size > 1 || others.length > 0) {
    throw misfit(
      'inputs with one batch as their first axis, and numbers as the others',
      firsts.size > 1 ? `the first axes ${[...firsts].join(', ')}` : `the open extents ${others.join(', ')}`,
      'Fix extents by their names in the file, which --describe shows: --extent sequence=128.',
    );
  }
  if (typeof first === 'string') return { name: first };
  return { fixed: first ?? 1 };
}

/** The graph for `size` rows, or for one if that is beyond the budget. */
function boundTo(graph: Graph, { name }: Batch, size: number, budget: typeof usualBudget, file: string) {
  const fit = (rows: number) => {
    const bound = name === undefined ? graph : bind(graph, { [name]: rows });
    assertWithinBudget(estimateRun(bound), budget, `a run of ${file}`, budgetHint);
    return { graph: bound, size: rows };
  };
  try {
    return fit(size);
  } catch (error) {
    if (name === undefined || size === 1 || !(error instanceof UndecidedError)) throw error;
    return fit(1);
  }
}

/** Throws `infer.inputs` for the first row that a check of the model says has no answer. */
function assertAnswered(
  { checks }: ImportOnnxReturnType,
  outputs: ReadonlyMap<string, readonly number[]>,
  numbers: readonly number[],
): void {
  for (const { name, because } of checks) {
    const values = outputs.get(name)!;
    const at = values.findIndex((value) => value !== 0);
    if (at < 0) continue;
    const row = numbers[Math.floor(at / (values.length / numbers.length))];
    throw misfit(
      `rows for which the model has an answer`,
      `row ${row}: ${because}`,
      'The model would fail there, too: leave such rows out, or train it with unknown categories ignored.',
    );
  }
}

/** Labels that the file gives as texts stand for their positions. */
const shown = ({ labels }: OnnxPort, value: number): string | number => labels?.[value] ?? value;

function printOutputs(
  file: string,
  { outputs }: ImportOnnxReturnType,
  values: ReadonlyMap<string, readonly number[]>,
  numbers: readonly number[],
  json: boolean,
): void {
  const count = numbers.length;
  if (json) {
    const rowsOf = (port: OnnxPort) => {
      const all = values.get(port.name)!;
      const width = all.length / count;
      return Array.from({ length: count }, (_, row) =>
        all.slice(row * width, (row + 1) * width).map((value) => shown(port, value)),
      );
    };
    printJson({
      model: file,
      outputs: Object.fromEntries(outputs.map((port) => [port.fileName, rowsOf(port)])),
    });
    return;
  }
  const widths = outputs.map(({ name }) => values.get(name)!.length / count);
  if (widths.some((width) => !Number.isInteger(width) || width > mostColumns)) {
    throw misfit(
      `outputs of at most ${mostColumns} numbers for each row`,
      widths.join(', '),
      'Take them as a document: --json.',
    );
  }
  const names = outputs.flatMap(({ fileName }, i) =>
    widths[i] === 1 ? [fileName] : Array.from({ length: widths[i]! }, (_, k) => `${fileName}.${k}`),
  );
  print(formatRecord(['row', ...names].map((name) => foreignCell(name))));
  for (const [row, number] of numbers.entries()) {
    const cells = outputs.flatMap((port, i) =>
      values
        .get(port.name)!
        .slice(row * widths[i]!, (row + 1) * widths[i]!)
        .map((value) => foreignCell(String(shown(port, value)))),
    );
    print(formatRecord([`${number}`, ...cells]));
  }
}
