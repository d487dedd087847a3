import { projects } from '@nonet/matrix/projects';
import { expect, test } from 'vitest';
import { sourceUrl } from './sourceUrl.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';

test.each([
  ['github:a/b README.md', { commit }, `https://github.com/a/b/blob/${commit}/README.md`],
  ['github:a/b docs/a file.md', { commit }, `https://github.com/a/b/blob/${commit}/docs/a%20file.md`],
  ['github:a/b .', { commit }, `https://github.com/a/b/tree/${commit}`],
  ['github:a/b', { commit }, `https://github.com/a/b/tree/${commit}`],
  ['github:a/b', { date: '2026-01-01' }, 'https://github.com/a/b'],
  ['arXiv:2505.07291', { version: 'v1' }, 'https://arxiv.org/abs/2505.07291v1'],
  ['docs.ezkl.xyz/security', { date: '2026-01-01' }, 'https://docs.ezkl.xyz/security'],
  ['https://a.org/x', { date: '2026-01-01' }, 'https://a.org/x'],
  ['constructed', { sha256: commit }, undefined],
  ['javascript:alert(1)', { date: '2026-01-01' }, undefined],
  ['a page of its own', { date: '2026-01-01' }, undefined],
] as const)('%s at %o', (source, pin, url) => {
  expect(sourceUrl(source, pin)).toBe(url);
});

test('every source of a real project but our own has an address', () => {
  for (const { id, kind, evidence, claims } of projects) {
    if (id === 'nonet' || kind === 'constructed') continue;
    for (const { source, pin } of [...evidence, ...claims]) {
      expect(sourceUrl(source, pin), source).toMatch(/^https:\/\//);
    }
  }
});
