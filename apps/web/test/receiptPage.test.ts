/** The receipt page as a file, and in a real browser. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseReceipt, type Receipt } from '@nonet/core/receipt';
import { parseJob, toJson } from '@nonet/core/records';
import { createSampleReceipt, sampleBlobs, sampleJob, sampleReceipt } from '@nonet/core/testing/receipt';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from '../src/build.ts';
import { renderReceiptPage } from '../src/index.ts';
import { emptyData, escapeForScript } from '../src/pages.ts';
import { accessibilityProblems } from './browserPages.ts';
import { chromiumPath, launchChromium } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-page-'));
const template = join(folder, 'template.html');
beforeAll(async () => {
  await buildPage('receipt', {
    to: template,
    verifiers: fileURLToPath(new URL('./sampleVerifiers.ts', import.meta.url)),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const tampered: Receipt = {
  ...sampleReceipt,
  evidence: sampleReceipt.evidence.map((record, i) =>
    i === 11 ? { ...record, sentence: record.sentence.replace('97.6', '91.6') } : record,
  ),
};
const hostileJob = parseJob({
  ...sampleJob,
  name: '</script><script>window.hacked = 1</script><!--<script>$& $1 <img src=x onerror="window.hacked=1">',
});
const hostile = await createSampleReceipt({ job: hostileJob });

describe('the file', () => {
  test('carries the receipt as data that no text can break out of', () => {
    const html = renderReceiptPage(hostile, template);
    const data = /<script type="application\/json" id="receipt">(.*?)<\/script>/s.exec(html)![1]!;
    expect(parseReceipt(JSON.parse(data))).toEqual(hostile);
    expect(data).not.toContain('<');
    expect(html.match(/<script/g)).toHaveLength(readFileSync(template, 'utf8').match(/<script/g)!.length);
  });

  test('escapes what ends a script or a line of one, and parses to the same', () => {
    const value = { a: '</SCRIPT>\u2028\u2029<!--', '<': 1 };
    const escaped = escapeForScript(JSON.stringify(value));
    expect(escaped).toMatch(/^[^<\u2028\u2029]*$/);
    expect(JSON.parse(escaped)).toEqual(value);
  });

  test('allows exactly its own script and style, and no connection', () => {
    const html = readFileSync(template, 'utf8');
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
    const hashOf = (pattern: RegExp) =>
      `'sha256-${createHash('sha256').update(pattern.exec(html)![1]!).digest('base64')}'`;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf(/<script>(.*)<\/script>\n<\/body>/s)} 'wasm-unsafe-eval'; style-src ${hashOf(/<style>(.*?)<\/style>/s)}; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    const markup = html
      .replace(/<script>.*<\/script>/s, '')
      .replace(/<link rel="icon" href="data:[^"]*">/, '');
    expect(markup).not.toMatch(/\s(?:src|href|srcset)=|url\(|@import/);
    expect(markup).toMatch(/<meta name="description" content="[^"]{50,}">/);
  });

  test('stays below 910 kB: the rules and verifiers of federated runs, and the verifier of proofs', async () => {
    const whole = join(folder, 'whole.html');
    expect(await buildPage('receipt', { to: whole })).toBeLessThan(910_000);
  });

  test('says which command builds it, if it was not built or is another file', () => {
    const code = 'page.notBuilt';
    const hint = expect.stringContaining('npm run build -w @nonet/web');
    const absent = join(folder, 'absent.html');
    expect(() => renderReceiptPage(sampleReceipt, absent)).toThrow(expect.objectContaining({ code, hint }));
    for (const html of ['', emptyData('receipt') + emptyData('receipt')]) {
      writeFileSync(join(folder, 'other.html'), html);
      expect(() => renderReceiptPage(sampleReceipt, join(folder, 'other.html'))).toThrow(
        expect.objectContaining({ code, hint }),
      );
    }
  });
});

if (chromiumPath === undefined) {
  console.log('Not run: the receipt page in a browser, because no Chromium was found (set CHROMIUM_PATH).');
}

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  const noise: string[] = [];
  const requests: string[] = [];

  /** Opens a page from the disk, and waits until it has checked its receipt. */
  async function open(receipt: Receipt | undefined, options: BrowserContextOptions = {}): Promise<Page> {
    noise.length = 0;
    requests.length = 0;
    const file = join(folder, 'page.html');
    writeFileSync(
      file,
      receipt === undefined ? readFileSync(template, 'utf8') : renderReceiptPage(receipt, template),
    );
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(error.message));
    page.on('dialog', (dialog) => noise.push(dialog.message()));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await checked(page);
    return page;
  }
  const checked = (page: Page) => page.waitForSelector('main[data-checking="false"]');
  const standing = (page: Page) => page.locator('.standing').textContent();
  const statusOf = (page: Page, piece: string) =>
    page.locator(`[data-piece^="${piece}"] .mark`).first().getAttribute('data-status');
  const addFiles = async (page: Page, files: { name: string; bytes: Uint8Array }[]) => {
    await page.getByLabel('Choose files or another receipt').setInputFiles(
      files.map(({ name, bytes }) => ({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(bytes),
      })),
    );
    await page.waitForFunction(() =>
      /Now showing|added|could not/.test(document.querySelector('.more')!.textContent!),
    );
    await checked(page);
  };
  const jsonFile = (receipt: unknown) => ({
    name: 'receipt.json',
    bytes: new TextEncoder().encode(typeof receipt === 'string' ? receipt : toJson(receipt)),
  });
  const runFiles = sampleBlobs.map((bytes, i) => ({ name: `blob-${i}`, bytes }));

  test('tells the run in plain words, checks every piece, asks nobody, and logs nothing', async () => {
    const page = await open(sampleReceipt);
    expect(await page.title()).toBe('Receipt: Handwritten digits');
    expect(await page.locator('h1').textContent()).toBe(
      'The receipt says: 10 rounds of “Handwritten digits”',
    );
    expect(await standing(page)).toContain('This file is unchanged since it was signed');
    expect(await page.locator('.checkedBar rect').count()).toBe(sampleReceipt.evidence.length);
    expect(await page.locator('header > .standing').count()).toBe(1);
    for (const piece of ['job', 'run', 'records', 'root', 'artefact', 'signature', 'statement 1']) {
      expect(await statusOf(page, piece), piece).toBe('checked here');
    }
    expect(await statusOf(page, 'anchor')).toBe('only stated');
    expect(await statusOf(page, 'statement 2')).toBe('only stated');
    expect(await page.locator('tbody tr').count()).toBe(10);
    expect(await page.getByRole('img').getAttribute('aria-label')).toContain('97.21 % after round 10');
    expect(requests.filter((url) => !url.endsWith('page.html'))).toEqual([]);
    expect(noise).toEqual([]);
  });

  test('checks more with the files of the run, whatever they are called', async () => {
    const page = await open(sampleReceipt);
    await addFiles(page, runFiles);
    expect(await statusOf(page, 'statement 2')).toBe('checked here');
    expect(await standing(page)).toContain('11 of 17 statements were checked');
    expect(noise).toEqual([]);
  });

  test('says what is missing if only some of the files are there', async () => {
    const page = await open(sampleReceipt);
    await addFiles(page, runFiles.slice(1));
    expect(await statusOf(page, 'statement 2')).toBe('undecided');
    expect(await standing(page)).toContain('could not be decided');
  });

  test('shows which piece of a tampered receipt failed, before its claims', async () => {
    const page = await open(tampered);
    expect(await standing(page)).toContain('Do not rely on this receipt: a check failed.');
    expect(await standing(page)).toContain('The text of record 12');
    expect(await statusOf(page, 'record 12')).toBe('failed');
    expect(await page.locator('header > *').nth(1).getAttribute('class')).toBe('standing');
  });

  test('runs nothing that stands in a receipt', async () => {
    const page = await open(hostile);
    expect(await page.locator('header').textContent()).toContain(
      '</script><script>window.hacked = 1</script>',
    );
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(noise).toEqual([]);
  });

  test('could not connect if it wanted to', async () => {
    const page = await open(sampleReceipt);
    const outcome = await page.evaluate(() =>
      fetch('https://example.com').then(
        () => 'sent',
        () => 'refused',
      ),
    );
    expect(outcome).toBe('refused');
    expect(noise.join()).toContain('Content Security Policy');
    expect(requests.filter((url) => url.startsWith('http'))).toEqual([]);
  });

  test('checks another receipt that is given to it, and an empty page checks any', async () => {
    const page = await open(undefined);
    expect(await page.locator('h1').textContent()).toBe('Check a receipt');
    await addFiles(page, [jsonFile(sampleReceipt)]);
    expect(await standing(page)).toContain('This file is unchanged since it was signed');
    await addFiles(page, [jsonFile(tampered)]);
    expect(await standing(page)).toContain('Do not rely on this receipt');
    expect(noise).toEqual([]);
  });

  test('takes files that are dropped on it', async () => {
    const page = await open(undefined);
    await page.evaluate((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'receipt.json'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    }, toJson(sampleReceipt));
    await page.getByText('1 of 17 statements was checked, and is right; 16 are only stated.').waitFor();
  });

  test('says what is wrong with a file that is no receipt', async () => {
    const page = await open(undefined);
    await addFiles(page, [jsonFile({ ...JSON.parse(toJson(sampleReceipt)), root: 'none' })]);
    expect(await page.locator('h1').textContent()).toBe('This file is not a well-formed receipt');
    expect(await statusOf(page, 'root')).toBe('failed');
    expect(noise).toEqual([]);
  });

  test('saves the receipt as the file that it was', async () => {
    const page = await open(sampleReceipt);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save this receipt as a file' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('receipt.json');
    expect(parseReceipt(JSON.parse(readFileSync(await download.path(), 'utf8')))).toEqual(sampleReceipt);
  });

  test.each(['light', 'dark'] as const)('has no barrier that axe-core finds, %s', async (colorScheme) => {
    const page = await open(sampleReceipt, { colorScheme });
    await page.locator('summary').click();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test.each([320, 375, 768])('at %i pixels nothing scrolls sideways', async (width) => {
    const unbroken = `0x${'abcdef0123456789'.repeat(12)}`;
    const evidence = sampleReceipt.evidence.map((record) => ({
      ...record,
      sentence: `${record.sentence} ${unbroken}`,
    }));
    const page = await open(await createSampleReceipt({ evidence }), { viewport: { width, height: 800 } });
    await page.locator('summary').click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  test('works by keyboard: everything that acts is reached in order and shows its focus', async () => {
    const page = await open(sampleReceipt);
    const reached: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement!.tagName));
      const shown = await page.evaluate(() => {
        const active = document.activeElement!;
        const drawn = active instanceof HTMLInputElement ? active.nextElementSibling! : active;
        return getComputedStyle(drawn).outlineStyle;
      });
      expect(shown).toBe('solid');
    }
    expect(reached).toEqual(['A', 'A', 'SUMMARY', 'INPUT', 'INPUT', 'BUTTON']);
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('details').getAttribute('open')).not.toBeNull();
  });

  test.each(['light', 'dark'] as const)(
    'in %s, every text has a contrast of at least 4.5 (WCAG 1.4.3)',
    async (colorScheme) => {
      for (const receipt of [sampleReceipt, tampered]) {
        const page = await open(receipt, { colorScheme });
        await page.locator('details').evaluate((details) => details.setAttribute('open', ''));
        expect(await page.evaluate(lowContrasts)).toEqual([]);
      }
    },
  );

  test('prints everything but the buttons', async () => {
    const page = await open(sampleReceipt);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.more').isVisible()).toBe(false);
    expect(await page.locator('details li').last().isVisible()).toBe(true);
  });
});

/** Texts whose contrast with their ground is below 4.5. Runs in the page. */
function lowContrasts(): string[] {
  const channels = (color: string) => color.match(/[\d.]+/g)!.map(Number);
  const luminance = (color: string) => {
    const [r, g, b] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const ground = (element: Element | null): string => {
    const color = element === null ? 'rgb(255, 255, 255)' : getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? ground(element!.parentElement) : color;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low: string[] = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement!;
    const text = walker.currentNode.textContent!.trim();
    if (text === '' || element.closest('script, noscript') !== null) continue;
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const [light, dark] = [luminance(color), luminance(ground(element))].sort((a, b) => b - a);
    const ratio = (light! + 0.05) / (dark! + 0.05);
    if (ratio < 4.5) low.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return low;
}
