/** Objections that no ledger judges, and their bonds (docs/specs/round.md §9); money (§11). */
import { describe, expect, it } from 'vitest';
import type { Signer } from '../../identity.ts';
import type { Address } from '../../index.ts';
import type { Move, RefusedUpdate } from '../../ports/index.ts';
import { fresh, type Game, type TermsChange } from './game.ts';
import type { Suite } from './suite.ts';

const object = (round: number, model: Address, refused: readonly number[] = []): Move => ({
  type: 'object',
  round,
  model,
  refused,
});
const withdraw = (...rounds: number[]): Move => ({ type: 'withdraw', rounds });
const refusals = (...participants: number[]): RefusedUpdate[] =>
  participants.map((participant) => ({ participant, reason: 'WrongSigner', entry: 0 }));
const bondLock = 86_400;

export function testMoney({ start }: Suite): void {
  describe('objections (§9)', () => {
    const posted = async (change: TermsChange = {}) => {
      const game = await start({ judged: false, bond: 5n, attempts: 99, ...change });
      await game.stake(game.aggregators[0], game.aggregators[1]);
      await game.join(4);
      const model = await game.playRound(0);
      return { game, model };
    };

    it('are for participants of the round and watchers, where no rule says what is right', async () => {
      const judged = await start();
      await judged.join(2);
      await judged.playRound(0);
      await judged.refused('WrongRole', object(0, fresh()), judged.watcher);
      const { game } = await posted();
      await game.accepted({ type: 'join' }, game.players[4]!);
      for (const by of [game.players[4]!, game.outsider, game.creator, game.aggregators[0]]) {
        await game.refused('WrongRole', object(0, fresh()), by);
      }
      await game.refused('WrongRound', object(1, fresh()), game.watcher);
      await game.accepted({ type: 'leave' }, game.players[3]!);
      await game.accepted(object(0, fresh()), game.players[3]!);
    });

    it('come while a step can be objected to, also after the deadline', async () => {
      const { game, model } = await posted();
      await game.open(1);
      await game.refused('WrongPhase', object(1, fresh()), game.watcher);
      await game.commit(1, 0, 1, 2, 3);
      await game.close(1);
      await game.refused('WrongPhase', object(1, fresh()), game.watcher);
      await game.step(1);
      await game.advance(0);
      await game.refused('WrongPhase', object(0, fresh()), game.watcher);
      await game.passDeadline(1);
      await game.accepted(object(1, model), game.watcher);
      await game.refused('WrongPhase', object(1, fresh()), game.watcher);
    });

    it('name another model, or other refused participants', async () => {
      const { game, model: first } = await posted();
      await game.open(1);
      await game.commit(1, 0, 1, 2, 3);
      await game.close(1);
      const model = await game.step(1, { refused: refusals(1, 3) });
      await game.refused('WrongModel', object(0, first), game.watcher);
      await game.refused('WrongModel', object(1, model, [1, 3]), game.watcher);
      for (const refused of [[3, 1], [1, 1], [1, 4], [9999]]) {
        await game.refused('WrongSet', object(1, model, refused), game.watcher);
      }
      await game.accepted(object(1, fresh(), [1, 3]), game.watcher);
      for (const refused of [[], [1], [1, 2], [0, 1, 3]]) {
        const other = await posted();
        await other.game.open(1);
        await other.game.commit(1, 0, 1, 2, 3);
        await other.game.close(1);
        const same = await other.game.step(1, { refused: refusals(1, 3) });
        await other.game.accepted(object(1, same, refused), other.game.watcher);
      }
    });

    it('void their round and the later ones; the next aggregator after the poster leads', async () => {
      const { game, model: first } = await posted({ rounds: 4, attempts: 2 });
      await game.playRound(1);
      await game.open(2);
      await game.commit(2, 0);
      const objected = object(1, first, [2]);
      await game.accepted(objected, game.players[0]!);
      expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['objecting', 'void', 'void']);
      const { account: by } = game.players[0]!;
      expect(game.round(1).failure).toEqual({ reason: 'objected', model: first, refused: [2], by, lock: 0 });
      expect(game.round(2).failure).toEqual({ reason: 'built', on: 1 });
      expect(game.state).toMatchObject({ lead: 1, failures: 1, burnt: 0n, rewards: {} });
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['standing', 'standing']);
      await game.accepted({ type: 'open', round: 3, model: first }, game.aggregators[1]);
      expect(game.round(3).step).toBe(1);
      await game.commit(3, 0, 1, 2, 3);
      await game.close(3);
      await game.step(3);
      await game.accepted(object(3, first), game.watcher);
      expect(game.state).toMatchObject({ lead: 0, failures: 2 });
      await game.refused('JobEnded', { type: 'open', round: 4, model: first }, game.creator);
    });

    it('void nothing before them, and what was void keeps its reason', async () => {
      const { game } = await posted({ rounds: 5 });
      await game.open(1);
      await game.passDeadline(1);
      await game.close(1);
      await game.playRound(2);
      await game.accepted(object(0, fresh()), game.watcher);
      expect(game.state.rounds.map(({ failure }) => failure?.reason)).toEqual([
        'objected',
        'cohort',
        'built',
      ]);
    });

    it('are led on by the next after the poster, whoever leads meanwhile', async () => {
      const aggregators = (await start()).aggregators.map(({ account }) => account);
      const game = await start({ judged: false, bond: 1n, aggregators });
      await game.stake(...game.aggregators);
      await game.join(2);
      await game.playRound(0);
      await game.open(1);
      await game.commit(1, 0, 1);
      await game.advance(1);
      await game.advance(1);
      await game.advance(1);
      expect(game.state.lead).toBe(2);
      await game.accepted(object(0, fresh()), game.watcher);
      expect(game.state.lead).toBe(1);
    });

    it('lock a bond that doubles with each, for 86,400 seconds', async () => {
      const { game } = await posted();
      await game.refused('WrongValue', object(0, fresh()), game.watcher, 4n);
      await game.refused('WrongValue', object(0, fresh()), game.watcher, 0n);
      await game.refused('WrongValue', object(0, fresh()), game.watcher, 6n);
      await game.accepted(object(0, fresh()), game.watcher);
      const at = await game.now();
      const lock = { by: game.watcher.account, at, wei: 5n, returned: false };
      expect(game.state.locked).toEqual([lock]);
      await game.playRound(1);
      await game.refused('WrongValue', object(1, fresh()), game.players[0]!, 5n);
      await game.passTime(100);
      await game.accepted(object(1, fresh()), game.players[0]!);
      await game.playRound(2);
      await game.passTime(100);
      await game.accepted(object(2, fresh()), game.watcher);
      expect(game.state.locked.map(({ wei }) => wei)).toEqual([5n, 10n, 20n]);
      await game.passTime(at + bondLock - (await game.now()));
      await game.refused('NothingOwed', withdraw(), game.watcher);
      await game.passTime(1);
      await game.refused('NothingOwed', withdraw(), game.players[0]!);
      expect(await game.withdraw([], game.watcher)).toBe(5n);
      expect(game.state.locked.map(({ returned }) => returned)).toEqual([true, false, false]);
      await game.refused('NothingOwed', withdraw(), game.watcher);
      await game.passTime(200);
      expect(await game.withdraw([], game.players[0]!)).toBe(10n);
      expect(await game.withdraw([], game.watcher)).toBe(20n);
    });

    it('cost at most 2^32 bonds', async () => {
      const game = await start({
        sparing: true,
        judged: false,
        bond: 1n,
        attempts: 99,
        minParticipants: 1,
      });
      await game.stake(game.aggregators[0], game.aggregators[1]);
      await game.join(1);
      for (let round = 0; round < 34; round++) {
        await game.playRound(round);
        const bond = 2n ** BigInt(Math.min(round, 32));
        if (round > 30) {
          await game.refused('WrongValue', object(round, fresh()), game.watcher, bond - 1n);
          await game.refused('WrongValue', object(round, fresh()), game.watcher, bond * 2n);
        }
        await game.accepted(object(round, fresh()), game.watcher);
        expect(game.state.locked.at(-1)!.wei).toBe(bond);
      }
      await game.compare();
    }, 300_000);
  });

  describe('money (§11)', () => {
    const finish = async (game: Game, round: number, players?: readonly number[], refused: number[] = []) => {
      await game.open(round);
      await game.commit(round, ...(players ?? game.state.participants.keys()));
      await game.close(round);
      await game.step(round, { refused: refusals(...refused) });
      await game.advance(round);
    };

    it('pays rounded-down equal shares per final round, and the rest to the creator', async () => {
      const game = await start({ rounds: 2, escrow: 1001n });
      const [a, b, c, d] = game.players as [Signer, Signer, Signer, Signer];
      await game.join(4);
      await game.playRound(0, [0, 1, 2]);
      await game.refused('NothingOwed', withdraw(0), a);
      await game.advance(0);
      for (const rounds of [[1], [0, 0], [0, 1], [9999]]) {
        await game.refused('WrongSet', withdraw(...rounds), a);
      }
      for (const by of [d, game.outsider, game.aggregators[0], game.creator]) {
        await game.refused('NothingOwed', withdraw(0), by);
      }
      await game.refused('NothingOwed', withdraw(), a);
      await game.refused('WrongValue', withdraw(0), a, 1n);
      // floor(1001 / 2) = 500, and floor(500 / 3) = 166.
      expect(await game.withdraw([0], a)).toBe(166n);
      expect(game.round(0).paid).toEqual([0]);
      await game.refused('NothingOwed', withdraw(0), a);
      await finish(game, 1, [0, 1, 2, 3], [1]);
      for (const rounds of [[1, 0], [2], [0, 2]]) {
        await game.refused('WrongSet', withdraw(...rounds), b);
      }
      await game.refused('NothingOwed', withdraw(1), b);
      expect(await game.withdraw([0, 1], a)).toBe(166n);
      expect(await game.withdraw([0], b)).toBe(166n);
      expect(await game.withdraw([1], d)).toBe(166n);
      expect(game.round(1).paid).toEqual([0, 3]);
      // 1001 - 6 x 166
      expect(await game.withdraw([], game.creator)).toBe(5n);
      expect(game.state.refunded).toBe(true);
      await game.refused('NothingOwed', withdraw(), game.creator);
      expect(await game.withdraw([1], c)).toBe(166n);
      expect(await game.withdraw([0], c)).toBe(166n);
      await game.refused('NothingOwed', withdraw(0, 1), c);
      const open: Move = { type: 'open', round: 2, model: game.round(1).posted!.model };
      await game.refused('JobComplete', open, game.creator);
    });

    it('pays participants that left, and the creator in all its roles at once', async () => {
      const cast = await start();
      const own = await start({
        rounds: 1,
        escrow: 101n,
        bond: 3n,
        aggregators: [cast.creator.account, cast.aggregators[0].account],
      });
      await own.stake(own.aggregators[0]);
      await own.accepted({ type: 'stake' }, own.creator);
      await own.accepted({ type: 'join' }, own.creator);
      await own.accepted({ type: 'join' }, own.players[0]!);
      const [opened, by] = [own.terms.model, own.creator];
      await own.accepted({ type: 'open', round: 0, model: opened }, by);
      for (const sender of [by, own.players[0]!]) {
        await own.accepted({ type: 'commit', round: 0, blob: fresh(), weight: 1 }, sender);
      }
      await own.accepted({ type: 'close', round: 0, committed: 2, unavailable: [] }, by);
      await own.accepted(await own.stepOf(0), by);
      await own.accepted({ type: 'leave' }, own.players[0]!);
      await own.advance(0);
      // Its share, its stake, and what division left over.
      expect(await own.withdraw([0], by)).toBe(50n + 3n + 1n);
      expect(await own.withdraw([0], own.players[0]!)).toBe(50n);
    });

    it('leaves the stake of an aggregator that takes something else where it is', async () => {
      const bonded = await start({ escrow: 40n, bond: 6n, rounds: 2 });
      const [first, second] = bonded.aggregators;
      await bonded.stake(first, second);
      await bonded.join(1);
      for (const aggregator of [first, second]) await bonded.accepted({ type: 'join' }, aggregator);
      const play = async (round: number) => {
        await bonded.open(round);
        for (const sender of [bonded.players[0]!, first, second]) {
          await bonded.accepted({ type: 'commit', round, blob: fresh(), weight: 1 }, sender);
        }
        await bonded.close(round);
      };
      await play(0);
      await bonded.step(0);
      await bonded.advance(0);
      // While the job goes on.
      expect(await bonded.withdraw([0], second)).toBe(6n);
      expect(bonded.state.aggregators.map(({ status }) => status)).toEqual(['standing', 'standing']);
      await play(1);
      await bonded.accepted({ type: 'demand', round: 1, participant: 0 }, bonded.watcher);
      await bonded.passTime(26);
      const lie = { kind: 'silence', participant: 0 } as const;
      await bonded.accepted({ type: 'prove', round: 1, lie }, second);
      await bonded.accepted({ type: 'end' }, bonded.creator);
      // One that was struck has a share, and no stake.
      expect(await bonded.withdraw([0], first)).toBe(6n);
      expect(bonded.state.aggregators.map(({ status }) => status)).toEqual(['struck', 'standing']);
      expect(await bonded.withdraw([], second)).toBe(3n + 6n);
      expect(bonded.state.aggregators.map(({ status }) => status)).toEqual(['struck', 'absent']);

      // Where nothing is staked, nothing is taken back.
      const free = await start({ escrow: 40n, rounds: 1 });
      await free.accepted({ type: 'join' }, free.aggregators[0]);
      await free.accepted({ type: 'join' }, free.aggregators[1]);
      await free.open(0);
      for (const sender of free.aggregators.slice(0, 2)) {
        await free.accepted({ type: 'commit', round: 0, blob: fresh(), weight: 1 }, sender);
      }
      await free.close(0);
      await free.step(0);
      await free.advance(0);
      expect(await free.withdraw([0], free.aggregators[0])).toBe(20n);
      expect(free.state.aggregators.map(({ status }) => status)).toEqual(['standing', 'standing']);
    });

    it('gives the rest to the creator once, whatever it takes later', async () => {
      const game = await start({ escrow: 41n, rounds: 1 });
      await game.accepted({ type: 'join' }, game.creator);
      await game.accepted({ type: 'join' }, game.players[1]!);
      await game.open(0);
      for (const sender of [game.creator, game.players[1]!]) {
        await game.accepted({ type: 'commit', round: 0, blob: fresh(), weight: 1 }, sender);
      }
      await game.close(0);
      await game.step(0);
      await game.advance(0);
      expect(await game.withdraw([], game.creator)).toBe(1n);
      expect(await game.withdraw([0], game.creator)).toBe(20n);
      expect(game.state.refunded).toBe(true);
      await game.refused('NothingOwed', withdraw(0), game.creator);
      expect(await game.withdraw([0], game.players[1]!)).toBe(20n);
    });

    it('owes shares of nothing to nobody', async () => {
      const game = await start({ rounds: 3, escrow: 5n });
      await game.join(2);
      await finish(game, 0);
      // floor(floor(5 / 3) / 2) = 0
      await game.refused('NothingOwed', withdraw(0), game.players[0]!);
      await game.accepted({ type: 'end' }, game.creator);
      expect(await game.withdraw([0], game.creator)).toBe(5n);
    });

    it('keeps escrow and stakes while a round is running or another can open', async () => {
      const game = await start({ escrow: 10n, bond: 4n, rounds: 1, attempts: 1 });
      const [lead, other] = game.aggregators;
      await game.stake(lead, other);
      const nothing = async () => {
        await game.refused('NothingOwed', withdraw(), game.creator);
        await game.refused('NothingOwed', withdraw(), lead);
      };
      await nothing();
      await game.join(2);
      await game.open(0);
      await nothing();
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.step(0);
      await game.passDeadline(0);
      await nothing();
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      expect(await game.withdraw([], lead)).toBe(4n);
      expect(game.state.aggregators[0]!.status).toBe('absent');
      await game.refused('NothingOwed', withdraw(), lead);
      // 10 - 2 x 5: all of it are shares.
      await game.refused('NothingOwed', withdraw(), game.creator);
      expect(game.state.refunded).toBe(false);
      expect(await game.withdraw([0], game.players[0]!)).toBe(5n);
      expect(await game.withdraw([], other)).toBe(4n);
      // One who staked again, late, has it back.
      await game.stake(lead);
      expect(await game.withdraw([], lead)).toBe(4n);
    });

    it('ends with the job: when its creator ended it, when it expired, when attempts are used up', async () => {
      const ended = await start({ escrow: 10n, bond: 4n });
      await ended.stake(ended.aggregators[0]);
      await ended.refused('NothingOwed', withdraw(), ended.creator);
      await ended.accepted({ type: 'end' }, ended.creator);
      for (const by of [ended.outsider, ended.aggregators[1], ended.watcher]) {
        await ended.refused('NothingOwed', withdraw(), by);
      }
      expect(await ended.withdraw([], ended.creator)).toBe(10n);
      expect(await ended.withdraw([], ended.aggregators[0])).toBe(4n);

      const expiry = (await ended.now()) + 50;
      const expired = await start({ escrow: 10n, expiry });
      await expired.passTime(50);
      await expired.refused('NothingOwed', withdraw(), expired.creator);
      await expired.passTime(1);
      expect(await expired.withdraw([], expired.creator)).toBe(10n);

      const failed = await start({ escrow: 10n, attempts: 1 });
      await failed.join(2);
      await failed.open(0);
      await failed.advance(0);
      await failed.refused('NothingOwed', withdraw(), failed.creator);
      await failed.close(0);
      expect(failed.round(0).phase).toBe('void');
      expect(await failed.withdraw([], failed.creator)).toBe(10n);
    });

    it('ends when every aggregator is struck, which leaves no stake', async () => {
      const game = await start({
        escrow: 10n,
        bond: 4n,
        aggregators: [(await start()).terms.aggregators[0]!],
      });
      await game.stake(game.aggregators[0]);
      await game.join(2);
      await game.open(0);
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.accepted({ type: 'demand', round: 0, participant: 0 }, game.watcher);
      await game.passTime(26);
      const lie = { kind: 'silence', participant: 0 } as const;
      await game.accepted({ type: 'prove', round: 0, lie }, game.watcher);
      await game.refused('NothingOwed', withdraw(), game.aggregators[0]);
      expect(await game.withdraw([], game.creator)).toBe(10n);
      expect(await game.withdraw([0], game.watcher)).toBe(2n);
      await game.refused('NothingOwed', withdraw(0), game.watcher);
    });

    it('is not over when one aggregator is struck and another absent', async () => {
      const game = await start({ escrow: 10n, bond: 4n });
      await game.stake(game.aggregators[0]);
      await game.join(2);
      await game.open(0);
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.accepted({ type: 'demand', round: 0, participant: 0 }, game.watcher);
      await game.passTime(26);
      const lie = { kind: 'silence', participant: 0 } as const;
      await game.accepted({ type: 'prove', round: 0, lie }, game.watcher);
      await game.refused('NothingOwed', withdraw(), game.creator);
      const open: Move = { type: 'open', round: 1, model: game.terms.model };
      await game.refused('NoAggregator', open, game.creator);
      await game.stake(game.aggregators[1]);
      await game.accepted(open, game.creator);
      expect(game.state.lead).toBe(1);
    });

    it('pays rewards while the job goes on, and locked bonds after it is over', async () => {
      const game = await start({ judged: false, escrow: 100n, bond: 6n, rounds: 1 });
      await game.stake(game.aggregators[0], game.aggregators[1]);
      await game.join(2);
      await game.playRound(0);
      await game.accepted(object(0, fresh()), game.watcher);
      await game.open(1);
      await game.commit(1, 0, 1);
      await game.close(1);
      await game.accepted({ type: 'demand', round: 1, participant: 0 }, game.watcher);
      await game.passTime(26);
      const lie = { kind: 'silence', participant: 0 } as const;
      await game.accepted({ type: 'prove', round: 1, lie }, game.watcher);
      expect(await game.withdraw([], game.watcher)).toBe(3n);
      expect(game.state.burnt).toBe(3n);
      await game.accepted({ type: 'end' }, game.creator);
      expect(await game.withdraw([], game.creator)).toBe(100n);
      expect(await game.withdraw([], game.aggregators[0])).toBe(6n);
      await game.passTime(bondLock);
      expect(await game.withdraw([0, 1], game.watcher)).toBe(6n);
    });

    it('costs nothing to take part', async () => {
      const game = await start({ judged: false, minParticipants: 1 });
      const { model } = game.terms;
      const free = async (move: Move, by: Signer) => {
        await game.refused('WrongValue', move, by, 1n);
        await game.accepted(move, by);
      };
      await free({ type: 'admit', accounts: [] }, game.creator);
      await free({ type: 'join' }, game.players[0]!);
      await free({ type: 'join' }, game.players[1]!);
      await free({ type: 'leave' }, game.players[1]!);
      await game.accepted({ type: 'join' }, game.players[1]!);
      await game.accepted({ type: 'join' }, game.players[2]!);
      await free({ type: 'open', round: 0, model }, game.creator);
      await free({ type: 'commit', round: 0, blob: fresh(), weight: 1 }, game.players[0]!);
      await game.commit(0, 1, 2);
      await free({ type: 'close', round: 0, committed: 3, unavailable: [1] }, game.lead());
      const { blob } = game.round(0).commitments[1]!;
      const receipts = await game.receipts(blob);
      await free({ type: 'appeal', round: 0, receipts }, game.players[1]!);
      await game.passDeadline(0);
      await free({ type: 'advance', round: 0 }, game.outsider);
      await free({ type: 'demand', round: 0, participant: 2 }, game.watcher);
      const shown = await game.receipts(game.round(0).commitments[2]!.blob);
      await free({ type: 'answer', round: 0, participant: 2, receipts: shown }, game.outsider);
      await free(await game.stepOf(0), game.lead());
      await game.accepted({ type: 'demand', round: 0, participant: 0 }, game.watcher);
      await game.passTime(26);
      const lie = { kind: 'silence', participant: 0 } as const;
      await free({ type: 'prove', round: 0, lie }, game.watcher);
      await free({ type: 'end' }, game.creator);
    });
  });
}
