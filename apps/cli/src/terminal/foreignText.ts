/**
 * Text from files and peers of others, for a terminal: what it quotes is one line, moves no cursor,
 * and begins no line of its own. A command passes what it shows through here before it renders it,
 * so that no renderer has to know which of its strings are a stranger's.
 */
import { printable } from '@nonet/core/records';

/** Longer texts are cut: a page of quotation is read in the file, or with --json. */
const maximumLength = 4000;

/**
 * Line ends, and runs of what leaves no trace: at the width of the terminal they would push the
 * next words to the beginning of a line, where verdicts are.
 */
const gaps = /[\s\p{Default_Ignorable_Code_Point}\u2800]{2,}|[\t\n\v\f\r]/gu;

/** One line without control and text-direction characters, and with single blanks. */
export function foreignText(text: string): string {
  const line = text.replaceAll(gaps, ' ');
  return line.length > maximumLength ? `${printable(line, maximumLength)}…` : printable(line, maximumLength);
}

/** The value with every string in it as `foreignText` has it, keys of records included. */
export function foreignValues<T>(value: T): T;
export function foreignValues(value: unknown): unknown {
  if (typeof value === 'string') return foreignText(value);
  if (Array.isArray(value)) return value.map((item) => foreignValues(item));
  if (value instanceof Map) return new Map(foreignValues([...value]));
  const isRecord = typeof value === 'object' && value !== null && isPlain(value);
  return isRecord ? Object.fromEntries(foreignValues(Object.entries(value))) : value;
}

function isPlain(value: object): boolean {
  return [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** Twice as wide as others, or taken to be: too narrow a line forges nothing. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

/**
 * Breaks a text to `columns`, every line but the first set in by `indent`, so that no part of it
 * stands where lines of ours begin. A width that is not known breaks nothing.
 */
export function hangText(text: string, indent: number, columns = 0): string {
  if (columns <= 0) return text;
  const room = Math.max(16, columns - indent);
  const rows: string[] = [];
  let row = '';
  let width = 0;
  for (const character of text) {
    const taken = wide.test(character) ? 2 : 1;
    if (width + taken > room) {
      const blank = row.lastIndexOf(' ');
      const kept = blank > 0 && character !== ' ' ? row.slice(0, blank) : row;
      rows.push(kept);
      row = row.slice(kept.length).trimStart();
      width = [...row].reduce((sum, each) => sum + (wide.test(each) ? 2 : 1), 0);
      if (character === ' ') continue;
    }
    row += character;
    width += taken;
  }
  return [...rows, row].join(`\n${' '.repeat(indent)}`);
}
