import { quantityText } from '@nonet/core/receipt';
import type { RoundView } from '@nonet/core/records';
import { Mark } from '../shared/Mark.tsx';
import { AccuracyChart } from './AccuracyChart.tsx';

const many = 30;

/** Accuracy round by round: a chart, and the table that it was drawn from. */
export function Rounds({ rounds }: { rounds: readonly RoundView[] }) {
  if (rounds.length === 0) return null;
  const points = rounds.flatMap(({ round, accuracy }) =>
    accuracy === undefined ? [] : [{ round, accuracy }],
  );
  const table = <RoundTable rounds={rounds} />;
  return (
    <section aria-labelledby="rounds">
      <h2 id="rounds">Round by round</h2>
      {points.length < 2 ? null : <AccuracyChart points={points} />}
      {rounds.length <= many ? (
        table
      ) : (
        <details>
          <summary>All {rounds.length} rounds as a table</summary>
          {table}
        </details>
      )}
    </section>
  );
}

function RoundTable({ rounds }: { rounds: readonly RoundView[] }) {
  const labels = [...new Set(rounds.flatMap(({ figures }) => figures.map(({ label }) => label)))].slice(0, 3);
  const most = Math.max(...rounds.map(({ participants }) => participants ?? 0));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section would be a second one of the same name in the outline
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard (WCAG 2.1.1)
    <div className="scroll" role="region" aria-labelledby="rounds" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Round</th>
            <th scope="col">Took part</th>
            <th scope="col">Right answers</th>
            <th scope="col" className="words">
              Checked?
            </th>
            {labels.map((label) => (
              <th scope="col" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rounds.map(({ number, round, participants, accuracy, figures, status, words }) => (
            <tr key={number}>
              <th scope="row">{round}</th>
              <td className={participants !== undefined && participants < most ? 'fewer' : undefined}>
                {participants ?? '–'}
              </td>
              <td>{accuracy === undefined ? '–' : quantityText(accuracy, 'fraction')}</td>
              <td className="words">
                <Mark status={status} words={words} />
              </td>
              {labels.map((label) => (
                <td key={label}>{figures.find((figure) => figure.label === label)?.text ?? '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
