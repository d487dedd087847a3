/**
 * The finder of checks in the rules, and that the table of who notices them is of the rules as they
 * are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { findMutants } from '../scripts/findMutants.ts';
import {
  findTasks,
  isMissed,
  mutatedFiles,
  readTable,
  rulesFolder,
  tableFile,
  writeTable,
} from '../scripts/mutationTable.ts';

const root = join(import.meta.dirname, '..');

/** What is left of the one line that changes, and how. */
function changesOf(body: string, signature = 'function f(a: number, b: number[])'): string[] {
  const before = `${signature} {\n`;
  return findMutants(`${before}${body}\n}`).map(
    ({ text, change }) => `${text.slice(before.length, -2)} (${change})`,
  );
}

describe('mutants', () => {
  it.each<[string, string, string[]]>([
    ['an early return', 'if (g(a)) return 1;', ['if (false) return 1; (left out)']],
    ['an early throw', 'if (g(a)) { b.pop(); throw a; }', ['if (false) { b.pop(); throw a; } (left out)']],
    ['no other branch', 'if (g(a)) a++; else return 1;', []],
    [
      'every operand of ||, which make the whole',
      'if (g(a) || h(a) || a) return 1;',
      [
        'if (false || h(a) || a) return 1; (left out)',
        'if (g(a) || false || a) return 1; (left out)',
        'if (g(a) || h(a) || false) return 1; (left out)',
      ],
    ],
    [
      'every operand of &&, and the whole',
      'if (g(a) && a) return 1;',
      [
        'if (false) return 1; (left out)',
        'if (true && a) return 1; (left out)',
        'if (g(a) && true) return 1; (left out)',
      ],
    ],
    [
      'both answers of a choice',
      'return g(a) ? 1 : 2;',
      ['return true ? 1 : 2; (always)', 'return false ? 1 : 2; (never)'],
    ],
    ['the boundary of a comparison', 'const c = a < 3;', ['const c = a <= 3; (`<=` for `<`)']],
    ['no test of a loop', 'for (let i = 0; i < a; i++) a--;', []],
    ['what is asked of a list', 'return b.filter(g);', ['return b.filter(() => true); (left out)']],
    ['whether some are', 'const c = b.some(g);', ['const c = false; (never)']],
    ['whether every one is', 'g(b.every(g));', ['g(true); (always)']],
    ['a list as a condition once', 'if (!b.every(g)) return 1;', ['if (false) return 1; (left out)']],
    ['no default', 'return a ?? 2;', []],
  ])('are of %s', (_, body, changes) => {
    expect(changesOf(body).sort()).toEqual(changes.sort());
  });

  it('are of what a function answers, where it is declared to be true or false', () => {
    const answers = ['return true; (always)', 'return false; (never)'];
    expect(changesOf('return g(a);', 'function f(a: number): boolean')).toEqual(answers);
    expect(changesOf('return g(a);', 'function f(a: number): number')).toEqual([]);
  });

  it('name the function and the line', () => {
    const text =
      'const x = 1;\nexport function outer() {\n  if (x) return;\n}\nconst o = { inner() { if (x) return; } };';
    expect(findMutants(text)).toMatchObject([
      { within: 'outer', line: 3, check: 'x' },
      { within: 'inner', line: 5 },
    ]);
  });

  it('refuse what is not TypeScript', () => {
    expect(() => findMutants('if (')).toThrow('expected TypeScript');
  });
});

describe('the table of mutants', () => {
  const notices = readTable(readFileSync(join(root, tableFile), 'utf8'));
  const tasks = findTasks(root);

  it('is of every file of the rules', () => {
    const files = readdirSync(join(root, rulesFolder)).filter((file) => !file.endsWith('.test.ts'));
    expect([...mutatedFiles].sort()).toEqual(files.sort());
  });

  it('has every condition of the rules as they are, and each was noticed', () => {
    expect(tasks.map(({ key }) => key)).toEqual([...notices.keys()]);
    expect([...notices].filter(([, notice]) => isMissed(notice))).toEqual([]);
  });

  test('is read as it is written', () => {
    expect(readTable(writeTable(tasks, notices))).toEqual(notices);
  });
});
