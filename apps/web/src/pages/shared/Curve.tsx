import { AxisLeft } from '@visx/axis';
import { scaleLinear, scaleLog } from '@visx/scale';
import { LinePath } from '@visx/shape';
import { LogAxis } from './LogAxis.tsx';
import { useWidth } from './useWidth.ts';

const margin = { top: 14, right: 18, bottom: 44, left: 52 };
const height = 240;

/** Probabilities, 0 to 1, over powers of ten; `mark` is the place that the reader asks about. */
export function Curve({
  points,
  mark,
  unit,
  summary,
}: {
  points: readonly { readonly x: number; readonly probability: number }[];
  mark?: { readonly x: number; readonly probability: number; readonly name: string };
  unit: string;
  summary: string;
}) {
  const [figure, width] = useWidth(640);
  const x = scaleLog<number>({
    domain: [points[0]!.x, points.at(-1)!.x],
    range: [margin.left, width - margin.right],
  });
  const y = scaleLinear<number>({ domain: [0, 1], range: [height - margin.bottom, margin.top] });
  return (
    <figure ref={figure} className="chart">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={summary}>
        {[0.25, 0.5, 0.75, 1].map((tick) => (
          <line
            key={tick}
            x1={margin.left}
            x2={width - margin.right}
            y1={y(tick)}
            y2={y(tick)}
            className="grid"
          />
        ))}
        <AxisLeft
          scale={y}
          left={margin.left}
          tickValues={[0, 0.25, 0.5, 0.75, 1]}
          tickFormat={(value) => `${Number(value) * 100} %`}
          tickLabelProps={{ className: 'tick', dx: '-0.4em', dy: '0.3em', textAnchor: 'end' }}
          hideAxisLine
          hideTicks
        />
        <LinePath
          data={[...points]}
          x={(point) => x(point.x)}
          y={(point) => y(point.probability)}
          className="line"
        />
        {mark === undefined ? null : (
          <g>
            <line x1={x(mark.x)} x2={x(mark.x)} y1={y(0)} y2={y(mark.probability)} className="reference" />
            <circle cx={x(mark.x)} cy={y(mark.probability)} r="5" className="dot" />
            <text
              x={x(mark.x) + 10}
              y={y(mark.probability)}
              dy="-0.6em"
              className="value"
              textAnchor={x(mark.x) > width * 0.6 ? 'end' : 'start'}
            >
              {mark.name}
            </text>
          </g>
        )}
        <LogAxis scale={x} top={height - margin.bottom} label={unit} />
      </svg>
    </figure>
  );
}
