/** CSV as commands write it. Reading is `@nonet/tensor/datasets`. */

/** One record without its end: fields are quoted where RFC 4180 asks for it. */
export function formatRecord(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

/**
 * A text that a spreadsheet shows and does not run: one that begins like a formula, and is no
 * number, gets an apostrophe in front (OWASP, "CSV Injection").
 */
export function withoutFormula(text: string): string {
  const runs = /^[=+\-@\t\r]/.test(text) && (text.trim() === '' || Number.isNaN(Number(text)));
  return runs ? `'${text}` : text;
}
