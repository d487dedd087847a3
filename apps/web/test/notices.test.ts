import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { noticesOf } from '../src/notices.ts';
import { pageNames, templatePath } from '../src/pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-notices-'));
afterAll(() => rmSync(folder, { recursive: true }));

function install(name: string, version: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, 'node_modules', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, version }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return join(path, 'index.js');
}

describe('notices', () => {
  const tool = install('tool', '1.0.0', { 'LICENSE.md': 'Copyright A\n</script>' });
  const scoped = install('@a/part', '2.0.0', { COPYING: 'Copyright B' });
  const bare = install('bare', '3.0.0', {});

  test('are those of each package once, by name', () => {
    const modules = new Set([tool, `${tool}/../other.js`, scoped, '/own/src/index.ts', '\0helper']);
    expect(noticesOf(modules)).toBe(
      '@a/part 2.0.0\n\nCopyright B\n\n\ntool 1.0.0\n\nCopyright A\n<\\/script>',
    );
  });

  test('are missed where a package has no licence', () => {
    expect(() => noticesOf(new Set([bare]))).toThrow(expect.objectContaining({ code: 'page.licence' }));
  });
});

test.each(pageNames)('the page %s carries the notices of what it holds', (page) => {
  const html = readFileSync(templatePath(page), 'utf8');
  const [, notices = ''] = /<script type="text\/plain" id="licences">([\s\S]*?)<\/script>/.exec(html) ?? [];
  expect(notices).toMatch(/^react-dom \d[\s\S]*Copyright \(c\) Meta Platforms, Inc/m);
  if (page === 'receipt') {
    for (const name of ['zod', 'cborg', '@noble/curves', '@noble/hashes']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  }
  // In a worker of that page.
  if (page === 'limits') expect(notices).toMatch(/^cborg \d/m);
});
