/**
 * How each label fares, beside an accuracy: a table, and what the accuracy hides as warnings. For a
 * person, and for `--json`.
 */

import { accuracyWarnings, type ClassFigures, classFigures } from '@nonet/tensor';
import { foreignText } from './foreignText.ts';
import { dim, formatCount, formatPercent, formatTable, plural, yellow } from './terminal.ts';

/** Labels that a table shows; of more, those found least often. */
const shownLabels = 12;

/** The table, indented by two, and a line for each warning. `confusion` as `evaluate` gives it. */
export function classLines(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
): readonly string[] {
  const classes = classFigures(confusion, labels);
  const tried = classes.filter(({ support }) => support > 0);
  const shown =
    classes.length <= shownLabels
      ? classes
      : tried.toSorted((a, b) => a.recall! - b.recall!).slice(0, shownLabels);
  const rows = shown.map((one) => [
    `  ${foreignText(one.label)}`,
    formatCount(one.support),
    one.recall === undefined ? '' : formatPercent(one.recall),
    one.precision === undefined ? 'never predicted' : formatPercent(one.precision),
  ]);
  const head = ['  label', 'examples', 'found (recall)', 'right (precision)'].map((text) => dim(text));
  const more = tried.length - shown.length;
  return [
    formatTable([head, ...rows], [1, 2, 3]),
    ...(more > 0 ? [dim(`  and ${plural(more, 'label')} that are found more often`)] : []),
    ...warningLines(confusion, labels),
  ];
}

/** A line for each warning. */
export function warningLines(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
): readonly string[] {
  return accuracyWarnings(classFigures(confusion, labels)).map((text) => yellow(`! ${foreignText(text)}`));
}

/** What `--json` says of each label; null where there is no such figure. */
export function classesJson(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
): readonly (Omit<ClassFigures, 'recall' | 'precision'> & {
  readonly recall: number | null;
  readonly precision: number | null;
})[] {
  return classFigures(confusion, labels).map((one) => ({
    ...one,
    recall: one.recall ?? null,
    precision: one.precision ?? null,
  }));
}
