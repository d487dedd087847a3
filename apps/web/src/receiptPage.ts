/** Puts a receipt into the built page. Runs in Node. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import { type Receipt, toJson } from '@nonet/core/records';

/** Where the build writes the page without a receipt. */
export const templatePath = fileURLToPath(new URL('../dist/receipt.html', import.meta.url));

const opening = '<script type="application/json" id="receipt">';
/** What stands for the receipt in the template. A page with it is a checker for any receipt. */
export const emptyReceipt = `${opening}null</script>`;

/** The receipt as one self-contained HTML page. Throws `page.notBuilt`. */
export function renderReceiptPage(receipt: Receipt, template = templatePath): string {
  const [before, after, ...more] = readTemplate(template).split(emptyReceipt);
  if (before === undefined || after === undefined || more.length > 0) {
    throw notBuilt(`a file without exactly one place for it, ${template}`);
  }
  return `${before}${opening}${escapeForScript(toJson(receipt))}</script>${after}`;
}

/** JSON that may stand inside a script element, whatever its texts contain; it parses to the same value. */
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
    expected: 'the built receipt page',
    found,
    hint: 'Run `npm run build -w @nonet/web` once.',
    cause,
  });
}
