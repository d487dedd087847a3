/**
 * A file that is five times larger than the batch budget, and one that is thirty times larger, in
 * processes that report their largest memory.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'nonet-streaming-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Batches of 1,024 rows with 32 features are 128 KiB of features, 0.25 MiB of text. */
const batch = 1024;
const row = (number: number) =>
  `${Array.from({ length: 32 }, (_, i) => `${i}.${100 + (number % 900)}`).join(',')},`;

beforeAll(() => {
  const names = `${Array.from({ length: 32 }, (_, i) => `f${i}`).join(',')},label\n`;
  const block = Array.from({ length: batch }, (_, i) => `${row(i)}${i % 2 ? 'odd' : 'even'}\n`).join('');
  for (const blocks of [5, 30]) {
    writeFileSync(join(folder, `${blocks}.csv`), names);
    for (let i = 0; i < blocks; i++) appendFileSync(join(folder, `${blocks}.csv`), block);
  }
});

/** Reads a file in batches, and commits to it; and the control, which reads it at once. */
const streaming = `
  import { openAsBlob } from 'node:fs';
  import { commitDataset, inferSourceSchema, openCsv, readTableSource } from '@nonet/tensor/datasets';
  const table = await openCsv(await openAsBlob(process.argv[2]));
  const source = readTableSource(table, await inferSourceSchema(table, { target: 'label' }));
  let count = 0;
  for await (const { labels } of source.batches(${batch})) count += labels.length;
  await commitDataset(source, new Uint8Array(32));
  console.log(JSON.stringify({ count, kilobytes: process.resourceUsage().maxRSS }));
`;
const whole = `
  import { readFileSync } from 'node:fs';
  import { inferSchema, readCsv, readTable } from '@nonet/tensor/datasets';
  const table = readCsv(readFileSync(process.argv[2], 'utf8'));
  const { labels } = readTable(table, inferSchema(table, { target: 'label' }));
  console.log(JSON.stringify({ count: labels.length, kilobytes: process.resourceUsage().maxRSS }));
`;

/** By how many MiB the memory for the larger file exceeds that for the smaller one. */
function growth(script: string): number {
  // Beside this test, because a script elsewhere would not find the package.
  const file = join(import.meta.dirname, `streaming.${process.pid}.mts`);
  writeFileSync(file, script);
  try {
    const [large, larger] = [5, 30].map((blocks) => {
      const arguments_ = ['--max-semi-space-size=1', file, join(folder, `${blocks}.csv`)];
      const { count, kilobytes } = JSON.parse(
        execFileSync(process.execPath, arguments_, { encoding: 'utf8' }),
      );
      expect(count).toBe(blocks * batch);
      return kilobytes / 1024;
    });
    return larger - large;
  } finally {
    rmSync(file);
  }
}

it('holds a batch in memory, not the file, as reading it at once does', () => {
  // Seen: within 10 MiB of 0 against 80 MiB.
  expect(growth(streaming)).toBeLessThan(40);
  expect(growth(whole)).toBeGreaterThan(40);
}, 180_000);
