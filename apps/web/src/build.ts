/**
 * Builds the receipt page: everything in one HTML file whose content security policy allows exactly its own script and style, by hash,
 * and no connection. `renderReceiptPage` later puts a receipt into it. Run by `npm run build -w @nonet/web`.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import { emptyReceipt, templatePath } from './receiptPage.ts';

const page = fileURLToPath(new URL('./page/', import.meta.url));

export interface PageOptions {
  readonly to?: string;
  /** Another module than `page/verifiers.ts`, for tests. */
  readonly verifiers?: string;
}

/** Writes the page without a receipt; returns its size in bytes. */
export async function buildReceiptPage({ to = templatePath, verifiers }: PageOptions = {}): Promise<number> {
  const script = (await bundle(verifiers)).replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const style = readFileSync(`${page}page.css`, 'utf8')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const html = document(script, style);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, html);
  return Buffer.byteLength(html);
}

async function bundle(verifiers: string | undefined): Promise<string> {
  const { build } = await import('vite');
  const output = await build({
    configFile: false,
    root: page,
    logLevel: 'warn',
    // Also where NODE_ENV is `test`: React's development build has another JSX runtime.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    define: { 'process.env.NODE_ENV': '"production"' },
    ...(verifiers === undefined
      ? {}
      : { resolve: { alias: [{ find: './verifiers.ts', replacement: verifiers }] } }),
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: `${page}main.tsx`, formats: ['iife'], name: 'receiptPage' },
    },
  });
  const [bundle] = [output].flat();
  if (bundle === undefined || !('output' in bundle)) {
    throw new NonetError({ code: 'page.bundle', expected: 'one bundle from Vite', found: 'none' });
  }
  return bundle.output[0].code;
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

function document(script: string, style: string): string {
  const policy = [
    "default-src 'none'",
    // WebAssembly compiles under a policy only if that is said; scripts still run by hash alone.
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Receipt</title>
<style>${style}</style>
</head>
<body>
<noscript><p>This page checks its receipt with a script, which your browser does not run. The receipt itself is in the source of this page.</p></noscript>
<div id="page"></div>
${emptyReceipt}
<script>${script}</script>
</body>
</html>
`;
}

/** `prepare` also runs where only production dependencies are installed: then there is no page, and no failure. */
function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

if (import.meta.main) {
  try {
    const bytes = await buildReceiptPage();
    console.log(`${templatePath}: ${(bytes / 1000).toFixed(0)} kB`);
  } catch (error) {
    if (!isNotInstalled(error)) throw error;
    console.log('The receipt page was not built, because Vite is not installed.');
  }
}
