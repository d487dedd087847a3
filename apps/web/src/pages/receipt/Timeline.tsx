import type { Moment, ReceiptView, Standing } from '@nonet/core/receipt';
import { Mark } from '../shared/Mark.tsx';
import { Table } from '../shared/Table.tsx';
import { CountChart } from './CountChart.tsx';
import { LevelChart } from './LevelChart.tsx';

type TimelineView = NonNullable<ReceiptView['timeline']>;

const many = 30;

/** The course of a job: charts of its levels and counts, and the table that they were drawn from. */
export function Timeline({ timeline }: { timeline: TimelineView | undefined }) {
  if (timeline === undefined || timeline.moments.length === 0) return null;
  const { title, unit, level, count: counted, moments } = timeline;
  const points = moments.flatMap(({ position, level }) => (level === undefined ? [] : [{ position, level }]));
  const counts = moments.flatMap(({ position, count }) => (count === undefined ? [] : [{ position, count }]));
  const table = <MomentTable {...timeline} />;
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">{title}</h2>
      {points.length < 2 ? null : <LevelChart name={level} unit={unit} points={points} />}
      {counted === undefined || counts.length < 2 ? null : (
        <CountChart name={counted} unit={unit} points={counts} />
      )}
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

function MomentTable({ title, unit, columns, moments }: TimelineView) {
  const labels = [...new Set(moments.flatMap(({ figures }) => figures.map(({ label }) => label)))].slice(
    0,
    3,
  );
  const numbers = true as const;
  return (
    <Table
      caption={`${title}: what the receipt says, and whether it was checked here`}
      columns={[
        { head: unit, numbers, cell: ({ position }) => position },
        ...columns.map((head, i) => ({
          head,
          numbers,
          cell: ({ cells }: Moment & Standing) => cells[i] || '–',
        })),
        { head: 'Checked?', cell: ({ status, words }) => <Mark status={status} words={words} /> },
        ...labels.map((head) => ({
          head,
          numbers,
          cell: ({ figures }: Moment & Standing) => figures.find(({ label }) => label === head)?.text ?? '–',
        })),
      ]}
      rows={moments}
      keyOf={({ number }) => String(number)}
    />
  );
}
