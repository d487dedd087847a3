/** From what a job that counts left to its figures and its receipt. */
import { type CountJob, requireCountJob } from '@nonet/core/records';
import {
  decodeModel,
  finalModel,
  isComplete,
  resultOfCounts,
  type StatisticsResult,
} from '@nonet/federation';
import type { Outcome } from './coordinator.ts';
import { openFirstStore, type SealedRun, sealRun } from './finish.ts';

/** A count that is over. */
export interface FinishedStatistics extends SealedRun {
  readonly outcome: Outcome & { readonly job: CountJob };
  /** Undefined where the job was stopped before its round was final. */
  readonly result?: StatisticsResult;
}

/** Figures, evidence, receipt, anchor, page. Called while the ledger is still up. Throws `job.kind`. */
export async function finishStatistics(outcome: Outcome): Promise<FinishedStatistics> {
  const { run, state } = outcome;
  const job = requireCountJob(outcome.job);
  const sealed = await sealRun(outcome, {});
  const finished = { ...sealed, outcome: { ...outcome, job } };
  if (!isComplete(state)) return finished;
  const { bytes } = await openFirstStore(run).get(finalModel(state));
  return { ...finished, result: resultOfCounts(job, state, decodeModel(bytes, job.arithmetic)) };
}
