/**
 * Builds the pages: each is one HTML file whose content security policy allows exactly its own
 * script and style, by hash, and no connection. `renderPage` later puts data into it. Run by
 * `npm run build -w @nonet/web`.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import { noticesOf } from './notices.ts';
import { emptyData, type PageName, pageNames, templatePath } from './pages.ts';

const folder = fileURLToPath(new URL('./pages/', import.meta.url));

/** What a browser's tab, a search engine and a messenger show of a page. */
const heads: Readonly<Record<PageName, { readonly title: string; readonly description: string }>> = {
  receipt: {
    title: 'Receipt',
    description:
      'What was done when several parties trained a model together, and what of it can be checked here and now.',
  },
  matrix: {
    title: 'The AI-blockchain matrix',
    description:
      'What AI and a ledger do for each other in nine cells, by what was measured and by what evidence supports of the claims of named projects.',
  },
  limits: {
    title: 'Limits of AI scaling to 2030',
    description:
      'How large a training run power, chips, data and latency allow, computed again in your browser for other assumptions.',
  },
};

/** A nonet: nine players, one of them in front. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"><g fill="#23527c">${[0, 1, 2]
    .flatMap((y) =>
      [0, 1, 2].map(
        (x) => `<circle cx="${6 + 9 * x}" cy="${6 + 9 * y}" r="${x === 1 && y === 1 ? 4 : 2.8}"/>`,
      ),
    )
    .join('')}</g></svg>`,
)}`;

export interface PageOptions {
  readonly to?: string;
  /** Another module than `receipt/verifiers.ts`, for tests. */
  readonly verifiers?: string;
}

/** Writes a page without data; returns its size in bytes. */
export async function buildPage(
  page: PageName,
  { to = templatePath(page), verifiers }: PageOptions = {},
): Promise<number> {
  const { code, modules } = await bundle(page, verifiers);
  const script = code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const own = `${folder}${page}/${page}.css`;
  const style = [`${folder}shared/page.css`, ...(existsSync(own) ? [own] : [])]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const html = document(page, script, style, noticesOf(modules));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, html);
  return Buffer.byteLength(html);
}

interface Bundle {
  readonly code: string;
  /** The files that something in it is from, those of workers included. */
  readonly modules: ReadonlySet<string>;
}

async function bundle(page: PageName, verifiers: string | undefined): Promise<Bundle> {
  const { build } = await import('vite');
  const modules = new Set<string>();
  const collect = () => ({
    name: 'nonet-modules',
    generateBundle(_: unknown, chunks: Readonly<Record<string, object>>) {
      for (const chunk of Object.values(chunks)) {
        if (!('modules' in chunk)) continue;
        const parts = chunk.modules as Readonly<Record<string, { readonly renderedLength: number }>>;
        for (const [id, part] of Object.entries(parts)) if (part.renderedLength > 0) modules.add(id);
      }
    },
  });
  const output = await build({
    configFile: false,
    root: folder,
    logLevel: 'warn',
    // Also where NODE_ENV is `test`: React's development build has another JSX runtime.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [collect()],
    worker: { plugins: () => [collect()] },
    ...(verifiers === undefined
      ? {}
      : { resolve: { alias: [{ find: './verifiers.ts', replacement: verifiers }] } }),
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: `${folder}${page}/main.tsx`, formats: ['iife'], name: `${page}Page` },
    },
  });
  const [bundle] = [output].flat();
  if (bundle === undefined || !('output' in bundle)) {
    throw new NonetError({ code: 'page.bundle', expected: 'one bundle from Vite', found: 'none' });
  }
  return { code: bundle.output[0].code, modules };
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

function document(page: PageName, script: string, style: string, notices: string): string {
  const policy = [
    "default-src 'none'",
    // WebAssembly compiles under a policy only if that is said; scripts still run by hash alone.
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    // The icon, which is inside the page.
    'img-src data:',
    // Workers are part of the script, and start from a blob of it.
    ...(page === 'limits' ? ['worker-src blob:'] : []),
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
<title>${heads[page].title}</title>
<meta name="description" content="${heads[page].description}">
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<noscript><p>This page shows and checks its data with a script, which your browser does not run. The data themselves are in the source of this page.</p></noscript>
<div id="page"></div>
${emptyData(page)}
<script type="text/plain" id="licences">
This page holds parts of the following packages, under their licences.


${notices}
</script>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * `prepare` also runs where only production dependencies are installed: then there is no page, and
 * no failure.
 */
function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

if (import.meta.main) {
  try {
    for (const page of pageNames) {
      const bytes = await buildPage(page);
      console.log(`${templatePath(page)}: ${(bytes / 1000).toFixed(0)} kB`);
    }
  } catch (error) {
    if (!isNotInstalled(error)) throw error;
    console.log('The pages were not built, because Vite is not installed.');
  }
}
