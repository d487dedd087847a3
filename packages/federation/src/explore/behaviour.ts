/**
 * What the actors of a small job do. An honest actor's moves follow from the ledger and the blobs;
 * it makes them before the deadline that they are due by. A dishonest one may make any move of its
 * menu, or none, at any time.
 */
import type { Signer } from '@nonet/core/identity';
import { isRefusal, type JobState, type Move, type Round } from '@nonet/core/ports';
import { isCollected } from '../rules/attendance.ts';
import { reduceRound } from '../rules/round.ts';
import {
  canBeUnmasked,
  candidatesOf,
  currentModel,
  includedParticipants,
  isOver,
  isPresentIn,
  isStanding,
  latestRound,
  leadOf,
  numberOf,
  repeatedSet,
} from '../rules/state.ts';
import { isSummable, maskedMoves, maskedTemptations, objections } from './maskedBehaviour.ts';
import type { World } from './world.ts';

/** Moves that an actor sends together. */
export interface Turn {
  readonly moves: readonly Move[];
  readonly by: Signer;
}

/** Who answers with honest moves; the roles are played by the actors that are not dishonest. */
export type Role = 'participant' | 'aggregator' | 'watcher';

/** The moves that are due from an honest actor in this role; the rules may still refuse some. */
export async function dueMoves(
  world: World,
  state: JobState,
  role: Role,
  by: Signer,
  at: number,
): Promise<Turn[]> {
  switch (role) {
    case 'participant':
      return (await participantMoves(world, state, by, at)).map((moves) => ({ moves, by }));
    case 'aggregator':
      return (await aggregatorMoves(world, state, by, at)).map((move) => ({ moves: [move], by }));
    case 'watcher':
      return (await watcherMoves(world, state)).map((move) => ({ moves: [move], by }));
  }
}

function latest(state: JobState): readonly [number, Round] | undefined {
  const number = latestRound(state);
  return number < 0 ? undefined : [number, state.rounds[number]!];
}

async function participantMoves(world: World, state: JobState, by: Signer, at: number): Promise<Move[][]> {
  const number = numberOf(state, by.account);
  if (number < 0) return [[{ type: 'join' }]];
  return state.terms.masks === undefined
    ? (await clearMoves(world, state, by, number)).map((move) => [move])
    : maskedMoves(world, state, number, at);
}

async function clearMoves(world: World, state: JobState, by: Signer, number: number): Promise<Move[]> {
  const last = latest(state);
  if (last === undefined) return [];
  const [round, current] = last;
  if (current.phase === 'collecting' && current.commitments[number] === undefined && number < current.size) {
    return [
      {
        type: 'commit',
        round,
        blob: await world.prepareUpdate(current, number, 'good', by),
        weight: number + 1,
      },
    ];
  }
  if (current.phase === 'appealing' && current.unavailable.includes(number)) {
    const receipts = world.receiptsFor(current.commitments[number]!.blob);
    return receipts === undefined ? [] : [{ type: 'appeal', round, receipts }];
  }
  return [];
}

/**
 * What the lead includes is what has receipts; it refuses what is faulty and posts the average of
 * the rest.
 */
async function aggregatorMoves(world: World, state: JobState, by: Signer, at: number): Promise<Move[]> {
  const { terms, aggregators, rounds } = state;
  if (aggregators.some(({ account, status }) => account === by.account && status === 'absent')) {
    return rounds.every(isOver) && rounds.length > 0 ? [] : [{ type: 'stake' }];
  }
  const moves: Move[] = [];
  for (const [round, { demands, commitments }] of rounds.entries()) {
    for (const [participant, { answered }] of Object.entries(demands)) {
      const receipts = world.receiptsFor(commitments[Number(participant)]!.blob);
      if (!answered && receipts !== undefined) {
        moves.push({ type: 'answer', round, participant: Number(participant), receipts });
      }
    }
  }
  const last = latest(state);
  // All that are wanted are there: an aggregator waits for its cohort.
  const present = terms.masks === undefined ? state.participants : candidatesOf(state);
  const all = present.length === terms.maxParticipants;
  const settled = last === undefined || last[1].phase === 'void' || last[1].posted !== undefined;
  const lacks = repeatedSet(state, rounds.length)?.some((one) => !isPresentIn(state, rounds.length, one));
  if (settled && isStanding(state, by.account) && (all || last !== undefined) && lacks !== true) {
    moves.push({ type: 'open', round: rounds.length, model: currentModel(state) });
  }
  if (last === undefined || leadOf(state) !== by.account) return moves;
  const [round, current] = last;
  const overdue = at > current.deadline;
  if (
    current.phase === 'closing' ||
    (current.phase === 'collecting' && (overdue || isCollected(state, round, at)))
  ) {
    const committed = Object.keys(current.commitments).length;
    moves.push({ type: 'close', round, committed, unavailable: unavailableIn(world, current) });
  }
  if (canStep(current)) moves.push(...(await honestStep(world, state, round, current)));
  return moves;
}

function canStep(round: Round): boolean {
  return round.phase === 'stepping' || (round.phase === 'opening' && canBeUnmasked(round));
}

function unavailableIn(world: World, { commitments }: Round): number[] {
  return Object.keys(commitments)
    .map(Number)
    .filter((participant) => world.receiptsFor(commitments[participant]!.blob) === undefined);
}

async function honestStep(world: World, state: JobState, round: number, current: Round): Promise<Move[]> {
  if (!world.isReadable(current.model)) return [];
  const included = includedParticipants(current);
  // What it cannot read it cannot add: it lets its turn pass, and the receipts are demanded.
  if (included.some((p) => world.bytesOf(current.commitments[p]!.blob) === undefined)) return [];
  if (state.terms.masks !== undefined && !isSummable(world, current)) return [];
  const faulty = included.filter((p) => world.isFaulty(current.commitments[p]!.blob));
  const accepted = included.filter((participant) => !faulty.includes(participant));
  if (accepted.length < state.terms.minParticipants) return [];
  const model = await world.prepareModel(current, accepted, 'right');
  const refused = faulty.map((participant) => ({ participant, reason: 'OutOfRange' as const, entry: 0 }));
  return [{ type: 'step', round, model, refused, receipts: world.receiptsFor(model)! }];
}

/**
 * A watcher demands the receipts of what it cannot read, proves lies or objects to them, and moves
 * on what is overdue.
 */
async function watcherMoves(world: World, state: JobState): Promise<Move[]> {
  const moves: Move[] = [];
  for (const [round, current] of state.rounds.entries()) {
    if (isOver(current)) continue;
    for (const participant of includedParticipants(current)) {
      const { blob } = current.commitments[participant]!;
      if (world.bytesOf(blob) === undefined && current.demands[participant] === undefined) {
        moves.push({ type: 'demand', round, participant });
      }
      moves.push({ type: 'prove', round, lie: { kind: 'silence', participant } });
    }
    if (current.phase === 'objecting' && state.terms.masks !== undefined) {
      moves.push(...(await objections(world, round, current)));
    } else if (current.phase === 'objecting') {
      const lie = world.lieIn(state, round);
      if (lie !== undefined) moves.push({ type: 'prove', round, lie });
    }
    moves.push({ type: 'advance', round });
  }
  return moves;
}

/** What a dishonest actor may try, in any role. The rules refuse most of it. */
export async function temptations(world: World, state: JobState, by: Signer, actor: string): Promise<Turn[]> {
  const moves: Move[] = [{ type: 'stake' }, { type: 'join' }, { type: 'leave' }, { type: 'end' }];
  const last = latest(state);
  moves.push({ type: 'open', round: state.rounds.length, model: currentModel(state) });
  moves.push({ type: 'open', round: state.rounds.length, model: state.terms.model });
  for (const [round, current] of state.rounds.entries()) {
    if (isOver(current) && round < state.rounds.length - 1) continue;
    moves.push({ type: 'advance', round });
    // Where updates are masked, one participant is like another.
    const asked = includedParticipants(current).slice(0, current.masking === undefined ? undefined : 1);
    for (const participant of asked) {
      moves.push({ type: 'demand', round, participant });
      moves.push({ type: 'prove', round, lie: { kind: 'silence', participant } });
      const receipts = world.receiptsFor(world.meantBy(current.commitments[participant]!.blob));
      if (receipts !== undefined) moves.push({ type: 'answer', round, participant, receipts });
    }
    // One is affordable: each costs twice the bond of the one before.
    if (state.terms.rule !== undefined || (world.menu.includes('objection') && state.locked.length === 0)) {
      moves.push({ type: 'object', round, model: state.terms.model, refused: [] });
    }
    moves.push(...falseProofs(world, state, round));
    moves.push({ type: 'withdraw', rounds: [round] });
  }
  if (last !== undefined) {
    const [round, current] = last;
    const number = numberOf(state, by.account);
    const isClear = state.terms.masks === undefined;
    if (number >= 0 && isClear && current.phase === 'collecting') {
      for (const kind of ['good', 'faulty', 'missing', 'misnamed'] as const) {
        moves.push({
          type: 'commit',
          round,
          blob: await world.prepareUpdate(current, number, kind, by),
          weight: 2,
        });
      }
    }
    if (number >= 0 && isClear && current.phase === 'appealing') {
      const blob = world.meantBy(current.commitments[number]?.blob ?? state.terms.model);
      const receipts = world.receiptsFor(blob) ?? [];
      moves.push({ type: 'appeal', round, receipts });
    }
    if (actor.startsWith('aggregator')) {
      const committed = Object.keys(current.commitments).map(Number);
      moves.push(
        ...subsetsOf(committed).map((unavailable) => ({
          type: 'close' as const,
          round,
          committed: committed.length,
          unavailable,
        })),
      );
      if (canStep(current)) moves.push(...(await dishonestSteps(world, round, current)));
    }
  }
  const own = numberOf(state, by.account);
  if (state.terms.masks !== undefined && own >= 0) {
    moves.push(...(await maskedTemptations(world, state, own)));
  }
  return moves
    .filter(({ type }) => world.only?.includes(type) ?? true)
    .map((move) => ({ moves: [move], by }));
}

async function dishonestSteps(world: World, round: number, current: Round): Promise<Move[]> {
  const moves: Move[] = [];
  const included = includedParticipants(current);
  for (const left of subsetsOf(included)) {
    // Whom a step of masked updates refuses it is refused for.
    if (left.length === (current.masking === undefined ? included.length : 1)) continue;
    const accepted = included.filter((participant) => !left.includes(participant));
    const refused = left.map((participant) => ({ participant, reason: 'OutOfRange' as const, entry: 0 }));
    for (const kind of ['right', 'wrong number', 'wrong header'] as const) {
      const model = await world.prepareModel(current, accepted, kind);
      moves.push({ type: 'step', round, model, refused, receipts: world.receiptsFor(model)! });
    }
  }
  return moves;
}

/** Proofs of what is not so, made of true leaves. */
function falseProofs(world: World, state: JobState, round: number): Move[] {
  const { posted } = state.rounds[round]!;
  if (posted === undefined || state.terms.rule === undefined) return [];
  const lied: JobState = {
    ...state,
    rounds: state.rounds.map((other, i) =>
      i === round ? { ...other, posted: { ...posted, model: state.terms.model } } : other,
    ),
  };
  const lie = world.lieIn(lied, round);
  return lie === undefined ? [] : [{ type: 'prove', round, lie }];
}

function subsetsOf(numbers: readonly number[]): number[][] {
  return Array.from({ length: 2 ** numbers.length }, (_, mask) =>
    numbers.filter((_, i) => (mask >> i) % 2 === 1),
  );
}

/** The moves that the rules take, each with the state that it leads to. */
export function acceptedMoves(
  { judge }: World,
  state: JobState,
  turns: readonly Turn[],
  at: number,
): { readonly turn: Turn; readonly next: JobState }[] {
  return turns.flatMap((turn) => {
    let next = state;
    for (const move of turn.moves) {
      const after = reduceRound(next, move, turn.by.account, at, judge);
      if (isRefusal(after)) return [];
      next = after;
    }
    return [{ turn, next }];
  });
}
