/**
 * CSV as RFC 4180 has it, and as spreadsheets and other programs write it (docs/tables.md): records
 * end with CRLF, LF or CR, fields may be quoted, a quote inside quotes is doubled, the first record
 * names the columns. Fields are apart by a comma, a semicolon, a tab or a bar, whichever the first
 * records agree on, or what a line `sep=;` before them says. Lines and rows without a value are
 * skipped; so are empty fields at the end that the names do not count. Any other record with
 * another number of fields, or a quote in the wrong place, is refused with its row and column.
 *
 * Rows are numbered as in the file: every record counts, skipped ones as well. Own code, because a
 * runtime dependency would cost more than these lines.
 */
import { MisuseError } from '@nonet/core';
import { normaliseText } from './cells.ts';
import type { Row, Table, TableSource } from './table.ts';

function refuse(expected: string, found: string, hint?: string): never {
  throw new MisuseError({ code: 'csv.malformed', expected, found, ...(hint === undefined ? {} : { hint }) });
}

/**
 * Characters of one record above which a file is refused: a stray quote would otherwise swallow the
 * rest of it.
 */
const maximumRecord = 2 ** 24;

interface CsvRecord {
  /** From 1. */
  readonly row: number;
  readonly fields: readonly string[];
}

/** Where the record ends whose last field ends at `at`, or undefined if that takes more text. */
function endOfLine(text: string, at: number, final: boolean): number | undefined {
  if (text[at] !== '\r') return at + 1;
  if (at + 1 === text.length && !final) return undefined;
  return text[at + 1] === '\n' ? at + 2 : at + 1;
}

/** Reads records from text that comes in pieces. */
function createRecordReader(delimiter: string) {
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
      let field: string;
      if (text[at] === '"') {
        field = '';
        for (at++; ; at++) {
          const end = text.indexOf('"', at);
          if (end < 0) {
            return final ? refuse(`a closing quote at ${place()}`, 'the end of the file') : undefined;
          }
          field += text.slice(at, end);
          at = end + 1;
          if (at === text.length && !final) return undefined;
          if (text[at] !== '"') break;
          field += '"';
        }
      } else {
        const begin = at;
        for (; at < text.length; at++) {
          const character = text[at];
          if (character === delimiter || character === '\n' || character === '\r') break;
          if (character === '"') refuse(`quotes around the whole field at ${place()}`, 'a quote inside it');
        }
        field = text.slice(begin, at);
      }
      if (at >= text.length && !final) return undefined;
      if (field.includes('\0')) {
        refuse(
          `text at ${place()}`,
          'a NUL character',
          'The file is damaged, or not text in UTF-8. Without the character: tr -d "\\000" < FILE > CLEAN',
        );
      }
      const ends = at >= text.length || text[at] === '\n' || text[at] === '\r';
      if (!ends && text[at] !== delimiter) {
        refuse(`a separator after the quotes at ${place()}`, JSON.stringify(text[at]));
      }
      fields.push(field);
      if (!ends) continue;
      const end = endOfLine(text, at, final);
      return end === undefined ? undefined : { fields, end };
    }
  };

  return {
    /** The records that are whole by now; `final` says that nothing follows. */
    read(more: string, final: boolean): CsvRecord[] {
      text += more;
      const read: CsvRecord[] = [];
      if (text.length < enough && !final) return read;
      let start = 0;
      while (start < text.length) {
        const record = readRecord(start, final);
        if (record === undefined) break;
        records++;
        read.push({ row: records, fields: record.fields });
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

const delimiters = [',', ';', '\t', '|'];
/** Characters and records by which a delimiter is found out. */
const sampleLength = 2 ** 16;
const sampleRecords = 100;

/** The line by which some programs tell Excel the delimiter. */
const delimiterLine = /^"?sep=([^"\r\n])"?(?:\r\n|\n|\r|$)/i;

/** A record without a value: an empty line, or one of delimiters alone. */
const isBlank = (fields: readonly string[]) => fields.every((field) => field.trim() === '');

/** The records of a text that was cut somewhere, or undefined where they are malformed. */
function sampleOf(text: string, whole: boolean, delimiter: string): readonly CsvRecord[] | undefined {
  try {
    return createRecordReader(delimiter)
      .read(text, whole)
      .filter(({ fields }) => !isBlank(fields))
      .slice(0, sampleRecords);
  } catch (cause) {
    if (cause instanceof MisuseError) return undefined;
    throw cause;
  }
}

/**
 * The delimiter of a text: what its first line says, or the one of which most records have as many
 * as the first, and of several the most frequent. A comma where no delimiter divides the first
 * record.
 */
function findDelimiter(text: string, whole: boolean): string {
  const said = delimiterLine.exec(text)?.[1];
  if (said !== undefined) return said;
  let best = { delimiter: ',', share: 0, fields: 1 };
  for (const delimiter of delimiters) {
    const records = sampleOf(text, whole, delimiter) ?? [];
    const fields = records[0]?.fields.length ?? 0;
    if (fields < 2) continue;
    const fitting = records.filter((record) => {
      const extra = record.fields.slice(fields);
      return record.fields.length >= fields - 1 && isBlank(extra);
    });
    const share = fitting.length / records.length;
    if (share > best.share || (share === best.share && fields > best.fields)) {
      best = { delimiter, share, fields };
    }
  }
  return best.delimiter;
}

/** Throws `csv.malformed` unless it is one character that can stand between fields. */
function assertDelimiter(delimiter: string): void {
  if (delimiter.length === 1 && !'"\r\n'.includes(delimiter)) return;
  refuse('one character between fields, such as ; or a tab', JSON.stringify(delimiter));
}

/** The names of the columns, from the first record. A column without a name is called ''. */
function columnsOf(record: CsvRecord | undefined): readonly string[] {
  if (record === undefined) return refuse('a first row with the names of the columns', 'an empty file');
  const columns = record.fields.map(normaliseText);
  const known = new Set<string>();
  for (const name of columns) {
    if (name === '') continue;
    if (known.has(name)) {
      refuse('distinct names of columns', `${name} twice`, 'Rename one of them in the first row.');
    }
    known.add(name);
  }
  return columns;
}

function toRow({ row, fields }: CsvRecord, columns: readonly string[], tolerant: boolean): Row {
  const { length } = columns;
  if (fields.length === length) return { row, cells: fields };
  if (fields.length > length && isBlank(fields.slice(length))) return { row, cells: fields.slice(0, length) };
  if (fields.length < length && isBlank(columns.slice(fields.length))) {
    return { row, cells: [...fields, ...Array<string>(length - fields.length).fill('')] };
  }
  const refusal = new MisuseError({
    code: 'csv.malformed',
    expected: `${length} fields in row ${row}, as many as names in the first row`,
    found: `${fields.length}`,
    hint:
      length === 1
        ? 'Does a line stand above the names of the columns? Without the first: tail -n +2 FILE > TABLE.csv'
        : fields.length === length + 1
          ? 'Fields that contain the separator need quotes, and names of rows need a name of their own (R: row.names = FALSE).'
          : 'Fields that contain the separator need quotes.',
  });
  if (!tolerant) throw refusal;
  const cells = Array.from({ length }, (_, column) => fields[column] ?? '');
  return { row, cells, refusal };
}

/** Sorts records into the names of the columns, once, and rows. */
function createRowReader(delimiter: string, tolerant: boolean) {
  let columns: readonly string[] | undefined;
  return {
    /** Undefined as long as no record has a value. */
    columns: () => columns,
    rows(records: readonly CsvRecord[]): Row[] {
      const rows: Row[] = [];
      for (const record of records) {
        // The only field of a record may be missing; a row of several without a value is no row.
        if (isBlank(record.fields) && columns?.length !== 1) continue;
        if (record.row === 1 && delimiterLine.test(record.fields.join(delimiter))) continue;
        if (columns === undefined) columns = columnsOf(record);
        else rows.push(toRow(record, columns, tolerant));
      }
      return rows;
    },
  };
}

const withoutMark = (text: string) => (text.startsWith('\ufeff') ? text.slice(1) : text);

/**
 * A text as a table. `delimiter` is one character; without it, it is found out. Throws
 * `csv.malformed` with row and column.
 */
export function readCsv(source: string, delimiter?: string): Table {
  const text = withoutMark(source);
  const whole = text.length <= sampleLength;
  const chosen = delimiter ?? findDelimiter(text.slice(0, sampleLength), whole);
  assertDelimiter(chosen);
  const reader = createRowReader(chosen, false);
  const rows = reader.rows(createRecordReader(chosen).read(text, true));
  return { columns: reader.columns() ?? columnsOf(undefined), rows, delimiter: chosen };
}

/** UTF-16 where the file begins with its byte order mark, as Excel's "Unicode text" does. */
async function encodingOf(file: Blob): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** The pieces of a file as text; throws `csv.malformed` on bytes that are none. */
async function* decodeText(file: Blob): AsyncGenerator<string> {
  const encoding = await encodingOf(file);
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const piece of file.stream()) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    refuse(
      `text in ${encoding.toUpperCase()}`,
      'other bytes',
      'Save the table as UTF-8; from Windows: iconv -f WINDOWS-1252 -t UTF-8 FILE > UTF8.csv',
    );
  }
}

async function* readRecords(file: Blob, delimiter: string): AsyncGenerator<readonly CsvRecord[]> {
  const reader = createRecordReader(delimiter);
  for await (const text of decodeText(file)) yield reader.read(text, false);
  yield reader.read('', true);
}

async function findDelimiterOf(file: Blob): Promise<string> {
  let text = '';
  for await (const piece of decodeText(file)) {
    text += piece;
    if (text.length > sampleLength) return findDelimiter(text.slice(0, sampleLength), false);
  }
  return findDelimiter(text, true);
}

/** What to do about rows with another number of fields. */
export interface OpenCsvOptions {
  /** Whether they become rows with a `refusal`, instead of stopping everything. */
  readonly tolerant?: boolean;
}

/**
 * A CSV file of any length as a table that is read in pieces. `delimiter` as for `readCsv`. Throws
 * what `readCsv` throws, some of it as rows are read.
 */
export async function openCsv(
  file: Blob,
  delimiter?: string,
  { tolerant = false }: OpenCsvOptions = {},
): Promise<TableSource> {
  const chosen = delimiter ?? (await findDelimiterOf(file));
  assertDelimiter(chosen);
  const head = createRowReader(chosen, tolerant);
  for await (const records of readRecords(file, chosen)) {
    head.rows(records);
    if (head.columns() !== undefined) break;
  }
  return {
    columns: head.columns() ?? columnsOf(undefined),
    delimiter: chosen,
    async *rows() {
      const reader = createRowReader(chosen, tolerant);
      for await (const records of readRecords(file, chosen)) yield reader.rows(records);
    },
  };
}
