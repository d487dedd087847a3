/**
 * CSV as RFC 4180 has it: records end with CRLF or LF, fields may be quoted, a quote inside quotes is doubled, the first record
 * names the columns. Strict: a record with another number of fields, or a quote in the wrong place, is refused with its row
 * and column. Own code, because a runtime dependency would cost more than these lines.
 */
import { MisuseError } from '@nonet/core';

export interface Table {
  readonly columns: readonly string[];
  /** `row` counts records as a spreadsheet does: the header is row 1. */
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[];
}

function refuse(expected: string, found: string, hint?: string): never {
  throw new MisuseError({ code: 'csv.malformed', expected, found, ...(hint === undefined ? {} : { hint }) });
}

/** All records of the text; `row` numbers are those of records, not of lines. */
function readRecords(text: string, separator: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  const place = () => `row ${records.length + 1}, column ${record.length + 1}`;
  const quoted = (): string => {
    let field = '';
    for (at++; ; at++) {
      const end = text.indexOf('"', at);
      if (end < 0) return refuse(`a closing quote at ${place()}`, 'the end of the file');
      field += text.slice(at, end);
      at = end + 1;
      if (text[at] !== '"') return field;
      field += '"';
    }
  };
  const plain = (): string => {
    const start = at;
    while (at < text.length && text[at] !== separator && text[at] !== '\n') {
      if (text[at] === '"') refuse(`quotes around the whole field at ${place()}`, 'a quote inside it');
      at++;
    }
    return text.slice(start, text[at] === '\n' && text[at - 1] === '\r' ? at - 1 : at);
  };
  while (at < text.length) {
    const start = place();
    record.push(text[at] === '"' ? quoted() : plain());
    if (text.startsWith('\r\n', at)) at++;
    const end = at >= text.length || text[at] === '\n';
    if (!end && text[at] !== separator) {
      refuse(`a separator after the quotes at ${start}`, JSON.stringify(text[at]));
    }
    // A separator at the very end of the file is followed by one more, empty field.
    if (!end && at + 1 === text.length) record.push('');
    at++;
    if (!end && at < text.length) continue;
    records.push(record);
    record = [];
  }
  return records;
}

/** Throws `csv.malformed` naming row and column. `separator` is one character, a comma unless given. */
export function readCsv(source: string, separator = ','): Table {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const [columns, ...records] = readRecords(text, separator);
  if (columns === undefined) return refuse('a first row with the names of the columns', 'an empty file');
  const known = new Set<string>();
  for (const [i, name] of columns.entries()) {
    if (name.trim() === '') refuse(`a name for column ${i + 1}`, 'an empty field');
    if (known.has(name)) refuse('distinct names of columns', `${name} twice`);
    known.add(name);
  }
  const rows = records.map((cells, i) => {
    if (cells.length !== columns.length) {
      const blank = cells.length === 1 && cells[0] === '';
      refuse(
        `${columns.length} fields in row ${i + 2}`,
        blank ? 'an empty line' : `${cells.length}`,
        'Fields that contain the separator need quotes.',
      );
    }
    return { row: i + 2, cells };
  });
  return { columns, rows };
}
