import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey } from '@nonet/core/identity';
import { parseStatisticsQuery } from '@nonet/core/records';
import { assertDelivered, createMemoryStore, decodeModel, statisticsPrivacyOf } from '@nonet/federation';
import { afterAll, expect, test } from 'vitest';
import { openSiteTable } from '../files/siteTable.ts';
import type { StatisticsFile } from '../files/statisticsFile.ts';
import { addressOfStatistics, assertStatisticsFile, prepareStatistics } from './prepareStatistics.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-stats-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const query = parseStatisticsQuery({
  columns: [
    { kind: 'number', name: 'age', low: 0, high: 120, step: 1 },
    { kind: 'category', name: 'sex', values: ['F', 'm'] },
  ],
  statistics: [
    { statistic: 'mean', column: 'age' },
    { statistic: 'histogram', column: 'sex' },
  ],
  maximumRecords: 10,
  minimumRecords: 2,
});
const tables = [0, 1, 2].map((site) => write(`${site}.csv`, `age,sex\n${30 + site},f\n?,m\n40,x\n`));
const fileOf = (job: object = {}, sites = tables): StatisticsFile => ({
  job: { name: 'ages', query, ...job },
  rehearsal: { sites: sites.map((siteFile) => ({ siteFile })) },
});
const keys = {
  creator: createPrivateKey(),
  aggregators: [createPrivateKey(), createPrivateKey()],
  watcher: createPrivateKey(),
};
const known = { keys, ports: { aggregators: [1, 2], watcher: 3 }, sites: 3, now: 1000 };

test('a draft becomes a record that counts what it asks, from zeros on', async () => {
  const blobs = createMemoryStore();
  const job = await prepareStatistics(fileOf().job, known, blobs);
  assertDelivered(job);
  expect(job).toMatchObject({ kind: 'count', rounds: 1, minParticipants: 3, maxParticipants: 3, query });
  expect(job.guarantees.map(({ mechanism }) => mechanism)).toEqual([
    'federation.average',
    'privacy.masking',
    'federation.rounds',
  ]);
  const { bytes } = await blobs.get(job.model.parameters);
  expect(new Set(decodeModel(bytes, job.arithmetic).flat)).toEqual(new Set([0]));
  const again = await prepareStatistics(fileOf().job, { ...known, moveSeconds: 12 }, blobs);
  expect(again.phases.open).toBe(36);
});

test('a promise becomes noise for half of the fewest sites, unless it says how many', async () => {
  const blobs = createMemoryStore();
  const prepare = (promise: object) =>
    prepareStatistics(fileOf({ promise: { epsilon: 3, delta: 1e-6, ...promise } }).job, known, blobs);
  const job = await prepare({});
  assertDelivered(job);
  expect(statisticsPrivacyOf(job)).toMatchObject({ epsilon: 3, delta: 1e-6, honest: 1, releases: 1 });
  expect(statisticsPrivacyOf(await prepare({ honest: 3 }))!.honest).toBe(3);
  await expect(prepare({ honest: 4 })).rejects.toThrow(expect.objectContaining({ code: 'dp.honesty' }));
});

test('what a run would stumble over is found before', async () => {
  const code = (code: string) => expect.objectContaining({ code });
  await assertStatisticsFile(fileOf());
  await expect(assertStatisticsFile(fileOf({}, tables.slice(1)))).rejects.toThrow(code('job.sites'));
  await expect(assertStatisticsFile(fileOf({ minParticipants: 4 }))).rejects.toThrow(code('job.sites'));
  const odd = write('odd.csv', 'age,sex\nold,f\n');
  await expect(assertStatisticsFile(fileOf({}, [...tables, odd]))).rejects.toThrow(
    /row 2, column age, in .*odd\.csv/,
  );
  const wide = {
    ...query,
    maximumRecords: 2 ** 31,
    columns: [{ ...query.columns[0], step: 1e-3 }, query.columns[1]],
  };
  const promise = { epsilon: 1, delta: 1e-6 };
  await expect(assertStatisticsFile(fileOf({ query: wide, promise }))).rejects.toThrow(
    code('statistics.overflow'),
  );
});

test('the same question of the same data is the same job', () => {
  const address = addressOfStatistics(fileOf());
  expect(addressOfStatistics(fileOf())).toBe(address);
  const site = write('site.yaml', 'name: one\ndata: 0.csv\n');
  const others = [
    fileOf({ name: 'another' }),
    fileOf({ promise: { epsilon: 1, delta: 1e-6 } }),
    fileOf({}, tables.toReversed()),
    fileOf({}, [site, ...tables.slice(1)]),
  ];
  expect(new Set([address, ...others.map(addressOfStatistics)]).size).toBe(5);
});

test('a table is read by the words of the query, with the rules of its site file', async () => {
  const site = write('ruled.yaml', 'name: one\ndata: 0.csv\npolicy: { minParticipants: 3 }\n');
  const bare = await openSiteTable(tables[0]!, query.columns);
  const ruled = await openSiteTable(site, query.columns);
  expect(bare.records).toEqual([
    [30, 'F'],
    [undefined, 'm'],
    [40, 'x'],
  ]);
  expect(bare.policy).toEqual({});
  expect(ruled).toEqual({ ...bare, policy: { minParticipants: 3 } });
});

test('a table has one budget, by whatever path, link or site file it is reached', async () => {
  symlinkSync(tables[0]!, join(folder, 'link.csv'));
  const paths = [
    tables[0]!,
    `${folder}/./0.csv`,
    `${folder}/../${folder.split('/').at(-1)}/0.csv`,
    join(folder, 'link.csv'),
    write('one.yaml', 'name: one\ndata: 0.csv\n'),
    write('two.yaml', 'name: two\ndata: link.csv\n'),
  ];
  const opened = await Promise.all(paths.map((path) => openSiteTable(path, query.columns)));
  expect(new Set(opened.map(({ budgetFolder }) => budgetFolder))).toEqual(
    new Set([`${realpathSync(tables[0]!)}.budget`]),
  );
});
