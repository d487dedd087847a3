import type { IdentityView } from '@nonet/core/receipt';
import { Table } from '../shared/Table.tsx';

const shown = 3;

/** Who acted in which role, and who of them could be one and the same. */
export function Identities({ identities }: { identities: IdentityView | undefined }) {
  if (identities === undefined) return null;
  return (
    <section aria-labelledby="identities">
      <h2 id="identities">Who could be whom</h2>
      {identities.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <Table
        caption="Accounts by what they did, and what else they did"
        columns={[
          { head: 'Who', cell: ({ did }) => did },
          { head: 'Accounts', numbers: true, cell: ({ accounts }) => accounts.length },
          {
            head: 'Which, and what else they did',
            cell: ({ accounts, also }) => (
              <>
                <span className="address">{accounts.slice(0, shown).join(', ')}</span>
                {accounts.length > shown ? ` and ${accounts.length - shown} more` : ''}
                {also.length === 0 ? '' : `; ${also.join(', ')}`}
              </>
            ),
          },
        ]}
        rows={identities.roles}
        keyOf={({ did }) => did}
      />
    </section>
  );
}
