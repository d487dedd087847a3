import type { PieceView, Status } from '@nonet/core/receipt';

const order: readonly Status[] = ['checked here', 'checked against', 'undecided', 'failed', 'only stated'];

/** How much of what the receipt says was checked: one field for each statement. */
export function CheckedBar({ pieces }: { pieces: readonly PieceView[] }) {
  const statements = pieces
    .filter(({ group }) => group === 'statement')
    .toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  if (statements.length === 0) return null;
  const step = 100 / statements.length;
  const gap = statements.length > 60 ? 0 : 0.15 * step;
  return (
    <svg className="checkedBar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
      {statements.map(({ key, status }, i) => (
        <rect key={key} x={i * step} width={step - gap} height="3" data-status={status} />
      ))}
    </svg>
  );
}
