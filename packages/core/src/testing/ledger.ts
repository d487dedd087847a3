/**
 * Conformance of a ledger: whatever implements the port must refuse and accept as the reducer does, move by move, and end in the same
 * state. The reducer comes as an argument, because the rules live in @nonet/federation, which core does not import.
 *
 * Every test drives the ledger and the reducer side by side: after each move the outcome, the ledger's state and, where the fixture can
 * read it, the ledger's own storage must be the reducer's. Time stands still except for `passTime`.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, type Signer, typedDataDigest } from '../identity.ts';
import type { Address } from '../index.ts';
import {
  isRefusal,
  type JobState,
  type JobTerms,
  type LedgerEvent,
  type Move,
  type Refusal,
  type RefusalCode,
  refusalCodes,
  type StoreReceipt,
  storeReceiptType,
} from '../ports/index.ts';
import {
  defaultTerms,
  fresh,
  type LedgerFixture,
  type LedgerRules,
  shortPhases,
  signReceipt,
  startGame,
} from './ledgerGame.ts';
import { chooseWait, drawMove, randomTerms, randomTurn } from './randomMoves.ts';

/** Declares the suite; call it at the top level of a test file. */
export function testLedger(name: string, rules: LedgerRules): void {
  describe(`${name} as a ledger`, () => {
    let fixture: LedgerFixture;
    const refusedSoFar = new Set<RefusalCode>();

    beforeAll(async () => {
      fixture = await rules.createLedger();
    });
    afterAll(() => fixture?.close?.());

    const start = (change: Partial<JobTerms> = {}) => startGame(fixture, rules, refusedSoFar, change);

    describe('jobs', () => {
      it('returns the terms of a job, and none of an unknown one', async () => {
        const game = await start({ escrow: 12n, bond: 3n, invited: true });
        expect(await fixture.ledger.jobs.read(game.terms.job)).toEqual(game.terms);
        expect(await fixture.ledger.jobs.read(fresh())).toBeUndefined();
      });

      it('creates a job address once', async () => {
        const game = await start({ escrow: 5n });
        const again = await fixture.ledger.jobs.create({ ...game.terms, rounds: 9 }, game.creator);
        expect(again).toMatchObject({ refused: 'JobExists' });
        refusedSoFar.add('JobExists');
        await game.compare();
      });

      it.each<[string, Partial<JobTerms>]>([
        ['no rounds', { rounds: 0 }],
        ['a cohort of nobody', { minimum: 0 }],
        ['a smallest cohort above the largest', { minimum: 4, maximum: 3 }],
        ['a fraction of a round', { rounds: 1.5 }],
        ['too large a cohort', { maximum: 2 ** 32 }],
        ['a phase that ends before it begins', { phases: { ...shortPhases, open: -1 } }],
        ['a negative escrow', { escrow: -1n }],
        ['a bond beyond all money', { bond: 2n ** 128n }],
      ])('does not create a job with %s', async (_, change) => {
        await expect(start(change)).rejects.toMatchObject({ code: 'ledger.terms' });
      });

      it('does not create a job in the name of another', async () => {
        const { ledger, signers } = fixture;
        const terms = defaultTerms(signers, {});
        await expect(ledger.jobs.create(terms, signers[5]!)).rejects.toMatchObject({ code: 'ledger.terms' });
      });

      it('refuses every move of an unknown job', async () => {
        const { ledger, signers } = fixture;
        const moves: Move[] = [
          { type: 'admit', accounts: [] },
          { type: 'join' },
          { type: 'open', round: 0, model: fresh() },
          { type: 'commit', round: 0, commitment: fresh() },
          { type: 'close', round: 0, unavailable: [] },
          { type: 'appeal', round: 0, receipt: signReceipt(signers[0]!, fresh(), 1) },
          { type: 'step', round: 0, model: fresh(), refused: [] },
          { type: 'object', round: 0, model: fresh(), refused: [] },
          { type: 'advance', round: 0 },
          { type: 'withdraw', rounds: [] },
        ];
        for (const move of moves) {
          expect(await ledger.rounds.submit(fresh(), move, signers[0]!)).toMatchObject({
            refused: 'JobUnknown',
          });
        }
        refusedSoFar.add('JobUnknown');
        await expect(ledger.rounds.state(fresh())).rejects.toMatchObject({ code: 'ledger.job' });
      });
    });

    describe('membership (§2)', () => {
      it('admits once, by the creator only', async () => {
        const game = await start({ invited: true });
        const [a, b, c] = game.accounts as [Account, Account, Account];
        await game.refused('WrongRole', { type: 'admit', accounts: [a] }, game.players[0]!);
        await game.refused('Repeated', { type: 'admit', accounts: [a, b, a] }, game.creator);
        await game.accepted({ type: 'admit', accounts: [a, b] }, game.creator);
        await game.refused('Repeated', { type: 'admit', accounts: [c, b] }, game.creator);
        await game.accepted({ type: 'join' }, game.players[0]!);
        await game.refused('Repeated', { type: 'admit', accounts: [a] }, game.creator);
        await game.accepted({ type: 'admit', accounts: [] }, game.creator);
      });

      it('lets the invited join, once, up to the largest cohort', async () => {
        const game = await start({ invited: true, maximum: 3 });
        const [a, b, c, d] = game.players as [Signer, Signer, Signer, Signer];
        await game.refused('NotAdmitted', { type: 'join' }, a);
        await game.accepted({ type: 'admit', accounts: game.accounts }, game.creator);
        for (const player of [b, a, c]) await game.accepted({ type: 'join' }, player);
        await game.refused('Repeated', { type: 'join' }, a);
        await game.refused('CohortFull', { type: 'join' }, d);
        expect(game.state.participants).toEqual([b.account, a.account, c.account]);
      });

      it('lets anybody join an open job', async () => {
        const game = await start();
        await game.accepted({ type: 'join' }, game.players[0]!);
        await game.accepted({ type: 'join' }, game.creator);
      });
    });

    describe('opening (§3)', () => {
      it('asks for role, number, cohort and model, in this order', async () => {
        const game = await start();
        const { aggregator, outsider, terms } = game;
        const other = fresh();
        await game.refused('WrongRole', { type: 'open', round: 7, model: other }, outsider);
        await game.refused('WrongRound', { type: 'open', round: 1, model: other }, aggregator);
        await game.refused('CohortTooSmall', { type: 'open', round: 0, model: other }, aggregator);
        await game.join(2);
        await game.refused('WrongModel', { type: 'open', round: 0, model: other }, aggregator);
        await game.accepted({ type: 'open', round: 0, model: terms.model }, aggregator);
        await game.refused('WrongPhase', { type: 'open', round: 1, model: terms.model }, game.creator);
        await game.refused('WrongRound', { type: 'open', round: 0, model: terms.model }, game.creator);
      });

      it('opens on the step before it is final, from its model, and not beyond the wanted rounds', async () => {
        const game = await start({ rounds: 2 });
        await game.join(2);
        const first = await game.playRound(0);
        await game.refused('WrongModel', { type: 'open', round: 1, model: game.terms.model }, game.creator);
        await game.accepted({ type: 'open', round: 1, model: first }, game.creator);
        await game.commit(1, 0, 1);
        const second = await game.finishRound(1);
        await game.refused('JobComplete', { type: 'open', round: 2, model: second }, game.creator);
      });

      it('opens again after a void round, from the model before', async () => {
        const game = await start();
        await game.join(2);
        await game.openRound(0);
        await game.passDeadline(0);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        expect(game.round(0).phase).toBe('void');
        await game.accepted({ type: 'open', round: 1, model: game.terms.model }, game.creator);
      });

      it('waits in the open phase if it has a duration', async () => {
        const game = await start({ phases: { ...shortPhases, open: 5 } });
        await game.join(2);
        await game.openRound(0);
        await game.refused('WrongPhase', { type: 'commit', round: 0, commitment: fresh() }, game.players[0]!);
        await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
        await game.passTime(5);
        await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
        await game.passTime(1);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        expect(game.round(0).phase).toBe('collecting');
      });
    });

    describe('collecting (§4)', () => {
      it('takes one commitment per participant of the round, in time', async () => {
        const game = await start();
        await game.join(2);
        const [a, b, c] = game.players as [Signer, Signer, Signer];
        await game.refused('WrongRound', { type: 'commit', round: 0, commitment: fresh() }, a);
        await game.openRound(0);
        await game.accepted({ type: 'join' }, c);
        await game.refused('WrongRole', { type: 'commit', round: 0, commitment: fresh() }, c);
        await game.refused('WrongRole', { type: 'commit', round: 0, commitment: fresh() }, game.outsider);
        await game.accepted({ type: 'commit', round: 0, commitment: fresh() }, a);
        await game.refused('Repeated', { type: 'commit', round: 0, commitment: fresh() }, a);
        const zero = `0x${'00'.repeat(32)}` as Address;
        await game.refused('ZeroCommitment', { type: 'commit', round: 0, commitment: zero }, b);
        await game.passTime(game.terms.phases.collecting);
        await game.accepted({ type: 'commit', round: 0, commitment: fresh() }, b);
        await game.passTime(1);
        await game.refused('TooLate', { type: 'commit', round: 0, commitment: fresh() }, a);
      });

      it('closes when all awaited have committed, or at the deadline', async () => {
        const game = await start();
        await game.join(3);
        await game.openRound(0);
        await game.refused('WrongRole', { type: 'close', round: 0, unavailable: [] }, game.creator);
        await game.commit(0, 0, 1);
        await game.refused('TooEarly', { type: 'close', round: 0, unavailable: [] }, game.aggregator);
        await game.passTime(game.terms.phases.collecting);
        await game.refused('TooEarly', { type: 'close', round: 0, unavailable: [] }, game.aggregator);
        await game.passTime(1);
        await game.refused('WrongSet', { type: 'close', round: 0, unavailable: [1, 0] }, game.aggregator);
        await game.refused('WrongSet', { type: 'close', round: 0, unavailable: [0, 0] }, game.aggregator);
        await game.refused('WrongSet', { type: 'close', round: 0, unavailable: [2] }, game.aggregator);
        await game.refused('WrongSet', { type: 'close', round: 0, unavailable: [9999] }, game.aggregator);
        await game.accepted({ type: 'close', round: 0, unavailable: [] }, game.aggregator);
        expect(game.round(0).phase).toBe('stepping');
        await game.refused('WrongPhase', { type: 'close', round: 0, unavailable: [] }, game.aggregator);
      });

      it('does not await an absentee again until it posts, and awaits who joined since', async () => {
        const game = await start({ rounds: 4, minimum: 1 });
        await game.join(3);
        await game.openRound(0);
        await game.commit(0, 0, 1);
        await game.passDeadline(0);
        await game.finishRound(0, []);
        await game.accepted({ type: 'join' }, game.players[3]!);

        await game.openRound(1);
        await game.commit(1, 0, 1);
        await game.refused('TooEarly', { type: 'close', round: 1, unavailable: [] }, game.aggregator);
        await game.commit(1, 3);
        await game.finishRound(1, []);

        // Participant 2 posts unasked and is awaited from then on.
        await game.openRound(2);
        await game.commit(2, 2);
        await game.refused('TooEarly', { type: 'close', round: 2, unavailable: [] }, game.aggregator);
        await game.commit(2, 0, 1, 3);
        await game.finishRound(2, []);
        await game.openRound(3);
        await game.commit(3, 0, 1, 3);
        await game.refused('TooEarly', { type: 'close', round: 3, unavailable: [] }, game.aggregator);
      });

      it('awaits everybody after a round in which nobody committed', async () => {
        const game = await start();
        await game.join(3);
        await game.openRound(0);
        await game.passDeadline(0);
        await game.accepted({ type: 'close', round: 0, unavailable: [] }, game.aggregator);
        expect(game.round(0).phase).toBe('void');
        await game.openRound(1);
        await game.commit(1, 0, 1);
        await game.refused('TooEarly', { type: 'close', round: 1, unavailable: [] }, game.aggregator);
      });
    });

    describe('the inclusion set (§5)', () => {
      const phases = { open: 0, collecting: 60, appealing: 20, complaining: 0, opening: 0, stepping: 60 };

      it('includes an unavailable participant again on a listed store receipt', async () => {
        const game = await start({ phases });
        const { aggregator, players, store } = game;
        await game.join(3);
        await game.openRound(0);
        await game.commit(0, 0, 1, 2);
        await game.accepted({ type: 'close', round: 0, unavailable: [0, 1] }, aggregator);
        const blob = game.round(0).commitments[0]!;
        const receipt = signReceipt(store, blob, 1234);
        const appeal = (change: Partial<StoreReceipt>): Move => ({
          type: 'appeal',
          round: 0,
          receipt: { ...receipt, ...change },
        });
        await game.refused('WrongRole', appeal({}), players[2]!);
        await game.refused('WrongRole', appeal({}), game.outsider);
        await game.refused('WrongReceipt', appeal({}), players[1]!);
        await game.refused('WrongReceipt', appeal({ size: 1235 }), players[0]!);
        await game.refused('WrongReceipt', appeal({ store: players[0]!.account }), players[0]!);
        await game.refused('WrongReceipt', appeal({ ...signReceipt(players[0]!, blob, 1234) }), players[0]!);
        // The contract could take it; no follower could read it.
        const huge = 2n ** 60n;
        const digest = typedDataDigest({}, storeReceiptType, { blob, size: huge });
        await game.refused(
          'WrongReceipt',
          appeal({ size: Number(huge), signature: store.sign(digest) }),
          players[0]!,
        );
        for (const signature of spoiltSignatures(receipt.signature)) {
          await game.refused('WrongReceipt', appeal({ signature }), players[0]!);
        }
        await game.accepted(appeal({}), players[0]!);
        expect(game.round(0).unavailable).toEqual([1]);
        await game.refused('WrongRole', appeal({}), players[0]!);
        await game.passDeadline(0);
        await game.refused(
          'TooLate',
          { type: 'appeal', round: 0, receipt: signReceipt(store, game.round(0).commitments[1]!, 1) },
          players[1]!,
        );
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        expect(game.round(0).phase).toBe('stepping');
        await game.refused('WrongSet', { type: 'step', round: 0, model: fresh(), refused: [1] }, aggregator);
        await game.finishRound(0, [], false);
      });

      it('is void with fewer than the smallest cohort', async () => {
        const game = await start({ phases });
        await game.join(2);
        await game.openRound(0);
        await game.commit(0, 0, 1);
        await game.accepted({ type: 'close', round: 0, unavailable: [1] }, game.aggregator);
        expect(game.round(0).phase).toBe('appealing');
        await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
        await game.passDeadline(0);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        expect(game.round(0).phase).toBe('void');
        await game.refused('WrongPhase', { type: 'advance', round: 0 }, game.outsider);
      });

      it('goes through complaining and opening where they last', async () => {
        const game = await start({ phases: { ...phases, complaining: 7, opening: 9 } });
        await game.join(2);
        await game.openRound(0);
        await game.commit(0, 0, 1);
        await game.accepted({ type: 'close', round: 0, unavailable: [] }, game.aggregator);
        for (const phase of ['complaining', 'opening']) {
          expect(game.round(0).phase).toBe(phase);
          await game.refused(
            'WrongPhase',
            { type: 'step', round: 0, model: fresh(), refused: [] },
            game.aggregator,
          );
          await game.refused('TooEarly', { type: 'advance', round: 0 }, game.outsider);
          await game.passDeadline(0);
          await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        }
        expect(game.round(0).phase).toBe('stepping');
      });
    });

    describe('stepping (§6)', () => {
      it('takes one step from an aggregator, in time, over included participants', async () => {
        const game = await start();
        const { aggregator } = game;
        await game.join(4);
        await game.openRound(0);
        await game.commit(0, 0, 1, 3);
        await game.passDeadline(0);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        const step = (refused: number[]): Move => ({ type: 'step', round: 0, model: fresh(), refused });
        await game.refused('WrongRole', step([]), game.creator);
        await game.refused('WrongSet', step([2]), aggregator);
        await game.refused('WrongSet', step([3, 1]), aggregator);
        await game.refused('CohortTooSmall', step([0, 1]), aggregator);
        await game.accepted(step([1]), aggregator);
        await game.refused('Repeated', step([]), aggregator);
      });

      it('is void without a step', async () => {
        const game = await start();
        await game.join(2);
        await game.openRound(0);
        await game.commit(0, 0, 1);
        await game.accepted({ type: 'close', round: 0, unavailable: [] }, game.aggregator);
        await game.passDeadline(0);
        await game.refused(
          'TooLate',
          { type: 'step', round: 0, model: fresh(), refused: [] },
          game.aggregator,
        );
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        expect(game.round(0).phase).toBe('void');
      });
    });

    describe('objecting (§7)', () => {
      it('ends the job: its round and the later ones are void, earlier ones become final', async () => {
        const game = await start({ rounds: 4, escrow: 1000n, bond: 77n });
        const [a] = game.players as [Signer];
        await game.join(2);
        const first = await game.playRound(0);
        await game.openRound(1);
        await game.commit(1, 0, 1);
        await game.accepted({ type: 'close', round: 1, unavailable: [] }, game.aggregator);
        await game.refused('TooEarly', { type: 'object', round: 1, model: fresh(), refused: [] }, a);
        const second = await game.finishRound(1);
        await game.openRound(2);
        await game.commit(2, 0);
        await game.accepted({ type: 'join' }, game.players[2]!);
        await game.refused(
          'WrongRole',
          { type: 'object', round: 1, model: fresh(), refused: [] },
          game.players[2]!,
        );
        await game.refused(
          'WrongRole',
          { type: 'object', round: 1, model: fresh(), refused: [] },
          game.outsider,
        );
        await game.refused('WrongModel', { type: 'object', round: 1, model: second, refused: [] }, a);
        for (const refused of [[1, 0], [0, 0], [2]]) {
          await game.refused('WrongSet', { type: 'object', round: 1, model: first, refused }, a);
        }
        await game.accepted({ type: 'object', round: 1, model: first, refused: [] }, a);
        expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['stepping', 'void', 'void']);
        expect(await fixture.ledger.rounds.state(game.terms.job)).toMatchObject({
          end: { reason: 'objected', round: 1, posted: second, objected: first, by: a.account },
        });

        for (const move of [
          { type: 'join' },
          { type: 'admit', accounts: [] },
          { type: 'open', round: 3, model: second },
          { type: 'commit', round: 2, commitment: fresh() },
          { type: 'close', round: 2, unavailable: [] },
          { type: 'appeal', round: 2, receipt: signReceipt(game.store, fresh(), 1) },
          { type: 'step', round: 1, model: first, refused: [] },
          { type: 'object', round: 0, model: second, refused: [] },
        ] as Move[]) {
          await game.refused('JobEnded', move, game.aggregator);
        }
        await game.refused('WrongPhase', { type: 'advance', round: 1 }, a);
        await game.refused('WrongPhase', { type: 'advance', round: 2 }, a);
        await game.refused('TooEarly', { type: 'advance', round: 0 }, a);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.creator);
        await game.passDeadline(0);
        await game.accepted({ type: 'advance', round: 0 }, a);
        expect(game.round(0).phase).toBe('final');

        // 1000 / 4 / 2 = 125 each for round 0; the rest goes back; the bond is locked for a day.
        expect(await game.withdraw([0, 1], a)).toBe(125n);
        expect(await game.withdraw([], game.creator)).toBe(750n);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, a);
        await game.passTime(86_400);
        expect(await game.withdraw([], a)).toBe(77n);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, a);
        expect(await game.withdraw([0], game.players[1]!)).toBe(125n);
      });

      it('contests the refused participants of the right model', async () => {
        const game = await start({ minimum: 1 });
        await game.join(4);
        const model = await game.playRound(0, [0, 1, 2, 3], [1, 3]);
        const object = (refused: number[]): Move => ({ type: 'object', round: 0, model, refused });
        await game.refused('WrongModel', object([1, 3]), game.watcher);
        await game.refused('WrongSet', object([3, 1]), game.watcher);
        await game.refused('WrongSet', object([1, 4]), game.watcher);
        await game.accepted(object([1, 2]), game.watcher);
        expect(game.state.end).toMatchObject({ posted: model, objected: model, refused: [1, 2] });
        for (const refused of [[], [1], [1, 2, 3]]) {
          const other = await start({ minimum: 1 });
          await other.join(4);
          const same = await other.playRound(0, [0, 1, 2, 3], [1, 3]);
          await other.accepted({ type: 'object', round: 0, model: same, refused }, other.watcher);
        }
      });

      it('locks the bond for 86,400 seconds, not less', async () => {
        const game = await start({ bond: 5n });
        await game.join(2);
        await game.playRound(0);
        await game.accepted({ type: 'object', round: 0, model: fresh(), refused: [] }, game.watcher);
        await game.passTime(86_400);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.watcher);
        await game.passTime(1);
        expect(await game.withdraw([], game.watcher)).toBe(5n);
      });

      it('comes in time or not at all', async () => {
        const game = await start();
        await game.join(2);
        await game.playRound(0);
        await game.passDeadline(0);
        await game.refused(
          'TooLate',
          { type: 'object', round: 0, model: fresh(), refused: [] },
          game.watcher,
        );
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        await game.refused(
          'WrongPhase',
          { type: 'object', round: 0, model: fresh(), refused: [] },
          game.watcher,
        );
      });
    });

    describe('escrow (§9)', () => {
      it('pays rounded-down equal shares per final round, the rest to the creator', async () => {
        const game = await start({ rounds: 2, escrow: 1001n });
        const [a, b, c, d] = game.players as [Signer, Signer, Signer, Signer];
        await game.join(4);
        await game.playRound(0, [0, 1, 2], [1]);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [0] }, a);
        await game.passDeadline(0);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        await game.refused('WrongSet', { type: 'withdraw', rounds: [1] }, a);
        await game.refused('WrongSet', { type: 'withdraw', rounds: [0, 0] }, a);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [0] }, b);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [0] }, d);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [0] }, game.outsider);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, a);
        expect(await game.withdraw([0], a)).toBe(250n);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [0] }, a);
        await game.playRound(1);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.creator);
        await game.passDeadline(1);
        await game.accepted({ type: 'advance', round: 1 }, game.outsider);
        expect(await game.withdraw([0, 1], a)).toBe(125n);
        // floor(1001 / 2) = 500: two shares of 250 and four of 125 leave 1.
        expect(await game.withdraw([], game.creator)).toBe(1n);
        expect(await game.withdraw([0, 1], c)).toBe(375n);
        expect(game.state.end).toBeUndefined();
        await game.refused('JobComplete', { type: 'open', round: 2, model: fresh() }, game.creator);
      });

      it('keeps the rest while a round is running', async () => {
        const game = await start({ escrow: 10n });
        await game.join(2);
        await game.openRound(0);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.creator);
        await game.commit(0, 0, 1);
        await game.accepted({ type: 'close', round: 0, unavailable: [] }, game.aggregator);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.creator);
        await game.passDeadline(0);
        await game.accepted({ type: 'advance', round: 0 }, game.outsider);
        expect(await game.withdraw([], game.creator)).toBe(10n);
      });

      it('ends a job whose creator takes the rest early', async () => {
        const game = await start({ escrow: 10n });
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.players[0]!);
        expect(await game.withdraw([], game.creator)).toBe(10n);
        expect(game.state.end).toEqual({ reason: 'withdrawn' });
        await game.refused('JobEnded', { type: 'join' }, game.players[0]!);
        await game.refused('NothingOwed', { type: 'withdraw', rounds: [] }, game.creator);
      });
    });

    describe('following', () => {
      it('yields every accepted move, then the new ones, until the signal aborts', async () => {
        const game = await start();
        const abort = new AbortController();
        const seen: LedgerEvent[] = [];
        await game.join(2);
        const following = (async () => {
          for await (const event of fixture.ledger.rounds.follow(game.terms.job, abort.signal)) {
            seen.push(event);
            if (event.move.type === 'step') abort.abort();
          }
        })();
        await game.refused('WrongRound', { type: 'advance', round: 0 }, game.outsider);
        await game.playRound(0);
        await following;
        expect(seen.map(({ move }) => move)).toEqual(game.moves);
        // The sum over transactions, each counted once.
        const { ledger } = fixture;
        const transactions = seen.map(({ transaction }) => transaction);
        const each = await Promise.all(
          transactions.map((transaction) => ledger.rounds.gasUsed([transaction])),
        );
        const sum = each.reduce((a, b) => a + b);
        expect(await ledger.rounds.gasUsed([...transactions, ...transactions])).toBe(sum);
        expect(await ledger.rounds.gasUsed([])).toBe(0);
        const folded = seen.reduce<JobState | Refusal>(
          (state, { move, by, at }) => (isRefusal(state) ? state : rules.reduce(state, move, by, at)),
          rules.createJobState(game.terms),
        );
        expect(folded).toEqual(game.state);
        seen.forEach((event, i) => {
          expect(event).toMatchObject({
            block: expect.any(Number),
            transaction: expect.stringMatching(/^0x/),
          });
          if (i > 0) expect(event.block).toBeGreaterThanOrEqual(seen[i - 1]!.block);
        });
      });

      it('orders moves that come at once', async () => {
        const game = await start();
        const outcomes = await Promise.all(
          [...game.players.slice(0, 4), game.players[0]!].map((player) =>
            fixture.ledger.rounds.submit(game.terms.job, { type: 'join' }, player),
          ),
        );
        expect(outcomes.filter((outcome) => isRefusal(outcome))).toMatchObject([{ refused: 'Repeated' }]);
        const { participants } = await fixture.ledger.rounds.state(game.terms.job);
        expect([...participants].sort()).toEqual(game.accounts.slice(0, 4).sort());
      });
    });

    describe('anchors', () => {
      it('finds the first anchor of a root', async () => {
        const { ledger, signers } = fixture;
        const [job, root] = [fresh(), fresh()];
        expect(await ledger.anchors.find(job, root)).toBeUndefined();
        const first = await ledger.anchors.post(job, root, signers[1]!);
        expect(first).toMatchObject({ chainId: ledger.chainId, contract: ledger.contract });
        await ledger.anchors.post(job, root, signers[2]!);
        expect(await ledger.anchors.find(job, root)).toEqual({ ...first, by: signers[1]!.account });
        expect(await ledger.anchors.find(fresh(), root)).toBeUndefined();
        expect(await ledger.anchors.find(job, fresh())).toBeUndefined();
      });
    });

    it('agrees with the reducer in random games', async () => {
      let [accepted, refused] = [0, 0];
      await fc.assert(
        fc.asyncProperty(
          randomTerms,
          fc.array(randomTurn, { minLength: 30, maxLength: 60 }),
          async (change, turns) => {
            const game = await start(change);
            for (const turn of turns) {
              if (turn.wait < 2) await game.passTime(chooseWait(game, turn));
              else if (isRefusal(await game.play(...drawMove(game, turn, rules, await game.now()))))
                refused++;
              else accepted++;
            }
          },
        ),
        { numRuns: rules.games ?? 20, endOnFailure: true },
      );
      // Otherwise the games say little.
      expect(accepted).toBeGreaterThan(refused / 3);
      expect(refused).toBeGreaterThan(accepted / 10);
    }, 120_000);

    it('has shown every reason to refuse', () => {
      expect([...refusedSoFar].sort()).toEqual([...refusalCodes].sort());
    });
  });
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Variants of a signature that must not count: the other of the pair (s, -s), other v, torn, extended, nothing. */
function spoiltSignatures(signature: `0x${string}`): `0x${string}`[] {
  const [r, s, v] = [signature.slice(2, 66), signature.slice(66, 130), signature.slice(130)];
  const highS = (order - BigInt(`0x${s}`)).toString(16).padStart(64, '0');
  const otherV = v === '1b' ? '1c' : '1b';
  return [
    `0x${r}${highS}${otherV}`,
    `0x${r}${highS}${v}`,
    `0x${r}${s}${otherV}`,
    `0x${r}${s}${v === '1b' ? '00' : '01'}`,
    `0x${r}${s}1d`,
    `0x${'00'.repeat(32)}${s}${v}`,
    `0x${r}${'00'.repeat(32)}${v}`,
    `0x${'ff'.repeat(32)}${s}${v}`,
    `0x${r}${s}`,
    `0x${r}${s}${v}00`,
    '0x',
  ];
}
