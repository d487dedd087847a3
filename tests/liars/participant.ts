/** A participant that commits to updates which it gives to no store, and is honest otherwise. */
import { join } from 'node:path';
import { contentOf } from '@nonet/core';
import { requireGraphJob } from '@nonet/core/records';
import { createFileOutbox, createGraphTrainer, retry, runParticipant } from '@nonet/federation';
import { commitDataset, commitmentAddress, sourceOf } from '@nonet/tensor/datasets';
import { openSite } from '../../apps/cli/src/files/openSite.ts';
import { runRole } from '../../apps/cli/src/roles/channel.ts';
import { connectRole, connectStores } from '../../apps/cli/src/roles/connect.ts';
import type { ParticipantConfiguration } from '../../apps/cli/src/roles/messages.ts';

runRole<ParticipantConfiguration>(async (configuration, { signal, report, turn }) => {
  const { ledger, job: record, signer } = await connectRole(configuration);
  const job = requireGraphJob(record);
  const store = connectStores({ job, signer });
  const { dataset } = await openSite(configuration.data, job.data);
  const base = { ledger, job, signer, signal, onEvent: report };
  const trainer = await retry(base, () => createGraphTrainer({ job, store, dataset }));
  if (trainer === undefined) return;
  await turn;
  await runParticipant({
    ...base,
    store: { ...store, put: async (blob) => ({ address: contentOf(blob).address, receipts: [] }) },
    trainer,
    dataset: commitmentAddress(await commitDataset(sourceOf(dataset), new Uint8Array(32))),
    outbox: createFileOutbox(join(configuration.directory, 'outbox')),
  });
});
