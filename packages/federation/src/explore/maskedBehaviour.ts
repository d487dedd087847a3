/** What participants of rounds of masked updates do, and what dishonest ones may do (round.md §12). */
import type { JobState, Move, Round } from '@nonet/core/ports';
import {
  canBeUnmasked,
  countSteps,
  includedParticipants,
  isOver,
  isPresentIn,
  latestRound,
  maskSet,
  repeatedSet,
} from '../rules/state.ts';
import type { MaskedKind, RegistrationFault } from './maskedBlobs.ts';
import type { World } from './world.ts';

/**
 * What is due from a participant that has joined, move by move; moves that are sent together are
 * one list. A member that cannot read what a dealer shared with it complains, and goes on without
 * those shares.
 */
export async function maskedMoves(
  world: World,
  state: JobState,
  number: number,
  at: number,
): Promise<Move[][]> {
  const round = latestRound(state);
  const current = state.rounds[round];
  const next = announceNext(world, state, number);
  if (current === undefined || isOver(current)) return next;
  const { phase, masking, commitments } = current;
  const isMember = masking!.registrations[number] !== undefined;
  if (phase === 'open' && isPresentIn(state, round, number) && !isMember) {
    if (repeatedSet(state, round)?.includes(number) === false) return [];
    const blob = await world.masked.prepareRegistration(round, number, 'none');
    return [[{ type: 'register', round, blob, receipts: world.receiptsFor(blob)! }]];
  }
  if (phase === 'open' || !isMember) return isPresentIn(state, round, number) ? [] : next;
  const accused = complaints(world, round, current, number, at);
  if (accused.length > 0) return accused;
  if (phase === 'collecting' && commitments[number] === undefined) {
    // Whoever sees what all see does not mask for this mask set.
    if (world.masked.recover(current).liars.length > 0) return [];
    const blob = await world.masked.prepareMasked(round, number, 'good');
    return [[{ type: 'commit', round, blob, weight: 1 }, ...next.flat()]];
  }
  if (phase === 'appealing' && current.unavailable.includes(number)) {
    const receipts = world.receiptsFor(commitments[number]!.blob);
    return receipts === undefined ? [] : [[{ type: 'appeal', round, receipts }]];
  }
  if (phase === 'opening' && masking!.reveals[number] === undefined) {
    const before = repeatedSet(state, round);
    if (before !== undefined && `${before}` !== `${includedParticipants(current)}`) return next;
    if (await buildsOnLie(world, state, round)) return next;
    const blob = await world.masked.prepareReveal(round, number, true);
    return [[{ type: 'reveal', round, blob, receipts: world.receiptsFor(blob)! }]];
  }
  return next;
}

/** Whether a step before this round is not final, and is not what the rounds make (§12.12). */
async function buildsOnLie(world: World, state: JobState, number: number): Promise<boolean> {
  for (const [earlier, round] of state.rounds.slice(0, number).entries()) {
    if (round.posted === undefined || isOver(round)) continue;
    for (const move of await objections(world, earlier, round)) {
      if (move.type === 'object' && move.model !== round.posted.model) return true;
    }
  }
  return false;
}

/** Keys for the next round, once, while one may come. */
function announceNext(world: World, state: JobState, number: number): Move[][] {
  const round = state.rounds.length;
  const { left, announced } = state.participants[number]!;
  if (left || announced?.round === round || !mayGoOn(state)) return [];
  return [[{ type: 'announce', ...world.masked.keysFor(number, round) }]];
}

function mayGoOn(state: JobState): boolean {
  const last = state.rounds[latestRound(state)];
  const isRunning = last !== undefined && last.posted === undefined && !isOver(last);
  return !state.ended && countSteps(state) + (isRunning ? 1 : 0) < state.terms.rounds;
}

/**
 * At once about registrations, and about what all see once enough have revealed their shares and
 * no step has come of them.
 */
function complaints(world: World, round: number, current: Round, number: number, at: number): Move[][] {
  const { phase, masking, deadline } = current;
  const isStuck = phase === 'stepping' || (phase === 'opening' && at > deadline);
  const { isRecovered, liars } = world.masked.recover(current);
  const wrong =
    isStuck && canBeUnmasked(current) && !isRecovered ? liars : world.masked.accusedBy(current, number);
  const accused = wrong.filter((one) => one !== number && !masking!.complaints[one]?.includes(number));
  return accused.length === 0 ? [] : [[{ type: 'complain', round, accused }]];
}

/** The sum of the included messages, if its masks can be taken from it, and they are what they say. */
export function isSummable(world: World, round: Round): boolean {
  const messages = includedParticipants(round).map((participant) => round.commitments[participant]!.blob);
  const areGood = messages.every((blob) => world.bytesOf(blob) !== undefined && !world.isFaulty(blob));
  return areGood && world.masked.recover(round).isRecovered;
}

/** Objects to a step that is not the sum, or where there is none. */
export async function objections(world: World, round: number, current: Round): Promise<Move[]> {
  const included = includedParticipants(current);
  if (included.some((one) => world.bytesOf(current.commitments[one]!.blob) === undefined)) return [];
  const isRight = isSummable(world, current);
  const model = isRight ? await world.prepareModel(current, included, 'right') : current.model;
  return [{ type: 'object', round, model, refused: [] }];
}

/** What a dishonest participant may do in a round of masked updates besides. */
export async function maskedTemptations(world: World, state: JobState, number: number): Promise<Move[]> {
  const moves: Move[] = [{ type: 'announce', ...world.masked.keysFor(number, state.rounds.length) }];
  const round = latestRound(state);
  const current = state.rounds[round];
  if (current === undefined || isOver(current)) return moves;
  const { phase, masking } = current;
  const others = Object.keys(masking!.keys)
    .map(Number)
    .filter((one) => one !== number);
  if (phase === 'open') {
    const faults: RegistrationFault[] = ['none', 'visible', 'crooked', others.slice(0, 1)];
    if (world.menu.includes('boxes')) faults.push(others.slice(0, 2));
    for (const fault of faults) {
      const blob = await world.masked.prepareRegistration(round, number, fault);
      moves.push({ type: 'register', round, blob, receipts: world.receiptsFor(blob)! });
    }
    return moves;
  }
  if (phase === 'collecting') {
    const kinds: MaskedKind[] = world.menu.includes('garbage')
      ? ['good', 'missing', 'garbage']
      : ['good', 'missing'];
    for (const kind of kinds) {
      moves.push({
        type: 'commit',
        round,
        blob: await world.masked.prepareMasked(round, number, kind),
        weight: 1,
      });
    }
  }
  if (phase === 'appealing') {
    const receipts = world.receiptsFor(current.commitments[number]?.blob ?? current.model) ?? [];
    moves.push({ type: 'appeal', round, receipts });
  }
  if (phase === 'opening') {
    for (const isRight of [true, false]) {
      const blob = await world.masked.prepareReveal(round, number, isRight);
      moves.push({ type: 'reveal', round, blob, receipts: world.receiptsFor(blob)! });
    }
  }
  const members = maskSet(current).filter((one) => one !== number);
  for (const accused of [members, ...members.slice(0, 1).map((one) => [one])]) {
    moves.push({ type: 'complain', round, accused });
  }
  return moves;
}
