/** Demands for the receipts of an included update (docs/specs/round.md §7), and silence (§8.7). */
import { describe, expect, it } from 'vitest';
import type { Signer } from '../../identity.ts';
import type { Move } from '../../ports/index.ts';
import { signReceipts } from './blobs.ts';
import { fresh, type Game, shortPhases, type TermsChange } from './game.ts';
import type { Suite } from './suite.ts';

const demand = (participant: number, round = 0): Move => ({ type: 'demand', round, participant });
const silence = (participant: number, round = 0): Move => ({
  type: 'prove',
  round,
  lie: { kind: 'silence', participant },
});

export function testDemands({ start }: Suite): void {
  /** Three participants, of whom the first two are included. */
  const closed = async (change: TermsChange = {}): Promise<Game> => {
    const game = await start({ bond: 5n, ...change });
    await game.stake(game.aggregators[0], game.aggregators[1]);
    await game.join(3);
    await game.open(0);
    await game.commit(0, 0, 1, 2);
    await game.close(0, [2]);
    return game;
  };
  const stepping = async (change: TermsChange = {}) => {
    const game = await closed(change);
    await game.advance(0);
    return game;
  };
  const answerOf = async (game: Game, participant: number, round = 0): Promise<Move> => ({
    type: 'answer',
    round,
    participant,
    receipts: await game.receipts(game.round(round).commitments[participant]!.blob),
  });

  describe('demands (§7)', () => {
    it('are for participants of the round, watchers and aggregators, once for each included update', async () => {
      const game = await closed();
      const [a, , c, d] = game.players as [Signer, Signer, Signer, Signer];
      await game.refused('WrongPhase', demand(0), a);
      await game.accepted({ type: 'join' }, d);
      await game.advance(0);
      await game.refused('WrongRound', demand(0, 1), a);
      for (const by of [d, game.outsider, game.creator, game.stores[0], game.aggregators[2]]) {
        await game.refused('WrongRole', demand(0), by);
      }
      for (const participant of [2, 3, 9999]) await game.refused('WrongSet', demand(participant), a);
      await game.accepted(demand(0), game.watcher);
      const { account: by } = game.watcher;
      const deadline = (await game.now()) + 25;
      expect(game.round(0).demands).toEqual({ 0: { by, deadline, answered: false } });
      await game.refused('Repeated', demand(0), a);
      await game.accepted(demand(1), c);
    });

    it('are for aggregators, also those that are not standing, and for participants that left', async () => {
      const game = await start({ bond: 5n, minParticipants: 1 });
      await game.stake(game.aggregators[0]);
      await game.join(2);
      await game.playRound(0);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      await game.accepted(demand(0), game.aggregators[1]);
      await game.accepted(demand(1), game.players[1]!);
    });

    it('come in complaining and opening, in stepping and objecting only before the deadline', async () => {
      const game = await start({ phases: { ...shortPhases, complaining: 5, opening: 5 } });
      await game.join(6);
      await game.open(0);
      await game.refused('WrongPhase', demand(0), game.watcher);
      await game.commit(0, 0, 1, 2, 3, 4, 5);
      await game.refused('WrongPhase', demand(0), game.watcher);
      await game.close(0);
      for (const participant of [0, 1]) {
        await game.passDeadline(0);
        await game.accepted(demand(participant), game.watcher);
        await game.accepted(await answerOf(game, participant), game.outsider);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      }
      await game.reachDeadline(0);
      await game.accepted(demand(2), game.watcher);
      await game.accepted(await answerOf(game, 2), game.outsider);
      await game.passTime(1);
      await game.refused('TooLate', demand(5), game.watcher);
      await game.step(0);
      await game.reachDeadline(0);
      await game.accepted(demand(3), game.watcher);
      await game.accepted(await answerOf(game, 3), game.outsider);
      await game.passTime(1);
      await game.refused('TooLate', demand(4), game.watcher);
      await game.passTime(40);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      await game.refused('WrongPhase', demand(4), game.watcher);
    });

    it('are not for what an appeal has shown: who closed without it does not answer for it', async () => {
      const game = await closed();
      const { blob } = game.round(0).commitments[2]!;
      const receipts = await game.receipts(blob);
      await game.accepted({ type: 'appeal', round: 0, receipts }, game.players[2]!);
      await game.advance(0);
      await game.refused('Repeated', demand(2), game.watcher);
      await game.accepted(demand(1), game.watcher);
    });

    it('keep the turn of a lead that waits for the answer, and cost the job no attempt', async () => {
      const game = await stepping({ phases: { ...shortPhases, stepping: 3 } });
      await game.advance(0);
      // Who closed let its turn pass; the next lead cannot read what it should add up.
      const [closer, lead] = game.aggregators;
      await game.accepted(demand(0), lead);
      await game.accepted(demand(1), lead);
      await game.passDeadline(0);
      await game.refused('WrongPhase', { type: 'advance', round: 0 }, closer);
      await game.accepted(await answerOf(game, 0), game.outsider);
      await game.passTime(4);
      await game.refused('WrongPhase', { type: 'advance', round: 0 }, closer);
      await game.passTime(21);
      await game.accepted(silence(1), lead);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { culprit: closer.account } });
      expect(game.state.failures).toBe(0);
    });

    it('let the turn pass once they are answered', async () => {
      const game = await stepping();
      await game.accepted(demand(0), game.watcher);
      await game.accepted(await answerOf(game, 0), game.outsider);
      await game.advance(0);
      expect(game.lead()).toBe(game.aggregators[1]);
    });

    it('need time for an answer', async () => {
      const game = await start({ phases: { ...shortPhases, appealing: 0 } });
      await game.join(2);
      await game.playRound(0);
      await game.refused('WrongPhase', demand(0), game.watcher);
      await game.refused('WrongRound', demand(0, 1), game.watcher);
    });

    it('are answered by anyone who has a receipt set for what was committed', async () => {
      const game = await stepping();
      const answer = await answerOf(game, 0);
      await game.refused('WrongSet', answer, game.lead());
      await game.accepted(demand(0), game.watcher);
      const { blob } = game.round(0).commitments[0]!;
      const [first, second] = await game.receipts(blob);
      const wrong = [
        [],
        [first!],
        [second!, first!],
        await game.receipts(fresh()),
        await signReceipts(game.stores, blob),
        await signReceipts([game.stores[0], game.outsider], blob),
      ];
      for (const receipts of wrong) {
        const move: Move = { type: 'answer', round: 0, participant: 0, receipts };
        await game.refused('WrongReceipt', move, game.lead());
      }
      await game.refused('WrongRound', { ...answer, round: 1 } as Move, game.lead());
      await game.refused('WrongSet', { ...answer, participant: 1 } as Move, game.lead());
      await game.accepted(answer, game.outsider);
      expect(game.round(0).demands[0]!.answered).toBe(true);
      await game.refused('WrongSet', answer, game.outsider);
      await game.refused('Repeated', demand(0), game.watcher);
    });

    it('are answered also when the time has passed, until silence is proven or the round is over', async () => {
      const game = await stepping();
      await game.accepted(demand(0), game.watcher);
      await game.step(0);
      await game.passDeadline(0);
      await game.passTime(100);
      await game.accepted(await answerOf(game, 0), game.lead());
      await game.refused('WrongProof', silence(0), game.watcher);
      await game.passTime(41);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      await game.refused('WrongPhase', await answerOf(game, 0), game.lead());
    });

    it('keep a round from becoming final while one is unanswered', async () => {
      const game = await stepping();
      await game.step(0);
      await game.accepted(demand(0), game.watcher);
      await game.accepted(demand(1), game.watcher);
      await game.passDeadline(0);
      await game.refused('WrongPhase', { type: 'advance', round: 0 }, game.outsider);
      await game.accepted(await answerOf(game, 1), game.lead());
      await game.passTime(41);
      await game.refused('WrongPhase', { type: 'advance', round: 0 }, game.outsider);
      await game.accepted(await answerOf(game, 0), game.lead());
      await game.passTime(41);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
    });

    it('leave the lead a turn after a late answer, which is not longer for what was demanded too late', async () => {
      const game = await stepping();
      await game.reachDeadline(0);
      await game.accepted(demand(0), game.lead());
      await game.passTime(20);
      await game.accepted(await answerOf(game, 0), game.outsider);
      await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
      await game.refused('TooLate', demand(1), game.watcher);
      await game.passTime(30);
      await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
      await game.passTime(1);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      // The next turn is as long as any.
      expect(game.round(0)).toMatchObject({ phase: 'stepping', deadline: (await game.now()) + 30 });
      await game.advance(0);
      expect(game.round(0).failure).toEqual({ reason: 'deadline' });
    });

    it('leave the objection window after a late answer, so that what it shows can be judged', async () => {
      const game = await stepping();
      await game.step(0);
      await game.accepted(demand(0), game.watcher);
      await game.accepted(demand(1), game.watcher);
      await game.accepted(await answerOf(game, 0), game.outsider);
      await game.passTime(25);
      await game.accepted(await answerOf(game, 1), game.outsider);
      await game.passTime(40);
      await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
      await game.passTime(1);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      expect(game.round(0).phase).toBe('final');
    });

    it('lengthen nothing before stepping, nor a deadline that is later than what they ask for', async () => {
      const game = await closed({ phases: { ...shortPhases, complaining: 5, opening: 5, stepping: 3 } });
      await game.advance(0);
      await game.passTime(5);
      await game.accepted(demand(0), game.watcher);
      await game.accepted(await answerOf(game, 0), game.outsider);
      await game.passTime(1);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      expect(game.round(0).phase).toBe('opening');
      await game.advance(0);
      await game.passTime(3);
      await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
      await game.passTime(1);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      expect(game.round(0)).toMatchObject({ phase: 'stepping', turn: 1 });
    });
  });

  describe('silence (§8.7)', () => {
    it('is shown of an unanswered demand after its time, by anyone, at the cost of who closed', async () => {
      const game = await stepping();
      await game.refused('WrongProof', silence(0), game.outsider);
      await game.accepted(demand(0), game.watcher);
      await game.refused('WrongRound', silence(0, 1), game.outsider);
      await game.refused('WrongProof', silence(1), game.outsider);
      await game.passTime(25);
      await game.refused('WrongProof', silence(0), game.outsider);
      await game.passTime(1);
      await game.accepted(silence(0), game.outsider);
      const [culprit, by] = [game.aggregators[0].account, game.outsider.account];
      expect(game.state).toMatchObject({
        aggregators: [{ status: 'struck' }, { status: 'standing' }],
        lead: 1,
        failures: 0,
        // Half of 5, rounded down.
        burnt: 2n,
        rewards: { [by]: 3n },
      });
      const lie = { kind: 'silence', participant: 0 };
      expect(game.round(0)).toMatchObject({
        phase: 'void',
        failure: { reason: 'proven', lie, culprit, by },
      });
      await game.refused('WrongPhase', silence(0), game.outsider);
      await game.refused('Repeated', { type: 'stake' }, game.aggregators[0]);
      // The job goes on with the next aggregator.
      await game.open(1);
      expect(game.round(1).step).toBe(0);
      await game.commit(1, 0, 1, 2);
      await game.close(1);
      await game.step(1);
    });

    it('is that of who closed, not of who stepped', async () => {
      const game = await stepping();
      await game.advance(0);
      await game.step(0);
      await game.accepted(demand(1), game.watcher);
      await game.passTime(26);
      await game.accepted(silence(1), game.watcher);
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['struck', 'standing']);
      // The turn had passed already.
      expect(game.state.lead).toBe(1);
    });

    it('is shown in complaining and opening, and without a rule', async () => {
      for (const phase of ['complaining', 'opening'] as const) {
        const game = await closed({ judged: false, phases: { ...shortPhases, [phase]: 90 } });
        await game.refused('WrongPhase', silence(0), game.outsider);
        await game.advance(0);
        expect(game.round(0).phase).toBe(phase);
        await game.accepted(demand(0), game.watcher);
        await game.passTime(26);
        await game.accepted(silence(0), game.outsider);
      }
    });
  });
}
