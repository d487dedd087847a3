/**
 * What a job promises about privacy, how it has to be run to keep that, and what its ledger shows of
 * it. docs/specs/dp.md §12 and §13. Nothing here trains or draws noise, so that a verifier can use
 * it.
 */
import { NonetError } from '@nonet/core';
import type { JobState, Round } from '@nonet/core/ports';
import { isMasked, largestMasked, stateEntries, type TrainJob } from '@nonet/core/records';
import {
  largestContribution,
  type ObservedRound,
  type PrivacyParameters,
  type PrivacySetting,
  parsePrivacyParameters,
  privacyMechanismId,
  reportSpent,
  reviewPlan,
  type SpentPrivacy,
} from '@nonet/privacy/dp';
import { includedParticipants, isAsked } from './rules/state.ts';

/** A job's promise, and what of its other fields the figure depends on. */
export interface JobPrivacy {
  readonly parameters: PrivacyParameters;
  readonly setting: PrivacySetting;
}

/** The fields of a job that its privacy depends on. */
export type PrivacyFields = Pick<
  TrainJob,
  'arithmetic' | 'training' | 'guarantees' | 'participants' | 'minParticipants' | 'maxParticipants' | 'rounds'
>;

/**
 * The promise of a job's guarantee `privacy.dp`; undefined where it has none. Throws
 * `mechanism.parameters`.
 */
export function privacyOf(job: Omit<PrivacyFields, 'training'>): JobPrivacy | undefined {
  const guarantee = job.guarantees.find(({ mechanism }) => mechanism === privacyMechanismId);
  if (guarantee === undefined) return undefined;
  const { arithmetic, participants, minParticipants, maxParticipants, rounds } = job;
  const dimension = arithmetic.entries - stateEntries(arithmetic);
  return {
    parameters: parsePrivacyParameters(guarantee.parameters),
    setting: { dimension, minParticipants, maxParticipants, open: participants === 'open', rounds },
  };
}

/** Whether each participant of a job adds a share of the noise of a sum to what it sends. */
export function isNoiseShared(job: Omit<PrivacyFields, 'training'>): boolean {
  return privacyOf(job)?.parameters.form === 'distributed';
}

/**
 * That a job is run as its guarantee of differential privacy needs it, and that its parameters keep
 * the promise. Throws `job.guarantee` where training or arithmetic are others, or where they would
 * add noise without a promise of it; and what `reviewPlan` throws: `dp.promise` and others.
 */
export function assertPrivacyDelivered(job: PrivacyFields): void {
  const privacy = privacyOf(job);
  const { arithmetic, training, guarantees } = job;
  if (privacy === undefined) {
    const isClipped = training.kind === 'clippedGradient' || training.kind === 'clippedSteps';
    require(!isClipped, `the guarantee ${privacyMechanismId} of a job with ${training.kind}`, 'none');
    return;
  }
  const { parameters, setting } = privacy;
  const isHeldOut = arithmetic.kind === 'masked' && arithmetic.heldOut !== undefined;
  require(!isHeldOut, 'no evaluation on held-out examples, whose counts have no noise', 'heldOut');
  const promises = guarantees.filter(({ mechanism }) => mechanism === privacyMechanismId).length;
  require(promises === 1, `one guarantee ${privacyMechanismId}`, promises);
  if (parameters.form === 'silo') {
    require(training.kind ===
      'clippedSteps', 'training by clippedSteps, as silo privacy needs', training.kind);
    reviewPlan(parameters, setting);
    return;
  }
  // A share of the noise protects next to nothing by itself (dp.md §12.3).
  require(isMasked(arithmetic), 'masked updates, since shares of noise protect sums only', arithmetic.kind);
  const most = isMasked(arithmetic) ? largestMasked(arithmetic) : 0;
  const largest = largestContribution(parameters, setting);
  require(most >= largest, `room for integers up to ${largest} in a masked message`, most);
  if (parameters.unit === 'record') {
    require(training.kind ===
      'clippedGradient', 'training by clippedGradient, as distributed privacy of records needs', training.kind);
  } else {
    require(training.kind === 'graph' ||
      training.kind ===
        'external', 'training of a whole update, as privacy of participants needs', training.kind);
    const found = arithmetic.kind === 'masked' ? 2 ** arithmetic.scaleBits : arithmetic.kind;
    require(found === parameters.scale, `averages of integers in ${parameters.scale} steps`, found);
    const weighting = arithmetic.kind === 'masked' ? arithmetic.weighting : arithmetic.kind;
    require(weighting === 'uniform', 'uniform weights, since a weight multiplies what is clipped', weighting);
  }
  reviewPlan(parameters, setting);
}

function require(holds: boolean, expected: string, found: unknown): void {
  if (holds) return;
  throw new NonetError({
    code: 'job.guarantee',
    expected,
    found: String(found),
    hint: 'Do not take part: the job does not do what it promises.',
  });
}

/**
 * Whether what a round released may be read (dp.md §13.1): its updates were never masked, or
 * participants were asked for shares of its set, whatever came of the round and of the shares.
 */
export function isReadable(round: Round): boolean {
  return round.masking === undefined ? Object.keys(round.commitments).length > 0 : isAsked(round);
}

/**
 * How many of the releases that a job plans are left to a participant for `round` and those after
 * it: a round that still runs may become readable. Bytes that were sent again count once.
 */
export function countReleases(
  { releases }: Pick<PrivacyParameters, 'releases'>,
  { rounds }: Pick<JobState, 'rounds'>,
  participant: number,
  round = rounds.length,
): number {
  const sent = rounds.flatMap((each, number) => {
    const blob = each.commitments[participant]?.blob;
    const counts = number !== round && (each.phase !== 'void' || isReadable(each));
    return blob === undefined || !counts ? [] : [blob];
  });
  return releases - new Set(sent).size;
}

/**
 * Which participants release no more: the job cannot be completed where fewer than its smallest
 * cohort are left. None of a job without a promise.
 */
export function spentParticipants(
  promise: Pick<PrivacyParameters, 'releases'> | undefined,
  state: Pick<JobState, 'rounds' | 'participants'>,
): number[] {
  if (promise === undefined) return [];
  return [...state.participants.keys()].filter(
    (participant) => countReleases(promise, state, participant) < 1,
  );
}

/** Whether the data of a participant are in what a round released, as the ledger shows it. */
function isReleased(round: Round, participant: number): boolean {
  if (!isReadable(round)) return false;
  return round.masking === undefined
    ? round.commitments[participant] !== undefined
    : includedParticipants(round).includes(participant);
}

/**
 * Rounds of a job as the accountant of one participant counts them. A clear update that is sent
 * again as it was, where a step is repeated, tells nothing new; a masked one is in another sum.
 */
function observeRounds({ rounds }: Pick<JobState, 'rounds'>, participant: number): ObservedRound[] {
  const sent = new Set<string>();
  return rounds.map((round) => {
    const blob = round.commitments[participant]?.blob ?? '';
    const isNew = round.masking !== undefined || !sent.has(blob);
    sent.add(blob);
    return {
      included: includedParticipants(round).length,
      readable: isNew && isReleased(round, participant),
    };
  });
}

/**
 * What the readable rounds of a job have spent of its promise, of the data of each participant in
 * the order of their numbers. Throws what `reportSpent` throws.
 */
export function spentOf(
  { parameters, setting }: JobPrivacy,
  state: Pick<JobState, 'rounds' | 'participants'>,
): SpentPrivacy[] {
  // Most were in the same rounds, and accounting takes a while.
  const known = new Map<string, SpentPrivacy>();
  return state.participants.map((_, participant) => {
    const observed = observeRounds(state, participant);
    const key = JSON.stringify(observed);
    const spent = known.get(key) ?? reportSpent(parameters, setting, observed);
    known.set(key, spent);
    return spent;
  });
}
