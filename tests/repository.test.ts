/** What holds for the repository as a whole: who imports whom, and that the lock file installs on every platform. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImports } from '../scripts/checkArrows.ts';

const root = join(import.meta.dirname, '..');

function treeWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-arrows-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe('imports', () => {
  it('follow the arrows, without a cycle', () => {
    const { edges, offences } = readImports(root);
    expect(offences).toEqual([]);
    expect(edges.size).toBeGreaterThan(50);
  });

  it.each([
    ['core/src/a.ts', "import { x } from '@nonet/tensor';", 'core may not import tensor'],
    ['tensor/src/a.ts', "import type { X } from '@nonet/chain';", 'tensor may not import chain'],
    ['federation/src/a.ts', "export * from '@nonet/chain';", 'federation may not import chain'],
    ['limits/src/a.ts', "import { cells } from '@nonet/matrix';", 'limits may not import matrix'],
    ['matrix/src/a.ts', "import '../../core/src/index.ts';", 'reaches out of its package by path'],
    ['core/src/a.ts', "import { main } from 'nonet';", 'only examples import nonet'],
  ])('refuse %s with %s', (path, text, offence) => {
    const folder = treeWith({ [`packages/${path}`]: text, 'packages/core/src/index.ts': '' });
    expect(readImports(folder).offences.join()).toContain(offence);
  });

  it('refuse cycles and provers behind verifiers', () => {
    const folder = treeWith({
      'packages/core/src/a.ts': "import './b.ts';",
      'packages/core/src/b.ts': "import './a.ts';",
      'packages/proof/src/verifyModel.ts': "import { p } from './proveModel.ts';",
      'packages/proof/src/proveModel.ts': '',
    });
    const { offences } = readImports(folder);
    expect(offences.join()).toContain('a verifier must not import a prover');
    expect(offences.join()).toContain('import cycle: packages/core/src/a.ts -> packages/core/src/b.ts');
  });
});

describe('the lock file', () => {
  it('has an entry for each optional platform package, or npm ci would fail elsewhere (scripts/completeLock.ts)', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined &&
          packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(text).not.toMatch(/"resolved": "https?:/);
  });
});
