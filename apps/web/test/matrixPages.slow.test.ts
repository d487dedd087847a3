/** The matrix and the limits as files, and in a real browser. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFigures, declareFigures, type Evidence } from '@nonet/core/records';
import { computeLimits, limitsView, scenarios, uncoupled } from '@nonet/limits';
import {
  cellSentence,
  claimsAt,
  diffCells,
  gapsIn,
  matrixSentence,
  matrixView,
  type Situation,
  statementsAgainst,
  trilemmaView,
} from '@nonet/matrix';
import { evaluateProject } from '@nonet/matrix/evaluation';
import { leads, projects } from '@nonet/matrix/projects';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from '../src/build.ts';
import { type LimitsPage, type MatrixPage, renderLimitsPage, renderMatrixPage } from '../src/index.ts';
import { openPage, overflows } from './browserPages.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { gridFold, pageProblems } from './pageFigures.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-pages-'));
const template = (page: 'matrix' | 'limits') => join(folder, `${page}.template.html`);
beforeAll(async () => {
  for (const page of ['matrix', 'limits'] as const) await buildPage(page, { to: template(page) });
});
afterAll(() => rmSync(folder, { recursive: true }));

const asOf = '2026-11-27';
const vocabulary = declareFigures({
  training: { unit: 'seconds', meaning: 'the work', better: 'lower', role: 'time without' },
  collecting: { unit: 'seconds', meaning: 'waiting', better: 'lower', role: 'time added' },
  stepping: { unit: 'seconds', meaning: 'posting', better: 'lower', role: 'time added' },
  joined: { unit: 'participants', meaning: 'who took part', better: 'higher', role: 'parties' },
});
const measured: Evidence = {
  kind: 'measurement',
  grade: 4,
  sentence: 'A round took 1.2 times the training alone.',
  cells: ['performance-decentralisation'],
  mechanism: 'federation.rounds',
  origin: { type: 'run', run: 'r', by: `0x${'11'.repeat(20)}`, machine: 'm', commit: 'c' },
  figures: createFigures([
    [vocabulary.training, 10],
    [vocabulary.collecting, 1],
    [vocabulary.stepping, 1],
    [vocabulary.joined, 20],
  ]),
  check: { how: 'none', because: 'an example' },
  date: '2026-11-20T00:00:00Z',
};
const reports = projects.map((project) => evaluateProject(project, { asOf }));
const situation: Situation = {
  workload: { kind: 'train', parties: 20 },
  adversary: 'operator',
  mechanisms: [],
  vocabulary,
  date: `${asOf}T00:00:00Z`,
  records: [{ evidence: measured }],
  claims: claimsAt(projects, `${asOf}T00:00:00Z`),
};
const view = matrixView(situation);
const before = matrixView({ ...situation, date: '2026-11-01T00:00:00Z', records: [], claims: [] });
const hostile = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked=1">';
const matrixPage: MatrixPage = {
  view,
  changes: { since: before.date, cells: diffCells(before, view) },
  gaps: gapsIn(view),
  trilemma: trilemmaView([], asOf),
  triangle: null,
  projects: reports,
  leads: [
    ...leads.map(({ id, name, about }) => ({ id, name, about })),
    { id: 'x', name: hostile, about: hostile },
  ],
};
const scenario = scenarios.epoch2024;
const request = {
  scenario,
  draws: 2000,
  seed: 1,
  year: 2030,
  coupling: uncoupled,
  target: { flop: 2e29, probability: 0.8 },
};
const result = computeLimits(request);
const limitsPage: LimitsPage = { request, asOf, view: limitsView(result, scenario, asOf) };

describe('the files', () => {
  test('carry their data as data, and stay below 420 kB and 700 kB without them', () => {
    const html = renderMatrixPage(matrixPage, template('matrix'));
    const data = /<script type="application\/json" id="matrix">(.*?)<\/script>/s.exec(html)![1]!;
    expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(matrixPage)));
    expect(data).not.toContain('<');
    expect(readFileSync(template('matrix')).length).toBeLessThan(420_000);
    expect(readFileSync(template('limits')).length).toBeLessThan(700_000);
  });

  test('allow their own script, the limits also the worker in it, and no connection', () => {
    const policy = (page: 'matrix' | 'limits') =>
      /Content-Security-Policy" content="([^"]*)"/.exec(readFileSync(template(page), 'utf8'))![1]!;
    expect(policy('matrix')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(policy('matrix')).not.toContain('worker-src');
    expect(policy('limits')).toContain('worker-src blob:');
    expect(policy('limits')).not.toContain('connect-src');
  });
});

if (chromiumPath === undefined) {
  console.log('Not run: the pages of matrix and limits in a browser, because no Chromium was found.');
}

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  const file = join(folder, 'page.html');
  const openMatrix = (
    options: { hash?: string; colorScheme?: 'dark'; viewport?: { width: number; height: number } } = {},
  ) => openPage(browser, file, { html: renderMatrixPage(matrixPage, template('matrix')), ...options });
  const openLimits = (options: { viewport?: { width: number; height: number } } = {}) =>
    openPage(browser, file, { html: renderLimitsPage(limitsPage, template('limits')), ...options });
  const phone = { width: 360, height: 740 };

  test('the matrix shows nine cells, what was measured, and what was not', async () => {
    const { page, noise, requests } = await openMatrix();
    const cells = page.locator('table.grid tbody td');
    expect(await cells.count()).toBe(9);
    const known = view.cells.filter(({ measured, shipped }) => measured ?? shipped).length;
    expect(await page.locator('table.grid td[data-word="unknown"]').count()).toBe(9 - known);
    for (const [i, state] of view.cells.entries()) {
      expect(await cells.nth(i).textContent()).toContain(cellSentence(state));
    }
    expect(await page.locator('header .lead').textContent()).toBe(matrixSentence(view));
    expect(await page.locator('section[aria-labelledby="projects"] tbody tr').count()).toBe(projects.length);
    for (const row of await page.locator('section[aria-labelledby="projects"] tbody tr').all()) {
      expect(await row.locator('.chip').count()).toBe(1);
      expect(await row.textContent()).toMatch(/checked (since|today|\d+ days? ago)|no source/);
    }
    expect(await page.locator('#changes').textContent()).toContain('2026-11-01');
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect([noise, requests]).toEqual([[], []]);
  });

  test('a cell and a project have pages of their own, and the way back', async () => {
    const { page, noise } = await openMatrix();
    await page.getByRole('link', { name: /no server sees an update/ }).click();
    const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
    await heading('Privacy × decentralisation');
    await page.waitForFunction(() => document.title === 'Privacy × decentralisation');
    await page.getByRole('link', { name: 'SoraChain AI' }).first().click();
    await heading('SoraChain AI');
    const report = reports.find(({ project }) => project.id === 'sorachain')!;
    expect(await page.locator('.standing').textContent()).toContain(report.decision.verdict);
    expect(await page.locator('blockquote').first().textContent()).toContain(report.claims[0]!.claim.quote);
    expect(await page.locator('section[aria-labelledby="flips"] tbody tr').count()).toBe(
      report.flips.filter(({ on }) => !on.startsWith('H')).length,
    );
    const pins = page.locator('section[aria-labelledby="sources"] tbody a');
    expect(await pins.first().getAttribute('href')).toMatch(
      /^https:\/\/github\.com\/.+\/tree\/[0-9a-f]{40}$/,
    );
    await page.getByRole('link', { name: 'Matrix', exact: true }).click();
    await page.locator('table.grid').waitFor();
    expect(noise).toEqual([]);
  });

  test('every cell and every project can be opened', async () => {
    const { page, noise } = await openMatrix();
    const routes = [
      ...view.cells.map(({ cell }) => `#cell/${cell.id}`),
      ...projects.map(({ id }) => `#project/${id}`),
    ];
    for (const route of routes) {
      await page.evaluate((hash) => (location.hash = hash), route);
      await page.waitForFunction(
        () => !/There is nothing called|cell by cell/.test(document.querySelector('main')!.textContent!),
      );
    }
    expect(noise).toEqual([]);
  });

  test('a project is found by any of its names, and an unknown address says so', async () => {
    const { page, noise } = await openMatrix({ hash: '#project/Phala' });
    const shows = (heading: string | RegExp) =>
      page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await shows('dstack (Phala)');
    for (const [hash, heading] of [
      ['project/EZKL', 'EZKL'],
      ['project/none', 'There is nothing called “project/none” in this page'],
      ['%', 'There is nothing called “%” in this page'],
      ['project/flare', 'There is nothing called “project/flare” in this page'],
    ] as const) {
      await page.evaluate((next) => (location.hash = next), hash);
      await shows(heading);
    }
    expect(await page.locator('.lead').textContent()).toContain('NVIDIA FLARE');
    expect(await page.title()).toBe('Not in this page');
    expect(noise).toEqual([]);
  });

  test('going back finds place and focus as they were left, and so does loading again', async () => {
    const { page } = await openMatrix({ viewport: { width: 1000, height: 700 } });
    const link = page.locator('section[aria-labelledby="projects"] a[href="#project/ezkl"]');
    await link.scrollIntoViewIfNeeded();
    const top = await page.evaluate(() => window.scrollY);
    expect(top).toBeGreaterThan(500);
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'EZKL' }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement!.textContent);
    expect([await page.evaluate(() => window.scrollY), await focused()]).toEqual([0, 'EZKL']);
    await page.goBack();
    await link.waitFor();
    expect(await page.evaluate(() => window.scrollY)).toBe(top);
    expect(await page.evaluate(() => document.activeElement!.getAttribute('href'))).toBe('#project/ezkl');
    await page.reload();
    await link.waitFor();
    expect(await page.evaluate(() => window.scrollY)).toBe(top);
  });

  test('a link to a part of the matrix leads there, from any view', async () => {
    const { page } = await openMatrix({ hash: '#cell/privacy-security' });
    await page.getByRole('link', { name: 'Ledgers' }).click();
    await page.locator('#ledgers').waitFor();
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('ledgers');
    const top = await page.locator('#ledgers').evaluate((heading) => heading.getBoundingClientRect().top);
    expect(top).toBeLessThan(720);
  });

  test('by keyboard: first a way past the links, then the links in order; focus is seen', async () => {
    const { page } = await openMatrix();
    await page.keyboard.press('Tab');
    const active = () =>
      page.evaluate(() => {
        const { textContent, tagName } = document.activeElement!;
        return [tagName, textContent, getComputedStyle(document.activeElement!).outlineStyle];
      });
    expect(await active()).toEqual(['A', 'Skip to the content', 'solid']);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('content');
    await page.keyboard.press('Tab');
    expect(await active()).toEqual(['A', 'an investor', 'solid']);
    expect(page.url()).not.toContain('#');
  });

  test('the third row of cells ends above the fold of a desk, and a phone shows all of it', async () => {
    const html = renderMatrixPage(matrixPage, template('matrix'));
    expect(await gridFold(browser, html, folder)).toBeLessThan(900);
    const { page } = await openMatrix({ viewport: { width: 390, height: 844 } });
    for (const cell of await page.locator('table.grid tbody td').all()) {
      const box = (await cell.boundingBox())!;
      expect([box.x >= 0, box.x + box.width <= 390]).toEqual([true, true]);
    }
  });

  test('the five statements of the analysis stand beside what is measured', async () => {
    const { page } = await openMatrix();
    const rows = page.locator('section[aria-labelledby="statements"] tbody tr');
    const statements = statementsAgainst(view.cells);
    expect(await rows.count()).toBe(statements.length);
    for (const [i, { quote, because }] of statements.entries()) {
      const text = await rows.nth(i).textContent();
      expect(text).toContain(quote);
      expect(text).toContain(because);
    }
  });

  test('nothing is cut in print', async () => {
    for (const open of [openMatrix, openLimits]) {
      // A sheet of A4 between its margins, in pixels of 1/96 inch.
      const { page } = await open({ viewport: { width: 658, height: 900 } });
      await page.emulateMedia({ media: 'print' });
      expect(await overflows(page)).toBe(false);
    }
  });

  test('the limits are computed again in the page, with the result that Node has', async () => {
    const { page, noise, requests } = await openLimits();
    expect(await page.locator('.lead').textContent()).toBe(limitsPage.view.hero);
    const year = page.getByLabel(/Start of the year/);
    await year.focus();
    await page.keyboard.press('ArrowRight');
    const expected = limitsView(computeLimits({ ...request, draws: 20_000, year: 2031 }), scenario, asOf);
    await page.waitForFunction(
      (start) => document.querySelector('header .note')?.textContent?.includes(start),
      expected.address.slice(0, 18),
    );
    expect(await page.locator('.lead').textContent()).toBe(expected.hero);
    expect([noise, requests]).toEqual([[], []]);
  });

  test('what the limits are asked is in their address, and a link asks it again', async () => {
    const { page } = await openLimits();
    const top = page.url();
    await page.getByLabel(/Private text/).fill('0.5');
    await page.getByLabel('Scenario').selectOption('epri2025');
    await page.waitForFunction(() => document.querySelector('.status')!.textContent === 'Computed.');
    expect(page.url()).toBe(`${top}#scenario=epri2025&private=0.5`);
    const hero = await page.locator('.lead').textContent();
    await page.reload();
    await page.waitForFunction((text) => document.querySelector('.lead')?.textContent === text, hero);
    expect(await page.getByLabel(/Private text/).inputValue()).toBe('0.5');
    expect(await page.getByLabel('Scenario').inputValue()).toBe('epri2025');
  });

  test('the limits change scenario, and say what the coupling does', async () => {
    const { page, noise } = await openLimits();
    await page.getByLabel('Scenario').selectOption('epri2025');
    await page.getByLabel(/Private text/).fill('0.5');
    await page.waitForFunction(() => /50 % of what federated learning/.test(document.body.textContent!));
    await page.waitForFunction(() => document.querySelector('.status')!.textContent === 'Computed.');
    expect(noise).toEqual([]);
  });

  test.each([
    [
      'matrix',
      [
        '',
        'nowhere',
        'cell/performance-decentralisation',
        'project/nonet',
        'project/ezkl',
        'project/wrapper',
      ],
    ],
    ['limits', ['']],
  ] as const)(
    '%s: no barrier that axe-core finds, light and dark; nothing overflows a phone',
    async (name, views) => {
      const html =
        name === 'limits'
          ? renderLimitsPage(limitsPage, template('limits'))
          : renderMatrixPage(matrixPage, template('matrix'));
      expect(await pageProblems(browser, { html, views }, folder)).toEqual([]);
      const small = await openPage(browser, file, { html, viewport: phone });
      for (const view of views) {
        await small.page.evaluate((hash) => (location.hash = hash), view);
        await small.page.waitForSelector('h1');
        expect(await overflows(small.page)).toBe(false);
      }
    },
  );

  test('a barrier is found where there is one', async () => {
    const html = renderMatrixPage(matrixPage, template('matrix')).replace(
      '<div id="page">',
      '<button></button><div id="page">',
    );
    expect(await pageProblems(browser, { html, views: [''] }, folder)).toEqual([
      expect.stringContaining('the page, light: button-name'),
      expect.stringContaining('the page, dark: button-name'),
    ]);
  });

  test.each(['matrix', 'limits'] as const)('%s without data says how to get some', async (name) => {
    const { page, noise } = await openPage(browser, file, { html: readFileSync(template(name), 'utf8') });
    expect(await page.locator('.lead').textContent()).toContain(`nonet ${name} --html`);
    expect(noise).toEqual([]);
  });
});
