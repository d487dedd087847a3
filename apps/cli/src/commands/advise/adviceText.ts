/** Advice in words. */
import type { Advice, Predicted, Recommendation } from '@nonet/matrix/advice';
import { quantityNames, rangeText } from '../../runs/predictionText.ts';
import { bold, dim, formatTable, yellow } from '../../terminal/terminal.ts';

function predictedRow(name: keyof typeof quantityNames, predicted: Predicted | undefined): string[] {
  return predicted === undefined
    ? [`    ${quantityNames[name]}`, 'no measurement yet', '']
    : [
        `    ${quantityNames[name]}`,
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
      (Object.keys(quantityNames) as (keyof typeof quantityNames)[]).map((each) =>
        predictedRow(each, prediction[each]),
      ),
    ),
    '  you have to believe that',
    ...assumptions.map((assumption) => `    ${yellow('·')} ${assumption}`),
    ...(beyond.length === 0 ? [] : [dim(`  beyond what you need: ${beyond.join('; ')}`)]),
  ];
}

/** The ways that meet the needs with their costs and assumptions, and why not the others. */
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
