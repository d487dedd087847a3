/**
 * `nonet infer` with a model that another tool exported: the rows of a table, or arrays, in the
 * order of its inputs; its outputs as columns.
 */
import { openAsBlob } from 'node:fs';
import { extname } from 'node:path';
import { MisuseError, UndecidedError } from '@nonet/core';
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
import { openNpy, openNpz, readNumbers, type Table } from '@nonet/tensor/datasets';
import type { ImportOnnxReturnType, OnnxPort } from '@nonet/tensor/onnx';
import { foreignCell, formatRecord } from '../../files/csv.ts';
import { readTableFile } from '../../files/dataFile.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import { dim, note, plural, print, printJson, yellow } from '../../terminal/terminal.ts';
import type { InferOptions } from './definition.ts';

/** The hint of a budget that is too small. */
export const budgetHint = 'Look at it with --describe. To let it take ten times as much: --budget 10.';

/** Rows of one run where the batch is open. */
const usualBatch = 64;

/** Columns of a table that one output may become. */
const mostColumns = 4096;

interface Input {
  readonly port: OnnxPort;
  readonly dtype: 'f32' | 'i32';
  /** Elements of one row. */
  readonly width: number;
}

/** All rows of an input, row-major. */
interface Given {
  readonly input: Input;
  readonly elements: Float32Array | Int32Array;
  /** The line of a row in the file of a table; rows of arrays are counted from 1. */
  readonly numbers?: readonly number[];
  /** Of a table, with a name for each element of a row. */
  readonly columns?: readonly string[];
}

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

function misfit(expected: string, found: string, hint?: string): MisuseError {
  return new MisuseError({
    code: 'infer.inputs',
    expected,
    found: foreignText(found),
    ...(hint === undefined ? {} : { hint }),
  });
}

function inputsOf({ graph, inputs }: ImportOnnxReturnType): readonly Input[] {
  const leaves = new Map(leavesOf(graph, 'input').map((leaf) => [leaf.name, leaf]));
  return inputs.map((port) => {
    const { dtype, shape } = leaves.get(port.name)!;
    const width = shape.slice(1).reduce<number>((product, extent) => product * (extent as number), 1);
    return { port, dtype, width };
  });
}

async function readRows(
  inputs: readonly Input[],
  file: string,
  options: InferOptions,
): Promise<readonly Given[]> {
  switch (extname(file).toLowerCase()) {
    case '.npy':
      return [await readArray(onlyInput(inputs, file), await openNpy(await openAsBlob(file), file))];
    case '.npz': {
      const arrays = await openNpz(await openAsBlob(file), file);
      const given = inputs.map((input) => {
        const array = arrays.get(input.port.fileName) ?? arrays.get(input.port.name);
        if (array === undefined) {
          throw misfit(`an array ${input.port.fileName} in ${file}`, [...arrays.keys()].join(', '));
        }
        return readArray(input, array);
      });
      return assertCounts(await Promise.all(given), file);
    }
    default:
      return readColumns(inputs, await readTableFile(file, options), file, options);
  }
}

function onlyInput(inputs: readonly Input[], file: string): Input {
  const [input, ...more] = inputs;
  if (input !== undefined && more.length === 0) return input;
  throw misfit('an NPZ file with an array for each input', `${file} for ${inputs.length} inputs`);
}

async function readArray(input: Input, array: Awaited<ReturnType<typeof openNpy>>): Promise<Given> {
  const rest = array.shape.slice(1).reduce((product, extent) => product * extent, 1);
  const [rows = 1] = array.shape;
  if (array.dtype === 'text') throw misfit(`numbers in ${array.name}`, 'texts');
  if (rest !== input.width) {
    throw misfit(`${input.width} numbers in each row of ${array.name}`, `[${array.shape.join(', ')}]`);
  }
  return { input, elements: elementsOf(input, await array.read(0, rows)) };
}

function elementsOf({ dtype }: Input, values: ArrayLike<number>): Float32Array | Int32Array {
  return dtype === 'f32' ? Float32Array.from(values) : Int32Array.from(values);
}

function assertCounts(given: readonly Given[], file: string): readonly Given[] {
  const counts = new Set(given.map(({ input, elements }) => elements.length / input.width));
  if (counts.size <= 1) return given;
  throw misfit(`as many rows for each input in ${file}`, [...counts].join(', '));
}

/** Which columns of a table go into which input: by name, or else all of them in order. */
function readColumns(
  inputs: readonly Input[],
  table: Table,
  file: string,
  { columns: wanted }: InferOptions,
): readonly Given[] {
  const find = (name: string) =>
    table.columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
  const named = inputs.map(({ port }) => find(port.fileName));
  const total = inputs.reduce((sum, { width }) => sum + width, 0);
  const chosen = wanted?.split(',').map((name) => {
    const at = find(name.trim());
    if (at < 0) throw misfit(`one of the columns ${table.columns.join(', ')}`, name);
    return at;
  });
  const byName = chosen === undefined && named.every((at, i) => at >= 0 && inputs[i]!.width === 1);
  const order = chosen ?? (byName ? named : [...table.columns.keys()]);
  if (order.length !== total) {
    throw misfit(
      `${total} columns for the ${inputs.length === 1 ? 'input' : 'inputs'} ${inputs.map(({ port }) => port.fileName).join(', ')}`,
      `${order.length} in ${file}: ${table.columns.join(', ')}`,
      'Name the columns that the model was trained on, in its order: --columns a,b,c.',
    );
  }
  let start = 0;
  const parts = inputs.map((input) => {
    start += input.width;
    return { input, own: order.slice(start - input.width, start) };
  });
  // Together, so that all columns have one decimal mark.
  const ofNumbers = parts.flatMap(({ input, own }) => (input.port.type === 'string' ? [] : own));
  const numbers = readNumbers(table, ofNumbers);
  let at = 0;
  return parts.map(({ input, own }) => {
    const { labels, type } = input.port;
    const source = {
      numbers: table.rows.map(({ row }) => row),
      columns: own.map((column) => table.columns[column]!),
    };
    if (type === 'string') return { input, elements: positionsOf(labels ?? [], table, own), ...source };
    // A missing cell is NaN, which an Imputer fills.
    const rows = numbers.map((values) => values.subarray(at, at + own.length));
    at += own.length;
    if (input.dtype === 'i32') assertWhole(rows, table, own);
    const values = rows.flatMap((row) => [...row]);
    return { input, elements: elementsOf(input, values), ...source };
  });
}

/** Cells as positions among the texts that the model knows, -1 for others. */
function positionsOf(texts: readonly string[], table: Table, columns: readonly number[]): Int32Array {
  const known = new Map(texts.map((text, position) => [text, position]));
  return Int32Array.from(
    table.rows.flatMap(({ cells }) =>
      columns.map((column) => {
        const cell = cells[column] ?? '';
        return known.get(cell) ?? known.get(cell.trim()) ?? -1;
      }),
    ),
  );
}

/** Says which columns hold texts that the model does not know: it takes them all for the same. */
function noteUnknownTexts(given: readonly Given[]): void {
  for (const { input, elements, numbers = [], columns = [] } of given) {
    if (input.port.type !== 'string') continue;
    for (const [k, column] of columns.entries()) {
      const rows = numbers.filter((_, row) => elements[row * input.width + k] === -1);
      if (rows.length === 0) continue;
      const found = `${plural(rows.length, 'text')} that the model does not know, the first in row ${rows[0]}`;
      note(yellow(`column ${foreignText(column)}: ${found}`));
    }
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

/** Whole numbers of 32 bits have nothing that stands for a missing one. */
function assertWhole(rows: readonly Float64Array[], table: Table, order: readonly number[]): void {
  for (const [i, values] of rows.entries()) {
    const at = values.findIndex((value) => (value | 0) !== value);
    if (at < 0) continue;
    const { row, cells } = table.rows[i]!;
    const column = order[at]!;
    throw misfit(
      `a whole number in row ${row}, column ${table.columns[column]}`,
      JSON.stringify(cells[column]),
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
