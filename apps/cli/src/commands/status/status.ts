/** `nonet status`: what is happening in a run, here and on the ledger. Reads files only, so it disturbs nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { type Receipt, receiptSchema } from '@nonet/core/receipt';
import type { Reported } from '../../roles/messages.ts';
import { readReports } from '../../runs/reports.ts';
import { findRun, listRuns } from '../../runs/runDirectory.ts';
import {
  bold,
  dim,
  formatPercent,
  formatSeconds,
  formatTable,
  note,
  plural,
  print,
} from '../../terminal/terminal.ts';

export function statusCommand(name: string | undefined, { json }: { readonly json: boolean }): void {
  const run = findRun(name);
  const { record } = run;
  const reports = readReports(run);
  const rounds = roundsOf(reports);
  const receiptFile = run.resolve('receipt.json');
  const anchor = existsSync(receiptFile) ? anchorIn(receiptFile) : undefined;
  if (json) {
    print(JSON.stringify({ ...record, path: run.path, rounds, anchor: anchor ?? null }, null, 2));
    return;
  }
  const others = listRuns().length - 1;
  print(
    [
      `${bold(record.name)}  ${dim(record.id)}`,
      '',
      formatTable([
        ['status', record.status === 'running' ? `unfinished; the same nonet run resumes it` : record.status],
        ['ledger', record.ledger ?? 'embedded'],
        ['contract', record.contract ?? 'none yet'],
        ['job', record.job ?? 'not on the ledger yet'],
        ['sites', String(record.sites)],
        ['time spent', formatSeconds(record.secondsBefore)],
        [
          'anchored',
          anchor === undefined ? 'no' : `in block ${anchor.block}, transaction ${anchor.transaction}`,
        ],
        ['folder', run.path],
      ]),
      '',
      rounds.length === 0
        ? 'no round has stepped yet'
        : formatTable(
            [
              ['round', 'accepted', 'accuracy'],
              ...rounds.map(({ round, accepted, accuracy }) => [
                String(round + 1),
                String(accepted),
                accuracy === undefined ? '' : formatPercent(accuracy),
              ]),
            ],
            [0, 1, 2],
          ),
      ...(others > 0 ? ['', dim(`${plural(others, 'other run')} in runs/`)] : []),
    ].join('\n'),
  );
}

function anchorIn(receiptFile: string): Receipt['anchor'] {
  try {
    return receiptSchema.safeParse(JSON.parse(readFileSync(receiptFile, 'utf8'))).data?.anchor;
  } catch {
    note(`${receiptFile} is not a readable receipt; see nonet verify ${receiptFile}`);
    return undefined;
  }
}

function roundsOf(reports: readonly Reported[]) {
  const rounds = new Map<number, { round: number; accepted: number; accuracy?: number }>();
  for (const { event } of reports) {
    if (event.type === 'stepped') {
      rounds.set(event.round, {
        ...rounds.get(event.round),
        round: event.round,
        accepted: event.accepted.length,
      });
    }
    if (event.type === 'evaluated') {
      const known = rounds.get(event.round) ?? { round: event.round, accepted: 0 };
      rounds.set(event.round, { ...known, accuracy: event.evaluation.accuracy });
    }
  }
  return [...rounds.values()].sort((a, b) => a.round - b.round);
}
