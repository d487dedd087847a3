/**
 * From a draft to a job record: its blobs are stored, accounts and addresses filled in. Pure but
 * for the store.
 */
import { type Address, addressOf, MisuseError } from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import { type Account, createSigner } from '@nonet/core/identity';
import type { AverageRule, BlobStore } from '@nonet/core/ports';
import { heldOutLossUnits, parseJob, requireTrainJob, type TrainJob } from '@nonet/core/records';
import {
  averageMechanism,
  encodeModel,
  layoutOf,
  maskingMechanism,
  roundsMechanism,
} from '@nonet/federation';
import { privacyMechanismId } from '@nonet/privacy/dp';
import { planVector } from '@nonet/privacy/secagg';
import {
  assertWithinBudget,
  type Dataset,
  encodeGraph,
  type Graph,
  graphAddress,
  largeConstants,
  runningStatistics,
  usualBudget,
} from '@nonet/tensor';
import { encodeDataset } from '@nonet/tensor/datasets';
import {
  assertFields,
  defaultMinParticipants,
  type EvaluationDraft,
  type JobDraft,
  type JobFile,
  type RehearsalSite,
  seedOf,
} from '../files/jobFile.ts';
import { openSite } from '../files/openSite.ts';
import { fingerprintSite } from '../files/siteFile.ts';
import type { RunKeys } from '../runs/runDirectory.ts';
import { defaultBond } from './funding.ts';
import { initialModelOf, noisedArithmetic, planPromise, trainingOf, trainingStepOf } from './planPromise.ts';

const defaultPhases = {
  open: 0,
  collecting: 60,
  closing: 10,
  appealing: 10,
  complaining: 0,
  opening: 0,
  stepping: 10,
  objecting: 5,
};
/** Each round has a time to register in, and one to reveal shares in; both end with the last answer. */
const maskedPhases = { ...defaultPhases, open: 20, opening: 20 };
const defaultGrace = 5;
/** More than the command itself waits for, so that a run can be resumed. */
const defaultAttempts = 50;

/** Aggregators that a rehearsal starts: the second leads when the first lies or sleeps. */
export const rehearsedAggregators = 2;
/** How long a job may take at most: seconds. */
export const lifetime = 30 * 86_400;

const nowhere: Address = `0x${'00'.repeat(32)}` as Address;
const noAccount: Account = `0x${'00'.repeat(20)}`;
const accountNumber = (number: number): Account => `0x${number.toString(16).padStart(40, '0')}`;
const noPorts = { aggregators: [0, 0], watcher: 0 };

/**
 * Finds what a run would stumble over before anything is started or written. Throws
 * `job.malformed`, `job.sites`, `job.absences`, `site.data`, and `run.budget` on a graph that no
 * participant would fetch.
 */
export async function assertJobFile(file: JobFile): Promise<void> {
  assertFields(file);
  const { job: draft, rehearsal } = file;
  const sites = rehearsal?.sites ?? [];
  assertFetchable(draft.model);
  assembleJob(
    draft,
    {
      creator: noAccount,
      aggregators: [accountNumber(1), accountNumber(2)],
      watcher: accountNumber(3),
    },
    noPorts,
    sites.length,
    {
      graph: nowhere,
      step: nowhere,
      parameters: nowhere,
    },
    layoutOf(initialModelOf(draft)),
    0,
  );
  for (const [i, site] of sites.entries()) {
    if ('siteFile' in site) await openSite(site.siteFile, draft.data);
    else assertFits(site, draft, `rehearsal.sites[${i}]`);
  }
  if (draft.testSet !== undefined) assertFits(draft.testSet, draft, 'job.testSet');
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

/** What `fetchGraph` takes of a stranger's job. */
function assertFetchable(model: Graph): void {
  const constants = [...largeConstants(model).values()].map(({ length }) => length);
  const bytes = constants.reduce((sum, length) => sum + length, encodeGraph(model).length);
  const hint = 'Participants fetch no larger graph. Weights that are trained are parameters, not constants.';
  assertWithinBudget({ multiplyAdds: 0, bytes }, usualBudget, 'the graph of a job with its constants', hint);
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
  const { model, testSet, ...rest } = draft;
  return addressOfValue({
    ...rest,
    model: graphAddress(model),
    ...(testSet === undefined ? {} : { testSet: addressOf(encodeDataset(testSet)) }),
    sites: (rehearsal?.sites ?? []).map((site) => addressOf(bytesOfSite(site))),
    absences: rehearsal?.absences ?? [],
  });
}

function bytesOfSite(site: RehearsalSite): Uint8Array {
  return 'siteFile' in site ? fingerprintSite(site.siteFile) : encodeDataset(site);
}

/** Of the stores of a rehearsal. */
export interface Ports {
  readonly aggregators: readonly number[];
  readonly watcher: number;
}

/** Of the roles that are not a site. */
export interface Accounts {
  readonly creator: Account;
  readonly aggregators: readonly Account[];
  readonly watcher: Account;
}

/** So many moves one after another must fit into a phase, since some of them come late. */
const movesPerPhase = 3;

/** Seconds that a phase lasts at least on a ledger on which a move takes so many. */
export const leastPhase = (moveSeconds: number) => Math.ceil(movesPerPhase * moveSeconds);

/** What a run knows before its job has a record. */
export interface Preparation {
  readonly keys: RunKeys;
  readonly ports: Ports;
  readonly sites: number;
  /** Ledger seconds. */
  readonly now: number;
  readonly moveSeconds?: number;
}

/** The accounts of a run's keys. */
export function accountsOf(keys: RunKeys): Accounts {
  return {
    creator: createSigner(keys.creator).account,
    aggregators: keys.aggregators.map((key) => createSigner(key).account),
    watcher: createSigner(keys.watcher).account,
  };
}

/**
 * Stores the job's blobs and returns its record. On a ledger on which a move takes `moveSeconds`, no
 * phase is shorter than three of them.
 */
export async function prepareJob(
  draft: JobDraft,
  { keys, ports, sites, now, moveSeconds = 0 }: Preparation,
  blobs: BlobStore,
): Promise<TrainJob> {
  const accounts = accountsOf(keys);
  const { addresses, layout } = await storeDraft(draft, blobs);
  const timed = { ...draft, ...stretchPhases(draft, leastPhase(moveSeconds)) };
  return assembleJob(timed, accounts, ports, sites, addresses, layout, now + lifetime);
}

/** The durations of a draft, where they last at least so many seconds; 0 stays 0. */
export function stretchPhases(
  { phases, privacy, grace = defaultGrace }: Pick<JobDraft, 'phases' | 'privacy' | 'grace'>,
  least: number,
): Required<Pick<JobDraft, 'phases' | 'grace'>> {
  const stretch = (seconds: number) => (seconds === 0 ? 0 : Math.max(seconds, least));
  const given = { ...(privacy?.aggregation === 'pairwise' ? maskedPhases : defaultPhases), ...phases };
  return {
    phases: Object.fromEntries(
      Object.entries(given).map(([phase, seconds]) => [phase, stretch(seconds)]),
    ) as typeof given,
    grace: stretch(grace),
  };
}

/** Stores what the record of a job names: the same blobs whenever it is called. */
export async function storeDraft(draft: JobDraft, blobs: BlobStore) {
  const put = async (bytes: Uint8Array) => (await blobs.put(bytes)).address;
  for (const constant of largeConstants(draft.model).values()) await put(constant);
  const initial = initialModelOf(draft);
  const addresses = {
    graph: await put(encodeGraph(draft.model)),
    step: await put(encodeGraph(trainingStepOf(draft))),
    parameters: await put(encodeModel(initial)),
    ...(draft.testSet === undefined ? {} : { testSet: await put(encodeDataset(draft.testSet)) }),
  };
  return { addresses, layout: layoutOf(initial) };
}

/** What of a draft is about who takes part, and by when. */
export type CohortDraft = Pick<
  JobDraft,
  'minParticipants' | 'phases' | 'grace' | 'attempts' | 'escrow' | 'bond'
>;

/** The smallest cohort of a round. Throws `job.sites` where it is larger than all. */
export function leastCohort(
  draft: Pick<JobDraft, 'minParticipants'>,
  isMasked: boolean,
  sites: number,
): number {
  const least = defaultMinParticipants(sites);
  const minParticipants = draft.minParticipants ?? (isMasked ? Math.max(3, least) : least);
  if (minParticipants > sites) {
    throw new MisuseError({
      code: 'job.sites',
      expected: `at least as many sites as minParticipants says, ${minParticipants}`,
      found: `${sites}`,
      hint: 'Add sites, or lower minParticipants.',
    });
  }
  return minParticipants;
}

/** The fields of a record that say who takes part in its rounds. Throws `job.sites`. */
export function cohortOf(
  draft: CohortDraft,
  isMasked: boolean,
  { creator, aggregators, watcher }: Accounts,
  ports: Ports,
  sites: number,
  expiry: number,
) {
  if (sites < 1) {
    throw new MisuseError({
      code: 'job.sites',
      expected: 'a rehearsal with local sites, since this command starts them',
      found: 'none',
      hint: 'Add rehearsal.sites to the job file.',
    });
  }
  const minParticipants = leastCohort(draft, isMasked, sites);
  const storeOf = (port: number, account: Account) => ({ url: `http://127.0.0.1:${port}`, account });
  return {
    creator,
    minParticipants,
    maxParticipants: sites,
    participants: 'invitation' as const,
    phases: { ...(isMasked ? maskedPhases : defaultPhases), ...draft.phases },
    grace: draft.grace ?? defaultGrace,
    attempts: draft.attempts ?? defaultAttempts,
    expiry,
    aggregators,
    watchers: [watcher],
    stores: [
      ...aggregators.map((account, i) => storeOf(ports.aggregators[i]!, account)),
      storeOf(ports.watcher, watcher),
    ],
    copies: 2,
    escrow: draft.escrow ?? 0n,
    bond: draft.bond ?? defaultBond,
  };
}

/** The record itself. Throws `job.malformed`, naming the field, and `job.sites`. */
function assembleJob(
  draft: JobDraft,
  accounts: Accounts,
  ports: Ports,
  sites: number,
  blobs: {
    readonly graph: Address;
    readonly step: Address;
    readonly parameters: Address;
    readonly testSet?: Address;
  },
  layout: AverageRule,
  expiry: number,
): TrainJob {
  const isMasked = draft.privacy?.aggregation === 'pairwise';
  const cohort = cohortOf(draft, isMasked, accounts, ports, sites, expiry);
  const { minParticipants } = cohort;
  const { testSet, ...model } = blobs;
  const plan = planPromise(draft, { minParticipants, sites });
  const threshold = thresholdOf(draft);
  assertEvaluated(draft);
  const job = parseJob({
    ...cohort,
    version: 2,
    kind: 'train',
    name: draft.name,
    seed: seedOf(draft),
    model: { kind: 'graph', ...model },
    data: draft.data,
    arithmetic:
      noisedArithmetic(draft, plan, layout, threshold) ??
      (isMasked
        ? maskedArithmetic(draft, layout, sites)
        : { kind: 'fixedPoint', ...layout, clamp: 8, scaleBits: 20, maximumWeight: 4096 }),
    training: trainingOf(draft, plan),
    rounds: draft.rounds,
    ...(testSet === undefined ? {} : { testSet }),
    guarantees: [
      {
        mechanism: averageMechanism.id,
        parameters: { weighting: plan?.parameters.form === 'distributed' ? 'uniform' : 'examples' },
      },
      ...(plan === undefined ? [] : [{ mechanism: privacyMechanismId, parameters: plan.parameters }]),
      ...(isMasked ? [{ mechanism: maskingMechanism.id, parameters: { threshold } }] : []),
      { mechanism: roundsMechanism.id, parameters: {} },
    ],
  });
  return requireTrainJob(job);
}

/** Rounding that training does not notice: an update's numbers are some thousandths. */
const resolution = 2 ** -16;
/** What counts at most of a site's examples, as where updates are clear. */
const mostExamples = 4096;
const clamp = 8;

/** More than so many percent of a round's sites recover a secret, where a job does not say. */
export const defaultThreshold = 66;

function thresholdOf({ privacy }: JobDraft): number {
  return privacy?.threshold ?? defaultThreshold;
}

/**
 * How numbers are masked so that no sum can overflow (docs/specs/secagg.md §8). Throws
 * `job.privacy` on running statistics, which move in the units of the data, and `secagg.overflow`.
 */
function maskedArithmetic(draft: JobDraft, layout: AverageRule, sites: number): object {
  if (runningStatistics(draft.model).length > 0) {
    throw new MisuseError({
      code: 'job.privacy',
      expected: 'a model without running statistics, where updates are masked',
      found: 'batch normalisation',
      hint: 'Use layer normalisation, or aggregation: plain.',
    });
  }
  const { scaleBits, weighting, weightUnit, mostWeight } = planVector({
    participants: Math.max(2, sites),
    numbers: layout.entries,
    clamp,
    resolution,
    weighting: { mostExamples },
  });
  return {
    kind: 'masked',
    ...layout,
    clamp,
    scaleBits,
    weighting,
    weightUnit,
    mostWeight,
    threshold: thresholdOf(draft),
    ...(draft.evaluation === undefined ? {} : { heldOut: heldOutOf(draft.evaluation, sites) }),
  };
}

/** What a site holds out at most, beside sums of losses that fit 32 bits. */
function heldOutOf({ heldOut: fraction }: EvaluationDraft, sites: number): object {
  const room = Math.floor((2 ** 31 - 1) / (sites * heldOutLossUnits));
  return { fraction, mostExamples: Math.min(mostExamples, room) };
}

/** Throws `job.evaluation` where what sites count could be read one by one, or would have no noise. */
function assertEvaluated({ evaluation, privacy }: JobDraft): void {
  if (evaluation === undefined) return;
  if (privacy?.aggregation === 'pairwise' && privacy.dp === undefined) return;
  throw new MisuseError({
    code: 'job.evaluation',
    expected: 'with job.evaluation aggregation: pairwise and no privacy.dp, since its counts have no noise',
    found: privacy?.dp === undefined ? `aggregation: ${privacy?.aggregation ?? 'plain'}` : 'privacy.dp',
    hint: 'Evaluate on a public test set, job.testSet, or change job.privacy.',
  });
}
