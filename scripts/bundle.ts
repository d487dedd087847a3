/**
 * Modules and all that they import as a web page would carry them, minified, in memory. Vite does
 * it.
 */
import { NonetError } from '@nonet/core';
import { build, type InlineConfig, type Rolldown } from 'vite';

/** One script, which sets the global `name` to the module's exports. */
export async function bundleForBrowsers(entry: string, name: string): Promise<string> {
  const [script] = await outputOf({ lib: { entry, formats: ['iife'], name } });
  return (script as Rolldown.OutputChunk).code;
}

/** The files of a page: its module under `entry.js`, and the workers that it starts. */
export async function buildForBrowsers(entry: string): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const files = await outputOf({
    rollupOptions: { input: entry, output: { entryFileNames: 'entry.js' } },
    modulePreload: false,
  });
  return new Map(files.map((file) => [file.fileName, 'code' in file ? file.code : file.source]));
}

async function outputOf(options: InlineConfig['build']): Promise<Rolldown.RolldownOutput['output']> {
  const output = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    worker: { format: 'es' },
    build: { write: false, target: 'es2022', ...options },
  });
  const [bundle] = [output].flat();
  if (bundle === undefined || !('output' in bundle)) {
    throw new NonetError({ code: 'bundle.missing', expected: 'one bundle from Vite', found: 'none' });
  }
  return bundle.output;
}
