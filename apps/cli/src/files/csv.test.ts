import { expect, test } from 'vitest';
import { foreignCell, formatRecord, withoutFormula } from './csv.ts';

test('a field is quoted where it must be', () => {
  expect(formatRecord(['a', 'no, never', 'say "yes"', 'two\nlines', ''])).toBe(
    'a,"no, never","say ""yes""","two\nlines",',
  );
});

test.each([
  ['=HYPERLINK("http://x")', `'=HYPERLINK("http://x")`],
  ['+cmd', "'+cmd"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', "'\r=1"],
  ['-', "'-"],
  [' =1', "' =1"],
  ['\u3000@x', "'\u3000@x"],
  ['＝1', "'＝1"],
  ['＠SUM(A1)', "'＠SUM(A1)"],
  [' -1', ' -1'],
  ['-1', '-1'],
  ['+1.5', '+1.5'],
  ['1=1', '1=1'],
  ['benign', 'benign'],
  ['', ''],
])('%j is %j in a spreadsheet', (text, safe) => {
  expect(withoutFormula(text)).toBe(safe);
});

test("a stranger's cell is one line, and no formula", () => {
  expect(foreignCell('a\n✓ b\u001b[2J\u202e')).toBe('a ✓ b\ufffd[2J\ufffd');
  expect(foreignCell(`a${' '.repeat(90)}✓ b`)).toBe('a ✓ b');
  expect(foreignCell('\t=1')).toBe("' =1");
});
