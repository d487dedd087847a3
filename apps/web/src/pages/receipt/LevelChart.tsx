import { quantityText } from '@nonet/core/receipt';
import { useWidth } from '../shared/useWidth.ts';

interface Point {
  readonly position: number;
  /** 0 .. 1 */
  readonly level: number;
}

interface LevelChartProps {
  /** What levels are: `Right answers`. */
  readonly name: string;
  /** What positions count: `Round`. */
  readonly unit: string;
  readonly points: readonly Point[];
}

const height = 190;
const margin = { top: 26, right: 64, bottom: 30, left: 60 };

/**
 * A line over positions. Levels are clamped to 0 .. 1: a receipt can state anything. The table
 * below it says the same in numbers.
 */
export function LevelChart({ name, unit, points }: LevelChartProps) {
  const [figure, width] = useWidth(640);
  const values = points.map(({ level }) => Math.min(1, Math.max(0, level)));
  // Too many for the arguments of one call, as 100,000 rounds may be, would leave the page blank.
  const ticks = ticksOver(
    values.reduce((least, value) => Math.min(least, value)),
    values.reduce((most, value) => Math.max(most, value)),
  );
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const positions = points.map(({ position }) => position);
  const moment = unit.toLowerCase();
  const [first, last] = [positions[0]!, positions.at(-1)!];
  const x = (position: number) =>
    margin.left + ((position - first) / Math.max(1, last - first)) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const line = points.map(
    ({ position }, i) => `${i === 0 ? 'M' : 'L'}${x(position).toFixed(1)} ${y(values[i]!).toFixed(1)}`,
  );
  const text = (i: number) => quantityText(points[i]!.level, 'fraction');
  const end = points.length - 1;
  return (
    <figure ref={figure} className="chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={`${name}: ${text(0)} after ${moment} ${positions[0]}, ${text(end)} after ${moment} ${positions[end]}. The table has every one.`}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={margin.left} x2={width - margin.right + 8} y1={y(tick)} y2={y(tick)} className="grid" />
            <text x={margin.left - 8} y={y(tick)} dy=".35em" textAnchor="end">
              {quantityText(tick, 'fraction')}
            </text>
          </g>
        ))}
        {labelled(positions, width).map((position) => (
          <text key={position} x={x(position)} y={height - 8} textAnchor="middle">
            {position}
          </text>
        ))}
        <path d={line.join('')} className="line" />
        {points.length > 60
          ? null
          : points.map(({ position }, i) => (
              <circle key={position} cx={x(position)} cy={y(values[i]!)} r="3" className="dot" />
            ))}
        <text x={x(positions[0]!) + 6} y={y(values[0]!)} dy="1.4em" className="value">
          {text(0)}
        </text>
        <text x={x(positions[end]!) + 8} y={y(values[end]!)} dy=".35em" className="value">
          {text(end)}
        </text>
      </svg>
      <figcaption>
        {name} after each {moment}. The axis does not start at zero.
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

/** As many positions as fit under the axis. */
function labelled(positions: readonly number[], width: number): number[] {
  const every = Math.ceil(positions.length / Math.max(2, Math.floor(width / 44)));
  return [...new Set(positions.filter((_, i) => i % every === 0))];
}
