/**
 * Apache Parquet as a table, by hyparquet (MIT): flat columns of numbers, booleans, dates and
 * texts, any compression of the format. Cells become the text that a CSV of the table would have,
 * nulls become missing cells, so one schema serves both. Read one row group at a time: memory is
 * that of the largest row group, which the file's writer chose.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Row, TableSource } from './table.ts';

function malformed(cause: unknown): NonetError {
  return new NonetError({
    code: 'parquet.malformed',
    expected: 'a Parquet file',
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

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
  let columns: readonly string[];
  try {
    metadata = await parquetMetadataAsync(file);
    const { children } = parquetSchema(metadata);
    columns = children.map(({ element }) => element.name);
    if (columns.length === 0) throw malformed('no columns');
    for (const { element, children: nested } of children) {
      if (nested.length > 0 || element.repetition_type === 'REPEATED') throw nestedColumn(element.name);
    }
  } catch (cause) {
    throw cause instanceof NonetError ? cause : malformed(cause);
  }
  const readColumn = async (name: string, rowStart: number, rowEnd: number): Promise<unknown[]> => {
    try {
      const options = { file, metadata, compressors, columns: [name], rowStart, rowEnd };
      const records: Record<string, unknown>[] = await parquetReadObjects(options);
      if (records.length !== rowEnd - rowStart)
        throw malformed(`${records.length} of ${rowEnd - rowStart} rows`);
      return records.map((record) => record[name]);
    } catch (cause) {
      throw cause instanceof NonetError ? cause : malformed(cause);
    }
  };
  return {
    columns,
    async *rows() {
      let first = 0;
      for (const group of metadata.row_groups) {
        const end = first + Number(group.num_rows);
        const start = first;
        const read: unknown[][] = [];
        // One column after the other: where two fail at once, hyparquet rejects a promise that
        // nothing handles.
        for (const name of columns) read.push(await readColumn(name, start, end));
        yield Array.from({ length: end - start }, (_, i): Row => {
          const cells = columns.map((name, column) => toCell(read[column][i], name));
          // As in a spreadsheet, where the names of the columns are row 1.
          return { row: start + i + 2, cells };
        });
        first = end;
      }
    },
  };
}

function nestedColumn(name: string): NonetError {
  return new MisuseError({
    code: 'table.column',
    expected: `numbers, booleans, dates or texts in column ${name}`,
    found: 'lists, structures or bytes',
    hint: 'Leave the column out when the file is written.',
  });
}
