/**
 * Rounds of more than 128 participants: partial sums, and lies about them (docs/specs/round.md
 * §6.1, §8.3, §8.4).
 */
import { describe, expect, it } from 'vitest';
import { createPrivateKey, createSigner, type Signer } from '../../identity.ts';
import { addressOf, contentLeafBytes } from '../../index.ts';
import { groupSize, type Lie, type Move } from '../../ports/index.ts';
import { alterLie } from './alterations.ts';
import {
  averageModel,
  encodeModel,
  encodePartials,
  entriesOf,
  leafOfEntry,
  rule,
  showLeaf,
} from './blobs.ts';
import { fresh, type Game } from './game.ts';
import type { Suite } from './suite.ts';

const start = encodeModel(Float32Array.from({ length: rule.entries }, (_, i) => i / 4));
/** Three groups; of each entry three sums. */
const size = 2 * groupSize + 1;
const groups = 3;
/** Who commits: two in the first group, none in the second. */
const committing = [1, groupSize - 1, 2 * groupSize];

export function testGroups({ start: startJob, fixture, rules }: Suite): void {
  async function joinMany(game: Game, count: number): Promise<Signer[]> {
    const signers = Array.from({ length: count }, () => createSigner(createPrivateKey()));
    await fixture().fund(signers.map(({ account }) => account));
    for (const signer of signers) await game.accepted({ type: 'join' }, signer);
    return signers;
  }

  async function closeWith(
    game: Game,
    round: number,
    senders: readonly Signer[],
    blobs = senders.map(fresh),
  ) {
    await game.open(round);
    for (const [i, sender] of senders.entries()) {
      await game.accepted({ type: 'commit', round, blob: blobs[i]!, weight: 2 + i }, sender);
    }
    await game.passDeadline(round);
    await game.close(round);
  }

  describe('a round of more than 128 participants', () => {
    it('asks for partial sums from 129 on, where the job has a rule', async () => {
      for (const judged of [true, false]) {
        const game = await startJob({ judged, maxParticipants: size, sparing: true });
        const few = await joinMany(game, groupSize);
        await closeWith(game, 0, few.slice(0, 2));
        await game.refused('WrongModel', await game.stepOf(0, { partials: fresh() }), game.lead());
        await game.step(0);
        await joinMany(game, 1);
        await closeWith(game, 1, few.slice(0, 2));
        const [plain, summed] = [await game.stepOf(1), await game.stepOf(1, { partials: fresh() })];
        await game.refused('WrongModel', judged ? plain : summed, game.lead());
        if (judged) {
          const [a, b, c, d] = summed.receipts as [never, never, never, never];
          for (const receipts of [
            [a, b],
            [a, b, c],
            [c, d, a, b],
            [a, b, d, c],
            [a, b, c, d, d],
            [a, b, a, b],
          ]) {
            await game.refused('WrongReceipt', { ...summed, receipts }, game.lead());
          }
        }
        await game.accepted(judged ? summed : plain, game.lead());
        expect(game.round(1).posted?.partials !== undefined).toBe(judged);
        await game.compare();
      }
    }, 300_000);

    it('shows lies about sums of groups, and about the average of sums', async () => {
      const aggregators = (await startJob()).aggregators.map(({ account }) => account);
      const game = await startJob({
        aggregators,
        maxParticipants: size,
        model: addressOf(start),
        sparing: true,
      });
      const signers = await joinMany(game, size);
      const senders = committing.map((participant) => signers[participant]!);
      const { ledger } = fixture();
      const updates = await Promise.all(
        committing.map((participant, i) =>
          rules.encodeUpdate(
            {
              job: game.job,
              step: 0,
              participant,
              model: addressOf(start),
              dataset: fresh(),
              entries: Int32Array.from({ length: rule.entries }, (_, entry) => (i - 1) * 2 ** 22 + entry),
            },
            new Uint8Array(32),
            { chainId: ledger.chainId, verifyingContract: ledger.contract },
            senders[i]!,
          ),
        ),
      );
      const contributions = committing.map((participant, i) => ({
        participant,
        weight: 2 + i,
        entries: entriesOf(updates[i]!),
      }));
      const [right, sums] = [averageModel(start, contributions), encodePartials(groups, contributions)];
      const post = async (round: number, next: Uint8Array, partials: Uint8Array) => {
        await closeWith(game, round, senders, updates.map(addressOf));
        await game.step(round, { model: addressOf(next), partials: addressOf(partials) });
      };
      const prove = (round: number, lie: Lie): Move => ({ type: 'prove', round, lie });
      const showTerms = (entry: number, ...members: number[]) =>
        members.map((i) => showLeaf(updates[i]!, 1 + leafOfEntry(entry)));
      const groupLie = (partials: Uint8Array, group: number, entry: number, ...members: number[]): Lie => ({
        kind: 'group',
        group,
        entry,
        sum: showLeaf(partials, Math.floor((entry * groups + group) / 32)),
        terms: showTerms(entry, ...members),
      });
      const averageLie = (next: Uint8Array, partials: Uint8Array, entry: number): Lie => {
        const [first, last] = [entry * groups, (entry + 1) * groups - 1].map((at) => Math.floor(at / 32));
        return {
          kind: 'average',
          entry,
          start: showLeaf(start, rule.headerLeaves + leafOfEntry(entry)),
          next: showLeaf(next, rule.headerLeaves + leafOfEntry(entry)),
          terms: Array.from({ length: last! - first! + 1 }, (_, i) => showLeaf(partials, first! + i)),
        };
      };
      const expectAlteredRefused = async (round: number, lie: Lie) => {
        const altered = alterLie(lie).map(([what, other]) => [what, prove(round, other)] as const);
        await game.refusedEach('WrongProof', altered, game.outsider);
      };

      // A number that differs: entry 10 has its sums in two leaves.
      const number = contentLeafBytes * rule.headerLeaves + 4 * 10;
      const next = right.with(number, right[number]! ^ 1);
      await post(0, next, sums);
      for (const lie of [
        averageLie(next, sums, 9),
        averageLie(next, sums, 65),
        groupLie(sums, 0, 10, 0, 1),
        groupLie(sums, 1, 10),
        groupLie(sums, 2, 10, 2),
        // Beyond the last group, and beyond the last entry.
        groupLie(sums, groups, 10),
        { ...(groupLie(sums, 0, 65, 0, 1) as Extract<Lie, { kind: 'group' }>), entry: rule.entries },
        { ...(averageLie(next, sums, 65) as Extract<Lie, { kind: 'average' }>), entry: rule.entries },
        // What would be shown without partial sums.
        {
          ...(averageLie(next, sums, 10) as Extract<Lie, { kind: 'average' }>),
          terms: showTerms(10, 0, 1, 2),
        },
      ]) {
        await game.refused('WrongProof', prove(0, lie), game.outsider);
      }
      await expectAlteredRefused(0, averageLie(next, sums, 10));
      await game.accepted(prove(0, averageLie(next, sums, 10)), game.outsider);

      // Sums that differ, and a model that follows from them: of the third group, and of the empty
      // second.
      const [third, second] = [8 * (groups * 64 + 2), 8 * (groups * 64 + 1)];
      const wrong = sums.with(third, sums[third]! ^ 1).with(second + 7, 0x80);
      await post(1, right, wrong);
      await game.refused('WrongProof', prove(1, groupLie(wrong, 0, 64, 0, 1)), game.outsider);
      await game.refused('WrongProof', prove(1, groupLie(wrong, 2, 63, 2)), game.outsider);
      await expectAlteredRefused(1, groupLie(wrong, 2, 64, 2));
      await game.accepted(prove(1, groupLie(wrong, 1, 64)), game.outsider);

      // Another length, which the first leaf shows.
      const longer = new Uint8Array([...sums, 0]);
      await post(2, next, longer);
      await game.refused('WrongProof', prove(2, groupLie(longer, 0, 0, 0, 1)), game.outsider);
      await game.refused('WrongProof', prove(2, groupLie(longer, 1, 0)), game.outsider);
      await game.refused('WrongProof', prove(2, averageLie(next, longer, 10)), game.outsider);
      await expectAlteredRefused(2, groupLie(longer, 0, 0));
      await game.accepted(prove(2, groupLie(longer, 0, 0)), game.outsider);
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['struck', 'struck', 'struck']);
      await game.compare();
    }, 300_000);
  });
}
