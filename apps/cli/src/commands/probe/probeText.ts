/** What probes found, and how often they err, in words. */
import {
  type ProbeAnswer,
  type ProbePrecision,
  type ProbeResult,
  probeDefinitions,
} from '@nonet/matrix/probes';
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
      `  ${precision === undefined ? 'decides nothing, so it has no precision' : precisionText(precision, answer)}`,
    ),
  ];
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** How often this answer is right: of a yes its precision, of a no how often a no is right. */
function precisionText({ precision, whenNo, cases }: ProbePrecision, answer: ProbeAnswer): string {
  if (answer === 'not applicable') return `${cases} labelled cases, none without an answer`;
  const share = answer === 'yes' ? precision : whenNo;
  return `right in ${share.hits} of ${share.of} times that it said ${answer} (95 % interval ${percent(share.low)} to ${percent(share.high)}; ${cases} labelled cases)`;
}

/** How often each probe errs. */
export function renderPrecision(precision: readonly ProbePrecision[]): string {
  const share = ({ hits, of, low, high }: ProbePrecision['precision']) => [
    `${hits} of ${of}`,
    `${percent(low)} to ${percent(high)}`,
  ];
  return [
    formatTable([
      ['probe', 'cases', 'right when yes', '95 %', 'right when no', '95 %', 'found', '95 %'].map(dim),
      ...precision.map((each) => [
        bold(each.probe),
        String(each.cases),
        ...share(each.precision),
        ...share(each.whenNo),
        ...share(each.recall),
      ]),
    ]),
    '',
    ...probeDefinitions.map(({ id, question, errs }) => `${bold(id)}: ${question} ${dim(`Errs: ${errs}.`)}`),
  ].join('\n');
}
