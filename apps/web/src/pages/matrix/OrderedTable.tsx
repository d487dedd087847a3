import { type Gap, type MatrixView, orderedTable } from '@nonet/matrix';
import { Table } from '../shared/Table.tsx';
import { cellName, counted, shortName } from './text.ts';

/**
 * The table of the original matrix: all intersections from strong to weak, how each operates,
 * example projects.
 */
export function OrderedTable({ view }: { view: MatrixView }) {
  const words = (words: string | undefined) => words ?? 'nothing';
  return (
    <section aria-labelledby="ordered">
      <h2 id="ordered">From strong to weak</h2>
      <Table
        caption="The nine cells in the editor’s order, after the analysis from which the matrix comes (* reconstructed), with what was measured beside it"
        columns={[
          { head: 'Cell', cell: ({ cell }) => <a href={`#cell/${cell.id}`}>{cellName(cell.id)}</a> },
          {
            head: 'Editor',
            cell: ({ cell }) => `${cell.baseline}${cell.origin === 'reconstructed' ? '*' : ''}`,
          },
          { head: 'Measured by Nonet', cell: ({ shipped }) => words(shipped?.words) },
          { head: 'Measured here', cell: ({ measured }) => words(measured?.words) },
          { head: 'How it operates', cell: ({ cell }) => cell.together },
          {
            head: 'Projects that claim it',
            cell: ({ claims }) =>
              [...new Set(claims.map(({ project }) => shortName(project)))].join(', ') || 'none',
          },
        ]}
        rows={orderedTable(view)}
        keyOf={({ cell }) => cell.id}
      />
    </section>
  );
}

/** Cells in which no project reaches level 2 with a ledger. */
export function Gaps({ gaps }: { gaps: readonly Gap[] }) {
  return (
    <section aria-labelledby="gaps">
      <h2 id="gaps">Gaps</h2>
      {gaps.length === 0 ? (
        <p>In every cell the evidence supports some project at level 2 or above, with a ledger.</p>
      ) : (
        <Table
          caption="Cells in which the evidence supports no project at level 2 with a ledger, where parties other than the operator can see it"
          columns={[
            { head: 'Cell', cell: ({ cell }) => <a href={`#cell/${cell}`}>{cellName(cell)}</a> },
            {
              head: 'Highest level shown',
              cell: ({ best }) => (best === undefined ? 'no project claims it' : `level ${best}`),
            },
            { head: 'May yet reach it', cell: ({ undecided }) => counted(undecided, 'claim') },
          ]}
          rows={gaps}
          keyOf={({ cell }) => cell}
        />
      )}
    </section>
  );
}
