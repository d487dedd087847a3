/** What `nonet init` makes of tables, up to what `nonet run` reads of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@nonet/tensor';
import { afterAll, describe, expect, test } from 'vitest';
import { loadJobFile } from '../../files/loadJobFile.ts';
import { openSite } from '../../files/openSite.ts';
import { assertJobFile } from '../../rehearsal/prepare.ts';
import { withoutColour } from '../../terminal/terminal.ts';
import type { InitOptions } from './definition.ts';
import { renderWrittenJob } from './init.ts';
import { writeJobFiles } from './jobFiles.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function write(text: string, name = 't.csv'): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-init-'));
  folders.push(folder);
  const file = join(folder, name);
  writeFileSync(file, text);
  return { folder, file };
}

const optionsOf = (folder: string, options: Partial<InitOptions>): InitOptions => ({
  target: 'dx',
  sites: 3,
  rounds: 1,
  test: 0.2,
  missing: 'refuse',
  other: true,
  out: join(folder, 'job'),
  ...options,
});

/** Writes the files, and reads them as `nonet run` does. */
async function init(text: string, options: Partial<InitOptions> = {}, name = 't.csv') {
  const { folder, file } = write(text, name);
  const written = await writeJobFiles(file, optionsOf(folder, options));
  const { job, rehearsal } = await loadJobFile(written.job);
  await assertJobFile({ job, ...(rehearsal === undefined ? {} : { rehearsal }) });
  const sites: Dataset[] = [];
  for (const site of rehearsal!.sites) {
    sites.push((await openSite((site as { siteFile: string }).siteFile, job.data)).dataset);
  }
  const datasets = [job.testSet!, ...sites];
  return { written, job, datasets, folder: join(folder, 'job') };
}

/** Every example of all files: the features that a column makes, and the label. */
const examplesOf = (datasets: readonly Dataset[]) =>
  datasets.flatMap(({ features, labels, shape, vocabulary }) =>
    Array.from(labels, (label, row) => [
      ...features.subarray(row * shape[0]!, (row + 1) * shape[0]!),
      vocabulary[label],
    ]),
  );

const rows = 60;
const age = (row: number) => 40 + ((row * 7) % 31);
const label = (row: number) => (row % 3 === 0 ? 'ill' : 'well');
const expected = Array.from({ length: rows }, (_, row) => [age(row) + 0.5, label(row)]).sort();
const lines = (line: (row: number) => string) => Array.from({ length: rows }, (_, row) => line(row));

describe('one table, written in many ways, becomes the same examples', () => {
  test.each<[string, string]>([
    ['commas', `age,dx\n${lines((row) => `${age(row)}.5,${label(row)}`).join('\n')}\n`],
    ['Excel in Europe', `\ufeffage;dx\r\n${lines((row) => `${age(row)},5;${label(row)}`).join('\r\n')}\r\n`],
    ['tabs', `age\tdx\n${lines((row) => `${age(row)}.5\t${label(row)}`).join('\n')}\n`],
    ['CR', `age,dx\r${lines((row) => `${age(row)}.5,${label(row)}`).join('\r')}\r`],
    ['a line sep=', `sep=;\nage;dx\n${lines((row) => `${age(row)},5;${label(row)}`).join('\n')}`],
    ['trailing commas', `age,dx,\n${lines((row) => `${age(row)}.5,${label(row)},`).join('\n')}\n`],
    ['blank lines', `age,dx\n\n${lines((row) => `${age(row)}.5,${label(row)}`).join('\n\n')}\n\n\n`],
    ['an index of pandas', `,age,dx\n${lines((row) => `${row},${age(row)}.5,${label(row)}`).join('\n')}\n`],
    ['a constant beside it', `site,age,dx\n${lines((row) => `7,${age(row)}.5,${label(row)}`).join('\n')}\n`],
    [
      'spaces and capitals',
      ` age ,dx\n${lines((row) => ` ${age(row)}.5 ,${row % 2 ? label(row) : `${label(row).toUpperCase()} `}`).join('\n')}\n`,
    ],
  ])('%s', async (name, text) => {
    const { datasets, job } = await init(text);
    const vocabulary = name.startsWith('spaces') ? ['ILL', 'WELL', 'ill', 'well'] : ['ill', 'well'];
    for (const known of job.data.labels) expect(vocabulary).toContain(known);
    expect(
      examplesOf(datasets)
        .map(([number, known]) => [number, String(known).toLowerCase()])
        .sort(),
    ).toEqual(expected);
    expect(datasets).toHaveLength(4);
  });
});

test('the files say what was decided, and why', async () => {
  const text = `id;age;site;dx\n${lines((row) => `P${row};${age(row)},5;7;${label(row)}`).join('\n')}\n`;
  const { written, folder } = await init(text, { na: ['-1'], decimal: ',' });
  const yaml = readFileSync(written.job, 'utf8');
  expect(yaml).toContain('delimiter: ;');
  expect(yaml).toContain('decimal: ","');
  expect(yaml).toMatch(
    /omitted:\n +id: .*identifies the rows.*\n +site: .*the same in every training row: 7/,
  );
  expect(yaml).toMatch(/na:\n +- "-1"/);
  // Files of sites need no word on how they are written.
  expect(readFileSync(join(folder, 't.site-1.csv'), 'utf8')).toMatch(/^id,age,site,dx\nP\d+,\d\d\.5,7,/);
});

test('what is shown says how each column is read, and what to run', async () => {
  const { folder, file } = write(
    `id,age,ward,dx\n${lines((row) => `${row},${age(row)},${'AB'[row % 2]},${label(row)}`).join('\n')}\n`,
    "it's mine.csv",
  );
  const text = withoutColour(renderWrittenJob(await writeJobFiles(file, optionsOf(folder, {}))));
  expect(text).toContain('60 rows, fields apart by commas');
  expect(text).toContain('dx is predicted: one of ill, well');
  expect(text).toMatch(/ {2}age {3}numbers from 4\d to \d\d/);
  expect(text).toContain('  ward  category: A, B');
  expect(text).toMatch(/left out:\n {2}id {2}counts the rows/);
  expect(text).toContain('the job publishes means, deviations, ranges and values of the training rows');
  expect(text).toMatch(
    /epsilon 8 at delta 0.00001 adds noise 0\.\d+ times as long as the longest sum of 24 records/,
  );
  const long = await writeJobFiles(file, optionsOf(folder, { rounds: 2000, dryRun: true }));
  expect(withoutColour(renderWrittenJob(long))).toMatch(
    /at delta 0.00001 takes [\d,]+ records in a sum; of the 48 here 24 would be/,
  );
  expect(text).toContain(`Next: npx nonet run '${join(folder, 'job', "it'\\''s mine.job.yaml")}'`);
});

test('what is shown tells labels and categories with commas apart, and tabs from blanks', async () => {
  const text = `age\tward\tdx\n${lines((row) => `${age(row)}.5\t${['A, left', 'B'][row % 2]}\t${label(row)}, sure`).join('\n')}\n`;
  const { folder, file } = write(text);
  const written = await writeJobFiles(file, optionsOf(folder, {}));
  const shown = withoutColour(renderWrittenJob({ ...written, untested: ['ill, sure'] }));
  expect(shown).toContain('fields apart by tabs');
  expect(shown).toContain('one of "ill, sure", "well, sure"');
  expect(shown).toContain('no example of "ill, sure": the');
  expect(shown).toContain('category: "A, left", B');
  const strange = {
    ...written,
    plan: { ...written.plan, target: { ...written.plan.target, name: 'a\u001bb' } },
  };
  expect(renderWrittenJob(strange)).not.toContain('a\u001bb');
});

test('a dry run says the same, and writes nothing', async () => {
  const { folder, file } = write(`age,dx\n${lines((row) => `${age(row)},${label(row)}`).join('\n')}\n`);
  const written = await writeJobFiles(file, optionsOf(folder, { dryRun: true }));
  expect(written.written).toBe(false);
  expect(withoutColour(renderWrittenJob(written))).toContain('Nothing was written');
  expect(readdirSync(folder)).toEqual(['t.csv']);
});

test('the row that tells how numbers are written may fall on either side', async () => {
  for (const telling of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    const text = `bp;dx\n${lines((row) => `${row === telling ? '0,5' : `1${row},250`};${label(row)}`).join('\n')}\n`;
    const { datasets } = await init(text);
    const numbers = examplesOf(datasets).map(([number]) => number as number);
    expect(Math.max(...numbers)).toBe(159.25);
    expect(Math.min(...numbers)).toBe(0.5);
  }
});

describe('rare values', () => {
  test('a label of few rows is among training and test, one of a single row among training', async () => {
    const text = `age,dx\n${lines((row) => `${age(row)},${row < 2 ? 'two' : row === 2 ? 'one' : label(row)}`).join('\n')}\n`;
    const { datasets, written } = await init(text);
    const labelled = (set: Dataset, name: string) =>
      [...set.labels].filter((place) => set.vocabulary[place] === name).length;
    const [tests, ...sites] = datasets;
    const trained = (name: string) => sites.reduce((sum, site) => sum + labelled(site, name), 0);
    expect([labelled(tests!, 'two'), trained('two')]).toEqual([1, 1]);
    expect([labelled(tests!, 'one'), trained('one')]).toEqual([0, 1]);
    expect(written.untested).toEqual(['one']);
  });

  test('a category that falls among test rows only counts as other', async () => {
    // A value of its own in every fifth row, so that some fall among the test rows.
    const ward = (row: number) => (row % 5 === 0 ? `Z${row}` : 'A');
    const text = `age,ward,dx\n${lines((row) => `${age(row)},${ward(row)},${label(row)}`).join('\n')}\n`;
    const { job } = await init(text);
    const column = job.data.table!.columns.find(({ name }) => name === 'ward') as { values: string[] };
    expect(column).toMatchObject({ other: true });
    expect(column.values.length).toBeLessThan(13);
    const strict = await init(text, { other: false });
    expect(strict.job.data.table!.columns[1]).not.toHaveProperty('other');
    expect(strict.job.data.shape).toEqual([14]);
  });
});

test('rows with missing values are dropped before they are dealt, so that no site is left empty', async () => {
  const text = `age,dx\n${lines((row) => `${row < 54 ? 'NA' : age(row)},${label(row)}`).join('\n')}\n`;
  const { datasets, written } = await init(text, { missing: 'drop', sites: 2 });
  expect(written.rows).toMatchObject({ all: 60, dropped: 54 });
  expect(datasets.map(({ labels }) => labels.length)).toEqual([2, 2, 2]);
});

describe('refuses before anything is written', () => {
  const table = (cell: (row: number) => string, name = 'bp') =>
    `${name},age,dx\n${lines((row) => `${cell(row)},${age(row)},${label(row)}`).join('\n')}\n`;
  test.each<[string, string, Partial<InitOptions>, string, string]>([
    ['one row', 'age,dx\n50,ill\n', {}, 'init.rows', '1 row'],
    ['a missing value', table((row) => (row === 7 ? '' : `${row % 5}`)), {}, 'table.cell', 'row 9'],
    ['a stray text', table((row) => (row === 7 ? '<0.5' : `${row % 5}`)), {}, 'table.column', "--na '<0.5'"],
    ['an unknown kind', table((row) => `${row % 5}`), { kind: ['bp=text'] }, 'init.kind', 'COLUMN=number'],
    ['a kind without a column', table((row) => `${row % 5}`), { kind: ['=number'] }, 'init.kind', '=number'],
    ['a column that is not there', table((row) => `${row % 5}`), { drop: ['x'] }, 'table.column', '--drop'],
    ['more sites than rows', table((row) => `${row % 5}`), { sites: 49 }, 'init.sites', '48 sites'],
    ['a name of control characters', table((row) => `${row % 5}`, 'b\u0007p'), {}, 'table.cell', 'row 1'],
    [
      'a label of control characters',
      table((row) => `${row % 5}`).replace(',ill', ',i\u009bl'),
      {},
      'table.cell',
      'row 2',
    ],
  ])('%s', async (_, text, options, code, mention) => {
    const { folder, file } = write(text);
    const refused = writeJobFiles(file, optionsOf(folder, options));
    await expect(refused).rejects.toThrow(expect.objectContaining({ code }));
    await expect(refused).rejects.toThrow(mention);
    expect(readdirSync(folder)).toEqual(['t.csv']);
  });

  test('what run would refuse of the job, such as its name', async () => {
    const { folder, file } = write(
      table((row) => `${row % 5}`),
      `${'n'.repeat(201)}.csv`,
    );
    await expect(writeJobFiles(file, optionsOf(folder, {}))).rejects.toThrow('field name');
  });
});
