/**
 * What training comes to as a user sees it: statistics in the units of the data, a divergence, a
 * job file that changed, and labels that an accuracy hides.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors } from '@nonet/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolder, type Finished, jobFile, nonet, root, runFolder } from './nonet.ts';

const minute = 60_000;
const folders = Array.from({ length: 3 }, createFolder);
const [normalised, changed, lopsided] = folders.map(({ path }) => path) as [string, string, string];

afterAll(() => {
  for (const { remove } of folders) remove();
});

/** A job file from a table, with one line of it put another way. */
function change(folder: string, name: string, from: RegExp, to: string): void {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
}

test(
  'features of 1,000 give or take 100 go through batch normalisation as they do at one site',
  async () => {
    const { code, stdout, stderr } = await nonet(normalised, 'run', jobFile('batchNorm'), '--json');
    expect(code, stderr).toBe(0);
    // One site's training of as many epochs is right on 0.89 to 0.93; with statistics cut to 24, on 0.5.
    expect(JSON.parse(stdout)).toMatchObject({ verified: true, warnings: [] });
    expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.85);
    const { tensors } = decodeSafetensors(readFileSync(join(runFolder(normalised), 'model.safetensors')));
    expect(tensors.map(({ name }) => name)).not.toContain('norm0.mean*2^24');
    const mean = tensors.find(({ name }) => name === 'norm0.mean')!.data;
    for (const value of mean) expect(Math.abs(Number(value) - 1017)).toBeLessThan(25);
    expect(stderr).not.toContain('the most that an update holds');
  },
  2 * minute,
);

describe('a learning rate that is far too high', () => {
  let diverged: Finished;
  let mended: Finished;

  beforeAll(async () => {
    const table = join(root, 'examples/cancer.csv');
    await nonet(changed, 'init', table, '--target', 'diagnosis', '--rounds', '2');
    change(changed, 'cancer.job.yaml', /learningRate: \S+/, 'learningRate: 1e30');
    diverged = await nonet(changed, 'run', 'cancer.job.yaml');
    change(changed, 'cancer.job.yaml', /learningRate: \S+/, 'learningRate: 0.05');
    mended = await nonet(changed, 'run', 'cancer.job.yaml', '--json');
  }, 3 * minute);

  test('is said when it shows, and ends the run instead of repeating what cannot differ', () => {
    expect(diverged.code).toBe(1);
    expect(diverged.stderr).toMatch(/site \d sends nothing in round \d: .*finite/);
    expect(diverged.stderr).toContain('(run.diverged)');
    expect(diverged.stderr).not.toContain('void');
  });

  test('mended in the job file is another job, and the run says so', () => {
    expect(mended.code, mended.stderr).toBe(0);
    expect(mended.stderr).toMatch(/changed since \S+ was interrupted: this is a new job, which starts anew/);
  });

  test('status names each label', async () => {
    const { stdout } = await nonet(changed, 'status');
    expect(stdout).toMatch(/malignant +\d+ +[\d.]+ % +[\d.]+ %/);
  });
});

test(
  'a label that is never predicted is named beside the accuracy',
  async () => {
    // Two columns that say nothing of the label, which is rare.
    const rows = Array.from(
      { length: 400 },
      (_, i) => `${(i * 7919) % 97},${(i * 104729) % 89},${i % 20 === 0 ? 'rare' : 'common'}`,
    );
    writeFileSync(join(lopsided, 'table.csv'), ['a,b,label', ...rows].join('\n'));
    await nonet(lopsided, 'init', 'table.csv', '--target', 'label', '--rounds', '1');
    const { code, stdout, stderr } = await nonet(lopsided, 'run', 'table.job.yaml');
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).toContain('“rare” is never predicted');
    expect(stdout + stderr).toMatch(/rare +\d+ +0.00 % +never predicted/);
    const { stdout: verdict } = await nonet(lopsided, 'verify', join(runFolder(lopsided), 'receipt.json'));
    expect(verdict).toContain('“rare” is never predicted');
  },
  2 * minute,
);
