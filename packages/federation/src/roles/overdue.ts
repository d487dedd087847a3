/**
 * Moving on what is overdue (docs/specs/round.md §10): anybody may, so that no one role has to. Those
 * that are not first in line wait a little longer, so that one of them does it and not all.
 */
import { isRefusal, type JobState, type Round } from '@nonet/core/ports';
import { isOver } from '../rules/state.ts';
import { type RoleParameters, submit } from './jobView.ts';

/** Ledger seconds by which each role in line waits longer than the one before. */
const courtesySeconds = 1;

/** Advances each round whose deadline passed `place` seconds ago; true if a move was made. */
export async function advanceOverdue(
  parameters: RoleParameters,
  state: JobState,
  place: number,
): Promise<boolean> {
  const { ledger, onEvent } = parameters;
  const running = [...state.rounds.entries()].filter(([number, round]) => canEnd(state, number, round));
  if (running.length === 0) return false;
  const now = await ledger.now();
  for (const [round, { phase, deadline }] of running) {
    if (now <= deadline + place * courtesySeconds) continue;
    const outcome = await submit(parameters, state, { type: 'advance', round });
    if (outcome === undefined) return false;
    if (isRefusal(outcome)) continue;
    onEvent?.({ type: 'advanced', round, from: phase, gas: outcome.gas });
    return true;
  }
  return false;
}

/** Whether only the deadline keeps the phase from ending. */
function canEnd({ rounds }: JobState, number: number, round: Round): boolean {
  if (isOver(round)) return false;
  if (round.phase !== 'objecting') return true;
  return (
    rounds.slice(0, number).every(isOver) && Object.values(round.demands).every(({ answered }) => answered)
  );
}
