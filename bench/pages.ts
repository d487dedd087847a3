/**
 * What readers see of the pages: whether the nine cells fit above the fold of a desk's window, and
 * what axe-core finds wrong in any view of any page, light and dark. Pages are built anew and filled
 * by the commands that users call. Part of the suite `matrix`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellIds } from '@nonet/core/records';
import { sampleReceipt } from '@nonet/core/testing/receipt';
import { projects } from '@nonet/matrix/projects';
import { buildPage } from '../apps/web/src/build.ts';
import { renderReceiptPage } from '../apps/web/src/index.ts';
import { pageNames } from '../apps/web/src/pages.ts';
import { chromiumPath, launchChromium } from '../apps/web/test/chromium.ts';
import { gridFold, pageProblems } from '../apps/web/test/pageFigures.ts';
import { benchFigure, type Figure } from './suite.ts';

const program = join(import.meta.dirname, '../apps/cli/bin/nonet.js');

/**
 * `grid.fold`: pixels from the top of a window of 1440 x 900 to the end of the third row;
 * `pages.axe`: barriers of WCAG 2.2, A and AA, in all views. No figures where there is no browser.
 */
export async function measurePages(note: (line: string) => void): Promise<Record<string, Figure>> {
  if (chromiumPath === undefined) {
    note('grid.fold and pages.axe are left out: no Chromium was found (set CHROMIUM_PATH)');
    return {};
  }
  note('building the pages, and looking at each of their views, light and dark');
  const folder = mkdtempSync(join(tmpdir(), 'nonet-pages-'));
  try {
    for (const page of pageNames) await buildPage(page);
    const filled = (command: string) => {
      const file = join(folder, `${command}.filled.html`);
      execFileSync(process.execPath, [program, command, '--html', file], { cwd: folder, stdio: 'ignore' });
      return readFileSync(file, 'utf8');
    };
    const matrix = filled('matrix');
    const pages = [
      {
        html: matrix,
        views: [
          '',
          'nowhere',
          ...cellIds.map((id) => `cell/${id}`),
          ...projects.map(({ id }) => `project/${id}`),
        ],
      },
      { html: filled('limits'), views: [''] },
      { html: renderReceiptPage(sampleReceipt), views: [''] },
    ];
    const browser = await launchChromium();
    try {
      const problems: string[] = [];
      for (const page of pages) problems.push(...(await pageProblems(browser, page, folder)));
      for (const problem of problems) note(problem);
      return {
        'grid.fold': benchFigure(await gridFold(browser, matrix, folder), 'px'),
        'pages.axe': benchFigure(problems.length, 'violations'),
      };
    } finally {
      await browser.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
