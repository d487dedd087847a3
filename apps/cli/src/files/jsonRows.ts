/** Rows of a model in JSON: numbers for its input, or records by the names of columns. */
import { extname } from 'node:path';
import { MisuseError } from '@nonet/core';
import type { Table } from '@nonet/tensor/datasets';
import { readBytes } from './dataFile.ts';

/** A file far above is no input. */
const maximumBytes = 2 ** 28;

/**
 * Rows of `width` numbers, one after the other; undefined for a file that does not end in `.json`.
 * However they are nested, numbers count in their order. Throws `infer.inputs`.
 */
export function readNumbersFile(file: string, width: number): Float32Array<ArrayBuffer> | undefined {
  const expected = `a list of ${width} numbers, or of such lists, in ${file}`;
  const value = readJson(file, expected);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw refuse(expected, value === null ? 'null' : typeof value);
  const numbers: unknown[] = value.flat(8);
  const stray = numbers.find((entry) => typeof entry !== 'number' || !Number.isFinite(Math.fround(entry)));
  if (stray !== undefined) throw refuse(expected, JSON.stringify(stray).slice(0, 80));
  if (numbers.length === 0 || numbers.length % width !== 0)
    throw refuse(expected, `${numbers.length} numbers`);
  return Float32Array.from(numbers as number[]);
}

/**
 * A record, or a list of records, as a table: names are columns, and rows are counted as a
 * spreadsheet does. Undefined for a file that does not end in `.json`. Throws `infer.inputs`.
 */
export function readJsonTable(file: string): Table | undefined {
  const expected = `a record {"column": value, ...}, or a list of such records, in ${file}`;
  const value = readJson(file, expected);
  if (value === undefined) return undefined;
  const records: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isRecord = (entry: unknown): entry is Readonly<Record<string, unknown>> =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  if (!records.every(isRecord)) throw refuse(expected, 'something else');
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const rows = records.map((record, i) => ({
    row: i + 2,
    cells: columns.map((column) => cellOf(Object.hasOwn(record, column) ? record[column] : null)),
  }));
  return { columns, decimal: '.', rows };

  function cellOf(cell: unknown): string {
    if (cell === null) return '';
    if (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean')
      return String(cell);
    throw refuse(expected, JSON.stringify(cell).slice(0, 80));
  }
}

function readJson(file: string, expected: string): unknown {
  if (extname(file).toLowerCase() !== '.json') return undefined;
  const bytes = readBytes(file, 'JSON', 'infer.inputs');
  if (bytes.length > maximumBytes) throw refuse(expected, `${bytes.length} bytes`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw refuse(expected, cause instanceof Error ? cause.message : 'something else', cause);
  }
}

const refuse = (expected: string, found: string, cause?: unknown): MisuseError =>
  new MisuseError({ code: 'infer.inputs', expected, found, cause });
