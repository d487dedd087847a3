/** Text of records: one line that no terminal or page can be tricked with. */
import { z } from 'zod';

const unprintable = '\\p{Cc}\\u{2028}\\u{2029}\\p{Bidi_Control}';

/**
 * One line for people: control and text-direction characters could forge or reorder the lines of a
 * verdict on a terminal.
 */
export const textSchema = z
  .string()
  .regex(new RegExp(`^[^${unprintable}]*$`, 'u'), 'one line without control characters');

const everyUnprintable = new RegExp(`[${unprintable}]`, 'gu');

/** Makes a stranger's text fit for a terminal or a page: so many characters, each printable. */
export function printable(text: string, maximumLength = 500): string {
  return text.slice(0, maximumLength).replaceAll(everyUnprintable, '\ufffd');
}

/** A name as it can be pasted into a shell: in single quotes where it needs them. */
export function quoteArgument(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
