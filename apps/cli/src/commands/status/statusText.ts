/** The state of a run in words. */
import type { Receipt } from '@nonet/core/receipt';
import type { RunRecord } from '../../runs/runDirectory.ts';
import { classLines } from '../../terminal/classText.ts';
import { bold, dim, formatPercent, formatSeconds, formatTable, plural } from '../../terminal/terminal.ts';

/** A round that has stepped, as the processes of the run reported it; counted from 0. */
export interface RoundStatus {
  readonly round: number;
  /** How many updates were accepted. */
  readonly accepted: number;
  /** Of the new model on the public test set: a fraction. */
  readonly accuracy?: number;
}

/** What is known of a run. */
export interface RunStatus {
  readonly record: RunRecord;
  /** The folder of the run. */
  readonly path: string;
  readonly rounds: readonly RoundStatus[];
  /** Of the model that was evaluated last; row = true label, column = predicted label. */
  readonly confusion: readonly (readonly number[])[] | undefined;
  readonly anchor: Receipt['anchor'];
  /** How many other runs there are. */
  readonly others: number;
}

/** The state of a run as a table, and its rounds as another. */
export function renderStatus({ record, path, rounds, confusion, anchor, others }: RunStatus): string {
  const { status, ledger = 'embedded', contract = 'none yet', job = 'not on the ledger yet' } = record;
  return [
    `${bold(record.name)}  ${dim(record.id)}`,
    '',
    formatTable([
      ['status', status === 'running' ? 'unfinished; the same nonet run resumes it' : status],
      ['ledger', ledger],
      ['contract', contract],
      ['job', job],
      ['sites', String(record.sites)],
      ['time spent', formatSeconds(record.secondsBefore)],
      [
        'anchored',
        anchor === undefined ? 'no' : `in block ${anchor.block}, transaction ${anchor.transaction}`,
      ],
      ['folder', path],
    ]),
    '',
    rounds.length === 0 ? 'no round has stepped yet' : roundTable(rounds),
    ...(confusion === undefined || record.labels === undefined
      ? []
      : ['', ...classLines(confusion, record.labels)]),
    ...(others > 0 ? ['', dim(`${plural(others, 'other run')} in runs/`)] : []),
  ].join('\n');
}

function roundTable(rounds: readonly RoundStatus[]): string {
  const rows = rounds.map(({ round, accepted, accuracy }) => [
    String(round + 1),
    String(accepted),
    accuracy === undefined ? '' : formatPercent(accuracy),
  ]);
  return formatTable([['round', 'accepted', 'accuracy'], ...rows], [0, 1, 2]);
}
