/**
 * A receipt in plain words: the one view model that the page and the command line share, so that both tell a stranger the same story
 * (docs/specs/receipt.md §4). Pure: receipt and verdicts in, words out. It restates records and verdicts and adds no claim of its own.
 *
 * A record with a figure named `round` tells of that round; its figures make the timeline. `participants`, `accuracy` and `stoppedInRound` are the other
 * names that have a meaning here; every other figure is simply shown.
 */
import type { Evidence } from './evidence.ts';
import { countOf, figureLabel, figureText, quantityText } from './figureText.ts';
import type { Receipt } from './receipt.ts';
import {
  isChecked,
  isStatement,
  type Standing,
  standingOf,
  type VerdictView,
  verdictView,
} from './verdictView.ts';
import type { Verdict } from './verifyReceipt.ts';

export interface FigureView {
  /** Empty if the unit says it: `10,000 examples`. */
  readonly label: string;
  readonly text: string;
}

export interface ItemView extends Standing {
  /** 1, 2, ... as in the piece names. */
  readonly number: number;
  readonly sentence: string;
  readonly figures: readonly FigureView[];
  /** Where it comes from, if not from this run. */
  readonly source?: string;
  readonly date: string;
}

export type SectionKind = 'proven' | 'claimed' | 'attested' | 'measured' | 'observed' | 'assumed';

export interface SectionView {
  readonly kind: SectionKind;
  readonly title: string;
  readonly explanation: string;
  readonly items: readonly ItemView[];
}

export interface RoundView extends Standing {
  readonly number: number;
  readonly round: number;
  readonly participants?: number;
  /** 0 .. 1 */
  readonly accuracy?: number;
  /** The other figures of the round. */
  readonly figures: readonly FigureView[];
}

export interface TrustView {
  readonly whom: string;
  readonly sentence: string;
  readonly breaks: string;
}

export interface ReceiptView extends VerdictView {
  readonly title: string;
  /** A few sentences: what was run, with whom, what came out. */
  readonly summary: readonly string[];
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  readonly rounds: readonly RoundView[];
  /** Records other than those of single rounds, by kind. `proven` is present even if empty. */
  readonly sections: readonly SectionView[];
  /** Whom one still has to trust, and what would break it. */
  readonly trust: readonly TrustView[];
}

/** Call it with no verdicts before anything was checked. */
export function receiptView(receipt: Receipt, verdicts: readonly Verdict[]): ReceiptView {
  const byNumber = verdictsByNumber(verdicts);
  const items = receipt.evidence.map((record, i) => itemView(record, i + 1, byNumber.get(i + 1)));
  const rounds = roundViews(receipt, items);
  return {
    title: titleOf(receipt, rounds),
    summary: summaryOf(receipt, rounds, items),
    facts: factsOf(receipt),
    rounds,
    sections: sectionViews(receipt, items),
    trust: trustViews(receipt, items, verdicts),
    ...verdictView(verdicts),
  };
}

/** Each record's own verdict, or the failure of its bytes. */
function verdictsByNumber(verdicts: readonly Verdict[]): Map<number, Verdict> {
  const byNumber = new Map<number, Verdict>();
  for (const verdict of verdicts) {
    const number = Number(/^evidence (\d+)/.exec(verdict.piece)?.[1]);
    const aboutBytes = !isStatement(verdict);
    if (aboutBytes ? verdict.status === 'failed' : byNumber.get(number)?.status !== 'failed') {
      byNumber.set(number, verdict);
    }
  }
  return byNumber;
}

function itemView(record: Evidence, number: number, verdict: Verdict | undefined): ItemView {
  const { origin } = record;
  return {
    number,
    sentence: record.sentence,
    figures: figuresOf(record, []),
    ...(origin.type === 'source' ? { source: `${origin.source} (${origin.pin})` } : {}),
    date: dateText(record.date),
    ...standingOf(verdict),
  };
}

function figuresOf(record: Evidence, without: readonly string[]): FigureView[] {
  return Object.entries(record.figures)
    .filter(([name]) => !without.includes(name))
    .map(([name, figure]) => ({
      label: figure.unit === name ? '' : figureLabel(name),
      text: figureText(figure),
    }));
}

function dateText(date: string): string {
  return new Date(date)
    .toISOString()
    .replace('T', ' ')
    .replace(/:\d\d\.\d+Z$/, ' UTC');
}

// The timeline

function roundViews(receipt: Receipt, items: readonly ItemView[]): RoundView[] {
  return receipt.evidence
    .flatMap((record, i) => {
      const { round, participants, accuracy } = record.figures;
      if (round === undefined) return [];
      const { number, status, words, detail } = items[i]!;
      const view: RoundView = {
        number,
        round: round.value,
        ...(participants === undefined ? {} : { participants: participants.value }),
        ...(accuracy === undefined ? {} : { accuracy: accuracy.value }),
        figures: figuresOf(record, ['round', 'participants', 'accuracy']),
        status,
        words,
        ...(detail === undefined ? {} : { detail }),
      };
      return [view];
    })
    .sort((a, b) => a.round - b.round);
}

// What was run, with whom, what came out

function rangeText(values: readonly number[], noun: string): string {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? countOf(high, noun) : `${low} to ${countOf(high, noun)}`;
}

function participantsOf(receipt: Receipt, rounds: readonly RoundView[]): number[] {
  const perRound = rounds.flatMap(({ participants }) => participants || []);
  if (perRound.length > 0) return perRound;
  const figure = receipt.evidence.find(({ figures }) => figures.participants)?.figures.participants;
  return figure === undefined ? [] : [figure.min, figure.max];
}

function titleOf(receipt: Receipt, rounds: readonly RoundView[]): string {
  const participants = participantsOf(receipt, rounds);
  const who =
    participants.length === 0 ? 'several parties' : countOf(Math.max(...participants), 'participant');
  const title =
    stoppedIn(receipt) === undefined ? `${who} trained one model together` : `a job of ${who} was stopped`;
  return title[0]!.toUpperCase() + title.slice(1);
}

/** The round in which a job was stopped, if a record says so; counted from 1. */
function stoppedIn({ evidence }: Receipt): number | undefined {
  return evidence.find(({ figures }) => figures.stoppedInRound)?.figures.stoppedInRound?.value;
}

function summaryOf(receipt: Receipt, rounds: readonly RoundView[], items: readonly ItemView[]): string[] {
  const { job } = receipt;
  const { labels } = job.data;
  const shown = labels.length <= 12 ? labels.join(', ') : `${labels.slice(0, 10).join(', ')} and so on`;
  const participants = participantsOf(receipt, rounds);
  const stopped = stoppedIn(receipt);
  const empty = rounds.filter(({ participants }) => participants === 0).length;
  const held = rounds.length - empty;
  const count = [
    rounds.length === 0
      ? `${countOf(job.rounds, 'round')} planned`
      : held < job.rounds
        ? `${countOf(held, 'round')} of ${job.rounds} planned`
        : countOf(held, 'round'),
    ...(empty === 0 ? [] : [`and ${empty} that led to no new model`]),
  ].join(' ');
  const who =
    participants.length === 0
      ? `${job.minimum} to ${job.maximum} participants per round were asked for`
      : `${rangeText(participants, 'participant')} took part in each`;
  return [
    `The job “${job.name}” trains a model that tells ${labels.length} kinds of examples apart: ${shown}.`,
    `There were ${count}; ${who}. In a round, participants train a copy of the model on their own examples and hand in how it changed; the changes are added up into the next version.`,
    stopped === undefined
      ? resultOf(receipt, rounds, items)
      : `In round ${stopped} somebody objected to the posted step, and the job ended there: its model and all later ones do not count.`,
  ];
}

function resultOf(receipt: Receipt, rounds: readonly RoundView[], items: readonly ItemView[]): string {
  const measured = rounds.filter(({ accuracy }) => accuracy !== undefined);
  const single = receipt.evidence.findIndex(({ figures }) => figures.accuracy !== undefined);
  const number = measured.at(-1)?.number ?? single + 1;
  const accuracy = receipt.evidence[number - 1]?.figures.accuracy?.value;
  if (accuracy === undefined) return 'This receipt states no accuracy.';
  const start =
    measured.length > 1
      ? `, up from ${quantityText(measured[0]!.accuracy!, 'fraction')} after the first round`
      : '';
  // That very record: another one with the same number may tell of another model.
  const basis = isChecked(items[number - 1]!.status)
    ? 'That number was checked just now.'
    : 'That number is the runner’s statement; it was not checked here.';
  return `At the end the model was right on ${quantityText(accuracy, 'fraction')} of the test examples${start}. ${basis}`;
}

function factsOf(receipt: Receipt): { label: string; text: string }[] {
  const { anchor, evidence, job } = receipt;
  const dates = evidence.flatMap(({ date, origin }) => (origin.type === 'run' ? dateText(date) : [])).sort();
  const [first, last] = [dates[0], dates.at(-1)];
  const origins = evidence.flatMap(({ origin }) => (origin.type === 'run' ? [origin] : []));
  const distinct = (values: readonly string[]) => [...new Set(values)].join('; ');
  const fact = (label: string, text: string) => (text === '' ? [] : [{ label, text }]);
  return [
    ...fact('Job', job.name),
    ...fact('Run', receipt.run),
    ...fact('When', first === last ? (first ?? '') : `${first} to ${last}`),
    ...fact('Run by', job.creator),
    ...fact('On', distinct(origins.map(({ machine }) => machine))),
    ...fact('Program version', distinct(origins.map(({ commit }) => commit))),
    ...fact('Fingerprint of this receipt', receipt.root),
    ...fact(
      'Recorded on a ledger',
      anchor === undefined
        ? 'no'
        : `chain ${anchor.chainId}, block ${anchor.block}, ${dateText(new Date(anchor.at * 1000).toISOString())}; transaction ${anchor.transaction}; it cost ${quantityText(anchor.gas, 'gas')}`,
    ),
  ];
}

// By kind

const sectionTexts: Readonly<Record<SectionKind, readonly [title: string, explanation: string]>> = {
  proven: ['Proven', 'A mathematical proof was checked. Its maker does not have to be trusted.'],
  claimed: [
    'Said to be proven',
    'A proof is mentioned, but it was not checked here. Until it is, this is only a statement.',
  ],
  attested: ['Attested', 'Hardware vouches for how it was run. Its manufacturer has to be trusted.'],
  measured: ['Measured', 'Numbers taken while it ran. Those marked as checked were computed again just now.'],
  observed: ['Observed', 'What the run, or somebody else’s source, showed.'],
  assumed: ['Assumed', 'Nobody can check these. The results rest on them.'],
};

function sectionOf(record: Evidence, { status }: Standing): SectionKind {
  switch (record.kind) {
    case 'proof':
      return isChecked(status) ? 'proven' : 'claimed';
    case 'attestation':
      return 'attested';
    case 'measurement':
      return 'measured';
    case 'observation':
      return 'observed';
    case 'assumption':
      return 'assumed';
  }
}

/** Measured and observed rounds are told by the timeline. */
function isRoundOnly({ kind, figures }: Evidence): boolean {
  return figures.round !== undefined && (kind === 'measurement' || kind === 'observation');
}

function sectionViews(receipt: Receipt, items: readonly ItemView[]): SectionView[] {
  return (Object.keys(sectionTexts) as SectionKind[]).flatMap((kind) => {
    const [title, explanation] = sectionTexts[kind];
    const inside = items.filter((item, i) => {
      const record = receipt.evidence[i]!;
      return sectionOf(record, item) === kind && !isRoundOnly(record);
    });
    if (inside.length === 0 && kind !== 'proven') return [];
    return [
      {
        kind,
        title,
        explanation: inside.length === 0 ? 'Nothing in this receipt was proven mathematically.' : explanation,
        items: inside,
      },
    ];
  });
}

// Whom one still has to trust

function trustViews(
  { evidence, anchor, job }: Receipt,
  items: readonly ItemView[],
  verdicts: readonly Verdict[],
): TrustView[] {
  const assumptions = evidence.flatMap((record) =>
    record.kind === 'assumption'
      ? [{ whom: record.whom, sentence: record.sentence, breaks: record.breaks }]
      : [],
  );
  const anchored = verdicts.find(({ piece }) => piece === 'anchor')?.status === 'checked against';
  const unchecked = items.filter(
    ({ status }, i) => evidence[i]!.kind !== 'assumption' && !isChecked(status),
  ).length;
  const runner = `Whoever ran the job (${job.creator.slice(0, 8)}…)`;
  return [
    ...assumptions,
    ...(unchecked === 0
      ? []
      : [
          {
            whom: runner,
            sentence: `${countOf(unchecked, 'statement')} of this receipt ${unchecked === 1 ? 'was' : 'were'} not checked here.`,
            breaks: 'The runner states something that did not happen.',
          },
        ]),
    // Looking an entry up on the runner's own ledger is asking the runner.
    ...(anchored && anchor?.operator !== 'self' ? [] : [anchorTrust(anchor, runner)]),
    {
      whom: 'The cryptography that everybody uses',
      sentence: 'Fingerprints are SHA-256, signatures are secp256k1.',
      breaks: 'Somebody finds a way to forge either. Nobody is known to have one.',
    },
  ];
}

function anchorTrust(anchor: Receipt['anchor'], runner: string): TrustView {
  if (anchor === undefined) {
    return {
      whom: 'Whoever gave you this file',
      sentence: 'It is neither signed nor recorded on a ledger.',
      breaks: 'Anybody could have written it, or another one for the same run.',
    };
  }
  return anchor.operator === 'self'
    ? {
        whom: runner,
        sentence: 'The runner also operated the ledger on which this receipt is recorded.',
        breaks: 'It records a second receipt for the same run, or an invented time.',
      }
    : {
        whom: runner,
        sentence: 'The entry on the ledger was not looked up here.',
        breaks: 'There is no such entry, or another receipt was recorded for the same run.',
      };
}
