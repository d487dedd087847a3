import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findSites } from './sites.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-sites-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]) => join(folder, ...parts);
mkdirSync(at('files'));
mkdirSync(at('tables'));
mkdirSync(at('empty'));
for (const name of ['b.yaml', 'a.yml', 'x.job.yaml', '.hidden.yaml', 'b.csv'])
  writeFileSync(at('files', name), '');
for (const name of ['2.CSV', '1.parquet', '3.tsv', 'notes.txt']) writeFileSync(at('tables', name), '');
mkdirSync(at('tables', '1.csv.budget'));

test('a folder stands for its site files, or for its tables where it has none', () => {
  expect(findSites([at('files')])).toEqual([at('files', 'a.yml'), at('files', 'b.yaml')]);
  expect(findSites([at('tables')])).toEqual(
    ['1.parquet', '2.CSV', '3.tsv'].map((name) => at('tables', name)),
  );
  expect(findSites([at('files', 'b.csv'), at('tables', '2.CSV')])).toEqual([
    at('files', 'b.csv'),
    at('tables', '2.CSV'),
  ]);
});

test.each([
  ['a file that is not there', [at('nowhere.csv')], 'no such file'],
  ['a folder without sites', [at('empty')], 'nothing'],
  ['a site twice', [at('files'), at('files', '..', 'files', 'a.yml')], 'twice'],
])('%s is refused', (_, paths, found) => {
  expect(() => findSites(paths)).toThrow(
    expect.objectContaining({ code: 'stats.site', found: expect.stringContaining(found) }),
  );
});
