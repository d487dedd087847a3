/** The matrix in words, for a terminal of 100 columns; nothing is said by colour alone. */
import { figureText, quantityText } from '@nonet/core/receipt';
import { type Evidence, ledgerProperties, readFigure, wishes } from '@nonet/core/records';
import { federationFigures } from '@nonet/federation';
import {
  type CellChange,
  type CellClaim,
  type CellState,
  factsOf,
  type Gap,
  type Interval,
  type MatrixView,
  type MeasuredScore,
  type MechanismState,
  sensitivitySentence,
  situationSentence,
  statementsAgainst,
  statementsSource,
  strengthSentence,
  type TrianglePrice,
  type TrilemmaView,
  type WholeRun,
} from '@nonet/matrix';
import { energyText } from '../../machine/energy.ts';
import { bold, dim, formatTable, plural } from '../../terminal/terminal.ts';

const intervalText = ({ low, high }: Interval): string =>
  low === high ? low.toFixed(2) : `${low.toFixed(2)} to ${high.toFixed(2)}`;

const title = (id: string): string => id.replace('-', ' × ');
const nothing = 'nothing measured yet';

function baselineText({ cell }: CellState): string {
  return `${cell.baseline}${cell.origin === 'reconstructed' ? '*' : ''}`;
}

function measuredText({ measured }: CellState): string {
  return measured === undefined ? nothing : `here: ${measured.words} (${intervalText(measured.score)})`;
}

/** What the project measured and ships; empty where it measured nothing. */
function shippedText({ shipped }: CellState): string {
  return shipped === undefined ? '' : `the project: ${shipped.words} (${intervalText(shipped.score)})`;
}

function countBy(states: readonly MechanismState[], status: MechanismState['status']): number {
  return states.filter((state) => state.status === status).length;
}

/**
 * Three by three; each field says the editor's word, what was measured here, and how many
 * mechanisms there are.
 */
export function renderGrid(view: MatrixView): string {
  const rows = wishes.flatMap((wish) => {
    const row = ledgerProperties.map(
      (property) => view.cells.find(({ cell }) => cell.id === `${wish}-${property}`)!,
    );
    return [
      [bold(wish), ...row.map((state) => `editor: ${baselineText(state)}`)],
      ['', ...row.map((state) => measuredText(state))],
      ...(row.some(({ shipped }) => shipped !== undefined)
        ? [['', ...row.map((state) => shippedText(state))]]
        : []),
      [
        '',
        ...row.map(({ mechanisms, evidence }) =>
          dim(
            `${countBy(mechanisms, 'built')} built, ${countBy(mechanisms, 'known')} known, ${plural(evidence.length, 'record')}`,
          ),
        ),
      ],
      [''],
    ];
  });
  const lit = view.cells.filter(({ evidence }) => evidence.length > 0).length;
  const ships = view.cells.find(({ shipped }) => shipped !== undefined)?.shipped;
  return [
    formatTable([['', ...ledgerProperties.map(bold)], ...rows]).trimEnd(),
    '',
    situationSentence(view),
    dim(
      `${lit} of 9 cells have evidence from receipts and benchmarks in runs/. The editor's words are an opinion to start from (* = reconstructed).`,
    ),
    ...(ships === undefined
      ? []
      : [dim(`What the project measured and ships: ${ships.machine}; repeat it with ${ships.command}.`)]),
    ...statementsAgainst(view.cells).map(({ cell, says, standing }) =>
      dim(
        `The analysis calls ${title(cell)} ${says}: ${standing === 'open' ? 'open' : `evidence ${standing}`}.`,
      ),
    ),
    dim(view.formula),
    dim('One cell as a page: nonet matrix privacy-decentralisation. Also --table, --gaps, --since, --view.'),
  ].join('\n');
}

/** The cell at length. */
export function renderCellPage(view: MatrixView): (state: CellState) => string {
  return (state) => {
    const { cell, evidence, mechanisms, claims, measured, shipped, ageMonths } = state;
    return [
      `${bold(title(cell.id))}: ${cell.together}`,
      situationSentence(view),
      '',
      cell.explanation,
      '',
      `${bold('Friction')}  ${cell.friction}`,
      `${bold('Stages')}    ${cell.stages.join(', ')}`,
      `${bold('Attack')}    ${cell.attack}`,
      `${bold('Measure')}   ${cell.metrics.join('; ')}`,
      '',
      `${bold("The editor's baseline")}: ${cell.baseline}, ${cell.origin === 'stated' ? 'as the text of the original matrix states' : 'reconstructed: the original table is lost'}; place ${cell.rank} of 9. An opinion, and nothing below is derived from it.`,
      '',
      measured === undefined
        ? `${bold('Measured here')}: ${nothing}. There is no score and no word without a measurement.`
        : `${bold('Measured here')}: ${measured.words}, ${intervalText(measured.score)}, best by ${measured.by}; newest record ${ageText(ageMonths!)}.`,
      ...(measured === undefined ? [] : scoreLines(measured)),
      ...(shipped === undefined
        ? []
        : [
            `${bold('Measured by the project')}: ${shipped.words}, ${intervalText(shipped.score)}, best by ${shipped.by}, on ${shipped.date.slice(0, 10)}; ${shipped.machine}. Repeat it: ${shipped.command}`,
            ...scoreLines(shipped),
          ]),
      ...statementLines(view, state),
      ...firstEvidence(evidence),
      '',
      bold('Mechanisms'),
      ...mechanisms.flatMap(mechanismLines),
      '',
      bold('Projects that claim it'),
      ...(claims.length === 0 ? ['  none in the catalogue'] : claims.map(claimLine)),
      '',
      dim(view.formula),
    ].join('\n');
  };
}

/** What caps a score, and how far it depends on opinion. */
function scoreLines({ ceiling, sensitivity }: MeasuredScore): string[] {
  return [
    ...(ceiling.because === '' ? [] : [dim(`  not above ${ceiling.value.toFixed(2)}: ${ceiling.because}`)]),
    dim(`  ${sensitivitySentence(sensitivity)}`),
  ];
}

/** What the original analysis says of the cell, and what is measured for or against it. */
function statementLines({ cells }: MatrixView, { cell }: CellState): string[] {
  return statementsAgainst(cells)
    .filter((statement) => statement.cell === cell.id)
    .map(
      ({ quote, says, standing, because }) =>
        `${bold('The analysis says')} "${quote}", that is ${says}; ${standing === 'open' ? 'open so far' : `the evidence is ${standing} it`}. ${because} ${dim(`[${statementsSource.title}]`)}`,
    );
}

function ageText(months: number): string {
  return months < 1 ? 'less than a month old' : `${months.toFixed(0)} months old`;
}

function isOfRound(record: Evidence): boolean {
  return readFigure(record, federationFigures.round) !== undefined;
}

/** What is said of a whole run tells more than what is said of one of its rounds. */
function firstEvidence(evidence: CellState['evidence']): string[] {
  const shown = evidence.toSorted((a, b) => Number(isOfRound(a)) - Number(isOfRound(b)));
  const rest = evidence.length - 5;
  return [
    ...shown
      .slice(0, 5)
      .map((record) => `  ${record.sentence} ${dim(`(${record.kind}, ${record.date.slice(0, 10)})`)}`),
    ...(rest > 0 ? [dim(`  and ${plural(rest, 'record')} more`)] : []),
  ];
}

function mechanismLines({
  profile,
  service,
  status,
  applies,
  parts,
  score,
  confidence,
  ceiling,
}: MechanismState): string[] {
  const coupling = {
    shown: 'falls without the ledger',
    refuted: 'does not need the ledger',
    unknown: 'untested',
  };
  const basis =
    status === 'known'
      ? 'not available in this version'
      : confidence === undefined
        ? 'built here, nothing measured'
        : `built and measured here, confidence ${confidence.toFixed(2)}`;
  return [
    `  ${bold(profile.id)}: ${profile.name} ${dim(`(${basis})`)}`,
    `    trust in ${profile.trust}; ${coupling[service.coupling]}: ${service.because}`,
    ...profile.assumptions.map((assumption) => dim(`    assumes that ${assumption}`)),
    applies === true
      ? `    score ${intervalText(score)}: complementarity ${intervalText(parts.complementarity)}, overhead ${intervalText(parts.overhead)}, trust ${intervalText(parts.trust)}, gap ${intervalText(parts.gap)}`
      : `    does not help here: ${applies}`,
    ...(applies === true ? [dim(`    ${strengthSentence(parts, ceiling)}`)] : []),
    ...[profile.overhead, profile.reach].flatMap((citation) =>
      citation === undefined
        ? []
        : [dim(`    ${citation.says} (${citation.source}, ${citation.pin}, ${citation.date})`)],
    ),
  ];
}

function claimLine({ project, quote, ledger, level, verdict }: CellClaim): string {
  const how = ledger ? '' : ', without a ledger';
  return `  ${project}: "${quote}" ${dim(`(supported at level ${level.low} to ${level.high}${how}; ${verdict})`)}`;
}

/** All cells from strong to weak, with the projects that claim them. */
export function renderTable(states: readonly CellState[]): string {
  const rows = states.map((state) => [
    String(state.cell.rank),
    title(state.cell.id),
    baselineText(state),
    measuredText(state),
    [...new Set(state.claims.map(({ project }) => project))].slice(0, 3).join(', ') || 'none',
  ]);
  return [
    formatTable([['', 'cell', 'editor', 'measured here', 'projects'].map(dim), ...rows], [0]),
    '',
    ...states.flatMap(({ cell }) => [
      `${cell.rank} ${bold(title(cell.id))}`,
      `  ${cell.together}; but ${cell.friction}`,
    ]),
    '',
    dim(
      'From strong to weak as the original matrix orders them; * and the order within a word are a reconstruction. Projects: those with the best supported claim.',
    ),
  ].join('\n');
}

/** Cells in which no project reaches level 2. */
export function renderGaps(gaps: readonly Gap[]): string {
  if (gaps.length === 0) return 'In every cell some project reaches level 2 with a ledger, by evidence.';
  return [
    'Cells in which no project reaches level 2 with a ledger: that parties other than its operator can see that it holds.',
    '',
    formatTable([
      ['cell', 'best by evidence', 'could still reach it'].map(dim),
      ...gaps.map(({ cell, best, undecided }) => [
        title(cell),
        best === undefined ? 'no project claims it' : `level ${best}`,
        plural(undecided, 'claim'),
      ]),
    ]),
  ].join('\n');
}

/** What has changed in the cells since a date. */
export function renderChanges(since: string): (changes: readonly CellChange[]) => string {
  return (changes) =>
    changes.length === 0
      ? `Nothing has changed since ${since.slice(0, 10)}.`
      : changes
          .map((change) =>
            [
              bold(title(change.cell)),
              ...(change.score === undefined
                ? []
                : [
                    `  score ${change.score.before === undefined ? 'none' : intervalText(change.score.before)} -> ${change.score.after === undefined ? 'none' : intervalText(change.score.after)}`,
                  ]),
              ...(change.words === undefined
                ? []
                : [`  word ${change.words.before ?? 'none'} -> ${change.words.after ?? 'none'}`]),
              ...(change.score !== undefined &&
              change.newRecords.length + change.lostRecords.length + change.newMechanisms.length === 0
                ? ['  nothing new: its evidence has aged']
                : []),
              ...change.newMechanisms.map((id) => `  + mechanism ${id}`),
              ...listed('+', change.newRecords),
              ...listed('-', change.lostRecords),
              ...listed('+', change.newClaims),
            ].join('\n'),
          )
          .join('\n\n');
}

function listed(sign: string, lines: readonly string[]): string[] {
  return [
    ...lines.slice(0, 3).map((line) => `  ${sign} ${line}`),
    ...(lines.length > 3 ? [`  ${sign} and ${lines.length - 3} more`] : []),
  ];
}

/** What each guarantee of a run cost. */
export function renderTriangle({
  run,
  whole,
  rows,
}: {
  readonly run: string;
  readonly whole: WholeRun;
  readonly rows: readonly TrianglePrice[];
}): string {
  return [
    `What the guarantees of ${bold(run)} took from the other corners`,
    '',
    ...rows.flatMap(({ mechanism, protects, serves, price, unmeasured }) => [
      `${bold(mechanism)} ${dim(`serves ${serves.join(' and ')}`)}`,
      `  protects ${protects}`,
      ...Object.entries(price).map(([name, figure]) => `  ${priceText[name] ?? name}: ${figureText(figure)}`),
      ...(unmeasured.length === 0
        ? []
        : [dim(`  not measured: ${unmeasured.map((name) => priceText[name] ?? name).join(', ')}`)]),
    ]),
    '',
    bold('The whole run'),
    `  accuracy of the last model: ${whole.accuracy === undefined ? 'not measured' : figureText(whole.accuracy)}`,
    `  energy: ${wholeEnergyText(whole)}`,
  ].join('\n');
}

function wholeEnergyText({ joules, joulesMeasured }: WholeRun): string {
  if (joules === undefined) return 'not measured';
  const text = energyText({ low: joules.min, middle: joules.value, high: joules.max });
  return joulesMeasured === true ? text : `${text}, not measured: its record says how one knows`;
}

const priceText: Readonly<Record<string, string>> = {
  seconds: 'time beyond the training itself',
  bytes: 'traffic',
  gas: 'work of the ledger',
  accuracyLost: 'accuracy lost',
  joules: 'energy',
};

/** Security, scalability and decentralisation of ledgers, the embedded one among them. */
export function renderTrilemma({ embedded, embeddedOperator, ledgers }: TrilemmaView): string {
  const own =
    embedded === undefined
      ? ['embedded (yours)', 'run `nonet bench ledger`', '', '', 'one: the runner of the job']
      : [
          'embedded (yours)',
          `${quantityText(embedded.throughput.value, '')} per second`,
          quantityText(embedded.inclusion.value, 'seconds'),
          'at once',
          'one: the runner of the job',
        ];
  return [
    formatTable([
      ['ledger', 'decisions', 'next block', 'final', 'who runs it'].map(dim),
      own,
      ...ledgers.map(
        ({ name, decisionsPerSecond, gasPerSecond, whyNoGas, blockTime, finality, validators }) => [
          name,
          decisionsPerSecond === undefined
            ? gasPerSecond === undefined
              ? (whyNoGas ?? 'not cited')
              : `${quantityText(gasPerSecond.value, '')} gas per second`
            : `at most ${quantityText(Number(decisionsPerSecond.value.toPrecision(2)), '')} per second`,
          quantityText(blockTime.value, 'seconds'),
          quantityText(finality.value, 'seconds'),
          validators.text,
        ],
      ),
    ]),
    '',
    bold('What one operator could do'),
    `  embedded: ${embeddedOperator}`,
    ...ledgers.map(({ name, oneOperator }) => `  ${name}: ${oneOperator}`),
    '',
    bold('What it serves for'),
    ...ledgers.map(({ name, serves }) => `  ${name}: ${serves}`),
    '',
    bold('Sources'),
    ...(embedded === undefined
      ? []
      : [
          dim(
            `  embedded: nonet bench ledger, ${embedded.date.slice(0, 10)}, ${embedded.machine}; ${quantityText(embedded.gasPerDecision.value, 'gas')} per decision`,
          ),
        ]),
    ...ledgers.flatMap((row) =>
      factsOf(row).map(({ says, source, pin, date }) =>
        dim(
          `  ${row.name}: ${says} (${source}, ${pin}, ${date}${row.stale.includes(says) ? '; older than its half-life' : ''})`,
        ),
      ),
    ),
  ].join('\n');
}
