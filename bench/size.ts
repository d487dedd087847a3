/**
 * Bytes that a reader's browser has to load. The engine is the whole of `@nonet/tensor` (graph, derivatives, executor, kernels in WebAssembly) with
 * what it imports, in one script; the page is the receipt page without a receipt.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kernelBinary } from '../packages/tensor/src/kernels/binary.ts';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { createFigure, gzipSize, type Suite } from './suite.ts';

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

export const suite: Suite = {
  name: 'size',
  about: 'the bytes of the engine and of the receipt page as a browser loads them',
  cells: [],
  async run() {
    const engine = await bundleForBrowsers(path('packages/tensor/src/index.ts'), 'nonet');
    const page = readFileSync(path('apps/web/dist/receipt.html'));
    const module = Buffer.from(kernelBinary, 'base64');
    return {
      'engine.gzip': createFigure(gzipSize(engine), 'bytes'),
      'engine.plain': createFigure(engine.length, 'bytes'),
      'module.gzip': createFigure(gzipSize(module), 'bytes'),
      'page.gzip': createFigure(gzipSize(page), 'bytes'),
    };
  },
};
