/** Rounds of masked updates (docs/specs/round.md §12): keys, mask set, complaints, reveals. */
import { describe, expect, it } from 'vitest';
import { type Address, toHex } from '../../index.ts';
import { isRefusal, type Move } from '../../ports/index.ts';
import { signReceipts } from './blobs.ts';
import { fresh, type Game, shortPhases, type TermsChange } from './game.ts';
import type { Suite } from './suite.ts';

/** A job of masked updates. */
const maskedTerms: TermsChange = {
  judged: false,
  masks: { entries: 70, threshold: 50 },
  maximumWeight: 1,
  minParticipants: 3,
  phases: { ...shortPhases, open: 50, opening: 35 },
};

const zero = toHex(new Uint8Array(32)) as Address;
const announce = (): Move => ({ type: 'announce', mask: fresh(), seal: fresh() });
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export function testMasking({ start, refusedSoFar }: Suite): void {
  const masked = (change: TermsChange = {}) => start({ ...maskedTerms, ...change });
  const register = async (game: Game, round: number, blob = fresh()): Promise<Move> => ({
    type: 'register',
    round,
    blob,
    receipts: await game.receipts(blob),
  });
  const announceAll = async (game: Game, ...players: number[]) => {
    for (const player of players) await game.accepted(announce(), game.players[player]!);
  };
  const registerAll = async (game: Game, round: number, ...players: number[]) => {
    for (const player of players) {
      await game.accepted(await register(game, round), game.players[player]!);
    }
  };
  const reveal = async (game: Game, round: number, blob = fresh()): Promise<Move> => ({
    type: 'reveal',
    round,
    blob,
    receipts: await game.receipts(blob),
  });
  const revealAll = async (game: Game, round: number, ...players: number[]) => {
    for (const player of players) {
      await game.accepted(await reveal(game, round), game.players[player]!);
    }
  };
  /** So many have joined and announced; round 0 is open. */
  const opened = async (players: number, change: TermsChange = {}) => {
    const game = await masked(change);
    await game.join(players);
    await announceAll(game, ...range(players));
    await game.open(0);
    return game;
  };
  /** The same, registered: collecting. */
  const collecting = async (players: number, change: TermsChange = {}) => {
    const game = await opened(players, change);
    await registerAll(game, 0, ...range(players));
    expect(game.round(0).phase).toBe('collecting');
    return game;
  };
  /** The set is fixed. */
  const opening = async (players: number, committed = players, change: TermsChange = {}) => {
    const game = await collecting(players, change);
    await game.commit(0, ...range(committed));
    await game.close(0);
    expect(game.round(0).phase).toBe('opening');
    return game;
  };

  describe('jobs of masked updates (§12)', () => {
    it.each<[string, TermsChange]>([
      ['no entries', { masks: { entries: 0, threshold: 66 } }],
      ['a threshold below half', { masks: { entries: 1, threshold: 49 } }],
      ['a threshold of all', { masks: { entries: 1, threshold: 100 } }],
      ['public weights', { maximumWeight: 2 }],
      ['a sum of two', { minParticipants: 2 }],
      ['no time to register', { phases: { ...maskedTerms.phases!, open: 0 } }],
      ['no time to appeal', { phases: { ...maskedTerms.phases!, appealing: 0 } }],
      ['no time to reveal', { phases: { ...maskedTerms.phases!, opening: 0 } }],
      ['a rule for clear updates', { judged: true }],
    ])('are not created with %s', async (_, change) => {
      await expect(masked(change)).rejects.toMatchObject({ code: 'ledger.terms' });
    });

    it('go from keys to a step', async () => {
      const game = await opened(4);
      expect(game.round(0)).toMatchObject({ phase: 'open', masking: { threshold: 3 } });
      await registerAll(game, 0, 0, 1, 2);
      expect(game.round(0).phase).toBe('open');
      await registerAll(game, 0, 3);
      expect(game.round(0).phase).toBe('collecting');
      for (const player of range(4)) {
        const commit: Move = { type: 'commit', round: 0, blob: fresh(), weight: 1 };
        const posted = await game.together([commit, announce()], game.players[player]!);
        expect(isRefusal(posted)).toBe(false);
      }
      await game.close(0);
      expect(game.round(0).phase).toBe('opening');
      await revealAll(game, 0, 0, 1);
      await game.refused('TooEarly', await game.stepOf(0), game.lead());
      await revealAll(game, 0, 2);
      await game.step(0);
      await game.open(1);
      expect(Object.keys(game.round(1).masking!.keys)).toHaveLength(4);
      await game.advance(0);
      expect(game.round(0).phase).toBe('final');
    });

    it('have moves that no other job takes', async () => {
      const game = await start({ judged: false, minParticipants: 3, phases: maskedTerms.phases! });
      await game.join(3);
      const [player] = game.players;
      await game.refused('WrongRole', announce(), player!);
      await game.open(0);
      expect(game.round(0)).not.toHaveProperty('masking');
      await game.refused('WrongRole', await register(game, 0), player!);
      await game.advance(0);
      await game.refused('WrongRole', { type: 'complain', round: 0, accused: [1] }, player!);
      await game.commit(0, 0, 1, 2);
      await game.close(0);
      expect(game.round(0).phase).toBe('opening');
      await game.refused('WrongRole', await reveal(game, 0), player!);
      await game.refused('WrongPhase', await game.stepOf(0), game.lead());
    });
  });

  describe('keys (§12.1)', () => {
    it('are those of participants, and none is zero', async () => {
      const game = await masked();
      await game.join(3);
      await game.refused('WrongRole', announce(), game.outsider);
      await game.accepted({ type: 'leave' }, game.players[2]!);
      await game.refused('WrongRole', { ...announce(), mask: zero } as Move, game.players[2]!);
      await game.refused('WrongCommitment', { ...announce(), mask: zero } as Move, game.players[0]!);
      await game.refused('WrongCommitment', { ...announce(), seal: zero } as Move, game.players[0]!);
    });

    it('make candidates, of whom a round needs the smallest cohort', async () => {
      const game = await masked();
      await game.join(4);
      const open: Move = { type: 'open', round: 0, model: game.terms.model };
      await announceAll(game, 0, 1);
      await game.refused('CohortTooSmall', open, game.creator);
      await announceAll(game, 2);
      await game.accepted({ type: 'leave' }, game.players[2]!);
      await game.refused('CohortTooSmall', open, game.creator);
      // The last keys count, and whoever comes back announces again.
      await announceAll(game, 0, 3);
      await game.open(0);
      await game.refused('WrongRole', await register(game, 0), game.players[2]!);
      expect(game.round(0).masking).toMatchObject({ keys: { 0: {}, 1: {}, 3: {} }, threshold: 2 });
    });

    it('are for one round: what is due in it comes first', async () => {
      const game = await opened(3);
      await game.refused('TooEarly', announce(), game.players[0]!);
      await registerAll(game, 0, 0);
      await game.refused('TooEarly', announce(), game.players[0]!);
      await registerAll(game, 0, 1, 2);
      await game.refused('TooEarly', announce(), game.players[0]!);
      await game.commit(0, 0);
      await announceAll(game, 0, 0);
      await game.passDeadline(0);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      await announceAll(game, 1);
      await game.close(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });
      await announceAll(game, 2);
      await game.open(1);
      expect(Object.keys(game.round(1).masking!.keys)).toHaveLength(3);
    });

    it('are spent by a round that is missed, which waits no more for who missed it', async () => {
      const game = await opened(5);
      await registerAll(game, 0, 0, 1, 2, 3);
      await game.advance(0);
      expect(game.round(0).phase).toBe('collecting');
      await game.commit(0, 0, 1, 2, 3);
      await game.close(0);
      await revealAll(game, 0, 0, 1, 2);
      // Announced again they are waited for as before.
      await announceAll(game, ...range(5), 0, 4);
      const isAwaited = (player: number) => game.state.participants[player]!.announced!.awaited;
      expect(range(5).map(isAwaited)).toEqual([true, true, true, true, false]);
      await game.step(0);
      await game.open(1);
      expect(game.round(1).awaitsAll).toBe(false);
      await registerAll(game, 1, 0);
      await game.accepted({ type: 'leave' }, game.players[4]!);
      await registerAll(game, 1, 1, 2, 3);
      expect(game.round(1).phase).toBe('collecting');
      await game.refused('WrongPhase', await register(game, 1), game.players[4]!);
    });

    it('of one that was waited for in vain make it awaited again the time after next', async () => {
      const game = await opened(5);
      await registerAll(game, 0, 0, 1, 2, 3);
      await game.advance(0);
      await game.commit(0, 0, 1, 2, 3);
      await game.close(0);
      await revealAll(game, 0, 0, 1, 2);
      await announceAll(game, ...range(5));
      await game.step(0);
      await game.open(1);
      await registerAll(game, 1, 4, 0, 1, 2, 3);
      await game.commit(1, 0, 1, 2, 3);
      // Not awaited: the round may close without it.
      const close: Move = { type: 'close', round: 1, committed: 4, unavailable: [] };
      await game.accepted(close, game.lead());
      await revealAll(game, 1, 0, 1, 2);
      await announceAll(game, ...range(5));
      await game.step(1);
      await game.open(2);
      await registerAll(game, 2, 0, 1, 2, 3);
      expect(game.round(2).phase).toBe('open');
      await registerAll(game, 2, 4);
      expect(game.round(2).phase).toBe('collecting');
    });

    it('of one that left and came back are not waited for until it has committed', async () => {
      const game = await opened(5);
      await registerAll(game, 0, 0, 1, 2, 3);
      await game.advance(0);
      await game.commit(0, 0, 1, 2, 3);
      await game.close(0);
      await revealAll(game, 0, 0, 1, 2);
      await game.accepted({ type: 'leave' }, game.players[4]!);
      await game.accepted({ type: 'join' }, game.players[4]!);
      await announceAll(game, ...range(5));
      await game.step(0);
      await game.open(1);
      await registerAll(game, 1, 0, 1, 2, 3);
      expect(game.round(1).phase).toBe('collecting');
    });

    it('of none that would be awaited make all awaited, whoever else was there before', async () => {
      const game = await collecting(6);
      await game.commit(0, ...range(6));
      await game.close(0);
      await revealAll(game, 0, 0, 1, 2, 3);
      await game.step(0);
      for (const player of range(5)) {
        await game.accepted({ type: 'leave' }, game.players[player]!);
        await game.accepted({ type: 'join' }, game.players[player]!);
      }
      await announceAll(game, ...range(5));
      await game.open(1);
      expect(game.round(1).awaitsAll).toBe(true);
      await registerAll(game, 1, 0, 1, 2, 3);
      expect(game.round(1).phase).toBe('open');
      await registerAll(game, 1, 4);
      expect(game.round(1).phase).toBe('collecting');
      await game.commit(1, 0, 1, 2, 3);
      const close: Move = { type: 'close', round: 1, committed: 4, unavailable: [] };
      await game.refused('TooEarly', close, game.lead());
    });

    it('count among all after a round that was void before it closed', async () => {
      const game = await opened(4);
      await registerAll(game, 0, 0, 1);
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });
      await announceAll(game, 0, 1, 2, 3);
      await game.open(1);
      expect(game.round(1).awaitsAll).toBe(true);
      await registerAll(game, 1, 0, 1, 2);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      await game.accepted({ type: 'join' }, game.players[0]!);
      await registerAll(game, 1, 3);
      expect(game.round(1).phase).toBe('collecting');
      await game.commit(1, 0, 1, 2);
      await game.refused('TooEarly', { type: 'close', round: 1, committed: 3, unavailable: [] }, game.lead());
      await game.commit(1, 3);
      await game.accepted({ type: 'close', round: 1, committed: 4, unavailable: [] }, game.lead());
    });
  });

  describe('coming back (§2.3)', () => {
    it('is open to who joined and left after the last round opened', async () => {
      const game = await opened(3, { maxParticipants: 4 });
      const newcomer = game.players[3]!;
      await game.accepted({ type: 'join' }, newcomer);
      await game.accepted({ type: 'leave' }, newcomer);
      await game.accepted({ type: 'join' }, newcomer);
      await game.accepted(announce(), newcomer);
      expect(game.state.participants[3]).toMatchObject({ left: false, announced: { round: 1 } });
    });
  });

  describe('registration (§12.2)', () => {
    it('is by candidates, once, of what is in the stores', async () => {
      const game = await masked();
      await game.join(4);
      await announceAll(game, 0, 1, 2);
      await game.open(0);
      // For the next round, and nothing of this one is due first.
      await announceAll(game, 3, 3);
      const [one, , , late] = game.players;
      await game.refused('WrongRole', await register(game, 0), late!);
      await game.refused('WrongRole', await register(game, 0), game.outsider);
      await game.refused('WrongRound', await register(game, 1), one!);
      const blob = fresh();
      const receipts = await game.receipts(fresh());
      await game.refused('WrongReceipt', { type: 'register', round: 0, blob, receipts }, one!);
      const [first] = await game.receipts(blob);
      await game.refused('WrongReceipt', { type: 'register', round: 0, blob, receipts: [first!] }, one!);
      const more = await signReceipts(game.stores, blob);
      await game.refused('WrongReceipt', { type: 'register', round: 0, blob, receipts: more }, one!);
      await registerAll(game, 0, 0);
      await game.refused('Repeated', await register(game, 0), one!);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      await game.refused('WrongRole', await register(game, 0), game.players[1]!);
    });

    it('waits for no one who left, before or after registering', async () => {
      const game = await opened(7);
      await game.accepted({ type: 'leave' }, game.players[6]!);
      await registerAll(game, 0, 0);
      await game.accepted({ type: 'leave' }, game.players[0]!);
      // Who comes back has no keys.
      await game.accepted({ type: 'join' }, game.players[6]!);
      await game.refused('WrongRole', await register(game, 0), game.players[6]!);
      await registerAll(game, 0, 1, 2, 3, 4);
      expect(game.round(0).phase).toBe('open');
      await registerAll(game, 0, 5);
      expect(game.round(0).phase).toBe('collecting');
      // Participant 0 is in the mask set, but the round does not wait for it.
      await game.commit(0, 1, 2, 3, 4, 5);
      await game.accepted({ type: 'close', round: 0, committed: 5, unavailable: [] }, game.lead());
    });

    it('does not end before a secret could be recovered, though all that are awaited have registered', async () => {
      const game = await opened(4);
      for (const player of [2, 3]) await game.accepted({ type: 'leave' }, game.players[player]!);
      await registerAll(game, 0, 0, 1);
      expect(game.round(0).phase).toBe('open');
    });
  });

  describe('the mask set (§12.3)', () => {
    it('alone commits, and the round waits for it', async () => {
      const game = await opened(5);
      await registerAll(game, 0, 0, 1, 2, 3);
      await game.advance(0);
      const commit: Move = { type: 'commit', round: 0, blob: fresh(), weight: 1 };
      await game.refused('WrongRole', commit, game.players[4]!);
      // What did not register has nothing more due.
      await announceAll(game, 4);
      await game.commit(0, 0, 1, 2);
      await game.refused('TooEarly', { type: 'close', round: 0, committed: 3, unavailable: [] }, game.lead());
      await game.commit(0, 3);
      await game.accepted({ type: 'close', round: 0, committed: 4, unavailable: [] }, game.lead());
    });

    it('is one more than recover a secret at least, and so is what is included', async () => {
      const game = await opened(6);
      expect(game.round(0).masking!.threshold).toBe(4);
      await registerAll(game, 0, 0, 1, 2, 3);
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });

      const closed = await collecting(6);
      await closed.commit(0, 0, 1, 2, 3, 4);
      await closed.close(0, [3]);
      await closed.advance(0);
      expect(closed.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'cohort' } });

      const enough = await collecting(6);
      await enough.commit(0, 0, 1, 2, 3, 4);
      await enough.close(0);
      expect(enough.round(0).phase).toBe('opening');
    });

    it('does not wait in collecting for one that leaves, and takes its commitment if it comes back', async () => {
      const game = await collecting(4);
      await game.commit(0, 0, 1);
      await game.accepted({ type: 'leave' }, game.players[2]!);
      await game.commit(0, 3);
      await game.accepted({ type: 'join' }, game.players[2]!);
      await game.commit(0, 2);
      await game.accepted({ type: 'close', round: 0, committed: 4, unavailable: [] }, game.lead());
    });
  });

  describe('complaints (§12.4)', () => {
    it('are by members of the mask set about other members, once each', async () => {
      const game = await opened(5);
      const complain = (...accused: number[]): Move => ({ type: 'complain', round: 0, accused });
      const [one] = game.players;
      await game.refused('WrongPhase', complain(1), one!);
      await registerAll(game, 0, 0, 1, 2, 3);
      await game.advance(0);
      await game.refused('WrongRole', complain(1), game.players[4]!);
      await game.refused('WrongRole', complain(1), game.outsider);
      for (const accused of [[], [0], [4], [9], [2, 1], [1, 1]]) {
        await game.refused('WrongSet', complain(...accused), one!);
      }
      await game.accepted(complain(1, 3), one!);
      await game.refused('Repeated', complain(1), one!);
      await game.refused('Repeated', complain(2, 3), one!);
      await game.accepted(complain(2), one!);
      expect(game.round(0).masking!.complaints).toEqual({ 1: [0], 2: [0], 3: [0] });
      await game.refused('WrongRound', { type: 'complain', round: 1, accused: [1] }, one!);
    });

    it('of more than half bar for good and void the round, which does not count as failed', async () => {
      const game = await collecting(4, { attempts: 1 });
      await game.commit(0, 0, 1, 2, 3);
      for (const player of range(4)) await announceAll(game, player);
      await game.close(0);
      for (const player of [0, 1, 2]) {
        expect(game.round(0).phase).toBe('opening');
        await game.accepted({ type: 'complain', round: 0, accused: [3] }, game.players[player]!);
      }
      expect(game.round(0)).toMatchObject({
        phase: 'void',
        failure: { reason: 'complaints', accused: [3] },
      });
      expect(game.state.participants[3]).toMatchObject({ left: true, barred: true });
      await game.refused('NotAdmitted', { type: 'join' }, game.players[3]!);
      await game.refused('WrongRole', announce(), game.players[3]!);
      // The keys that the others announced are for the next round.
      await game.open(1);
      expect(Object.keys(game.round(1).masking!.keys)).toHaveLength(3);
      // And the round waits for them alone.
      await registerAll(game, 1, 0, 1, 2);
      expect(game.round(1).phase).toBe('collecting');
    });

    it('bar one for which the next round would not have waited', async () => {
      const game = await collecting(5);
      await game.commit(0, 0, 1, 2, 3);
      await game.passDeadline(0);
      await game.close(0);
      await announceAll(game, ...range(5));
      expect(game.state.participants[4]!.announced!.awaited).toBe(false);
      for (const player of [0, 1, 2]) {
        await game.accepted({ type: 'complain', round: 0, accused: [4] }, game.players[player]!);
      }
      await game.open(1);
      await registerAll(game, 1, 0, 1, 2);
      expect(game.round(1).phase).toBe('open');
      await registerAll(game, 1, 3);
      expect(game.round(1).phase).toBe('collecting');
    });

    it('are taken until a step is posted', async () => {
      const game = await opening(5);
      await revealAll(game, 0, 0, 1, 2);
      await game.advance(0);
      expect(game.round(0).phase).toBe('stepping');
      await game.accepted({ type: 'complain', round: 0, accused: [4] }, game.players[0]!);
      await game.step(0);
      const late: Move = { type: 'complain', round: 0, accused: [3] };
      await game.refused('WrongPhase', late, game.players[0]!);
    });

    it('bar one that has left already, and several at once', async () => {
      const game = await collecting(5);
      await game.commit(0, 0, 1, 2);
      await game.accepted({ type: 'leave' }, game.players[4]!);
      await game.passDeadline(0);
      await game.accepted({ type: 'advance', round: 0 }, game.outsider);
      await announceAll(game, 3);
      for (const player of [0, 1, 2]) {
        await game.accepted({ type: 'complain', round: 0, accused: [3, 4] }, game.players[player]!);
      }
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { accused: [3, 4] } });
      await game.refused('NotAdmitted', { type: 'join' }, game.players[4]!);
      // Three are left, as many as the smallest cohort: one that had left is not counted twice.
      await announceAll(game, 0, 1, 2);
      await game.open(1);
    });
  });

  describe('reveals (§12.5)', () => {
    it('are by members of the mask set, once, of what is in the stores; also of who did not commit', async () => {
      const game = await opening(5, 4);
      const [one] = game.players;
      await game.refused('WrongRole', await reveal(game, 0), game.outsider);
      const blob = fresh();
      const receipts = await game.receipts(fresh());
      await game.refused('WrongReceipt', { type: 'reveal', round: 0, blob, receipts }, one!);
      const more = await signReceipts(game.stores, blob);
      await game.refused('WrongReceipt', { type: 'reveal', round: 0, blob, receipts: more }, one!);
      await game.refused('WrongReceipt', { type: 'reveal', round: 0, blob, receipts: [] }, one!);
      await revealAll(game, 0, 4, 0);
      await game.refused('Repeated', await reveal(game, 0), one!);
      await game.accepted({ type: 'leave' }, game.players[1]!);
      await revealAll(game, 0, 1);
      expect(game.round(0).masking!.revealed).toEqual([4, 0, 1]);
      await game.refused('WrongRound', await reveal(game, 1), game.players[2]!);
      await game.step(0);
      await game.refused('WrongPhase', await reveal(game, 0), game.players[2]!);
    });

    it('that are too few void the round, and enough give the lead its turn to step', async () => {
      const game = await opening(4);
      await revealAll(game, 0, 0, 1);
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'reveals' } });
      expect(game.state.failures).toBe(1);

      const enough = await opening(4);
      await revealAll(enough, 0, 0, 1, 2);
      await enough.advance(0);
      expect(enough.round(0).phase).toBe('stepping');
      await enough.refused('WrongPhase', await reveal(enough, 0), enough.players[3]!);
      await enough.step(0);
    });
  });

  describe('objections (§12.8)', () => {
    const object: Move = { type: 'object', round: 0, model: fresh(), refused: [] };
    /** A step by the first aggregator, to the least reveals that it takes. */
    const stepped = async (change: TermsChange = {}) => {
      const game = await opening(5, 5, change);
      await revealAll(game, 0, 0, 1, 2);
      const model = await game.step(0);
      return { game, model };
    };

    it('have the step made again by the next aggregator, from the same set and more reveals', async () => {
      const { game, model } = await stepped();
      await announceAll(game, ...range(5));
      await game.open(1);
      await registerAll(game, 1, 0, 3);
      await game.accepted(object, game.watcher);
      expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['opening', 'void']);
      expect(game.round(1).failure).toEqual({ reason: 'built', on: 0 });
      const { posted, objections, masking } = game.round(0);
      expect(posted).toBeUndefined();
      expect(objections).toMatchObject([{ posted: { model }, model: object.model, lock: 0 }]);
      expect(masking!.revealed).toEqual([0, 1, 2]);
      expect(game.state).toMatchObject({ lead: 1, failures: 1 });
      // No other round opens, and what was revealed is not revealed again.
      await announceAll(game, 0, 1, 2);
      const open: Move = { type: 'open', round: 2, model: game.terms.model };
      await game.refused('WrongPhase', open, game.creator);
      await game.refused('Repeated', await reveal(game, 0), game.players[0]!);
      await revealAll(game, 0, 3);
      await game.refused('WrongRole', await game.stepOf(0), game.aggregators[0]);
      const again = await game.step(0);
      await game.open(2);
      expect(game.round(2)).toMatchObject({ step: 1, model: again });
      await game.advance(0);
      expect(game.round(0).phase).toBe('final');
    });

    it('leave the turns of stepping to the others', async () => {
      const { game } = await stepped();
      await game.accepted(object, game.watcher);
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'stepping', turn: 0 });
      await game.advance(0);
      await game.step(0);
      expect(game.round(0).phase).toBe('objecting');
    });

    it('void the round once the job does not go on', async () => {
      const { game, model } = await stepped({ attempts: 2 });
      await game.accepted(object, game.watcher);
      const second = await game.step(0);
      await game.accepted({ ...object, model }, game.players[0]!);
      expect(game.round(0)).toMatchObject({
        phase: 'void',
        failure: { reason: 'objected', model, lock: 1 },
        posted: { model: second },
        objections: [{ posted: { model } }],
      });
      await announceAll(game, ...range(5));
      const open: Move = { type: 'open', round: 1, model: game.terms.model };
      await game.refused('JobEnded', open, game.creator);
    });

    it('of an earlier step void what is made again, and complaints do', async () => {
      const { game } = await stepped({ rounds: 4, attempts: 9 });
      await announceAll(game, ...range(5));
      await game.open(1);
      await registerAll(game, 1, ...range(5));
      await game.commit(1, ...range(5));
      await game.close(1);
      await revealAll(game, 1, 0, 1, 2);
      await game.step(1);
      await announceAll(game, ...range(5));
      await game.open(2);
      await game.accepted({ ...object, round: 1 }, game.watcher);
      expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['objecting', 'opening', 'void']);
      await game.accepted(object, game.watcher);
      expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['opening', 'void', 'void']);
      await game.refused('WrongPhase', await reveal(game, 1), game.players[3]!);
      for (const player of [0, 1, 2]) {
        const complain: Move = { type: 'complain', round: 0, accused: [4] };
        await game.accepted(complain, game.players[player]!);
      }
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'complaints' } });
      await announceAll(game, ...range(4));
      await game.open(3);
      expect(game.round(3).step).toBe(0);
    });

    it('of what is made again leave the job unfinished', async () => {
      const { game } = await stepped({ rounds: 1, escrow: 7n, bond: 0n });
      await game.accepted(object, game.watcher);
      await game.accepted({ type: 'end' }, game.creator);
      await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.creator);
      await game.step(0);
      await game.advance(0);
      await game.accepted({ type: 'withdraw', rounds: [] }, game.creator);
    });
  });

  describe('what is included (§12.6)', () => {
    it('is of the right length, and none of it is refused', async () => {
      const game = await collecting(4);
      await game.commit(0, 0, 1, 2, 3);
      await game.close(0, [3]);
      const { blob } = game.round(0).commitments[3]!;
      const stores = game.stores.slice(0, game.terms.copies);
      for (const size of [279, 281, 0]) {
        const receipts = await signReceipts(stores, blob, size);
        await game.refused('WrongReceipt', { type: 'appeal', round: 0, receipts }, game.players[3]!);
      }
      const receipts = await signReceipts(stores, blob, 280);
      await game.accepted({ type: 'appeal', round: 0, receipts }, game.players[3]!);
      await game.advance(0);
      await game.accepted({ type: 'demand', round: 0, participant: 1 }, game.watcher);
      const [right, wrong] = await Promise.all(
        [280, 284].map((size) => signReceipts(stores, game.round(0).commitments[1]!.blob, size)),
      );
      const answer = { type: 'answer', round: 0, participant: 1 } as const;
      await game.refused('WrongReceipt', { ...answer, receipts: wrong! }, game.lead());
      await game.accepted({ ...answer, receipts: right! }, game.lead());
      await revealAll(game, 0, 0, 1, 2);
      const refused = [{ participant: 1, reason: 'WrongLength', entry: 0 }] as const;
      await game.refused('WrongSet', await game.stepOf(0, { refused }), game.lead());
      const model = await game.step(0);
      const object: Move = { type: 'object', round: 0, model: fresh(), refused: [] };
      await game.accepted(object, game.watcher);
      expect(game.round(0).objections).toMatchObject([{ posted: { model } }]);
      expect([...refusedSoFar]).toContain('WrongReceipt');
    });
  });
}
