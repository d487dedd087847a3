import type { ReceiptView } from '@nonet/core/receipt';
import { Table } from '../shared/Table.tsx';

/** Who could read what: for a person who answers for the data. */
export function Exposure({ exposure }: { exposure: ReceiptView['exposure'] }) {
  if (exposure === undefined) return null;
  return (
    <section aria-labelledby="exposure">
      <h2 id="exposure">Who could read what</h2>
      <p>{exposure.sentence}</p>
      <Table
        caption="What could be learnt, by whom, and until when"
        columns={[
          { head: 'What', cell: ({ what }) => what },
          { head: 'Who could read it', cell: ({ who }) => who },
          { head: 'Who else, if they try', cell: ({ unless }) => unless },
          { head: 'Until', cell: ({ until }) => until },
        ]}
        rows={exposure.rows}
        keyOf={({ what }) => what}
      />
      {exposure.budgets.length > 0 && (
        <Table
          caption="What was spent, of whose privacy"
          columns={[
            { head: 'Of', cell: ({ of }) => of },
            { head: 'Spent', cell: ({ spent }) => spent },
            { head: 'May be spent', cell: ({ allowed }) => allowed },
            { head: 'If', cell: ({ condition }) => condition },
          ]}
          rows={exposure.budgets}
          keyOf={({ of }) => of}
        />
      )}
    </section>
  );
}
