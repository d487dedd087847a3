/** What probes found, and how often they err, in words. */
import { type ProbePrecision, type ProbeResult, probeDefinitions } from '@nonet/matrix/probes';
import { bold, dim, formatTable } from '../../terminal/terminal.ts';

/** What was probed; a repository at one of its commits. */
export interface ProbedSubject {
  readonly thing: string;
  readonly commit?: string;
  /** The day of that commit. */
  readonly committed?: string;
}

/** What a probe found, with what it asks and how often it errs. */
export interface DescribedResult extends ProbeResult {
  readonly question: string;
  readonly evidenceFor: readonly string[];
  readonly errs: string;
  /** Undefined for a probe that decides nothing. */
  readonly precision: ProbePrecision | undefined;
}

/** Question, answer, fact and up to three places of each probe. */
export function renderResults(
  { thing, commit, committed }: ProbedSubject,
  results: readonly DescribedResult[],
): string {
  const at = commit === undefined ? '' : ` at ${commit.slice(0, 12)} of ${committed}`;
  return [
    `${bold(thing)}${at}`,
    ...results.flatMap(resultLines),
    '',
    dim('A probe’s answer is evidence that a person weighs, not a verdict.'),
  ].join('\n');
}

function resultLines(result: DescribedResult): string[] {
  const { probe, question, answer, fact, places, evidenceFor, precision } = result;
  const serves = evidenceFor.length === 0 ? '' : `; evidence for ${evidenceFor.join(', ')}`;
  return [
    '',
    `${bold(question)} ${answer} ${dim(`(${probe}${serves})`)}`,
    `  ${fact}`,
    ...places
      .slice(0, 3)
      .filter(({ text }) => text !== undefined)
      .map(({ path, line, text }) => dim(`  ${path}:${line}: ${text}`)),
    dim(
      `  ${precision === undefined ? 'decides nothing, so it has no precision' : precisionText(precision)}`,
    ),
  ];
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

const precisionText = ({ precision, cases }: ProbePrecision) =>
  `right in ${precision.hits} of ${precision.of} times that it said yes (95 % interval ${percent(precision.low)} to ${percent(precision.high)}; ${cases} labelled cases)`;

/** How often each probe errs. */
export function renderPrecision(precision: readonly ProbePrecision[]): string {
  const share = ({ hits, of, low, high }: ProbePrecision['precision']) => [
    `${hits} of ${of}`,
    `${percent(low)} to ${percent(high)}`,
  ];
  return [
    formatTable([
      ['probe', 'cases', 'right when it says yes', '95 %', 'found of what is', '95 %'].map(dim),
      ...precision.map((each) => [
        bold(each.probe),
        String(each.cases),
        ...share(each.precision),
        ...share(each.recall),
      ]),
    ]),
    '',
    ...probeDefinitions.map(({ id, question, errs }) => `${bold(id)}: ${question} ${dim(`Errs: ${errs}.`)}`),
  ].join('\n');
}
