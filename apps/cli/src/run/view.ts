/** What one sees while a job runs: a block that redraws itself in a terminal, a line per step where there is none. Standard error only. */
import {
  bold,
  cyan,
  dim,
  formatPercent,
  formatSeconds,
  green,
  note,
  plural,
  red,
  sparkline,
} from '../terminal.ts';

export interface RoundProgress {
  readonly round: number;
  readonly phase: string;
  readonly committed: number;
  readonly size: number;
  readonly accepted?: number;
  readonly accuracy?: number;
  readonly seconds?: number;
}

export interface Progress {
  readonly title: string;
  readonly wanted: number;
  readonly rounds: readonly RoundProgress[];
  /** What happens before and after the rounds. */
  readonly activity: string;
  readonly seconds: number;
}

export interface View {
  show(progress: Progress): void;
  /** Something that stays: a drop-out, a refusal, a restart. */
  tell(text: string): void;
  end(): void;
}

export const silentView: View = { show() {}, tell() {}, end() {} };

export function createView(): View {
  return process.stderr.isTTY === true && process.env.TERM !== 'dumb' ? liveView() : plainView();
}

function plainView(): View {
  let activity = '';
  const told = new Set<number>();
  return {
    show(progress) {
      if (progress.activity !== activity) {
        activity = progress.activity;
        note(`${formatSeconds(progress.seconds).padStart(8)}  ${activity}`);
      }
      for (const round of progress.rounds) {
        if (told.has(round.round) || (round.accuracy === undefined && round.phase !== 'void')) continue;
        told.add(round.round);
        note(`${formatSeconds(progress.seconds).padStart(8)}  ${roundLine(round, progress.wanted)}`);
      }
    },
    tell: (text) => note(`${' '.repeat(10)}${text}`),
    end() {},
  };
}

function roundLine(round: RoundProgress, wanted: number): string {
  const parts = [`round ${round.round + 1} of ${wanted}`, `${round.committed} of ${round.size} took part`];
  if (round.phase === 'void') parts.push('void');
  if (round.accuracy !== undefined) parts.push(`accuracy ${formatPercent(round.accuracy)}`);
  if (round.seconds !== undefined) parts.push(formatSeconds(round.seconds));
  return parts.join(', ');
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

function liveView(): View {
  let drawn = 0;
  let frame = 0;
  let last: Progress | undefined;
  const erase = () => {
    if (drawn > 0) process.stderr.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    if (last === undefined) return;
    const columns = process.stderr.columns ?? 80;
    const lines = renderProgress(last, frames[frame++ % frames.length]!, columns);
    erase();
    process.stderr.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, 120);
  timer.unref();
  return {
    show(progress) {
      last = progress;
    },
    tell(text) {
      erase();
      note(`  ${text}`);
      draw();
    },
    end() {
      clearInterval(timer);
      draw();
    },
  };
}

function renderProgress(progress: Progress, spinner: string, columns: number): string[] {
  const { rounds, wanted } = progress;
  const stepped = rounds.filter((round) => round.accepted !== undefined).length;
  const width = Math.max(10, Math.min(40, columns - 40));
  const filled = Math.round((stepped / wanted) * width);
  const lines = [
    '',
    `  ${bold(progress.title)}  ${dim(formatSeconds(progress.seconds))}`,
    `  ${green('━'.repeat(filled))}${dim('━'.repeat(width - filled))} ${stepped} of ${plural(wanted, 'round')}`,
  ];
  const accuracies = rounds.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  if (accuracies.length > 0) {
    lines.push(`  accuracy ${cyan(sparkline(accuracies))} ${bold(formatPercent(accuracies.at(-1)!))}`);
  }
  const current = rounds.at(-1);
  if (current !== undefined && current.accepted === undefined) {
    const dots =
      '●'.repeat(current.committed) + dim('○'.repeat(Math.max(0, current.size - current.committed)));
    lines.push(
      `  round ${current.round + 1}: ${current.phase === 'void' ? red('void') : current.phase}  ${dots}`,
    );
  }
  lines.push(`  ${cyan(spinner)} ${progress.activity}`, '');
  return lines;
}
