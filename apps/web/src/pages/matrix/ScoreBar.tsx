import { useId } from 'react';
import { Hatching } from './Rosette.tsx';

/**
 * A score in [0, 1]: solid up to its lower bound, hatched up to its upper one; ticks where the
 * words change.
 */
export function ScoreBar({
  low,
  high,
  ticks,
  label,
}: {
  low: number;
  high: number;
  ticks: readonly number[];
  label: string;
}) {
  const hatch = useId();
  return (
    <svg className="scoreBar" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" aria-label={label}>
      <Hatching id={hatch} />
      <rect x="0.5" y="2.5" width="199" height="11" className="track" />
      <rect
        x={200 * low}
        y="2.5"
        width={Math.max(1.5, 200 * (high - low))}
        height="11"
        fill={`url(#${hatch})`}
        className="open"
      />
      <rect x="0" y="2.5" width={200 * low} height="11" className="shown" />
      {ticks.map((tick) => (
        <line key={tick} x1={200 * tick} x2={200 * tick} y1="0" y2="16" className="tickLine" />
      ))}
    </svg>
  );
}
