/**
 * What one sees while a job runs: a block that redraws itself in a terminal, a line per step where
 * there is none. Standard error only.
 */
import type { Progress, RoundProgress, View } from '../../rehearsal/progress.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import {
  bold,
  cyan,
  dim,
  formatPercent,
  formatSeconds,
  green,
  type OutputStream,
  plural,
  red,
  sparkline,
  truncate,
  writeLine,
  yellow,
} from '../../terminal/terminal.ts';
import { failureText } from './failureText.ts';

/** The block in a terminal, the lines elsewhere. */
export function createView(stream: OutputStream = process.stderr): View {
  return stream.isTTY === true && process.env.TERM !== 'dumb' ? liveView(stream) : plainView(stream);
}

/** One line per milestone, per round and per incident: what is worth keeping in a log. */
function plainView(stream: OutputStream): View {
  let milestone = '';
  let seconds = 0;
  const told = new Set<number>();
  const tell = (text: string) =>
    writeLine(`${formatSeconds(seconds).padStart(8)}  ${foreignText(text)}`, stream);
  return {
    show(progress) {
      ({ seconds } = progress);
      for (const round of progress.rounds) {
        if (told.has(round.round) || !round.settled) continue;
        told.add(round.round);
        tell(roundLine(round, progress.wanted));
      }
      if (progress.milestone === milestone) return;
      ({ milestone } = progress);
      tell(milestone);
    },
    tell,
    end() {},
  };
}

function roundLine(round: RoundProgress, wanted: number): string {
  const parts = [`round ${round.step + 1} of ${wanted}`, `${round.committed} of ${round.size} took part`];
  if (round.failure !== undefined)
    return [...parts, `${failureText(round.failure)}; it is repeated`].join(', ');
  if (round.accuracy !== undefined) parts.push(`accuracy ${formatPercent(round.accuracy)}`);
  if (round.heldOutAccuracy !== undefined)
    parts.push(`before it ${formatPercent(round.heldOutAccuracy)} on what sites hold out`);
  parts.push(...neverPredicted(round));
  if (round.seconds !== undefined) parts.push(formatSeconds(round.seconds));
  return parts.join(', ');
}

/** What an accuracy hides, where it hides labels. */
function neverPredicted({ neverPredicted = 0 }: RoundProgress): string[] {
  return neverPredicted === 0 ? [] : [`${plural(neverPredicted, 'label')} never predicted`];
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Some terminals say that they have no columns, which is to say that they do not know. */
function widthOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : 80;
}

function liveView(stream: OutputStream): View {
  let drawn = 0;
  let frame = 0;
  let last: Progress | undefined;
  const erase = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    if (last === undefined) return;
    // A line that wraps would be two, and the next erasure would leave one of them standing.
    const columns = widthOf(stream);
    const lines = renderProgress(last, frames[frame++ % frames.length]!, columns).map((line) =>
      truncate(line, columns - 1),
    );
    erase();
    for (const line of lines) writeLine(line, stream);
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
      writeLine(`  ${foreignText(text)}`, stream);
      draw();
    },
    end() {
      clearInterval(timer);
      draw();
      last = undefined;
    },
  };
}

function renderProgress(progress: Progress, spinner: string, columns: number): string[] {
  const { rounds, wanted } = progress;
  const made = rounds.filter(({ accepted, failure }) => accepted !== undefined && failure === undefined);
  const stepped = made.length;
  const width = Math.max(10, Math.min(40, columns - 40));
  const filled = Math.round((stepped / wanted) * width);
  const lines = [
    '',
    `  ${bold(foreignText(progress.title))}  ${dim(formatSeconds(progress.seconds))}`,
    `  ${green('━'.repeat(filled))}${dim('━'.repeat(width - filled))} ${stepped} of ${plural(wanted, 'round')}`,
  ];
  const accuracies = made.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  if (accuracies.length > 0) {
    const hidden = neverPredicted(rounds.findLast(({ accuracy }) => accuracy !== undefined)!).map(yellow);
    const measured = [cyan(sparkline(accuracies)), bold(formatPercent(accuracies.at(-1)!)), ...hidden];
    lines.push(`  accuracy ${measured.join(' ')}`);
  }
  const current = rounds.at(-1);
  if (current !== undefined && current.accepted === undefined) {
    const dots =
      '●'.repeat(current.committed) + dim('○'.repeat(Math.max(0, current.size - current.committed)));
    lines.push(
      `  round ${current.step + 1}: ${current.phase === 'void' ? red('void') : current.phase}  ${dots}`,
    );
  }
  lines.push(`  ${cyan(spinner)} ${foreignText(progress.activity)}`, '');
  return lines;
}
