/**
 * How the command line speaks: results on standard output, everything else on standard error;
 * colour only where a person reads.
 */

/** Codes that a terminal understands; `writeLine` takes them out for everything else. */
const paint = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;

/** What a terminal would obey, but for the colours above and the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with ESC
const unprintable = /(?!\u001b\[(?:1|2|22|31|32|33|36|39)m)[^\n\P{Cc}]|[\u2028\u2029\p{Bidi_Control}]/gu;

export const bold = paint(1, 22);
export const dim = paint(2, 22);
export const green = paint(32, 39);
export const red = paint(31, 39);
export const yellow = paint(33, 39);
export const cyan = paint(36, 39);

/** What the terminal needs of a stream; tests bring their own. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** no-color.org: any value but the empty one switches colour off. */
export function isColourful({ isTTY }: OutputStream, environment = process.env): boolean {
  const { NO_COLOR: no = '', FORCE_COLOR: force } = environment;
  return no === '' && (force !== undefined || (isTTY === true && environment.TERM !== 'dumb'));
}

/**
 * Writes lines; colours are taken out where they cannot be seen: in a file, in a pipe, with
 * NO_COLOR. The last gate: no other control character gets to a terminal.
 */
export function writeLine(text: string, stream: OutputStream): void {
  const shown = isColourful(stream) ? text : withoutColour(text);
  stream.write(`${shown.replaceAll(unprintable, '\ufffd')}\n`);
}

/** Notes, progress, warnings: standard error, so that standard output stays one document. */
export function note(text = ''): void {
  writeLine(text, process.stderr);
}

/** The result of a command: standard output. */
export function print(text: string): void {
  writeLine(text, process.stdout);
}

/** JSON leaves these as they are, and a terminal may obey them. */
const unescaped = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/** The result of a command with `--json`: one document, two spaces a level, nothing lost in it. */
export function printJson(document: unknown): void {
  const text = JSON.stringify(document, null, 2);
  print(text.replaceAll(unescaped, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Decimal units: `999 B`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

/** `12.3 s`, and from 90 seconds on `2 min 5 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A whole number, with a comma every three digits. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-GB');
}

/** A fraction in percent, to two places: `97.20 %`. */
export function formatPercent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

/** One count with its noun: `1 round`, `3 rounds`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with ESC
const colourCode = /\u001b\[\d+m/g;

/** The text as it is read where there are no colours. */
export function withoutColour(text: string): string {
  return text.replace(colourCode, '');
}

const visibleLength = (text: string) => withoutColour(text).length;

/** At most so many visible characters; the rest becomes an ellipsis. Colours are closed. */
export function truncate(text: string, columns: number): string {
  if (visibleLength(text) <= columns) return text;
  let room = Math.max(0, columns - 1);
  let kept = '';
  let from = 0;
  const take = (plain: string) => {
    kept += plain.slice(0, room);
    room -= Math.min(room, plain.length);
  };
  // Every code is kept, so that what was opened is closed.
  for (const { 0: code, index } of text.matchAll(colourCode)) {
    take(text.slice(from, index));
    kept += code;
    from = index + code.length;
  }
  take(text.slice(from));
  return `${kept}…`;
}

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
