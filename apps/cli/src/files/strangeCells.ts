/** Cells that were read, but are not as in training, in words. */
import { printable } from '@nonet/core/records';
import type { StrangeCells } from '@nonet/tensor/datasets';
import { plural } from '../terminal/terminal.ts';

/** One line for people. */
export function describeStrange({ column, kind, count, row, text, seen }: StrangeCells): string {
  const where = `${plural(count, 'row')}, first in row ${row}: ${printable(text)}`;
  return kind === 'outside'
    ? `${printable(column)} is outside ${seen}, which training has seen, in ${where}`
    : `${printable(column)} is none of ${printable(seen)}, and counts as other, in ${where}`;
}
