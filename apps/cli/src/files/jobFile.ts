/**
 * Job files: what their author writes. A `.ts` file is evaluated, by its author only, and exports
 * `defineJob(...)` as default; a `.yaml` file is plain data (`nonet init` writes one). Either
 * yields a draft of the job, and a rehearsal: the sites that `nonet run` starts on this machine.
 * The rehearsal never leaves it. Accounts, addresses and stores are filled in when a run begins.
 */
import { type Hex, MisuseError, sha256, toHex, utf8 } from '@nonet/core';
import { type TimedPhase, timedPhases } from '@nonet/core/ports';
import type { DataSchema, Training } from '@nonet/core/records';
import type { Dataset, Graph } from '@nonet/tensor';
import { findNearest } from '../terminal/findNamed.ts';

/** A job before it has accounts and addresses. */
export interface JobDraft {
  readonly name: string;
  /** Seed of all public randomness; by default the hash of the name. */
  readonly seed?: Hex;
  /** The forward graph. */
  readonly model: Graph;
  readonly data: DataSchema;
  /** Gradient steps take no epochs and no batch: where `privacy.dp` protects records. */
  readonly training: LocalTraining | GradientTraining;
  /** How many rounds must step. */
  readonly rounds: number;
  /** The smallest cohort of a round. Default: half of the sites, at least 2. */
  readonly minParticipants?: number;
  /** Seconds per phase; see docs/specs/round.md §1.3. */
  readonly phases?: Partial<Record<TimedPhase, number>>;
  /** Who can read what a site sends. Default: anyone who reads the stores. */
  readonly privacy?: PrivacyDraft;
  /** Sites evaluate on examples of their own, of which only sums are read. Default: none do. */
  readonly evaluation?: EvaluationDraft;
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
  /**
   * Whether the run ends by proving one prediction of the model, on the public test set. Default:
   * yes; where the model cannot be proven, the run says why.
   */
  readonly prove?: boolean;
}

/** Sites train a copy of the model for some epochs. */
export type LocalTraining = Omit<Extract<Training, { kind: 'graph' }>, 'kind'>;

/**
 * Clipped and noised gradient steps: one of all sites together in a round, or in silo form some of
 * each site.
 */
export type GradientTraining = Pick<LocalTraining, 'learningRate' | 'momentum'>;

/** The training of a job whose sites train for epochs. Throws `job.malformed`. */
export function localTrainingOf({ training }: JobDraft): LocalTraining {
  if ('epochs' in training && 'batch' in training) return training;
  throw new MisuseError({
    code: 'job.malformed',
    expected: 'in job.training also epochs and batch',
    found: Object.keys(training).join(', '),
  });
}

/** Evaluation on what sites never train on (docs/specs/secagg.md §10): with masks, and without noise. */
export interface EvaluationDraft {
  /** Which part of its examples a site holds out, at most half. */
  readonly heldOut: number;
}

/** How what sites send is kept from others (docs/specs/secagg.md). */
export interface PrivacyDraft {
  /** `plain`: updates are readable. `pairwise`: only their sum is, in rounds of 3 sites or more. */
  readonly aggregation: 'plain' | 'pairwise';
  /**
   * More than so many percent of a round's sites have to work together to unmask an update, and as
   * many have to be there for a sum. Default 66.
   */
  readonly threshold?: number;
  /** What anyone may learn of one record, or of one site, from all that is released. */
  readonly dp?: PrivacyPromise;
}

/**
 * A promise of differential privacy (docs/specs/dp.md §12). Noise follows from it when a run
 * begins, and is part of the job's record.
 */
export interface PrivacyPromise {
  /** What is protected: each record, or all records of a site together. */
  readonly unit: 'record' | 'participant';
  /**
   * Of records. `distributed`, the default: each site adds a share of the noise, so masks are needed.
   * `silo`: each site adds all of it, and needs to trust no other.
   */
  readonly form?: 'distributed' | 'silo';
  readonly epsilon: number;
  readonly delta: number;
  /** How many of the smallest cohort are assumed to be honest. Default: half, rounded down. */
  readonly honest?: number;
  /** The largest norm of what one unit adds. Default 1. */
  readonly clippingNorm?: number;
  /**
   * Rounds that may be read before epsilon is spent: those that become void afterwards are among
   * them. Default: the rounds of the job and a tenth more, rounded up.
   */
  readonly releases?: number;
  /** Of records: with which probability each is drawn into a step, in secret. */
  readonly samplingRate?: number;
  /** Of records: the most that a site may have. */
  readonly records?: number;
  /** In silo form: gradient steps of a site in a round. Default 1. */
  readonly stepsPerRound?: number;
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

/** The names of all fields of a type: one that is added there is an error here until it is listed. */
const fieldsOf = <T>(fields: Readonly<Record<keyof T, true>>): readonly string[] => Object.keys(fields);

const fileFields = fieldsOf<JobFile>({ job: true, rehearsal: true });
const draftFields = fieldsOf<JobDraft>({
  name: true,
  seed: true,
  model: true,
  data: true,
  training: true,
  rounds: true,
  minParticipants: true,
  phases: true,
  privacy: true,
  evaluation: true,
  testSet: true,
  escrow: true,
  grace: true,
  attempts: true,
  bond: true,
  prove: true,
});
const trainingFields = fieldsOf<LocalTraining>({
  epochs: true,
  batch: true,
  learningRate: true,
  momentum: true,
});
const evaluationFields = fieldsOf<EvaluationDraft>({ heldOut: true });
const privacyFields = fieldsOf<PrivacyDraft>({ aggregation: true, threshold: true, dp: true });
const promiseFields = fieldsOf<PrivacyPromise>({
  unit: true,
  form: true,
  epsilon: true,
  delta: true,
  honest: true,
  clippingNorm: true,
  releases: true,
  samplingRate: true,
  records: true,
  stepsPerRound: true,
});
const rehearsalFields = fieldsOf<Rehearsal>({ sites: true, absences: true });
const datasetFields = fieldsOf<Dataset>({ features: true, shape: true, labels: true, vocabulary: true });
const siteFields = ['siteFile', ...datasetFields];
const absenceFields = fieldsOf<Absence>({ participant: true, drops: true, returns: true });

/**
 * A TypeScript job file may have fields that no type allows, since it runs without being checked.
 * Throws `job.malformed`, naming the field and the one that was probably meant.
 */
export function assertFields(file: JobFile): void {
  const { job, rehearsal } = file;
  assertKnown(file, fileFields, 'the job file');
  assertKnown(job, draftFields, 'job');
  assertKnown(job.training, trainingFields, 'job.training');
  assertKnown(job.phases, timedPhases, 'job.phases');
  assertKnown(job.privacy, privacyFields, 'job.privacy');
  assertKnown(job.privacy?.dp, promiseFields, 'job.privacy.dp');
  assertKnown(job.evaluation, evaluationFields, 'job.evaluation');
  assertKnown(job.testSet, datasetFields, 'job.testSet');
  assertKnown(rehearsal, rehearsalFields, 'rehearsal');
  for (const [i, site] of (rehearsal?.sites ?? []).entries()) {
    assertKnown(site, siteFields, `rehearsal.sites[${i}]`);
  }
  for (const [i, absence] of (rehearsal?.absences ?? []).entries()) {
    assertKnown(absence, absenceFields, `rehearsal.absences[${i}]`);
  }
}

function assertKnown(record: object | undefined, known: readonly string[], place: string): void {
  const unknown = Object.keys(record ?? {}).find((field) => !known.includes(field));
  if (unknown === undefined) return;
  throw new MisuseError({
    code: 'job.malformed',
    expected: `in ${place} the fields ${known.join(', ')}, and no others`,
    found: unknown,
    hint: `Was ${findNearest(known, unknown)} meant?`,
  });
}

/** The seed of all public randomness of a job: its own, or the hash of its name. */
export function seedOf(draft: JobDraft): Hex {
  return draft.seed ?? toHex(sha256(utf8(draft.name)));
}

/** The default smallest cohort: half of the sites, at least two where there are two. */
export function defaultMinParticipants(sites: number): number {
  return Math.min(sites, Math.max(2, Math.ceil(sites / 2)));
}
