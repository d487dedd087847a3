/** A round until its inclusion set is fixed (docs/specs/round.md §4 and §5), and its deadlines (§10). */
import { describe, expect, it } from 'vitest';
import type { Signer } from '../../identity.ts';
import { type Address, toHex } from '../../index.ts';
import type { Move, RefusedUpdate, StoreReceipt } from '../../ports/index.ts';
import { signReceipts } from './blobs.ts';
import { fresh, type Game, shortPhases, type TermsChange } from './game.ts';
import { spoilReceipts } from './spoiltReceipts.ts';
import type { Suite } from './suite.ts';

/** By a sender who knows all commitments. */
const close = (game: Game, round: number, unavailable: readonly number[] = []) => ({
  ...({ type: 'close', round, unavailable } as const),
  committed: Object.keys(game.state.rounds[round]?.commitments ?? {}).length,
});
const advance = (round: number): Move => ({ type: 'advance', round });

export function testCollecting({ start }: Suite): void {
  const collecting = async (players: number, change: TermsChange = {}) => {
    const game = await start(change);
    await game.join(players);
    await game.open(0);
    return game;
  };

  describe('collecting (§4.1)', () => {
    it('takes one commitment per participant of the round, also after the deadline', async () => {
      const game = await collecting(2);
      const [a, b, c] = game.players as [Signer, Signer, Signer];
      const commit = (change: Partial<Extract<Move, { type: 'commit' }>> = {}): Move => ({
        type: 'commit',
        round: 0,
        blob: fresh(),
        weight: 3,
        ...change,
      });
      await game.refused('WrongRound', commit({ round: 1 }), a);
      await game.accepted({ type: 'join' }, c);
      await game.refused('WrongRole', commit(), c);
      await game.refused('WrongRole', commit(), game.outsider);
      await game.refused('WrongRole', commit(), game.lead());
      const blob = fresh();
      await game.accepted(commit({ blob, weight: 10 }), a);
      expect(game.round(0).commitments).toEqual({ 0: { blob, weight: 10 } });
      await game.refused('Repeated', commit(), a);
      await game.refused('WrongCommitment', commit({ blob: toHex(new Uint8Array(32)) as Address }), b);
      await game.refused('WrongCommitment', commit({ weight: 0 }), b);
      await game.refused('WrongCommitment', commit({ weight: 11 }), b);
      await game.passDeadline(0);
      await game.accepted(commit({ weight: 1 }), b);
    });

    it('takes none once an account has ended the phase', async () => {
      const game = await collecting(2);
      await game.commit(0, 0);
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'closing', deadline: (await game.now()) + 20 });
      const commit: Move = { type: 'commit', round: 0, blob: fresh(), weight: 1 };
      await game.refused('WrongPhase', commit, game.players[1]!);
    });
  });

  describe('whom a round waits for (§4.2, §4.3)', () => {
    const isCollected = async (game: Game, round: number, collected: boolean) => {
      // Too early comes before a wrong set.
      await game.refused(collected ? 'WrongSet' : 'TooEarly', close(game, round, [6]), game.lead());
    };

    it('waits for all in the first round, then for those who committed and those who joined since', async () => {
      const game = await collecting(3, { rounds: 9, minParticipants: 1, grace: 1000 });
      await isCollected(game, 0, false);
      await game.commit(0, 0, 1);
      await isCollected(game, 0, false);
      await game.passDeadline(0);
      await isCollected(game, 0, true);
      await game.close(0);
      await game.step(0);
      await game.accepted({ type: 'join' }, game.players[3]!);

      await game.open(1);
      expect(game.round(1).awaitsAll).toBe(false);
      await game.commit(1, 0, 1);
      await isCollected(game, 1, false);
      await game.commit(1, 3);
      await isCollected(game, 1, true);
      await game.close(1);
      await game.step(1);

      // Participant 2 comes unasked, and is awaited from then on.
      await game.open(2);
      await game.commit(2, 2);
      await isCollected(game, 2, false);
      await game.commit(2, 0, 1, 3);
      await isCollected(game, 2, true);
      await game.close(2);
      await game.step(2);
      await game.open(3);
      await game.commit(3, 0, 1, 3);
      await isCollected(game, 3, false);
      await game.commit(3, 2);
      await isCollected(game, 3, true);
    });

    it('waits for the smallest cohort in any case', async () => {
      const game = await collecting(3, { grace: 0 });
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.step(0);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.open(1);
      await game.commit(1, 1);
      // All who are awaited have committed.
      await game.passTime(5);
      await isCollected(game, 1, false);
      await game.commit(1, 2);
      await isCollected(game, 1, true);
    });

    it('awaits all after a round in which nobody committed who is still there', async () => {
      const game = await collecting(3);
      await game.close(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });
      await game.open(1);
      expect(game.round(1).awaitsAll).toBe(true);
      await game.commit(1, 0, 1);
      await isCollected(game, 1, false);
      await game.close(1);
      await game.step(1);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      await game.accepted({ type: 'join' }, game.players[0]!);
      await game.open(2);
      expect(game.round(2).awaitsAll).toBe(true);
      await game.commit(2, 2);
      await isCollected(game, 2, false);
      await game.commit(2, 0);
      await isCollected(game, 2, true);
    });

    it('awaits all after a round that became void before it was closed: some were only slower', async () => {
      const game = await start({ rounds: 3, grace: 0, bond: 5n });
      const { outsider } = game;
      await game.stake(game.aggregators[0], game.aggregators[1]);
      await game.join(3);
      await game.playRound(0);
      await game.accepted({ type: 'demand', round: 0, participant: 0 }, game.watcher);
      await game.passTime(26);
      await game.open(1);
      await game.commit(1, 0);
      await game.accepted({ type: 'prove', round: 0, lie: { kind: 'silence', participant: 0 } }, outsider);
      await game.open(2);
      expect(game.round(2).awaitsAll).toBe(true);
      await game.commit(2, 0, 1);
      await isCollected(game, 2, false);
      await game.commit(2, 2);
      await isCollected(game, 2, true);
    });

    it('awaits no more than before after a round that was closed and became void', async () => {
      const game = await collecting(3, { rounds: 3, grace: 0 });
      await game.commit(0, 0, 1);
      await game.close(0, [0]);
      await game.advance(0);
      expect(game.round(0).failure).toEqual({ reason: 'cohort' });
      await game.open(1);
      await game.commit(1, 0, 1);
      await isCollected(game, 1, true);
    });

    it('does not wait for one who left, nor for one who came back after the round opened', async () => {
      const game = await collecting(3);
      await game.commit(0, 0, 1);
      await isCollected(game, 0, false);
      await game.accepted({ type: 'leave' }, game.players[2]!);
      await isCollected(game, 0, true);
      await game.accepted({ type: 'join' }, game.players[2]!);
      await isCollected(game, 0, true);
      // It may commit, but that makes no attendance.
      await game.commit(0, 2);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 0, 1);
      await isCollected(game, 1, true);
      await game.commit(1, 2);
      await game.close(1);
      await game.step(1);
      await game.open(2);
      await game.commit(2, 0, 1);
      await isCollected(game, 2, false);
    });

    it('does not count a commitment from before one left and came back', async () => {
      const game = await collecting(3);
      await game.commit(0, 0, 1, 2);
      await game.accepted({ type: 'leave' }, game.players[2]!);
      await game.accepted({ type: 'join' }, game.players[2]!);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 0, 1);
      await isCollected(game, 1, true);
    });

    it('awaits as new one who joined after the round opened, left, and came back', async () => {
      const game = await collecting(2, { rounds: 5, grace: 1000 });
      const [, , c] = game.players as [Signer, Signer, Signer];
      for (const type of ['join', 'leave'] as const) await game.accepted({ type }, c);
      await game.commit(0, 0, 1);
      await game.accepted({ type: 'join' }, c);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 0, 1);
      await isCollected(game, 1, false);
      expect(game.round(1).regularSince).toBeUndefined();
      await game.accepted({ type: 'leave' }, c);
      await isCollected(game, 1, true);
      await game.close(1);
      await game.step(1);
      await game.open(2);
      await game.commit(2, 0, 1);
      await isCollected(game, 2, true);
    });

    it('waits the grace for one who comes every other time', async () => {
      const game = await collecting(3, { rounds: 9 });
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      // 2 is not awaited, and comes.
      await game.commit(1, 0, 2);
      expect(game.round(1).regularSince).toBeUndefined();
      await game.commit(1, 1);
      expect(game.round(1).regularSince).toBe(await game.now());
      await game.close(1);
      await game.step(1);

      // 2 is awaited, but not regular.
      await game.open(2);
      await game.commit(2, 0);
      await game.passTime(7);
      await game.commit(2, 1);
      const since = await game.now();
      expect(game.round(2).regularSince).toBe(since);
      await isCollected(game, 2, false);
      await game.passTime(10);
      await isCollected(game, 2, false);
      await game.passTime(1);
      await isCollected(game, 2, true);
      await game.close(2);
      await game.step(2);

      // It was awaited and did not come: not awaited. Coming twice makes it regular again.
      await game.open(3);
      await game.commit(3, 0, 1);
      await isCollected(game, 3, true);
      await game.commit(3, 2);
      await game.close(3);
      await game.step(3);
      await game.open(4);
      await game.commit(4, 2, 0, 1);
      await game.close(4);
      await game.step(4);
      await game.open(5);
      await game.commit(5, 0, 1);
      expect(game.round(5).regularSince).toBeUndefined();
      await game.passTime(11);
      await isCollected(game, 5, false);
    });

    it('begins the grace at once where no regular one is awaited', async () => {
      const game = await collecting(3, { rounds: 9, minParticipants: 1 });
      await game.commit(0, 0);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 1);
      await game.passDeadline(1);
      await game.close(1);
      await game.step(1);
      // 1 is awaited and was not in the round before.
      await game.open(2);
      expect(game.round(2).regularSince).toBe(await game.now());
      await game.passTime(11);
      await isCollected(game, 2, false);
      await game.commit(2, 2);
      await isCollected(game, 2, true);
    });

    it('begins the grace when the last regular one leaves', async () => {
      const game = await collecting(3, { rounds: 9, minParticipants: 1 });
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 2, 0, 1);
      await game.close(1);
      await game.step(1);
      await game.open(2);
      await game.commit(2, 0);
      await game.passTime(3);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      expect(game.round(2).regularSince).toBe(await game.now());
      await game.passTime(5);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      expect(game.round(2).regularSince).toBe((await game.now()) - 5);
    });

    it('begins no grace after collecting', async () => {
      const game = await collecting(3);
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.accepted({ type: 'leave' }, game.players[2]!);
      await game.step(0);
      expect(game.round(0).regularSince).toBeUndefined();
    });

    it('keeps the time at which the grace began', async () => {
      const game = await collecting(3, { rounds: 9, minParticipants: 1 });
      await game.commit(0, 0);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 0);
      const since = await game.now();
      await game.passTime(4);
      await game.commit(1, 1);
      expect(game.round(1).regularSince).toBe(since);
    });

    it('awaits one who joined after the round before opened as a regular one', async () => {
      const game = await collecting(2, { rounds: 9, minParticipants: 1 });
      await game.accepted({ type: 'join' }, game.players[2]!);
      await game.commit(0, 0, 1);
      await game.close(0);
      await game.step(0);
      await game.open(1);
      await game.commit(1, 0, 1);
      expect(game.round(1).regularSince).toBeUndefined();
      await game.commit(1, 2);
      expect(game.round(1).regularSince).toBe(await game.now());
    });

    it('does not wait for one who joined after the round opened', async () => {
      const game = await collecting(2);
      await game.accepted({ type: 'join' }, game.players[2]!);
      await game.commit(0, 0, 1);
      await isCollected(game, 0, true);
    });
  });

  describe('the inclusion set (§5)', () => {
    it('is closed by the lead, when collected or after the deadline', async () => {
      const game = await collecting(4);
      await game.commit(0, 0, 1, 3);
      await game.refused('WrongRole', close(game, 0), game.creator);
      await game.refused('WrongRole', close(game, 0), game.aggregators[1]);
      await game.refused('WrongRound', close(game, 1), game.lead());
      await game.refused('TooEarly', close(game, 0), game.lead());
      await game.reachDeadline(0);
      await game.refused('TooEarly', close(game, 0), game.lead());
      await game.passTime(1);
      for (const unavailable of [[1, 0], [0, 0], [2], [4], [9999]]) {
        await game.refused('WrongSet', close(game, 0, unavailable), game.lead());
      }
      // A commitment that came in between was not looked for: its absence would be the sender's
      // fault.
      for (const committed of [2, 4]) {
        await game.refused('WrongSet', { ...close(game, 0), committed }, game.lead());
      }
      await game.accepted(close(game, 0), game.lead());
      const closedBy = game.lead().account;
      expect(game.round(0)).toMatchObject({ phase: 'stepping', closedBy, unavailable: [] });
      await game.refused('WrongPhase', close(game, 0), game.lead());
    });

    it('passes the turn with each deadline of closing, and is void when all have had it', async () => {
      const aggregators = (await start()).aggregators.map(({ account }) => account);
      const game = await collecting(2, { aggregators });
      await game.commit(0, 0, 1);
      await game.advance(0);
      for (const turn of [1, 2]) {
        await game.reachDeadline(0);
        await game.refused('TooEarly', advance(0), game.outsider);
        await game.passTime(1);
        await game.accepted(advance(0), game.outsider);
        expect(game.state.lead).toBe(turn);
        expect(game.round(0)).toMatchObject({ phase: 'closing', turn, deadline: (await game.now()) + 20 });
        await game.refused('WrongRole', close(game, 0), game.aggregators[0]);
      }
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'deadline' } });
      expect(game.state).toMatchObject({ lead: 0, failures: 1 });
      await game.refused('WrongPhase', advance(0), game.outsider);
    });

    it('is closed by the aggregator to which the turn has passed, also after its deadline', async () => {
      const game = await collecting(2);
      await game.commit(0, 0, 1);
      await game.advance(0);
      await game.advance(0);
      await game.passDeadline(0);
      await game.accepted(close(game, 0), game.aggregators[1]);
      expect(game.round(0)).toMatchObject({ closedBy: game.aggregators[1].account, turn: 0 });
      // It goes on leading.
      await game.refused('WrongRole', await game.stepOf(0), game.aggregators[0]);
      await game.accepted(await game.stepOf(0), game.aggregators[1]);
    });

    it('passes the turn of absent aggregators over', async () => {
      const aggregators = (await start()).aggregators.map(({ account }) => account);
      const game = await start({ aggregators, bond: 1n });
      await game.join(2);
      await game.stake(game.aggregators[0], game.aggregators[2]);
      await game.open(0);
      await game.commit(0, 0, 1);
      await game.advance(0);
      await game.advance(0);
      expect(game.state.lead).toBe(2);
      await game.advance(0);
      expect(game.round(0).phase).toBe('void');
    });

    it('takes back in who brings receipts for what it committed to', async () => {
      const game = await collecting(4);
      const { players, stores } = game;
      await game.commit(0, 0, 1, 2, 3);
      await game.close(0, [0, 1]);
      expect(game.round(0)).toMatchObject({ phase: 'appealing', unavailable: [0, 1] });
      const { blob } = game.round(0).commitments[0]!;
      const appeal = (receipts: readonly StoreReceipt[]): Move => ({ type: 'appeal', round: 0, receipts });
      const receipts = await game.receipts(blob);
      await game.refused('WrongRole', appeal(receipts), players[2]!);
      await game.refused('WrongRole', appeal(receipts), game.outsider);
      await game.refused('WrongRole', appeal(receipts), stores[0]);
      await game.refused('WrongReceipt', appeal(receipts), players[1]!);
      const spoilt = await spoilReceipts(game, blob);
      await game.refusedEach(
        'WrongReceipt',
        spoilt.map(([what, wrong]) => [what, appeal(wrong)] as const),
        players[0]!,
      );
      await game.passDeadline(0);
      await game.accepted(appeal(await signReceipts([stores[2], stores[0]], blob)), players[0]!);
      expect(game.round(0)).toMatchObject({ unavailable: [1], appealed: [0] });
      await game.refused('WrongRole', appeal(receipts), players[0]!);
      await game.accepted(advance(0), game.outsider);
      expect(game.round(0).phase).toBe('stepping');
      await game.refused('WrongPhase', appeal(receipts), players[1]!);
      await game.refused('WrongSet', await game.stepOf(0, { refused: [refusal(1)] }), game.lead());
      await game.step(0, { refused: [refusal(0)] });
    });

    it('takes receipts for the 224 bits of an address that the ledger keeps', async () => {
      const game = await collecting(2, { minParticipants: 1 });
      await game.commit(0, 0, 1);
      await game.close(0, [0, 1]);
      const [mine, yours] = [0, 1].map((number) => game.round(0).commitments[number]!.blob) as [
        Address,
        Address,
      ];
      const ending = (blob: Address) => (blob.endsWith('0') ? '1' : '0');
      const alike = `${mine.slice(0, -1)}${ending(mine)}` as Address;
      const other = `${yours.slice(0, 57)}${yours[57] === '0' ? '1' : '0'}${yours.slice(58)}` as Address;
      const appeal = async (blob: Address): Promise<Move> => ({
        type: 'appeal',
        round: 0,
        receipts: await game.receipts(blob),
      });
      const mixed = [(await game.receipts(mine))[0]!, (await game.receipts(alike))[1]!];
      await game.refused('WrongReceipt', { type: 'appeal', round: 0, receipts: mixed }, game.players[0]!);
      await game.accepted(await appeal(alike), game.players[0]!);
      // From now on it is looked for where the receipts say that it is.
      expect(game.round(0).commitments[0]).toEqual({ blob: alike, weight: 1 });
      await game.refused('WrongReceipt', await appeal(other), game.players[1]!);
    });

    it('lets a phase that cannot be skipped end at once, where it has no duration', async () => {
      const game = await collecting(3, {
        phases: { ...shortPhases, collecting: 0, closing: 0, stepping: 0, objecting: 0 },
      });
      await game.commit(0, 0, 1);
      await game.refused('TooEarly', advance(0), game.outsider);
      await game.passTime(1);
      await game.accepted(advance(0), game.outsider);
      expect(game.round(0)).toMatchObject({ phase: 'closing', deadline: await game.now() });
      await game.advance(0);
      await game.accepted(close(game, 0), game.aggregators[1]);
      expect(game.round(0)).toMatchObject({ phase: 'stepping', deadline: await game.now() });
      await game.step(0);
      await game.advance(0);
      expect(game.round(0).phase).toBe('final');
    });

    it('has no appeals where their phase has no duration', async () => {
      const game = await collecting(3, { phases: { ...shortPhases, appealing: 0 } });
      await game.commit(0, 0, 1, 2);
      await game.close(0, [2]);
      expect(game.round(0)).toMatchObject({ phase: 'stepping', unavailable: [2] });
    });

    it('is void with fewer than the smallest cohort, once appeals are over', async () => {
      const game = await collecting(2);
      await game.commit(0, 0, 1);
      await game.close(0, [1]);
      await game.reachDeadline(0);
      await game.refused('TooEarly', advance(0), game.outsider);
      await game.passTime(1);
      await game.accepted(advance(0), game.outsider);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });
      expect(game.state.failures).toBe(1);
    });

    it('goes through complaining and opening where they last', async () => {
      const game = await collecting(2, { phases: { ...shortPhases, complaining: 7, opening: 9 } });
      await game.commit(0, 0, 1);
      await game.close(0);
      for (const [phase, duration] of [
        ['complaining', 7],
        ['opening', 9],
      ] as const) {
        expect(game.round(0)).toMatchObject({ phase, deadline: (await game.now()) + duration });
        await game.refused('WrongPhase', await game.stepOf(0), game.lead());
        await game.reachDeadline(0);
        await game.refused('TooEarly', advance(0), game.outsider);
        await game.passTime(1);
        await game.accepted(advance(0), game.outsider);
      }
      expect(game.round(0)).toMatchObject({ phase: 'stepping', deadline: (await game.now()) + 30 });
    });

    it('skips complaining, and opening by itself', async () => {
      const game = await collecting(2, { phases: { ...shortPhases, opening: 9 } });
      await game.commit(0, 0, 1);
      await game.close(0);
      expect(game.round(0).phase).toBe('opening');
    });
  });
}

/** One that needs no entry. */
const refusal = (participant: number): RefusedUpdate => ({ participant, reason: 'WrongModel', entry: 0 });
