import { type CellState, cellSentence, type MatrixView } from '@nonet/matrix';
import { Chip } from './Chip.tsx';
import { Strength } from './ScoreBar.tsx';
import { capital, cellName, counted, ledgerProperties, levelText, shortName, wishes } from './text.ts';

/** The nine cells as a table: rows are wishes for AI, columns wishes for a ledger. */
export function Grid({ view }: { view: MatrixView }) {
  const stateOf = (wish: string, property: string) =>
    view.cells.find((state) => state.cell.id === `${wish}-${property}`)!;
  return (
    <>
      <table className="grid" id="grid">
        <caption className="unseen">
          The nine cells: three wishes for AI in rows, three for a ledger in columns
        </caption>
        <thead>
          <tr>
            <td />
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
      <p className="note legend">
        Solid: what was measured shows at least. <span className="hatched" /> Hatched grey: not known. The
        first bar is what Nonet’s makers measured and ship, the second what this installation measured.
        Editor: the word of <a href="#statements">the analysis that the matrix comes from</a>; * where its
        table did not survive. Levels are of 4, <a href="#projects">by evidence</a>.
      </p>
    </>
  );
}

function GridCell({ property, state }: { property: string; state: CellState }) {
  const { cell, measured, shipped, claims, evidence } = state;
  const best = claims.find(({ ledger }) => ledger) ?? claims[0];
  return (
    <td data-property={capital(property)} data-word={(measured ?? shipped)?.words ?? 'unknown'}>
      <a className="together" href={`#cell/${cell.id}`}>
        {capital(cell.together)}
        <span className="unseen"> ({cellName(cell.id)})</span>
      </a>
      {shipped === undefined && measured === undefined ? (
        <Strength by="Measured" score={undefined} />
      ) : (
        <>
          <Strength by="Nonet" score={shipped} />
          <Strength by="Here" score={measured} />
        </>
      )}
      <p className="soWhat">{cellSentence(state)}</p>
      <p className="small">
        {best === undefined ? null : (
          <>
            Best: {shortName(best.project)}, {levelText(best.level)} <Chip verdict={best.verdict} />
            <br />
          </>
        )}
        {counted(claims.length, 'claim')}, {counted(evidence.length, 'record')} here; editor: {cell.baseline}
        {cell.origin === 'reconstructed' ? '*' : ''}
      </p>
    </td>
  );
}
