/** Advice and comparisons in words. */
import { quantityText } from '@nonet/core/receipt';
import type { Advice, Predicted, Recommendation } from '@nonet/matrix/advice';
import type { Comparison } from '../../runs/prediction.ts';
import { bold, dim, formatTable, green, yellow } from '../../terminal/terminal.ts';

const names = {
  seconds: 'time',
  computing: 'computing',
  bytes: 'traffic',
  gas: 'gas',
  joules: 'energy',
  accuracyLost: 'accuracy lost',
} as const;
const rounded = (value: number) => Number(value.toPrecision(2));
const rangeText = (low: number, high: number, unit: string) =>
  `${quantityText(rounded(low), unit)} to ${quantityText(rounded(high), unit)}`;

function predictedRow(name: keyof typeof names, predicted: Predicted | undefined): string[] {
  return predicted === undefined
    ? [`    ${names[name]}`, 'no measurement yet', '']
    : [
        `    ${names[name]}`,
        rangeText(predicted.low, predicted.high, predicted.unit),
        dim(`${predicted.basis}: ${predicted.how}`),
      ];
}

function recommendationLines(
  { name, mechanisms, prediction, assumptions, beyond }: Recommendation,
  place: number,
): string[] {
  return [
    `${place + 1} ${bold(name)} ${dim(`(${mechanisms.join(', ')})`)}`,
    '  it will take',
    formatTable(
      (Object.keys(names) as (keyof typeof names)[]).map((each) => predictedRow(each, prediction[each])),
    ),
    '  you have to believe that',
    ...assumptions.map((assumption) => `    ${yellow('·')} ${assumption}`),
    ...(beyond.length === 0 ? [] : [dim(`  beyond what you need: ${beyond.join('; ')}`)]),
  ];
}

export function renderAdvice({ verdict, reasons, recommended, rejected, central }: Advice): string {
  const title = {
    'use these': 'Use one of these, the cheapest first',
    'a central server serves you better': 'A central server serves you better',
    'nothing in this version': 'Nothing in this version meets these needs',
  }[verdict];
  return [
    bold(title),
    ...reasons.map((reason) => `  ${reason}`),
    ...(central === undefined
      ? []
      : ['', `  ${bold(central.name)}`, ...central.assumptions.map((each) => `    ${yellow('·')} ${each}`)]),
    ...recommended.flatMap((each, place) => ['', ...recommendationLines(each, place)]),
    '',
    bold(
      recommended.length + (central === undefined ? 0 : 1) === 0
        ? 'What stands against each way'
        : 'Why not the others',
    ),
    ...rejected.flatMap(({ name, because }) => [`  ${name}`, ...because.map((each) => dim(`    ${each}`))]),
  ].join('\n');
}

/** Prediction and outcome side by side. */
export function renderComparison({ run, rows }: Comparison): string {
  return [
    `What was predicted of ${bold(run)}, and what came`,
    formatTable([
      ['', 'predicted', 'came', ''].map(dim),
      ...rows.map(({ quantity, low, high, outcome, held }) => [
        `  ${names[quantity]}`,
        rangeText(low, high, quantity),
        quantityText(rounded(outcome), quantity),
        held ? green('held') : outcome < low ? yellow('less') : yellow('more'),
      ]),
    ]),
  ].join('\n');
}
