/**
 * What the actors of a small job do. An honest actor's moves follow from the ledger and the blobs;
 * it makes them before the deadline that they are due by. A dishonest one may make any move of its
 * menu, or none, at any time.
 */
import type { Signer } from '@nonet/core/identity';
import { isRefusal, type JobState, type Move, type Round } from '@nonet/core/ports';
import { isCollected } from '../rules/attendance.ts';
import { reduceRound } from '../rules/round.ts';
import { currentModel, includedParticipants, isOver, isStanding, leadOf, numberOf } from '../rules/state.ts';
import type { World } from './world.ts';

export interface Turn {
  readonly move: Move;
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
  const moves: Move[] = [];
  if (role === 'participant') moves.push(...(await participantMoves(world, state, by)));
  if (role === 'aggregator') moves.push(...(await aggregatorMoves(world, state, by, at)));
  if (role === 'watcher') moves.push(...watcherMoves(world, state));
  return moves.map((move) => ({ move, by }));
}

function latest({ rounds }: JobState): readonly [number, Round] | undefined {
  const number = rounds.length - 1;
  return number < 0 ? undefined : [number, rounds[number]!];
}

async function participantMoves(world: World, state: JobState, by: Signer): Promise<Move[]> {
  const number = numberOf(state, by.account);
  if (number < 0) return [{ type: 'join' }];
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
  // Everybody who is wanted has joined: an aggregator waits for its cohort.
  const all = state.participants.length === terms.maxParticipants;
  const settled = last === undefined || last[1].phase === 'void' || last[1].posted !== undefined;
  if (settled && isStanding(state, by.account) && (all || last !== undefined)) {
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
  if (current.phase === 'stepping') moves.push(...(await honestStep(world, state, round, current)));
  return moves;
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
  const faulty = included.filter((p) => world.isFaulty(current.commitments[p]!.blob));
  const accepted = included.filter((participant) => !faulty.includes(participant));
  if (accepted.length < state.terms.minParticipants) return [];
  const model = await world.prepareModel(current, accepted, 'right');
  const refused = faulty.map((participant) => ({ participant, reason: 'OutOfRange' as const, entry: 0 }));
  return [{ type: 'step', round, model, refused, receipts: world.receiptsFor(model)! }];
}

/**
 * A watcher demands the receipts of what it cannot read, proves lies, and moves on what is overdue.
 */
function watcherMoves(world: World, state: JobState): Move[] {
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
    const lie = current.phase === 'objecting' ? world.lieIn(state, round) : undefined;
    if (lie !== undefined) moves.push({ type: 'prove', round, lie });
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
    for (const participant of includedParticipants(current)) {
      moves.push({ type: 'demand', round, participant });
      moves.push({ type: 'prove', round, lie: { kind: 'silence', participant } });
      const receipts = world.receiptsFor(world.meantBy(current.commitments[participant]!.blob));
      if (receipts !== undefined) moves.push({ type: 'answer', round, participant, receipts });
    }
    moves.push({ type: 'object', round, model: state.terms.model, refused: [] });
    moves.push(...falseProofs(world, state, round));
    moves.push({ type: 'withdraw', rounds: [round] });
  }
  if (last !== undefined) {
    const [round, current] = last;
    const number = numberOf(state, by.account);
    if (number >= 0 && current.phase === 'collecting') {
      for (const kind of ['good', 'faulty', 'missing', 'misnamed'] as const) {
        moves.push({
          type: 'commit',
          round,
          blob: await world.prepareUpdate(current, number, kind, by),
          weight: 2,
        });
      }
    }
    if (number >= 0 && current.phase === 'appealing') {
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
      if (current.phase === 'stepping') moves.push(...(await dishonestSteps(world, round, current)));
    }
  }
  return moves.map((move) => ({ move, by }));
}

async function dishonestSteps(world: World, round: number, current: Round): Promise<Move[]> {
  const moves: Move[] = [];
  const included = includedParticipants(current);
  for (const left of subsetsOf(included)) {
    if (left.length === included.length) continue;
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
  if (posted === undefined) return [];
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
    const next = reduceRound(state, turn.move, turn.by.account, at, judge);
    return isRefusal(next) ? [] : [{ turn, next }];
  });
}
