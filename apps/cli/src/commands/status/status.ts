/**
 * `nonet status [RUN]`: what is happening in a run, here and on the ledger. Reads files only, so it
 * disturbs nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Receipt, receiptSchema } from '@nonet/core/receipt';
import { quoteArgument } from '@nonet/core/records';
import type { ModelEvaluation } from '@nonet/federation';
import type { Reported } from '../../roles/messages.ts';
import { readReports } from '../../runs/reports.ts';
import { findRun, listRuns } from '../../runs/runDirectory.ts';
import { foreignValues } from '../../terminal/foreignText.ts';
import { note, print, printJson } from '../../terminal/terminal.ts';
import type { StatusOptions } from './definition.ts';
import { type RoundStatus, renderStatus } from './statusText.ts';

/** Throws `run.missing` and `run.damaged`. */
export function showStatus(name: string | undefined, { json }: StatusOptions): void {
  const run = findRun(name);
  const reports = readReports(run);
  const rounds = roundsOf(reports);
  const receiptFile = run.resolve('receipt.json');
  const anchor = existsSync(receiptFile) ? anchorIn(receiptFile) : undefined;
  const { record, path } = run;
  if (json) printJson({ ...record, path, rounds, anchor: anchor ?? null });
  else {
    const confusion = confusionOf(reports);
    const others = listRuns().length - 1;
    print(renderStatus(foreignValues({ record, path, rounds, confusion, anchor, others })));
  }
}

function anchorIn(receiptFile: string): Receipt['anchor'] {
  try {
    return receiptSchema.safeParse(JSON.parse(readFileSync(receiptFile, 'utf8'))).data?.anchor;
  } catch {
    note(`${receiptFile} is not a readable receipt; see npx nonet verify ${quoteArgument(receiptFile)}`);
    return undefined;
  }
}

/** Of the model that was evaluated last. */
function confusionOf(reports: readonly Reported[]): ModelEvaluation['confusion'] | undefined {
  const last = reports.findLast(({ event }) => event.type === 'evaluated')?.event;
  return last?.type === 'evaluated' ? last.evaluation.confusion : undefined;
}

function roundsOf(reports: readonly Reported[]): RoundStatus[] {
  const rounds = new Map<number, RoundStatus>();
  for (const { event } of reports) {
    if (event.type === 'stepped') {
      const { round, accepted } = event;
      rounds.set(round, { ...rounds.get(round), round, accepted: accepted.length });
    }
    if (event.type === 'evaluated') {
      const { round, evaluation } = event;
      const known = rounds.get(round) ?? { round, accepted: 0 };
      rounds.set(round, { ...known, accuracy: evaluation.accuracy });
    }
  }
  return [...rounds.values()].sort((a, b) => a.round - b.round);
}
