import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Progress, RoundProgress } from '../../rehearsal/progress.ts';
import { withoutColour } from '../../terminal/terminal.ts';
import { createView } from './view.ts';

function fakeStream(isTTY: boolean, columns = 80) {
  let text = '';
  return {
    isTTY,
    columns,
    write(more: string) {
      text += more;
    },
    text: () => text,
    clear() {
      text = '';
    },
  };
}

const round = (number: number, more: Partial<RoundProgress> = {}): RoundProgress => ({
  round: number,
  step: number,
  phase: 'collecting',
  committed: 0,
  size: 3,
  settled: false,
  ...more,
});
const done = (number: number, accuracy: number) =>
  round(number, { phase: 'stepping', committed: 3, accepted: 3, accuracy, seconds: 1.25, settled: true });
const progress = (more: Partial<Progress>): Progress => ({
  title: 'A job',
  wanted: 2,
  rounds: [],
  activity: '',
  milestone: 'starting the ledger',
  seconds: 1,
  ...more,
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('without a terminal', () => {
  test('an accuracy says how many labels it hides', () => {
    const stream = fakeStream(false);
    createView(stream).show(progress({ rounds: [{ ...done(0, 0.95), neverPredicted: 1 }] }));
    expect(stream.text()).toContain('accuracy 95.00 %, 1 label never predicted, ');
    stream.clear();
    createView(stream).show(progress({ rounds: [{ ...done(0, 0.95), neverPredicted: 0 }] }));
    expect(stream.text()).not.toContain('never predicted');
  });

  test('an accuracy on what sites hold out is said of the model before', () => {
    const stream = fakeStream(false);
    createView(stream).show(progress({ rounds: [{ ...done(0, 0.95), heldOutAccuracy: 0.4 }] }));
    expect(stream.text()).toContain('accuracy 95.00 %, before it 40.00 % on what sites hold out, ');
  });

  test('one line per milestone, round and incident, and no line twice', () => {
    const stream = fakeStream(false);
    const view = createView(stream);
    view.show(progress({}));
    for (const activity of ['sites train', 'adding the updates', 'opening the next round']) {
      view.show(progress({ activity, rounds: [round(0, { committed: 2 })] }));
    }
    view.tell('site 1 dropped out');
    view.show(progress({ rounds: [done(0, 0.5)], seconds: 2 }));
    view.show(progress({ rounds: [done(0, 0.5), round(1)], seconds: 2 }));
    view.show(
      progress({
        rounds: [done(0, 0.5), round(1, { phase: 'void', failure: { reason: 'cohort' }, settled: true })],
        milestone: 'the end',
        seconds: 3,
      }),
    );
    view.end();
    expect(stream.text()).toBe(
      [
        '   1.0 s  starting the ledger',
        '   1.0 s  site 1 dropped out',
        '   2.0 s  round 1 of 2, 3 of 3 took part, accuracy 50.00 %, 1.3 s',
        '   3.0 s  round 2 of 2, 0 of 3 took part, void: too few updates; it is repeated',
        '   3.0 s  the end',
        '',
      ].join('\n'),
    );
  });

  test('a round says no accuracy and no time that are not known', () => {
    const stream = fakeStream(false);
    const { accuracy: _, seconds: __, ...rest } = done(0, 0.5);
    createView(stream).show(progress({ rounds: [rest] }));
    expect(stream.text()).toContain('round 1 of 2, 3 of 3 took part\n');
  });
});

describe('in a terminal', () => {
  /**
   * What is on the screen after the stream's cursor movements: a block is drawn, moved up over and
   * erased.
   */
  function screenOf(text: string): string[] {
    let lines: string[] = [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: cursor movements start with ESC
    for (const part of text.split(/(\u001b\[\d+A\u001b\[0J)/)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      const up = /^\u001b\[(\d+)A/.exec(part)?.[1];
      if (up !== undefined) lines = lines.slice(0, lines.length - Number(up));
      else if (part !== '') lines.push(...withoutColour(part).split('\n').slice(0, -1));
    }
    return lines;
  }

  test('one block redraws itself; incidents stay above it', () => {
    const stream = fakeStream(true);
    const view = createView(stream);
    view.show(progress({ activity: 'sites train', rounds: [done(0, 0.5), round(1, { committed: 2 })] }));
    view.tell('site 1 dropped out');
    view.tell('site 1 comes back');
    view.end();
    const screen = screenOf(stream.text());
    expect(screen.slice(0, 2)).toEqual(['  site 1 dropped out', '  site 1 comes back']);
    expect(screen.filter((line) => line.includes('A job'))).toHaveLength(1);
    expect(screen.join('\n')).toContain('1 of 2 rounds');
    expect(screen.join('\n')).toContain('round 2: collecting  ●●○');
    expect(screen.join('\n')).toContain('50.00 %');
    expect(screen.join('\n')).toContain('sites train');
  });

  test('no line is wider than the terminal, which would make it two', () => {
    const stream = fakeStream(true, 40);
    const view = createView(stream);
    const title = 'a long name '.repeat(20);
    view.show(progress({ title, rounds: [round(0, { size: 500, committed: 300 })] }));
    view.tell('x');
    view.end();
    for (const line of screenOf(stream.text()).slice(1)) expect(line.length).toBeLessThan(40);
    expect(screenOf(stream.text()).filter((line) => line.includes('a long name'))).toHaveLength(1);
  });

  test('a terminal that does not know its width gets the whole block', () => {
    const stream = fakeStream(true, 0);
    const view = createView(stream);
    view.show(progress({ activity: 'sites train' }));
    view.end();
    expect(screenOf(stream.text()).join('\n')).toMatch(/A job.*sites train/s);
  });

  const shown = (more: Partial<Progress>, columns = 80) => {
    const stream = fakeStream(true, columns);
    const view = createView(stream);
    view.show(progress(more));
    view.end();
    return screenOf(stream.text());
  };

  test('the bar is as full as the rounds are done, and a void round is not done', () => {
    const tookBack = { ...done(1, 0.9), phase: 'void', failure: { reason: 'built', on: 0 } } as const;
    const rounds = [done(0, 0.5), tookBack];
    const [, , bar] = shown({ rounds, wanted: 4 }, 50);
    expect(bar).toBe(`  ${'━'.repeat(10)} 1 of 4 rounds`);
    const stream = fakeStream(true, 200);
    vi.stubEnv('FORCE_COLOR', '1');
    const view = createView(stream);
    view.show(progress({ rounds, wanted: 4 }));
    view.end();
    expect(stream.text()).toContain(`\u001b[32m${'━'.repeat(10)}\u001b[39m\u001b[2m${'━'.repeat(30)}`);
  });

  test('accuracies are those of rounds that were evaluated, or are not spoken of', () => {
    const { accuracy: _, ...waiting } = done(1, 0);
    const text = shown({ rounds: [{ ...done(0, 0.5), neverPredicted: 2 }, waiting] }).join('\n');
    expect(text).toContain('  accuracy ▁ 50.00 % 2 labels never predicted');
    expect(shown({ rounds: [waiting] }).join('\n')).not.toContain('accuracy');
  });

  test('of the current round it says who has sent, or that it is void; of none and of a done one nothing', () => {
    const text = (...rounds: RoundProgress[]) => shown({ rounds }).join('\n');
    expect(text(round(0, { phase: 'void', committed: 1 }))).toContain('round 1: void  ●○○');
    // A participant that joined since is none of those that were awaited.
    expect(text(round(0, { committed: 4 }))).toContain('round 1: collecting  ●●●●\n');
    expect(text()).not.toContain('round 1');
    expect(text(done(0, 0.5))).not.toContain('round 1');
  });

  test('the block lives until it is ended: it is drawn anew by itself, then never again', () => {
    vi.useFakeTimers();
    try {
      const stream = fakeStream(true);
      const view = createView(stream);
      vi.advanceTimersByTime(1000);
      view.tell('before there is anything to show');
      expect(stream.text()).toBe('  before there is anything to show\n');
      view.show(progress({}));
      vi.advanceTimersByTime(1000);
      expect(screenOf(stream.text()).join('\n')).toContain('A job');
      const before = stream.text().length;
      vi.advanceTimersByTime(1000);
      expect(stream.text().length).toBeGreaterThan(before);
      view.tell('an incident');
      // The block is back below it at once.
      expect(screenOf(stream.text()).join('\n')).toMatch(/an incident\n.*A job/s);
      view.end();
      stream.clear();
      vi.advanceTimersByTime(1000);
      expect(stream.text()).toBe('');
      view.tell('after the end');
      expect(screenOf(stream.text()).join('\n')).not.toContain('A job');
    } finally {
      vi.useRealTimers();
    }
  });

  test('NO_COLOR takes the colours and leaves the block', () => {
    vi.stubEnv('NO_COLOR', '1');
    const stream = fakeStream(true);
    const view = createView(stream);
    view.show(progress({}));
    view.end();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    expect(stream.text()).not.toMatch(/\u001b\[\d+m/);
    expect(screenOf(stream.text()).join('\n')).toContain('A job');
    vi.stubEnv('NO_COLOR', '');
    vi.stubEnv('TERM', 'xterm');
    const colourful = fakeStream(true);
    const second = createView(colourful);
    second.show(progress({}));
    second.end();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    expect(colourful.text()).toMatch(/\u001b\[\d+m/);
  });

  test('a dumb terminal gets plain lines', () => {
    vi.stubEnv('TERM', 'dumb');
    const stream = fakeStream(true);
    const view = createView(stream);
    view.show(progress({}));
    view.end();
    expect(stream.text()).toBe('   1.0 s  starting the ledger\n');
  });
});
