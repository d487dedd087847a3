/** Jobs, followers, anchors: what the port promises besides the rules of rounds. */
import { describe, expect, it } from 'vitest';
import { isRefusal, type JobState, type LedgerEvent, type Move, type Refusal } from '../../ports/index.ts';
import { fresh, shortPhases, type TermsChange, termsOf } from './game.ts';
import type { Suite } from './suite.ts';

export function testJobs({ start, fixture, refusedSoFar, rules }: Suite): void {
  describe('jobs (§1.1)', () => {
    it.each<[string, TermsChange]>([
      ['with a rule', { escrow: 12n, bond: 3n }],
      ['without a rule, by invitation', { judged: false, invited: true, grace: 0, expiry: 0 }],
    ])('returns the terms of a job %s', async (_, change) => {
      const game = await start(change);
      expect(await fixture().ledger.jobs.read(game.job)).toEqual(game.terms);
    });

    it('returns no terms of an unknown job', async () => {
      expect(await fixture().ledger.jobs.read(fresh())).toBeUndefined();
    });

    it("creates one creator's record once, and another creator's beside it", async () => {
      const game = await start({ escrow: 5n });
      const { jobs } = fixture().ledger;
      const again = await jobs.create({ ...game.terms, rounds: 9 }, game.creator);
      expect(again).toMatchObject({ refused: 'JobExists' });
      refusedSoFar.add('JobExists');
      await game.compare();
      const other = { ...game.terms, creator: game.outsider.account, escrow: 0n };
      expect(isRefusal(await jobs.create(other, game.outsider))).toBe(false);
      await game.compare();
    });

    it.each<[string, TermsChange]>([
      ['no rounds', { rounds: 0 }],
      ['a fraction of a round', { rounds: 1.5 }],
      ['a cohort of nobody', { minParticipants: 0 }],
      ['a smallest cohort above the largest', { minParticipants: 4, maxParticipants: 3 }],
      ['too large a cohort', { maxParticipants: 2 ** 16 }],
      ['a phase that ends before it begins', { phases: { ...shortPhases, open: -1 } }],
      ['no attempts', { attempts: 0 }],
      ['an expiry beyond all time', { expiry: 2 ** 40 }],
      ['no aggregators', { aggregators: [] }],
      ['no stores', { stores: [], copies: 0 }],
      ['more copies than stores', { copies: 4 }],
      ['no copies', { copies: 0 }],
      ['no weight', { maximumWeight: 0 }],
      ['a rule about nothing', { rule: { entries: 0, headerLeaves: 1 } }],
      ['a rule without a header', { rule: { entries: 1, headerLeaves: 0 } }],
      ['a negative escrow', { escrow: -1n }],
      ['a bond beyond all money', { bond: 2n ** 96n }],
    ])('does not create a job with %s', async (_, change) => {
      await expect(start(change)).rejects.toMatchObject({ code: 'ledger.terms' });
    });

    it('does not create a job with an account listed twice', async () => {
      const { terms } = await start();
      for (const name of ['aggregators', 'watchers', 'stores'] as const) {
        const change = { [name]: [...terms[name], terms[name][0]!] };
        await expect(start(change)).rejects.toMatchObject({ code: 'ledger.terms' });
      }
    });

    it('does not create a job in the name of another', async () => {
      const game = await start();
      const create = fixture().ledger.jobs.create(termsOf(game, {}), game.outsider);
      await expect(create).rejects.toMatchObject({ code: 'ledger.terms' });
    });

    it('refuses every move of an unknown job', async () => {
      const { ledger, signers } = fixture();
      const receipts = (await (await start()).stepOf(0)).receipts;
      const shown = { length: 0, leaf: '0x', path: [] } as const;
      const moves: Move[] = [
        { type: 'stake' },
        { type: 'admit', accounts: [] },
        { type: 'join' },
        { type: 'leave' },
        { type: 'end' },
        { type: 'open', round: 0, model: fresh() },
        { type: 'commit', round: 0, blob: fresh(), weight: 1 },
        { type: 'close', round: 0, committed: 0, unavailable: [] },
        { type: 'appeal', round: 0, receipts },
        { type: 'step', round: 0, model: fresh(), refused: [], receipts },
        { type: 'demand', round: 0, participant: 0 },
        { type: 'answer', round: 0, participant: 0, receipts },
        { type: 'prove', round: 0, lie: { kind: 'refused', participant: 0, shown } },
        { type: 'prove', round: 0, lie: { kind: 'silence', participant: 0 } },
        { type: 'object', round: 0, model: fresh(), refused: [] },
        { type: 'advance', round: 0 },
        { type: 'withdraw', rounds: [] },
      ];
      for (const move of moves) {
        const outcome = await ledger.rounds.submit(fresh(), move, signers[0]!);
        expect(outcome, move.type).toMatchObject({ refused: 'JobUnknown' });
      }
      refusedSoFar.add('JobUnknown');
      await expect(ledger.rounds.moves(fresh())).rejects.toMatchObject({ code: 'ledger.job' });
    });
  });

  describe('following', () => {
    it('yields every accepted move, then the new ones, until the signal aborts', async () => {
      const game = await start();
      const { ledger } = fixture();
      const abort = new AbortController();
      const seen: LedgerEvent[] = [];
      await game.join(2);
      const following = (async () => {
        for await (const event of ledger.rounds.follow(game.job, abort.signal)) {
          seen.push(event);
          if (event.move.type === 'step') abort.abort();
        }
      })();
      await game.refused('WrongRound', { type: 'advance', round: 0 }, game.outsider);
      await game.playRound(0);
      await following;
      expect(seen.map(({ move }) => move)).toEqual(game.moves);
      expect(seen).toEqual(await ledger.rounds.moves(game.job));
      // The sum over transactions, each counted once.
      const transactions = seen.map(({ transaction }) => transaction);
      const each = await Promise.all(transactions.map((transaction) => ledger.rounds.gasUsed([transaction])));
      const sum = each.reduce((a, b) => a + b);
      expect(await ledger.rounds.gasUsed([...transactions, ...transactions])).toBe(sum);
      expect(await ledger.rounds.gasUsed([])).toBe(0);
      const folded = seen.reduce<JobState | Refusal>(
        (state, { move, by, at }) => (isRefusal(state) ? state : rules.reduce(state, move, by, at)),
        rules.createJobState(game.terms, ledger),
      );
      expect(folded).toEqual(game.state);
      for (const [i, event] of seen.entries()) {
        expect(event).toMatchObject({
          block: expect.any(Number),
          transaction: expect.stringMatching(/^0x/),
        });
        if (i > 0) expect(event.block).toBeGreaterThanOrEqual(seen[i - 1]!.block);
      }
    });

    it('orders moves that come at once', async () => {
      const game = await start();
      const { ledger } = fixture();
      const outcomes = await Promise.all(
        [...game.players.slice(0, 4), game.players[0]!].map((player) =>
          ledger.rounds.submit(game.job, { type: 'join' }, player),
        ),
      );
      expect(outcomes.filter((outcome) => isRefusal(outcome))).toMatchObject([{ refused: 'Repeated' }]);
      const senders = (await ledger.rounds.moves(game.job)).map(({ by }) => by);
      expect(senders.sort()).toEqual(game.accounts.slice(0, 4).sort());
    });
  });

  describe('moves in one transaction', () => {
    it('are taken in their order, at one time and in one block', async () => {
      const game = await start();
      await game.join(2);
      await game.open(0);
      await game.commit(0, 0, 1);
      const step = await game.stepOf(0);
      const posted = await game.together(
        [
          { type: 'close', round: 0, committed: 2, unavailable: [] },
          step,
          { type: 'open', round: 1, model: step.model },
        ],
        game.lead(),
      );
      expect(posted).not.toHaveProperty('refused');
      const events = (await fixture().ledger.rounds.moves(game.job)).slice(-3);
      expect(events.map(({ move }) => move.type)).toEqual(['close', 'step', 'open']);
      expect(new Set(events.map(({ transaction, block, at }) => `${transaction} ${block} ${at}`)).size).toBe(
        1,
      );
      expect(game.round(1).phase).toBe('collecting');
    });

    it('are taken all or none', async () => {
      const game = await start();
      await game.join(2);
      const open: Move = { type: 'open', round: 0, model: game.terms.model };
      const both = [open, { ...open, round: 1 }];
      expect(await game.together(both, game.aggregators[0])).toMatchObject({ refused: 'WrongPhase' });
      expect(game.state.rounds).toEqual([]);
      await game.open(0);
    });

    it('bring no wei, so that no bond is paid twice with one sum', async () => {
      const game = await start({ bond: 5n });
      const [aggregator] = game.aggregators;
      expect(await game.together([{ type: 'stake' }], aggregator)).toMatchObject({ refused: 'WrongValue' });
      expect(await game.together([{ type: 'join' }, { type: 'stake' }], aggregator)).toMatchObject({
        refused: 'WrongValue',
      });
      await game.stake(aggregator);
    });
  });

  describe('anchors', () => {
    it('finds the first anchor of a root by its sender, whatever others post', async () => {
      const { ledger, signers } = fixture();
      const [job, root] = [fresh(), fresh()];
      const [stranger, owner] = [signers[1]!, signers[2]!];
      await ledger.anchors.post(job, root, stranger);
      expect(await ledger.anchors.find(job, root, owner.account)).toBeUndefined();
      const first = await ledger.anchors.post(job, root, owner);
      expect(first).toMatchObject({ chainId: ledger.chainId, contract: ledger.contract });
      await ledger.anchors.post(job, root, owner);
      expect(await ledger.anchors.find(job, root, owner.account)).toEqual(first);
      expect(await ledger.anchors.find(fresh(), root, owner.account)).toBeUndefined();
      expect(await ledger.anchors.find(job, fresh(), owner.account)).toBeUndefined();
    });
  });

  describe('models', () => {
    it('finds who registered a model, in order, or one account alone', async () => {
      const { ledger, signers } = fixture();
      const [model, registration, another] = [fresh(), fresh(), fresh()];
      const [stranger, owner] = [signers[1]!, signers[2]!];
      expect(await ledger.models.find(model)).toEqual([]);
      const first = await ledger.models.register(model, registration, owner);
      await ledger.models.register(model, another, stranger);
      await ledger.models.register(fresh(), registration, owner);
      const { gas: _, ...place } = first;
      expect(place).toMatchObject({ chainId: ledger.chainId, contract: ledger.contract });
      const own = { ...place, registration, by: owner.account };
      const found = await ledger.models.find(model);
      expect(found).toMatchObject([own, { registration: another, by: stranger.account }]);
      expect(await ledger.models.find(model, owner.account)).toEqual([own]);
      expect(await ledger.models.find(fresh(), owner.account)).toEqual([]);
    });
  });
}
