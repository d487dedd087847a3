/**
 * Job files: what their author writes. A `.ts` file is evaluated, by its author only, and exports
 * `defineJob(...)` as default; a `.yaml` file is plain data (`nonet init` writes one). Either
 * yields a draft of the job, and a rehearsal: the sites that `nonet run` starts on this machine.
 * The rehearsal never leaves it. Accounts, addresses and stores are filled in when a run begins.
 */
import { type Hex, sha256, toHex, utf8 } from '@nonet/core';
import type { TimedPhase } from '@nonet/core/ports';
import type { DataSchema, Training } from '@nonet/core/records';
import type { Dataset, Graph } from '@nonet/tensor';

/** A job before it has accounts and addresses. */
export interface JobDraft {
  readonly name: string;
  /** Seed of all public randomness; by default the hash of the name. */
  readonly seed?: Hex;
  /** The forward graph. */
  readonly model: Graph;
  readonly data: DataSchema;
  readonly training: Omit<Extract<Training, { kind: 'graph' }>, 'kind'>;
  /** How many rounds must step. */
  readonly rounds: number;
  /** The smallest cohort of a round. Default: half of the sites, at least 2. */
  readonly minParticipants?: number;
  /** Seconds per phase; see docs/specs/round.md §1.3. */
  readonly phases?: Partial<Record<TimedPhase, number>>;
  /** The public test set. */
  readonly testSet?: Dataset;
  /** Wei, shared by the accepted participants of each final round. */
  readonly escrow?: bigint;
  /**
   * Seconds that a site which comes and goes is awaited after the others (docs/specs/round.md
   * §4.3).
   */
  readonly grace?: number;
  /** How many rounds in a row may lead to no model before the job is over. Default 50. */
  readonly attempts?: number;
  /** Wei that an aggregator stakes, and loses if a lie of its is proven. */
  readonly bond?: bigint;
}

/** One local site: its data in memory, or the path of its site file. */
export type RehearsalSite = Dataset | { readonly siteFile: string };

/**
 * A scripted absence: the participant's process ends in the middle of a round, and may start again
 * for a later one.
 */
export interface Absence {
  readonly participant: number;
  readonly drops: number;
  readonly returns?: number;
}

/** What `nonet run` plays on this machine beside the job: its sites, and who is absent when. */
export interface Rehearsal {
  readonly sites: readonly RehearsalSite[];
  readonly absences?: readonly Absence[];
}

/** The content of a job file. */
export interface JobFile {
  readonly job: JobDraft;
  readonly rehearsal?: Rehearsal;
}

/** Defines a job in a `.ts` job file: `export default defineJob({ job, rehearsal })`. */
export function defineJob(file: JobFile): JobFile {
  return file;
}

/** The seed of all public randomness of a job: its own, or the hash of its name. */
export function seedOf(draft: JobDraft): Hex {
  return draft.seed ?? toHex(sha256(utf8(draft.name)));
}

/** The default smallest cohort: half of the sites, at least two where there are two. */
export function defaultMinParticipants(sites: number): number {
  return Math.min(sites, Math.max(2, Math.ceil(sites / 2)));
}
