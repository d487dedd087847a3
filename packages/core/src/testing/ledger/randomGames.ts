/** Random games on the ledger and in the reducer, side by side. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addressOf } from '../../index.ts';
import { isRefusal, type Move } from '../../ports/index.ts';
import { type Bytes, chooseWait, drawMove, initialModel, randomGame } from './randomMoves.ts';
import type { Suite } from './suite.ts';

/** Prints the seed where a game fails. */
export function testRandomGames({ start, rules, fixture }: Suite): void {
  it('agrees with the rules in random games', async () => {
    const accepted = new Map<string, number>();
    let [taken, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(randomGame, async ([change, listed, turns]) => {
        const model = addressOf(initialModel);
        const bytes: Bytes = new Map([[model, initialModel]]);
        const aggregators = (await start()).aggregators.slice(0, listed).map(({ account }) => account);
        const game = await start({ ...change, aggregators, model });
        for (const turn of turns) {
          const wait = chooseWait(game, turn, await game.now());
          if (wait !== undefined) {
            await game.passTime(wait);
            continue;
          }
          const [move, by] = await drawMove(game, bytes, turn, rules, fixture());
          if (isRefusal(await game.play(move, by))) refused++;
          else {
            taken++;
            const kind = kindOf(move);
            accepted.set(kind, (accepted.get(kind) ?? 0) + 1);
          }
        }
      }),
      { numRuns: rules.games ?? 20, endOnFailure: true },
    );
    // Otherwise the games say little.
    const mix = `accepted ${JSON.stringify(Object.fromEntries(accepted))}; refused ${refused}`;
    expect(taken, mix).toBeGreaterThan(refused / 3);
    expect(refused, mix).toBeGreaterThan(taken / 10);
  }, 600_000);
}

function kindOf(move: Move): string {
  return move.type === 'prove' ? `prove ${move.lie.kind}` : move.type;
}
