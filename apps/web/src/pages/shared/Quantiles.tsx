import { scaleLog } from '@visx/scale';
import { LogAxis } from './LogAxis.tsx';
import { useWidth } from './useWidth.ts';

export interface QuantileRow {
  readonly name: string;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** Drawn heavier: the row that the others lead to. */
  readonly strong?: boolean;
}

interface Mark {
  readonly at: number;
  readonly name: string;
}

const rowHeight = 40;
const margin = { top: 22, bottom: 44, right: 18 };

/**
 * From the tenth to the ninetieth percentile of each row, with its median, over powers of ten. A
 * table beside it says the same in numbers.
 */
export function Quantiles({
  rows,
  marks = [],
  unit,
  summary,
}: {
  rows: readonly QuantileRow[];
  marks?: readonly Mark[];
  unit: string;
  summary: string;
}) {
  const [figure, width] = useWidth(640);
  // Letters of 13 pixels are seldom wider than eight.
  const left = Math.max(118, 10 + 8 * Math.max(...rows.map(({ name }) => name.length)));
  const values = [...rows.flatMap(({ p10, p90 }) => [p10, p90]), ...marks.map(({ at }) => at)];
  const x = scaleLog<number>({
    domain: [
      10 ** Math.floor(Math.log10(Math.min(...values))),
      10 ** Math.ceil(Math.log10(Math.max(...values))),
    ],
    range: [left, width - margin.right],
  });
  const bottom = margin.top + rows.length * rowHeight;
  const middle = (row: number) => margin.top + (row + 0.5) * rowHeight;
  return (
    <figure ref={figure} className="chart">
      <svg
        viewBox={`0 0 ${width} ${bottom + margin.bottom}`}
        width={width}
        height={bottom + margin.bottom}
        role="img"
        aria-label={summary}
      >
        {marks.map(({ at, name }) => (
          <g key={name}>
            <line x1={x(at)} x2={x(at)} y1={margin.top - 4} y2={bottom} className="reference" />
            <text x={x(at)} y={margin.top - 9} textAnchor="middle">
              {name}
            </text>
          </g>
        ))}
        {rows.map(({ name, p10, p50, p90, strong }, i) => (
          <g key={name} className={strong === true ? 'strong' : undefined}>
            <text x={left - 10} y={middle(i)} dy=".35em" textAnchor="end" className="rowName">
              {name}
            </text>
            <line x1={x(p10)} x2={x(p90)} y1={middle(i)} y2={middle(i)} className="range" />
            {[p10, p90].map((end) => (
              <line key={end} x1={x(end)} x2={x(end)} y1={middle(i) - 7} y2={middle(i) + 7} className="end" />
            ))}
            <circle cx={x(p50)} cy={middle(i)} r="5" className="dot" />
          </g>
        ))}
        <LogAxis scale={x} top={bottom} label={unit} />
      </svg>
      <figcaption>From the 10th to the 90th percentile, with the median.</figcaption>
    </figure>
  );
}
