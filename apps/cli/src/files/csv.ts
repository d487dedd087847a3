/** CSV as commands write it. Reading is `@nonet/tensor/datasets`. */
import { foreignText } from '../terminal/foreignText.ts';

/** One record without its end: fields are quoted where RFC 4180 asks for it. */
export function formatRecord(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

/** A cell that a stranger wrote: one line, that a spreadsheet shows and does not run. */
export const foreignCell = (text: string): string => withoutFormula(foreignText(text));

/**
 * A text that a spreadsheet shows and does not run: one that begins like a formula, and is no
 * number, gets an apostrophe in front (OWASP, "CSV Injection"): blanks before it may be cut off, and
 * some spreadsheets take wide forms of the characters for them.
 */
export function withoutFormula(text: string): string {
  const runs = /^[\t\r]|^\s*[=+\-@＝＋－＠]/.test(text) && (text.trim() === '' || Number.isNaN(Number(text)));
  return runs ? `'${text}` : text;
}
