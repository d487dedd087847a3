/**
 * What rounds of masked updates have besides (docs/specs/round.md §12): keys are announced before a
 * round opens, who registers in its first phase is in the mask set, and once the set of updates is
 * fixed the members of the mask set reveal what takes the masks from its sum. What the blobs hold is
 * docs/specs/secagg.md; the rules know of them only who has posted them.
 */
import type { Address } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  isRefusal,
  type JobState,
  type Masking,
  type Move,
  type Phase,
  type PublicKeys,
  type Refusal,
  type Round,
} from '@nonet/core/ports';
import { outstanding } from './attendance.ts';
import type { Judge } from './judge.ts';
import { enter, fail, isAscending, refuse, replace, running } from './phases.ts';
import { candidatesOf, isPresentIn, maskSet, numberOf, replaceParticipant, smallestSet } from './state.ts';

/** §12.1 */
export function announce(
  state: JobState,
  { mask, seal }: Extract<Move, { type: 'announce' }>,
  by: Account,
): JobState | Refusal {
  if (state.terms.masks === undefined) return refuse('WrongRole', 'a job of masked updates', 'another');
  const number = numberOf(state, by);
  const participant = state.participants[number];
  if (participant === undefined || participant.left) {
    return refuse('WrongRole', 'a participant that has not left', by);
  }
  if (!isKey(mask) || !isKey(seal)) return refuse('WrongCommitment', 'two keys other than 0', 'others');
  const round = state.rounds.length;
  const { announced, since } = participant;
  if (isDue(state, number)) {
    return refuse('TooEarly', 'what is due in the running round to come first', `round ${round - 1}`);
  }
  // One that left and came back is known by its next commitment only, as one that stayed away is.
  const awaited = announced === undefined ? since === 0 : isAwaitedNext(state, announced, number);
  return replaceParticipant(state, number, { ...participant, announced: { round, awaited, mask, seal } });
}

/** Not zero, and what calldata can hold. */
function isKey(key: string): boolean {
  return /^0x[0-9a-f]{64}$/.test(key) && !/^0x0*$/.test(key);
}

/** One for which a round waited in vain is not waited for by the next that it announces keys for. */
function isAwaitedNext(
  { rounds }: JobState,
  { round, awaited }: { readonly round: number; readonly awaited: boolean },
  participant: number,
): boolean {
  if (round === rounds.length) return awaited;
  return !awaited || rounds[round]!.commitments[participant] !== undefined;
}

/** Whether the running round still waits for this participant's registration or commitment. */
function isDue(state: JobState, participant: number): boolean {
  const round = state.rounds.length - 1;
  if (state.participants[participant]!.announced?.round !== round) return false;
  const { phase, masking, commitments } = state.rounds[round]!;
  if (phase === 'open') return true;
  return (
    phase === 'collecting' &&
    masking!.registrations[participant] !== undefined &&
    commitments[participant] === undefined
  );
}

/** What a round of a job of masked updates begins with (§12.1). */
export function beginMasking(state: JobState): Masking {
  const candidates = candidatesOf(state);
  const keysOf = (participant: number): PublicKeys => {
    const { mask, seal } = state.participants[participant]!.announced!;
    return { mask, seal };
  };
  return {
    keys: Object.fromEntries(candidates.map((participant) => [participant, keysOf(participant)])),
    threshold: Math.floor((candidates.length * state.terms.masks!.threshold) / 100) + 1,
    registrations: {},
    complaints: {},
    reveals: {},
    revealed: [],
    asked: false,
  };
}

/** §12.2 */
export function register(
  state: JobState,
  { round, blob, receipts }: Extract<Move, { type: 'register' }>,
  by: Account,
  at: number,
  judge: Judge,
): JobState | Refusal {
  const current = runningMasked(state, round, ['open']);
  if (isRefusal(current)) return current;
  const { masking } = current;
  const number = numberOf(state, by);
  if (!isPresentIn(state, round, number)) {
    return refuse('WrongRole', 'a candidate of the round that has not left', by);
  }
  if (masking.registrations[number] !== undefined) {
    return refuse('Repeated', 'one registration per participant and round', 'a second');
  }
  if (!judge.isReceiptSet(state.terms, blob, receipts)) return wrongReceipts(state, blob);
  const registrations = { ...masking.registrations, [number]: blob };
  const next = replace(state, round, { masking: { ...masking, registrations } });
  const enough = Object.keys(registrations).length >= smallestSet(next, current);
  return enough && outstanding(next, round).length === 0 ? enter(next, round, 'collecting', at) : next;
}

/** The mask set is known: the round goes on if it can be unmasked (§12.3). */
export function fixMaskSet(state: JobState, round: number, at: number): JobState {
  const current = state.rounds[round]!;
  return maskSet(current).length < smallestSet(state, current)
    ? fail(state, round, { reason: 'cohort' })
    : enter(state, round, 'collecting', at);
}

const complaintPhases: readonly Phase[] = [
  'collecting',
  'closing',
  'appealing',
  'complaining',
  'opening',
  'stepping',
];

/** §12.4 */
export function complain(
  state: JobState,
  { round, accused }: Extract<Move, { type: 'complain' }>,
  by: Account,
): JobState | Refusal {
  const current = runningMasked(state, round, complaintPhases);
  if (isRefusal(current)) return current;
  const { masking } = current;
  const members = maskSet(current);
  const number = numberOf(state, by);
  if (!members.includes(number)) return refuse('WrongRole', 'a member of the mask set', by);
  const others = accused.every((one) => members.includes(one) && one !== number);
  if (accused.length === 0 || !isAscending(accused) || !others) {
    return refuse('WrongSet', 'ascending other members of the mask set', JSON.stringify(accused));
  }
  const complaints: Record<number, readonly number[]> = { ...masking.complaints };
  for (const one of accused) {
    const before = complaints[one] ?? [];
    if (before.includes(number)) {
      return refuse('Repeated', 'one complaint about each member', `a second about ${one}`);
    }
    complaints[one] = [...before, number].sort((a, b) => a - b);
  }
  const next = replace(state, round, { masking: { ...masking, complaints } });
  const guilty = accused.filter((one) => 2 * complaints[one]!.length > members.length);
  if (guilty.length === 0) return next;
  const barred = guilty.reduce((after, one) => bar(after, one), next);
  return replace(barred, round, { phase: 'void', failure: { reason: 'complaints', accused: guilty } });
}

/** As if it had left, for good. */
function bar(state: JobState, number: number): JobState {
  const { account, since } = state.participants[number]!;
  return replaceParticipant(state, number, { account, since, left: true, barred: true });
}

/** §12.5 */
export function reveal(
  state: JobState,
  { round, blob, receipts }: Extract<Move, { type: 'reveal' }>,
  by: Account,
  judge: Judge,
): JobState | Refusal {
  const current = runningMasked(state, round, ['opening']);
  if (isRefusal(current)) return current;
  const { masking } = current;
  const number = numberOf(state, by);
  if (masking.registrations[number] === undefined) {
    return refuse('WrongRole', 'a member of the mask set', by);
  }
  if (masking.reveals[number] !== undefined) {
    return refuse('Repeated', 'one reveal per member and round', 'a second');
  }
  if (!judge.isReceiptSet(state.terms, blob, receipts)) return wrongReceipts(state, blob);
  return replace(state, round, {
    masking: {
      ...masking,
      reveals: { ...masking.reveals, [number]: blob },
      revealed: [...masking.revealed, number],
    },
  });
}

function wrongReceipts({ terms }: JobState, blob: Address): Refusal {
  return refuse('WrongReceipt', `receipts of ${terms.copies} listed stores for ${blob}`, 'others');
}

/** A round in one of `phases` of a job of masked updates; no other has these moves. */
function runningMasked(
  state: JobState,
  round: number,
  phases: readonly Phase[],
): (Round & { readonly masking: Masking }) | Refusal {
  const current = running(state, round, phases);
  if (isRefusal(current)) return current;
  const { masking } = current;
  return masking === undefined
    ? refuse('WrongRole', 'a job of masked updates', 'another')
    : { ...current, masking };
}
