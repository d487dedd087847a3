/**
 * Rows for the inputs of a model that another tool exported: columns of a table, arrays, or numbers
 * in JSON, in the order of its inputs.
 */
import { openAsBlob } from 'node:fs';
import { extname } from 'node:path';
import { MisuseError } from '@nonet/core';
import { leavesOf } from '@nonet/tensor';
import { openNpy, openNpz, readNumbers, type Table } from '@nonet/tensor/datasets';
import type { ImportOnnxReturnType, OnnxPort } from '@nonet/tensor/onnx';
import { readTableFile } from '../files/dataFile.ts';
import { foreignText } from '../terminal/foreignText.ts';
import { note, plural, yellow } from '../terminal/terminal.ts';

/** How the rows are written, where their file does not tell. */
export interface RowOptions {
  /** Columns in the order of the model's inputs, with commas between. */
  readonly columns?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly decimal?: '.' | ',' | undefined;
}

/** An input of a model. */
export interface ModelInput {
  readonly port: OnnxPort;
  readonly dtype: 'f32' | 'i32';
  /** Elements of one row. */
  readonly width: number;
}

/** All rows of an input, row-major. */
export interface GivenRows {
  readonly input: ModelInput;
  readonly elements: Float32Array | Int32Array;
  /** The line of a row in the file of a table; rows of arrays are counted from 1. */
  readonly numbers?: readonly number[];
  /** Of a table, with a name for each element of a row. */
  readonly columns?: readonly string[];
}

export function misfit(expected: string, found: string, hint?: string): MisuseError {
  return new MisuseError({
    code: 'infer.inputs',
    expected,
    found: foreignText(found),
    ...(hint === undefined ? {} : { hint }),
  });
}

export function inputsOf({ graph, inputs }: ImportOnnxReturnType): readonly ModelInput[] {
  const leaves = new Map(leavesOf(graph, 'input').map((leaf) => [leaf.name, leaf]));
  return inputs.map((port) => {
    const { dtype, shape } = leaves.get(port.name)!;
    const width = shape.slice(1).reduce<number>((product, extent) => product * (extent as number), 1);
    return { port, dtype, width };
  });
}

export async function readRows(
  inputs: readonly ModelInput[],
  file: string,
  options: RowOptions,
): Promise<readonly GivenRows[]> {
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

function onlyInput(inputs: readonly ModelInput[], file: string): ModelInput {
  const [input, ...more] = inputs;
  if (input !== undefined && more.length === 0) return input;
  throw misfit('an NPZ file with an array for each input', `${file} for ${inputs.length} inputs`);
}

async function readArray(input: ModelInput, array: Awaited<ReturnType<typeof openNpy>>): Promise<GivenRows> {
  const rest = array.shape.slice(1).reduce((product, extent) => product * extent, 1);
  const [rows = 1] = array.shape;
  if (array.dtype === 'text') throw misfit(`numbers in ${array.name}`, 'texts');
  if (rest !== input.width) {
    throw misfit(`${input.width} numbers in each row of ${array.name}`, `[${array.shape.join(', ')}]`);
  }
  return { input, elements: elementsOf(input, await array.read(0, rows)) };
}

function elementsOf({ dtype }: ModelInput, values: ArrayLike<number>): Float32Array | Int32Array {
  return dtype === 'f32' ? Float32Array.from(values) : Int32Array.from(values);
}

function assertCounts(given: readonly GivenRows[], file: string): readonly GivenRows[] {
  const counts = new Set(given.map(({ input, elements }) => elements.length / input.width));
  if (counts.size <= 1) return given;
  throw misfit(`as many rows for each input in ${file}`, [...counts].join(', '));
}

/** Which columns of a table go into which input: by name, or else all of them in order. */
function readColumns(
  inputs: readonly ModelInput[],
  table: Table,
  file: string,
  { columns: wanted }: RowOptions,
): readonly GivenRows[] {
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
export function noteUnknownTexts(given: readonly GivenRows[]): void {
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
