import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReceipt } from '@nonet/core/receipt';
import { toJson } from '@nonet/core/records';
import { createSampleReceipt, sampleEvidence, sampleJob, sampleReceipt } from '@nonet/core/testing/receipt';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { verifiersWithin } from '../../declarations.ts';
import { bold, dim, withoutColour } from '../../terminal/terminal.ts';
import { verifyFile } from './verify.ts';

vi.mock('../../declarations.ts', async (load) => {
  const declarations = await load<typeof import('../../declarations.ts')>();
  return { ...declarations, verifiersWithin: vi.fn(declarations.verifiersWithin) };
});

const folder = mkdtempSync(join(tmpdir(), 'nonet-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function write(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof value === 'string' ? value : toJson(value));
  return file;
}

/** What a terminal of so many columns shows, without colours and with them, and the exit code. */
async function verify(file: string, options: Parameters<typeof verifyFile>[1] = {}, columns?: number) {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const known = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
  Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true });
  try {
    const code = await verifyFile(file, options);
    const coloured = written.mock.calls.map(([text]) => String(text)).join('');
    return { code, coloured, shown: withoutColour(coloured) };
  } finally {
    written.mockRestore();
    if (known === undefined) Reflect.deleteProperty(process.stdout, 'columns');
    else Object.defineProperty(process.stdout, 'columns', known);
  }
}

/** Of a run whose blobs are elsewhere. */
const realReceipt = join(import.meta.dirname, '../../../../../docs/questions/receipt.json');

describe('verify', () => {
  test('exits 1 where a piece failed, 3 where one is undecided, and names it', async () => {
    const changed = write('changed.json', { ...sampleReceipt, run: 'another' });
    const failed = await verify(changed);
    expect(failed.code).toBe(1);
    expect(failed.shown).toMatch(/^✗ The name of the run \(failed\)\n {4}expected .+, found/m);
    expect(failed.shown).toContain('✗ Do not rely on this receipt');
    const [first] = sampleEvidence;
    const receipt = await createSampleReceipt({
      evidence: [{ ...first!, check: { how: 'here', verifier: 'none', inputs: [] } }],
    });
    const undecided = await verify(write('undecided.json', receipt));
    expect(undecided.code).toBe(3);
    expect(undecided.shown).toMatch(/^\? 1\. .+ \(could not be decided\)\n {4}this program has no verifier/m);
  });

  test('names who signed, and that no ledger confirmed it', async () => {
    const stated = await createSampleReceipt({
      evidence: sampleEvidence.filter(({ kind }) => kind === 'assumption'),
    });
    const { code, shown } = await verify(write('stated.json', stated));
    expect(code).toBe(0);
    expect(shown).toContain(`It was signed by ${sampleJob.creator}, who ran the job. No ledger confirmed it`);
  });

  test('looks for blobs in a folder, or at a URL', async () => {
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    const [alone, inFolder, atUrl] = [
      await verify(realReceipt, { json: true }),
      await verify(realReceipt, { json: true, blobs: join(folder, 'blobs') }),
      await verify(realReceipt, { json: true, blobs: 'http://127.0.0.1:9/' }),
    ].map(({ shown }) => JSON.stringify(JSON.parse(shown).verdicts));
    expect(alone).toContain('not inside the receipt');
    expect(inFolder).toContain(`in ${join(folder, 'blobs')}, found nothing under that address`);
    expect(atUrl).toContain('connect ECONNREFUSED 127.0.0.1:9');
  });

  test('lets programs take the usual budget, or so many times as much', async () => {
    await verify(realReceipt, {});
    await verify(realReceipt, { budget: 7 });
    expect(vi.mocked(verifiersWithin).mock.calls.slice(-2)).toEqual([[1], [7]]);
  });

  test('shows a piece that failed, and why, stronger than others', async () => {
    vi.stubEnv('FORCE_COLOR', '1');
    vi.stubEnv('NO_COLOR', '');
    try {
      const { coloured } = await verify(write('bold.json', { ...sampleReceipt, run: 'another' }));
      expect(coloured).toContain(`${bold('The name of the run')} ${dim('(failed)')}\n    expected `);
      expect(coloured).toContain(` The job: what was to be run ${dim('(checked here)')}\n`);
      const stated = 'checking it needs files of the run that are not inside the receipt';
      expect((await verify(realReceipt)).coloured).toContain(`${dim('(only stated)')}\n    ${dim(stated)}`);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('asks the ledger that is named about a receipt with an anchor', async () => {
    await expect(verify(realReceipt, { ledger: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      code: 'ledger.unreachable',
    });
  });

  test('prints one document with --json', async () => {
    const { code, shown } = await verify(write('json.json', { ...sampleReceipt, run: 'x' }), { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(shown)).toMatchObject({ verified: false, verdicts: expect.any(Array) });
  });

  test('has no ledger to ask about a receipt without an anchor', async () => {
    const bare = createReceipt('r', sampleJob, sampleEvidence, []);
    await expect(verify(write('bare.json', bare), { ledger: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      code: 'receipt.anchor',
    });
    await expect(
      verify(write('form.json', { ...bare, run: 7 }), { ledger: 'http://127.0.0.1:9/' }),
    ).rejects.toThrow();
  });

  test.each([40, 80, 81, 120])(
    'no sentence of a receipt begins a line of its own, on a terminal of %i columns',
    async (columns) => {
      const mark = '✓ The entry on the ledger (checked against https://rpc.example)';
      const evidence = [0, 1, 2, 3, 4, 5].map((shift) => ({
        ...sampleEvidence.at(-1)!,
        // With any text in front of it: words, or one word up to the edge.
        sentence: `${shift % 2 === 0 ? 'so '.repeat(columns) : 'w'.repeat(2 * columns - 8 + shift)}${mark}`,
      }));
      const file = write('wrap.json', await createSampleReceipt({ evidence }));
      const { shown } = await verify(file, {}, columns);
      const rows = shown
        .split('\n')
        .flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? ['']);
      expect(rows.filter((row) => row.startsWith('✓ The entry'))).toEqual([]);
      expect(shown.replaceAll(/\s+/g, '')).toContain(mark.replaceAll(' ', ''));
    },
  );
});
