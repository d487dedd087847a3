/**
 * What a site's owner allows, checked before the site joins a job. Every rule is optional; an
 * absent rule allows.
 */
import { type Address, NonetError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { TrainJob } from '@nonet/core/records';
import { maskingMechanism } from '../mechanisms.ts';

/** What a participant's site allows; a limit that is absent allows everything. */
export interface SitePolicy {
  readonly creators?: readonly Account[];
  readonly maximumRounds?: number;
  /** Smallest cohort that one's update may be averaged in. */
  readonly minParticipants?: number;
  /** Forward graphs that may be trained here. */
  readonly graphs?: readonly Address[];
  /** The labels that one's data have, in this order. */
  readonly labels?: readonly string[];
  /**
   * Columns that may be used: as features, and for the label unless `labels` says what it may be.
   */
  readonly columns?: readonly string[];
  /** Mechanisms without which the site does not take part. */
  readonly guarantees?: readonly string[];
}

/**
 * Throws `policy.refused`, naming the first rule that the job breaks; under any policy on a job that
 * promises masks which its arithmetic does not have.
 */
export function assertPolicy(job: TrainJob, policy: SitePolicy): void {
  const require = (holds: boolean | undefined, expected: string, found: unknown) => {
    if (holds !== false) return;
    throw new NonetError({
      code: 'policy.refused',
      expected: `a job with ${expected} (this site's policy)`,
      found: String(found),
      hint: "Decline the job, or change the site's policy.",
    });
  };
  const { creators, maximumRounds, minParticipants, graphs, labels, columns, guarantees } = policy;
  require(creators?.includes(job.creator), 'a known creator', job.creator);
  require(maximumRounds === undefined ||
    job.rounds <= maximumRounds, `at most ${maximumRounds} rounds`, job.rounds);
  require(minParticipants === undefined ||
    job.minParticipants >=
      minParticipants, `at least ${minParticipants} participants a round`, job.minParticipants);
  const graph = job.model.kind === 'graph' ? job.model.graph : undefined;
  require(graphs === undefined || (graph !== undefined && graphs.includes(graph)), 'a known graph', graph ??
    'an opaque model');
  require(labels === undefined ||
    labels.join('\n') ===
      job.data.labels.join('\n'), `the labels ${labels?.join(', ')}`, job.data.labels.join(', '));
  const { columns: features = [], target } = job.data.table ?? {};
  const used = features.map(({ name }) => name);
  for (const name of target === undefined || labels !== undefined ? used : [...used, target]) {
    require(columns?.includes(name), `no other columns than ${columns?.join(', ')}`, name);
  }
  const masks = job.guarantees.find(({ mechanism }) => mechanism === maskingMechanism.id);
  if (masks !== undefined) {
    const { threshold } = maskingMechanism.parse(masks.parameters);
    const { arithmetic } = job;
    require(arithmetic.kind === 'masked' &&
      arithmetic.threshold ===
        threshold, `updates that are masked as it says, with a threshold of ${threshold} %`, arithmetic.kind ===
      'masked'
      ? `${arithmetic.threshold} %`
      : 'updates in the clear');
  }
  for (const mechanism of guarantees ?? []) {
    require(job.guarantees.some(
      (guarantee) => guarantee.mechanism === mechanism,
    ), `the guarantee ${mechanism}`, job.guarantees.map((guarantee) => guarantee.mechanism).join(', ') ||
      'none');
  }
}
