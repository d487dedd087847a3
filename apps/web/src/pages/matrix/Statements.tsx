import { type MatrixView, statementsAgainst, statementsSource } from '@nonet/matrix';
import { Out } from '../shared/Out.tsx';
import { Table } from '../shared/Table.tsx';
import { cellName } from './text.ts';

/** What the analysis said of five cells, with what is measured for or against it. */
export function Statements({ view }: { view: MatrixView }) {
  return (
    <section aria-labelledby="statements">
      <h2 id="statements">Five statements of the original analysis, held to the evidence</h2>
      <p className="note">
        From <Out href={statementsSource.url}>{statementsSource.title}</Out>, in the copy dated{' '}
        {statementsSource.dated}. Its table of nine rows did not survive; these five statements of its text
        did.
      </p>
      <Table
        caption="Each statement verbatim, with what speaks for or against it"
        columns={[
          { head: 'Cell', cell: ({ cell }) => <a href={`#cell/${cell}`}>{cellName(cell)}</a> },
          {
            head: 'It says',
            cell: ({ says, quote }) => (
              <>
                {says}: <q>{quote}</q>
              </>
            ),
          },
          { head: 'Measured by Nonet', cell: ({ shipped }) => shipped ?? 'nothing' },
          { head: 'Measured here', cell: ({ measured }) => measured ?? 'nothing' },
          {
            head: 'So far',
            cell: ({ standing, because }) => (
              <>
                <b>{standing === 'open' ? 'open' : `evidence ${standing} it`}</b>. {because}
              </>
            ),
          },
        ]}
        rows={statementsAgainst(view.cells)}
        keyOf={({ cell }) => cell}
      />
    </section>
  );
}
