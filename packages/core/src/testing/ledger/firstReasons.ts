/**
 * Where a move is wrong in several ways, the reason is the first check in the order of
 * docs/specs/round.md. Each table goes down that order: every move is wrong in the way that is
 * named and in as many later ways as can be at once, with wei that no move brings on top.
 */
import { describe, it } from 'vitest';
import type { Signer } from '../../identity.ts';
import { type Address, toHex } from '../../index.ts';
import type { Lie, Move, RefusalCode, ShownLeaf } from '../../ports/index.ts';
import { fresh, type Game, shortPhases } from './game.ts';
import type { Suite } from './suite.ts';

type Row = readonly [RefusalCode, Move, Signer];

const zero = toHex(new Uint8Array(32)) as Address;
const noLeaf: ShownLeaf = { length: 0, leaf: '0x', path: [] };
const nonsense: Lie = { kind: 'header', index: 0, start: noLeaf, next: noLeaf };
/** Wei that nothing costs. */
const wrongWei = 1_000_001n;

export function testFirstReasons({ start }: Suite): void {
  const go = async (game: Game, rows: readonly Row[]) => {
    for (const [code, move, by] of rows) await game.refused(code, move, by, wrongWei);
  };
  /** Three rounds: 0 is posted, 1 is void, 2 is collecting. */
  const played = async (game: Game) => {
    await game.join(3);
    await game.playRound(0);
    await game.open(1);
    await game.passDeadline(1);
    await game.close(1);
    await game.open(2);
  };

  describe('of two reasons the first', () => {
    it('stake', async () => {
      const game = await start({ bond: 3n });
      const stake: Move = { type: 'stake' };
      await game.stake(game.aggregators[0]);
      await go(game, [
        ['WrongRole', stake, game.outsider],
        ['Repeated', stake, game.aggregators[0]],
        ['WrongValue', stake, game.aggregators[1]],
      ]);
    });

    it('admit, join, leave, end', async () => {
      const game = await start({ invited: true, minParticipants: 1, maxParticipants: 1 });
      const [a, b, c] = game.accounts;
      const [one, two, three] = game.players as [Signer, Signer, Signer];
      const admit: Move = { type: 'admit', accounts: [a!, b!] };
      await game.accepted(admit, game.creator);
      await game.accepted({ type: 'join' }, one);
      await go(game, [
        ['WrongRole', admit, one],
        ['Repeated', admit, game.creator],
        ['WrongValue', { type: 'admit', accounts: [c!] }, game.creator],
        ['Repeated', { type: 'join' }, one],
        ['NotAdmitted', { type: 'join' }, three],
        ['CohortFull', { type: 'join' }, two],
        ['WrongRole', { type: 'leave' }, two],
        ['WrongValue', { type: 'leave' }, one],
        ['WrongRole', { type: 'end' }, one],
        ['WrongValue', { type: 'end' }, game.creator],
      ]);
      await game.accepted({ type: 'end' }, game.creator);
      await go(game, [
        ['JobEnded', admit, one],
        ['JobEnded', { type: 'join' }, one],
        ['JobEnded', { type: 'join' }, three],
        ['JobEnded', { type: 'join' }, two],
        ['WrongRole', { type: 'end' }, one],
        ['JobEnded', { type: 'end' }, game.creator],
      ]);
    });

    it('open', async () => {
      const early = await start({ bond: 3n });
      const open = (round: number, model = fresh()): Move => ({ type: 'open', round, model });
      await go(early, [
        ['WrongRole', open(1), early.outsider],
        ['WrongRound', open(1), early.creator],
        ['NoAggregator', open(0), early.creator],
      ]);
      await early.stake(early.aggregators[0]);
      await go(early, [['CohortTooSmall', open(0), early.creator]]);
      await early.join(2);
      await go(early, [
        ['WrongModel', open(0), early.creator],
        ['WrongValue', open(0, early.terms.model), early.creator],
      ]);
      await early.open(0);
      await early.accepted({ type: 'leave' }, early.players[0]!);
      await go(early, [['WrongPhase', open(1), early.creator]]);

      const late = await start({ rounds: 1 });
      await late.join(2);
      await late.playRound(0);
      await late.accepted({ type: 'leave' }, late.players[0]!);
      await go(late, [
        ['WrongRole', open(0), late.outsider],
        ['WrongRound', open(0), late.creator],
        ['JobComplete', open(1), late.creator],
      ]);
      await late.accepted({ type: 'end' }, late.creator);
      await go(late, [['JobEnded', open(0), late.outsider]]);
    });

    it('commit', async () => {
      const game = await start();
      await played(game);
      const commit = (round: number, weight = 0, blob = zero): Move => ({
        type: 'commit',
        round,
        blob,
        weight,
      });
      await game.commit(2, 0);
      const [a, b] = game.players as [Signer, Signer];
      await go(game, [
        ['WrongRound', commit(3), game.outsider],
        ['WrongPhase', commit(1), game.outsider],
        ['WrongRole', commit(2), game.outsider],
        ['Repeated', commit(2), a],
        ['WrongCommitment', commit(2), b],
        ['WrongValue', commit(2, 1, fresh()), b],
      ]);
      await game.accepted({ type: 'leave' }, a);
      await go(game, [['WrongRole', commit(2), a]]);
    });

    it('close', async () => {
      const game = await start();
      await played(game);
      const close = (round: number, ...unavailable: number[]): Move => ({
        type: 'close',
        round,
        committed: 3,
        unavailable,
      });
      await game.commit(2, 0, 1);
      await go(game, [
        ['WrongRound', close(3, 9), game.outsider],
        ['WrongPhase', close(0, 9), game.outsider],
        ['WrongRole', close(2, 9), game.outsider],
        ['TooEarly', close(2, 9), game.lead()],
      ]);
      await game.commit(2, 2);
      await go(game, [
        ['WrongSet', close(2, 9), game.lead()],
        ['WrongValue', close(2, 0), game.lead()],
      ]);
    });

    it('appeal', async () => {
      const game = await start();
      await played(game);
      await game.commit(2, 0, 1, 2);
      await game.close(2, [0]);
      const appeal = (round: number): Move => ({ type: 'appeal', round, receipts: [] });
      const receipts = await game.receipts(game.round(2).commitments[0]!.blob);
      await go(game, [
        ['WrongRound', appeal(3), game.outsider],
        ['WrongPhase', appeal(0), game.outsider],
        ['WrongRole', appeal(2), game.players[1]!],
        ['WrongReceipt', appeal(2), game.players[0]!],
        ['WrongValue', { type: 'appeal', round: 2, receipts }, game.players[0]!],
      ]);
    });

    it('step', async () => {
      const game = await start();
      await played(game);
      await game.commit(2, 0, 1, 2);
      await game.close(2);
      const refused = [0, 1].map((participant) => ({ participant, reason: 'WrongJob', entry: 0 }) as const);
      const step = (change: object): Move => ({
        type: 'step',
        round: 2,
        model: fresh(),
        refused,
        partials: fresh(),
        receipts: [],
        ...change,
      });
      const { partials: _, ...whole } = step({ refused: [] }) as Extract<Move, { type: 'step' }>;
      const unset = { refused: [refused[0]!, { ...refused[1]!, participant: 9 }] };
      await go(game, [
        ['WrongRound', step({ round: 3, ...unset }), game.outsider],
        ['WrongPhase', step({ round: 0, ...unset }), game.outsider],
        ['WrongRole', step(unset), game.outsider],
        ['WrongSet', step(unset), game.lead()],
        ['CohortTooSmall', step({}), game.lead()],
        ['WrongModel', step({ refused: [] }), game.lead()],
        ['WrongReceipt', whole, game.lead()],
        ['WrongValue', await game.stepOf(2), game.lead()],
      ]);
    });

    it('demand, answer', async () => {
      const game = await start({ phases: { ...shortPhases, objecting: 1000 } });
      await played(game);
      await game.accepted({ type: 'demand', round: 0, participant: 0 }, game.watcher);
      await game.passDeadline(0);
      const demand = (round: number, participant: number): Move => ({ type: 'demand', round, participant });
      const answer = (round: number, participant: number): Move => ({
        type: 'answer',
        round,
        participant,
        receipts: [],
      });
      const receipts = await game.receipts(game.round(0).commitments[0]!.blob);
      await go(game, [
        ['WrongRound', demand(3, 9), game.outsider],
        ['WrongPhase', demand(1, 9), game.outsider],
        ['WrongRole', demand(0, 9), game.outsider],
        ['WrongSet', demand(0, 9), game.watcher],
        ['Repeated', demand(0, 0), game.watcher],
        ['TooLate', demand(0, 1), game.watcher],
        ['WrongRound', answer(3, 9), game.outsider],
        ['WrongPhase', answer(1, 9), game.outsider],
        ['WrongSet', answer(0, 1), game.outsider],
        ['WrongReceipt', answer(0, 0), game.outsider],
        ['WrongValue', { type: 'answer', round: 0, participant: 0, receipts }, game.outsider],
      ]);
      const unanswerable = await start({ phases: { ...shortPhases, appealing: 0 } });
      await played(unanswerable);
      await go(unanswerable, [
        ['WrongRound', demand(3, 9), unanswerable.outsider],
        ['WrongPhase', demand(0, 9), unanswerable.outsider],
      ]);
    });

    it('prove', async () => {
      const game = await start();
      await played(game);
      const silence: Lie = { kind: 'silence', participant: 9 };
      await go(game, [
        ['WrongRound', { type: 'prove', round: 3, lie: nonsense }, game.outsider],
        ['WrongPhase', { type: 'prove', round: 1, lie: nonsense }, game.outsider],
        ['WrongProof', { type: 'prove', round: 0, lie: nonsense }, game.outsider],
        ['WrongRound', { type: 'prove', round: 3, lie: silence }, game.outsider],
        ['WrongPhase', { type: 'prove', round: 2, lie: silence }, game.outsider],
        ['WrongProof', { type: 'prove', round: 0, lie: silence }, game.outsider],
      ]);
    });

    it('object', async () => {
      const game = await start({ judged: false });
      await played(game);
      const { model } = game.round(0).posted!;
      const object = (round: number, ...refused: number[]): Move => ({
        type: 'object',
        round,
        model,
        refused,
      });
      await go(game, [
        ['WrongRound', object(3, 9), game.outsider],
        ['WrongPhase', object(1, 9), game.outsider],
        ['WrongRole', object(0, 9), game.outsider],
        ['WrongSet', object(0, 9), game.watcher],
        ['WrongModel', object(0), game.watcher],
        ['WrongValue', object(0, 1), game.watcher],
      ]);
      const judged = await start();
      await played(judged);
      await go(judged, [
        ['WrongPhase', object(1, 9), judged.watcher],
        ['WrongRole', object(0, 9), judged.watcher],
      ]);
    });

    it('advance, withdraw', async () => {
      const game = await start();
      await played(game);
      await game.commit(2, 0, 1, 2);
      await game.close(2);
      await game.step(2);
      const advance = (round: number): Move => ({ type: 'advance', round });
      await go(game, [
        ['WrongRound', advance(3), game.outsider],
        ['WrongPhase', advance(1), game.outsider],
        ['TooEarly', advance(2), game.outsider],
      ]);
      await game.passDeadline(2);
      await go(game, [
        ['WrongPhase', advance(2), game.outsider],
        ['WrongValue', advance(0), game.outsider],
        ['WrongSet', { type: 'withdraw', rounds: [3] }, game.outsider],
        ['NothingOwed', { type: 'withdraw', rounds: [] }, game.outsider],
      ]);
    });
  });
}
