/**
 * Whether a receipt tells all that its ledger record led to (docs/specs/update.md §7.6): a runner
 * could leave out what is unfavourable, or say what is favourable twice. What never came to the
 * ledger, such as a move that was refused, cannot be missed here.
 */
import { NonetError } from '@nonet/core';
import type { Receipt } from '@nonet/core/receipt';
import { type Evidence, type RoundJob, readFigure } from '@nonet/core/records';
import { federationFigures } from '../figures.ts';
import { privacyOf } from '../privacy.ts';
import { finalModel, isOver } from '../rules/state.ts';
import { statisticsPrivacyOf } from '../statistics.ts';
import { assumptionsOf, incidentClaims } from './claims.ts';
import type { LedgerRecord } from './ledgerRecord.ts';

/** Names of the verifiers of this package, as records name them. */
export const verifierNames = {
  rounds: 'federation.rounds',
  aggregate: 'federation.aggregate',
  accuracy: 'federation.accuracy',
  refusal: 'federation.refusal',
  incident: 'federation.incident',
  statistics: 'federation.statistics',
  privacy: 'federation.privacy',
} as const;

/** The verifier that a record names, if it is to be checked here. */
export function verifierOf({ check }: Evidence): string | undefined {
  return check.how === 'here' ? check.verifier : undefined;
}

/**
 * Throws `receipt.omission`, `receipt.repetition`, and `receipt.round` on a record that tells of a
 * round and is not the one about it.
 */
export function assertComplete({ evidence }: Receipt, job: RoundJob, record: LedgerRecord): void {
  const told = new Map<string, number>();
  for (const each of evidence) {
    const subject = subjectOf(each);
    if (subject === undefined) continue;
    told.set(subject, (told.get(subject) ?? 0) + 1);
  }
  for (const subject of subjects(job, record)) {
    const times = told.get(subject) ?? 0;
    if (times === 0) throw refusal('receipt.omission', `a record: ${subject}`, 'none');
    if (times > 1) throw refusal('receipt.repetition', `one record: ${subject}`, `${times}`);
  }
  for (const each of evidence) {
    if (roundOf(each) === undefined || verifierOf(each) === verifierNames.aggregate) continue;
    throw refusal('receipt.round', 'rounds told of only by what is averaged again', each.sentence);
  }
}

/**
 * Throws `receipt.repetition` where two records tell of one round: before any of them is computed
 * again, since a round can be as long as its cohort and a receipt can name it 100,000 times.
 */
export function assertRoundsToldOnce({ evidence }: Receipt): void {
  const told = new Set<number | undefined>();
  for (const record of evidence) {
    if (verifierOf(record) !== verifierNames.aggregate) continue;
    const round = roundOf(record);
    if (told.has(round)) throw refusal('receipt.repetition', `one record: round ${round}`, 'another');
    told.add(round);
  }
}

function roundOf(record: Evidence): number | undefined {
  return readFigure(record, federationFigures.round)?.value;
}

function subjectOf(record: Evidence): string | undefined {
  if (record.kind === 'assumption') return assumed(record);
  const verifier = verifierOf(record);
  if (verifier === verifierNames.aggregate) return `round ${roundOf(record)}`;
  return verifier === verifierNames.incident ? record.sentence : verifier;
}

function assumed({ sentence, whom, breaks }: { sentence: string; whom: string; breaks: string }): string {
  return `assumption: ${sentence} ${whom}: ${breaks}`;
}

/** Whether a job promises differential privacy, of which a record has to tell what was spent. */
function promises(job: RoundJob): boolean {
  return (job.kind === 'count' ? statisticsPrivacyOf(job) : privacyOf(job)) !== undefined;
}

/** What tells of the last model of a job. */
function resultVerifiers(job: RoundJob): string[] {
  if (job.kind === 'count') return [verifierNames.statistics];
  return job.testSet === undefined ? [] : [verifierNames.accuracy];
}

/** What a receipt has to tell, each once. */
function subjects(job: RoundJob, record: LedgerRecord): string[] {
  const { state } = record;
  const hasResult = finalModel(state) !== job.model.parameters;
  const results = resultVerifiers(job);
  return [
    ...state.rounds.flatMap((round, number) => (isOver(round) ? [`round ${number + 1}`] : [])),
    ...incidentClaims(record).map(({ sentence }) => sentence),
    ...(hasResult ? results : []),
    ...(promises(job) ? [verifierNames.privacy] : []),
    ...assumptionsOf(state.terms, job).map(assumed),
  ];
}

function refusal(code: string, expected: string, found: string): NonetError {
  return new NonetError({ code, expected, found });
}
