/** One participant as a process of its own: its data are read here and never leave it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from '@nonet/core';
import { requireGraphJob } from '@nonet/core/records';
import { createFileOutbox, createGraphTrainer, retry, runParticipant, type Trainer } from '@nonet/federation';
import type { Dataset } from '@nonet/tensor';
import { commitDataset, commitmentAddress, sourceOf } from '@nonet/tensor/datasets';
import { openSite } from '../files/openSite.ts';
import { writeWhole } from '../files/writeWhole.ts';
import { runRole } from './channel.ts';
import { connectRole, connectStores } from './connect.ts';
import type { ParticipantConfiguration, RoleEvent } from './messages.ts';

runRole<ParticipantConfiguration>(async (configuration, { signal, report, turn }) => {
  // First of all: this process alone has the site's secrets.
  const outbox = createFileOutbox(join(configuration.directory, 'outbox'));
  const connection = await connectRole(configuration);
  const { ledger, job, signer } = connection;
  const store = connectStores(connection);
  const { dataset, policy } = await openSite(configuration.data, job.data);
  const patient = { ledger, job, signer, signal, onEvent: report };
  // The store may still be starting.
  const trainer = await retry(patient, () =>
    createGraphTrainer({ job: requireGraphJob(job), store, dataset }),
  );
  if (trainer === undefined) return;
  const commitment = await commitToData(configuration.directory, dataset);
  await turn;
  await runParticipant({
    ...patient,
    store,
    trainer: configuration.drops === undefined ? trainer : droppingOut(trainer, configuration.drops, report),
    dataset: commitment,
    outbox,
    sitePolicy: policy,
  });
});

/**
 * The address of the commitment to a site's data (docs/specs/dataset.md §1). Its salt stays with
 * the site, so that single examples can be shown later.
 */
async function commitToData(directory: string, dataset: Dataset): Promise<Address> {
  const file = join(directory, 'dataset.salt');
  if (!existsSync(file)) writeWhole(file, crypto.getRandomValues(new Uint8Array(32)), 0o600);
  return commitmentAddress(await commitDataset(sourceOf(dataset), new Uint8Array(readFileSync(file))));
}

/**
 * A rehearsed drop-out: the process ends in the middle of a round, after training and before
 * anything was sent.
 */
function droppingOut(trainer: Trainer, step: number, report: (event: RoleEvent) => void): Trainer {
  return {
    async train(request) {
      const result = await trainer.train(request);
      if (request.step !== step) return result;
      report({ type: 'dropped', step });
      return await new Promise<never>(() => {
        process.once('disconnect', () => process.exit(0));
        process.disconnect();
      });
    },
  };
}
