import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readYamlJob } from './yamlJob.ts';

const root = mkdtempSync(join(tmpdir(), 'nonet-yaml-'));
afterAll(() => rmSync(root, { recursive: true }));

const table = 'age,dx\n50,ill\n40,well\n';
const jobOf = (testSet: string, site = 'site.yaml') => `
name: x
model: { hidden: [] }
data:
  shape: [1]
  labels: [ill, well]
  table:
    target: dx
    columns: [{ kind: number, name: age, mean: 45, deviation: 5 }]
    missing: refuse
training: { epochs: 1, batch: 1, learningRate: 0.1, momentum: 0 }
rounds: 1
testSet: ${JSON.stringify(testSet)}
sites: [${JSON.stringify(site)}]
`;

mkdirSync(join(root, 'secret'));
mkdirSync(join(root, 'job/data'), { recursive: true });
for (const file of ['secret/patients.csv', 'job/test.csv', 'job/data/test.csv'])
  writeFileSync(join(root, file), table);
symlinkSync(join(root, 'secret'), join(root, 'job/link'));
symlinkSync(join(root, 'secret/patients.csv'), join(root, 'job/test2.csv'));
symlinkSync('test.csv', join(root, 'job/test3.csv'));
// A folder whose name begins as that of the job does.
mkdirSync(join(root, 'job2'));
writeFileSync(join(root, 'job2/test.csv'), table);

const read = (...names: Parameters<typeof jobOf>) => {
  const file = join(root, 'job/x.job.yaml');
  writeFileSync(file, jobOf(...names));
  return readYamlJob(file);
};

describe("a stranger's job", () => {
  test.each(['test.csv', './test.csv', 'data/test.csv', 'data/../test.csv', 'test3.csv'])(
    'takes %s of its own folder for its test set',
    async (path) => {
      expect((await read(path)).job.testSet!.labels).toHaveLength(2);
    },
  );

  test.each([
    '../secret/patients.csv',
    'data/../../secret/patients.csv',
    join(root, 'secret/patients.csv'),
    'link/patients.csv',
    'test2.csv',
    '../job2/test.csv',
    '..',
    '/etc/passwd',
  ])('does not publish %s', async (path) => {
    await expect(read(path)).rejects.toThrow(expect.objectContaining({ code: 'job.path', found: path }));
  });

  test('names no site elsewhere', async () => {
    await expect(read('test.csv', '../secret/site.yaml')).rejects.toThrow(
      expect.objectContaining({ code: 'job.path' }),
    );
  });

  const withData = (data: string) => {
    writeFileSync(join(root, 'job/data/site.yaml'), `name: a\ndata: ${JSON.stringify(data)}\n`);
    return read('test.csv', 'data/site.yaml');
  };
  test.each(['test.csv', '../test.csv', '../test3.csv', './none.csv'])(
    'comes with a site whose data are %s',
    async (data) => {
      expect((await withData(data)).rehearsal!.sites).toEqual([
        { siteFile: join(realpathSync(root), 'job/data/site.yaml') },
      ]);
    },
  );
  test.each([
    '../../secret/patients.csv',
    join(root, 'secret/patients.csv'),
    '../link/patients.csv',
    '../test2.csv',
    '../../job2/test.csv',
    '../../job2/none.csv',
    '../data',
  ])('comes with no site that trains on %s', async (data) => {
    await expect(withData(data)).rejects.toThrow(
      expect.objectContaining({ code: 'job.path', found: `${data} in data/site.yaml` }),
    );
  });

  test('may name a site that is not there, which is refused where it is read', async () => {
    expect((await read('test.csv', 'none.yaml')).rehearsal!.sites).toHaveLength(1);
  });

  test('is told by name where a file is not there', async () => {
    await expect(read('none.csv')).rejects.toThrow('none.csv');
  });
});

test('a model has at most a hundred hidden layers: a line of text could name a million', async () => {
  const file = join(root, 'job/deep.job.yaml');
  const deep = (layers: number) => {
    const hidden = Array.from({ length: layers }, () => 2).join(', ');
    writeFileSync(file, jobOf('test.csv').replace('hidden: []', `hidden: [${hidden}]`));
    return readYamlJob(file);
  };
  expect((await deep(100)).job.model.nodes.length).toBeGreaterThan(200);
  await expect(deep(101)).rejects.toMatchObject({
    code: 'job.malformed',
    expected: expect.stringContaining('field model.hidden'),
  });
});
