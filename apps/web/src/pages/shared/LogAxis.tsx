import { AxisBottom } from '@visx/axis';
import type { scaleLog } from '@visx/scale';

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 10²⁹, for axes over many powers of ten. */
export function powerText(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** A horizontal axis with a tick at whole powers of ten, as many as fit. */
export function LogAxis({
  scale,
  top,
  label,
}: {
  scale: ReturnType<typeof scaleLog<number>>;
  top: number;
  label: string;
}) {
  const [low, high] = scale.domain().map(Math.log10) as [number, number];
  const [left, right] = scale.range() as [number, number];
  const fits = Math.max(2, Math.floor((right - left) / 56));
  const every = Math.ceil((high - low + 1) / fits);
  const first = Math.ceil(low - 1e-9);
  const exponents = Array.from(
    { length: Math.max(0, Math.floor(high + 1e-9) - first + 1) },
    (_, i) => first + i,
  );
  return (
    <AxisBottom
      scale={scale}
      top={top}
      tickValues={exponents
        .filter((exponent) => (exponent - first) % every === 0)
        .map((exponent) => 10 ** exponent)}
      tickFormat={(value) => powerText(Math.round(Math.log10(Number(value))))}
      label={label}
      labelProps={{ className: 'axisLabel' }}
      tickLabelProps={{ className: 'tick', dy: '0.25em' }}
      axisLineClassName="axis"
      tickClassName="ticks"
    />
  );
}
