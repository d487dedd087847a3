/** Cells that were read, but are not as in training, in words. */

import type { StrangeCells } from '@nonet/tensor/datasets';
import { foreignText } from '../terminal/foreignText.ts';
import { plural } from '../terminal/terminal.ts';

/** One line for people. */
export function describeStrange({ column, kind, count, row, text, seen }: StrangeCells): string {
  const where = `${plural(count, 'row')}, first in row ${row}: ${foreignText(text)}`;
  return kind === 'outside'
    ? `${foreignText(column)} is outside ${seen}, which training has seen, in ${where}`
    : `${foreignText(column)} is none of ${foreignText(seen)}, and counts as other, in ${where}`;
}
