import type { Moment, ReceiptView, Standing } from '@nonet/core/receipt';
import { Mark } from '../shared/Mark.tsx';
import { LevelChart } from './LevelChart.tsx';

type TimelineView = NonNullable<ReceiptView['timeline']>;

const many = 30;

/** The course of a job: a chart of its levels, and the table that it was drawn from. */
export function Timeline({ timeline }: { timeline: TimelineView | undefined }) {
  if (timeline === undefined || timeline.moments.length === 0) return null;
  const { title, unit, level, moments } = timeline;
  const points = moments.flatMap(({ position, level }) => (level === undefined ? [] : [{ position, level }]));
  const table = <MomentTable {...timeline} />;
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">{title}</h2>
      {points.length < 2 ? null : <LevelChart name={level} unit={unit} points={points} />}
      {moments.length <= many ? (
        table
      ) : (
        <details>
          <summary>All {moments.length} entries as a table</summary>
          {table}
        </details>
      )}
    </section>
  );
}

function MomentTable({ unit, columns, moments }: TimelineView) {
  const labels = [...new Set(moments.flatMap(({ figures }) => figures.map(({ label }) => label)))].slice(
    0,
    3,
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section would be a second one of the same name in the outline
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard (WCAG 2.1.1)
    <div className="scroll" role="region" aria-labelledby="timeline" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {[unit, ...columns].map((heading) => (
              <th scope="col" key={heading}>
                {heading}
              </th>
            ))}
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
          {moments.map((moment) => (
            <Row key={moment.number} moment={moment} columns={columns} labels={labels} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly moment: Moment & Standing;
  readonly columns: readonly string[];
  readonly labels: readonly string[];
}

function Row({ moment, columns, labels }: RowProps) {
  const { position, cells, figures, status, words } = moment;
  return (
    <tr>
      <th scope="row">{position}</th>
      {columns.map((column, i) => (
        <td key={column}>{cells[i] || '–'}</td>
      ))}
      <td className="words">
        <Mark status={status} words={words} />
      </td>
      {labels.map((label) => (
        <td key={label}>{figures.find((figure) => figure.label === label)?.text ?? '–'}</td>
      ))}
    </tr>
  );
}
