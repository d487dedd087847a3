/**
 * Completes the lock file where npm leaves it incomplete: optional platform packages that this
 * machine does not install (macOS, Windows and musl builds of Biome, anvil and others). Without an
 * entry `npm ci` fails everywhere with "Missing ... from lock file"; without `libc` it installs the
 * musl build beside the glibc one; without `integrity` it does not check what it downloads. All of
 * it is what the registry says of that version. `npm run lock`, after each `npm install`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { NonetError } from '@nonet/core';

/** What the lock file says of one package: the fields that matter here. */
export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** By path from the root: `node_modules/x`, `node_modules/x/node_modules/y`, `packages/z`. */
export type LockEntries = Readonly<Record<string, LockEntry>>;

/** What a registry says of one version of a package; absent fields do not apply to it. */
export interface Published {
  readonly integrity: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly cpu?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly libc?: readonly string[];
  readonly license?: string;
  readonly os?: readonly string[];
}

/**
 * Returns all entries in the order of their paths. Those of optional dependencies that were absent
 * or had no integrity are as `readPublished` gives them; `completed` has their paths.
 */
export function completeEntries(
  entries: LockEntries,
  readPublished: (name: string, version: string) => Published,
): { readonly entries: LockEntries; readonly completed: readonly string[] } {
  const found = new Map<string, LockEntry>();
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(entries)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      const nested = `${path}/node_modules/${name}`;
      const at = entries[nested] === undefined ? `node_modules/${name}` : nested;
      if (entries[at]?.integrity !== undefined) continue;
      const version = entries[at]?.version ?? range.replace(/^[\^~]/, '');
      const { integrity, bin, cpu, engines, libc, license, os } = readPublished(name, version);
      // In npm's order of fields, so that the next `npm install` changes nothing. JSON drops
      // those that are undefined.
      const entry = { version, integrity, cpu, dev, libc, license, optional: true, os, bin, engines };
      found.set(at, entry as LockEntry);
    }
  }
  const all = Object.entries({ ...entries, ...Object.fromEntries(found) });
  return {
    entries: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))),
    completed: [...found.keys()].sort(),
  };
}

/** @throws NonetError `lock.registry` where no registry answers, or it lacks this version. */
function askRegistry(name: string, version: string): Published {
  const fields = ['dist.integrity', 'bin', 'cpu', 'engines', 'libc', 'license', 'os'];
  let text: string;
  try {
    text = execFileSync('npm', ['view', `${name}@${version}`, ...fields, '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw new NonetError({
      code: 'lock.registry',
      expected: `the registry to have ${name}@${version}`,
      found: `npm view failed: ${String((cause as { stderr?: string }).stderr).slice(0, 200)}`,
      hint: 'The lock file is unchanged. Try again where npm reaches a registry that has it.',
      cause,
    });
  }
  const { 'dist.integrity': integrity, ...published } = JSON.parse(text);
  // The lock file has 'bin/x' where a manifest may have './bin/x'.
  for (const command in published.bin) published.bin[command] = posix.normalize(published.bin[command]);
  return { ...published, integrity };
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: LockEntries };
  const { entries, completed } = completeEntries(lock.packages, askRegistry);
  if (completed.length > 0) {
    writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages: entries }, null, 2)}\n`);
  }
  console.log(`lock file: ${completed.length} optional platform entries completed`);
}
