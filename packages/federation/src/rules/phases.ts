/**
 * How a round goes from phase to phase, and from one aggregator's turn to the next
 * (docs/specs/round.md §1.4, §5 and §6.4), and what all moves within a round share.
 */
import type {
  Aggregator,
  JobState,
  Phase,
  Refusal,
  RefusalCode,
  Round,
  RoundFailure,
  TimedPhase,
} from '@nonet/core/ports';
import { regularSince } from './attendance.ts';
import { includedParticipants, smallestSet } from './state.ts';

/**
 * The index of the next standing aggregator after `from`, cyclically; `from` if there is no other.
 */
export function nextStanding(aggregators: readonly Aggregator[], from: number): number {
  for (let i = 1; i < aggregators.length; i++) {
    const index = (from + i) % aggregators.length;
    if (aggregators[index]!.status === 'standing') return index;
  }
  return from;
}

/** What follows a phase whose duration is 0. */
const skippable: Partial<Record<TimedPhase, TimedPhase>> = {
  open: 'collecting',
  complaining: 'opening',
  opening: 'stepping',
};

/** Enters `phase`, or the first after it that is not skipped (§1.4). */
export function enter(state: JobState, round: number, phase: TimedPhase, at: number): JobState {
  const { phases } = state.terms;
  const following = skippable[phase];
  if (following !== undefined && phases[phase] === 0) return enter(state, round, following, at);
  const { masking } = state.rounds[round]!;
  const next = replace(state, round, {
    ...{ phase, deadline: at + phases[phase], turn: 0 },
    ...(phase === 'opening' && masking !== undefined ? { masking: { ...masking, asked: true } } : {}),
  });
  return phase === 'collecting' ? replace(next, round, regularSince(next, round, at)) : next;
}

/** The set of a round is known: it goes on, unless too few are included (§5.4). */
export function fixInclusionSet(state: JobState, round: number, at: number): JobState {
  const current = state.rounds[round]!;
  return includedParticipants(current).length < smallestSet(state, current)
    ? fail(state, round, { reason: 'cohort' })
    : enter(state, round, 'complaining', at);
}

/** A round that ends without a step, through no proven fault. */
export function fail(state: JobState, round: number, failure: RoundFailure): JobState {
  const next = replace(state, round, { phase: 'void', failure });
  return { ...next, failures: next.failures + 1 };
}

/** The next standing aggregator's turn; when each has had it, the round is void (§5.2). */
export function passTurn(state: JobState, round: number, at: number): JobState {
  const { aggregators, lead, rounds, terms } = state;
  const { turn, phase } = rounds[round]!;
  const next = { ...state, lead: nextStanding(aggregators, lead) };
  const standing = aggregators.filter(({ status }) => status === 'standing').length;
  if (turn + 1 >= standing) return fail(next, round, { reason: 'deadline' });
  return replace(next, round, { turn: turn + 1, deadline: at + terms.phases[phase as TimedPhase] });
}

/** The round in one of `phases`, or the refusal that all moves within a round share (§1.6). */
export function running(state: JobState, round: number, phases: readonly Phase[]): Round | Refusal {
  const current = state.rounds[round];
  if (current === undefined) return noSuchRound(state, round);
  return phases.includes(current.phase) ? current : refuse('WrongPhase', phases.join(' or '), current.phase);
}

/** The refusal of a move in a round that was not opened. */
export function noSuchRound({ rounds }: JobState, round: number): Refusal {
  return refuse('WrongRound', `a round below ${rounds.length}`, `round ${round}`);
}

/** The state with a round changed. */
export function replace(state: JobState, round: number, change: Partial<Round>): JobState {
  return {
    ...state,
    rounds: state.rounds.map((other, i) => (i === round ? { ...other, ...change } : other)),
  };
}

/** Whether these are natural numbers, each above the one before. */
export function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => Number.isInteger(number) && number > (numbers[i - 1] ?? -1));
}

/** A refusal: why, what would have been taken, and what came. */
export function refuse(refused: RefusalCode, expected: string, found: string): Refusal {
  return { refused, expected, found };
}
