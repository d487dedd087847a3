import type { MatrixPage } from './data.ts';
import { cellName, intervalText } from './text.ts';

/** What is different from an earlier date, with what moved it. */
export function Changes({ changes }: { changes: MatrixPage['changes'] }) {
  const { since, cells } = changes;
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">What changed since {since.slice(0, 10)}</h2>
      {cells.length === 0 ? <p>Nothing.</p> : null}
      <ul className="records">
        {cells.map(({ cell, score, newRecords, lostRecords, newMechanisms, newClaims }) => (
          <li key={cell}>
            <h3>
              <a href={`#cell/${cell}`}>{cellName(cell)}</a>
            </h3>
            {score === undefined ? null : (
              <p>
                {score.before === undefined ? 'not measured' : intervalText(score.before)} →{' '}
                {score.after === undefined ? 'not measured' : intervalText(score.after)}
              </p>
            )}
            <List title="new evidence" items={newRecords} />
            <List title="evidence that no longer counts" items={lostRecords} />
            <List title="new mechanisms" items={newMechanisms} />
            <List title="new claims" items={newClaims} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function List({ title, items }: { title: string; items: readonly string[] }) {
  if (items.length === 0) return null;
  const shown = items.slice(0, 4);
  return (
    <p className="small">
      <b>{title}:</b> {shown.join('; ')}
      {items.length > shown.length ? `; and ${items.length - shown.length} more` : ''}
    </p>
  );
}
