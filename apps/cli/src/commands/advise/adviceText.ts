/** Advice in words. */
import {
  type Advice,
  type Nearest,
  type Predicted,
  type Prediction,
  type Recommendation,
  rangeText,
} from '@nonet/matrix/advice';
import { quantityNames } from '../../runs/predictionText.ts';
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

/** All quantities of what runs here; of others, those that are known. */
function predictionLines(prediction: Prediction, ours: boolean): string[] {
  const names = Object.keys(quantityNames) as (keyof typeof quantityNames)[];
  const told = ours ? names : names.filter((each) => prediction[each] !== undefined);
  if (told.length === 0) return [];
  return ['  it will take', formatTable(told.map((each) => predictedRow(each, prediction[each])))];
}

const list = (title: string, items: readonly string[]) =>
  items.length === 0 ? [] : [`  ${title}`, ...items.map((each) => `    ${yellow('·')} ${each}`)];

function recommendationLines(
  recommendation: Recommendation | Nearest,
  place: number,
  only: boolean,
): string[] {
  const { name, by, mechanisms, offers, together, prediction, costs } = recommendation;
  const { extrapolations, assumptions, beyond } = recommendation;
  const maker = by === 'Nonet' ? `Nonet: ${mechanisms.join(', ')}` : 'not ours';
  const had = together ? 'to be had from these parts together' : 'to be had as';
  return [
    `${only ? '' : `${place + 1} `}${bold(name)} ${dim(`(${maker})`)}`,
    ...list(
      had,
      offers.map(
        (offer) => `${offer.name}: ${offer.says} ${dim(`(${offer.source}, ${offer.pin}, ${offer.date})`)}`,
      ),
    ),
    ...predictionLines(prediction, by === 'Nonet'),
    ...list('its price, by its source', costs),
    ...list('beyond what was shown', extrapolations),
    ...list('you have to believe that', assumptions),
    ...(beyond.length === 0 ? [] : [dim(`  beyond what you need: ${beyond.join('; ')}`)]),
  ];
}

/**
 * The answer, the ways that meet the needs with their costs and assumptions or the nearest one, and
 * why not the others.
 */
export function renderAdvice(advice: Advice): string {
  const { answer, reasons, warnings, recommended, nearest, lighter, rejected } = advice;
  const told = nearest === undefined ? recommended : [nearest];
  return [
    bold(answer),
    ...reasons.map((reason) => `  ${reason}`),
    ...warnings.map((warning) => `  ${yellow('!')} ${warning}`),
    ...told.flatMap((each, place) => ['', ...recommendationLines(each, place, told.length === 1)]),
    ...(lighter.length === 0 ? [] : ['', bold('If you can do with less')]),
    ...lighter.map(
      ({ name, offers, lacks }) =>
        `  ${name}${offers.length === 0 ? '' : ` (${offers.map((offer) => offer.name).join(', ')})`}: without "${lacks}"`,
    ),
    '',
    bold(nearest === undefined ? 'Why not the others' : 'What stands against each of the others'),
    ...rejected.flatMap(({ name, because }) => [`  ${name}`, ...because.map((each) => dim(`    ${each}`))]),
  ].join('\n');
}
