/** The matrix and the limits as files, and in a real browser. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFigures, declareFigures, type Evidence } from '@nonet/core/records';
import { computeLimits, limitsView, scenarios, uncoupled } from '@nonet/limits';
import { claimsAt, diffCells, gapsIn, matrixView, type Situation, trilemmaView } from '@nonet/matrix';
import { evaluateProject } from '@nonet/matrix/evaluation';
import { leads, projects } from '@nonet/matrix/projects';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from '../src/build.ts';
import { type LimitsPage, type MatrixPage, renderLimitsPage, renderMatrixPage } from '../src/index.ts';
import { accessibilityProblems, openPage, overflows } from './browserPages.ts';
import { chromiumPath, launchChromium } from './chromium.ts';

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
  test('carry their data as data, and stay below 400 kB and 700 kB without them', () => {
    const html = renderMatrixPage(matrixPage, template('matrix'));
    const data = /<script type="application\/json" id="matrix">(.*?)<\/script>/s.exec(html)![1]!;
    expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(matrixPage)));
    expect(data).not.toContain('<');
    expect(readFileSync(template('matrix')).length).toBeLessThan(400_000);
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
  const openLimits = (options: { colorScheme?: 'dark'; viewport?: { width: number; height: number } } = {}) =>
    openPage(browser, file, { html: renderLimitsPage(limitsPage, template('limits')), ...options });
  const phone = { width: 360, height: 740 };

  test('the matrix shows nine cells, what was measured, and what was not', async () => {
    const { page, noise, requests } = await openMatrix();
    expect(await page.locator('table.grid td').count()).toBe(9);
    expect(await page.locator('table.grid .score.open').count()).toBe(
      9 - view.cells.filter((state) => state.measured).length,
    );
    expect(await page.locator('.projects li').count()).toBe(projects.length);
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
    expect(await page.locator('section[aria-labelledby="flips"] li').count()).toBe(
      report.flips.filter(({ on }) => !on.startsWith('H')).length,
    );
    await page.getByRole('link', { name: 'Matrix' }).click();
    await page.locator('table.grid').waitFor();
    expect(noise).toEqual([]);
  });

  test('every cell and every project can be opened', async () => {
    const { page, noise } = await openMatrix();
    const routes = [
      ...view.cells.map(({ cell }) => `#cell/${cell.id}`),
      ...projects.map(({ id }) => `#project/${id}`),
    ];
    for (const route of [...routes, '#project/none', '#%']) {
      await page.evaluate((hash) => (location.hash = hash), route);
      await page.waitForSelector('h1');
    }
    expect(noise).toEqual([]);
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

  test('the limits change scenario, and say what the coupling does', async () => {
    const { page, noise } = await openLimits();
    await page.getByLabel('Scenario').selectOption('epri2025');
    await page.getByLabel(/Private text/).fill('0.5');
    await page.waitForFunction(() => /50 % of what federated learning/.test(document.body.textContent!));
    await page.waitForFunction(() => document.querySelector('.status')!.textContent === 'Computed.');
    expect(noise).toEqual([]);
  });

  const pages = [
    ['matrix', ''],
    ['cell', '#cell/performance-decentralisation'],
    ['project', '#project/nonet'],
    ['limits', ''],
  ] as const;
  test.each(pages)(
    '%s: no barrier that axe-core finds, light and dark; nothing overflows a phone',
    async (name, hash) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const open = (viewport?: typeof phone) =>
          openPage(browser, file, {
            html:
              name === 'limits'
                ? renderLimitsPage(limitsPage, template('limits'))
                : renderMatrixPage(matrixPage, template('matrix')),
            hash,
            colorScheme,
            ...(viewport === undefined ? {} : { viewport }),
          });
        const { page } = await open();
        expect(await accessibilityProblems(page)).toEqual([]);
        const small = await open(phone);
        expect(await overflows(small.page)).toBe(false);
      }
    },
  );

  test.each(['matrix', 'limits'] as const)('%s without data says how to get some', async (name) => {
    const { page, noise } = await openPage(browser, file, { html: readFileSync(template(name), 'utf8') });
    expect(await page.locator('.lead').textContent()).toContain(`nonet ${name} --html`);
    expect(noise).toEqual([]);
  });
});
