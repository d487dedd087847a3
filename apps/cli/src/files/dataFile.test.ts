import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toHex } from '@nonet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fingerprintData, readDataset, readTableFile } from './dataFile.ts';

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

function write(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-data-'));
  folders.push(folder);
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

it('says what a site has that counts as other', async () => {
  const schema = {
    shape: [2],
    labels: ['a', 'b'],
    table: {
      target: 'y',
      columns: [{ kind: 'category' as const, name: 'ward', values: ['A', 'B'], other: true as const }],
      missing: 'refuse' as const,
    },
  };
  const file = write('site.csv', 'ward,y\nA,a\nC,b\nb,b\n');
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const { features } = await readDataset(file, schema);
  vi.restoreAllMocks();
  expect([...features]).toEqual([1, 0, 0, 0, 0, 1]);
  expect(said.join('')).toContain(
    `${file}: ward is none of A, B, and counts as other, in 1 row, first in row 3: C`,
  );
});

it('reads a table of more rows than a call takes arguments', async () => {
  const file = write('large.tsv', `x\ty\n${Array.from({ length: 200_000 }, (_, i) => `${i}\ta\n`).join('')}`);
  expect((await readTableFile(file)).rows).toHaveLength(200_000);
});

it('refuses a spreadsheet, and says what to do', async () => {
  await expect(readTableFile(write('t.xlsx', 'PK'))).rejects.toThrow('save it as CSV UTF-8');
});

describe('a folder of images', () => {
  const schema = { shape: [1, 2, 2], labels: ['a', 'b'] };
  const folderOf = (...paths: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'nonet-data-'));
    folders.push(folder);
    for (const path of paths) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      // No image: its reader says so.
      writeFileSync(join(folder, path), 'x');
    }
    return folder;
  };

  it.each(['a/1.gif', 'a/1.TIFF', 'b/deep/1.webp', 'b/1.dcm', 'a/1.HEIC'])(
    'with %s is refused',
    async (path) => {
      const refused = readDataset(folderOf('a/1.png', path), schema);
      await expect(refused).rejects.toThrow(`such as ${path}`);
      await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'site.data' }));
    },
  );

  it.each(['a/1.Png', 'a/1.JPG', 'a/1.jpe', 'b/1.jfif'])('%s is an image', async (path) => {
    await expect(readDataset(folderOf(path), schema)).rejects.toThrow(`image in ${path}`);
  });

  it('leaves other files and hidden ones alone', async () => {
    const folder = folderOf('a/1.png', 'README.md', 'a/notes.txt', 'a/.1.gif', '.x/1.gif', '__MACOSX/1.png');
    await expect(readDataset(folder, schema)).rejects.toThrow('image in a/1.png');
  });

  it('of an unknown label is refused', async () => {
    await expect(readDataset(folderOf('a/1.png', 'c/1.png'), schema)).rejects.toThrow('c/1.png');
  });
});
