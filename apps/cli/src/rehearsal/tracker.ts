/** From moves and reports to what the view shows. */
import type { JobState, LedgerEvent } from '@nonet/core/ports';
import {
  acceptedParticipants,
  countSteps,
  type HeldOut,
  type ModelEvaluation,
  rehearsedAbsence,
} from '@nonet/federation';
import { classFigures } from '@nonet/tensor';
import type { JobDraft } from '../files/jobFile.ts';
import type { Reported, RoleEvent } from '../roles/messages.ts';
import { plural } from '../terminal/terminal.ts';
import type { RoundProgress, View } from './progress.ts';
import { siteName } from './siteName.ts';

export interface Tracker {
  /** A milestone: what begins now. */
  say(milestone: string): void;
  /** What earlier, interrupted processes of this run had come to. */
  resume(state: JobState, reports: readonly Reported[]): void;
  follow(state: JobState, event: LedgerEvent): void;
  report(reported: Reported): void;
}

/** What a tracker knows of a job before it runs. */
export type TrackedDraft = Pick<JobDraft, 'name'> &
  Partial<Pick<JobDraft, 'rounds' | 'testSet' | 'data' | 'evaluation'>>;

export function createTracker(draft: TrackedDraft, view: View, seconds: () => number): Tracker {
  /** A job that counts has one round. */
  const wanted = draft.rounds ?? 1;
  const work = draft.data === undefined ? 'count their own records' : 'train on their own data';
  let activity = '';
  let milestone = '';
  let state: JobState | undefined;
  const evaluations = new Map<number, ModelEvaluation>();
  /** Of rounds that have stepped; undefined where nothing follows from what sites hold out. */
  const heldOut = new Map<number, HeldOut | undefined>();
  const openedAt = new Map<number, number>();
  const took = new Map<number, number>();
  /** Rounds below were opened before this process began, so it cannot say how long they took. */
  let firstTimed = 0;

  function progressOf(number: number): RoundProgress {
    const round = state!.rounds[number]!;
    const measured = evaluations.get(number);
    const own = heldOut.get(number);
    const duration = took.get(number);
    const evaluated =
      (draft.testSet === undefined || measured !== undefined) &&
      (draft.evaluation === undefined || heldOut.has(number));
    return {
      round: number,
      step: round.step,
      phase: round.phase,
      ...(round.failure === undefined ? {} : { failure: round.failure }),
      committed: Object.keys(round.commitments).length,
      size: round.size,
      ...(round.posted === undefined ? {} : { accepted: acceptedParticipants(round).length }),
      ...(measured === undefined
        ? {}
        : {
            accuracy: measured.accuracy,
            neverPredicted: countNeverPredicted(measured, draft.data?.labels ?? []),
          }),
      ...(own === undefined ? {} : { heldOutAccuracy: own.correct / own.examples }),
      ...(duration === undefined ? {} : { seconds: duration }),
      settled: round.phase === 'void' || (round.posted !== undefined && evaluated),
    };
  }

  function show(): void {
    const rounds = state === undefined ? [] : [...state.rounds.keys()].map(progressOf);
    view.show({ title: draft.name, wanted, rounds, activity, milestone, seconds: seconds() });
  }

  return {
    say(text) {
      activity = text;
      milestone = text;
      show();
    },
    resume(before, reports) {
      firstTimed = before.rounds.length;
      for (const { event } of reports) {
        if (event.type === 'evaluated') evaluations.set(event.round, event.evaluation);
        if (event.type === 'stepped') heldOut.set(event.round, event.heldOut);
      }
    },
    follow(next, { move }) {
      state = next;
      if (move.type === 'open') openedAt.set(move.round, Date.now());
      if (move.type === 'step' && move.round >= firstTimed)
        took.set(move.round, (Date.now() - openedAt.get(move.round)!) / 1000);
      activity = activityOf(next, wanted, work);
      milestone = milestoneOf(next, wanted, work) ?? milestone;
      show();
    },
    report({ by, event }) {
      switch (event.type) {
        case 'evaluated':
          evaluations.set(event.round, event.evaluation);
          break;
        case 'stepped':
          heldOut.set(event.round, event.heldOut);
          break;
        case 'dropped':
          view.tell(`${by} dropped out while it trained for step ${event.step + 1}`);
          break;
        case 'missed':
          if (event.code === rehearsedAbsence) break;
          view.tell(`${by} sends nothing in round ${event.round + 1}: ${event.because}`);
          break;
        case 'clamped':
          view.tell(`${by}, round ${event.round + 1}: ${clampedText(event)}`);
          break;
        case 'updateRefused':
          view.tell(
            `update of ${siteName(event.participant)} in round ${event.round + 1} refused: ` +
              `${event.refusal.refused}, found ${event.refusal.found}`,
          );
          break;
        case 'proved':
          view.tell(`${by} proved a lie in round ${event.round + 1}, which is repeated: ${event.because}`);
          break;
        case 'objected':
          view.tell(`${by} objects to the step of round ${event.round + 1}: ${event.because}`);
          break;
        case 'abstained':
          view.tell(
            `${by} cannot read the updates of ${event.participants.map(siteName).join(', ')} ` +
              `in round ${event.round + 1}`,
          );
          break;
        case 'appealed':
          view.tell(`${by} appeals in round ${event.round + 1}`);
          break;
      }
      show();
    },
  };
}

function countNeverPredicted({ confusion }: ModelEvaluation, labels: readonly string[]): number {
  return classFigures(confusion, labels).filter(({ support, predicted }) => support > 0 && predicted === 0)
    .length;
}

function clampedText({ bound, tensors }: Extract<RoleEvent, { type: 'clamped' }>): string {
  const numbers = tensors.reduce((sum, tensor) => sum + tensor.numbers, 0);
  const largest = Math.max(...tensors.map((tensor) => tensor.largest));
  const [first, ...others] = tensors.map(({ name }) => name);
  const where = others.length === 0 ? first : `${first} and ${plural(others.length, 'other tensor')}`;
  return (
    `${plural(numbers, 'number')} of ${where} moved by more than ${bound}, the most that an update holds ` +
    `(by up to ${largest.toPrecision(3)}), and went out as ${bound}`
  );
}

/** Worth a line of a log; undefined where nothing new begins. */
function milestoneOf(state: JobState, wanted: number, work: string): string | undefined {
  const { maxParticipants } = state.terms;
  if (state.rounds.length === 0) {
    const joined = state.participants.length;
    return joined === maxParticipants ? `all ${maxParticipants} sites have joined; they ${work}` : undefined;
  }
  return countSteps(state) === wanted
    ? 'all rounds have stepped; waiting until no proof can come any more'
    : undefined;
}

function activityOf(state: JobState, wanted: number, work: string): string {
  const round = state.rounds.at(-1);
  if (round === undefined) {
    return `${state.participants.length} of ${state.terms.maxParticipants} sites have joined`;
  }
  if (countSteps(state) === wanted)
    return 'all rounds have stepped; waiting until no proof can come any more';
  switch (round.phase) {
    case 'open':
    case 'collecting':
      return `sites ${work}`;
    case 'closing':
      return 'checking what has come';
    case 'appealing':
      return 'waiting for appeals';
    case 'stepping':
      return 'adding the updates';
    case 'objecting':
      return 'opening the next round';
    default:
      return round.phase;
  }
}
