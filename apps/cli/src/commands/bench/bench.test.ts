/** The command with suites of its own, in a folder like `bench/`. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceSchema } from '@nonet/core/records';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { showMatrix } from '../matrix/matrix.ts';
import { runBenchmark } from './bench.ts';

const loader = join(import.meta.dirname, '../../../../../bench/peers/load.ts');
const before = process.cwd();
let folder: string;
let stdout: string;
let stderr: string;

const figure = (value: number) => ({ value, unit: 'ms', min: value, max: value + 1, n: 3 });

function writeSuite(file: string, run: string, name = file) {
  const about = 'how long nothing takes';
  const text = `export const suite = { name: '${name}', about: '${about}', cells: ['performance-scalability'], ${run} };\n`;
  writeFileSync(join(folder, 'bench', `${file}.ts`), text);
}

const bench = (name?: string, json = false) =>
  runBenchmark(name, json ? { json } : {}, join(folder, 'bench'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-bench-'));
  mkdirSync(join(folder, 'bench', 'peers'), { recursive: true });
  cpSync(loader, join(folder, 'bench', 'peers', 'load.ts'));
  process.chdir(folder);
  stdout = '';
  stderr = '';
  const collect = (stream: NodeJS.WriteStream, add: (text: string) => void) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      add(String(text));
      return true;
    });
  collect(process.stdout, (text) => {
    stdout += text;
  });
  collect(process.stderr, (text) => {
    stderr += text;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

describe('nonet bench', () => {
  test('lists the suites with what they measure, and no file that only helps', async () => {
    writeSuite('nothing', 'async run() { return {}; }');
    writeFileSync(join(folder, 'bench', 'suite.ts'), 'export const help = 1;\n');
    await bench();
    expect(stdout).toBe('nothing  how long nothing takes\n');
    stdout = '';
    await bench(undefined, true);
    expect(JSON.parse(stdout)).toEqual([
      { name: 'nothing', about: 'how long nothing takes', cells: ['performance-scalability'] },
    ]);
  });

  test('prints a table and leaves evidence that the matrix reads', async () => {
    writeSuite(
      'nothing',
      `async run({ note }) { note('waiting'); return { 'ours.wait': ${JSON.stringify(figure(2))} }; }`,
    );
    await bench('nothing');
    expect(stderr).toBe('waiting\n');
    expect(stdout).toMatch(/^nothing: how long nothing takes\n/);
    expect(stdout).toMatch(/^figure +median +range +n$/m);
    expect(stdout).toMatch(/^ours\.wait +2 ms +2 ms to 3 ms +3$/m);
    const [evidence, ...more] = evidenceSchema
      .array()
      .parse(JSON.parse(readFileSync('runs/bench/nothing.json', 'utf8')));
    expect(more).toEqual([]);
    expect(evidence).toMatchObject({
      kind: 'measurement',
      grade: 4,
      sentence: expect.stringMatching(
        /^The benchmark nothing measured how long nothing takes\. Its energy is (modelled|measured): .+\.$/,
      ),
      cells: ['performance-scalability'],
      figures: { 'ours.wait': figure(2), energy: { unit: 'joules' } },
      check: { how: 'command', command: 'nonet bench nothing' },
      origin: { type: 'run', run: 'bench nothing', commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    });
    stdout = '';
    showMatrix(undefined, { json: true });
    const { cells } = JSON.parse(stdout) as { cells: { cell: { id: string }; evidence: unknown[] }[] };
    expect(cells.find(({ cell }) => cell.id === 'performance-scalability')?.evidence).toEqual([evidence]);
  });

  test('gives one JSON document', async () => {
    writeSuite('nothing', `async run() { return { a: ${JSON.stringify(figure(1))} }; }`);
    await bench('nothing', true);
    expect(JSON.parse(stdout)).toEqual({
      suite: 'nothing',
      machine: expect.stringContaining('Node'),
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      figures: { a: figure(1) },
      energy: {
        label: expect.stringMatching(/^(modelled|measured)$/),
        joules: expect.any(Number),
        min: expect.any(Number),
        max: expect.any(Number),
        how: expect.any(String),
      },
    });
  });

  test('says which peer is not installed, and goes on', async () => {
    writeSuite(
      'peers',
      `async run({ peer }) {
        const [one, two] = [await peer('@nobody/none/sub'), await peer('none')];
        const own = await peer('node:path');
        return { missing: { value: Number(one === undefined) + Number(two === undefined), unit: '', min: 2, max: typeof own.join === 'function' ? 2 : 0, n: 1 } };
      }`,
    );
    await bench('peers', true);
    expect(stderr).toBe(
      'peer not installed: @nobody/none/sub (npm run bench:peers installs it)\n' +
        'peer not installed: none (npm run bench:peers installs it)\n',
    );
    expect(JSON.parse(stdout)).toMatchObject({ figures: { missing: { value: 2, max: 2 } } });
  });

  test('does not take a peer that fails for one that is missing', async () => {
    mkdirSync(join(folder, 'bench/peers/node_modules/broken'), { recursive: true });
    writeFileSync(join(folder, 'bench/peers/node_modules/broken/index.js'), "import 'lost';");
    writeFileSync(
      join(folder, 'bench/peers/node_modules/broken/package.json'),
      '{"type":"module","main":"index.js"}',
    );
    writeSuite('peers', `async run({ peer }) { await peer('broken'); return {}; }`);
    await expect(bench('peers')).rejects.toThrow('lost');
  });
});

describe('nonet bench refuses', () => {
  test.each(['none', '../nothing', ''])('the suite %j, naming those that there are', async (name) => {
    writeSuite('nothing', 'async run() { return {}; }');
    await expect(bench(name)).rejects.toMatchObject({
      code: 'bench.missing',
      expected: expect.stringContaining('nothing'),
    });
  });

  test('a suite under another name', async () => {
    writeSuite('nothing', 'async run() { return {}; }', 'something');
    await expect(bench('nothing')).rejects.toMatchObject({ code: 'bench.name' });
  });

  test.each([
    ['a figure that is no number', '{ value: NaN, unit: "ms", min: 0, max: 0, n: 1 }'],
    ['a figure of no samples', '{ value: 1, unit: "ms", min: 0, max: 0, n: 0 }'],
    ['a unit of two lines', '{ value: 1, unit: "m\\ns", min: 0, max: 0, n: 1 }'],
    ['no figure', '7'],
  ])('%s, and writes nothing', async (_, value) => {
    writeSuite('nothing', `async run() { return { a: ${value} }; }`);
    await expect(bench('nothing')).rejects.toMatchObject({ code: 'evidence.malformed' });
    expect(stdout).toBe('');
    expect(existsSync('runs')).toBe(false);
  });
});

describe('texts of suites and peers', () => {
  const forged = `x${' '.repeat(90)}✓ forged`;
  const suite = (about: string, run: string) =>
    writeFileSync(
      join(folder, 'bench', 'forged.ts'),
      `export const suite = ${JSON.stringify({ name: 'forged', about, cells: ['performance-scalability'] }).slice(0, -1)}, ${run} };\n`,
    );

  test('are one line in the list', async () => {
    suite('x\n✓ forged\u001b[2J\u202e', 'async run() { return {}; }');
    await bench();
    expect(stdout).toBe('forged  x ✓ forged\ufffd[2J\ufffd\n');
  });

  test('begin no line, and leave no gap that would, in a result', async () => {
    const noted = JSON.stringify(`${forged}\n✓ forged\u001b[2J`);
    const figures = JSON.stringify({ [forged]: figure(1) });
    suite(forged, `async run({ note }) { note(${noted}); return ${figures}; }`);
    await bench('forged');
    expect(stdout).toContain('forged: x ✓ forged\n');
    expect(stdout).toMatch(/^x ✓ forged {2}/m);
    expect(stderr).toBe('x ✓ forged ✓ forged\ufffd[2J\n');
    expect(stdout).not.toMatch(/ {2,}✓/);
  });
});

test('the matrix names evidence that it cannot read', () => {
  mkdirSync('runs/bench', { recursive: true });
  writeFileSync('runs/bench/torn.json', '[{');
  writeFileSync('runs/bench/other.json', '[{"kind":"measurement"}]');
  showMatrix(undefined, { json: true });
  for (const name of ['torn', 'other']) expect(stderr).toContain(`runs/bench/${name}.json is not readable`);
  expect((JSON.parse(stdout) as { cells: unknown[] }).cells).toHaveLength(9);
});
