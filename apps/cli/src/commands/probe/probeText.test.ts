import { describe, expect, test } from 'vitest';
import { withoutColour } from '../../terminal/terminal.ts';
import { type DescribedResult, renderPrecision, renderResults } from './probeText.ts';

const share = (hits: number, of: number) => ({ hits, of, low: 0.104, high: 0.956 });
const precision = {
  probe: 'tests',
  cases: 40,
  precision: share(9, 10),
  whenNo: share(20, 30),
  recall: share(3, 4),
} as never;
const result = {
  probe: 'tests',
  question: 'Are there tests?',
  answer: 'yes',
  fact: 'There are 3 files.',
  places: [],
  evidenceFor: [],
  errs: 'where they are elsewhere',
  precision,
} as unknown as DescribedResult;

const linesOf = (more: object, subject: object = {}) =>
  withoutColour(renderResults({ thing: 'x', ...subject }, [{ ...result, ...more }])).split('\n');

describe('a result', () => {
  test('says what was asked of what, and what was found', () => {
    const lines = linesOf({});
    expect(lines[0]).toBe('x');
    expect(lines.slice(2, 4)).toEqual(['Are there tests? yes (tests)', '  There are 3 files.']);
    const commit = '0123456789abcdef'.padEnd(40, '0');
    expect(linesOf({}, { commit, committed: '2026-01-01' })[0]).toBe('x at 0123456789ab of 2026-01-01');
    expect(linesOf({ evidenceFor: ['v1.a', 'v2.b'] })[2]).toBe(
      'Are there tests? yes (tests; evidence for v1.a, v2.b)',
    );
  });

  test('shows up to three places, without those that have no text', () => {
    const place = (line: number, text?: string) => ({ path: 'a.ts', line, text });
    const places = [place(1, 'one'), place(2), place(3, 'three'), place(4, 'four')];
    expect(linesOf({ places }).filter((line) => line.startsWith('  a.ts'))).toEqual([
      '  a.ts:1: one',
      '  a.ts:3: three',
    ]);
  });

  test.each<[object, string]>([
    [
      { answer: 'yes' },
      'right in 9 of 10 times that it said yes (95 % interval 10 % to 96 %; 40 labelled cases)',
    ],
    [
      { answer: 'no' },
      'right in 20 of 30 times that it said no (95 % interval 10 % to 96 %; 40 labelled cases)',
    ],
    [{ answer: 'not applicable' }, '40 labelled cases, none without an answer'],
    [{ precision: undefined }, 'decides nothing, so it has no precision'],
  ])('says how often such an answer is right: %j', (more, text) => {
    expect(linesOf(more)[4]).toBe(`  ${text}`);
  });
});

test('the table says of each probe how often it is right and how much it finds', () => {
  const [, row] = withoutColour(renderPrecision([precision])).split('\n');
  expect(row!.split(/ {2,}/)).toEqual([
    'tests',
    '40',
    '9 of 10',
    '10 % to 96 %',
    '20 of 30',
    '10 % to 96 %',
    '3 of 4',
    '10 % to 96 %',
  ]);
});
