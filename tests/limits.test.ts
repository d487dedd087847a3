/**
 * `nonet limits` as a user calls it: what it prints, that it computes again to the same bytes, and
 * what it says of wrong requests and files.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOfLimits, computeLimits, type LimitsResult, scenarios, uncoupled } from '@nonet/limits';
import { afterAll, describe, expect, test } from 'vitest';
import { createFolder, nonet, root } from './nonet.ts';

const folder = createFolder();
afterAll(() => folder.remove());

const limits = (...options: string[]) => nonet(folder.path, 'limits', ...options);
const few = ['--draws', '500'];
const file = (name: string, text: string) => writeFileSync(join(folder.path, name), text);

describe('nonet limits', () => {
  test('prints the joint limit, what binds, what decides, and the corrections of its sources', async () => {
    const { code, stdout, stderr } = await limits(...few, '--target', '2e29');
    expect(code, stderr).toBe(0);
    expect(stderr).toBe('computing 500 draws\n');
    for (const part of [
      /^At the start of 2030 the largest training run could be about [\d,]+ times GPT-4;/,
      /^The largest training run possible at the start of 2030: \d/m,
      /^ {2}Public data to mid-2026 .*packaging \d+, memory \d+/m,
      /ran low, 1\.\d×, inside/,
      /^power .*├─+●─+┤$/m,
      /^all four together/m,
      /µs/,
      /million H100e/,
      /A run on the trend falls under one half likely: 20\d\d/,
      /What would have to be true for 2e29 FLOP at 80 %/,
      /By constraint: power and data each/,
      /nothing\s+is\s+deducted/,
      /1 recorded run/,
      /FLOP per second are the core metric/,
      /CC BY 4\.0/,
    ]) {
      expect(stdout).toMatch(part);
    }
    const widest = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(110);
  });

  test('gives the same bytes as the library', async () => {
    const { code, stdout } = await limits(...few, '--json', '--seed', '9', '--year', '2028');
    expect(code).toBe(0);
    const { address, result, view } = JSON.parse(stdout) as {
      address: string;
      result: LimitsResult;
      view: { bars: unknown[] };
    };
    const here = computeLimits({
      scenario: scenarios.epoch2024,
      draws: 500,
      seed: 9,
      year: 2028,
      coupling: uncoupled,
      beside: Object.values(scenarios),
    });
    expect(result).toEqual(here);
    expect(address).toBe(addressOfLimits(here));
    expect(view.bars).toHaveLength(5);
  });

  test('says what docs/limits.md shows', async () => {
    const document = readFileSync(join(root, 'docs/limits.md'), 'utf8');
    const { stdout } = await limits();
    expect(document).toContain(`$ npx nonet limits\n${stdout.split('\n\nIn physical')[0]}\n`);
    expect(document).toContain(/^Result (0x[0-9a-f]{64})$/m.exec(stdout)?.[1]);
    const scenario = /```yaml\n(.*?)```/s.exec(document)?.[1] ?? '';
    file('document.yaml', scenario);
    expect((await limits(...few, '--scenario', 'document.yaml')).code).toBe(0);
  });

  test("takes a reader's own scenario, and couples", async () => {
    file('mine.yaml', 'title: Ours\nsource: us\nbase: epri2025\nparameters:\n  campusWatts: 2.0e+10\n');
    const coupled = ['--overhead', '3', '--private-data', '--tee-share', '0.1'];
    const { code, stdout, stderr } = await limits(...few, '--scenario', 'mine.yaml', ...coupled);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Ours; 500 draws/m);
    expect(stdout).toMatch(/3 times the computing/);
    expect(stdout).toMatch(/100 % of what federated learning could reach/);
    expect(stdout).toMatch(/10 % of the chips can attest/);
    expect(stdout).toMatch(/^all four, attested chips only/m);
  });

  test.each<[string, string[], (string | RegExp)[]]>([
    [
      'an unknown scenario',
      ['--scenario', 'epoch2030'],
      ['--scenario to be one of epoch2024, epri2025, mid2026', 'epoch2030'],
    ],
    ['a year beyond the model', ['--year', '2050'], ['--year to be a whole number from 2025 to 2035']],
    ['too few draws', ['--draws', '3'], ['--draws to be', '100']],
    ['a target that is no number', ['--target', 'much'], ['--target to be a number above 0']],
    ['certainty', ['--target', '1e29', '--probability', '1'], ['--probability to be a fraction']],
    ['an overhead below 1', ['--overhead', '0.5'], ['limits.coupling', '0.5', 'for --overhead']],
    [
      'an overhead of something unknown',
      ['--overhead', 'magic'],
      ['limits.overhead', 'magic', '--overhead to be'],
    ],
    ['more data than there are', ['--private-data', '2'], ['--private-data to be a share']],
  ])('refuses %s', async (_, options, says) => {
    const { code, stdout, stderr } = await limits(...(options[0] === '--draws' ? [] : few), ...options);
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^ {4}at /m);
    for (const part of says) expect(stderr).toMatch(part);
  });

  test('cannot decide on an overhead that was not measured here', async () => {
    const { code, stderr } = await limits(...few, '--overhead', 'federation.average');
    expect(code).toBe(3);
    expect(stderr).toMatch(/a measured overhead of federation.average/);
  });

  test('takes the newest overhead that was measured here, at its slower end', async () => {
    const { path, remove } = createFolder();
    const measured = (date: string, low: number, high: number) => ({
      kind: 'measurement',
      sentence: 'An example.',
      cells: [],
      origin: { type: 'run', run: 'bench example', machine: 'm', commit: 'c' },
      figures: { 'overhead.federation.average': { value: low, unit: 'times', min: low, max: high, n: 3 } },
      check: { how: 'none', because: 'an example' },
      date,
      grade: 4,
    });
    mkdirSync(join(path, 'runs/bench'), { recursive: true });
    writeFileSync(
      join(path, 'runs/bench/example.json'),
      JSON.stringify([measured('2026-02-01T00:00:00Z', 2, 4), measured('2026-01-01T00:00:00Z', 7, 9)]),
    );
    const { code, stdout, stderr } = await nonet(
      path,
      'limits',
      ...few,
      '--overhead',
      'federation.average',
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as { result: LimitsResult }).result.coupling).toMatchObject({
      overhead: 4,
      overheadFrom: 'federation.average, measured here on 2026-02-01: An example.',
    });
    remove();
  });

  test.each<[string, string, (string | RegExp)[]]>([
    ['no YAML', 'title: [', ['bad.yaml', 'line']],
    ['an unknown parameter', 'title: t\nsource: s\nparameters: {campus: 1}\n', ['bad.yaml', 'parameters']],
    [
      'a text for a number',
      'title: t\nsource: s\nparameters: {epochs: many}\n',
      ['bad.yaml', 'parameters.epochs'],
    ],
    [
      'a value out of bounds',
      'title: t\nsource: s\nparameters: {epochs: -1}\n',
      ['in bad.yaml', 'epochs', '-1'],
    ],
    [
      'correlations that cannot be together',
      'title: t\nsource: s\ncorrelations: [[images, videoSeconds, -0.9]]\n',
      ['in bad.yaml', 'positive semidefinite', 'textTokens, images, videoSeconds'],
    ],
    ['an unknown base', 'title: t\nsource: s\nbase: none\n', ['in bad.yaml', 'epri2025']],
  ])('refuses a scenario file with %s, naming it', async (_, text, says) => {
    file('bad.yaml', text);
    const { code, stdout, stderr } = await limits(...few, '--scenario', 'bad.yaml');
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    for (const part of says) expect(stderr).toMatch(part);
  });
});
