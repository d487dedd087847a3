/**
 * What evidence says of the differential privacy of a job, as pure functions of its record and its
 * ledger (docs/specs/dp.md §13): what was spent of what was promised, never without what the figure
 * rests on. The writer of evidence and its verifier call the same function.
 */
import type { JobState } from '@nonet/core/ports';
import { createFigures, type TrainJob } from '@nonet/core/records';
import {
  noiseToSignal,
  type PrivacyParameters,
  type PrivacyReport,
  privacyMechanismId,
} from '@nonet/privacy/dp';
import { federationFigures as figures } from '../figures.ts';
import { isReadable, type JobPrivacy, privacyOf, spentOf } from '../privacy.ts';
import type { Claim } from './claims.ts';

/**
 * An epsilon as evidence has it: up to the next thousandth, so that engines whose logarithms differ
 * in the last digit agree. What a plan exceeds its promise by for want of digits is not shown.
 */
export function roundUpEpsilon(epsilon: number): number {
  return Math.max(0, Math.ceil(epsilon * 1000 - 1e-5) / 1000);
}

/** `each single record`: what one change of the data is. */
export function unitText({ unit }: Pick<PrivacyParameters, 'unit'>): string {
  return unit === 'record' ? 'each single record' : 'all records of each participant together';
}

/**
 * What the rounds of a job have spent; undefined for a job that promises no differential privacy.
 * Throws what `spentOf` throws.
 */
export function privacyClaim(state: JobState, job: TrainJob): Claim | undefined {
  const privacy = privacyOf(job);
  if (privacy === undefined) return undefined;
  const { epsilon, delta, releases } = privacy.parameters;
  const spent = spentOf(privacy, state);
  const epsilons = spent.map(({ report }) => roundUpEpsilon(report?.epsilon ?? 0));
  const most = Math.max(0, ...epsilons);
  const readable = state.rounds.filter(isReadable);
  const report = spent.find((_, participant) => epsilons[participant] === most)?.report;
  const sentences = [
    spentText(privacy, epsilons),
    readText(privacy.parameters, readable.length, readable.filter(({ phase }) => phase === 'void').length),
    ...(most > epsilon ? ['That is more than was promised.'] : []),
    ...(report === undefined ? [] : conditionsOf(privacy, report)),
  ];
  return {
    kind: 'observation',
    cells: ['privacy-decentralisation'],
    mechanism: privacyMechanismId,
    sentence: sentences.join(' '),
    figures: createFigures([
      [figures.epsilonSpent, epsilons.length === 0 ? 0 : epsilons],
      [figures.epsilonPromised, epsilon],
      [figures.delta, delta],
      [figures.releasesRead, readable.length],
      [figures.releasesPlanned, releases],
      [figures.honestAssumed, honestOf(privacy.parameters)],
      [figures.noiseToSignal, noiseRatio(privacy)],
    ]),
  };
}

const honestOf = (parameters: PrivacyParameters) => (parameters.form === 'silo' ? 1 : parameters.honest);

/** To three digits, in which all engines agree. */
const noiseRatio = ({ parameters, setting }: JobPrivacy) =>
  Number(noiseToSignal(parameters, setting).toPrecision(3));

function spentText({ parameters }: JobPrivacy, epsilons: readonly number[]): string {
  const [most, least] = [Math.max(0, ...epsilons), Math.min(...epsilons)];
  const fewest = least < most ? `; ${least} of a participant that was in the fewest rounds` : '';
  return (
    `By differential privacy, what was released has spent epsilon ${most} at delta ${parameters.delta} ` +
    `of ${unitText(parameters)}${fewest}. The job promised at most ${parameters.epsilon}.`
  );
}

function readText({ form, releases }: PrivacyParameters, read: number, wasted: number): string {
  const what = form === 'silo' ? 'The updates' : 'The sums';
  const lost = wasted === 0 ? '' : `, ${wasted} of which led to no new model and count all the same`;
  return `${what} of ${read} rounds could be read${lost}; each participant agreed to ${releases}.`;
}

/** What the figure rests on. */
function conditionsOf(privacy: JobPrivacy, report: PrivacyReport): string[] {
  const view =
    privacy.parameters.form === 'silo'
      ? 'It holds against readers of the updates and all models.'
      : 'It holds against readers of the sums and all models, not against those who unmask the contribution of one participant, in which only its own share of the noise is.';
  return [
    view,
    ...report.assumptions,
    `The accountant is ${report.accountant}.`,
    `The noise of the smallest cohort is ${noiseRatio(privacy)} times as long as the longest sum that it is added to; what that cost in accuracy only the same job without it would show.`,
  ];
}
