/** The order in which local sites join. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '@nonet/core/ports';
import { idOfJob, type TrainJob } from '@nonet/core/records';

/**
 * Resolves when so many others have joined. Participants are numbered in order of joining, and their
 * number is part of their training's randomness: sites of a rehearsal join in order, so that the same
 * rehearsal always ends with the same model.
 */
export async function waitForTurn(
  ledger: Ledger,
  job: TrainJob,
  site: number,
  signal: AbortSignal,
): Promise<void> {
  const id = idOfJob(job);
  const countJoined = async () =>
    (await ledger.rounds.moves(id)).filter(({ move }) => move.type === 'join').length;
  while (!signal.aborted && (await countJoined()) < site) await pause(100);
}
