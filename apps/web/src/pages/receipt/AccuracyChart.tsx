import { quantityText } from '@nonet/core/receipt';
import { useWidth } from '../shared/useWidth.ts';

interface Point {
  readonly round: number;
  /** 0 .. 1 */
  readonly accuracy: number;
}

const height = 190;
const margin = { top: 26, right: 64, bottom: 30, left: 46 };

/** A line over the rounds. Values are clamped to 0 .. 1: a receipt can state anything. The table below it says the same in numbers. */
export function AccuracyChart({ points }: { points: readonly Point[] }) {
  const [figure, width] = useWidth(640);
  const values = points.map(({ accuracy }) => Math.min(1, Math.max(0, accuracy)));
  const ticks = ticksOver(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const rounds = points.map(({ round }) => round);
  const [first, last] = [Math.min(...rounds), Math.max(...rounds)];
  const x = (round: number) =>
    margin.left + ((round - first) / Math.max(1, last - first)) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const line = points.map(
    ({ round }, i) => `${i === 0 ? 'M' : 'L'}${x(round).toFixed(1)} ${y(values[i]!).toFixed(1)}`,
  );
  const text = (i: number) => quantityText(points[i]!.accuracy, 'fraction');
  const end = points.length - 1;
  return (
    <figure ref={figure} className="chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={`Share of right answers: ${text(0)} after round ${rounds[0]}, ${text(end)} after round ${rounds[end]}. The table has every round.`}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={margin.left} x2={width - margin.right + 8} y1={y(tick)} y2={y(tick)} className="grid" />
            <text x={margin.left - 8} y={y(tick)} dy=".35em" textAnchor="end">
              {quantityText(tick, 'fraction')}
            </text>
          </g>
        ))}
        {labelled(rounds, width).map((round) => (
          <text key={round} x={x(round)} y={height - 8} textAnchor="middle">
            {round}
          </text>
        ))}
        <path d={line.join('')} className="line" />
        {points.length > 60
          ? null
          : points.map(({ round }, i) => (
              <circle key={round} cx={x(round)} cy={y(values[i]!)} r="3" className="dot" />
            ))}
        <text x={x(rounds[0]!) + 6} y={y(values[0]!)} dy="1.4em" className="value">
          {text(0)}
        </text>
        <text x={x(rounds[end]!) + 8} y={y(values[end]!)} dy=".35em" className="value">
          {text(end)}
        </text>
      </svg>
      <figcaption>
        Share of test examples that the model got right after each round. The axis does not start at zero.
      </figcaption>
    </figure>
  );
}

/** Three to six even ticks around a range of fractions. */
function ticksOver(low: number, high: number): number[] {
  const step = [0.2, 0.1, 0.05, 0.02, 0.01].find((step) => (high - low) / step >= 2) ?? 0.005;
  const from = Math.max(0, Math.floor(low / step));
  const to = Math.max(from + 1, Math.ceil(high / step));
  return Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toFixed(3)));
}

/** As many round numbers as fit under the axis. */
function labelled(rounds: readonly number[], width: number): number[] {
  const every = Math.ceil(rounds.length / Math.max(2, Math.floor(width / 44)));
  return [...new Set(rounds.filter((_, i) => i % every === 0))];
}
