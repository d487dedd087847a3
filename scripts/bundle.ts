/** One minified script for browsers out of a module and all that it imports, as a web page would carry it. In memory; Vite does it. */
import { NonetError } from '@nonet/core';
import { build } from 'vite';

/** The script sets the global `name` to the module's exports. */
export async function bundleForBrowsers(entry: string, name: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, target: 'es2022', lib: { entry, formats: ['iife'], name } },
  });
  const [bundle] = [output].flat();
  if (bundle === undefined || !('output' in bundle)) {
    throw new NonetError({ code: 'bundle.missing', expected: 'one bundle from Vite', found: 'none' });
  }
  return bundle.output[0].code;
}
