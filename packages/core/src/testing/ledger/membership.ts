/** Who belongs to a job (docs/specs/round.md §1.8 and §2), and opening a round (§3). */
import { describe, expect, it } from 'vitest';
import type { Account, Signer } from '../../identity.ts';
import type { Move } from '../../ports/index.ts';
import { fresh, type Game, shortPhases } from './game.ts';
import type { Suite } from './suite.ts';

const join: Move = { type: 'join' };
const stake: Move = { type: 'stake' };

export function testMembership({ start }: Suite): void {
  describe('a job that goes on (§1.8)', () => {
    const expectEnded = async (game: Game) => {
      const [player] = game.players as [Signer];
      await game.refused('JobEnded', join, player);
      await game.refused('JobEnded', { type: 'admit', accounts: [] }, game.creator);
      const model = game.terms.model;
      await game.refused('JobEnded', { type: 'open', round: game.state.rounds.length, model }, game.creator);
    };

    it('has not been ended, which is for its creator, once', async () => {
      const game = await start();
      await game.refused('WrongRole', { type: 'end' }, game.aggregators[0]);
      await game.refused('WrongRole', { type: 'end' }, game.outsider);
      await game.accepted({ type: 'end' }, game.creator);
      expect(game.state.ended).toBe(true);
      await game.refused('JobEnded', { type: 'end' }, game.creator);
      await expectEnded(game);
    });

    it('ends after its expiry, not at it', async () => {
      const expiry = (await (await start()).now()) + 50;
      const game = await start({ expiry });
      await game.join(2);
      await game.passTime(50);
      expect(await game.now()).toBe(expiry);
      await game.accepted(join, game.players[2]!);
      await game.accepted({ type: 'admit', accounts: [] }, game.creator);
      await game.open(0);
      await game.passTime(1);
      await expectEnded(game);
    });

    it('ends with as many void rounds as attempts since the last final one', async () => {
      const game = await start({ attempts: 2, rounds: 2 });
      const fail = async (round: number) => {
        await game.open(round);
        await game.passDeadline(round);
        await game.close(round);
        expect(game.round(round)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });
      };
      await game.join(2);
      await fail(0);
      expect(game.state.failures).toBe(1);
      await game.playRound(1);
      await fail(2);
      await expectEnded(game);
      // What has begun is brought to its end, and then the job goes on.
      await game.advance(1);
      expect(game.state.failures).toBe(0);
      await fail(3);
      await fail(4);
      await expectEnded(game);
    });

    it('brings to its end what has begun', async () => {
      const game = await start({ minParticipants: 1 });
      await game.join(2);
      await game.open(0);
      await game.accepted({ type: 'end' }, game.creator);
      await game.commit(0, 0, 1);
      await game.close(0, [1]);
      const receipts = await game.receipts(game.round(0).commitments[1]!.blob);
      await game.accepted({ type: 'appeal', round: 0, receipts }, game.players[1]!);
      await game.advance(0);
      await game.step(0);
      await game.accepted({ type: 'demand', round: 0, participant: 0 }, game.watcher);
      const shown = await game.receipts(game.round(0).commitments[0]!.blob);
      await game.accepted({ type: 'answer', round: 0, participant: 0, receipts: shown }, game.outsider);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.advance(0);
      expect(game.round(0).phase).toBe('final');
      await expectEnded(game);
    });
  });

  describe('membership (§2)', () => {
    it('lets each listed aggregator stake once', async () => {
      const game = await start({ bond: 7n });
      const [first, second, third] = game.aggregators;
      await game.refused('WrongRole', stake, third);
      await game.refused('WrongRole', stake, game.creator);
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['absent', 'absent']);
      for (const wei of [0n, 6n, 8n]) await game.refused('WrongValue', stake, second, wei);
      await game.accepted(stake, second);
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['absent', 'standing']);
      await game.refused('Repeated', stake, second);
      await game.accepted({ type: 'end' }, game.creator);
      await game.accepted(stake, first);
    });

    it('has every aggregator stand where the bond is 0', async () => {
      const game = await start();
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['standing', 'standing']);
      await game.refused('Repeated', stake, game.aggregators[0]);
    });

    it('admits once, by the creator only', async () => {
      const game = await start({ invited: true });
      const [a, b, c] = game.accounts as [Account, Account, Account];
      await game.refused('WrongRole', { type: 'admit', accounts: [a] }, game.players[0]!);
      await game.refused('WrongRole', { type: 'admit', accounts: [a] }, game.aggregators[0]);
      await game.refused('Repeated', { type: 'admit', accounts: [a, b, a] }, game.creator);
      await game.accepted({ type: 'admit', accounts: [a, b] }, game.creator);
      expect(game.state.admitted).toEqual([a, b]);
      await game.refused('Repeated', { type: 'admit', accounts: [c, b] }, game.creator);
      await game.accepted(join, game.players[0]!);
      expect(game.state.admitted).toEqual([b]);
      await game.refused('Repeated', { type: 'admit', accounts: [a] }, game.creator);
      await game.accepted({ type: 'admit', accounts: [] }, game.creator);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.refused('Repeated', { type: 'admit', accounts: [a] }, game.creator);
    });

    it('lets the invited join, once, up to the largest cohort', async () => {
      const game = await start({ invited: true, maxParticipants: 3 });
      const [a, b, c, d] = game.players as [Signer, Signer, Signer, Signer];
      await game.refused('NotAdmitted', join, a);
      await game.accepted({ type: 'admit', accounts: game.accounts }, game.creator);
      for (const player of [b, a, c]) await game.accepted(join, player);
      await game.refused('Repeated', join, a);
      await game.refused('CohortFull', join, d);
      expect(game.state.participants).toEqual(
        [b, a, c].map(({ account }) => ({ account, left: false, since: 0 })),
      );
    });

    it('lets anyone join an open job', async () => {
      const game = await start();
      await game.accepted(join, game.players[0]!);
      await game.accepted(join, game.creator);
      await game.accepted({ type: 'admit', accounts: [game.accounts[1]!] }, game.creator);
      await game.accepted(join, game.players[1]!);
      expect(game.state.admitted).toEqual([]);
    });

    it('lets a participant leave, and come back under its number without an invitation or room', async () => {
      const game = await start({ invited: true, maxParticipants: 2, minParticipants: 1 });
      const [a, b, c] = game.players as [Signer, Signer, Signer];
      await game.refused('WrongRole', { type: 'leave' }, a);
      await game.accepted({ type: 'admit', accounts: game.accounts }, game.creator);
      await game.join(2);
      await game.accepted({ type: 'leave' }, a);
      await game.refused('WrongRole', { type: 'leave' }, a);
      expect(game.state.participants[0]).toEqual({ account: a.account, left: true, since: 0 });
      await game.refused('CohortFull', join, c);
      await game.open(0);
      await game.accepted(join, a);
      await game.refused('Repeated', join, a);
      expect(game.state.participants[0]).toEqual({ account: a.account, left: false, since: 1 });
      await game.accepted({ type: 'leave' }, b);
      await game.accepted({ type: 'leave' }, a);
    });

    it('keeps what one who left has committed, and takes nothing more', async () => {
      const game = await start({ minParticipants: 1 });
      await game.join(3);
      await game.open(0);
      await game.commit(0, 0);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      const commit: Move = { type: 'commit', round: 0, blob: fresh(), weight: 1 };
      await game.refused('WrongRole', commit, game.players[1]!);
      await game.commit(0, 2);
      await game.close(0);
      await game.step(0, { refused: [{ participant: 0, reason: 'WrongStep', entry: 0 }] });
    });
  });

  describe('opening (§3)', () => {
    it('is for the creator and standing aggregators, in order, from the right model', async () => {
      const game = await start({ bond: 2n });
      const [first, second] = game.aggregators;
      const { model } = game.terms;
      await game.join(2);
      await game.refused('NoAggregator', { type: 'open', round: 0, model }, game.creator);
      await game.refused('WrongRole', { type: 'open', round: 0, model }, second);
      await game.stake(second);
      await game.refused('WrongRole', { type: 'open', round: 0, model }, first);
      await game.refused('WrongRole', { type: 'open', round: 0, model }, game.players[0]!);
      await game.refused('WrongRole', { type: 'open', round: 0, model }, game.watcher);
      await game.refused('WrongRound', { type: 'open', round: 1, model }, second);
      await game.refused('WrongModel', { type: 'open', round: 0, model: fresh() }, second);
      await game.accepted({ type: 'open', round: 0, model }, second);
      // The lead was not standing.
      expect(game.state.lead).toBe(1);
      const at = await game.now();
      expect(game.round(0)).toEqual({
        phase: 'collecting',
        deadline: at + game.terms.phases.collecting,
        step: 0,
        size: 2,
        model,
        turn: 0,
        awaitsAll: true,
        commitments: {},
        unavailable: [],
        appealed: [],
        demands: {},
        paid: [],
      });
      await game.refused('WrongPhase', { type: 'open', round: 1, model }, second);
      await game.refused('WrongRound', { type: 'open', round: 0, model }, second);
    });

    it('keeps a lead that is standing', async () => {
      const game = await start({ bond: 2n });
      await game.join(2);
      await game.stake(game.aggregators[1], game.aggregators[0]);
      await game.open(0);
      expect(game.state.lead).toBe(0);
    });

    it('finds the next standing lead cyclically', async () => {
      const aggregators = (await start()).aggregators.map(({ account }) => account);
      const game = await start({ bond: 2n, aggregators, minParticipants: 1 });
      await game.join(1);
      await game.stake(game.aggregators[2]);
      await game.open(0);
      expect(game.state.lead).toBe(2);
      await game.stake(game.aggregators[1]);
      await game.commit(0, 0);
      // The lead lets its turn pass: the next one after the last is the second, for the first is
      // absent.
      await game.advance(0);
      await game.advance(0);
      expect(game.state.lead).toBe(1);
      await game.close(0);
    });

    it('wants the smallest cohort of those who are there', async () => {
      const game = await start();
      const { model } = game.terms;
      await game.join(1);
      await game.refused('CohortTooSmall', { type: 'open', round: 0, model }, game.creator);
      await game.accepted(join, game.players[1]!);
      await game.accepted(join, game.players[2]!);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      await game.refused('CohortTooSmall', { type: 'open', round: 0, model }, game.creator);
      await game.accepted(join, game.players[0]!);
      await game.accepted({ type: 'open', round: 0, model }, game.creator);
      expect(game.round(0).size).toBe(3);
      const commit: Move = { type: 'commit', round: 0, blob: fresh(), weight: 1 };
      await game.refused('WrongRole', commit, game.players[1]!);
      await game.commit(0, 2, 0);
    });

    it('opens on the step before it is final, and not beyond the wanted rounds', async () => {
      const game = await start({ rounds: 2 });
      await game.join(2);
      const first = await game.playRound(0);
      const { model } = game.terms;
      await game.refused('WrongModel', { type: 'open', round: 1, model }, game.creator);
      await game.accepted({ type: 'open', round: 1, model: first }, game.aggregators[0]);
      expect(game.round(1)).toMatchObject({ step: 1, model: first });
      await game.commit(1, 0, 1);
      await game.close(1);
      await game.refused('WrongPhase', { type: 'open', round: 2, model: first }, game.creator);
      const second = await game.step(1);
      await game.refused('JobComplete', { type: 'open', round: 2, model: second }, game.creator);
    });

    it('repeats the step of a void round, from the model before', async () => {
      const game = await start();
      await game.join(2);
      const first = await game.playRound(0);
      await game.open(1);
      await game.passDeadline(1);
      await game.close(1);
      expect(game.round(1).phase).toBe('void');
      await game.accepted({ type: 'open', round: 2, model: first }, game.creator);
      expect(game.round(2)).toMatchObject({ step: 1, model: first });
    });

    it('waits in the open phase if it has a duration', async () => {
      const game = await start({ phases: { ...shortPhases, open: 5 } });
      await game.join(2);
      await game.open(0);
      expect(game.round(0).phase).toBe('open');
      const commit: Move = { type: 'commit', round: 0, blob: fresh(), weight: 1 };
      await game.refused('WrongPhase', commit, game.players[0]!);
      await game.refused(
        'WrongPhase',
        { type: 'close', round: 0, committed: 0, unavailable: [] },
        game.lead(),
      );
      await game.reachDeadline(0);
      await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
      await game.passTime(1);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      expect(game.round(0)).toMatchObject({ phase: 'collecting', deadline: (await game.now()) + 60 });
      await game.commit(0, 0);
    });
  });
}
