/**
 * What a reader's window shows of the pages, in figures: where the third row of the nine cells ends,
 * and how many barriers axe-core finds in any view. Needs a browser.
 */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { accessibilityProblems, openPage } from './browserPages.ts';

/** A page and the views of it, as the part of the address after `#`. */
export interface PageViews {
  readonly html: string;
  readonly views: readonly string[];
}

const desk = { width: 1440, height: 900 };

/** The bottom of the third row of the nine cells, in pixels from the top of a desk's window. */
export async function gridFold(browser: Browser, html: string, folder: string): Promise<number> {
  const { page } = await openPage(browser, join(folder, 'page.html'), { html, viewport: desk });
  const bottom = await page
    .locator('.grid tbody tr')
    .nth(2)
    .evaluate((row) => row.getBoundingClientRect().bottom);
  await page.context().close();
  return bottom;
}

/** Each barrier in each view, light and dark: one line that names the view. */
export async function pageProblems(
  browser: Browser,
  { html, views }: PageViews,
  folder: string,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, join(folder, 'page.html'), {
      html,
      colorScheme,
      viewport: desk,
    });
    for (const view of views) {
      await show(page, view);
      const found = await accessibilityProblems(page);
      problems.push(
        ...found.map((problem) => `${view === '' ? 'the page' : view}, ${colorScheme}: ${problem}`),
      );
    }
    await page.context().close();
  }
  return problems;
}

/** Goes to a view, with everything that can be opened open. */
async function show(page: Page, view: string) {
  await page.evaluate((hash) => (location.hash = hash), view);
  await page.waitForSelector('main:not([data-checking="true"]) h1');
  await page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
          requestAnimationFrame(done);
        }),
      ),
  );
}
