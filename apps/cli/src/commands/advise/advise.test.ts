import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, MisuseError, utf8 } from '@nonet/core';
import { defaultRounds, needsTemplate } from '@nonet/matrix/advice';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { compare, predictionFileOf, readPrediction, type StoredPrediction } from '../../runs/prediction.ts';
import { createRun, listRuns } from '../../runs/runDirectory.ts';
import { adviseOnNeeds } from './advise.ts';

let folder: string;
let stdout: string;
let stderr: string;
const before = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-advise-'));
  process.chdir(folder);
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  process.chdir(before);
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function writeNeeds(change: (text: string) => string = (text) => text): void {
  writeFileSync('needs.yaml', change(needsTemplate));
}

/** Rows of two classes that a line divides. */
function writeTable(): void {
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${(i * 7) % 11},${i < 20 ? 'no' : 'yes'}`);
  writeFileSync('patients.csv', `age,dose,ill\n${rows.join('\n')}\n`);
}
const withTable = (text: string) =>
  text
    .replace(/# table: .*/, 'table: { file: patients.csv, target: ill }')
    .replace('parties: 5 ', 'parties: 2 ');

describe('advise', () => {
  test('gives a template that it understands', async () => {
    expect(await adviseOnNeeds(undefined, { template: true })).toBe(0);
    writeFileSync('needs.yaml', stdout);
    stdout = '';
    expect(await adviseOnNeeds('needs.yaml', {})).toBe(0);
    expect(stdout).toContain('Nonet can, at this price');
    expect(stdout).toContain('you have to believe that');
    expect(stdout).toContain('Why not the others');
    expect(stdout).toContain('accuracy lost  no measurement yet');
  });

  test('gives one JSON document', async () => {
    writeNeeds();
    await adviseOnNeeds('needs.yaml', { json: true });
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'Nonet can',
      recommended: [
        { way: 'ledger-rounds', by: 'Nonet', prediction: { gas: { basis: 'planning formula' } } },
        { way: 'masked-rounds', by: 'Nonet' },
        { way: 'private-rounds', by: 'Nonet' },
        { way: 'attested-aggregation', by: 'others', mechanisms: [] },
      ],
    });
  });

  test('names what others offer, with its price and its source, where Nonet cannot', async () => {
    writeNeeds((text) =>
      text
        .replace('sensitivity: internal', 'sensitivity: personal')
        .replace('# - { who: owners, whom: outsiders }', '- { who: owners, whom: outsiders }')
        .replace('# - dishonest participants', '- dishonest participants'),
    );
    expect(await adviseOnNeeds('needs.yaml', {})).toBe(0);
    expect(stdout).toContain('Use today: NVIDIA FLARE');
    expect(stdout).toContain('arXiv 2509.18886, 2025-09-23');
    expect(stdout).toContain('If you can do with less');
    expect(stdout).toContain(
      'masked and noised federated rounds: without "dishonest participants must not spoil',
    );
  });

  test('says that nobody can yet, and what comes nearest, by words and exit code', async () => {
    writeNeeds((text) =>
      text
        .replace('sensitivity: internal', 'sensitivity: personal')
        .replace('hardware: { cores: 2 }', 'hardware: { cores: 2, attested: false }')
        .replace(
          '  - data must not leave the site',
          '  - data must not leave the site\n  - the result must not give a record away',
        )
        .replace('# - dishonest participants', '- dishonest participants'),
    );
    expect(await adviseOnNeeds('needs.yaml', {})).toBe(1);
    expect(stdout).toContain('Nobody can yet; the nearest is masked and noised federated rounds');
    expect(stdout).toContain('What stands against each of the others');
  });

  test('sends one owner to its own machines', async () => {
    writeNeeds((text) =>
      text
        .replace('parties: 5 ', 'parties: 1 ')
        .replace('data: at their owners', 'data: in one place')
        .replace('  - { who: owners, whom: the operator }', '  []')
        .replace('  - data must not leave the site', '  []'),
    );
    expect(await adviseOnNeeds('needs.yaml', {})).toBe(0);
    expect(stdout).toContain('Use today: your own machines');
  });

  test('writes a job with a prediction of a rehearsal beside it', async () => {
    writeTable();
    writeNeeds(withTable);
    mkdirSync('trial');
    await adviseOnNeeds('needs.yaml', { write: 'trial', json: true });
    expect(JSON.parse(stdout)).toMatchObject({
      written: { job: 'trial/patients.job.yaml', prediction: 'trial/patients.prediction.json' },
    });
    const { way, prediction, draft } = readPrediction('trial/patients.prediction.json');
    expect(way).toBe('ledger-rounds');
    expect(draft).toMatch(/^0x[0-9a-f]{64}$/);
    // Of the model that was written, 2 columns to 16 units to 2 classes, not of the 50,000
    // parameters in the needs.
    expect(prediction.bytes?.high).toBeLessThan(1e6);
    expect(readFileSync('trial/patients.job.yaml', 'utf8')).toContain('rounds: 10');
    expect(stderr).toContain('wrote trial/patients.job.yaml');
    expect(stderr).toContain('is in trial/patients.prediction.json;');
    await expect(adviseOnNeeds('trial/patients.prediction.json', { compare: true })).rejects.toThrow(
      'a run of the job that trial/patients.prediction.json predicts',
    );
  });
});

test.each([
  ['rounds: 7', 7],
  ['', defaultRounds],
])('with %j in the needs the job has %i rounds', async (line, rounds) => {
  writeTable();
  writeNeeds((text) => withTable(text).replace('rounds: 10', line));
  await adviseOnNeeds('needs.yaml', { json: true });
  expect(JSON.parse(stdout)).not.toHaveProperty('written');
  expect(stderr).toBe('');
  await adviseOnNeeds('needs.yaml', { write: '.' });
  expect(readFileSync('patients.job.yaml', 'utf8')).toContain(`rounds: ${rounds}\n`);
});

test('a job that promises differential privacy is not written: no needs name its epsilon', async () => {
  writeTable();
  writeNeeds((text) =>
    withTable(text)
      .replace('parties: 2 ', 'parties: 5 ')
      .replace('# - the result must not', '- the result must not')
      .replace('hardware: { cores: 2 }', 'hardware: { cores: 2, attested: false }'),
  );
  await expect(adviseOnNeeds('needs.yaml', { write: '.' })).rejects.toThrow(
    expect.objectContaining({ code: 'advise.write', found: 'masked and noised federated rounds' }),
  );
});

describe('advise refuses, naming the file,', () => {
  const refusal = async (args: Parameters<typeof adviseOnNeeds>) =>
    adviseOnNeeds(...args).then(
      () => expect.unreachable(),
      (error: unknown) => (error instanceof MisuseError ? error : expect.unreachable()),
    );

  test.each([
    [
      'a field that is wrong',
      (text: string) => text.replace('parties: 5', 'parties: many'),
      'needs.malformed',
      'parties',
    ],
    ['YAML that is none', (text: string) => `${text}\n  : [`, 'needs.malformed', 'YAML'],
    [
      'needs that contradict each other',
      (text: string) => text.replace('data: at their owners', 'data: in one place'),
      'needs.contradiction',
      'data: in one place and the requirement "data must not leave the site"',
    ],
  ])('%s', async (_, change, code, says) => {
    writeNeeds(change);
    const error = await refusal(['needs.yaml', {}]);
    expect(error.code).toBe(code);
    expect(error.message).toContain('needs.yaml');
    expect(error.message).toContain(says);
    expect(stdout).toBe('');
  });

  test('no file, or none there', async () => {
    expect((await refusal([undefined, {}])).hint).toContain('--template');
    expect((await refusal(['nowhere.yaml', {}])).message).toContain('nowhere.yaml');
  });

  test('to write a job without data, or without a way', async () => {
    writeNeeds();
    expect((await refusal(['needs.yaml', { write: '.' }])).message).toContain('table with file and target');
    writeNeeds((text) => withTable(text).replace('hours: 2', 'hours: 0.0000001'));
    expect((await refusal(['needs.yaml', { write: '.' }])).code).toBe('advise.write');
  });

  test('a prediction that is none', async () => {
    for (const text of ['{', '{}', '{"version":2}']) {
      writeFileSync('x.prediction.json', text);
      const error = await refusal(['x.prediction.json', { compare: true }]);
      expect(error.code).toBe('prediction.malformed');
      expect(error.message).toContain('x.prediction.json');
    }
  });
});

describe('advise --compare', () => {
  const real = readFileSync(join(import.meta.dirname, '../../../../../docs/questions/receipt.json'), 'utf8');
  const draft = addressOf(utf8('draft'));
  const key = `0x${'1'.repeat(64)}` as const;
  const keys = { creator: key, aggregators: [key], watcher: key };
  function addRun(
    name: string,
    status: 'running' | 'complete' | 'stopped',
    of = draft,
    receipt = real,
  ): void {
    const run = createRun({ name, draft: of, sites: 3, ledger: undefined }, keys);
    run.update({ status });
    writeFileSync(run.resolve('receipt.json'), receipt);
  }
  const gas = { low: 1, high: 2, unit: 'gas', basis: 'planning formula', how: 'by a guess' };
  const prediction = {
    version: 1,
    way: 'x',
    draft,
    date: '2026-03-01T00:00:00Z',
    machine: 'm',
    prediction: { gas },
  };
  beforeEach(() => writeFileSync('x.prediction.json', JSON.stringify(prediction)));
  const comparisonWith = async (compare: string | true) => {
    stdout = '';
    expect(await adviseOnNeeds('x.prediction.json', { compare, json: true })).toBe(0);
    return JSON.parse(stdout);
  };

  test('holds the latest run of the job that has ended against it, or the one that is named', async () => {
    addRun('first', 'complete');
    addRun('second', 'stopped');
    addRun('another', 'complete', addressOf(utf8('another')));
    addRun('third', 'running');
    const { run, rows } = await comparisonWith(true);
    expect(run).toMatch(/^second-/);
    expect(rows).toMatchObject([{ quantity: 'gas', low: 1, high: 2, held: false }]);
    const first = listRuns().find(({ record }) => record.name === 'first')!;
    expect((await comparisonWith(first.record.id)).run).toBe(first.record.id);
    const kept = JSON.parse(readFileSync(first.resolve('prediction.json'), 'utf8'));
    expect(kept).toMatchObject({ ...prediction, comparison: { run: first.record.id } });
    stdout = '';
    await adviseOnNeeds('x.prediction.json', { compare: first.record.id });
    expect(stdout).toContain(`What was predicted of ${first.record.id}, and what came`);
  });

  test('refuses a run of another job, and one without an outcome', async () => {
    addRun('another', 'complete', addressOf(utf8('another')));
    const { id } = listRuns()[0]!.record;
    const compare = (which: string | true) => adviseOnNeeds('x.prediction.json', { compare: which });
    await expect(compare(id)).rejects.toMatchObject({
      code: 'advise.compare',
      found: `run ${id} of another job`,
    });
    await expect(compare(true)).rejects.toMatchObject({ code: 'advise.compare', found: 'none in runs/' });
    addRun('mine', 'complete', draft, '{}');
    await expect(compare(true)).rejects.toMatchObject({ code: 'run.unfinished' });
  });

  test('what runs came to is part of the next advice', async () => {
    writeNeeds();
    const basisOf = async () => {
      stdout = '';
      await adviseOnNeeds('needs.yaml', { json: true });
      return JSON.parse(stdout).recommended[0].prediction.bytes.basis;
    };
    expect(await basisOf()).toBe('planning formula');
    addRun('without an outcome', 'complete', draft, '{}');
    expect(await basisOf()).toBe('planning formula');
    addRun('mine', 'complete');
    expect(await basisOf()).not.toBe('planning formula');
  });
});

describe('a prediction', () => {
  test('lies beside its job', () => {
    expect(predictionFileOf('a/cancer.job.yaml')).toBe('a/cancer.prediction.json');
    expect(predictionFileOf('digits.job.ts')).toBe('digits.prediction.json');
    expect(predictionFileOf('x.yaml')).toBe('x.prediction.json');
  });

  test('holds where the outcome is within its limits, and is compared only where there are both', () => {
    const predicted = (low: number, high: number) => ({
      low,
      high,
      unit: 'gas',
      basis: 'planning formula' as const,
      how: 'by a guess',
    });
    const stored: StoredPrediction = {
      version: 1,
      way: 'ledger-rounds',
      draft: `0x${'0'.repeat(64)}` as StoredPrediction['draft'],
      date: '2026-03-01T00:00:00Z',
      machine: 'm',
      prediction: {
        seconds: predicted(1, 2),
        bytes: predicted(5, 6),
        gas: predicted(1, 10),
        joules: predicted(1, 2),
      },
    };
    const outcome = {
      run: 'r',
      parameters: 1,
      parties: 1,
      rounds: 1,
      ledgerSeconds: 1,
      seconds: 0.5,
      bytes: 6,
      gas: 11,
    };
    expect(compare(stored, outcome).rows.map(({ quantity, held }) => [quantity, held])).toEqual([
      ['seconds', false],
      ['bytes', true],
      ['gas', false],
    ]);
  });
});
