/**
 * Bytes that a user has to load. The engine is what a page needs that defines, trains, runs and
 * saves models (engine.ts: graph, operations, derivatives, executor, kernels in WebAssembly) with
 * what that imports, in one script as a browser gets it; `tensor` is all of `@nonet/tensor`;
 * `verifier` is that of integrity proofs, its kernels and all that it imports included; pages
 * are without what is put into them; the tarballs are what `npm install` fetches of ours.
 * budgets.json says how many they may be, and a test holds them to it.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { kernelBinary } from '../packages/tensor/src/kernels/binary.ts';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { packAll, type Tarball } from '../scripts/pack.ts';
import { benchFigure, type Figure, gzipSize, type Suite } from './suite.ts';

const root = join(import.meta.dirname, '..');

export const suite: Suite = {
  name: 'size',
  about: 'the bytes of the engine, of the pages and of the packages',
  cells: [],
  async run({ note }) {
    note('packing');
    const folder = mkdtempSync(join(tmpdir(), 'nonet-size-'));
    try {
      return await measureSizes(packAll(folder));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** The figures of this suite. */
export async function measureSizes(tarballs: readonly Tarball[]): Promise<Readonly<Record<string, Figure>>> {
  const bytes = (count: number) => benchFigure(count, 'bytes');
  const engine = await bundleForBrowsers(join(root, 'bench/engine.ts'), 'nonet');
  const tensor = await bundleForBrowsers(join(root, 'packages/tensor/src/index.ts'), 'nonet');
  const verifier = await bundleForBrowsers(join(root, 'packages/proof/src/zk/verify.ts'), 'nonet');
  const pages = globSync('apps/web/dist/*.html', { cwd: root }).sort();
  return {
    'engine.gzip': bytes(gzipSize(engine)),
    'engine.plain': bytes(engine.length),
    'tensor.gzip': bytes(gzipSize(tensor)),
    'module.gzip': bytes(gzipSize(Buffer.from(kernelBinary, 'hex'))),
    'verifier.gzip': bytes(gzipSize(verifier)),
    ...Object.fromEntries(
      pages.map((page) => [
        `page.${basename(page, '.html')}.gzip`,
        bytes(gzipSize(readFileSync(join(root, page)))),
      ]),
    ),
    tarballs: bytes(tarballs.reduce((sum, tarball) => sum + tarball.bytes, 0)),
  };
}
