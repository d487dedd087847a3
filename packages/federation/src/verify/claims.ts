/**
 * What evidence of a federated run says, as pure functions of facts: sentence, figures and inputs.
 * The writer of evidence and its verifiers call the same function, so that a record is right
 * exactly if it says what follows from the facts.
 *
 * Rounds are counted from 1 in words, as people do, and from 0 on the ledger; participants have
 * their ledger number.
 */
import type { Address } from '@nonet/core';
import type {
  JobState,
  JobTerms,
  Lie,
  Objection,
  Round,
  RoundFailure,
  UpdateRefusalCode,
} from '@nonet/core/ports';
import {
  type CellId,
  createFigures,
  type FigureDeclaration,
  type Figures,
  type RoundJob,
} from '@nonet/core/records';
import type { PrivacyParameters } from '@nonet/privacy/dp';
import type { StatisticsPrivacy } from '@nonet/privacy/statistics';
import { accuracyWarnings, classFigures } from '@nonet/tensor';
import { federationFigures as figures } from '../figures.ts';
import { privacyOf } from '../privacy.ts';
import {
  acceptedParticipants,
  finalModel,
  includedParticipants,
  isComplete,
  maskSet,
  smallestSet,
} from '../rules/state.ts';
import { statisticsPrivacyOf } from '../statistics.ts';
import type { HeldOut } from '../update/heldOut.ts';
import type { ModelEvaluation } from './graphEvaluator.ts';
import type { LedgerRecord } from './ledgerRecord.ts';
import type { RefusalFinding } from './recompute.ts';

/** What a record or a recomputation shows, before it becomes evidence. */
export interface Claim {
  readonly kind: 'measurement' | 'observation';
  readonly sentence: string;
  readonly cells: readonly CellId[];
  readonly mechanism: string;
  readonly figures: Figures;
}

/** What has to be believed for the claims to hold. */
export interface Assumption {
  readonly kind: 'assumption';
  readonly sentence: string;
  readonly cells: readonly CellId[];
  readonly whom: string;
  readonly breaks: string;
}

const masking = { cells: ['privacy-decentralisation'], mechanism: 'privacy.masking' } as const;
const averaging = { cells: ['verifiability-decentralisation'], mechanism: 'federation.average' } as const;
const ordering = { cells: ['verifiability-decentralisation'], mechanism: 'federation.rounds' } as const;

/** What participants hand in, and what becomes of it. */
interface Words {
  readonly one: string;
  readonly all: string;
  readonly done: string;
  readonly nothing: string;
}

const wordsOfKind: Readonly<Record<RoundJob['kind'], Words>> = {
  train: {
    one: 'an update',
    all: 'updates',
    done: 'averaged into the next model',
    nothing: 'no new model',
  },
  count: { one: 'counts', all: 'counts', done: 'added up', nothing: 'no figures' },
};

/** What the ledger says of the whole job. */
export function ledgerClaim({ state, events }: LedgerRecord, kind: RoundJob['kind'] = 'train'): Claim {
  const count = (phase: string) => state.rounds.filter((round) => round.phase === phase).length;
  const [final, empty] = [count('final'), count('void')];
  const open = state.rounds.length - final - empty;
  const struck = state.aggregators.filter(({ status }) => status === 'struck').length;
  const { rounds } = state.terms;
  const parts = [
    isComplete(state)
      ? 'All rounds that were asked for are final'
      : `${final} of ${rounds} rounds that were asked for are final`,
    state.ended ? 'the creator ended the job' : '',
    empty === 0 ? '' : `${empty} led to ${wordsOfKind[kind].nothing}`,
    open === 0 ? '' : `${open} ${open === 1 ? 'is' : 'are'} not over`,
    struck === 0
      ? ''
      : `${struck} of ${state.aggregators.length} aggregators ${struck === 1 ? 'was' : 'were'} proven to have lied`,
    state.burnt === 0n ? '' : `${state.burnt} wei of lost bonds were burnt`,
  ];
  return {
    ...ordering,
    kind: 'observation',
    sentence:
      `The ledger accepted ${events.length} moves of this job, each of them as its rules demand. ` +
      `${joinParts(parts)}. The last model that they lead to is ${finalModel(state)}.`,
    figures: createFigures([
      [figures.moves, events.length],
      [figures.joined, state.participants.length],
      [figures.finalRounds, final],
      [figures.voidRounds, empty],
      [figures.struck, struck],
      [figures.burnt, Number(state.burnt)],
    ]),
  };
}

/** What blobs show of a round whose step is final. */
export interface RoundFindings {
  /** Included participants whose messages were in no store. */
  readonly unfound: readonly number[];
  /** Of the posted refusals: what their reasons are worth. */
  readonly refusals: ReadonlyMap<number, RefusalFinding>;
  /** Dataset commitments that accepted updates name, in the order of their participants. */
  readonly datasets: readonly Address[];
  /** Of the new model, if the job has a public test set. */
  readonly evaluation?: ModelEvaluation;
  /** Of the model before, on examples that the sites hold out. */
  readonly heldOut?: HeldOut;
}

/** Where nothing but the ledger was looked at: of rounds without a final model. */
export const noFindings: RoundFindings = { unfound: [], refusals: new Map(), datasets: [] };

/** What one round came to, once it is final or void. */
export function roundClaim(
  state: JobState,
  number: number,
  findings: RoundFindings,
  kind: RoundJob['kind'] = 'train',
): Claim {
  const round = state.rounds[number]!;
  const words = wordsOfKind[kind];
  const isFinal = round.phase === 'final';
  const absent = range(round.size).filter((participant) => round.commitments[participant] === undefined);
  const accepted = isFinal ? acceptedParticipants(round) : [];
  const base: [FigureDeclaration, number][] = [
    [figures.round, number + 1],
    [figures.participants, accepted.length],
    [figures.absent, absent.length],
  ];
  const stayedAway = absent.length === 0 ? '' : `${people(absent)} stayed away`;
  if (!isFinal) {
    const committed = Object.keys(round.commitments).length;
    const parts = [
      `it led to ${words.nothing}, because ${failureText(round.failure!, state, round, words)}`,
      `${committed} of ${round.size} participants had handed in ${words.one}`,
      stayedAway,
    ];
    const sentence = `${headOf(state, number)}: ${joinParts(parts)}.`;
    return { ...averaging, kind: 'measurement', sentence, figures: createFigures(base) };
  }
  const { unfound, refusals, datasets, evaluation, heldOut } = findings;
  const refusedFor = (finding: RefusalFinding) =>
    [...refusals].filter(([, found]) => found === finding).map(([participant]) => participant);
  const left = (participants: readonly number[], how: string) =>
    participants.length === 0 ? '' : `what ${people(participants)} handed in ${how}`;
  const distinct = new Set(datasets).size;
  const parts = [
    `the ${words.all} of ${accepted.length} of ${round.size} participants were ${words.done}`,
    hidingText(round),
    stayedAway,
    left(round.unavailable, 'was in too few stores'),
    left(unfound, 'can no longer be found'),
    left(refusedFor('true'), 'was refused'),
    left(refusedFor('another fault'), 'was refused for another reason than the true one'),
    left(refusedFor('acceptable'), 'was refused, although it is acceptable'),
    distinct === 0 ? '' : `they commit to ${distinct} ${distinct === 1 ? 'dataset' : 'datasets'}`,
    heldOut === undefined
      ? ''
      : `the model before is right on ${heldOut.correct} of ${heldOut.examples} examples that their sites say they hold out, of which only these sums could be read`,
    evaluation === undefined ? '' : `the model is right on ${testText(evaluation)}`,
  ];
  return {
    ...averaging,
    kind: 'measurement',
    sentence: `${headOf(state, number)}: ${joinParts(parts)}.`,
    figures: createFigures([
      ...base,
      [figures.refused, round.unavailable.length + round.posted!.refused.length],
      [figures.datasets, distinct],
      ...maskFigures(round),
      ...(heldOut === undefined
        ? []
        : ([
            [figures.heldOutExamples, heldOut.examples],
            [figures.heldOutAccuracy, heldOut.correct / heldOut.examples],
            [figures.heldOutLoss, heldOut.loss],
          ] as const)),
      ...(evaluation === undefined
        ? []
        : ([
            [figures.roundAccuracy, evaluation.accuracy],
            [figures.roundLoss, evaluation.loss],
          ] as const)),
    ]),
  };
}

function hidingText(round: Round): string {
  const { masking: masks } = round;
  if (masks === undefined) return '';
  const candidates = Object.keys(masks.keys).length;
  return `each was masked, so that only their sum could be read, unless ${masks.threshold} of ${candidates} participants worked together`;
}

function maskFigures(round: Round): [FigureDeclaration, number][] {
  if (round.masking === undefined) return [];
  return [
    [figures.maskSet, maskSet(round).length],
    [figures.threshold, round.masking.threshold],
  ];
}

/** `Round 3`, and which attempt at its step it was, if not the first. */
function headOf(state: JobState, number: number): string {
  const { step } = state.rounds[number]!;
  const attempt = state.rounds.slice(0, number + 1).filter((round) => round.step === step).length;
  return attempt === 1
    ? `Round ${number + 1}`
    : `Round ${number + 1}, attempt ${attempt} at step ${step + 1}`;
}

function failureText(failure: RoundFailure, state: JobState, round: Round, { all }: Words): string {
  const least = smallestSet(state, round);
  switch (failure.reason) {
    case 'cohort':
      return round.masking !== undefined && maskSet(round).length < least
        ? `fewer than ${least} participants registered`
        : `fewer than ${least} ${all} were available`;
    case 'reveals':
      return 'fewer members of the mask set revealed their shares than recover a secret';
    case 'complaints':
      return `more than half of the mask set complained about participants ${failure.accused.join(', ')}, who are barred`;
    case 'deadline':
      return 'no aggregator did its part in its turn';
    case 'proven':
      return 'what its aggregator did was proven wrong';
    case 'objected':
      return 'there was an objection to its step';
    case 'built':
      return `it was built on round ${failure.on + 1}, which became void`;
  }
}

/**
 * What a round rests on: the blobs from which it is computed again, then the dataset commitments
 * that its updates name, so that the run is tied to its data.
 */
export function roundInputs(
  job: RoundJob,
  record: Address,
  round: Round,
  { unfound, datasets }: RoundFindings,
): Address[] {
  if (round.phase !== 'final') return [record];
  const { model, partials } = round.posted!;
  const { registrations = {}, reveals = {} } = round.masking ?? {};
  return [
    record,
    round.model,
    model,
    ...(partials === undefined ? [] : [partials]),
    ...includedParticipants(round)
      .filter((participant) => !unfound.includes(participant))
      .map((participant) => round.commitments[participant]!.blob),
    ...Object.values(registrations),
    ...Object.values(reveals),
    ...testInputs(job),
    ...datasets,
  ];
}

/** What evaluating a model takes beside the model itself. */
export function testInputs(job: RoundJob): Address[] {
  const { model, testSet } = job.kind === 'train' ? job : { model: job.model, testSet: undefined };
  return testSet === undefined || !('graph' in model) ? [] : [model.graph, testSet];
}

/** How good the last model is, and what its accuracy hides. */
export function accuracyClaim(evaluation: ModelEvaluation, labels: readonly string[]): Claim {
  const warnings = accuracyWarnings(classFigures(evaluation.confusion, labels));
  return {
    kind: 'measurement',
    cells: ['performance-decentralisation'],
    mechanism: 'federation.average',
    sentence: [`The final model is right on ${testText(evaluation)}.`, ...warnings].join(' '),
    figures: createFigures([
      [figures.accuracy, evaluation.accuracy],
      [figures.examples, evaluation.count],
      [figures.crossEntropy, evaluation.loss],
    ]),
  };
}

/** Why one update was left out, as posted, and whether that is true. */
export function refusalClaim(
  { rounds }: JobState,
  number: number,
  participant: number,
  finding: RefusalFinding,
): Claim {
  const refused = rounds[number]!.posted!.refused.find((one) => one.participant === participant)!;
  const entry = refused.reason === 'OutOfRange' ? `, entry ${refused.entry}` : '';
  const worth = {
    true: '',
    'another fault': '. That is not true; it has another fault',
    acceptable: '. That is not true; it is acceptable',
  }[finding];
  return {
    ...averaging,
    kind: 'observation',
    sentence:
      `In round ${number + 1} the update of participant ${participant} was refused: ` +
      `${refusalWords[refused.reason]} (${refused.reason}${entry})${worth}.`,
    figures: createFigures([
      [figures.inRound, number + 1],
      [figures.participant, participant],
    ]),
  };
}

/**
 * What the ledger shows beside the course of the rounds, one claim each, in order: proven lies,
 * bonded objections, demands.
 */
export function incidentClaims({ state, lostBonds }: LedgerRecord): Claim[] {
  const rounds = state.rounds.flatMap((round, number) => [
    ...(round.failure?.reason === 'complaints' ? [complaintsClaim(round, number, round.failure)] : []),
    ...accusationClaims(round, number),
    ...(round.failure?.reason === 'proven' ? [lieClaim(number, round.failure, lostBonds.get(number)!)] : []),
    ...(round.objections ?? []).map((objection) =>
      objectionClaim(state, number, objection, 'its step was made again from the same sum'),
    ),
    ...(round.failure?.reason === 'objected'
      ? [objectionClaim(state, number, { ...round.failure, posted: round.posted! }, 'the round was repeated')]
      : []),
    ...Object.keys(round.demands).map((participant) => demandClaim(round, number, Number(participant))),
  ]);
  return state.terms.masks === undefined ? rounds : [maskingClaim(state), ...rounds];
}

/** What of a job of masked updates could be read, by whom, as far as the ledger shows it. */
export function maskingClaim({ rounds, terms }: JobState): Claim {
  const opened = rounds.filter(
    ({ masking: masks }) => masks !== undefined && Object.keys(masks.reveals).length > 0,
  );
  const counts = opened.map(({ masking: masks }) => masks!.threshold);
  const least = Math.min(...counts, terms.maxParticipants);
  const members = Math.min(...opened.map((round) => maskSet(round).length), terms.maxParticipants);
  return {
    ...masking,
    kind: 'observation',
    sentence:
      `In each of ${opened.length} rounds the ledger fixed one set of masked updates, and only then did ` +
      `participants reveal what takes the masks from its sum: one sum was opened in a round. The update of ` +
      `one participant could be unmasked by ${least} others together, of ${members} with masks or more.${repeatedText(opened)}`,
    figures: createFigures([
      [figures.sumsOpened, opened.length],
      [figures.threshold, least],
    ]),
  };
}

/**
 * Sums of one step over different sets differ by the updates of those that are in one of them only
 * (docs/specs/secagg.md §9.4).
 */
function repeatedText(opened: readonly Round[]): string {
  const differences = opened.flatMap((round, i) =>
    opened
      .slice(0, i)
      .filter(({ step, model }) => step === round.step && model === round.model)
      .map((other) => {
        const [before, now] = [includedParticipants(other), includedParticipants(round)];
        return [
          ...before.filter((one) => !now.includes(one)),
          ...now.filter((one) => !before.includes(one)),
        ].sort((a, b) => a - b);
      })
      .filter((difference) => difference.length > 0),
  );
  if (differences.length === 0) return '';
  const fewest = differences.reduce((a, b) => (b.length < a.length ? b : a));
  return (
    ` A step whose sum had been opened was repeated with other participants: ` +
    `what the sums differ by gives away the update of ${people(fewest)}${fewest.length === 1 ? '' : ' together'}.`
  );
}

/** Who was barred, and why the round is void. */
function complaintsClaim(round: Round, number: number, { accused }: FailureOf<'complaints'>): Claim {
  return {
    ...masking,
    kind: 'observation',
    sentence:
      `In round ${number + 1} more than half of the ${maskSet(round).length} participants with masks complained about ` +
      `what ${people(accused)} had registered or revealed. The round was repeated without ${accused.length === 1 ? 'it' : 'them'}.`,
    figures: createFigures([
      [figures.inRound, number + 1],
      ...(accused.length === 1 ? ([[figures.participant, accused[0]!]] as const) : []),
    ]),
  };
}

/**
 * Complaints that barred no one, about each accused: nothing proves them, and a dealer who wronged
 * few, or those who say so falsely, can be told only by who comes up again (secagg.md §9.9).
 */
function accusationClaims({ masking: masks, failure }: Round, number: number): Claim[] {
  const barred = failure?.reason === 'complaints' ? failure.accused : [];
  return Object.entries(masks?.complaints ?? {})
    .map(([accused, by]) => [Number(accused), by] as const)
    .filter(([accused]) => !barred.includes(accused))
    .map(([accused, by]) => ({
      ...masking,
      kind: 'observation',
      sentence:
        `In round ${number + 1} ${people(by)} complained about what participant ${accused} had registered or ` +
        `revealed: not more than half, so that nothing followed. Nothing proves which of them lied.`,
      figures: createFigures([
        [figures.inRound, number + 1],
        [figures.participant, accused],
      ]),
    }));
}

type FailureOf<Reason> = Extract<RoundFailure, { readonly reason: Reason }>;

/** Who lied in a round, about what, and what it cost. */
export function lieClaim(number: number, { lie, culprit, by }: FailureOf<'proven'>, lost: bigint): Claim {
  const cost =
    lost === 0n
      ? `${culprit} had no bond left to lose`
      : `${culprit} lost its bond of ${lost} wei, half of it burnt, half for ${by}`;
  return {
    ...ordering,
    kind: 'observation',
    sentence:
      `In round ${number + 1} aggregator ${culprit} was proven to have lied: ${lieText(lie)}. ` +
      `${by} proved it; ${cost}. The job went on from the last right step.`,
    figures: createFigures([
      [figures.inRound, number + 1],
      ...('participant' in lie ? ([[figures.participant, lie.participant]] as const) : []),
    ]),
  };
}

function lieText(lie: Lie): string {
  switch (lie.kind) {
    case 'header':
      return lie.start.length === lie.next.length
        ? `leaf ${lie.index} of the model that it posted, which holds names and shapes, was changed`
        : 'the model that it posted has another length than the one before';
    case 'average':
      return `number ${lie.entry} of the model that it posted is not the average of the accepted updates`;
    case 'group':
      return `partial sum ${lie.entry} of group ${lie.group} is not the sum of the group's updates`;
    case 'accepted':
      return `it accepted the update of participant ${lie.participant}, although ${refusalWords[lie.reason]}`;
    case 'refused':
      return `it refused the update of participant ${lie.participant} for a reason that is not true`;
    case 'silence':
      return `it included the update of participant ${lie.participant}, and its receipts were not shown in time`;
  }
}

/** An objection that no ledger judges: both steps, and the price of it. */
export function objectionClaim(
  { locked }: JobState,
  number: number,
  { posted, model, refused, by, lock }: Objection,
  outcome: string,
): Claim {
  const leavingOut = (participants: readonly number[]) =>
    participants.length === 0 ? 'with every update' : `without the updates of ${people(participants)}`;
  return {
    ...ordering,
    kind: 'observation',
    sentence:
      `In round ${number + 1} ${by} objected to the step of aggregator ${posted.by}: posted was model ` +
      `${posted.model} ${leavingOut(posted.refused.map(({ participant }) => participant))}, and it should have been ` +
      `${model} ${leavingOut(refused)}. No ledger judged who was right; ${outcome}, and ` +
      `${locked[lock]!.wei} wei of the objector were locked for a day.`,
    figures: createFigures([[figures.inRound, number + 1]]),
  };
}

/** A question for the receipts of an included update, and whether they were shown. */
export function demandClaim({ demands }: Round, number: number, participant: number): Claim {
  const { by, answered } = demands[participant]!;
  return {
    ...ordering,
    kind: 'observation',
    sentence:
      `In round ${number + 1} ${by} could not read the update of participant ${participant} and demanded its ` +
      `receipts, which ${answered ? 'were shown' : 'were not shown'}.`,
    figures: createFigures([
      [figures.inRound, number + 1],
      [figures.participant, participant],
    ]),
  };
}

/**
 * What no check can show about a federated run in the clear. A receipt that leaves one out is
 * refused. Whether the runner also operates the ledger is not for the runner to say, so that
 * assumption is always there.
 */
export function assumptionsOf(
  { stores, copies, watchers, rule, masks }: JobTerms,
  job: RoundJob,
): Assumption[] {
  const testSet = job.kind === 'train' ? job.testSet : undefined;
  const privacy = job.kind === 'count' ? statisticsPrivacyOf(job) : privacyOf(job)?.parameters;
  const assume = (sentence: string, whom: string, breaks: string, cell: CellId): Assumption => ({
    kind: 'assumption',
    sentence,
    cells: [cell],
    whom,
    breaks,
  });
  return [
    assume(
      'The ledger kept one order of moves and showed the same to all.',
      'The operators of the ledger, of whom the runner may be the only one',
      'They change the record of who took part or what was posted before showing it.',
      'verifiability-security',
    ),
    ...(masks === undefined
      ? [
          assume(
            privacy === undefined
              ? 'Updates were not hidden: aggregators, watchers and stores could read what each participant sent, and an update can give away examples that it was trained on.'
              : 'Updates were not hidden: aggregators, watchers and stores could read what each participant sent, with its noise.',
            'Every aggregator, watcher and store of the job',
            'One of them studies the updates, or passes them on.',
            'privacy-decentralisation',
          ),
        ]
      : [
          assume(
            `No update could be read by itself: at most ${masks.threshold} % of the participants of a round worked together against another, and at least two of those whose updates were summed did not.`,
            'The participants of each round',
            'More of them put their shares together, and unmask the update of one.',
            'privacy-decentralisation',
          ),
          assume(
            'The accounts of participants were separate parties, at least half of them honest: more than half of a round bar another, and accounts of one party count as so many.',
            'The creator, who admits participants',
            'One party holds many accounts: it unmasks updates as if they colluded, or shuts others out.',
            'privacy-decentralisation',
          ),
          assume(
            'Participants erased the secrets of each round when it was over.',
            'Each participant',
            'Secrets that were kept, or copied from a disk before, unmask the updates of that round with those of others.',
            'privacy-decentralisation',
          ),
          assume(
            'In each round the ledger showed the same set of updates to every participant, and left no one out; the sum of a set is not hidden, nor is what sums over several rounds give away together.',
            'The operators of the ledger, of whom the runner may be the only one',
            'They show different sets to different participants, and subtract one sum from another; or they leave moves of others out until accounts of their own are enough of a round to unmask the rest.',
            'privacy-decentralisation',
          ),
        ]),
    ...(privacy === undefined ? [] : [noiseAssumption(privacy, job)].map((parts) => assume(...parts))),
    assume(
      job.kind === 'count'
        ? 'Participants counted honestly, proper data of their own; what they send is checked for form and size, not for sense.'
        : job.training.kind !== 'external'
          ? 'Participants trained honestly on proper data of their own; what they send is checked for form and size, not for sense.'
          : 'Participants trained honestly, on proper data of their own, with programs of their own that cannot be run again here; what they send is checked for form and size, not for sense.',
      'Every participant',
      'A participant sends a poisoned update, or makes up its examples and their number.',
      'performance-security',
    ),
    assume(
      `Fewer than ${copies} of the ${stores.length} stores that the job names were dishonest or away at a time: a blob counts as available by receipts of ${copies}.`,
      'The stores of the job',
      `${copies} of them sign for a blob and withhold it: then a step cannot be computed again, and a wrong one not be found.`,
      'verifiability-decentralisation',
    ),
    assume(
      watchers.length === 0
        ? 'No watcher was named: a wrong step is found only if a participant computes it again in time.'
        : 'At least one watcher or participant computed each step again in time to prove a wrong one.',
      'The watchers and participants',
      'All of them are offline or collude with a lying aggregator; a later check still finds the lie.',
      'verifiability-decentralisation',
    ),
    ...(rule !== undefined
      ? []
      : [
          assume(
            'No ledger can judge a step of this job: a watcher or participant may have one made again by a bonded objection, right or wrong.',
            'Every watcher and participant',
            'One of them objects without reason, at bonds that double each time, and steps are made again in vain.',
            'performance-security',
          ),
        ]),
    ...(testSet === undefined
      ? []
      : [
          assume(
            'The public test set resembles what the model will meet, and was not trained on.',
            'The creator of the job, and every participant',
            'Test examples were trained on, or differ from real ones; then the model is worse than measured.',
            'performance-decentralisation',
          ),
        ]),
  ];
}

/** Nothing shows that noise was added, nor from where it came. */
function noiseAssumption(
  parameters: PrivacyParameters | StatisticsPrivacy,
  { kind, participants, minParticipants }: RoundJob,
): [string, string, string, CellId] {
  const isSilo = parameters.form === 'silo';
  const who = isSilo
    ? 'The participant that owns the data was'
    : participants === 'open'
      ? `At least ${parameters.honest} participants in each sum, whoever else joined, were`
      : `At least ${parameters.honest} of every ${minParticipants} participants in a sum were`;
  return [
    `${who} honest, and ${kind === 'count' ? '' : 'clipped, drew and '}added noise by the program of the job, from secret randomness of ${isSilo ? 'its' : 'their'} own.`,
    isSilo ? 'The participant itself' : 'The participants of each round',
    'Less noise is in what was released than is accounted for: epsilon is larger than stated.',
    'privacy-decentralisation',
  ];
}

const refusalWords: Readonly<Record<UpdateRefusalCode, string>> = {
  WrongLength: 'it has the wrong length',
  Malformed: 'it is not an update message',
  WrongJob: 'it was made for another job',
  WrongStep: 'it was made for another step',
  WrongParticipant: 'it was made for another participant',
  WrongModel: 'it was trained from another model',
  WrongSigner: 'it was not signed by that participant',
  OutOfRange: 'it has an entry out of range',
};

function testText({ correct, count }: ModelEvaluation): string {
  return `${correct.toLocaleString('en')} of the ${count.toLocaleString('en')} public test examples`;
}

/** `participant 3`, `participants 3 and 7`. */
function people(numbers: readonly number[]): string {
  if (numbers.length === 1) return `participant ${numbers[0]}`;
  if (numbers.length > 20) return `${numbers.length} participants`;
  return `participants ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
