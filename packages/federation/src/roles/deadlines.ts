/**
 * What an aggregator or a watcher does beside its work, so that work which takes its time makes it
 * miss no deadline: it shows the silence of an aggregator that did not answer a demand
 * (docs/specs/round.md §8.7), and moves on what is overdue (§10). Any account may, so that no one
 * role has to. Those that are not first in line wait a little longer, so that one of them does it
 * and not all.
 */
import { pause } from '@nonet/core';
import { isRefusal, type JobState, type Lie, type Round } from '@nonet/core/ports';
import { endOfPhase, isOver, smallestSet } from '../rules/state.ts';
import {
  defaultPollMilliseconds,
  endOf,
  isPassing,
  type JobView,
  type RoleOutcome,
  type RoleParameters,
} from './jobView.ts';

/** Ledger seconds by which each role in line waits longer than the one before. */
const courtesySeconds = 1;

/** More would leave a job standing still for too long where it is not slowness. */
const maximumDoublings = 3;

/**
 * Ledger seconds by which honest roles let a phase run over its deadline before they end it. What
 * comes late counts, and a round that is ended with too few updates, or with no step, has to be
 * repeated: so where a machine or a ledger is slower than the deadlines foresaw, waiting costs less.
 * It is the phase once more while updates are lacking, and twice as long after each void round. Any
 * account may end the phase all the same.
 */
export function patienceOf(state: JobState, round: Round): number {
  const { terms, failures } = state;
  const { phase, commitments, masking } = round;
  const spans = 2 ** Math.min(failures, maximumDoublings);
  const lacks = (posted: object, wanted: number) => Object.keys(posted).length < wanted;
  switch (phase) {
    case 'open':
      if (masking === undefined) return 0;
      return lacks(masking.registrations, smallestSet(state, round)) ? spans * terms.phases[phase] : 0;
    case 'opening':
      if (masking === undefined) return 0;
      return lacks(masking.reveals, masking.threshold) ? spans * terms.phases[phase] : 0;
    case 'collecting':
      return lacks(commitments, smallestSet(state, round)) ? spans * terms.phases[phase] : 0;
    case 'closing':
    case 'stepping':
      return (spans - 1) * terms.phases[phase];
    default:
      return 0;
  }
}

export interface Duties {
  /** Where this role stands in line, from 0; undefined to leave this round alone for now. */
  placeOf(state: JobState, round: number): number | undefined;
  /** Something else that is due by a deadline; true if a move was made. */
  readonly more?: (state: JobState) => Promise<boolean>;
}

/** Keeps deadlines until the job is complete or over, or the signal aborts. */
async function keepDeadlines(parameters: RoleParameters, view: JobView, duties: Duties): Promise<void> {
  const { signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  while (!signal.aborted) {
    const { state } = view;
    const seen = view.events.length;
    try {
      if ((await endOf(parameters, state)) !== undefined) return;
      const acted =
        (await duties.more?.(state)) ||
        (await proveSilence(parameters, view, duties)) ||
        (await advanceOverdue(parameters, view, duties));
      if (!acted) await view.change(seen, pollMilliseconds);
    } catch (cause) {
      if (signal.aborted) return;
      if (!isPassing(cause)) throw cause;
      onEvent?.({ type: 'waiting', because: cause.message });
      await pause(pollMilliseconds, signal);
    }
  }
}

/** Runs a role's work with its deadlines kept, until the work ends. */
export async function workBesideDeadlines(
  parameters: RoleParameters,
  view: JobView,
  duties: Duties,
  work: (signal: AbortSignal) => Promise<RoleOutcome>,
): Promise<RoleOutcome> {
  const done = new AbortController();
  const signal = AbortSignal.any([parameters.signal, done.signal]);
  const end = () => done.abort();
  const [outcome] = await Promise.all([
    work(signal).finally(end),
    keepDeadlines({ ...parameters, signal }, view, duties).catch((cause) => {
      end();
      throw cause;
    }),
  ]);
  return outcome;
}

async function proveSilence(
  { ledger, signer, onEvent }: RoleParameters,
  { state, submit }: JobView,
  { placeOf }: Duties,
): Promise<boolean> {
  const due = [...state.rounds.entries()].flatMap(([round, current]) =>
    isOver(current) || current.closedBy === signer.account
      ? []
      : Object.entries(current.demands)
          .filter(([, { answered }]) => !answered)
          .map(([participant, demand]) => ({ round, participant: Number(participant), demand })),
  );
  if (due.length === 0) return false;
  const now = await ledger.now();
  for (const { round, participant, demand } of due) {
    const place = demand.by === signer.account ? 0 : placeOf(state, round);
    if (place === undefined || now <= demand.deadline + place * courtesySeconds) continue;
    const lie: Lie = { kind: 'silence', participant };
    const outcome = await submit({ type: 'prove', round, lie });
    if (outcome === undefined || isRefusal(outcome)) continue;
    const because = `the receipts of participant ${participant} were not shown`;
    onEvent?.({ type: 'proved', round, kind: lie.kind, because, gas: outcome.gas });
    return true;
  }
  return false;
}

async function advanceOverdue(
  { ledger, onEvent }: RoleParameters,
  { state, submit }: JobView,
  { placeOf }: Duties,
): Promise<boolean> {
  const running = [...state.rounds.entries()].filter(([number, round]) => canEnd(state, number, round));
  if (running.length === 0) return false;
  const now = await ledger.now();
  for (const [round, current] of running) {
    const place = placeOf(state, round);
    const overdue = endOfPhase(state.terms, current) + patienceOf(state, current);
    if (place === undefined || now <= overdue + place * courtesySeconds) continue;
    const outcome = await submit({ type: 'advance', round });
    if (outcome === undefined || isRefusal(outcome)) continue;
    onEvent?.({ type: 'advanced', round, from: current.phase, gas: outcome.gas });
    return true;
  }
  return false;
}

/** Whether only the deadline keeps the phase from ending. */
function canEnd({ rounds }: JobState, number: number, round: Round): boolean {
  const { phase, demands } = round;
  if (isOver(round)) return false;
  if (phase !== 'stepping' && phase !== 'objecting') return true;
  if (Object.values(demands).some(({ answered }) => !answered)) return false;
  return phase === 'stepping' || rounds.slice(0, number).every(isOver);
}
