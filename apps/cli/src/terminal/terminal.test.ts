import { describe, expect, test, vi } from 'vitest';
import {
  bold,
  formatBytes,
  formatSeconds,
  formatTable,
  isColourful,
  plural,
  printJson,
  red,
  sparkline,
  truncate,
  withoutColour,
  writeLine,
} from './terminal.ts';

function fakeStream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), written };
}

describe('colour', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j: %s', (isTTY, environment, colourful) => {
    expect(isColourful({ isTTY, write: () => {} }, environment)).toBe(colourful);
  });

  test('is taken out of what goes into a file', () => {
    const file = fakeStream(false);
    writeLine(`${red('no')} ${bold('way')}`, file);
    expect(file.written).toEqual(['no way\n']);
  });
});

test('no control character but our colours gets to a terminal', () => {
  const terminal = fakeStream(true);
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('TERM', 'xterm');
  writeLine(`${red('a')}\nb\u001b[2Jc\u001b[5md\u202ee\u009bf\u0007\rg\u2028h`, terminal);
  vi.unstubAllEnvs();
  expect(terminal.written).toEqual([`${red('a')}\nb�[2Jc�[5md�e�f��g�h\n`]);
});

test('a document in JSON keeps every character, and shows none that a terminal obeys', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const document = { a: '\u001b[2J\u009b\u202e\u2028\u007f\n', 'ü✓': '日本' };
  printJson(document);
  const text = String(write.mock.calls[0]![0]);
  write.mockRestore();
  expect(JSON.parse(text)).toEqual(document);
  expect(text).toContain('日本');
  expect(text).not.toMatch(/[^\n\P{Cc}]|[\u2028\p{Bidi_Control}]/u);
});

test('truncate counts what is seen, and closes every colour', () => {
  expect(truncate('12345', 5)).toBe('12345');
  expect(truncate('123456', 5)).toBe('1234…');
  const text = `${red('abc')}${bold('defgh')}ij`;
  const short = truncate(text, 6);
  expect(withoutColour(short)).toBe('abcde…');
  expect(short).toContain('\u001b[39m');
  expect(short).toContain('\u001b[22m');
  expect(truncate(text, 10)).toBe(text);
});

test('tables align what is seen', () => {
  expect(
    withoutColour(
      formatTable(
        [
          [red('a'), '1'],
          ['bcd', '20'],
        ],
        [1],
      ),
    ),
  ).toBe('a     1\nbcd  20');
});

test('figures have units', () => {
  expect([999, 1000, 1_234_567, 5e15].map(formatBytes)).toEqual(['999 B', '1.0 kB', '1.2 MB', '5000.0 TB']);
  expect([0.04, 89.94, 90, 3599.9].map(formatSeconds)).toEqual([
    '0.0 s',
    '89.9 s',
    '1 min 30 s',
    '60 min 0 s',
  ]);
  expect([plural(1, 'round'), plural(0, 'round'), plural(1200, 'round')]).toEqual([
    '1 round',
    '0 rounds',
    '1,200 rounds',
  ]);
});

test('a sparkline spans its values, also when they are equal', () => {
  expect([sparkline([0, 0.5, 1]), sparkline([10, 20, 40])]).toEqual(['▁▅█', '▁▃█']);
  expect(sparkline([2, 2])).toBe('▁▁');
});
