import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** In a process of its own, because a cache once enabled stays so. */
const script = (folder: string) => `
  import { execFileSync } from 'node:child_process';
  import module from 'node:module';
  module.enableCompileCache(${JSON.stringify(folder)});
  const { childEnvironment } = await import(${JSON.stringify(join(import.meta.dirname, 'children.ts'))});
  const child = ['-e', 'process.stdout.write(String(require("node:module").getCompileCacheDir()))'];
  const theirs = execFileSync(process.execPath, child, { env: childEnvironment(), encoding: 'utf8' });
  console.log(JSON.stringify({ ours: module.getCompileCacheDir(), theirs }));
`;

test('children use the very folder that this process has compiled into', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-cache-'));
  try {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    const arguments_ = ['--input-type=module', '-e', script(folder)];
    const { ours, theirs } = JSON.parse(
      execFileSync(process.execPath, arguments_, { env, encoding: 'utf8' }),
    );
    expect(ours).toContain(folder);
    expect(theirs).toBe(ours);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
