import type { Decision } from '@nonet/matrix/evaluation';

const signs: Readonly<Record<Decision['verdict'], string>> = {
  impact: '●',
  'impact with overclaim': '◐',
  'not shown': '○',
  hype: '✕',
  'under review': '…',
  'plain AI tool': '□',
};

/** A verdict: a sign and its words, and a colour that says nothing alone. */
export function Chip({ verdict }: { verdict: string }) {
  return (
    <span className="chip" data-verdict={verdict}>
      <span aria-hidden="true">{signs[verdict as Decision['verdict']] ?? ''}</span> {verdict}
    </span>
  );
}
