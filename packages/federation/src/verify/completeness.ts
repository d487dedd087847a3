/**
 * Whether a receipt tells all that its ledger record led to (docs/specs/update.md §7.4): a runner could leave out what is unfavourable, or say what
 * is favourable twice. What never came to the ledger, such as a move that was refused, cannot be missed here.
 */
import { NonetError } from '@nonet/core';
import type { JobState } from '@nonet/core/ports';
import type { Receipt } from '@nonet/core/receipt';
import type { Evidence } from '@nonet/core/records';
import { assumptionsOf, lastModel } from './claims.ts';
import { isOver } from './ledgerRecord.ts';

/** The verifier that a record names, if it is to be checked here. */
export function verifierOf({ check }: Evidence): string | undefined {
  return check.how === 'here' ? check.verifier : undefined;
}

/** Throws `receipt.omission`, `receipt.repetition`, and `receipt.round` on a record that tells of a round and is not the one about it. */
export function assertComplete(receipt: Receipt, state: JobState): void {
  const told = new Map<string, number>();
  for (const record of receipt.evidence) {
    const subject = subjectOf(record);
    if (subject === undefined) continue;
    told.set(subject, (told.get(subject) ?? 0) + 1);
  }
  for (const subject of subjects(receipt, state)) {
    const times = told.get(subject) ?? 0;
    if (times === 0) throw refusal('receipt.omission', `a record: ${subject}`, 'none');
    if (times > 1) throw refusal('receipt.repetition', `one record: ${subject}`, `${times}`);
  }
  for (const record of receipt.evidence) {
    if (record.figures.round === undefined || verifierOf(record) === 'federation.aggregate') continue;
    throw refusal('receipt.round', 'rounds told of only by what is averaged again', record.sentence);
  }
}

function subjectOf(record: Evidence): string | undefined {
  if (record.kind === 'assumption') return assumed(record);
  const verifier = verifierOf(record);
  return verifier === 'federation.aggregate' ? `round ${record.figures.round?.value}` : verifier;
}

function assumed({ sentence, whom, breaks }: { sentence: string; whom: string; breaks: string }): string {
  return `assumption: ${sentence} ${whom}: ${breaks}`;
}

/** What a receipt has to tell, each once. */
function subjects({ job, anchor }: Receipt, state: JobState): string[] {
  return [
    ...state.rounds.flatMap((round, number) => (isOver(round) ? [`round ${number + 1}`] : [])),
    ...(state.end?.reason === 'objected' ? ['federation.objection'] : []),
    ...(job.evaluation === undefined || lastModel(state) === job.model.parameters
      ? []
      : ['federation.accuracy']),
    ...assumptionsOf(job, anchor?.operator ?? 'other').map(assumed),
  ];
}

function refusal(code: string, expected: string, found: string): NonetError {
  return new NonetError({ code, expected, found });
}
