/**
 * What an accuracy hides: how each class fares, and whether the model does more than answer with
 * the most frequent ones. From a confusion matrix alone.
 */

/** How a classifier fares with one class. */
export interface ClassFigures {
  readonly label: string;
  /** Examples of this class. */
  readonly support: number;
  /** Examples for which this class was predicted. */
  readonly predicted: number;
  /** Examples of this class that were predicted as such. */
  readonly correct: number;
  /** correct / support; undefined without support. */
  readonly recall: number | undefined;
  /** correct / predicted; undefined where it was never predicted. */
  readonly precision: number | undefined;
}

const ratio = (part: number, whole: number) => (whole === 0 ? undefined : part / whole);

/**
 * Class by class, in the order of `labels`. `confusion` (C,C) as `evaluate` gives it: row = true
 * label, column = predicted label.
 *
 *     const { confusion } = await evaluate({ ...trained, dataset: testSet });
 *     const [first] = classFigures(confusion, testSet.vocabulary);
 *     first.recall; // share of the examples of the first class that were found
 */
export function classFigures(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
): readonly ClassFigures[] {
  return labels.map((label, i) => {
    const support = confusion[i].reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, row) => sum + row[i], 0);
    const correct = confusion[i][i];
    return {
      label,
      support,
      predicted,
      correct,
      recall: ratio(correct, support),
      precision: ratio(correct, predicted),
    };
  });
}

const shownLabels = 3;
const quoted = (label: string) => `“${label.length > 40 ? `${label.slice(0, 39)}…` : label}”`;
const count = (value: number) => value.toLocaleString('en');

/**
 * What a reader of the accuracy must know, one sentence each: classes that were never predicted
 * although there are examples of them, the most frequent first; and that the model is right no more
 * often than one that always gives the same answer. Empty where there is neither.
 */
export function accuracyWarnings(classes: readonly ClassFigures[]): string[] {
  const total = classes.reduce((sum, { support }) => sum + support, 0);
  const correct = classes.reduce((sum, one) => sum + one.correct, 0);
  const bySupport = classes.toSorted((a, b) => b.support - a.support);
  const [common] = bySupport;
  const never = bySupport.filter(({ support, predicted }) => support > 0 && predicted === 0);
  const missed = never.reduce((sum, { support }) => sum + support, 0);
  const shown = never.slice(0, shownLabels).map(({ label }) => quoted(label));
  const more = never.length - shown.length;
  const names = [...shown, ...(more > 0 ? [`${more} other ${more === 1 ? 'label' : 'labels'}`] : [])];
  const listed = names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const [are, these, labels] = never.length === 1 ? ['is', 'this', 'label'] : ['are', 'these', 'labels'];
  const have = missed === 1 ? 'has' : 'have';
  return [
    ...(never.length === 0
      ? []
      : [
          `${listed} ${are} never predicted: ${count(missed)} of ${count(total)} examples ${have} ${these} ${labels}.`,
        ]),
    ...(common !== undefined && common.support < total && correct <= common.support
      ? [
          `Always answering ${quoted(common.label)} is right as often or more: on ${count(common.support)} of ${count(total)} examples.`,
        ]
      : []),
  ];
}
