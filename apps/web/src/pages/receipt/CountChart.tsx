import { useWidth } from '../shared/useWidth.ts';

const height = 96;
const margin = { top: 18, right: 64, bottom: 24, left: 60 };

/** Bars over positions, from zero. The table below it says the same in numbers. */
export function CountChart({
  name,
  unit,
  points,
}: {
  /** What is counted: `Participants`. */
  name: string;
  /** What positions count: `Round`. */
  unit: string;
  points: readonly { readonly position: number; readonly count: number }[];
}) {
  const [figure, width] = useWidth(640);
  const most = points.reduce((all, { count }) => Math.max(all, count), 1);
  const step = (width - margin.left - margin.right) / points.length;
  const floor = height - margin.bottom;
  const y = (count: number) => floor - (Math.max(0, count) / most) * (floor - margin.top);
  const moment = unit.toLowerCase();
  return (
    <figure ref={figure} className="chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={`${name} in each ${moment}, at most ${most}. The table has every one.`}
      >
        <line x1={margin.left} x2={width - margin.right + 8} y1={floor} y2={floor} className="grid" />
        <line x1={margin.left} x2={width - margin.right + 8} y1={y(most)} y2={y(most)} className="grid" />
        <text x={margin.left - 8} y={y(most)} dy=".35em" textAnchor="end">
          {most}
        </text>
        <text x={margin.left - 8} y={floor} dy=".35em" textAnchor="end">
          0
        </text>
        {points.map(({ position, count }, i) => (
          <rect
            key={position}
            x={margin.left + (i + 0.2) * step}
            width={Math.max(0.5, 0.6 * step)}
            y={y(count)}
            height={floor - y(count)}
            className="bar"
          />
        ))}
      </svg>
      <figcaption>
        {name} in each {moment}.
      </figcaption>
    </figure>
  );
}
