import type { DriverView } from '@nonet/limits';
import { scaleLog } from '@visx/scale';
import { LogAxis } from '../shared/LogAxis.tsx';
import { useWidth } from '../shared/useWidth.ts';
import { flopWords } from './text.ts';

const rowHeight = 30;
const margin = { top: 12, bottom: 44, right: 18 };

/** Where the joint median lies if one parameter is known to be low (hollow) or high (filled). */
export function Tornado({ drivers, median }: { drivers: readonly DriverView[]; median: number }) {
  const [figure, width] = useWidth(640);
  const left = width < 520 ? 150 : 300;
  const ends = drivers.flatMap(({ atP10, atP90 }) => [atP10, atP90]);
  const x = scaleLog<number>({
    domain: [Math.min(...ends, median) / 1.2, Math.max(...ends, median) * 1.2],
    range: [left, width - margin.right],
  });
  const bottom = margin.top + drivers.length * rowHeight;
  return (
    <figure ref={figure} className="chart">
      <svg
        viewBox={`0 0 ${width} ${bottom + margin.bottom}`}
        width={width}
        height={bottom + margin.bottom}
        role="img"
        aria-label={`How far single parameters move the joint median of ${flopWords(median)} FLOP. The table has every number.`}
      >
        <line x1={x(median)} x2={x(median)} y1={margin.top} y2={bottom} className="reference" />
        {drivers.map(({ parameter, about, atP10, atP90 }, i) => {
          const y = margin.top + (i + 0.5) * rowHeight;
          return (
            <g key={parameter}>
              <text x={left - 10} y={y} dy=".35em" textAnchor="end" className="rowName">
                {shorten(about, width < 520 ? 18 : 42)}
              </text>
              <line
                x1={x(Math.min(atP10, atP90))}
                x2={x(Math.max(atP10, atP90))}
                y1={y}
                y2={y}
                className="range"
              />
              <circle cx={x(atP10)} cy={y} r="4.5" className="dot" />
              <circle cx={x(atP90)} cy={y} r="4.5" className="dot full" />
            </g>
          );
        })}
        <LogAxis scale={x} top={bottom} label="FLOP, median of all four together" />
      </svg>
      <figcaption>Hollow: the parameter is at its 10th percentile. Filled: at its 90th.</figcaption>
    </figure>
  );
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
