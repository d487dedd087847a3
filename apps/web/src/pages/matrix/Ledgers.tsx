import { quantityText } from '@nonet/core/receipt';
import type { LedgerFact, TrilemmaView } from '@nonet/matrix';
import { Table } from '../shared/Table.tsx';
import type { MatrixPage } from './data.ts';

const textOf = ({ value, unit }: LedgerFact) => quantityText(value, unit);

interface LedgerRow {
  readonly id: string;
  readonly name: string;
  readonly block: string;
  readonly gas: string;
  readonly finality: string;
  readonly decisions: string;
  readonly who: string;
  readonly oneOperator: string;
}

function rowsOf({ ledgers, embedded, embeddedOperator }: TrilemmaView): readonly LedgerRow[] {
  const decisions = (figure: { readonly value: number } | undefined, none: string) =>
    figure === undefined ? none : quantityText(Math.round(figure.value), '');
  return [
    {
      id: 'embedded',
      name: 'Embedded, here',
      block:
        embedded === undefined
          ? 'not measured'
          : quantityText(embedded.inclusion.value, embedded.inclusion.unit),
      gas: 'not measured',
      finality: 'at once, for who trusts its operator',
      decisions: decisions(embedded?.throughput, 'not measured'),
      who: 'the runner of the job',
      oneOperator: embeddedOperator,
    },
    ...ledgers.map((row) => ({
      id: row.id,
      name: row.name,
      block: textOf(row.blockTime),
      gas: row.gasPerSecond === undefined ? (row.whyNoGas ?? 'not cited') : textOf(row.gasPerSecond),
      finality: textOf(row.finality),
      decisions: decisions(row.decisionsPerSecond, 'not cited'),
      who: row.validators.text,
      oneOperator: row.oneOperator,
    })),
  ];
}

/** The trilemma: what each ledger can do, and what one operator of it could. */
export function Ledgers({ trilemma }: { trilemma: TrilemmaView }) {
  return (
    <section aria-labelledby="ledgers">
      <h2 id="ledgers">The ledger trilemma</h2>
      <Table
        caption="What ledgers can do, and what one operator could do to them"
        columns={[
          { head: 'Ledger', cell: ({ name }) => name },
          { head: 'Block', numbers: true, cell: ({ block }) => block },
          { head: 'Gas per second', cell: ({ gas }) => gas },
          { head: 'Final after', cell: ({ finality }) => finality },
          { head: 'Decisions per second', numbers: true, cell: ({ decisions }) => decisions },
          { head: 'Who runs it', cell: ({ who }) => who },
          { head: 'What one operator could do', cell: ({ oneOperator }) => oneOperator },
        ]}
        rows={rowsOf(trilemma)}
        keyOf={({ id }) => id}
      />
      <details>
        <summary>Sources of these figures</summary>
        <ul className="records small">
          {trilemma.ledgers.flatMap(({ id, name, blockTime, gasPerSecond, finality, validators }) =>
            [blockTime, gasPerSecond, finality, validators].map((fact, i) =>
              fact === undefined ? null : (
                <li key={`${id} ${i}`}>
                  {name}: {fact.says}. {fact.source}, {fact.pin}, {fact.date}
                </li>
              ),
            ),
          )}
        </ul>
      </details>
    </section>
  );
}

/**
 * The decentralised-AI triangle: what each mechanism of a run serves, and what it took from the
 * other corners.
 */
export function Triangle({ triangle }: { triangle: MatrixPage['triangle'] }) {
  if (triangle === null) return null;
  const price = (name: 'seconds' | 'bytes' | 'gas' | 'accuracyLost' | 'joules', head: string) => ({
    head,
    numbers: true as const,
    cell: ({ price }: (typeof triangle.rows)[number]) => {
      const figure = price[name];
      return figure === undefined ? '–' : quantityText(figure.value, figure.unit);
    },
  });
  return (
    <section aria-labelledby="triangle">
      <h2 id="triangle">What the mechanisms of a run cost</h2>
      <Table
        caption={`From the receipt of ${triangle.run}. A dash is not zero: it was not measured.`}
        columns={[
          { head: 'Mechanism', cell: ({ mechanism }) => mechanism },
          { head: 'Serves', cell: ({ serves }) => serves.join(', ') },
          price('seconds', 'Seconds'),
          price('bytes', 'Bytes'),
          price('gas', 'Gas'),
          price('accuracyLost', 'Accuracy lost'),
          price('joules', 'Joules'),
        ]}
        rows={triangle.rows}
        keyOf={({ mechanism }) => mechanism}
      />
    </section>
  );
}
