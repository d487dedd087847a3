/**
 * How a federated training run tells of itself (docs/specs/receipt.md §4). Only records that this
 * package's verifiers can check are told; each sentence names those that it rests on, so that the
 * reader learns whether they were.
 */
import { addressOf, NonetError } from '@nonet/core';
import {
  artefactOf,
  countOf,
  figureColumns,
  type Moment,
  type Narrator,
  quantityText,
  type Receipt,
  type Role,
  type Told,
} from '@nonet/core/receipt';
import { type Evidence, type FigureDeclaration, readFigure, type TrainJob } from '@nonet/core/records';
import { accuracyWarnings, classFigures } from '@nonet/tensor';
import { federationFigures as figures } from '../figures.ts';
import { verifierNames, verifierOf } from './completeness.ts';
import { exposureOf, type ToldPrivacy } from './exposure.ts';
import { readMoves } from './ledgerRecord.ts';
import { confusionIn } from './recompute.ts';

/** A record of a receipt, and its place there. */
export interface NumberedRecord {
  /** From 1. */
  readonly number: number;
  readonly record: Evidence;
}

/** Tells of the rounds, who took part in them, and how good the model is. */
export const narrateTraining: Narrator = (receipt) => {
  const { job, evidence } = receipt;
  const records = evidence.map((record, i): NumberedRecord => ({ number: i + 1, record }));
  const of = (verifier: string) => records.filter(({ record }) => verifierOf(record) === verifier);
  const [ledger] = of(verifierNames.rounds);
  const [accuracy] = of(verifierNames.accuracy);
  const rounds = of(verifierNames.aggregate)
    .map((each) => ({ ...each, round: numberIn(each, figures.round) ?? 0 }))
    .sort((a, b) => a.round - b.round);
  const incidents = of(verifierNames.incident);
  const roles = ledger === undefined ? undefined : rolesIn(receipt, ledger);
  return {
    ...(roles === undefined ? {} : { roles }),
    ...(job.kind === 'train'
      ? {
          exposure: exposureOf(
            job,
            ledger === undefined ? [] : [ledger.number],
            privacyIn(of(verifierNames.privacy)),
          ),
        }
      : {}),
    title: titleOf(job.name, ledger),
    summary: [
      ...(job.kind === 'train' ? [{ text: purposeOf(job), from: [] }] : []),
      courseOf(job.kind === 'train' ? job.rounds : 0, rounds),
      ...(incidents.length === 0 ? [] : [incidentsOf(incidents)]),
      resultOf(rounds, accuracy),
      ...(accuracy === undefined || job.kind !== 'train'
        ? []
        : classesOf(receipt, job.data.labels, accuracy)),
    ],
    timeline: {
      title: 'Round by round',
      unit: 'Round',
      columns: ['Took part', 'Right answers'],
      level: 'Right answers',
      count: 'Participants',
      moments: rounds.map(momentOf),
    },
  };
};

/** What the one record about it says was spent. */
function privacyIn([told]: readonly NumberedRecord[]): ToldPrivacy | undefined {
  const epsilon = told && readFigure(told.record, figures.epsilonSpent);
  return epsilon && { most: epsilon.max, least: epsilon.min, from: told.number };
}

/** The value of a figure, where the record has it. */
export function numberIn({ record }: NumberedRecord, figure: FigureDeclaration): number | undefined {
  return readFigure(record, figure)?.value;
}

function titleOf(name: string, ledger: NumberedRecord | undefined): Told {
  const joined = ledger && numberIn(ledger, figures.joined);
  if (ledger === undefined || joined === undefined) return { text: `the training of “${name}”`, from: [] };
  const trained = (numberIn(ledger, figures.finalRounds) ?? 0) > 0;
  const what = trained ? 'trained one model together' : 'joined a training that came to no model';
  return { text: `${countOf(joined, 'participant')} ${what}`, from: [ledger.number], ofLedger: true };
}

function purposeOf({ name, data }: TrainJob): string {
  const { labels } = data;
  const shown = labels.length <= 12 ? labels.join(', ') : `${labels.slice(0, 10).join(', ')} and so on`;
  return (
    `The job “${name}” trains a model that tells ${labels.length} kinds of examples apart: ${shown}. ` +
    'In a round, participants train a copy of the model on their own examples and hand in how it changed; ' +
    'the changes are added up into the next version.'
  );
}

/** How many rounds there were, and how many took part. */
function courseOf(planned: number, rounds: readonly NumberedRecord[]): Told {
  if (rounds.length === 0) return { text: 'This receipt tells of no round.', from: [] };
  const participants = rounds.map((round) => numberIn(round, figures.participants) ?? 0);
  const held = participants.filter((count) => count > 0);
  const empty = rounds.length - held.length;
  // A receipt may tell of 100,000 rounds, which are too many for one call's arguments.
  const low = held.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
  const high = held.reduce((most, count) => Math.max(most, count), 0);
  const parts = [
    held.length < planned
      ? `There were ${countOf(held.length, 'round')} of ${planned} planned`
      : `There were ${countOf(held.length, 'round')}`,
    ...(empty === 0 ? [] : [`and ${empty} that led to no new model`]),
  ];
  const who =
    held.length === 0
      ? ''
      : `; ${low === high ? countOf(high, 'participant') : `${low} to ${countOf(high, 'participant')}`} took part in each`;
  return { text: `${parts.join(' ')}${who}.`, from: rounds.map(({ number }) => number), ofLedger: true };
}

function incidentsOf(incidents: readonly NumberedRecord[]): Told {
  const text = `${countOf(incidents.length, 'incident')} of the rounds ${incidents.length === 1 ? 'is' : 'are'} told below: proven lies, objections, demands for receipts.`;
  return { text, from: incidents.map(({ number }) => number), ofLedger: true };
}

function resultOf(rounds: readonly NumberedRecord[], accuracy: NumberedRecord | undefined): Told {
  const value = accuracy && numberIn(accuracy, figures.accuracy);
  if (accuracy === undefined || value === undefined) {
    return { text: 'This receipt states no accuracy.', from: [] };
  }
  const first = rounds.find((round) => numberIn(round, figures.roundAccuracy) !== undefined);
  const start = first && numberIn(first, figures.roundAccuracy)!;
  const up =
    first === undefined || start === undefined
      ? ''
      : `, after ${quantityText(start, 'fraction')} in the first round`;
  return {
    text: `At the end the model was right on ${quantityText(value, 'fraction')} of the test examples${up}.`,
    from: [accuracy.number, ...(first === undefined ? [] : [first.number])],
    ofLedger: true,
  };
}

/**
 * How each label fares, and what the accuracy hides, from the evaluation that travels in the
 * receipt: the verifier of the accuracy compares its address.
 */
function classesOf(receipt: Receipt, labels: readonly string[], { number, record }: NumberedRecord): Told[] {
  const { artefact } = record;
  const bytes = artefact && artefactOf(receipt, artefact);
  const confusion =
    bytes === undefined || addressOf(bytes) !== artefact ? undefined : confusionIn(bytes, labels.length);
  if (confusion === undefined) return [];
  const classes = classFigures(confusion, labels);
  const found = classes.filter(({ recall }) => recall !== undefined);
  const given = classes.filter(({ precision }) => precision !== undefined);
  const [lost] = found.toSorted((a, b) => a.recall! - b.recall!);
  const [wrong] = given.toSorted((a, b) => a.precision! - b.precision!);
  const least =
    lost === undefined || wrong === undefined
      ? []
      : [
          `Of the labels “${lost.label}” was found least often, in ${quantityText(lost.recall!, 'fraction')} of ` +
            `${countOf(lost.support, 'test example')}, and the answer “${wrong.label}” was right least often, in ` +
            `${quantityText(wrong.precision!, 'fraction')} of the times it was given.`,
        ];
  return [...least, ...accuracyWarnings(classes)].map((text) => ({ text, from: [number], ofLedger: true }));
}

/** Who did what by the moves of the ledger's record, where it travels in the receipt. */
export function rolesIn(receipt: Receipt, { record: { artefact } }: NumberedRecord): Role[] | undefined {
  const bytes = artefact && artefactOf(receipt, artefact);
  if (bytes === undefined || addressOf(bytes) !== artefact) return undefined;
  let moves: ReturnType<typeof readMoves>;
  try {
    moves = readMoves(bytes);
  } catch (error) {
    if (error instanceof NonetError) return undefined;
    throw error;
  }
  const by = (...types: readonly string[]) => [
    ...new Set(moves.filter(({ move }) => types.includes(move.type)).map((each) => each.by)),
  ];
  const stores = moves.flatMap(({ move }) =>
    move.type === 'step' || move.type === 'appeal' || move.type === 'answer'
      ? move.receipts.map(({ store }) => store)
      : [],
  );
  return [
    { did: 'took part', accounts: by('join') },
    { did: 'aggregated', accounts: by('stake', 'step') },
    { did: 'objected', accounts: by('object', 'prove', 'demand') },
    { did: 'kept files', accounts: [...new Set(stores)] },
  ];
}

const inColumns = [figures.round, figures.participants, figures.roundAccuracy].map(({ name }) => name);

function momentOf(each: NumberedRecord & { readonly round: number }): Moment {
  const participants = numberIn(each, figures.participants);
  const level = numberIn(each, figures.roundAccuracy);
  return {
    number: each.number,
    position: each.round,
    cells: [
      participants === undefined ? '' : String(participants),
      level === undefined ? '' : quantityText(level, 'fraction'),
    ],
    ...(level === undefined ? {} : { level }),
    ...(participants === undefined ? {} : { count: participants }),
    figures: figureColumns(each.record.figures, inColumns),
  };
}
