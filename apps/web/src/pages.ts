/** Puts data into the built pages. Runs in Node. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import type { Receipt } from '@nonet/core/receipt';
import { toJson } from '@nonet/core/records';

/** Each page is one HTML file, with its data in a script element whose id is the page's name. */
export const pageNames = ['receipt', 'matrix', 'limits'] as const;
export type PageName = (typeof pageNames)[number];

/** Where the build writes a page without data. */
export function templatePath(page: PageName): string {
  return fileURLToPath(new URL(`../dist/${page}.html`, import.meta.url));
}

const opening = (page: PageName) => `<script type="application/json" id="${page}">`;
/**
 * What stands for the data in the template. A receipt page with it is a checker for any receipt.
 */
export const emptyData = (page: PageName) => `${opening(page)}null</script>`;

/** The receipt as one self-contained HTML page. Throws `page.notBuilt`. */
export function renderReceiptPage(receipt: Receipt, template = templatePath('receipt')): string {
  return renderPage('receipt', toJson(receipt), template);
}

/** A page with its data, as JSON. Throws `page.notBuilt`. */
export function renderPage(page: PageName, json: string, template = templatePath(page)): string {
  const [before, after, ...more] = readTemplate(template).split(emptyData(page));
  if (before === undefined || after === undefined || more.length > 0) {
    throw notBuilt(`a file without exactly one place for it, ${template}`);
  }
  return `${before}${opening(page)}${escapeForScript(json)}</script>${after}`;
}

/**
 * JSON that may be put inside a script element, whatever its texts contain; it parses to the same
 * value.
 */
export function escapeForScript(json: string): string {
  return json.replaceAll(/[<\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function readTemplate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw notBuilt(`nothing at ${path}`, cause);
  }
}

function notBuilt(found: string, cause?: unknown): NonetError {
  return new NonetError({
    code: 'page.notBuilt',
    expected: 'a built page',
    found,
    hint: 'Run `npm run build -w @nonet/web` once.',
    cause,
  });
}
