/** Verdicts on projects in words, for a terminal of 100 columns. */
import {
  type Backtest,
  type BacktestOutcome,
  type CellTally,
  type ClaimView,
  cellsOf,
  type DecaiRange,
  decaiSource,
  differenceFromDecai,
  type FlipView,
  type FreshComparison,
  type Freshness,
  type Interval,
  type ProjectReport,
  pinText,
  replyDays,
  type Share,
  type Value,
} from '@nonet/matrix/evaluation';
import { type Lead, leads } from '@nonet/matrix/projects';
import { bold, dim, formatTable, green, plural, red, yellow } from '../../terminal/terminal.ts';

const intervalText = ({ lo, hi }: Interval) => (lo === hi ? String(lo) : `${lo}-${hi}`);

function paintVerdict(verdict: string): string {
  if (verdict === 'impact') return green(verdict);
  return verdict === 'hype' ? red(verdict) : verdict.includes('overclaim') ? yellow(verdict) : verdict;
}

/** Said beside a verdict where a project is not, or no longer, in use by its own words. */
function ended({ project: { state } }: ProjectReport): string {
  return ['in use', 'not stated'].includes(state.is) ? '' : ` (${state.is})`;
}

/** All projects with their verdicts, and how claims fare by cell. */
export function renderTable(
  reports: readonly ProjectReport[],
  cells: readonly CellTally[],
  asOf: string,
): string {
  const rows = reports.map((report) => [
    bold(report.project.id),
    `${paintVerdict(report.decision.verdict)}${ended(report)}`,
    report.nearest === undefined ? '' : String(report.nearest.missing.length),
    [...cellsOf(report)].map(([cell, interval]) => `${cell} ${intervalText(interval)}`).join(', '),
  ]);
  return [
    formatTable([['project', 'verdict', 'lacks', 'level of 4 in each claimed cell'].map(dim), ...rows], [2]),
    '',
    formatTable(
      [
        ['claims by cell', 'reach level 2', 'cannot', 'open', 'level 2 without a ledger'].map(dim),
        ...cells.map(({ cell, shown, refuted, open, withoutLedger }) => [
          cell.replace('-', ' × '),
          ...[shown, refuted, open, withoutLedger].map(String),
        ]),
      ],
      [1, 2, 3, 4],
    ),
    '',
    dim(
      `${plural(leads.length, 'further project')} under review, of which no claim is quoted and judged yet: ${leads.map(({ id }) => id).join(', ')}.`,
    ),
    dim(
      `As of ${asOf}. A verdict is about claims and the evidence for them, not about people and no advice to buy or sell. 1-4: shown up to level 1, possible up to 4. Lacks: items that the nearest claim would have to show for impact.`,
    ),
  ].join('\n');
}

/** A project of which no claim was judged yet. */
export function renderLead({ name, about, topics, repository }: Lead): string {
  return [
    `${bold(name)}: ${about}`,
    'verdict     under review: no claim is quoted and judged yet',
    ...(repository === undefined ? [] : [`repository  ${repository}`]),
    ...topics.flatMap(({ attribute, mechanism, facts }) => [
      `\n${bold(attribute)} ${dim(`(mechanism: ${mechanism})`)}`,
      ...facts.map(({ fact, source }) => `  ${fact} ${dim(`[${source}]`)}`),
    ]),
  ].join('\n');
}

/** One project: verdict, claims, what would change the verdict, incidents. */
export function renderReport(report: ProjectReport): string {
  const { project, decision, flips, asOf, outside } = report;
  const { invited, reply } = project.review;
  return [
    `${bold(project.name)}: ${project.about}`,
    `verdict   ${bold(paintVerdict(decision.verdict))} ${dim(`(rule ${decision.rule}: ${decision.reason})`)}`,
    ...decision.withheld.map((missing) => `          ${yellow('a harder verdict is withheld')}: ${missing}`),
    `stands    ${stateText(project)}`,
    `as of     ${asOf}; data of ${project.timestamps.dataAsOf}, edited ${project.timestamps.edited}, ladders ${report.ladders}`,
    ...report.freshness.map(freshnessLine),
    `reviewed  ${readersText(report)}; ${invited === undefined ? 'the project was not asked for a reply yet' : `asked for a reply on ${invited} (${replyDays} days)`}`,
    ...(reply === undefined ? [] : [`reply     ${reply.by}, ${reply.date}: ${reply.text}`]),
    ...report.claims.map(renderClaim),
    '',
    ...renderNearest(report),
    ...renderFlips(flips),
    ...renderDisagreements(report),
    ...renderInvitation(report),
    ...renderDecaiFit(report),
    ...(outside.length === 0
      ? []
      : [
          '',
          dim(
            `Not counted at this date: ${outside.map(({ id, because }) => `${id} (${because})`).join(', ')}`,
          ),
        ]),
    ...(project.incidents.length === 0
      ? []
      : [
          '',
          bold('Incidents'),
          ...project.incidents.map(({ date, what, source }) => `  ${date}  ${what} ${dim(`[${source}]`)}`),
        ]),
  ].join('\n');
}

/** Cheapest first, so the first ones say what to look at. */
const shownFlips = 8;

/**
 * Changes of items one by one; tests that would refute anyone's claim in one line, since for most
 * nothing hints at them.
 */
function renderFlips(flips: readonly FlipView[]): string[] {
  const items = flips.filter(({ on }) => !on.startsWith('H'));
  const tests = [...new Set(flips.map(({ on }) => on).filter((on) => on.startsWith('H')))].sort(
    (a, b) => Number(a.slice(1)) - Number(b.slice(1)),
  );
  return [
    items.length === 0
      ? dim('No single change of an item changes the verdict.')
      : bold('What would change the verdict'),
    ...items
      .slice(0, shownFlips)
      .map(
        ({ effort, claimId, text, from, to, verdict, withheld, todo }) =>
          `  ${effort.padEnd(7)} ${withheld ? 'hype, withheld until the guard rails hold' : paintVerdict(verdict)}: ${claimId}: "${text}" ${from} -> ${to}\n          ${dim(todo)}`,
      ),
    ...(items.length <= shownFlips
      ? []
      : [dim(`  and ${plural(items.length - shownFlips, 'change')} more, none cheaper: --json lists all`)]),
    ...(tests.length === 0
      ? []
      : [dim(`  Evidence on the tests ${tests.join(', ')} (docs/ladders.md) would change it, too.`)]),
  ];
}

const marks: Readonly<Record<Value, string>> = {
  true: green('✓'),
  false: red('✗'),
  unknown: dim('?'),
  contested: yellow('≠'),
};

/** Where the project stands, in its own words. */
function stateText({ state }: ProjectReport['project']): string {
  return state.quote === undefined ? state.is : `${bold(state.is)}: "${state.quote}"`;
}

function freshnessLine({ source, ageDays, checkedDaysAgo, stale, behind }: Freshness): string {
  const dated = ageDays === undefined ? 'names no date' : `of ${source.dated}, ${plural(ageDays, 'day')} old`;
  const newer = behind
    ? yellow(`; a newer version was seen and not judged: ${source.newest?.changed ?? ''}`)
    : '';
  return (
    dim(
      `source    ${source.id} at ${pinText(source.pin)} ${dated}; compared with the newest copy at hand ${plural(checkedDaysAgo, 'day')} ago`,
    ) +
    (stale ? yellow(', too long') : '') +
    newer
  );
}

function readersText({ project: { second }, disagreements }: ProjectReport): string {
  if (second === undefined) return 'by one reader';
  const who = second.independent ? 'by two readers' : `by one reader, twice (${second.reader})`;
  return `${who}; ${plural(second.codes.length, 'item')} coded twice, ${disagreements?.length ?? 0} otherwise`;
}

function renderDisagreements({ disagreements }: ProjectReport): string[] {
  if (disagreements === undefined || disagreements.length === 0) return [];
  return [
    '',
    bold('Where the second reading differs'),
    ...disagreements.map(
      ({ claim, text, first, second, because }) =>
        `  ${claim}: "${text}" ${first}, second reading ${second}${because === undefined ? '' : dim(` (${because})`)}`,
    ),
  ];
}

/** What the nearest claim lacks. */
function renderNearest({ nearest }: ProjectReport): string[] {
  if (nearest === undefined) return [];
  return [
    bold(`For impact ${nearest.claim} lacks ${plural(nearest.missing.length, 'item')}`),
    ...nearest.missing.map(
      ({ text, refuted, effort, shownBy }) =>
        `  ${effort.padEnd(7)} ${refuted ? red('✗') : dim('?')} ${text} ${dim(shownBy)}`,
    ),
    '',
  ];
}

/** Who would have to be asked what. */
function renderInvitation({ invitation }: ProjectReport): string[] {
  if (invitation === undefined) return [];
  return [
    '',
    bold(
      `${invitation.missing.length === 0 ? '' : 'Before a harder verdict, '}${invitation.to} would have to be asked`,
    ),
    ...invitation.questions.map(
      ({ claim, text, against }) =>
        `  of ${claim}: ${text} ${dim(`Against it: ${against.join('; ')} What refutes that?`)}`,
    ),
    dim(
      `  at ${invitation.at.join(', ')}; ${invitation.until === undefined ? 'not asked yet' : `until ${invitation.until}`}`,
    ),
  ];
}

/** Another published formula beside ours. */
function renderDecaiFit({ decaiFit, decision }: ProjectReport): string[] {
  if (decaiFit === undefined) return [];
  const { ai, onchain, token, evidence, sum } = decaiFit;
  const text = ({ low, high }: DecaiRange) => (low === high ? String(low) : `${low}-${high}`);
  return [
    '',
    `${bold('DecAI Fit')} by its published formula: ${text(sum)} of 12 before scaling (AI ${text(ai)}, on chain ${text(onchain)}, token ${text(token)}, evidence ${text(evidence)} of 3 each)`,
    dim(`  ${differenceFromDecai(decaiFit, decision)}`),
    dim(`  ${decaiSource}; its last step is not in the copy that could be read.`),
  ];
}

function renderClaim({ claim, level: claimed, interval, wish, property, findings }: ClaimView): string {
  const [wishName, propertyName] = claim.cell.split('-');
  const level =
    claimed === undefined ? 'no level in the quote' : `claims level ${claimed.level} ("${claimed.from}")`;
  return [
    '',
    `${bold(claim.id)}  ${claim.cell.replace('-', ' × ')}  ${dim(claim.ledger ? 'credits a ledger' : 'credits no ledger')}`,
    `  "${claim.quote}"`,
    dim(`  [${claim.source}, ${pinText(claim.pin)}]`),
    `  level     ${bold(intervalText(interval))} of 4; ${wishName} ${intervalText(wish)}, ${propertyName} ${intervalText(property)}; ${level}`,
    `  you trust ${claim.trust.join('; ')}`,
    `  no ledger ${claim.withoutLedger}`,
    ...findings
      .filter(
        ({ value, decided, outweighed }) => value !== 'unknown' || decided.length + outweighed.length > 0,
      )
      .flatMap(({ text, value, decided, outweighed }) => [
        `  ${marks[value]} ${text}`,
        ...decided.map((evidence) => `      ${evidenceLine(evidence)}`),
        ...outweighed.map((evidence) =>
          dim(
            `      ${value === 'contested' ? 'contested' : 'outweighed or too weak'}: ${evidenceLine(evidence)}`,
          ),
        ),
      ]),
    dim(
      `  ? not shown either way: ${findings
        .filter(({ value, outweighed }) => value === 'unknown' && outweighed.length === 0)
        .map(({ on }) => on)
        .join(', ')}`,
    ),
  ].join('\n');
}

const evidenceLine = ({
  says,
  grade,
  ageDays,
  dated,
  interest,
  audit,
  fact,
  source,
  pin,
}: ClaimView['findings'][number]['decided'][number]) => {
  const age =
    dated === undefined ? `undated, read ${plural(ageDays, 'day')} ago` : `${plural(ageDays, 'day')} old`;
  const by = interest === 'competitor' || interest === 'holder' ? ` by a ${interest}` : '';
  const scope =
    audit === undefined
      ? ''
      : audit.read
        ? ` Covers ${audit.in.map(({ part }) => part).join(', ')}${audit.out.length === 0 ? '' : `; not ${audit.out.map(({ part }) => part).join(', ')}`} (${audit.version}).`
        : ' The report was not read.';
  return `E${grade} ${says ? 'for' : 'against'}${by}, ${age}: ${fact}${scope} ${dim(`[${source}, ${pin}]`)}`;
};

/** What a newer clone or file says of the sources that it holds. */
export function renderFresh(comparisons: readonly FreshComparison[]): string {
  return comparisons.map(renderComparison).join('\n\n');
}

function renderComparison({
  source,
  pinned,
  copy,
  citedChanged,
  quotes,
  endings,
  unchanged,
}: FreshComparison): string {
  const lost = quotes.filter(({ found }) => !found);
  const since =
    copy.commitsSince === undefined ? '' : `, ${plural(copy.commitsSince, 'commit')} since the pin`;
  return [
    `${bold(source)} pinned at ${pinned.slice(0, 12)}; your copy is ${copy.version.slice(0, 12)}${copy.dated === undefined ? '' : ` of ${copy.dated}`}${since}`,
    `  ${quotes.length - lost.length} of ${plural(quotes.length, 'quote')} found word for word`,
    ...lost.map(({ of, path, quote }) => `  ${red('gone')} from ${path}: ${of}: "${quote}"`),
    ...citedChanged.map((path) => `  ${yellow('changed')}: ${path}, which the file cites`),
    ...endings.map((line) => `  ${yellow('says of itself')}: "${line}"`),
    unchanged
      ? green('  Nothing that the verdict rests on changed.')
      : '  Read these again before you rely on the verdict.',
  ].join('\n');
}

const outcomeMarks: Readonly<Record<BacktestOutcome, string>> = {
  flagged: green('✓ flagged'),
  warned: yellow('· warned '),
  missed: red('✗ missed '),
  outside: dim('- outside'),
};

const shareText = ({ hits, of, low, high }: Share) =>
  `${hits} of ${of} (95 % interval ${Math.round(100 * low)} to ${Math.round(100 * high)} %)`;

/** Past incidents: of which the ladders would have warned, and how often that was. */
export function renderBacktest({ cases, counts, flagged, flaggedOrWarned }: Backtest): string {
  return [
    ...cases.flatMap(({ case: { date, project, what, warning, because }, outcome }) => [
      `${outcomeMarks[outcome]}  ${date}  ${bold(project)}: ${what}`,
      ...(warning === undefined
        ? []
        : [
            `           ${warning.on}, E${warning.grade} of ${warning.published}: ${warning.fact} ${dim(`[${warning.source}, ${pinText(warning.pin)}]`)}`,
          ]),
      dim(`           ${because}`),
    ]),
    '',
    `flagged            ${shareText(flagged)}`,
    `flagged or warned  ${shareText(flaggedOrWarned)}`,
    dim(
      `${counts.outside} more are outside of what the ladders are about. Who chose the items knew the incidents: hindsight makes these rates an upper bound.`,
    ),
  ].join('\n');
}
