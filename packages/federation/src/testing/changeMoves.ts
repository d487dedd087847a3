import type { Ledger, Move } from '@nonet/core/ports';

/**
 * A ledger through which a role says something else than it would. An opening in the same
 * transaction starts from the model that the changed step names.
 */
export function changeMoves(ledger: Ledger, change: (move: Move) => Promise<Move> | Move): Ledger {
  return {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      submit: async (job, move, by, wei) => ledger.rounds.submit(job, await change(move), by, wei),
      async submitAll(job, moves, by) {
        const changed: Move[] = [];
        for (const move of moves) {
          const last = changed.at(-1);
          const follows = move.type === 'open' && last?.type === 'step';
          changed.push(await change(follows ? { ...move, model: last.model } : move));
        }
        return ledger.rounds.submitAll(job, changed, by);
      },
    },
  };
}
