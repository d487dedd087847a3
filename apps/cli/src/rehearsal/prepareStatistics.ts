/**
 * From a draft of statistics to a job record that counts: the layout of its sums, the noise that
 * keeps its promise, and the zeros that sums are added to. docs/specs/statistics.md §6.
 */
import { type Address, addressOf, MisuseError } from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import type { BlobStore } from '@nonet/core/ports';
import { type CountJob, parseJob, requireCountJob } from '@nonet/core/records';
import {
  averageMechanism,
  encodeModel,
  maskingMechanism,
  planCounts,
  roundsMechanism,
  statisticsMechanism,
} from '@nonet/federation';
import { planStatisticsPrivacy, type StatisticsPrivacy } from '@nonet/privacy/statistics';
import { fingerprintTable, openSiteTable } from '../files/siteTable.ts';
import type { StatisticsDraft, StatisticsFile } from '../files/statisticsFile.ts';
import {
  accountsOf,
  cohortOf,
  defaultThreshold,
  leastCohort,
  leastPhase,
  lifetime,
  type Preparation,
  stretchPhases,
} from './prepare.ts';

/**
 * Finds what a run would stumble over before anything is started. Throws `job.sites` below three
 * sites, `statistics.overflow`, `dp.unreachable` and others of a promise, `statistics.records`, and
 * what reading the tables throws.
 */
export async function assertStatisticsFile({ job, rehearsal: { sites } }: StatisticsFile): Promise<void> {
  if (sites.length < leastMasked) {
    throw new MisuseError({
      code: 'job.sites',
      expected: `at least ${leastMasked} sites: a sum of two tells each what the other has`,
      found: String(sites.length),
      hint: 'Name a table or a site file for each site, or a folder of them.',
    });
  }
  planDraft(job, sites.length);
  for (const { siteFile } of sites) await openSiteTable(siteFile, job.query.columns);
}

/** The fewest sites of a masked round. */
const leastMasked = 3;

/** What makes two calls the same job. */
export function addressOfStatistics({ job, rehearsal: { sites } }: StatisticsFile): Address {
  return addressOfValue({
    ...job,
    sites: sites.map(({ siteFile }) => addressOf(fingerprintTable(siteFile))),
  });
}

/** Stores what the record of a job names: the same blobs whenever it is called. */
export async function storeStatistics(
  draft: StatisticsDraft,
  sites: number,
  blobs: BlobStore,
): Promise<Address> {
  return (await blobs.put(encodeModel(planDraft(draft, sites).model))).address;
}

/** Stores the job's blobs and returns its record. Throws as `assertStatisticsFile`. */
export async function prepareStatistics(
  draft: StatisticsDraft,
  { keys, ports, sites, now, moveSeconds = 0 }: Preparation,
  blobs: BlobStore,
): Promise<CountJob> {
  const parameters = await storeStatistics(draft, sites, blobs);
  const { privacy, arithmetic } = planDraft(draft, sites);
  const timed = {
    ...draft,
    ...stretchPhases({ privacy: { aggregation: 'pairwise' } }, leastPhase(moveSeconds)),
  };
  const job = parseJob({
    ...cohortOf(timed, true, accountsOf(keys), ports, sites, now + lifetime),
    version: 2,
    kind: 'count',
    name: draft.name,
    query: draft.query,
    model: { parameters },
    arithmetic,
    rounds: 1,
    guarantees: [
      { mechanism: averageMechanism.id, parameters: { weighting: 'uniform' } },
      ...(privacy === undefined ? [] : [{ mechanism: statisticsMechanism.id, parameters: privacy }]),
      { mechanism: maskingMechanism.id, parameters: { threshold: defaultThreshold } },
      { mechanism: roundsMechanism.id, parameters: {} },
    ],
  });
  return requireCountJob(job);
}

function planDraft(draft: StatisticsDraft, sites: number) {
  const minParticipants = leastCohort(draft, true, sites);
  const cohort = {
    query: draft.query,
    participants: 'invitation' as const,
    minParticipants,
    maxParticipants: sites,
  };
  const privacy = privacyOfDraft(draft, cohort);
  return { privacy, ...planCounts(cohort, defaultThreshold, privacy) };
}

function privacyOfDraft(
  { query, promise }: StatisticsDraft,
  cohort: { readonly minParticipants: number; readonly maxParticipants: number },
): StatisticsPrivacy | undefined {
  if (promise === undefined) return undefined;
  const { epsilon, delta, releases = 1 } = promise;
  const { honest = Math.max(1, Math.floor(cohort.minParticipants / 2)) } = promise;
  const goal = { unit: 'record', form: 'distributed', epsilon, delta, honest, releases } as const;
  return planStatisticsPrivacy(query, cohort, goal);
}
