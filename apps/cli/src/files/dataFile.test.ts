import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toHex } from '@nonet/core';
import { afterEach, expect, it } from 'vitest';
import { fingerprintData } from './dataFile.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function fingerprintOf(images: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-data-'));
  folders.push(folder);
  for (const [path, content] of Object.entries(images)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return toHex(fingerprintData(folder));
}

it('tells folders apart whose paths and images are the same bytes in a row', () => {
  const two = fingerprintOf({ 'a/1.png': 'x', 'b/1.png': 'y' });
  expect(fingerprintOf({ 'a/1.png': 'xb/1.pngy' })).not.toBe(two);
  expect(fingerprintOf({ 'a/1.png': 'x', 'b/1.png': 'y' })).toBe(two);
});
