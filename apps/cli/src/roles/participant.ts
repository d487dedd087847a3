/** One participant as a process of its own: its data are read here and never leave it. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '@nonet/core/ports';
import { addressOfJob, type Job } from '@nonet/core/records';
import {
  createFileOutbox,
  createGraphTrainer,
  outlast,
  runParticipant,
  type Trainer,
} from '@nonet/federation';
import { openSite } from '../files/siteFile.ts';
import { runRole } from './channel.ts';
import { connectRole, connectStores } from './connect.ts';
import type { ParticipantConfiguration, RoleEvent } from './messages.ts';

runRole<ParticipantConfiguration>(async (configuration, signal, report) => {
  const { ledger, job, signer } = await connectRole(configuration);
  const store = connectStores(job);
  const { dataset, policy } = await openSite(configuration.data, job.data);
  const patient = { ledger, job, signer, signal, onEvent: report };
  // The store may still be starting.
  const trainer = await outlast(patient, () => createGraphTrainer({ job, store, dataset }));
  if (trainer === undefined) return;
  if (configuration.site !== undefined) await waitForTurn(ledger, job, configuration.site, signal);
  await runParticipant({
    ...patient,
    store,
    trainer: configuration.drops === undefined ? trainer : droppingOut(trainer, configuration.drops, report),
    outbox: createFileOutbox(join(configuration.directory, 'outbox')),
    sitePolicy: policy,
  });
});

/**
 * Participants are numbered in order of joining, and their number is part of their training's randomness: sites of a rehearsal join in order, so that the
 * same rehearsal always ends with the same model.
 */
async function waitForTurn(ledger: Ledger, job: Job, site: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await ledger.rounds.state(addressOfJob(job))).participants.length < site)
    await pause(100);
}

/** A rehearsed drop-out: the process ends in the middle of the round, after training and before anything was sent. */
function droppingOut(trainer: Trainer, round: number, report: (event: RoleEvent) => void): Trainer {
  return {
    async train(request) {
      const result = await trainer.train(request);
      if (request.round !== round) return result;
      report({ type: 'dropped', round });
      return await new Promise<never>(() => {
        process.once('disconnect', () => process.exit(0));
        process.disconnect();
      });
    },
  };
}
