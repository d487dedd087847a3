import { type CellState, type MatrixView, thresholds } from '@nonet/matrix';
import { Scroll } from '../shared/Scroll.tsx';
import { ScoreBar } from './ScoreBar.tsx';
import { capital, cellName, intervalText, ledgerProperties, wishes } from './text.ts';

/** Where the words change: weak, medium, strong. */
export const wordTicks = [thresholds.medium, thresholds.strong];

/** The nine cells as a table: rows are wishes for AI, columns wishes for a ledger. */
export function Grid({ view }: { view: MatrixView }) {
  const stateOf = (wish: string, property: string) =>
    view.cells.find((state) => state.cell.id === `${wish}-${property}`)!;
  return (
    <section aria-labelledby="grid">
      <h2 id="grid">The nine cells</h2>
      <Scroll label="The nine cells">
        <table className="grid">
          <thead>
            <tr>
              <th />
              {ledgerProperties.map((property) => (
                <th key={property} scope="col">
                  {capital(property)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {wishes.map((wish) => (
              <tr key={wish}>
                <th scope="row">{capital(wish)}</th>
                {ledgerProperties.map((property) => (
                  <GridCell key={property} property={property} state={stateOf(wish, property)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Legend />
      <p className="note">{view.formula}.</p>
    </section>
  );
}

function GridCell({ property, state }: { property: string; state: CellState }) {
  const { cell, measured, claims } = state;
  const best = claims[0];
  return (
    <td data-property={capital(property)}>
      <a href={`#cell/${cell.id}`}>
        {cell.together}
        <span className="unseen"> ({cellName(cell.id)})</span>
      </a>
      {measured === undefined ? (
        <p className="score open">not measured here</p>
      ) : (
        <>
          <p className="score">
            <b>{measured.words}</b> {intervalText(measured.score)}
          </p>
          <ScoreBar
            {...measured.score}
            ticks={wordTicks}
            label={`Score ${intervalText(measured.score)} of 1`}
          />
        </>
      )}
      <p className="small">
        editor: {cell.baseline}
        {cell.origin === 'reconstructed' ? '*' : ''}
        {best === undefined
          ? ', no project claims it'
          : `; ${claims.length} ${claims.length === 1 ? 'claim' : 'claims'}`}
      </p>
    </td>
  );
}

function Legend() {
  return (
    <ul className="legend small">
      <li>Solid: what the evidence shows at least. Hatched: what it leaves open.</li>
      <li>The editor’s word is an opinion to start from; * marks where the source’s own did not survive.</li>
    </ul>
  );
}
