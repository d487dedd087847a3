/**
 * CSV as RFC 4180 has it: records end with CRLF or LF, fields may be quoted, a quote inside quotes
 * is doubled, the first record names the columns. Strict: a record with another number of fields,
 * or a quote in the wrong place, is refused with its row and column. Own code, because a runtime
 * dependency would cost more than these lines.
 */
import { MisuseError } from '@nonet/core';
import type { Row, Table, TableSource } from './table.ts';

function refuse(expected: string, found: string, hint?: string): never {
  throw new MisuseError({ code: 'csv.malformed', expected, found, ...(hint === undefined ? {} : { hint }) });
}

/**
 * Characters of one record above which a file is refused: a stray quote would otherwise swallow the
 * rest of it.
 */
const maximumRecord = 2 ** 24;

/** Reads records from text that comes in pieces. */
function createRecordReader(separator: string) {
  /** What follows the last whole record. */
  let text = '';
  let records = 0;
  /**
   * Below this length a record that was not whole is not read again: each time twice as much, so
   * that long ones cost no square.
   */
  let enough = 0;

  /** The record that starts at `start`, or undefined if the text so far does not hold all of it. */
  const readRecord = (start: number, final: boolean): { fields: string[]; end: number } | undefined => {
    const fields: string[] = [];
    const place = () => `row ${records + 1}, column ${fields.length + 1}`;
    for (let at = start; ; at++) {
      const from = place();
      let field: string;
      if (text[at] === '"') {
        field = '';
        for (at++; ; at++) {
          const end = text.indexOf('"', at);
          if (end < 0) return final ? refuse(`a closing quote at ${from}`, 'the end of the file') : undefined;
          field += text.slice(at, end);
          at = end + 1;
          if (at === text.length && !final) return undefined;
          if (text[at] !== '"') break;
          field += '"';
        }
        if (text.startsWith('\r\n', at)) at++;
        else if (text[at] === '\r' && at + 1 === text.length && !final) return undefined;
      } else {
        const begin = at;
        while (at < text.length && text[at] !== separator && text[at] !== '\n') {
          if (text[at] === '"') refuse(`quotes around the whole field at ${from}`, 'a quote inside it');
          at++;
        }
        field = text.slice(begin, text[at] === '\n' && at > begin && text[at - 1] === '\r' ? at - 1 : at);
      }
      if (at >= text.length && !final) return undefined;
      fields.push(field);
      if (at >= text.length || text[at] === '\n') return { fields, end: at + 1 };
      if (text[at] !== separator) {
        refuse(`a separator after the quotes at ${from}`, JSON.stringify(text[at]));
      }
    }
  };

  return {
    /** The records that are whole by now; `final` says that nothing follows. */
    read(more: string, final: boolean): string[][] {
      text += more;
      const read: string[][] = [];
      if (text.length < enough && !final) return read;
      let start = 0;
      while (start < text.length) {
        const record = readRecord(start, final);
        if (record === undefined) break;
        read.push(record.fields);
        records++;
        start = record.end;
      }
      text = text.slice(start);
      enough = 2 * text.length;
      if (text.length > maximumRecord) {
        refuse(`records of at most ${maximumRecord} characters`, `a longer one in row ${records + 1}`);
      }
      return read;
    },
  };
}

/** Checks the first record: the names of the columns. */
function assertColumns(columns: readonly string[] | undefined): asserts columns is readonly string[] {
  if (columns === undefined) return refuse('a first row with the names of the columns', 'an empty file');
  const known = new Set<string>();
  for (const [i, name] of columns.entries()) {
    if (name.trim() === '') refuse(`a name for column ${i + 1}`, 'an empty field');
    if (known.has(name)) refuse('distinct names of columns', `${name} twice`);
    known.add(name);
  }
}

function toRow(cells: readonly string[], columns: readonly string[], row: number): Row {
  if (cells.length === columns.length) return { row, cells };
  const blank = cells.length === 1 && cells[0] === '';
  return refuse(
    `${columns.length} fields in row ${row}`,
    blank ? 'an empty line' : `${cells.length}`,
    'Fields that contain the separator need quotes.',
  );
}

const withoutMark = (text: string) => (text.startsWith('\ufeff') ? text.slice(1) : text);

/**
 * Throws `csv.malformed` with row and column. `separator` is one character, a comma unless given.
 */
export function readCsv(source: string, separator = ','): Table {
  const [columns, ...records] = createRecordReader(separator).read(withoutMark(source), true);
  assertColumns(columns);
  return { columns, rows: records.map((cells, i) => toRow(cells, columns, i + 2)) };
}

/** The pieces of a UTF-8 file as text; throws `csv.malformed` on other bytes. */
async function* decodeText(file: Blob): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of file.stream()) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    refuse('text in UTF-8', 'other bytes', 'Save the table as UTF-8.');
  }
}

async function* readRecords(file: Blob, separator: string): AsyncGenerator<readonly string[][]> {
  const reader = createRecordReader(separator);
  for await (const text of decodeText(file)) yield reader.read(text, false);
  yield reader.read('', true);
}

/**
 * A CSV file of any length as a table that is read in pieces. Throws what `readCsv` throws, some of
 * it as rows are read.
 */
export async function openCsv(file: Blob, separator = ','): Promise<TableSource> {
  let columns: readonly string[] | undefined;
  for await (const records of readRecords(file, separator)) {
    columns = records[0];
    if (columns !== undefined) break;
  }
  assertColumns(columns);
  const names = columns;
  return {
    columns: names,
    async *rows() {
      let row = 0;
      for await (const records of readRecords(file, separator)) {
        const first = row + 1;
        row += records.length;
        yield records
          .map((cells, i) => ({ cells, row: first + i }))
          .filter((record) => record.row > 1)
          .map((record) => toRow(record.cells, names, record.row));
      }
    },
  };
}
