import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MisuseError } from '@nonet/core';
import type { Project } from '@nonet/matrix/evaluation';
import { projects } from '@nonet/matrix/projects';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareFresh } from './fresh.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-fresh-'));
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();

const quote = 'Anyone can verify every answer by a contract.';
let project: Project;
beforeAll(() => {
  git('init', '-q');
  writeFileSync(join(folder, 'README.md'), `# A\n\nAnyone can **verify** every answer\nby a contract.\n`);
  git('add', '.');
  git('commit', '-qm', 'one');
  const pin = { commit: git('rev-parse', 'HEAD') };
  const [template] = projects;
  project = {
    ...template!,
    sources: [{ id: 'github:a/a', pin, read: '2026-01-01', checked: '2026-01-01' }],
    claims: [{ ...template!.claims[0]!, quote, source: 'github:a/a README.md', pin, findings: [] }],
    evidence: [],
    state: { is: 'not stated', source: 'github:a/a README.md' },
  };
});

test('a clone at its pin has every quote, and one that went on says which are gone', () => {
  expect(compareFresh(project, folder)).toMatchObject([{ unchanged: true, copy: { commitsSince: 0 } }]);
  writeFileSync(join(folder, 'README.md'), 'This project is archived.\n');
  git('commit', '-qam', 'two');
  expect(compareFresh(project, folder)).toMatchObject([
    {
      unchanged: false,
      copy: { commitsSince: 1 },
      citedChanged: ['README.md'],
      quotes: [{ quote, found: false }],
      endings: ['This project is archived.'],
    },
  ]);
});

test('a file speaks of paths of its name', () => {
  const file = join(folder, 'README.md');
  writeFileSync(file, quote);
  expect(compareFresh(project, file)).toMatchObject([{ unchanged: true, quotes: [{ found: true }] }]);
  const other = join(folder, 'OTHER.md');
  writeFileSync(other, quote);
  expect(() => compareFresh(project, other)).toThrow(MisuseError);
});

test('a clone without the pin is refused, as is nothing', () => {
  expect(() => compareFresh(projects[1]!, folder)).toThrow(/clone with a pinned commit/);
  expect(() => compareFresh(project, join(folder, 'none'))).toThrow(/nothing/);
});
