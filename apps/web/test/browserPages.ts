/**
 * Opens pages from the disk in a real browser, collects what they complain about, and asks axe-core
 * whether everybody can use them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenedPage {
  readonly page: Page;
  /** What was logged or thrown. */
  readonly noise: string[];
  /** Addresses that were asked for, the page's own left out. */
  readonly requests: string[];
}

export async function openPage(
  browser: Browser,
  file: string,
  { html, hash = '', ...options }: BrowserContextOptions & { readonly html: string; readonly hash?: string },
): Promise<OpenedPage> {
  writeFileSync(file, html);
  const page = await (await browser.newContext(options)).newPage();
  // A page computes for a second, on a machine that may be busy.
  page.setDefaultTimeout(60_000);
  const noise: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  const url = pathToFileURL(file).href;
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url && !request.url().startsWith('blob:'))
      requests.push(request.url());
  });
  await page.goto(`${url}${hash}`);
  await page.waitForSelector('h1');
  return { page, noise, requests };
}

/** Violations of WCAG 2.2, levels A and AA, that a program can find: one line each. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await axe.run({ runOnly });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 120)}`);
  });
}

/** Whether something is wider than the window. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
