/** One participant as a process of its own: its data are read here and never leave it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, addressOf, concatBytes, fromHex } from '@nonet/core';
import type { CountJob, TrainJob } from '@nonet/core/records';
import {
  createCounter,
  createFileBudget,
  createFileOutbox,
  createSiteTrainer,
  type Outbox,
  type PrivacyLimit,
  type PrivateTrainer,
  privacyOf,
  retry,
  runParticipant,
  type SitePolicy,
  statisticsPrivacyOf,
  type Trainer,
} from '@nonet/federation';
import type { Dataset } from '@nonet/tensor';
import { commitDataset, commitmentAddress, sourceOf } from '@nonet/tensor/datasets';
import { openSite } from '../files/openSite.ts';
import { writeWhole } from '../files/writeWhole.ts';
import { type Channel, runRole } from './channel.ts';
import { type Connection, connectRole, connectStores } from './connect.ts';
import type { ParticipantConfiguration, RoleEvent } from './messages.ts';

runRole<ParticipantConfiguration>(async (configuration, channel) => {
  // First of all: this process alone has the site's secrets.
  const outbox = createFileOutbox(join(configuration.directory, 'outbox'));
  const connection = await connectRole(configuration);
  const { job } = connection;
  if (job.kind === 'count') await count(job, connection, configuration, outbox, channel);
  else await train(job, connection, configuration, outbox, channel);
});

async function train(
  job: TrainJob,
  connection: Connection,
  configuration: ParticipantConfiguration,
  outbox: Outbox,
  { signal, report, turn }: Channel,
): Promise<void> {
  const { ledger, signer } = connection;
  const store = connectStores(connection);
  const site = await openSite(configuration.data, job.data);
  const { dataset, policy, budgetFolder = join(configuration.directory, 'budget') } = site;
  const patient = { ledger, job, signer, signal, onEvent: report };
  // The store may still be starting.
  const trainer = await retry(patient, () => createSiteTrainer({ job, store, dataset }));
  if (trainer === undefined) return;
  const commitment = await commitToData(configuration.directory, dataset);
  await turn;
  await runParticipant({
    ...patient,
    store,
    trainer: configuration.drops === undefined ? trainer : droppingOut(trainer, configuration.drops, report),
    dataset: commitment,
    outbox,
    ...budgetOf(privacyOf(job)?.parameters, budgetFolder, policy),
    sitePolicy: policy,
  });
}

/** Its data are committed to by their bytes: no job reads them otherwise. */
async function count(
  job: CountJob,
  connection: Connection,
  { data: path, directory }: ParticipantConfiguration,
  outbox: Outbox,
  { signal, report, turn }: Channel,
): Promise<void> {
  const { ledger, signer } = connection;
  const { openSiteTable } = await import('../files/siteTable.ts');
  const { records, policy, budgetFolder, data } = await openSiteTable(path, job.query.columns);
  await turn;
  await runParticipant({
    ledger,
    job,
    signer,
    signal,
    onEvent: report,
    store: connectStores(connection),
    trainer: createCounter({ job, records }),
    dataset: addressOf(concatBytes(saltOf(directory), fromHex(data))),
    ...budgetOf(statisticsPrivacyOf(job), budgetFolder, policy),
    outbox,
    sitePolicy: policy,
  });
}

/**
 * The address of the commitment to a site's data (docs/specs/dataset.md §1). Its salt stays with
 * the site, so that single examples can be shown later.
 */
async function commitToData(directory: string, dataset: Dataset): Promise<Address> {
  return commitmentAddress(await commitDataset(sourceOf(dataset), saltOf(directory)));
}

function saltOf(directory: string): Uint8Array<ArrayBuffer> {
  const file = join(directory, 'dataset.salt');
  if (!existsSync(file)) writeWhole(file, crypto.getRandomValues(new Uint8Array(32)), 0o600);
  return new Uint8Array(readFileSync(file));
}

/**
 * What was spent of the privacy of a site's data, over all jobs. Where the owner sets no limit it is
 * written down all the same, for a limit to come.
 */
function budgetOf(
  promise: Pick<PrivacyLimit, 'unit' | 'delta'> | undefined,
  folder: string,
  { privacy: limit }: SitePolicy,
) {
  if (promise === undefined) return {};
  const { unit, delta } = promise;
  const unlimited = { unit, delta, epsilon: Number.POSITIVE_INFINITY };
  return { budget: createFileBudget(folder, limit ?? unlimited) };
}

/**
 * A rehearsed drop-out: the process ends in the middle of a round, after training and before
 * anything was sent.
 */
function droppingOut(
  trainer: Trainer | PrivateTrainer,
  dropsAt: number,
  report: (event: RoleEvent) => void,
): Trainer | PrivateTrainer {
  const drop = () => {
    report({ type: 'dropped', step: dropsAt });
    return new Promise<never>(() => {
      process.once('disconnect', () => process.exit(0));
      process.disconnect();
    });
  };
  return 'train' in trainer
    ? {
        async train(request) {
          const result = await trainer.train(request);
          return request.step === dropsAt ? drop() : result;
        },
      }
    : {
        async contribute(request) {
          const result = await trainer.contribute(request);
          return request.step === dropsAt ? drop() : result;
        },
      };
}
