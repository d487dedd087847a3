/**
 * Apache Parquet as a table, by hyparquet (MIT): flat columns of numbers, booleans, dates and
 * texts, any compression of the format, within bounds (parquetPages.ts). Cells become the text that a CSV of the table would have,
 * nulls become missing cells, so one schema serves both. Read one row group at a time: memory is
 * that of the largest row group, which the file's writer chose.
 */
import { MisuseError, NonetError } from '@nonet/core';
import {
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from 'hyparquet';
import { normaliseText } from './cells.ts';
import { assertThrift, guardPages, malformedParquet, maximumCells } from './parquetPages.ts';
import type { Row, TableSource } from './table.ts';

const malformed = (cause: unknown) =>
  malformedParquet(cause instanceof Error ? cause.message : String(cause), cause);

/** The text of one value of a column. */
function toCell(value: unknown, column: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null || value === undefined) return '';
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw malformed(`a date that no calendar has in column ${column}`);
        return value.toISOString();
      }
      throw nestedColumn(column);
  }
}

/** Throws `parquet.malformed`, and `table.column` on a column that holds lists or structures. */
export async function openParquet(blob: Blob): Promise<TableSource> {
  const file = {
    byteLength: blob.size,
    slice: (start: number, end?: number) => blob.slice(start, end).arrayBuffer(),
  };
  let metadata: FileMetaData;
  let names: readonly string[];
  try {
    await assertFooter(blob);
    metadata = await parquetMetadataAsync(file);
    const { children } = parquetSchema(metadata);
    names = children.map(({ element }) => element.name);
    if (names.length === 0) throw malformed('no columns');
    assertBytes(metadata, names.length, blob.size);
    for (const { element, children: nested } of children) {
      if (nested.length > 0 || element.repetition_type === 'REPEATED') throw nestedColumn(element.name);
    }
  } catch (cause) {
    throw cause instanceof NonetError ? cause : malformed(cause);
  }
  const readColumn = async (name: string, single: FileMetaData): Promise<unknown[]> => {
    const count = Number(single.num_rows);
    const [meta, element] = [single.row_groups[0]?.columns[0]?.meta_data, single.schema[1]];
    let refused: unknown;
    try {
      if (meta === undefined || element === undefined) throw malformed(`no column ${name} in a row group`);
      const compressors: Compressors = {};
      // All pages of the column come at once: it is read as a whole.
      const guarded = {
        byteLength: file.byteLength,
        async slice(start: number, end?: number) {
          const bytes = await file.slice(start, end);
          try {
            Object.assign(compressors, guardPages(new Uint8Array(bytes), { meta, element, rows: count }));
            return bytes;
          } catch (cause) {
            // Where the footer is wrong, too, hyparquet does not wait for this: it must not reject.
            refused = cause;
            return new ArrayBuffer(0);
          }
        },
      };
      const options = { file: guarded, metadata: single, compressors, columns: [name] };
      const records: Record<string, unknown>[] = await parquetReadObjects(options);
      if (refused !== undefined) throw refused;
      if (records.length !== count) throw malformed(`${records.length} of ${count} rows`);
      return records.map((record) => record[name]);
    } catch (cause) {
      const reason = refused ?? cause;
      throw reason instanceof NonetError ? reason : malformed(reason);
    }
  };
  return {
    columns: names.map(normaliseText),
    async *rows() {
      let first = 0;
      for (const group of metadata.row_groups) {
        const end = first + Number(group.num_rows);
        const start = first;
        assertRows(group, names.length);
        const read: unknown[][] = [];
        // One column after the other: where two fail at once, hyparquet rejects a promise that
        // nothing handles.
        const single = metadataByColumn(metadata, group);
        for (const name of names) read.push(await readColumn(name, single.get(name)!));
        yield Array.from({ length: end - start }, (_, i): Row => {
          const cells = names.map((name, column) => toCell(read[column][i], name));
          // As in a spreadsheet, where the names of the columns are row 1.
          return { row: start + i + 2, cells };
        });
        first = end;
      }
    },
  };
}

/** Cells that any file may have, and those that it may have for each of its bytes: runs take few. */
const [fewCells, cellsPerByte] = [2 ** 20, 256];

/** A file has no more cells than its bytes can stand for, and uses no byte twice. */
function assertBytes({ row_groups: groups }: FileMetaData, columns: number, size: number): void {
  let [cells, taken] = [0, 0];
  for (const group of groups) {
    cells += Math.max(0, Number(group.num_rows)) * columns;
    for (const { meta_data: meta } of group.columns) {
      const bytes = Number(meta?.total_compressed_size ?? 0);
      if (bytes < 0) throw malformed(`a column of ${bytes} bytes`);
      taken += bytes;
    }
  }
  if (taken > size) throw malformed(`columns of ${taken} bytes in ${size}`);
  if (cells > fewCells + cellsPerByte * size) throw malformed(`${cells} cells in ${size} bytes`);
}

/** The footer is read as a whole, before anything in it is believed. */
async function assertFooter(blob: Blob): Promise<void> {
  const end = new DataView(await blob.slice(-8).arrayBuffer());
  const length = end.byteLength < 8 ? 0 : end.getUint32(0, true);
  const footer = await blob.slice(Math.max(0, blob.size - 8 - length), -8).arrayBuffer();
  assertThrift({ view: new DataView(footer), offset: 0 });
}

function assertRows(group: RowGroup, columns: number): void {
  const rows = Number(group.num_rows);
  if (rows >= 0 && rows * columns <= maximumCells) return;
  throw new NonetError({
    code: 'parquet.malformed',
    expected: `row groups of at most ${maximumCells} cells`,
    found: `${rows} rows of ${columns} columns`,
    hint: 'Write smaller ones: row_group_size=100_000 in PyArrow and pandas.',
  });
}

/**
 * The metadata of each flat column of one row group alone, by name: the reader goes over all that
 * it is given, for each column of each group.
 */
function metadataByColumn(metadata: FileMetaData, group: RowGroup): ReadonlyMap<string, FileMetaData> {
  const [root, ...elements] = metadata.schema;
  const chunks = new Map(group.columns.map((chunk) => [chunk.meta_data?.path_in_schema[0], chunk]));
  return new Map(
    elements.map((element) => {
      const chunk = chunks.get(element.name);
      const columns = chunk === undefined ? [] : [chunk];
      return [
        element.name,
        {
          ...metadata,
          num_rows: group.num_rows,
          schema: [{ ...root, num_children: 1 }, element],
          row_groups: [{ ...group, columns }],
        },
      ];
    }),
  );
}

function nestedColumn(name: string): NonetError {
  return new MisuseError({
    code: 'table.column',
    expected: `numbers, booleans, dates or texts in column ${name}`,
    found: 'lists, structures or bytes',
    hint: 'Leave the column out when the file is written.',
  });
}
