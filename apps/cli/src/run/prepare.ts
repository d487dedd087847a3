/** From a draft to a job record: its blobs are stored, accounts and addresses filled in. Pure but for the store. */
import { type Address, addressOf, MisuseError } from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import { createSigner } from '@nonet/core/identity';
import type { BlobStore } from '@nonet/core/ports';
import { type Job, parseJob } from '@nonet/core/records';
import {
  bind,
  encodeGraph,
  encodeParameters,
  graphAddress,
  initialParameters,
  largeConstants,
  parameterCount,
  stepGraph,
} from '@nonet/tensor';
import { encodeDataset } from '@nonet/tensor/data';
import { type JobDraft, type JobFile, type RehearsalSite, seedOf } from '../jobFile.ts';
import { readSiteFile } from '../siteFile.ts';
import type { RunKeys } from './runDirectory.ts';

const defaultPhases = { open: 0, collecting: 60, appealing: 10, complaining: 0, opening: 0, stepping: 5 };

/** The default smallest cohort: half of the sites, at least two. */
function minimumOf(draft: JobDraft, sites: number): number {
  return draft.minimum ?? Math.max(2, Math.ceil(sites / 2));
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

/** Stores the job's blobs and returns its record. */
export async function prepareJob(
  draft: JobDraft,
  options: {
    readonly keys: RunKeys;
    readonly ports: { store: number; watcher: number };
    readonly sites: number;
  },
  blobs: BlobStore,
): Promise<Job> {
  const { keys, ports, sites } = options;
  if (sites < 1) {
    throw new MisuseError({
      code: 'job.sites',
      expected: 'a rehearsal with local sites, since this command starts them',
      found: 'none',
      hint: 'Add rehearsal.sites to the job file.',
    });
  }
  const put = async (bytes: Uint8Array) => (await blobs.put(bytes)).address;
  const seed = seedOf(draft);
  for (const constant of largeConstants(draft.model).values()) await put(constant);
  const graph = await put(encodeGraph(draft.model));
  const step = await put(encodeGraph(bind(stepGraph(draft.model), { B: draft.training.batch })));
  const parameters = await put(encodeParameters(initialParameters(draft.model, seed)));
  const aggregator = createSigner(keys.aggregator).account;
  const watcher = createSigner(keys.watcher).account;
  return parseJob({
    version: 1,
    kind: 'train',
    name: draft.name,
    creator: createSigner(keys.creator).account,
    seed,
    model: { kind: 'graph', graph, step, parameters },
    data: draft.data,
    vector: { entries: parameterCount(draft.model), clamp: 8, scaleBits: 20, maximumWeight: 4096 },
    training: draft.training,
    rounds: draft.rounds,
    minimum: minimumOf(draft, sites),
    maximum: sites,
    invited: true,
    phases: { ...defaultPhases, ...draft.phases },
    aggregators: [aggregator],
    watchers: [watcher],
    stores: [
      { url: `http://127.0.0.1:${ports.store}`, account: aggregator },
      { url: `http://127.0.0.1:${ports.watcher}`, account: watcher },
    ],
    ...(draft.evaluation === undefined ? {} : { evaluation: await put(encodeDataset(draft.evaluation)) }),
    escrow: draft.escrow ?? 0n,
    bond: draft.bond ?? 10n ** 15n,
    guarantees: [{ mechanism: 'fedavg.exact', parameters: {} }],
  });
}
