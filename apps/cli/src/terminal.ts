/** How the command line speaks: results on standard output, everything else on standard error; colour only where a person reads. */
import { NonetError } from '@nonet/core';

const colourful =
  process.env.NO_COLOR === undefined &&
  (process.env.FORCE_COLOR !== undefined || process.stderr.isTTY === true);
const paint = (open: number, close: number) => (text: string) =>
  colourful ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const bold = paint(1, 22);
export const dim = paint(2, 22);
export const green = paint(32, 39);
export const red = paint(31, 39);
export const yellow = paint(33, 39);
export const cyan = paint(36, 39);

/** Notes, progress, warnings: standard error, so that standard output stays one document. */
export function note(text = ''): void {
  process.stderr.write(`${text}\n`);
}

/** The result of a command: standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

export function formatSeconds(seconds: number): string {
  return seconds < 90
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-GB');
}

export function formatPercent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

/** One count with its noun: `1 round`, `3 rounds`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const visibleLength = (text: string) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with ESC
  return text.replace(/\u001b\[\d+m/g, '').length;
};

/** Left-aligned columns, two spaces apart; `right` names the columns that hold numbers. */
export function formatTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, visibleLength(cell));
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const gap = ' '.repeat((widths[i] ?? 0) - visibleLength(cell));
          return right.includes(i) ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A line of block characters over the values, low to high. */
export function sparkline(values: readonly number[]): string {
  const blocks = '▁▂▃▄▅▆▇█';
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  return values.map((value) => blocks[Math.round(((value - low) / range) * (blocks.length - 1))]).join('');
}

/** What a person sees of an error: never a stack trace for a NonetError. */
export function formatError(error: unknown): string {
  if (error instanceof NonetError) {
    const { expected, found, hint, code } = error;
    return [
      `${red('✗')} ${bold(`expected ${expected}`)}`,
      `  found ${found}`,
      ...(hint === undefined ? [] : [`  ${hint}`]),
      dim(`  (${code})`),
    ].join('\n');
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
