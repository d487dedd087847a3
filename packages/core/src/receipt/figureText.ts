/**
 * Figures in words: units people know, a sensible number of digits, the range and the number of
 * samples. English number format, so that a receipt reads the same everywhere.
 */
import type { Figure, Figures } from '../records/figures.ts';

/**
 * By significant digits; 0 for whole numbers. Made when it is needed, since that takes longer than a
 * thousand numbers, and a process that tells no figures should not wait for it.
 */
const formats = new Map<number, Intl.NumberFormat>();

function formatOf(digits: 0 | 3 | 4): Intl.NumberFormat {
  const known =
    formats.get(digits) ??
    new Intl.NumberFormat('en', digits === 0 ? {} : { maximumSignificantDigits: digits });
  formats.set(digits, known);
  return known;
}

function numberText(value: number, digits: 3 | 4 = 4): string {
  // FLOP of a training run: thirty digits say nothing.
  if (Math.abs(value) >= 1e15) return value.toExponential(digits - 1).replace(/\.?0*e\+/, 'e');
  return formatOf(Number.isInteger(value) ? 0 : digits).format(value);
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/**
 * One quantity with its unit. A `fraction` is shown as a percentage; seconds and bytes in the unit
 * that fits.
 */
export function quantityText(value: number, unit: string): string {
  switch (unit) {
    case '':
      return numberText(value);
    case 'fraction':
      return `${numberText(Number((value * 100).toPrecision(12)))} %`;
    case 'seconds':
      if (value !== 0 && Math.abs(value) < 1) return `${numberText(value * 1000, 3)} ms`;
      if (Math.abs(value) < 120) return `${numberText(value, 3)} s`;
      return Math.abs(value) < 7200 ? `${numberText(value / 60, 3)} min` : `${numberText(value / 3600, 3)} h`;
    case 'bytes': {
      const step = Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3));
      return `${numberText(value / 1000 ** step, 3)} ${byteUnits[step]}`;
    }
    case 'memory bytes':
      return `${quantityText(value, 'bytes')} of memory`;
    default:
      return `${numberText(value)} ${value === 1 ? unit.replace(/([^as])s$/, '$1') : unit}`;
  }
}

/** `1 round`, `10 rounds`. */
export function countOf(value: number, noun: string): string {
  return quantityText(value, `${noun}s`);
}

/** The median, and what it was taken from: `6.1 s (5.7 s to 36.2 s, median of 10)`. */
export function figureText({ value, unit, min, max, n }: Figure): string {
  const text = quantityText(value, unit);
  if (n === 1) return text;
  const range =
    min === max ? 'the same in each' : `${quantityText(min, unit)} to ${quantityText(max, unit)}, median`;
  return `${text} (${range} of ${n})`;
}

/** `peakMemory` -> `peak memory`. */
export function figureLabel(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
}

/** One figure of a record, in words. */
export interface FigureView {
  /** Empty if the unit says it: `10,000 examples`. */
  readonly label: string;
  readonly text: string;
}

/** Units that `quantityText` converts; all others count things. */
const measures = new Set(['', 'fraction', 'seconds', 'bytes', 'memory bytes']);

/** The figures of a record as a row under their labels, which say what is counted. */
export function figureColumns(figures: Figures, without: readonly string[] = []): FigureView[] {
  return Object.entries(figures)
    .filter(([name]) => !without.includes(name))
    .map(([name, figure]) => ({
      label: figureLabel(name),
      text: measures.has(figure.unit) ? figureText(figure) : numberText(figure.value),
    }));
}

/** The figures of a record in words, except those of the names in `without`. */
export function figureViews(figures: Figures, without: readonly string[] = []): FigureView[] {
  return Object.entries(figures)
    .filter(([name]) => !without.includes(name))
    .map(([name, figure]) => ({
      label: figure.unit === name ? '' : figureLabel(name),
      text: figureText(figure),
    }));
}
