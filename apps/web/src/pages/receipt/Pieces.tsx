import type { PieceView, Status } from '@nonet/core/receipt';
import { Mark } from '../shared/Mark.tsx';

const legend: readonly [Status, string, string][] = [
  ['checked here', 'checked here', 'computed again in your browser, and right'],
  ['only stated', 'only stated', 'the runner’s word, or an assumption'],
  ['undecided', 'could not be decided', 'something that is needed is missing here'],
  ['failed', 'failed', 'computed again, and wrong'],
];

/** Every piece with its verdict: the file itself, then each statement. */
export function Pieces({ pieces }: { pieces: readonly PieceView[] }) {
  const document = pieces.filter(({ group }) => group === 'document');
  const statements = pieces.filter(({ group }) => group === 'statement');
  return (
    <section aria-labelledby="pieces">
      <h2 id="pieces">Checked piece by piece</h2>
      <ul className="legend">
        {legend.map(([status, words, detail]) => (
          <li key={status}>
            <Mark status={status} words={words} detail={detail} />
          </li>
        ))}
      </ul>
      <p>
        First the file itself: that nothing in it was changed since it was signed. Then what it says, which is
        another matter.
      </p>
      <List pieces={document} />
      {statements.length === 0 ? null : (
        <details open={statements.some(({ status }) => status === 'failed')}>
          <summary>
            {statements.length === 1 ? 'The statement' : `All ${statements.length} statements, one by one`}
          </summary>
          <List pieces={statements} />
        </details>
      )}
    </section>
  );
}

function List({ pieces }: { pieces: readonly PieceView[] }) {
  return (
    <ul className="pieces">
      {pieces.map(({ key, title, status, words, detail }) => (
        <li key={key} data-piece={key}>
          <span>{title}</span>
          <Mark status={status} words={words} {...(detail === undefined ? {} : { detail })} />
        </li>
      ))}
    </ul>
  );
}
