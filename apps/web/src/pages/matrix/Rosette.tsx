import { useId } from 'react';

export interface Slice {
  readonly name: string;
  /** 0 to 4. Solid up to `low`, hatched up to `high`: what is unknown is seen, not scored. */
  readonly low: number;
  readonly high: number;
  /** False where nothing is claimed: the slice stays empty, without hatching. */
  readonly claimed: boolean;
}

const levels = 4;
const radius = 78;

function arc(from: number, to: number, inner: number, outer: number): string {
  const point = (angle: number, r: number) =>
    `${(Math.sin(angle) * r).toFixed(2)} ${(-Math.cos(angle) * r).toFixed(2)}`;
  return [
    `M${point(from, inner)}`,
    `L${point(from, outer)}`,
    `A${outer} ${outer} 0 0 1 ${point(to, outer)}`,
    `L${point(to, inner)}`,
    inner > 0 ? `A${inner} ${inner} 0 0 0 ${point(from, inner)}` : '',
    'Z',
  ].join('');
}

/**
 * Six slices, one per property: solid what evidence shows, hatched what it leaves open. The table
 * beside it says the same in numbers.
 */
export function Rosette({ slices, summary }: { slices: readonly Slice[]; summary: string }) {
  const hatch = useId();
  const angle = (2 * Math.PI) / slices.length;
  const reach = (level: number) => (level / levels) * radius;
  return (
    <svg className="rosette" viewBox="-150 -104 300 208" role="img" aria-label={summary}>
      <Hatching id={hatch} />
      {Array.from({ length: levels }, (_, i) => (
        <circle key={i} r={reach(i + 1)} className="ring" />
      ))}
      {slices.map(({ name, low, high, claimed }, i) => {
        const [from, to] = [i * angle, (i + 1) * angle];
        const middle = (from + to) / 2;
        const x = Math.sin(middle) * (radius + 10);
        return (
          <g key={name}>
            {claimed && high > low ? (
              <path d={arc(from, to, reach(low), reach(high))} fill={`url(#${hatch})`} className="open" />
            ) : null}
            {claimed && low > 0 ? <path d={arc(from, to, 0, reach(low))} className="shown" /> : null}
            <line x2={Math.sin(from) * radius} y2={-Math.cos(from) * radius} className="spoke" />
            <text
              x={x}
              y={-Math.cos(middle) * (radius + 12)}
              dy=".35em"
              textAnchor={x > 4 ? 'start' : x < -4 ? 'end' : 'middle'}
            >
              {name}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** Diagonal grey lines, for what is not known: never filled like what is shown. */
export function Hatching({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" className="hatchGround" />
        <line x1="0" y1="0" x2="0" y2="6" className="hatchLine" />
      </pattern>
    </defs>
  );
}
