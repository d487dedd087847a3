import { expect, test } from 'vitest';
import { foreignText, foreignValues, hangText } from './foreignText.ts';

test('is one line without control and text-direction characters', () => {
  expect(foreignText('a\n✓ b\r\n\tc')).toBe('a ✓ b c');
  expect(foreignText('a\u001b[2Jb\u202ec\u009bd\u2028e')).toBe('a\ufffd[2Jb\ufffdc\ufffdd\ufffde');
});

test.each([' ', '\u00a0', '\u3000', '\u200b', '\u2800', '\u3164', '\u00ad', '\ufeff', '\t'])(
  'has no run of blanks %j that would push words to another line',
  (blank) => {
    expect(foreignText(`so${blank.repeat(75)}it is`)).toBe('so it is');
  },
);

test('is cut where it is longer than a page', () => {
  expect(foreignText('x'.repeat(4000))).toBe('x'.repeat(4000));
  expect(foreignText('x'.repeat(4001))).toBe(`${'x'.repeat(4000)}…`);
});

test('is every string of a value, keys included; all else stays as it is', () => {
  const bytes = Uint8Array.of(1);
  const date = new Date(0);
  expect(foreignValues({ 'a\nb': ['c\nd', 1, null, { e: 'f\u001b' }], g: undefined })).toEqual({
    'a b': ['c d', 1, null, { e: 'f\ufffd' }],
    g: undefined,
  });
  expect(foreignValues(new Map([['a\nb', 'c\nd']]))).toEqual(new Map([['a b', 'c d']]));
  expect([foreignValues(bytes), foreignValues(date)]).toEqual([bytes, date]);
});

test.each<[string, string[]]>([
  ['sixteen letters.', ['sixteen letters.']],
  ['seventeen letters', ['seventeen', 'letters']],
  ['abcdefgh ijklmno pq', ['abcdefgh ijklmno', 'pq']],
  ['abcdefghijklmnopqrs', ['abcdefghijklmnop', 'qrs']],
  [' abcdefghijklmnopqrs', [' abcdefghijklmno', 'pqrs']],
  ['文文文文文文文文', ['文文文文文文文文']],
  ['文文文文文文文文文', ['文文文文文文文文', '文']],
  ['a 文文文文文文文文文', ['a', '文文文文文文文文', '文']],
  ['a bcdefghijklmno文文 c', ['a', 'bcdefghijklmno文', '文 c']],
])('hangs %j at blanks, where there are any, in sixteen columns', (text, rows) => {
  expect(hangText(text, 4, 20).split('\n    ')).toEqual(rows);
});

test('hangs: at any width no line but the first begins at the left, and none is longer', () => {
  const texts = [
    `${'w'.repeat(76)}✓ The entry on the ledger (checked here)`,
    'a few words, then others, then more of them, until it is enough',
    '文'.repeat(60),
    `${'🎉'.repeat(30)} x`,
  ];
  for (const text of texts) {
    for (const columns of [1, 20, 40, 80]) {
      const [first, ...rest] = hangText(text, 4, columns).split('\n');
      expect(first!.length).toBeLessThanOrEqual(Math.max(16, columns - 4));
      for (const line of rest) expect(line).toMatch(/^ {4}\S/);
      for (const line of rest) {
        const wide = [...line].filter((character) => /[文🎉]/u.test(character)).length;
        expect([...line].length + wide).toBeLessThanOrEqual(Math.max(20, columns));
      }
      expect(hangText(text, 4, columns).replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
    }
  }
});

test('hangs from nothing where the width is not known', () => {
  const text = 'x '.repeat(500);
  expect(hangText(text, 4, undefined)).toBe(text);
  expect(hangText(text, 4, 0)).toBe(text);
});
