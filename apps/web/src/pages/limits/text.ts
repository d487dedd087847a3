/** Numbers as people read them. */
import { powerText } from '../shared/LogAxis.tsx';

/** `1.4 × 10²⁹`. */
export function flopWords(flop: number): string {
  const [digits, exponent] = flop.toExponential(1).split('e');
  return `${digits!.replace(/\.0$/, '')} × ${powerText(Number(exponent))}`;
}

export function timesText(factor: number): string {
  return factor === 1 ? 'none' : `${factor.toLocaleString('en', { maximumSignificantDigits: 2 })} times`;
}

export const percentText = (share: number) =>
  share > 0 && share < 0.001
    ? 'below 0.1 %'
    : `${(100 * share).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`;

/** Three digits at most, with separators. */
export const numberWords = (value: number) =>
  value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)
    ? flopWords(value)
    : value.toLocaleString('en', { maximumSignificantDigits: 3 });
