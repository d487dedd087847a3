/** The limits in words, for a terminal of 100 columns; nothing is said by colour alone. */
import { quantityText } from '@nonet/core/receipt';
import {
  type Bar,
  countText,
  type Difference,
  flopText,
  type LimitsView,
  type Percentiles,
  supplyText,
} from '@nonet/limits';
import { bold, dim, formatTable } from '../../terminal/terminal.ts';

/** All sections, from the headline to the address of the result. */
export function renderLimits(view: LimitsView): string {
  return [
    bold(wrap(view.hero)),
    wrap(view.headline),
    barsText(view),
    ...(view.sets.length === 0
      ? []
      : [section('By what was known when: published sets of inputs, the same model', setsText(view))]),
    section('In physical quantities', quantitiesText(view.bars)),
    section('How likely a run of so many FLOP is possible', exceedanceText(view)),
    section(`The trend: ${view.trendFrom}`, crossingText(view)),
    section(
      'What decides (rank correlation with all four together; their median at its p10, and at its p90)',
      driversText(view),
    ),
    ...(view.inversion === undefined ? [] : [inversionText(view.inversion)]),
    section('Coupled to it', view.coupling.map((sentence) => wrap(sentence)).join('\n')),
    section('Distance and links', movementText(view)),
    section('Back-test: the inputs of 2024 against what was seen since', priorsText(view)),
    section('Back-test: runs over the internet', backTestText(view)),
    section(
      'Corrections to the text from which the matrix starts (Swayam, 2024)',
      differencesText(view.errata),
    ),
    section('Where the source disagrees with itself', differencesText(view.inconsistencies)),
    section('Where this model reads or adds', differencesText(view.readings)),
    dim(
      [
        wrap(
          `${view.scenario.title}; ${view.draws.toLocaleString('en')} draws, seed ${view.seed}. Not in the model: money, regulation, synthetic data, better algorithms.`,
        ),
        ...(view.scenario.site === undefined ? [] : [wrap(`Largest site ${view.scenario.site}.`)]),
        wrap(`From: ${view.attribution}.`),
        `Result ${view.address}`,
      ].join('\n'),
    ),
  ].join('\n\n');
}

const section = (title: string, text: string) => `${bold(title)}\n${indent(text)}`;
const width = 96;

/** Breaks one paragraph at spaces; `margin` is how far it is set in. */
function wrap(text: string, margin = 0): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line.length + word.length + 1 > width - margin && line !== '') lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => ' '.repeat(margin) + line).join('\n');
}

const indent = (text: string) => text.replaceAll(/^(?=.)/gm, '  ');
function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  return `${share > 0 && share < 0.0995 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`;
}

/** A column's title; an empty one has no colour codes, so that lines end where they seem to. */
const heading = (text: string) => (text === '' ? '' : dim(text));

/** The scale of the bars: exponents of ten, and how wide it is. */
const scale = { low: 27, high: 33, columns: 40 };

function barsText({ bars }: LimitsView): string {
  const rows = bars.map((bar) => [
    bar.id === 'joint' ? bold(bar.label) : bar.label,
    ...texts(bar.flop, flopText),
    `${countText(bar.timesGpt4.p50)}×`,
    bar.binding === undefined ? '' : shareText(bar.binding),
    barText(bar),
  ]);
  const titles = ['', 'p10', 'median', 'p90', 'GPT-4', 'binds'].map(heading);
  return formatTable([[...titles, dim(axisText())], ...rows], [1, 2, 3, 4, 5]);
}

/** How often a constraint binds. */
const shareText = (share: number) => (share === 0 ? 'never' : percent(share));

/** A share of nothing or of everything is said in words. */
function likelyText(share: number): string {
  return share < 0.0005 ? 'unreachable' : share > 0.9995 ? 'already met' : percent(share);
}

function setsText({ sets }: LimitsView): string {
  const rows = sets.map(({ title, flop, timesGpt4, binding, supply }) => [
    title,
    flopText(flop.p50),
    `${countText(timesGpt4.p50)}×`,
    ...(['power', 'chips', 'data'] as const).map((id) => shareText(binding[id])),
    supplyText(supply),
  ]);
  const titles = ['', 'median', 'GPT-4', 'power', 'chips', 'data', 'chips held by'];
  return formatTable([titles.map(heading), ...rows], [1, 2, 3, 4, 5]);
}

function priorsText({ priors: { observations, summary } }: LimitsView): string {
  const rows = observations.map(({ quantity, unit, observed, predicted, inside, factor, ran }) => {
    const text = (value: number) => (unit === 'FLOP' ? flopText(value) : countText(value));
    const point = predicted.p10 === predicted.p90;
    return [
      quantity,
      text(observed),
      point ? text(predicted.p50) : texts(predicted, text).join(' | '),
      unit,
      `${ran === 'as seen' ? ran : `ran ${ran}`}, ${factor.toFixed(1)}×${point ? '' : inside ? ', inside' : ', outside'}`,
    ];
  });
  return [
    formatTable([['', 'seen', 'foreseen in 2024', '', ''].map(heading), ...rows], [1, 2]),
    wrap(summary),
    ...observations.map(({ quantity, source }) => dim(wrap(`${quantity}: ${source}`, 4))),
  ].join('\n');
}

const texts = ({ p10, p50, p90 }: Percentiles, text: (value: number) => string) => [p10, p50, p90].map(text);

/** From p10 to p90, with the median on it. */
function barText({ flop }: Bar): string {
  const column = (value: number) =>
    Math.round(((Math.log10(value) - scale.low) / (scale.high - scale.low)) * (scale.columns - 1));
  const [from, middle, to] = [flop.p10, flop.p50, flop.p90].map(column) as [number, number, number];
  return Array.from({ length: scale.columns }, (_, i) =>
    i === middle ? '●' : i < from || i > to ? ' ' : i === from ? '├' : i === to ? '┤' : '─',
  )
    .join('')
    .trimEnd();
}

function axisText(): string {
  const decades = scale.high - scale.low;
  const step = (scale.columns - 1) / decades;
  let axis = '';
  for (let i = 0; i < decades; i++)
    axis += `1e${scale.low + i}`.padEnd(Math.round((i + 1) * step) - axis.length);
  return axis.trimEnd();
}

function quantitiesText(bars: readonly Bar[]): string {
  const rows = bars.flatMap(({ label, quantities }) =>
    quantities.map(({ label: quantity, unit, values }, i) => [
      i === 0 ? label : '',
      quantity,
      ...texts(values, unit === 'FLOP' ? flopText : countText),
      unit,
    ]),
  );
  return formatTable([['', '', 'p10', 'median', 'p90', ''].map(heading), ...rows], [2, 3, 4]);
}

function exceedanceText({ exceedance }: LimitsView): string {
  const told = exceedance.filter(
    ({ joint }, i) => joint > 0.005 && (joint < 0.995 || exceedance[i + 1]!.joint < 0.995),
  );
  return formatTable(
    [
      ['at least', 'all four', 'power', 'chips', 'data', 'latency'].map(heading),
      ...told.map(({ flop, joint, each }) => [
        flopText(flop),
        bold(percent(joint)),
        ...[each.power, each.chips, each.data, each.latency].map(percent),
      ]),
    ],
    [0, 1, 2, 3, 4, 5],
  );
}

function crossingText({ crossing }: LimitsView): string {
  const { years, belowHalf, belowTenth } = crossing;
  const table = formatTable(
    [
      ['year', 'trend', 'all four', 'possible'].map(heading),
      ...years.map(({ year, trendFlop, jointMedian, feasible }) => [
        String(year),
        flopText(trendFlop),
        flopText(jointMedian),
        likelyText(feasible),
      ]),
    ],
    [1, 2, 3],
  );
  const when = (year: number | undefined) =>
    year === undefined ? `not before ${years.at(-1)!.year}` : year.toFixed(1);
  return `${table}\nA run on the trend falls under one half likely: ${when(belowHalf)}; under one tenth: ${when(belowTenth)}.`;
}

const shownDrivers = 8;

function driversText({ drivers }: LimitsView): string {
  return drivers
    .slice(0, shownDrivers)
    .map(({ about, rank, atP10, atP90, estimate, unit, from, ageYears, standing }) => {
      const age =
        ageYears === undefined || standing === undefined
          ? 'undated'
          : `${ageYears.toFixed(1)} years old, its standing ${percent(standing)}`;
      const values = texts(estimate, (value) => valueText(value, unit)).join(' | ');
      return [
        `${(rank < 0 ? '−' : '+') + Math.abs(rank).toFixed(2)}  ${about}: ${flopText(atP10)} to ${flopText(atP90)}`,
        dim(wrap(`${values}; ${from}; ${age}`, 7)),
      ].join('\n');
    })
    .join('\n');
}

/** A parameter's value: growth as a factor, shares in percent, large numbers by their exponent. */
function valueText(value: number, unit: string): string {
  if (unit === 'per year') return `×${value.toFixed(2)}`;
  if (unit === 'seconds' && value >= 86_400) return `${countText(value / 86_400)} days`;
  if (unit === 'fraction') return quantityText(Number(value.toPrecision(3)), 'fraction');
  const text = value >= 1e6 || value < 1e-2 ? flopText(value) : String(Number(value.toPrecision(3)));
  return unit === '' ? text : `${text} ${unit}`;
}

function inversionText(inversion: NonNullable<LimitsView['inversion']>): string {
  const { flop, probability, now, reach, levers, loosenings } = inversion;
  const title = `What would have to be true for ${flopText(flop)} FLOP at ${percent(probability)} (now ${percent(now)})`;
  if (reach === 'already met') return section(title, 'Already met: nothing would have to change.');
  const rows = levers
    .slice(0, shownDrivers)
    .map((lever) => [
      lever.about,
      valueText(lever.median, lever.unit),
      lever.needed === undefined ? 'not alone' : `→ ${valueText(lever.needed, lever.unit)}`,
      `at best ${percent(lever.atBest)}`,
    ]);
  const sets = loosenings
    .slice(0, 3)
    .map(
      ({ constraints, factor }) =>
        `${constraints.join(' and ')} ${constraints.length > 1 ? 'each ' : ''}${countText(factor)} times looser`,
    );
  const alone =
    reach === 'reachable'
      ? 'Each alone, all else as it is.'
      : 'No parameter does it alone, as far as its bounds let it go.';
  return section(
    title,
    [
      ...(rows.length === 0 ? [] : [formatTable(rows)]),
      reach === 'unreachable' ? `Unreachable. ${alone}` : alone,
      sets.length === 0
        ? 'Nor do constraints that are a million times looser.'
        : `By constraint: ${sets.join('; or ')}.`,
    ].join('\n'),
  );
}

function movementText({ movement }: LimitsView): string {
  return movement
    .map(({ label, flop, note }) => `${bold(flopText(flop).padEnd(6))}  ${label}\n${wrap(note, 8)}`)
    .join('\n');
}

function backTestText({ backTest }: LimitsView): string {
  const { scores, runs, coverage, crpsDecades } = backTest;
  const lines = scores.map(
    ({ forecast, run, predicted, found, inside, crpsDecades }) =>
      `${run.name}: ${flopText(found)}, ${inside ? 'inside' : 'outside'} the forecast ${flopText(predicted.p10)} to ${flopText(predicted.p90)} (CRPS ${crpsDecades.toFixed(2)} decades)\n` +
      dim(wrap(forecast.title, 4)),
  );
  const verdict =
    scores.length === 0
      ? 'No run was recorded that a forecast could be held to.'
      : wrap(
          `${scores.length} forecasts of ${runs} recorded ${runs === 1 ? 'run' : 'runs'}: ${percent(coverage)} inside, ${crpsDecades.toFixed(2)} decades off on average. Too few to judge a forecast by; limits for 2030 cannot be tested yet.`,
        );
  return [...lines, verdict].join('\n');
}

function differencesText(differences: readonly Difference[]): string {
  return differences.map(({ says, rather }) => `${says}\n${wrap(`rather: ${rather}`, 4)}`).join('\n');
}
