import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJson } from '@nonet/core/records';
import { sampleReceipt } from '@nonet/core/testing/receipt';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { maximumReceiptBytes } from '../../files/receiptFile.ts';
import { probeFile } from './probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-probe-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function probe(content: string | undefined, length?: number) {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const file = join(folder, 'thing');
  if (content !== undefined) writeFileSync(file, content);
  if (length !== undefined) truncateSync(file, length);
  const code = await probeFile(content === undefined ? undefined : file, { json: true });
  return { code, document: JSON.parse(String(write.mock.calls.at(-1)![0])) };
}

test.each(['0x60806040', '60806040', '  0X6080\n6040\n', '\n\n60 80'])(
  '%j is the code of a contract',
  async (text) => {
    // Blanks inside are for a person to take out: they are named, not taken for another thing.
    const inside = /\S\s+\S/.test(text);
    if (inside) await expect(probe(text)).rejects.toMatchObject({ code: 'bytecode.malformed' });
    else
      expect((await probe(text)).document.results).toMatchObject([
        {
          probe: 'administrator',
          answer: 'no',
          question: expect.stringContaining('administrator'),
          precision: { probe: 'administrator' },
        },
      ]);
  },
);

test.each(['', 'z', '0xzz', '{}', '[]', 'null', '{"version": 1, "name": "x"}', `${' '.repeat(100_000)}z`])(
  'what is neither code nor a receipt is refused (%#)',
  async (text) => {
    await expect(probe(text)).rejects.toMatchObject({ code: 'probe.format', found: 'something else' });
  },
);

test('a receipt is verified', async () => {
  const { code, document } = await probe(toJson({ ...sampleReceipt, run: 'another' }));
  expect([code, document.verified]).toEqual([1, false]);
});

test('a file far above all receipts is not read', async () => {
  await expect(probe('00', maximumReceiptBytes + 1)).rejects.toMatchObject({
    code: 'probe.format',
    found: `${maximumReceiptBytes + 1} bytes`,
  });
  await expect(probe('00', maximumReceiptBytes)).rejects.toMatchObject({ found: 'something else' });
});

test('what is no file is refused, as what is not there', async () => {
  await expect(probeFile('/dev/null', {})).rejects.toMatchObject({ found: 'neither a file nor a folder' });
  await expect(probeFile(join(folder, 'none'), {})).rejects.toMatchObject({ code: 'probe.missing' });
});

test('without a thing, says how often each probe errs', async () => {
  const { code, document } = await probe(undefined);
  expect(code).toBe(0);
  expect(document.precision.length).toBeGreaterThan(3);
});

test('a git repository is probed at its commit, and shown to a person', async () => {
  const repository = join(folder, 'repository');
  mkdirSync(repository);
  writeFileSync(join(repository, 'LICENSE'), 'MIT License\nPermission is hereby granted');
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: repository });
  for (const words of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-qm', 'one'],
  ])
    git(...words);
  const head = String(git('rev-parse', 'HEAD')).trim();
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await probeFile(repository, { json: true })).toBe(0);
  expect(JSON.parse(String(write.mock.calls.at(-1)![0]))).toMatchObject({ thing: repository, commit: head });
  expect(await probeFile(repository, {})).toBe(0);
  expect(String(write.mock.calls.at(-1)![0])).toContain(`at ${head.slice(0, 12)} of `);
  expect(await probeFile(undefined, {})).toBe(0);
  expect(String(write.mock.calls.at(-1)![0])).toContain('right when yes');
});
