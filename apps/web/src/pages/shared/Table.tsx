import type { ReactNode } from 'react';

/** A column: what it is called, and what it shows of a row. */
export interface Column<Row> {
  readonly head: string;
  /** Numbers stand to the right and are never broken; words wrap. */
  readonly numbers?: true;
  cell(row: Row): ReactNode;
}

/**
 * A table that is never cut: words wrap, and where the window, or the sheet of paper, is too narrow
 * for its columns each row becomes a block of names and values. The first column heads its row.
 */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  classOf,
}: {
  caption: ReactNode;
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  classOf?: (row: Row) => string | undefined;
}) {
  const [first, ...others] = columns.map((column) => ({
    ...column,
    head: column.head.charAt(0).toUpperCase() + column.head.slice(1),
  })) as [Column<Row>, ...Column<Row>[]];
  const kind = (column: Column<Row>) => (column.numbers === true ? 'numbers' : 'words');
  // Two columns of numbers fit a phone.
  const stacks = others.length > 2 || others.some(({ numbers }) => numbers === undefined);
  return (
    <table className={stacks ? 'stacks' : undefined}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {[first, ...others].map((column) => (
            <th key={column.head} scope="col" className={column === first ? undefined : kind(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} className={classOf?.(row)}>
            <th scope="row" data-head={first.numbers === true ? first.head : undefined}>
              {first.cell(row)}
            </th>
            {others.map((column) => (
              <td key={column.head} className={kind(column)} data-head={column.head}>
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
