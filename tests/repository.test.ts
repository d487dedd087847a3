/**
 * What holds for the repository as a whole: who imports whom, which exports nothing imports, that
 * the documents lead to one another, and that the lock file installs on every platform what it
 * names.
 */
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImports } from '../scripts/checkArrows.ts';
import { findUndocumented } from '../scripts/checkDocs.ts';
import { findUnusedExports } from '../scripts/checkExports.ts';
import { readLinks } from '../scripts/checkLinks.ts';
import { completeEntries, type LockEntries, type LockEntry } from '../scripts/completeLock.ts';

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

  it('refuse cycles', () => {
    const folder = treeWith({
      'packages/core/src/a.ts': "import './b.ts';",
      'packages/core/src/b.ts': "import './a.ts';",
    });
    expect(readImports(folder).offences.join()).toContain(
      'import cycle: packages/core/src/a.ts -> packages/core/src/b.ts',
    );
  });

  describe('of verifiers', () => {
    const files = {
      'packages/proof/src/verifyModel.ts': "import { read } from './shared.ts';",
      'packages/proof/src/shared.ts': 'export function read() {}',
      'packages/proof/src/proveModel.ts': 'export function prove() {}',
      'packages/federation/src/verify/claims.ts': "import { evaluate } from '@nonet/tensor';",
      'packages/federation/src/roles/watcher.ts': "import { claims } from '../verify/claims.ts';",
      'packages/tensor/package.json': JSON.stringify({
        name: '@nonet/tensor',
        exports: { '.': './src/index.ts' },
      }),
      'packages/tensor/src/index.ts':
        "export { evaluate } from './training/evaluate.ts';\nexport * from './training/train.ts';",
      'packages/tensor/src/training/evaluate.ts': 'export function evaluate() {}',
      'packages/tensor/src/training/train.ts': 'export function train() {}',
    };
    const offencesIn = (change: Readonly<Record<string, string>>) =>
      readImports(treeWith({ ...files, ...change })).offences;

    it('may evaluate, and may be imported by a role', () => {
      expect(offencesIn({})).toEqual([]);
    });

    it.each<[string, Readonly<Record<string, string>>, string]>([
      [
        'a prover through another file',
        { 'packages/proof/src/shared.ts': "export { prove as read } from './proveModel.ts';" },
        'packages/proof/src/verifyModel.ts -> packages/proof/src/shared.ts -> packages/proof/src/proveModel.ts',
      ],
      [
        'a prover by dynamic import',
        { 'packages/proof/src/shared.ts': "export const read = () => import('./proveModel.ts');" },
        'packages/proof/src/proveModel.ts',
      ],
      [
        'a trainer by its name in an index',
        { 'packages/federation/src/verify/claims.ts': "import { train } from '@nonet/tensor';" },
        'packages/tensor/src/index.ts -> packages/tensor/src/training/train.ts',
      ],
      [
        'a trainer behind what evaluates',
        {
          'packages/tensor/src/training/evaluate.ts':
            "import { train } from './train.ts';\nexport const evaluate = train;",
        },
        'packages/tensor/src/training/evaluate.ts -> packages/tensor/src/training/train.ts',
      ],
      [
        'all of a package',
        { 'packages/federation/src/verify/claims.ts': "import * as tensor from '@nonet/tensor';" },
        'packages/tensor/src/training/train.ts',
      ],
      [
        'a role',
        {
          'packages/federation/src/verify/index.ts': "export * from '../roles/events.ts';",
          'packages/federation/src/roles/events.ts': 'export const events = 1;',
        },
        'packages/federation/src/verify/index.ts -> packages/federation/src/roles/events.ts',
      ],
    ])('refuse %s', (_, change, path) => {
      expect(offencesIn(change).join()).toContain(path);
    });

    it('may name the types of a role', () => {
      const text = "import type { Watcher } from '../roles/watcher.ts';\nexport const claims = 1;";
      expect(
        offencesIn({
          'packages/federation/src/verify/claims.ts': text,
          'packages/federation/src/roles/watcher.ts': 'export interface Watcher {}',
        }),
      ).toEqual([]);
    });
  });
});

describe('exports', () => {
  const library = {
    'packages/core/package.json': JSON.stringify({
      name: '@nonet/core',
      exports: { '.': './src/index.ts' },
      imports: { '#hash': { browser: './src/hash.browser.ts', default: './src/hash.ts' } },
    }),
    'packages/core/src/index.ts': "export * from './published.ts';\nexport { a as b } from './passed.ts';\n",
    'packages/core/src/published.ts': 'export function published() {}\n',
    'packages/core/src/passed.ts':
      "import { hash } from '#hash';\nexport const a = hash;\nexport const c = 1;\n",
    'packages/core/src/hash.ts': 'export const hash = 1;\n',
    'packages/core/src/hash.browser.ts': 'export const hash = 2;\n',
  };

  it('are imported or published; a name that is neither is found with its line', () => {
    expect(findUnusedExports(treeWith(library))).toEqual(['packages/core/src/passed.ts:3 c']);
  });

  it.each([
    ["import { type Other, c } from './passed.ts';"],
    ["import { c as d } from './passed.ts';"],
    ["import * as passed from './passed.ts';"],
    ["const { c } = await import('./passed.ts');"],
    ["new Worker(new URL('./passed.ts', import.meta.url));"],
    ["import { d } from './between.ts';"],
  ])('%s is a use', (text) => {
    const folder = treeWith({
      ...library,
      'packages/core/src/between.ts': "export { c as d } from './passed.ts';\n",
      'packages/core/src/passed.test.ts': text,
    });
    expect(findUnusedExports(folder)).toEqual([]);
  });

  it('may be types that a signature beside them names; a type without any use is found', () => {
    const types = [
      'export interface Used {}',
      'export const of = (_: Used) => 1;',
      'export interface Unused {}',
    ];
    const folder = treeWith({
      'packages/core/src/types.ts': types.join('\n'),
      'packages/core/src/types.test.ts': "import { of } from './types.ts';",
    });
    expect(findUnusedExports(folder)).toEqual(['packages/core/src/types.ts:3 Unused']);
  });
});

describe('doc comments', () => {
  const folder = () =>
    treeWith({
      'tsconfig.json': JSON.stringify({
        compilerOptions: { module: 'nodenext', allowImportingTsExtensions: true, noEmit: true, types: [] },
        include: ['packages'],
      }),
      'packages/core/package.json': JSON.stringify({ type: 'module', exports: { '.': './src/index.ts' } }),
      'packages/core/src/index.ts': "export * from './all.ts';\nexport { c as d } from './one.ts';\n",
      'packages/core/src/all.ts': [
        '/** Says what it is. */',
        'export const told = 1;',
        '// Says nothing to a reader of the package.',
        'export function untold() {}',
        'export interface Untold {}',
        '/** A class. */',
        'export class Told {}',
      ].join('\n'),
      'packages/core/src/one.ts': 'export const c = 1;\nexport const unpublished = 2;\n',
    });

  it('are missed where a name is published without one, at its declaration', () => {
    expect(findUndocumented(folder(), ['packages/core'])).toEqual([
      { place: 'packages/core/src/all.ts:4', name: 'untold' },
      { place: 'packages/core/src/all.ts:5', name: 'Untold' },
      { place: 'packages/core/src/one.ts:1', name: 'c' },
    ]);
  });
});

describe('documents', () => {
  const documents = {
    'README.md': '[A](docs/a.md), [more](docs/more), ![picture](docs/b.png), [far](https://example.org/x)',
    'docs/a.md': '# The title: `one`\n[itself](#the-title-one), `[no](link.md)`\n```\n[none](here.md)\n```\n',
    'docs/b.png': '',
    'docs/more/c.md': '[back](../a.md#the-title-one)',
  };
  const linksOf = (change: Readonly<Record<string, string>>) =>
    readLinks(treeWith({ ...documents, ...change }));

  it('can be reached from README.md, and no link leads nowhere', () => {
    expect(readLinks(root)).toEqual({ broken: [], unlinked: [] });
  });

  it('are reached through other documents, folders and images', () => {
    expect(linksOf({})).toEqual({ broken: [], unlinked: [] });
  });

  it.each([
    ['docs/d.md', 'docs/d.md'],
    ['docs/data/e.csv', 'docs/data/e.csv'],
  ])('are found where no link leads to them: %s', (path, unlinked) => {
    expect(linksOf({ [path]: '' }).unlinked).toEqual([unlinked]);
  });

  it.each([['../a.md#title'], ['d.md'], ['../more/d'], ['#the-title-one'], ['../b.png#the-title-one']])(
    'with a link to %s are found',
    (target) => {
      expect(linksOf({ 'docs/more/c.md': `[x](${target})` }).broken).toEqual([`docs/more/c.md -> ${target}`]);
    },
  );
});

describe('the lock file', () => {
  const readLock = () => readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(readLock()) as { packages: LockEntries };

  it('has an entry for each optional platform package, or npm ci would fail elsewhere', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined &&
          packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });

  it('says by hash what is downloaded, for every platform', () => {
    const unchecked = Object.entries(packages).filter(
      ([path, { integrity, link }]) => path.includes('node_modules/') && !link && integrity === undefined,
    );
    expect(unchecked).toEqual([]);
  });

  it('has one package that wants to run a script, which is not needed: its part for the platform is there', () => {
    const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual(['node_modules/@foundry-rs/anvil']);
    // The script would fetch this file, without its hash, where npm had not installed it.
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const part = `@foundry-rs/anvil-${process.platform}-${architecture}`;
    const binary = join(
      root,
      'node_modules',
      part,
      'bin',
      process.platform === 'win32' ? 'anvil.exe' : 'anvil',
    );
    expect(() => accessSync(binary, constants.X_OK)).not.toThrow();
    expect(packages[`node_modules/${part}`]?.integrity).toMatch(/^sha512-/);
  });

  it('installs no musl build where the C library is glibc', () => {
    const musl = Object.entries(packages).filter(([path]) => /-musl(eabihf)?$/.test(path));
    expect(musl.length).toBeGreaterThan(2);
    expect(musl.filter(([, { libc }]) => libc?.join() !== 'musl')).toEqual([]);
  });

  it('names no registry', () => {
    expect(readLock()).not.toMatch(/"resolved": "https?:/);
  });
});

describe('completing the lock file', () => {
  const tool: LockEntry = {
    version: '1.2.3',
    integrity: 'sha512-tool',
    dev: true,
    optionalDependencies: { '@tool/linux-musl': '^1.2.3', '@tool/linux': '1.2.3', '@tool/darwin': '1.2.3' },
  };
  const linux: LockEntry = { version: '1.2.3', integrity: 'sha512-linux' };
  const darwin: LockEntry = { version: '1.2.3' };
  const asked: string[] = [];
  const { entries, completed } = completeEntries(
    {
      'node_modules/tool': tool,
      'node_modules/@tool/linux': linux,
      'node_modules/tool/node_modules/@tool/darwin': darwin,
    },
    (name, version) => {
      asked.push(`${name}@${version}`);
      return { integrity: `sha512-${name}`, os: ['linux'], libc: ['musl'] };
    },
  );

  it('asks the registry for what is missing and for what has no hash, and for nothing else', () => {
    expect(asked).toEqual(['@tool/linux-musl@1.2.3', '@tool/darwin@1.2.3']);
    expect(completed).toEqual([
      'node_modules/@tool/linux-musl',
      'node_modules/tool/node_modules/@tool/darwin',
    ]);
    expect(entries).toMatchObject({ 'node_modules/tool': tool, 'node_modules/@tool/linux': linux });
  });

  it('takes hash and platform from the registry, and from the parent that only development needs it', () => {
    expect(entries['node_modules/@tool/linux-musl']).toEqual({
      version: '1.2.3',
      integrity: 'sha512-@tool/linux-musl',
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    });
    expect(Object.keys(entries)).toEqual(Object.keys(entries).toSorted());
  });
});
