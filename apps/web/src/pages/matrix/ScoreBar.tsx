import { type MeasuredScore, thresholds } from '@nonet/matrix';
import { useId } from 'react';
import { Hatching } from './Rosette.tsx';
import { intervalText } from './text.ts';

/** Where the words change: weak, medium, strong. */
const wordTicks = [thresholds.medium, thresholds.strong];

/**
 * A score in [0, 1]: solid up to its lower bound, hatched grey from there to its upper one, which
 * is not known; hatched as a whole where nothing was measured. Ticks where the words change.
 */
function ScoreBar({ low, high }: { low: number; high: number }) {
  const hatch = useId();
  return (
    <svg className="scoreBar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
      <Hatching id={hatch} />
      <rect x="0.5" y="1.5" width="99" height="9" className="track" />
      {high > low ? (
        <rect x={100 * low} y="1.5" width={100 * (high - low)} height="9" fill={`url(#${hatch})`} />
      ) : null}
      {low > 0 ? <rect x="0" y="1.5" width={100 * low} height="9" className="shown" /> : null}
      {wordTicks.map((tick) => (
        <line key={tick} x1={100 * tick} x2={100 * tick} y1="0" y2="12" className="tickLine" />
      ))}
    </svg>
  );
}

/** What was measured, by whom: a bar, and the same in words. */
export function Strength({ by, score }: { by: string; score: MeasuredScore | undefined }) {
  return (
    <p className="strength" data-word={score?.words ?? 'unknown'}>
      <span className="by">{by}</span>
      <ScoreBar low={score?.score.low ?? 0} high={score?.score.high ?? 1} />
      <span>
        {score === undefined ? (
          'nothing measured'
        ) : (
          <>
            <b>{score.words}</b> {intervalText(score.score)}
          </>
        )}
      </span>
    </p>
  );
}
