/** Predictions, and what came of them, in words. */
import { quantityText } from '@nonet/core/receipt';
import { rangeText } from '@nonet/matrix/advice';
import { bold, dim, formatTable, green, yellow } from '../terminal/terminal.ts';
import type { Comparison } from './prediction.ts';

/** What may be predicted of a job, as a person calls it. */
export const quantityNames = {
  seconds: 'time',
  computing: 'computing',
  bytes: 'traffic',
  gas: 'gas',
  joules: 'energy',
  accuracyLost: 'accuracy lost',
} as const;

/** Two digits: no prediction has more. */
const round = (value: number) => Number(value.toPrecision(2));

/** Prediction and outcome side by side. */
export function renderComparison({ run, rows }: Comparison): string {
  return [
    `What was predicted of ${bold(run)}, and what came`,
    formatTable([
      ['', 'predicted', 'came', ''].map(dim),
      ...rows.map(({ quantity, low, high, outcome, held }) => [
        `  ${quantityNames[quantity]}`,
        rangeText(low, high, quantity),
        quantityText(round(outcome), quantity),
        held ? green('held') : outcome < low ? yellow('less') : yellow('more'),
      ]),
    ]),
  ].join('\n');
}
