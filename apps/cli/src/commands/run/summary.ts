/**
 * The end of a run in words and figures: for a person, and as the one JSON document of `--json`.
 */
import type { JobState } from '@nonet/core/ports';
import { type ReceiptView, receiptView } from '@nonet/core/receipt';
import { quoteArgument, type TrainJob } from '@nonet/core/records';
import { countSteps, isComplete, privacyOf, stopOf } from '@nonet/federation';
import { noiseToSignal } from '@nonet/privacy/dp';
import { accuracyWarnings, classFigures } from '@nonet/tensor';
import { narrators } from '../../declarations.ts';
import { energyJson, energyText } from '../../machine/energy.ts';
import type { FinishedRun, RoundResult } from '../../rehearsal/finish.ts';
import { siteName } from '../../rehearsal/siteName.ts';
import { classesJson, classLines } from '../../terminal/classText.ts';
import {
  bold,
  cyan,
  dim,
  formatBytes,
  formatCount,
  formatPercent,
  formatSeconds,
  formatTable,
  green,
  plural,
  red,
  sparkline,
  yellow,
} from '../../terminal/terminal.ts';
import { failureText } from './failureText.ts';

/** The same keys for every job; null where the job has no such figure. */
export function summaryJson({
  outcome,
  costs,
  energy,
  verified,
  receiptFile,
  rounds,
  evaluation,
  clamped,
  prediction,
}: FinishedRun) {
  const { state, job } = outcome;
  return {
    accuracy: rounds.findLast((round) => round.accuracy !== undefined)?.accuracy ?? null,
    heldOutAccuracy: rounds.findLast((round) => round.heldOutAccuracy !== undefined)?.heldOutAccuracy ?? null,
    classes: evaluation === undefined ? null : classesJson(evaluation.confusion, job.data.labels),
    confusion: evaluation?.confusion ?? null,
    warnings: [
      ...(evaluation === undefined
        ? []
        : accuracyWarnings(classFigures(evaluation.confusion, job.data.labels))),
      ...clampedText(clamped),
    ],
    rounds: rounds.filter(({ accepted }) => accepted > 0).length,
    participants: state.participants.length,
    dropped: countDropped(outcome),
    receipt: receiptFile,
    verified,
    gasUsed: costs.gas,
    bytesMoved: costs.bytesMoved,
    masks: costs.masking ?? null,
    proof: prediction?.proof ?? null,
    energy: energyJson(energy),
    seconds: Number(outcome.seconds.toFixed(3)),
  };
}

/** What proving a prediction took, or why none was proven. */
function proofRows({ prediction }: FinishedRun): string[][] {
  if (prediction?.proof !== undefined) {
    const { seconds, bytes } = prediction.proof;
    return [
      ['  proof', formatSeconds(seconds), 'one prediction: quantising, registering, proving, verifying'],
      ['', formatBytes(bytes), 'the proof with the registration of the model'],
    ];
  }
  if (prediction?.refusal === undefined) return [];
  const { expected, found } = prediction.refusal;
  return [['  proof', 'none', `expected ${expected}, found ${found}`]];
}

/** Updates of which less was sent than training gave: a warning, if there were any. */
function clampedText(rounds: readonly number[]): string[] {
  if (rounds.length === 0) return [];
  const which = `${rounds.length === 1 ? 'round' : 'rounds'} ${ranges(rounds.map((round) => round + 1))}`;
  return [
    `In ${which} sites moved numbers further than an update holds, and sent less. A lower learning rate avoids it.`,
  ];
}

/** Participants who were missing in at least one round after they had joined. */
function countDropped({ state }: FinishedRun['outcome']): number {
  return state.participants.filter((_, participant) => missedSteps(state, participant).length > 0).length;
}

/**
 * Steps, from 0, that were made without this participant, or not made at all for want of updates,
 * also of its own. Of a round that is repeated only the last attempt says who was missing.
 */
function missedSteps({ rounds }: JobState, participant: number): number[] {
  const attempts = Map.groupBy(
    rounds.filter(({ size }) => participant < size),
    ({ step }) => step,
  );
  return [...attempts].flatMap(([step, rounds]) => {
    const made = rounds.findLast(({ phase, posted }) => phase !== 'void' && posted !== undefined);
    const lacking = rounds.filter(({ failure }) => failure?.reason === 'cohort');
    const telling = made === undefined ? lacking : [made];
    const missed = telling.every(({ commitments }) => commitments[participant] === undefined);
    return telling.length > 0 && missed ? [step] : [];
  });
}

const secondsNote: Readonly<Record<string, string>> = {
  training: 'from opening a round until the last site has trained',
  collecting: 'from then until it is known who is included; absentees cost a deadline',
  stepping: 'from there to the new model on the ledger',
  checking: 'what the watchers took to recompute it, beside the next rounds',
};

function roundTable({ rounds, outcome }: FinishedRun): string {
  const rows = rounds.map(({ round, accepted, size, accuracy }) => {
    const { phase, failure, step, objections = [] } = outcome.state.rounds[round]!;
    const again = objections.length === 0 ? [] : [yellow('stepped again after an objection')];
    const end = failure !== undefined ? yellow(failureText(failure)) : phase === 'final' ? '' : phase;
    return [
      `  ${step + 1}`,
      `${accepted} of ${size}`,
      accuracy === undefined ? '' : formatPercent(accuracy),
      [...again, end].filter((text) => text !== '').join(', '),
    ];
  });
  return formatTable([['  round', 'accepted', 'accuracy', ''].map(dim), ...rows], [0, 1, 2]);
}

/** One line per way of taking part: who was always there, who was away when. */
function participation(state: JobState): string[] {
  const total = state.participants.length;
  const lines: string[] = [];
  let always = 0;
  for (let participant = 0; participant < total; participant++) {
    const missed = missedSteps(state, participant).map((step) => step + 1);
    if (missed.length === 0) {
      always++;
      continue;
    }
    const returned = missed.at(-1)! < countSteps(state);
    lines.push(
      `  ${siteName(participant)} missed ${plural(missed.length, 'round')} (${ranges(missed)}) and ${returned ? 'came back' : 'stayed away'}`,
    );
  }
  return [`  ${always} of ${plural(total, 'site')} in every round`, ...lines];
}

/** 4, 5, 6, 9 -> 4-6, 9 */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** Why a job came to its end before the wanted rounds were final. */
function endText({ state, events }: FinishedRun['outcome']): string {
  const because = stopOf(state, events.at(-1)?.at ?? 0) ?? 'every aggregator was proven to have lied';
  return `over after ${plural(state.rounds.length, 'round')}, not complete: ${because}`;
}

/** Who could read what: for the person who answers for a site's data. */
function exposureText({ exposure }: ReceiptView): string[] {
  if (exposure === undefined) return [];
  const rows = exposure.rows.map(({ what, who, unless }) => [
    `  ${what}`,
    unless === 'nobody' ? who : `${who}; ${unless}`,
  ]);
  const budgets = exposure.budgets.flatMap(({ of, spent, allowed, condition }) => [
    [`  ${of}`, `${spent} spent`],
    ['', `of ${allowed}`],
    ['', `if ${condition}`],
  ]);
  return [
    bold('Who could read what'),
    `  ${exposure.sentence}`,
    formatTable(rows),
    ...(budgets.length === 0 ? [] : [bold('What was spent of whose privacy'), formatTable(budgets)]),
    '',
  ];
}

/** From the first round of which it is known to the last. */
function accuracyLine(
  name: string,
  rounds: readonly RoundResult[],
  of: (round: RoundResult) => number | undefined,
): string | undefined {
  const known = rounds.map(of).filter((accuracy) => accuracy !== undefined);
  if (known.length === 0) return undefined;
  const [first, last] = [known[0]!, known.at(-1)!].map(formatPercent) as [string, string];
  return `${name}  ${cyan(sparkline(known))}  ${first} → ${bold(last)}`;
}

/**
 * What privacy took in accuracy, as far as the job's record tells: no run knows the model that it
 * would have come to without noise.
 */
function accuracyRows(job: TrainJob): string[][] {
  const privacy = privacyOf(job);
  if (privacy === undefined) {
    if (job.arithmetic.kind !== 'masked') return [];
    const rounding = `each number of an average is within 2^${-job.arithmetic.scaleBits - 1} of the exact one`;
    return [['  accuracy', 'none to masks', rounding]];
  }
  const { parameters, setting } = privacy;
  const ratio = noiseToSignal(parameters, setting).toPrecision(2);
  return [
    [
      '  accuracy',
      `noise ${ratio}`,
      'times as long, in the smallest cohort, as the longest sum it is added to',
    ],
    ['', '', 'what that takes, a run of the same job without privacy.dp shows'],
  ];
}

/** Result, rounds, participation, costs, trust, and where the files are. */
export function renderSummary(finished: FinishedRun): string {
  const { outcome, costs, energy, receipt, verdicts, rounds, verified, evaluation } = finished;
  const { state } = outcome;
  const view = receiptView(receipt, verdicts, narrators);
  const byline = view.byline === undefined ? '' : dim(`, ${view.byline}`);
  const lines: string[] = ['', `${bold(view.title)}${byline}`];
  if (isComplete(state)) lines.push(`${green('complete')} in ${formatSeconds(outcome.seconds)}`);
  else lines.push(red(bold(endText(outcome))));
  const told = [
    accuracyLine('test accuracy', rounds, ({ accuracy }) => accuracy),
    accuracyLine('on what sites hold out, before each round', rounds, (round) => round.heldOutAccuracy),
  ].filter((line) => line !== undefined);
  if (told.length > 0) lines.push('', ...told);
  if (evaluation !== undefined) lines.push(...classLines(evaluation.confusion, outcome.job.data.labels));
  lines.push(...clampedText(finished.clamped).map((text) => yellow(`! ${text}`)));
  lines.push('', roundTable(finished), '', bold('Who took part'), ...participation(state));
  lines.push(
    '',
    bold('What it cost'),
    formatTable([
      ['  moved', formatBytes(costs.bytesMoved), 'through the stores, in and out'],
      ['  ledger', plural(costs.transactions, 'transaction'), `${formatCount(costs.gas)} gas`],
      ...Object.entries(costs.seconds).map(([phase, seconds]) => [
        `  ${phase}`,
        formatSeconds(seconds),
        secondsNote[phase] ?? '',
      ]),
      ...(costs.masking === undefined
        ? []
        : [
            [
              '  masks',
              formatSeconds(costs.masking.seconds),
              'registering keys and shares, and revealing them',
            ],
            ['', formatBytes(costs.masking.bytes), 'of the bytes that were moved, each blob once'],
          ]),
      ...accuracyRows(outcome.job),
      ...proofRows(finished),
      ['  energy', energyText(energy.joules), energy.label],
    ]),
    '',
    ...exposureText(view),
    bold('How far it can be trusted'),
  );
  for (const section of view.sections) {
    lines.push(`  ${section.title}: ${section.items.length === 0 ? dim('nothing') : ''}`.trimEnd());
    for (const item of section.items) {
      if (section.kind !== 'assumed') lines.push(`    ${item.sentence} ${dim(`(${item.words})`)}`);
      else lines.push(`    ${yellow('·')} ${item.sentence}`);
    }
  }
  lines.push(
    '',
    verified ? green('✓ nothing contradicts the receipt') : red('✗ the receipt does not verify'),
    `  receipt  ${finished.receiptFile}`,
    `  page     ${finished.pageFile}`,
    `  model    ${finished.modelFile}`,
    dim(
      `  check it again: npx nonet verify ${quoteArgument(finished.receiptFile)} --blobs ${quoteArgument(outcome.run.resolve('blobs'))}`,
    ),
    '',
  );
  return lines.join('\n');
}
