/**
 * Adds the lock entries that npm leaves out: optional platform packages (macOS and Windows builds of Biome, anvil and others)
 * that the registry did not offer to this machine. Without them `npm ci` fails everywhere with "Missing ... from lock file".
 * Run by `npm run lock` after each `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockEntry {
  version?: string;
  optionalDependencies?: Record<string, string>;
  [field: string]: unknown;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> };
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    if (lock.packages[hoisted] !== undefined || lock.packages[nested] !== undefined) continue;
    const platform = /(?:^|[-/])(darwin|win32|linux|freebsd|android|openharmony|sunos|aix)/.exec(name)?.[1];
    const processor = /(arm64|amd64|x64|ia32|arm|ppc64|riscv64|s390x|wasm32)/.exec(name)?.[1];
    lock.packages[hoisted] = {
      version: version.replace(/^[\^~]/, ''),
      ...(processor === undefined ? {} : { cpu: [processor === 'amd64' ? 'x64' : processor] }),
      optional: true,
      ...(platform === undefined ? {} : { os: [platform] }),
    };
    added++;
  }
}
if (added > 0) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`lock file: ${added} optional platform entries added`);
