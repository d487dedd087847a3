/**
 * What evidence of a federated run says, as pure functions of facts: sentence, figures and inputs. Whoever writes evidence and whoever
 * verifies it call the same function, so that a record is right exactly if it says what follows from the facts.
 *
 * Rounds are counted from 1 in words, as people do, and from 0 on the ledger; participants have their ledger number.
 */
import type { Address } from '@nonet/core';
import type { JobState, Ledger, Round } from '@nonet/core/ports';
import { type CellId, createFigure, type Figure, type Job } from '@nonet/core/records';
import type { ModelEvaluation } from '../roles/events.ts';
import { acceptedParticipants, currentModel, includedParticipants } from '../round.ts';
import { isUpdateRefusal, type Step, type UpdateOutcome } from '../update/step.ts';
import type { UpdateRefusal } from '../update/message.ts';

export interface Claim {
  readonly kind: 'measurement' | 'observation';
  readonly sentence: string;
  readonly cells: readonly CellId[];
  readonly mechanism: string;
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface Assumption {
  readonly kind: 'assumption';
  readonly sentence: string;
  readonly cells: readonly CellId[];
  readonly whom: string;
  readonly breaks: string;
}

const averaging = { cells: ['verifiability-decentralisation'], mechanism: 'federation.average' } as const;
const ordering = { cells: ['verifiability-decentralisation'], mechanism: 'federation.rounds' } as const;

/** What the ledger says of the whole job. */
export function ledgerClaim(state: JobState, moves: number): Claim {
  const phases = state.rounds.map(({ phase }) => phase);
  const count = (phase: string) => phases.filter((other) => other === phase).length;
  const [final, empty] = [count('final'), count('void')];
  const ending =
    state.end === undefined
      ? final === state.terms.rounds
        ? 'All rounds that were asked for are final'
        : `${final} of ${state.terms.rounds} rounds that were asked for are final`
      : state.end.reason === 'objected'
        ? `The job was stopped by an objection in round ${state.end.round + 1}`
        : 'The creator ended the job early';
  return {
    ...ordering,
    kind: 'observation',
    sentence:
      `The ledger accepted ${moves} moves of this job, each of them as its rules demand. ` +
      `${ending}${empty === 0 ? '' : `; ${empty} ended without a new model`}. ` +
      `The last model that they lead to is ${lastModel(state)}.`,
    figures: {
      moves: createFigure(moves, 'moves'),
      joined: createFigure(state.participants.length, 'participants'),
      finalRounds: createFigure(final, 'rounds'),
      voidRounds: createFigure(empty, 'rounds'),
    },
  };
}

/** The model of the last final round, or the initial one: a step that can still be objected to is nobody's result yet. */
export function lastModel(state: JobState): Address {
  return currentModel({ ...state, rounds: state.rounds.filter(({ phase }) => phase === 'final') });
}

/** Refused participants of a step about whom there is more to say than that their updates are bad. */
export interface Doubtful {
  /** Whose updates are in no store. */
  readonly unfound: readonly number[];
  /** Whose updates are acceptable now: they came too late, or the aggregator lied and nobody objected. */
  readonly acceptable: readonly number[];
}

/** What one round came to, once it is final or void. */
export function roundClaim(
  state: JobState,
  number: number,
  { unfound, acceptable }: Doubtful,
  evaluation: ModelEvaluation | undefined,
): Claim {
  const round = state.rounds[number]!;
  const absent = range(round.size).filter((participant) => round.commitments[participant] === undefined);
  const figures: Record<string, Figure> = {
    round: createFigure(number + 1, ''),
    participants: createFigure(acceptedParticipants(round).length, 'participants'),
    absent: createFigure(absent.length, 'participants'),
  };
  const head = `Round ${number + 1}: `;
  const stayedAway = absent.length === 0 ? '' : `; ${people(absent)} stayed away`;
  if (round.phase === 'void' || round.step === undefined) {
    const committed = Object.keys(round.commitments).length;
    const sentence = `${head}it ended without a new model; ${committed} of ${round.size} participants had handed in an update${stayedAway}.`;
    return {
      ...averaging,
      kind: 'measurement',
      sentence,
      figures: { ...figures, participants: createFigure(0, 'participants') },
    };
  }
  const refused = round.step.refused.filter((p) => !unfound.includes(p) && !acceptable.includes(p));
  const missing = [...round.unavailable, ...unfound].sort((a, b) => a - b);
  figures.refused = createFigure(refused.length + missing.length + acceptable.length, 'updates');
  if (evaluation !== undefined) {
    figures.accuracy = createFigure(evaluation.accuracy, 'fraction');
    figures.crossEntropy = createFigure(evaluation.loss, 'nats');
  }
  const parts = [
    `${head}the updates of ${figures.participants!.value} of ${round.size} participants were averaged into the next model`,
    stayedAway.slice(2),
    missing.length === 0 ? '' : `what ${people(missing)} handed in could not be found`,
    refused.length === 0 ? '' : `what ${people(refused)} handed in was refused`,
    acceptable.length === 0
      ? ''
      : `what ${people(acceptable)} handed in was left out, although it is acceptable now`,
    evaluation === undefined ? '' : `the model is right on ${testText(evaluation)}`,
  ];
  return {
    ...averaging,
    kind: 'measurement',
    sentence: `${parts.filter((part) => part !== '').join('; ')}.`,
    figures,
  };
}

/** From which blobs a round is recomputed. */
export function roundInputs(
  job: Job,
  record: Address,
  round: Round,
  unfound: readonly number[],
  evaluated: boolean,
): Address[] {
  if (round.phase === 'void' || round.step === undefined) return [record];
  return [
    record,
    round.model,
    round.step.model,
    ...includedParticipants(round)
      .filter((participant) => !unfound.includes(participant))
      .map((participant) => round.commitments[participant]!),
    ...(evaluated ? [job.model.graph, job.evaluation!] : []),
  ];
}

/** How good the last model is. */
export function accuracyClaim(evaluation: ModelEvaluation): Claim {
  return {
    kind: 'measurement',
    cells: ['performance-decentralisation'],
    mechanism: 'federation.average',
    sentence: `The final model is right on ${testText(evaluation)}.`,
    figures: {
      accuracy: createFigure(evaluation.accuracy, 'fraction'),
      examples: createFigure(evaluation.count, 'examples'),
      crossEntropy: createFigure(evaluation.loss, 'nats'),
    },
  };
}

/** Why one update was left out, or that nothing is wrong with it. */
export function refusalClaim(number: number, participant: number, outcome: UpdateOutcome): Claim {
  const why = isUpdateRefusal(outcome)
    ? `${refusalWords[outcome.refused]} (${outcome.refused}: expected ${oneLine(outcome.expected)}, found ${oneLine(outcome.found)})`
    : 'the aggregator called it unavailable, or had no reason; now it can be found and is acceptable';
  return {
    ...averaging,
    kind: 'observation',
    sentence: `In round ${number + 1} the update of participant ${participant} was left out: ${why}.`,
    figures: { inRound: createFigure(number + 1, ''), participant: createFigure(participant, '') },
  };
}

/**
 * Why a job was stopped. `step` follows from the updates, undefined if none does; `unfound` are the included participants whose updates are in
 * no store.
 */
export function objectionClaim(
  state: JobState,
  step: Pick<Step, 'address' | 'refused'> | undefined,
  unfound: readonly number[],
): Claim {
  const end = state.end as Extract<JobState['end'], { reason: 'objected' }>;
  const { refused } = state.rounds[end.round]!.step!;
  const gives = (model: Address, list: readonly number[]) =>
    step?.address === model && step.refused.join() === list.join();
  // The lists are named where they are disputed.
  const disputed =
    refused.join() !== end.refused.join() || (step !== undefined && refused.join() !== step.refused.join());
  const leavingOut = (list: readonly number[]) => {
    if (!disputed) return '';
    return list.length === 0 ? ' with every update' : ` without the updates of ${people(list)}`;
  };
  const verdict = gives(end.posted, refused)
    ? 'Recomputing it from the updates gives what the aggregator posted'
    : gives(end.objected, end.refused)
      ? 'Recomputing it from the updates gives what the objector said'
      : step === undefined
        ? 'Too few of its updates are acceptable for any model'
        : `Recomputing it from the updates gives neither, but ${step.address}${leavingOut(step.refused)}`;
  const lacking = unfound.length === 0 ? '' : `; what ${people(unfound)} handed in could not be found`;
  return {
    ...ordering,
    kind: 'observation',
    sentence:
      `The job was stopped: in round ${end.round + 1} an aggregator posted model ${end.posted}${leavingOut(refused)}, ` +
      `and ${end.by} objected that it should be ${end.objected}${leavingOut(end.refused)}. ${verdict}${lacking}.`,
    figures: { stoppedInRound: createFigure(end.round + 1, '') },
  };
}

/** What nobody can check about a plain federated run on a ledger that the runner operates, or others. A receipt that leaves one out is refused. */
export function assumptionsOf(job: Job, operator: Ledger['operator']): Assumption[] {
  const assume = (sentence: string, whom: string, breaks: string, cells: readonly CellId[]) => ({
    kind: 'assumption' as const,
    sentence,
    cells,
    whom,
    breaks,
  });
  return [
    ...(operator === 'self'
      ? [
          assume(
            'The ledger ran on the machine of whoever ran the job, who could have rewritten it.',
            'Whoever ran the job',
            'The runner changes the record of who took part or what was posted before showing it to anybody.',
            ['verifiability-security'],
          ),
        ]
      : []),
    assume(
      'Updates were not hidden: aggregators, watchers and stores could read what each participant sent, and an update can give away examples that it was trained on.',
      'Every aggregator, watcher and store of the job',
      'One of them studies the updates, or passes them on.',
      ['privacy-decentralisation'],
    ),
    assume(
      'Participants trained honestly on proper data of their own; what they send is checked for form and size, not for sense.',
      'Every participant',
      'A participant sends a poisoned update, or makes up its examples and their number.',
      ['performance-security'],
    ),
    assume(
      'Any watcher or participant can stop the job by objecting, right or wrong, at the price of a bond that stays locked for a day.',
      'Every watcher and participant',
      'One of them objects without reason; the model of that round and all later ones are lost.',
      ['performance-security'],
    ),
    assume(
      job.watchers.length === 0
        ? 'Nobody was named to watch: a wrong average is found only if a participant recomputes it in time.'
        : 'At least one watcher or participant recomputed each average in time to object.',
      'The watchers and participants',
      'All of them are offline or collude with a lying aggregator; the lie is found only by whoever recomputes it later.',
      ['verifiability-decentralisation'],
    ),
    assume(
      'At least one of the stores that the job names keeps models and updates until everybody has checked them.',
      'The stores of the job',
      'All of them lose or withhold a blob; then a round cannot be recomputed.',
      ['verifiability-decentralisation'],
    ),
    ...(job.evaluation === undefined
      ? []
      : [
          assume(
            'The public test set resembles what the model will meet, and nobody trained on it.',
            'Whoever chose the test set, and every participant',
            'Test examples were trained on, or differ from real ones; then the model is worse than measured.',
            ['performance-decentralisation'],
          ),
        ]),
  ];
}

const refusalWords: Readonly<Record<UpdateRefusal['refused'], string>> = {
  Unavailable: 'no store had it',
  Corrupt: 'the stores had other bytes than it had committed to',
  Oversized: 'it was too large',
  Malformed: 'it was not a well-formed message',
  WrongJob: 'it was made for another job',
  WrongRound: 'it was made for another round',
  WrongParticipant: 'it was made by another participant',
  WrongModel: 'it was trained from another model',
  WrongExamples: 'it claimed an impossible number of examples',
  WrongLength: 'it had the wrong number of entries',
  OutOfRange: 'it had an entry out of range',
  WrongSigner: 'it was not signed by that participant',
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

function oneLine(text: string): string {
  return text.slice(0, 300).replaceAll(/[^\x20-\x7e]/g, '?');
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
