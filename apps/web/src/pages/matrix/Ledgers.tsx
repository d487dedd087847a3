import { quantityText } from '@nonet/core/receipt';
import type { LedgerFact, TrianglePrice, TrilemmaView } from '@nonet/matrix';
import { Scroll } from '../shared/Scroll.tsx';
import type { MatrixPage } from './data.ts';

/** The trilemma: what each ledger can do, and what one operator of it could. */
export function Ledgers({ trilemma }: { trilemma: TrilemmaView }) {
  const { ledgers, embedded, embeddedOperator } = trilemma;
  return (
    <section aria-labelledby="ledgers">
      <h2 id="ledgers">The ledger trilemma</h2>
      <Scroll label="Ledgers">
        <table>
          <thead>
            <tr>
              <th scope="col">Ledger</th>
              <th scope="col">Block</th>
              <th scope="col">Gas per second</th>
              <th scope="col">Final after</th>
              <th scope="col">Decisions per second</th>
              <th scope="col" className="words">
                Who runs it
              </th>
              <th scope="col" className="words">
                What one operator could do
              </th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Embedded, here</th>
              <td>
                {embedded === undefined
                  ? 'not measured'
                  : quantityText(embedded.inclusion.value, embedded.inclusion.unit)}
              </td>
              <td />
              <td>at once, for who trusts its operator</td>
              <td>
                {embedded === undefined
                  ? 'not measured'
                  : quantityText(Math.round(embedded.throughput.value), '')}
              </td>
              <td className="words wide">the runner of the job</td>
              <td className="words wide">{embeddedOperator}</td>
            </tr>
            {ledgers.map((row) => (
              <tr key={row.id}>
                <th scope="row">{row.name}</th>
                <FactCell fact={row.blockTime} />
                {row.gasPerSecond === undefined ? (
                  <td>{row.whyNoGas}</td>
                ) : (
                  <FactCell fact={row.gasPerSecond} />
                )}
                <FactCell fact={row.finality} />
                <td>
                  {row.decisionsPerSecond === undefined
                    ? ''
                    : quantityText(Math.round(row.decisionsPerSecond.value), '')}
                </td>
                <td className="words wide">{row.validators.text}</td>
                <td className="words wide">{row.oneOperator}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <details>
        <summary>Sources of these figures</summary>
        <ul className="records small">
          {ledgers.flatMap(({ id, name, blockTime, gasPerSecond, finality, validators }) =>
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

function FactCell({ fact: { value, unit } }: { fact: LedgerFact }) {
  return <td>{quantityText(value, unit)}</td>;
}

const columns = ['seconds', 'bytes', 'gas', 'accuracyLost', 'joules'] as const;

/**
 * The decentralised-AI triangle: what each mechanism of a run serves, and what it took from the
 * other corners.
 */
export function Triangle({ triangle }: { triangle: MatrixPage['triangle'] }) {
  if (triangle === null) return null;
  return (
    <section aria-labelledby="triangle">
      <h2 id="triangle">What the mechanisms of a run cost</h2>
      <p className="note">From the receipt of {triangle.run}. A blank is not zero: it was not measured.</p>
      <Scroll label="Prices of mechanisms">
        <table>
          <thead>
            <tr>
              <th scope="col">Mechanism</th>
              <th scope="col" className="words">
                serves
              </th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column === 'accuracyLost' ? 'accuracy lost' : column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {triangle.rows.map((row) => (
              <TriangleRow key={row.mechanism} row={row} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function TriangleRow({ row: { mechanism, serves, price } }: { row: TrianglePrice }) {
  return (
    <tr>
      <th scope="row">{mechanism}</th>
      <td className="words">{serves.join(', ')}</td>
      {columns.map((column) => {
        const figure = price[column];
        return <td key={column}>{figure === undefined ? '' : quantityText(figure.value, figure.unit)}</td>;
      })}
    </tr>
  );
}
