import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, utf8 } from '@nonet/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createRun,
  finalModel,
  findRun,
  findRunBeforeChange,
  findUnfinishedRun,
  listRuns,
  type RunKeys,
} from './runDirectory.ts';

const key = (digit: string) => `0x${digit.repeat(64)}` as const;
const keys: RunKeys = { creator: key('1'), aggregators: [key('2'), key('3')], watcher: key('4') };
const [draft, other] = [addressOf(utf8('draft')), addressOf(utf8('other'))];
const fields = { name: 'Five hospitals', draft, sites: 2, ledger: undefined };

const before = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-runs-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
const noted = () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return () => {
    const text = write.mock.calls.map(([line]) => String(line)).join('');
    write.mockRestore();
    return text;
  };
};

describe('a new run', () => {
  test('has a folder and keys that are for its owner alone, whatever the umask', () => {
    const umask = process.umask(0);
    try {
      const run = createRun(fields, keys);
      const [first, second] = run.siteKeys();
      expect(first).toMatch(/^0x[0-9a-f]{64}$/);
      expect(second).not.toBe(first);
      run.update({ status: 'stopped' });
      expect(mode(run.path)).toBe('700');
      expect(mode(run.siteFolder(0))).toBe('700');
      for (const file of ['keys.json', 'run.json', 'sites/01/key', 'sites/02/key']) {
        expect([file, mode(run.resolve(file))]).toEqual([file, '600']);
      }
    } finally {
      process.umask(umask);
    }
  });

  test('keeps the keys of its sites', () => {
    const run = createRun(fields, keys);
    expect(run.siteKeys()).toEqual(findRun(run.record.id).siteKeys());
  });

  test('is named by its job and the time; another one in the same second by a number, too', () => {
    vi.useFakeTimers({ now: new Date('2026-01-02T03:04:05.678Z') });
    const ids = [
      fields,
      fields,
      { ...fields, name: '«Ärzte» – 5!' },
      { ...fields, name: 'x'.repeat(90) },
    ].map((each) => createRun(each, keys).record.id);
    vi.useRealTimers();
    expect(ids).toEqual([
      'five-hospitals-20260102-030405',
      'five-hospitals-20260102-030405-2',
      'rzte-5-20260102-030405',
      `${'x'.repeat(40)}-20260102-030405`,
    ]);
  });

  test('keeps the blobs of the first aggregator in blobs/, of the others beside it', () => {
    const run = createRun(fields, keys);
    expect([0, 1, 2].map((i) => run.storeFolder(i))).toEqual(
      ['blobs', 'blobs-2', 'blobs-3'].map((name) => run.resolve(name)),
    );
  });
});

describe('runs', () => {
  test('are found by ID, by path, and the latest without either', async () => {
    vi.useFakeTimers({ now: new Date('2026-01-02T00:00:00Z') });
    const late = createRun({ ...fields, name: 'a' }, keys);
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'));
    const early = createRun({ ...fields, name: 'z' }, keys);
    vi.setSystemTime(new Date('2025-12-31T00:00:00Z'));
    const first = createRun({ ...fields, name: 'm' }, keys);
    vi.useRealTimers();
    expect(listRuns().map(({ record }) => record.name)).toEqual(['m', 'z', 'a']);
    expect(findRun(undefined).record.id).toBe(late.record.id);
    expect(findRun(early.record.id).path).toBe(early.path);
    expect(findRun(early.path).record.id).toBe(early.record.id);
    expect(() => findRun('none')).toThrow(
      expect.objectContaining({
        code: 'run.missing',
        expected: expect.stringContaining('a run named none'),
        found: `only ${first.record.id}, ${early.record.id}, ${late.record.id}`,
      }),
    );
  });

  test('are missed where there are none', () => {
    expect(listRuns()).toEqual([]);
    const missing = { code: 'run.missing', expected: 'a run in runs/', found: 'none' };
    expect(() => findRun(undefined)).toThrow(expect.objectContaining(missing));
  });

  test('are resumed by draft and ledger, the latest that is unfinished', () => {
    const [first, second] = [createRun(fields, keys), createRun(fields, keys)];
    const away = createRun({ ...fields, ledger: 'http://node.example' }, keys);
    createRun({ ...fields, draft: other }, keys);
    const found = () => findUnfinishedRun(draft, undefined)?.record.id;
    expect([first.record.id, second.record.id]).toContain(found());
    second.update({ status: 'complete' });
    expect(found()).toBe(first.record.id);
    first.update({ status: 'stopped' });
    expect(found()).toBeUndefined();
    expect(findUnfinishedRun(draft, 'http://node.example')?.record.id).toBe(away.record.id);
    // One that cannot be read may be it.
    writeFileSync(first.resolve('run.json'), '{');
    const notes = noted();
    expect(() => findUnfinishedRun(draft, undefined)).toThrow(
      expect.objectContaining({ code: 'run.damaged' }),
    );
    expect(findUnfinishedRun(draft, 'http://node.example')?.record.id).toBe(away.record.id);
    notes();
  });

  test('of a job file as it was before a change are found, the latest that is unfinished', () => {
    const file = '/somewhere/x.job.yaml';
    const before = createRun({ ...fields, file }, keys);
    createRun({ ...fields, file, draft: other }, keys);
    createRun({ ...fields, file: '/elsewhere.job.yaml' }, keys);
    createRun({ ...fields, file, ledger: 'http://node.example' }, keys);
    const ended = createRun({ ...fields, file }, keys);
    ended.update({ status: 'stopped' });
    expect(findRunBeforeChange(file, other, undefined)?.record.id).toBe(before.record.id);
    before.update({ status: 'complete' });
    expect(findRunBeforeChange(file, other, undefined)).toBeUndefined();
  });

  test.each<[string, (run: string) => void, string]>([
    ['torn', (run) => writeFileSync(join(run, 'run.json'), '{"version":'), 'readable JSON'],
    ['without keys', (run) => rmSync(join(run, 'keys.json')), 'readable JSON'],
    [
      'with an ID that forges lines',
      (run) => {
        const file = join(run, 'run.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"id": "/, '"id": "a\\n✓ b'));
      },
      'field id',
    ],
    [
      'with a further field',
      (run) => {
        const file = join(run, 'run.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('{', '{"more": 1,'));
      },
      'found more',
    ],
    [
      'with a key that is none',
      (run) => writeFileSync(join(run, 'keys.json'), '{"creator": "0xsecret"}'),
      'the field creator of',
    ],
  ])('that are %s are left out and named', (_, damage, says) => {
    const [whole, damaged] = [createRun(fields, keys), createRun(fields, keys)];
    damage(damaged.path);
    const notes = noted();
    const ids = listRuns().map(({ record }) => record.id);
    const text = notes();
    expect(ids).toEqual([whole.record.id]);
    expect(text).toContain(`left out ${damaged.path}: `);
    expect(text).toContain(says);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).not.toContain('0xsecret');
  });

  test('are folders with a run.json: others are none of them', () => {
    createRun(fields, keys);
    mkdirSync(join('runs', 'bench'));
    writeFileSync(join('runs', 'notes.txt'), '');
    const notes = noted();
    const runs = listRuns();
    expect([runs.length, notes()]).toEqual([1, '']);
    expect(readdirSync('runs')).toHaveLength(3);
  });

  test.skipIf(process.getuid?.() === 0)('that cannot be read are no misuse that is passed over', () => {
    const run = createRun(fields, keys);
    chmodSync(run.resolve('run.json'), 0);
    const notes = noted();
    expect([listRuns().length, notes()]).toEqual([0, expect.stringContaining('left out')]);
  });
});

describe('the final model', () => {
  const model = addressOf(utf8('model'));

  test('is that of a complete run', () => {
    const run = createRun(fields, keys);
    run.update({ status: 'complete', model });
    expect(finalModel(run)).toBe(model);
  });

  test.each([
    [{ status: 'running', model } as const, 'an unfinished run', 'Let the same'],
    [{ status: 'stopped', model } as const, 'a run that was stopped', 'Its receipt'],
    [{ status: 'complete' } as const, 'a run that was stopped', 'Its receipt'],
  ])('is not there for %j', (change, found, hint) => {
    const run = createRun(fields, keys);
    run.update(change);
    expect(() => finalModel(run)).toThrow(
      expect.objectContaining({ code: 'run.unfinished', found, hint: expect.stringContaining(hint) }),
    );
  });
});
