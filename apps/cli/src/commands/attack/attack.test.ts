/** The command with attacks of its own, in a folder like `attacks/`. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceSchema, qualifyFigure, readFigure } from '@nonet/core/records';
import { cellFigures } from '@nonet/matrix';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { showMatrix } from '../matrix/matrix.ts';
import { runAttack } from './attack.ts';
import { type Trial, verdictOf, worstVerdict } from './findings.ts';

const before = process.cwd();
let folder: string;
let stdout: string;
let stderr: string;

const trial = (condition: Trial['condition'], succeeded: boolean): Trial => ({
  condition,
  setting: `the setting ${condition}`,
  measured: `what was measured ${condition}`,
  succeeded,
});
const [open, guarded] = [trial('without', true), trial('with', false)];

function writeAttack(trials: readonly Trial[], { name = 'sample', before = '' } = {}) {
  const finding = {
    name: 'a claim',
    mechanism: 'privacy.masking',
    claimed: 'nothing is found',
    power: 'certain',
    trials,
    figures: {},
  };
  const text = `export const attack = { name: '${name}', about: 'tries', cells: ['privacy-decentralisation'],
    async run(context) { ${before} return ${JSON.stringify([finding])}; } };\n`;
  writeFileSync(join(folder, 'attacks', 'sample.ts'), text);
}

const attack = (name?: string, more: { json?: true; out?: string; long?: true; seed?: number } = {}) =>
  runAttack(name, { seed: 1, ...more }, join(folder, 'attacks'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-attack-'));
  mkdirSync(join(folder, 'attacks'));
  process.chdir(folder);
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

describe('a verdict', () => {
  test.each([
    ['holds', [open, guarded]],
    ['holds', [open, guarded, trial('beyond', true)]],
    ['broken', [open, guarded, trial('with', true)]],
    ['broken', [trial('without', false), trial('with', true)]],
    ['powerless', [trial('without', false), guarded]],
    ['powerless', [open, guarded, trial('beyond', false)]],
    ['powerless', [open]],
    ['powerless', [guarded]],
    ['powerless', []],
  ] as const)('is %s', (verdict, trials) => {
    expect(verdictOf({ trials })).toBe(verdict);
  });

  test('on several claims is the worst', () => {
    const [holds, broken, powerless] = [[open, guarded], [trial('with', true)], [open]].map((trials) => ({
      trials,
    })) as [{ trials: Trial[] }, { trials: Trial[] }, { trials: Trial[] }];
    expect(worstVerdict([holds, holds])).toBe('holds');
    expect(worstVerdict([holds, powerless])).toBe('powerless');
    expect(worstVerdict([powerless, broken, holds])).toBe('broken');
    expect(worstVerdict([])).toBe('powerless');
  });
});

describe('nonet attack', () => {
  test('lists the attacks with what they do, and no file that only helps', async () => {
    writeAttack([open, guarded]);
    writeFileSync(join(folder, 'attacks', 'figures.ts'), 'export const help = 1;\n');
    expect(await attack()).toBe(0);
    expect(stdout).toBe('sample  tries\n');
  });

  test('tells what was claimed and measured, and leaves evidence that the matrix reads', async () => {
    writeAttack([open, guarded], { before: "context.note('trying');" });
    expect(await attack('sample', { seed: 7, long: true })).toBe(0);
    expect(stderr).toBe('trying\n');
    expect(stdout).toMatch(/^a claim: holds$/m);
    expect(stdout).toMatch(/^ {2}claimed +nothing is found \(privacy\.masking\)$/m);
    expect(stdout).toMatch(/^ {2}without +the setting without\n +succeeds: what was measured without$/m);
    expect(stdout).toMatch(/^ {2}power +certain$/m);
    expect(stdout).toMatch(/^seed 7; /m);
    const [evidence, ...more] = evidenceSchema
      .array()
      .parse(JSON.parse(readFileSync('runs/attacks/sample.json', 'utf8')));
    expect(more).toEqual([]);
    expect(evidence).toMatchObject({
      kind: 'measurement',
      sentence:
        'The attack sample, a claim. Claimed: nothing is found. Measured: Without it, the setting without, ' +
        'the attack succeeded: what was measured without. With it, the setting with, ' +
        'the attack failed: what was measured with. Power: certain.',
      check: { how: 'command', command: 'nonet attack sample --seed 7 --long' },
    });
    expect(readFigure(evidence!, qualifyFigure(cellFigures.attacks, 'privacy.masking'))?.value).toBe(1);
    stdout = '';
    showMatrix(undefined, { json: true });
    const { cells } = JSON.parse(stdout) as { cells: { cell: { id: string }; evidence: unknown[] }[] };
    expect(cells.find(({ cell }) => cell.id === 'privacy-decentralisation')?.evidence).toEqual([evidence]);
  });

  test('ends with 1 where a guarantee is broken, with 3 where the attack shows nothing', async () => {
    writeAttack([open, trial('with', true)]);
    expect(await attack('sample')).toBe(1);
    const [evidence] = evidenceSchema
      .array()
      .parse(JSON.parse(readFileSync('runs/attacks/sample.json', 'utf8')));
    expect(readFigure(evidence!, qualifyFigure(cellFigures.attacks, 'privacy.masking'))?.value).toBe(0);
  });

  test('ends with 3 where the attack fails without the guarantee, too', async () => {
    writeAttack([trial('without', false), guarded]);
    expect(await attack('sample', { json: true })).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ attack: 'sample', verdict: 'powerless', seed: 1 });
  });

  test('keeps evidence and images in the folder that it is given', async () => {
    writeAttack([open, guarded], { before: "context.keep('image.png', new Uint8Array(3));" });
    await attack('sample', { out: 'elsewhere', json: true });
    expect(readFileSync('elsewhere/image.png')).toHaveLength(3);
    expect(existsSync('runs')).toBe(false);
    expect(JSON.parse(stdout)).toMatchObject({ files: ['elsewhere/sample.json', 'elsewhere/image.png'] });
  });

  test('refuses a name that it does not have, and a file of another name', async () => {
    writeAttack([open, guarded], { name: 'other' });
    await expect(attack('nothing')).rejects.toThrow(expect.objectContaining({ code: 'attack.missing' }));
    await expect(attack('sample')).rejects.toThrow(expect.objectContaining({ code: 'attack.name' }));
  });
});
