/**
 * Every command as a user calls it, on the cancer table: from `init` to `infer`, and what each says
 * when it is called wrongly.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { MisuseError } from '@nonet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadJobFile } from '../apps/cli/src/files/loadJobFile.ts';
import { openSite } from '../apps/cli/src/files/openSite.ts';
import {
  createFolder,
  type Finished,
  modelOf,
  nonet,
  readJson,
  readLog,
  root,
  runFolder,
  untilGone,
} from './nonet.ts';

const table = join(root, 'examples/cancer.csv');
const minute = 60_000;
const folders: ReturnType<typeof createFolder>[] = [];

function folder(): string {
  const created = createFolder();
  folders.push(created);
  return created.path;
}

afterAll(() => {
  for (const { remove } of folders) remove();
});

const init = (cwd: string, ...more: string[]) =>
  nonet(cwd, 'init', table, '--target', 'diagnosis', '--rounds', '3', ...more);

/** A user's mistake: exit code 2, and a message of three parts instead of a stack trace. */
function expectMisuse({ code, stdout, stderr }: Finished, ...says: (string | RegExp)[]): void {
  expect(code, stderr).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/expected .+\n {2}found /);
  expect(stderr).not.toMatch(/^ {4}at /m);
  for (const part of says) expect(stderr).toMatch(part);
}

describe('init', () => {
  test('writes one job file, the test set, and per site a table and a site file', async () => {
    const cwd = folder();
    const { code, stdout, stderr } = await init(cwd, '--json');
    expect(code, stderr).toBe(0);
    const files = [
      'job.yaml',
      'test.csv',
      'site-1.csv',
      'site-1.yaml',
      'site-2.csv',
      'site-2.yaml',
      'site-3.csv',
      'site-3.yaml',
    ];
    const written = files.map((name) => `cancer.${name}`);
    expect(readdirSync(cwd).sort()).toEqual([...written].sort());
    expect(JSON.parse(stdout)).toMatchObject({ job: 'cancer.job.yaml', files: written });
    // Every row of the table is in exactly one file.
    const rows = (name: string) => readFileSync(name, 'utf8').trim().split('\n').slice(1);
    const dealt = ['test', 'site-1', 'site-2', 'site-3'].flatMap((name) =>
      rows(join(cwd, `cancer.${name}.csv`)),
    );
    expect(dealt.sort()).toEqual(rows(table).sort());
  });

  test('keeps what is there unless it is told to overwrite it', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'cancer.site-2.yaml'), 'mine');
    expectMisuse(await init(cwd), 'init.exists', 'cancer.site-2.yaml', '--force');
    expect(readdirSync(cwd)).toEqual(['cancer.site-2.yaml']);
    expect(readFileSync(join(cwd, 'cancer.site-2.yaml'), 'utf8')).toBe('mine');
    expect((await init(cwd, '--force')).code).toBe(0);
    expect(readFileSync(join(cwd, 'cancer.site-2.yaml'), 'utf8')).toContain('cancer.site-2.csv');
  });

  test('writes to a folder that is not there yet', async () => {
    const cwd = folder();
    expect((await init(cwd, '--out', 'a/b')).code).toBe(0);
    expect(existsSync(join(cwd, 'a/b/cancer.job.yaml'))).toBe(true);
  });

  const small = 'colour,size,kind\nred,1,a\nblue,2,b\nred,3,a\nblue,4,b\nred,5,a\nblue,6,b\n';
  test.each<[string, string, string[], (string | RegExp)[]]>([
    ['a row with too few fields', small.replace('blue,4,b', 'blue,4'), [], ['row 5', '3 fields']],
    ['a quote that never closes', `${small}"red,1,a\n`, [], ['row 8']],
    ['an empty file', '', [], ['first row']],
    ['a header alone', 'colour,size,kind\n', [], ['rows']],
    ['an unknown target', small, ['--target', 'sort'], ['sort', 'colour, size, kind']],
    ['more sites than rows', small, ['--sites', '50'], ['init.sites', /at most \d+ sites.*, for --sites/]],
    ['no sites', small, ['--sites', '0'], ['--sites to be a whole number']],
    ['a fraction above 1', small, ['--test', '2'], ['--test to be a fraction']],
    ['a fraction that leaves no test set', small, ['--test', '0.001'], [/both sides of 6, for --test/]],
    [
      'an unknown rule for missing values',
      small,
      ['--missing', 'guess'],
      [/--missing .* refuse, drop, mean/],
    ],
    ['a missing value', small.replace('red,3,a', 'red,,a'), [], ['row 4', 'size']],
    ['a missing label', small.replace('red,3,a', 'red,3,'), ['--missing', 'mean'], ['row 4', 'kind']],
    ['a table of one label', small.replaceAll(/[ab]$/gm, 'a'), [], ['kind']],
  ])('refuses %s and writes nothing', async (_, text, more, says) => {
    const cwd = folder();
    writeFileSync(join(cwd, 't.csv'), text);
    const target = more.includes('--target') ? [] : ['--target', 'kind'];
    expectMisuse(await nonet(cwd, 'init', 't.csv', ...target, ...more), ...says);
    expect(readdirSync(cwd)).toEqual(['t.csv']);
  });

  test('refuses a file that is not there', async () => {
    expectMisuse(await nonet(folder(), 'init', 'none.csv', '--target', 'x'), 'none.csv');
  });

  test.each([
    ['drop', 5],
    ['mean', 6],
  ])('treats missing values by the rule: %s', async (rule, used) => {
    const cwd = folder();
    writeFileSync(join(cwd, 't.csv'), small.replace('blue,4,b', 'blue,,b'));
    const options = ['--sites', '2', '--missing', rule, '--test', '0.2', '--rounds', '1'];
    const { code, stderr } = await nonet(cwd, 'init', 't.csv', '--target', 'kind', ...options);
    expect(code, stderr).toBe(0);
    expect(readFileSync(join(cwd, 't.job.yaml'), 'utf8')).toContain(`missing: ${rule}`);
    const { job, rehearsal } = await loadJobFile(join(cwd, 't.job.yaml'));
    const sites = await Promise.all(
      rehearsal!.sites.map((site) => openSite((site as { siteFile: string }).siteFile, job.data)),
    );
    const datasets = [job.testSet!, ...sites.map(({ dataset }) => dataset)];
    const examples = datasets.reduce((sum, { labels }) => sum + labels.length, 0);
    expect(examples).toBe(used);
  });
});

const vectors = join(root, 'vectors/data');

test('init reads Parquet as it reads CSV', async () => {
  const [ours, twin] = [folder(), folder()];
  const parquet = await nonet(
    ours,
    'init',
    join(vectors, 'cancer.parquet'),
    '--target',
    'diagnosis',
    '--json',
  );
  expect(parquet.code, parquet.stderr).toBe(0);
  const csv = await nonet(twin, 'init', table, '--target', 'diagnosis', '--json');
  expect(JSON.parse(parquet.stdout)).toEqual(JSON.parse(csv.stdout));
  const [mine, theirs] = await Promise.all(
    [ours, twin].map((cwd) => loadJobFile(join(cwd, 'cancer.job.yaml'))),
  );
  expect(mine!.job.testSet).toEqual(theirs!.job.testSet);

  expectMisuse(await nonet(ours, 'init', join(vectors, 'none.parquet'), '--target', 'sort'), 'a column sort');
  writeFileSync(join(ours, 'torn.parquet'), readFileSync(join(vectors, 'none.parquet')).subarray(9));
  expectMisuse(
    await nonet(ours, 'init', 'torn.parquet', '--target', 'kind'),
    'a Parquet file, in torn.parquet',
  );
});

describe('the data of a site', () => {
  const site = async (data: string, shape: number[], labels: string[]) => {
    const file = join(folder(), 'site.yaml');
    writeFileSync(file, `name: here\ndata: ${data}\n`);
    return (await openSite(file, { shape, labels })).dataset;
  };

  test('may be arrays of NumPy', async () => {
    const dataset = await site(join(vectors, 'deflated.npz'), [2, 3], ['a', 'b', 'c']);
    expect([...dataset.labels]).toEqual([0, 2, 1, 2]);
    expect(dataset.features[23]).toBe(2.875);
  });

  test('may be a folder of images, scaled to the size of the job', async () => {
    const images = folder();
    for (const label of ['cat', 'dog']) mkdirSync(join(images, label));
    for (const path of ['cat/1.png', 'dog/2.png']) cpSync(join(vectors, 'rgb.png'), join(images, path));
    cpSync(join(vectors, 'baseline.jpg'), join(images, 'dog/1.jpg'));
    const dataset = await site(images, [3, 6, 10], ['cat', 'dog']);
    expect([...dataset.labels]).toEqual([0, 1, 1]);
    expect(dataset.features).toHaveLength(3 * 180);
  });

  test.each<[string, string, number[], string[], string[]]>([
    ['arrays of another shape', 'stored.npz', [3, 2], ['a', 'b', 'c'], ['[3, 2]', '[2, 3]']],
    ['labels outside the vocabulary', 'stored.npz', [2, 3], ['a', 'b'], ['one of the labels a, b']],
    ['no archive', 'rgb.npz', [2, 3], ['a', 'b'], ['readable file']],
    ['another kind of file', 'make.py', [2, 3], ['a', 'b'], ['.parquet', 'folder of images']],
    ['images for a table', '', [2, 3], ['a', 'b'], ['channels, height, width']],
  ])('refuses %s, naming the file', async (_, name, shape, labels, says) => {
    const refused = site(join(vectors, name), shape, labels);
    for (const part of [join(vectors, name).replace(/\/$/, ''), ...says])
      await expect(refused).rejects.toThrow(part);
    await expect(refused).rejects.toBeInstanceOf(MisuseError);
  });
});

describe('a job file that is wrong', () => {
  let ready: string;
  beforeAll(async () => {
    ready = folder();
    expect((await init(ready)).code).toBe(0);
  });

  function copyWith(file: string, change: (text: string) => string): string {
    const cwd = folder();
    cpSync(ready, cwd, { recursive: true });
    const text = readFileSync(join(cwd, file), 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    writeFileSync(join(cwd, file), changed);
    return cwd;
  }

  const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to);
  test.each<[string, string, (text: string) => string, (string | RegExp)[]]>([
    ['an unknown field', 'cancer.job.yaml', (text) => `${text}colour: red\n`, ['job.malformed', 'colour']],
    ['a field of another type', 'cancer.job.yaml', replace('rounds: 3', 'rounds: many'), ['field rounds']],
    [
      'a field out of range',
      'cancer.job.yaml',
      replace('momentum: 0.9', 'momentum: 1'),
      ['training.momentum'],
    ],
    [
      'a cohort larger than all sites',
      'cancer.job.yaml',
      replace('minParticipants: 3', 'minParticipants: 4'),
      ['minParticipants'],
    ],
    ['no attempt', 'cancer.job.yaml', (text) => `${text}attempts: 0\n`, ['field attempts']],
    ['no YAML', 'cancer.job.yaml', replace('rounds: 3', 'rounds: ]'), ['YAML', /line \d+/]],
    [
      'a site file that is not there',
      'cancer.job.yaml',
      replace('site-2.yaml', 'site-9.yaml'),
      ['cancer.site-9.yaml'],
    ],
    ['a test set that is not there', 'cancer.job.yaml', replace('cancer.test.csv', 'none.csv'), ['none.csv']],
    [
      'a malformed site file',
      'cancer.site-2.yaml',
      replace('maximumRounds: 1000', 'maximumRounds: -1'),
      ['site-2.yaml', 'policy.maximumRounds'],
    ],
    [
      'a site whose table is not there',
      'cancer.site-2.yaml',
      replace('site-2.csv', 'gone.csv'),
      ['gone.csv'],
    ],
    [
      'a site with a word for a number',
      'cancer.site-2.csv',
      (text) => text.replace(/^(\w+),[\d.]+/m, '$1,wide').replace(/\n(\w+),[\d.]+/, '\n$1,wide'),
      ['row 2', 'radius_mean', 'site-2.csv'],
    ],
    [
      'a site without a column',
      'cancer.site-2.csv',
      replace('texture_mean', 'taste_mean'),
      ['texture_mean', 'site-2.csv'],
    ],
    [
      'a site with an unknown label',
      'cancer.site-2.csv',
      replace(/\n\w+,/, '\nmaybe,'),
      ['row 2', 'diagnosis', 'maybe'],
    ],
    [
      'a short row in the test set',
      'cancer.test.csv',
      replace(/,[\d.]+\n(?!d)/, '\n'),
      ['row', 'cancer.test.csv'],
    ],
  ])('%s: is refused, and nothing is started', async (_, file, change, says) => {
    const cwd = copyWith(file, change);
    expectMisuse(await nonet(cwd, 'run', 'cancer.job.yaml'), ...says);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  test.each<[string, string | undefined, (string | RegExp)[]]>([
    ['a job file that is not there', undefined, ['no such file', 'nonet init']],
    ['code that does not parse', 'export default {', ['x.job.ts']],
    ['code that throws', "\nthrow new Error('out of data');", ['out of data', /x\.job\.ts:2/]],
    ['no default export', 'export const job = 1;', ['no default export']],
    ['a default export that is no job', 'export default { job: { rounds: 1 } };', ['job.model']],
  ])('%s: is refused', async (_, text, says) => {
    const cwd = folder();
    if (text !== undefined) writeFileSync(join(cwd, 'x.job.ts'), text);
    expectMisuse(await nonet(cwd, 'run', 'x.job.ts'), ...says);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });

  test(
    'a job that a site does not allow: is refused by that site, with its reason',
    async () => {
      const cwd = copyWith('cancer.site-2.yaml', replace('maximumRounds: 1000', 'maximumRounds: 2'));
      const { code, stderr } = await nonet(cwd, 'run', 'cancer.job.yaml');
      expect(code).toBe(1);
      expect(stderr).toMatch(/policy\.refused/);
      expect(stderr).toMatch(/at most 2 rounds/);
      expect(stderr).not.toMatch(/^ {4}at /m);
      await untilGone(cwd);
    },
    minute,
  );
});

/** A receipt as a forger sees it. */
interface Changeable {
  run: string;
  root: string;
  job: { rounds: number };
  anchor: { block: number };
  evidence: [{ sentence: string }, { figures: Record<string, { value: number }> }];
}

describe('a run', () => {
  let cwd: string;
  let again: string;
  let first: Finished;
  let second: Finished;
  let receiptFile: string;
  let blobs: string;

  beforeAll(async () => {
    [cwd, again] = [folder(), folder()];
    await Promise.all([init(cwd), init(again)]);
    [first, second] = await Promise.all([
      nonet(cwd, 'run', 'cancer.job.yaml', '--json'),
      nonet(again, 'run', 'cancer.job.yaml'),
    ]);
    expect(first.code, first.stderr).toBe(0);
    expect(second.code, second.stderr).toBe(0);
    receiptFile = join(runFolder(cwd), 'receipt.json');
    blobs = join(runFolder(cwd), 'blobs');
  }, 3 * minute);

  const summary = () => JSON.parse(first.stdout) as Record<string, unknown>;

  test('prints one JSON document with --json, everything else on standard error', () => {
    expect(Object.keys(summary())).toEqual([
      'accuracy',
      'heldOutAccuracy',
      'classes',
      'confusion',
      'warnings',
      'rounds',
      'participants',
      'dropped',
      'receipt',
      'verified',
      'gasUsed',
      'bytesMoved',
      'masks',
      'proof',
      'energy',
      'seconds',
    ]);
    expect(summary()).toMatchObject({ rounds: 3, participants: 3, dropped: 0, verified: true });
    expect(summary().accuracy).toBeGreaterThan(0.9);
    for (const count of ['gasUsed', 'bytesMoved', 'seconds']) expect(summary()[count]).toBeGreaterThan(0);
    expect(first.stderr).toContain('round 3 of 3');
  });

  test('leaves a receipt, its page and the model', () => {
    expect(join(cwd, summary().receipt as string)).toBe(receiptFile);
    for (const name of ['receipt.json', 'receipt.html', 'model.safetensors']) {
      expect(existsSync(join(runFolder(cwd), name)), name).toBe(true);
    }
    expect(readFileSync(join(runFolder(cwd), 'receipt.html'), 'utf8')).toContain(
      readJson<{ root: string }>(receiptFile).root,
    );
  });

  test('tells milestones, one line per round, and the end', () => {
    const [, ...lines] = second.stderr.split('\n\n')[0]!.split('\n');
    const words = lines.map((line) => line.replace(/^ *[\d.]+ s {2}/, ''));
    for (const round of [1, 2, 3]) {
      expect(
        words.filter((line) => line.startsWith(`round ${round} of 3, 3 of 3 took part, accuracy 9`)),
      ).toHaveLength(1);
    }
    expect(words).toContain('all 3 sites have joined; they train on their own data');
    expect(words.at(-1)).toBe('proving a prediction');
    expect(words).toHaveLength(8);
    expect(second.stdout).toBe('');
    expect(second.stderr).not.toContain('\u001b');
    expect(second.stderr).toContain('nothing contradicts the receipt');
  });

  test('ends with the same model when it is run again elsewhere', () => {
    expect(modelOf(again)).toBe(modelOf(cwd));
    expect(runFolder(again)).not.toBe(runFolder(cwd));
  });

  test('leaves no process behind', () => untilGone(cwd), minute);

  test('keeps keys for its owner alone', () => {
    const { sites, ...rest } = readJson<Record<string, unknown>>(runFolder(cwd), 'run.json');
    expect(sites).toBe(3);
    const secrets = Object.values(
      readJson<Record<string, string | string[]>>(runFolder(cwd), 'keys.json'),
    ).flat();
    const shown = [
      JSON.stringify(rest),
      readFileSync(receiptFile, 'utf8'),
      JSON.stringify(readLog(cwd)),
      first.stderr,
    ].join();
    for (const secret of secrets) expect(shown).not.toContain(secret.slice(2));
  });

  test('lets no other user of the machine into its folder, and none read keys and data of sites', () => {
    const path = runFolder(cwd);
    const mode = (file: string) => statSync(file).mode & 0o777;
    expect(mode(path).toString(8)).toBe('700');
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).map((file) => ({
      name: join(relative(path, file.parentPath), file.name),
      others: mode(join(file.parentPath, file.name)) & 0o077,
    }));
    const secret = /^(keys\.json|run\.json|chain\/chain\.json|sites(\/.*)?)$/;
    const open = files.filter(({ name, others }) => secret.test(name) && others !== 0);
    expect(open).toEqual([]);
    expect(files.filter(({ name }) => /^sites\/\d+\/(key|dataset\.salt)$/.test(name))).toHaveLength(6);
    // What init wrote for the sites, too.
    const tables = readdirSync(cwd).filter((name) => /site-\d\.csv$/.test(name));
    expect(tables).toHaveLength(3);
    for (const table of tables) expect(mode(join(cwd, table)).toString(8)).toBe('600');
  });

  describe('verify', () => {
    const tampered = (change: (receipt: Changeable) => void): string => {
      const receipt = readJson<Changeable>(receiptFile);
      change(receipt);
      const file = join(folder(), 'receipt.json');
      writeFileSync(file, JSON.stringify(receipt));
      return file;
    };

    test('accepts the receipt, and says what it could not check', async () => {
      const { code, stdout } = await nonet(cwd, 'verify', receiptFile);
      expect(code).toBe(0);
      expect(stdout).toContain('The entry on the ledger (only stated)');
      expect(stdout).toMatch(/Round 2: .+ \(only stated\)/);
      expect(stdout).not.toMatch(/passed/i);
    });

    test('recomputes averages and accuracy from the blobs', async () => {
      const { code, stdout } = await nonet(cwd, 'verify', receiptFile, '--blobs', blobs, '--json');
      expect(code).toBe(0);
      const { verified, verdicts } = JSON.parse(stdout) as {
        verified: boolean;
        verdicts: { status: string; verifier?: string }[];
      };
      expect(verified).toBe(true);
      const texts = verdicts.map((verdict) => JSON.stringify(verdict));
      for (const round of [0, 1, 2]) {
        const model = readLog(cwd).find(({ event }) => event.type === 'stepped' && event.round === round)!
          .event.model as string;
        expect(texts.find((text) => text.includes(model) && text.includes('checked here'))).toBeDefined();
      }
    });

    test.each<[string, (receipt: Changeable) => void, RegExp]>([
      [
        'the sentence of a record',
        ({ evidence }) => {
          evidence[0].sentence = 'The final model is always right.';
        },
        /✗ The text of record 1 /,
      ],
      [
        'a figure',
        ({ evidence }) => {
          evidence[1].figures.participants!.value += 1;
        },
        /✗ The text of record 2 /,
      ],
      [
        'the job',
        ({ job }) => {
          job.rounds = 4;
        },
        /✗ The job/,
      ],
      [
        'the name of the run',
        (receipt) => {
          receipt.run = 'another';
        },
        /✗ The name of the run/,
      ],
      [
        'the root',
        (receipt) => {
          receipt.root = receipt.root.replace(/.$/, (digit: string) => (digit === '0' ? '1' : '0'));
        },
        /✗ The fingerprint/,
      ],
      [
        'the block of the anchor',
        ({ anchor }) => {
          anchor.block += 1;
        },
        /✗ The (signature|entry)/,
      ],
    ])('finds that %s was changed, and names the piece', async (_, change, names) => {
      const { code, stdout } = await nonet(cwd, 'verify', tampered(change));
      expect(code).toBe(1);
      expect(stdout).toMatch(names);
    });

    test('finds a blob with a flipped bit, and misses one that is gone', async () => {
      const copy = join(folder(), 'blobs');
      cpSync(blobs, copy, { recursive: true });
      const model = modelOf(cwd);
      const file = join(copy, model.slice(2, 4), model);
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(file, bytes);
      const flipped = await nonet(cwd, 'verify', receiptFile, '--blobs', copy);
      expect(flipped.code).toBe(1);
      expect(flipped.stdout).toMatch(/✗ .+\n +.*blob|✗ .+\n +.*bytes/);
      rmSync(file);
      const missing = await nonet(cwd, 'verify', receiptFile, '--blobs', copy);
      expect(missing.code).toBe(3);
      expect(missing.stdout).toMatch(/\? .+\(.*\)\n +.*/);
      const nowhere = await nonet(cwd, 'verify', receiptFile, '--blobs', join(copy, 'nowhere'));
      expect(nowhere.code).toBe(3);
    });

    test(
      'cannot decide without the ledger or store that it was pointed to',
      async () => {
        const ledger = await nonet(cwd, 'verify', receiptFile, '--ledger', 'http://127.0.0.1:1');
        expect(ledger.code).toBe(3);
        expect(ledger.stderr).toContain('ledger.unreachable');
        const store = await nonet(cwd, 'verify', receiptFile, '--blobs', 'http://127.0.0.1:1');
        expect(store.code).toBe(3);
      },
      minute,
    );

    test.each<[string, string | undefined]>([
      ['no file', undefined],
      ['no JSON', 'PK\u0003\u0004'],
      ['half a receipt', '{"version":1,"evidence":['],
    ])('is told apart from %s', async (_, text) => {
      const file = join(folder(), 'x.json');
      if (text !== undefined) writeFileSync(file, text);
      expectMisuse(await nonet(cwd, 'verify', file), 'receipt.file', 'x.json');
    });

    test.each(['{}', '[]', 'null', '"receipt"', '{"version":1,"run":"x"}'])(
      'is told apart from %s, which is no receipt',
      async (text) => {
        const file = join(folder(), 'x.json');
        writeFileSync(file, text);
        const { code, stdout, stderr } = await nonet(cwd, 'verify', file);
        expect(code, stdout).toBe(2);
        expect(stderr).not.toMatch(/^ {4}at /m);
      },
    );
  });

  describe('export and infer', () => {
    const rows = () => join(cwd, 'cancer.test.csv');
    const model = () => join(cwd, 'model.onnx');
    beforeAll(async () => {
      expect((await nonet(cwd, 'export', '--onnx')).code).toBe(0);
    });

    test('the exported model labels the test set as well as the receipt says', async () => {
      const { code, stdout } = await nonet(cwd, 'infer', model(), rows(), '--json');
      expect(code).toBe(0);
      const inferred = JSON.parse(stdout) as {
        accuracy: number;
        classes: unknown;
        rows: { row: number; label: string; probabilities: Record<string, number> }[];
      };
      expect(inferred.accuracy).toBe(summary().accuracy);
      expect(inferred.classes).toEqual(summary().classes);
      expect(inferred.rows).toHaveLength(113);
      for (const { label, probabilities } of inferred.rows) {
        const [[likeliest]] = Object.entries(probabilities).sort(([, a], [, b]) => b - a) as [
          [string, number],
        ];
        expect(label).toBe(likeliest);
      }
    });

    test('infer prints a table on standard output, also for rows without a label', async () => {
      const file = join(folder(), 'rows.csv');
      const unlabelled = readFileSync(rows(), 'utf8')
        .split('\n')
        .slice(0, 4)
        .map((line) => line.replace(/^[^,]*,/, ''));
      writeFileSync(file, `${unlabelled.join('\n')}\n`);
      const { code, stdout } = await nonet(cwd, 'infer', model(), file);
      expect(code).toBe(0);
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toBe('row,diagnosis,p(benign),p(malignant)');
      expect(lines).toHaveLength(4);
    });

    test.each<[string, (text: string) => string, (string | RegExp)[]]>([
      [
        'a word for a number',
        (text) => text.replace(/\n(\w+),[\d.]+/, '\n$1,wide'),
        ['row 2', 'radius_mean', 'wide'],
      ],
      ['a missing column', (text) => text.replace('radius_mean', 'radius'), ['radius_mean']],
      ['a short row', (text) => text.replace(/,[\d.]+\n(?!d)/, '\n'), ['row']],
    ])('infer refuses %s, naming it', async (_, change, says) => {
      const file = join(folder(), 'rows.csv');
      writeFileSync(file, change(readFileSync(rows(), 'utf8')));
      expectMisuse(await nonet(cwd, 'infer', model(), file), ...says);
    });

    test('infer refuses what is no model of ours', async () => {
      expectMisuse(await nonet(cwd, 'infer', rows(), rows()));
      expectMisuse(await nonet(cwd, 'infer', 'none.onnx', rows()), 'none.onnx');
      const half = join(folder(), 'half.onnx');
      writeFileSync(half, readFileSync(model()).subarray(0, 1000));
      expectMisuse(await nonet(cwd, 'infer', half, rows()));
    });

    test('export writes the parameters alone, by the ID of the run, and says what it wrote', async () => {
      const id = readJson<{ id: string }>(runFolder(cwd), 'run.json').id;
      const { code, stdout } = await nonet(
        cwd,
        'export',
        id,
        '--safetensors',
        '--out',
        'w.safetensors',
        '--json',
      );
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        file: 'w.safetensors',
        format: 'safetensors',
        model: modelOf(cwd),
      });
      expect(readFileSync(join(cwd, 'w.safetensors'))).toEqual(
        readFileSync(join(runFolder(cwd), 'model.safetensors')),
      );
    });

    test('export refuses both formats at once, a run that is not there, a place that is not there', async () => {
      expectMisuse(await nonet(cwd, 'export', '--onnx', '--safetensors'), 'both');
      expectMisuse(await nonet(cwd, 'export', 'none'), 'run.missing');
      expectMisuse(await nonet(folder(), 'export'), 'run.missing');
      expectMisuse(await nonet(cwd, 'export', '--out', 'no/where/model.onnx'), 'no/where');
    });
  });

  test('status says what became of it', async () => {
    const { code, stdout } = await nonet(cwd, 'status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/status +complete/);
    expect(stdout).toMatch(/anchored +in block \d+/);
    const json = JSON.parse((await nonet(cwd, 'status', '--json')).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ status: 'complete', model: modelOf(cwd), sites: 3 });
    expect(json.rounds).toHaveLength(3);
    expectMisuse(await nonet(folder(), 'status'), 'run.missing', 'nonet run');
  });

  test('status and matrix pass over what is damaged, and say so', async () => {
    const other = folder();
    cpSync(join(cwd, 'runs'), join(other, 'runs'), { recursive: true });
    const damaged = join(other, 'runs', 'zz-damaged');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'run.json'), '{"version":');
    writeFileSync(join(runFolder(cwd).replace(cwd, other), 'receipt.json'), '{');
    const status = await nonet(other, 'status');
    expect(status.code).toBe(0);
    expect(status.stderr).toContain('zz-damaged');
    const matrix = await nonet(other, 'matrix');
    expect(matrix.code).toBe(0);
    expect(matrix.stderr).toContain('is not a readable receipt');
  });

  test('advice is calibrated by the runs that are here', async () => {
    const template = (await nonet(cwd, 'advise', '--template')).stdout;
    writeFileSync(join(cwd, 'needs.yaml'), template);
    const advised = await nonet(cwd, 'advise', 'needs.yaml', '--json');
    expect(advised.code, advised.stderr).toBe(0);
    const { recommended } = JSON.parse(advised.stdout) as {
      recommended: { prediction: { gas: { basis: string } } }[];
    };
    // Five parties and ten rounds, from a smaller run.
    expect(recommended[0]?.prediction.gas.basis).toBe('extrapolated from runs here');
  });

  test('the matrix has nine cells, with evidence from here where there is some', async () => {
    const empty = await nonet(folder(), 'matrix');
    expect(empty.code).toBe(0);
    expect(empty.stdout.match(/nothing measured yet/g)).toHaveLength(9);
    const filled = await nonet(cwd, 'matrix', '--json');
    const { cells } = JSON.parse(filled.stdout) as { cells: { cell: { id: string }; evidence: unknown[] }[] };
    expect(cells).toHaveLength(9);
    const lit = cells.filter(({ evidence }) => evidence.length > 0).map(({ cell }) => cell.id);
    expect(lit).toContain('verifiability-decentralisation');
    expect(lit).toContain('performance-decentralisation');
    const page = await nonet(cwd, 'matrix', 'performance-decentralisation');
    expect(page.stdout).toContain('The final model is right on');
    expect(page.stdout).toContain('Measured here: weak');
  });

  test('the matrix leaves a receipt out that was changed after its run', async () => {
    const other = folder();
    cpSync(join(cwd, 'runs'), join(other, 'runs'), { recursive: true });
    for (const run of readdirSync(join(other, 'runs'))) {
      const file = join(other, 'runs', run, 'receipt.json');
      if (!existsSync(file)) continue;
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace('The final model is right', 'The model is right'),
      );
    }
    const { code, stdout, stderr } = await nonet(other, 'matrix');
    expect([code, stdout.match(/nothing measured yet/g)?.length]).toEqual([0, 9]);
    expect(stderr).toContain('or was changed');
  });

  test('the matrix has an ordered table, gaps, changes, and the views of triangle and trilemma', async () => {
    const table = (await nonet(cwd, 'matrix', '--table')).stdout;
    expect(table.indexOf('verifiability × security')).toBeLessThan(
      table.indexOf('performance × decentralisation'),
    );
    expect((await nonet(cwd, 'matrix', '--gaps')).stdout).toContain('no project reaches level 2');
    expect((await nonet(cwd, 'matrix', '--since', '2020-01-01')).stdout).toContain('score none ->');
    // Before the catalogue's first source.
    const early = await nonet(folder(), 'matrix', '--since', '2001-01-01', '--as-of', '2001-02-01');
    expect(early.stdout).toContain('Nothing has changed');
    const triangle = (await nonet(cwd, 'matrix', '--view', 'triangle')).stdout;
    expect(triangle).toContain('time beyond the training itself');
    expect(triangle).toMatch(/not measured: .*accuracy lost/);
    expect((await nonet(cwd, 'matrix', '--view', 'trilemma')).stdout).toContain('arbitrum.io');
  });

  test.each([
    [['matrix', 'privacy-speed'], 'matrix.cell'],
    [['matrix', 'privacy-security', '--gaps'], 'matrix.options'],
    [['matrix', '--table', '--view', 'trilemma'], 'matrix.options'],
    [['matrix', '--run', 'x'], 'matrix.options'],
    [['matrix', '--since', 'yesterday'], 'cli.option'],
    [['matrix', '--since', '2999-01-01'], 'matrix.options'],
    [['matrix', '--adversary', 'everybody'], 'cli.option'],
  ])('%s is misuse: %s', async (args, code) => {
    expectMisuse(await nonet(cwd, ...args), code);
  });
});

describe('stats', () => {
  test(
    'counts over the tables of three sites, spends of their budgets, and leaves a receipt',
    async () => {
      const cwd = folder();
      const [head, ...rows] = readFileSync(table, 'utf8').trim().split('\n');
      const sites = [0, 1, 2].map((site) => {
        const file = `site-${site}.csv`;
        const share = rows.filter((_, i) => i % 3 === site);
        writeFileSync(join(cwd, file), [head, ...share].join('\n'));
        return file;
      });
      const asked = ['--range', 'radius_mean=0:40:0.01', '--values', 'diagnosis=malignant,benign'];
      const noised = await nonet(
        cwd,
        'stats',
        ...sites,
        ...asked,
        '--epsilon',
        '4',
        '--records',
        '500',
        '--json',
      );
      expect(noised.code, noised.stderr).toBe(0);
      const { figures, privacy, receipt, verified, included } = JSON.parse(noised.stdout);
      expect(included).toBe(3);
      expect({ verified, epsilon: Math.ceil(privacy.epsilon) }).toEqual({ verified: true, epsilon: 4 });
      const records = figures.find(({ name }: { readonly name: string }) => name === 'records');
      expect(records.interval[1] - records.interval[0]).toBeGreaterThan(1);
      for (const site of sites) expect(readdirSync(join(cwd, `${site}.budget`))).toHaveLength(1);
      const check = await nonet(cwd, 'verify', receipt, '--blobs', join(runFolder(cwd), 'blobs'));
      expect(check.code, check.stdout).toBe(0);
      expect(check.stdout).toContain('By differential privacy, what was released has spent epsilon 4 ');
      await untilGone(cwd);
    },
    minute,
  );

  test(
    'gives init what its job states of columns, so that no row of the table is in it',
    async () => {
      const cwd = folder();
      const plain = await init(cwd);
      expect(plain.stderr).toContain('no privacy.dp that you add to the job covers them');
      const asked = ['--range', 'radius_mean=0:40:0.01', '--values', 'diagnosis=malignant,benign'];
      const sites = [1, 2, 3].map((site) => `cancer.site-${site}.yaml`);
      const counted = await nonet(
        cwd,
        'stats',
        ...sites,
        ...asked,
        '--epsilon',
        '4',
        '--records',
        '500',
        '--json',
      );
      expect(counted.code, counted.stderr).toBe(0);
      const { figures, receipt } = JSON.parse(counted.stdout);
      const told = (name: string) =>
        figures.find((figure: { readonly name: string }) => figure.name === `${name} of radius_mean`).value;

      const tampered = readFileSync(join(cwd, receipt), 'utf8').replace('"benign"', '"absent"');
      writeFileSync(join(cwd, 'tampered.json'), tampered);
      const again = ['--force', '--statistics'];
      expectMisuse(await init(cwd, ...again, 'tampered.json'), 'a receipt that nothing contradicts');

      const drawn = await init(cwd, ...again, receipt);
      expect(drawn.code, drawn.stderr).toBe(0);
      expect(drawn.stderr).toContain('with noise, epsilon 4 at delta 0.000001 of each record');
      const { job } = await loadJobFile(join(cwd, 'cancer.job.yaml'));
      expect(job.data).toEqual({
        shape: [1],
        labels: ['benign', 'malignant'],
        table: {
          target: 'diagnosis',
          columns: [
            {
              kind: 'number',
              name: 'radius_mean',
              mean: told('mean'),
              deviation: told('standard deviation'),
              minimum: 0,
              maximum: 40,
            },
          ],
          missing: 'refuse',
        },
      });
      await untilGone(cwd);
      const run = await nonet(cwd, 'run', 'cancer.job.yaml', '--json');
      expect(run.code, run.stderr).toBe(0);
      await untilGone(cwd);
    },
    2 * minute,
  );

  test.each<[string, string[], string]>([
    ['no columns', [], 'at least one column, by --range'],
    ['two sites', ['--range', 'radius_mean=0:40'], 'at least 3 sites'],
  ])('refuses %s', async (_, options, says) => {
    const cwd = folder();
    for (const name of ['a.csv', 'b.csv']) cpSync(table, join(cwd, name));
    expectMisuse(await nonet(cwd, 'stats', 'a.csv', 'b.csv', ...options), says);
    expect(existsSync(join(cwd, 'runs'))).toBe(false);
  });
});

describe('help and options', () => {
  const commands = ['init', 'run', 'status', 'verify', 'export', 'infer', 'matrix', 'advise', 'bench'];

  test.each(commands)('%s --help says what it does', async (command) => {
    const { code, stdout } = await nonet(folder(), command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: nonet ${command}`);
  });

  test('the program names its commands and exit codes', async () => {
    const { code, stdout } = await nonet(folder(), '--help');
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('Exit codes');
    expect((await nonet(folder(), '--version')).stdout.trim()).toBe(
      readJson<{ version: string }>(root, 'apps/cli/package.json').version,
    );
  });

  test.each([
    [[]],
    [['dance']],
    [['run']],
    [['run', 'x.job.ts', '--fast']],
    [['init', table]],
    [['verify', 'a', 'b']],
  ])('%j is misuse', async (args) => {
    const { code, stdout, stderr } = await nonet(folder(), ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  test.each<[string[], number, string, string]>([
    [['dance'], 2, 'cli.usage', "unknown command 'dance'"],
    [['run'], 2, 'cli.usage', "missing required argument 'job'"],
    [['run', 'x.job.ts', '--fast'], 2, 'cli.usage', "unknown option '--fast'"],
    [['verify', 'a', 'b'], 2, 'cli.usage', 'too many arguments'],
    [['init', table, '--target', 'diagnosis', '--sites', 'ten'], 2, 'cli.option', '"ten"'],
    [['status'], 2, 'run.missing', 'none'],
    [['run', 'none.job.ts'], 2, 'job.file', 'no such file'],
    [['limits', '--overhead', 'privacy.masking'], 3, 'limits.overhead', 'none'],
  ])('%j with --json prints its error as one document, too', async (args, exitCode, errorCode, says) => {
    const { code, stdout, stderr } = await nonet(folder(), ...args, '--json');
    expect(code).toBe(exitCode);
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    expect(Object.keys(error)).toEqual(['code', 'expected', 'found', 'hint']);
    expect(error).toMatchObject({ code: errorCode, found: expect.stringContaining(says) });
    expect(stderr).toContain(`(${errorCode})`);
  });

  test('after -- is no option, so an error is in words alone', async () => {
    const { code, stdout, stderr } = await nonet(folder(), 'status', '--', '--json');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('run.missing');
  });

  test('a mistyped option is answered with the one that is meant', async () => {
    const { stderr } = await nonet(folder(), 'limits', '--scenrio', 'epoch2024');
    expect(stderr).toContain("unknown option '--scenrio'");
    expect(stderr).toContain('--scenario');
    expect(stderr).toContain('nonet limits --help');
  });

  test.each<[string, string[], string]>([
    ['a day that no calendar has', ['--since', '2026-02-30'], '2026-02-30'],
    ['changes backwards', ['--as-of', '2026-01-01', '--since', '2026-02-01'], '--since before 2026-01-01'],
    [
      'a page with changes backwards',
      ['--html', 'page.html', '--as-of', '2026-01-01', '--since', '2026-02-01'],
      '--since before 2026-01-01',
    ],
  ])('matrix refuses %s', async (_, options, says) => {
    const cwd = folder();
    expectMisuse(await nonet(cwd, 'matrix', ...options), says);
    expect(existsSync(join(cwd, 'page.html'))).toBe(false);
  });

  test.each<[string, string[], string]>([
    ['a ledger without a key', ['--ledger', 'http://127.0.0.1:1'], 'only --ledger'],
    ['a key without a ledger', ['--key', 'k'], 'only --key'],
    ['confirmations without a ledger', ['--confirmations', '3'], 'only --confirmations'],
    [
      'confirmations that are none',
      ['--confirmations', '-1'],
      'expected --confirmations to be a whole number',
    ],
    ['a key that is not there', ['--ledger', 'http://127.0.0.1:1', '--key', 'none'], 'none'],
    ['a key that is none', ['--ledger', 'http://127.0.0.1:1', '--key', 'bad.key'], '64 hexadecimal digits'],
  ])('run refuses %s', async (_, options, says) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'bad.key'), 'secret');
    const result = await nonet(cwd, 'run', 'x.job.yaml', ...options);
    expectMisuse(result, says);
    expect(result.stderr).not.toContain('secret');
  });
});
