/** A round's step (docs/specs/round.md §6), and how it becomes final (§10.2). */
import { describe, expect, it } from 'vitest';
import { type Move, type RefusedUpdate, updateRefusalCodes } from '../../ports/index.ts';
import { rule, signReceipts } from './blobs.ts';
import { fresh, type TermsChange } from './game.ts';
import { spoilReceipts } from './spoiltReceipts.ts';
import type { Suite } from './suite.ts';

const advance = (round: number): Move => ({ type: 'advance', round });

export function testStepping({ start }: Suite): void {
  const stepping = async (players: number, change: TermsChange = {}) => {
    const game = await start(change);
    await game.join(players);
    await game.open(0);
    await game.commit(0, ...game.state.participants.keys());
    await game.close(0);
    return game;
  };

  describe('stepping (§6)', () => {
    it('takes one step of the lead, also after the deadline, over included participants', async () => {
      const game = await stepping(4);
      const step = (...refused: RefusedUpdate[]) => game.stepOf(0, { refused });
      await game.refused('WrongRole', await step(), game.creator);
      await game.refused('WrongRole', await step(), game.aggregators[1]);
      await game.refused('WrongRound', { ...(await step()), round: 1 }, game.lead());
      await game.refused('WrongSet', await step(refusal(4)), game.lead());
      await game.refused('WrongSet', await step(refusal(3), refusal(1)), game.lead());
      await game.refused('WrongSet', await step(refusal(1), refusal(1)), game.lead());
      await game.refused('WrongSet', await step({ ...refusal(1), entry: 1 }), game.lead());
      const outOfRange = { participant: 1, reason: 'OutOfRange', entry: rule.entries } as const;
      await game.refused('WrongSet', await step(outOfRange), game.lead());
      await game.refused('CohortTooSmall', await step(refusal(0), refusal(1), refusal(2)), game.lead());
      await game.passDeadline(0);
      const refused = [refusal(1), { ...outOfRange, participant: 3, entry: rule.entries - 1 }];
      const model = fresh();
      await game.accepted(await game.stepOf(0, { model, refused }), game.lead());
      const by = game.aggregators[0].account;
      expect(game.round(0)).toMatchObject({ phase: 'objecting', posted: { model, refused, by } });
      expect(game.round(0).deadline).toBe((await game.now()) + 40);
      await game.refused('WrongPhase', await step(), game.lead());
    });

    it.each(updateRefusalCodes)('takes the reason %s', async (reason) => {
      const game = await stepping(3);
      await game.step(0, { refused: [{ participant: 1, reason, entry: 0 }] });
    });

    it('takes any entry of a job without a rule', async () => {
      const game = await stepping(3, { judged: false });
      await game.step(0, { refused: [{ participant: 1, reason: 'OutOfRange', entry: 2 ** 32 - 1 }] });
    });

    it('asks for receipts of the model', async () => {
      const game = await stepping(2);
      const model = fresh();
      const step = await game.stepOf(0, { model });
      const spoilt = await spoilReceipts(game, model);
      await game.refusedEach(
        'WrongReceipt',
        spoilt.map(([what, receipts]) => [what, { ...step, receipts }] as const),
        game.lead(),
      );
      await game.refused('WrongReceipt', { ...step, model: fresh() }, game.lead());
      await game.accepted(step, game.lead());
    });

    it('takes no partial sums of few updates', async () => {
      const game = await stepping(2);
      await game.refused('WrongModel', await game.stepOf(0, { partials: fresh() }), game.lead());
    });

    it('asks for as many receipts as the job wants copies', async () => {
      for (const copies of [1, 3]) {
        const game = await stepping(2, { copies });
        const step = await game.stepOf(0);
        expect(step.receipts.length).toBe(copies);
        const two = await signReceipts(game.stores.slice(0, 2), step.model);
        await game.refused('WrongReceipt', { ...step, receipts: two }, game.lead());
        await game.accepted(step, game.lead());
      }
    });

    it('passes the turn with each deadline, and is void when all have had it', async () => {
      const game = await stepping(2);
      await game.reachDeadline(0);
      await game.refused('TooEarly', advance(0), game.outsider);
      await game.passTime(1);
      await game.accepted(advance(0), game.outsider);
      expect(game.state.lead).toBe(1);
      expect(game.round(0)).toMatchObject({
        phase: 'stepping',
        turn: 1,
        deadline: (await game.now()) + 30,
      });
      await game.refused('WrongRole', await game.stepOf(0), game.aggregators[0]);
      await game.advance(0);
      expect(game.round(0)).toMatchObject({ phase: 'void', failure: { reason: 'deadline' } });
      expect(game.state).toMatchObject({ lead: 0, failures: 1 });
    });

    it('goes on with the aggregator that stepped in', async () => {
      const game = await stepping(2);
      await game.advance(0);
      const model = await game.step(0);
      const by = game.aggregators[1].account;
      expect(game.round(0).posted).toStrictEqual({ model, refused: [], by });
      await game.open(1);
      expect(game.state.lead).toBe(1);
    });
  });

  describe('becoming final (§10.2)', () => {
    it('is for anyone, after the deadline, in the order of rounds', async () => {
      const game = await stepping(2, { rounds: 2, attempts: 9 });
      await game.step(0);
      await game.refused('TooEarly', advance(0), game.outsider);
      await game.reachDeadline(0);
      await game.refused('TooEarly', advance(0), game.outsider);
      await game.refused('WrongRound', advance(1), game.outsider);
      await game.playRound(1);
      await game.passDeadline(1);
      await game.refused('WrongPhase', advance(1), game.outsider);
      await game.accepted(advance(0), game.outsider);
      expect(game.round(0).phase).toBe('final');
      await game.refused('WrongPhase', advance(0), game.outsider);
      await game.accepted(advance(1), game.players[0]!);
    });

    it('passes void rounds over, and forgets them', async () => {
      const game = await start();
      await game.join(2);
      await game.open(0);
      await game.close(0);
      await game.playRound(1);
      expect(game.state.failures).toBe(1);
      await game.advance(1);
      expect(game.round(1).phase).toBe('final');
      expect(game.state.failures).toBe(0);
    });
  });
}

/** One that needs no entry. */
const refusal = (participant: number): RefusedUpdate => ({ participant, reason: 'WrongModel', entry: 0 });
