import { type Gap, type MatrixView, orderedTable } from '@nonet/matrix';
import { Scroll } from '../shared/Scroll.tsx';
import { cellName, intervalText } from './text.ts';

/**
 * The table of the original matrix: all intersections from strong to weak, how each operates,
 * example projects.
 */
export function OrderedTable({ view }: { view: MatrixView }) {
  return (
    <section aria-labelledby="ordered">
      <h2 id="ordered">From strong to weak</h2>
      <p className="note">
        The order is the editor’s, after the analysis from which the matrix comes; what was measured stands
        beside it.
      </p>
      <Scroll label="Cells from strong to weak">
        <table>
          <thead>
            <tr>
              <th scope="col">Cell</th>
              <th scope="col" className="words">
                Editor
              </th>
              <th scope="col" className="words">
                Measured here
              </th>
              <th scope="col" className="words">
                How it operates
              </th>
              <th scope="col" className="words">
                Projects that claim it
              </th>
            </tr>
          </thead>
          <tbody>
            {orderedTable(view).map(({ cell, measured, claims }) => (
              <tr key={cell.id}>
                <th scope="row">
                  <a href={`#cell/${cell.id}`}>{cellName(cell.id)}</a>
                </th>
                <td className="words">
                  {cell.baseline}
                  {cell.origin === 'reconstructed' ? '*' : ''}
                </td>
                <td className="words">
                  {measured === undefined ? 'nothing' : `${measured.words}, ${intervalText(measured.score)}`}
                </td>
                <td className="words wide">{cell.together}</td>
                <td className="words wide">
                  {[...new Set(claims.map(({ project }) => project))].join(', ') || 'none'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
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
        <>
          <p>
            Cells in which the evidence supports no project at level 2 with a ledger, where parties other than
            the operator can see it:
          </p>
          <ul className="records">
            {gaps.map(({ cell, best, undecided }) => (
              <li key={cell}>
                <a href={`#cell/${cell}`}>{cellName(cell)}</a>:{' '}
                {best === undefined
                  ? 'no project of the catalogue claims it'
                  : `level ${best} is the highest shown`}
                {undecided === 0
                  ? ''
                  : `; ${undecided} ${undecided === 1 ? 'claim' : 'claims'} may yet reach it`}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
