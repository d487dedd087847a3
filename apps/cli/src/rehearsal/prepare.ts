/** From a draft to a job record: its blobs are stored, accounts and addresses filled in. Pure but for the store. */
import { type Address, addressOf, MisuseError } from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import { type Account, createSigner } from '@nonet/core/identity';
import type { BlobStore } from '@nonet/core/ports';
import { type Job, parseJob } from '@nonet/core/records';
import { averageMechanism, roundsMechanism } from '@nonet/federation';
import {
  bind,
  type Dataset,
  deriveClassifierStep,
  encodeGraph,
  encodeParameters,
  graphAddress,
  initialParameters,
  largeConstants,
  parameterCount,
} from '@nonet/tensor';
import { encodeDataset } from '@nonet/tensor/datasets';
import { defaultMinimum, type JobDraft, type JobFile, type RehearsalSite, seedOf } from '../files/jobFile.ts';
import { openSite, readSiteFile } from '../files/siteFile.ts';
import type { RunKeys } from '../runs/runDirectory.ts';
import { defaultBond } from './funding.ts';

const defaultPhases = { open: 0, collecting: 60, appealing: 10, complaining: 0, opening: 0, stepping: 5 };

const nowhere: Address = `0x${'00'.repeat(32)}` as Address;
const noAccount: Account = `0x${'00'.repeat(20)}`;
const noPorts = { store: 0, watcher: 0 };

/** Finds what a run would stumble over before anything is started or written. Throws `job.malformed`, `job.sites`, `job.absences`, `site.data`. */
export async function assertJobFile({ job: draft, rehearsal }: JobFile): Promise<void> {
  const sites = rehearsal?.sites ?? [];
  assembleJob(
    draft,
    { creator: noAccount, aggregator: noAccount, watcher: noAccount },
    noPorts,
    sites.length,
    {
      graph: nowhere,
      step: nowhere,
      parameters: nowhere,
    },
  );
  for (const [i, site] of sites.entries()) {
    if ('siteFile' in site) await openSite(site.siteFile, draft.data);
    else assertFits(site, draft, `rehearsal.sites[${i}]`);
  }
  if (draft.evaluation !== undefined) assertFits(draft.evaluation, draft, 'job.evaluation');
  for (const [i, { participant, drops, returns }] of (rehearsal?.absences ?? []).entries()) {
    const isRound = (round: number) => Number.isInteger(round) && round >= 0;
    const wrong =
      !Number.isInteger(participant) || participant < 0 || participant >= sites.length
        ? `participant to be 0 to ${sites.length - 1}`
        : !isRound(drops) || (returns !== undefined && !isRound(returns))
          ? 'drops and returns to be numbers of rounds, from 0'
          : returns !== undefined && returns <= drops
            ? 'returns to be a later round than drops'
            : undefined;
    if (wrong === undefined) continue;
    throw new MisuseError({
      code: 'job.absences',
      expected: `in rehearsal.absences[${i}] ${wrong}`,
      found: JSON.stringify({ participant, drops, returns }),
    });
  }
}

/** The shapes and labels of a dataset in a job file are those of the job. */
function assertFits(dataset: Dataset, { data }: JobDraft, name: string): void {
  const describe = (shape: readonly number[], labels: readonly string[]) =>
    `examples of shape [${shape.join(', ')}] with labels ${labels.join(', ')}`;
  const expected = describe(data.shape, data.labels);
  const found = describe(dataset.shape, dataset.vocabulary);
  if (expected !== found)
    throw new MisuseError({ code: 'site.data', expected: `${name} to hold ${expected}`, found });
}

/** What makes two calls of `nonet run` the same job: model, rules, data, script. */
export function addressOfDraft({ job: draft, rehearsal }: JobFile): Address {
  const { model, evaluation, ...rest } = draft;
  return addressOfValue({
    ...rest,
    model: graphAddress(model),
    ...(evaluation === undefined ? {} : { evaluation: addressOf(encodeDataset(evaluation)) }),
    sites: (rehearsal?.sites ?? []).map((site) => addressOf(bytesOfSite(site))),
    absences: rehearsal?.absences ?? [],
  });
}

function bytesOfSite(site: RehearsalSite): Uint8Array {
  return 'siteFile' in site ? readSiteFile(site.siteFile).fingerprint : encodeDataset(site);
}

interface Ports {
  readonly store: number;
  readonly watcher: number;
}

/** Stores the job's blobs and returns its record. */
export async function prepareJob(
  draft: JobDraft,
  { keys, ports, sites }: { readonly keys: RunKeys; readonly ports: Ports; readonly sites: number },
  blobs: BlobStore,
): Promise<Job> {
  const put = async (bytes: Uint8Array) => (await blobs.put(bytes)).address;
  for (const constant of largeConstants(draft.model).values()) await put(constant);
  const accountOf = (key: keyof RunKeys) => createSigner(keys[key]).account;
  const accounts = {
    creator: accountOf('creator'),
    aggregator: accountOf('aggregator'),
    watcher: accountOf('watcher'),
  };
  return assembleJob(draft, accounts, ports, sites, {
    graph: await put(encodeGraph(draft.model)),
    step: await put(encodeGraph(bind(deriveClassifierStep(draft.model), { B: draft.training.batch }))),
    parameters: await put(encodeParameters(initialParameters(draft.model, seedOf(draft)))),
    ...(draft.evaluation === undefined ? {} : { evaluation: await put(encodeDataset(draft.evaluation)) }),
  });
}

/** The record itself. Throws `job.malformed`, naming the field, and `job.sites`. */
function assembleJob(
  draft: JobDraft,
  accounts: Readonly<Record<keyof RunKeys, Account>>,
  ports: Ports,
  sites: number,
  blobs: Pick<Job['model'], 'graph' | 'step' | 'parameters'> & { readonly evaluation?: Address },
): Job {
  if (sites < 1) {
    throw new MisuseError({
      code: 'job.sites',
      expected: 'a rehearsal with local sites, since this command starts them',
      found: 'none',
      hint: 'Add rehearsal.sites to the job file.',
    });
  }
  const { aggregator, watcher } = accounts;
  const { evaluation, ...model } = blobs;
  return parseJob({
    version: 1,
    kind: 'train',
    name: draft.name,
    creator: accounts.creator,
    seed: seedOf(draft),
    model: { kind: 'graph', ...model },
    data: draft.data,
    vector: { entries: parameterCount(draft.model), clamp: 8, scaleBits: 20, maximumWeight: 4096 },
    training: draft.training,
    rounds: draft.rounds,
    minimum: draft.minimum ?? defaultMinimum(sites),
    maximum: sites,
    invited: true,
    phases: { ...defaultPhases, ...draft.phases },
    aggregators: [aggregator],
    watchers: [watcher],
    stores: [
      { url: `http://127.0.0.1:${ports.store}`, account: aggregator },
      { url: `http://127.0.0.1:${ports.watcher}`, account: watcher },
    ],
    ...(evaluation === undefined ? {} : { evaluation }),
    escrow: draft.escrow ?? 0n,
    bond: draft.bond ?? defaultBond,
    guarantees: [
      { mechanism: averageMechanism.id, parameters: { weighting: 'examples' } },
      { mechanism: roundsMechanism.id, parameters: {} },
    ],
  });
}
