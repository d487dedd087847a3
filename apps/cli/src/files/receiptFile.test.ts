import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { maximumReceiptBytes, readReceiptFile, resemblesReceipt } from './receiptFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-receipt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fields = { version: 1, run: 'r', job: {}, evidence: [] };

test('a receipt that was changed is read: what is wrong with it is for the checks', () => {
  const file = join(folder, 'changed.json');
  writeFileSync(file, JSON.stringify({ ...fields, evidence: 'none' }));
  expect(readReceiptFile(file)).toEqual({ ...fields, evidence: 'none' });
});

test.each<[string, string]>([
  ['no JSON', '{'],
  ['another document', '{"version": 1, "name": "x"}'],
  ['a list', JSON.stringify([fields])],
  ['null', 'null'],
])('%s is refused by name', (_, text) => {
  const file = join(folder, 'other.json');
  writeFileSync(file, text);
  expect(() => readReceiptFile(file)).toThrow(
    expect.objectContaining({ code: 'receipt.file', expected: `a receipt (JSON) at ${file}` }),
  );
});

test('a file that is far too large is not read', () => {
  const file = join(folder, 'large.json');
  writeFileSync(file, JSON.stringify(fields));
  truncateSync(file, maximumReceiptBytes + 1);
  expect(() => readReceiptFile(file)).toThrow(
    expect.objectContaining({ code: 'receipt.file', found: `${maximumReceiptBytes + 1} bytes` }),
  );
});

test('a file that is not there is refused', () => {
  expect(() => readReceiptFile(join(folder, 'none.json'))).toThrow(
    expect.objectContaining({ code: 'receipt.file', found: 'no readable file' }),
  );
});

test('four fields of a receipt make a document resemble one', () => {
  expect([resemblesReceipt(fields), resemblesReceipt({ version: 1, run: 'r', job: {} })]).toEqual([
    true,
    false,
  ]);
});
