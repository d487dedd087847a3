/**
 * In a browser, models train to the same bits as here: the golden runs
 * (packages/tensor/test/golden.test.ts), and the five lines of docs/models.md.
 */
import { join } from 'node:path';
import type * as tensor from '@nonet/tensor';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../apps/web/test/chromium.ts';
import type * as golden from '../packages/tensor/test/goldenRuns.ts';
import { goldenRuns } from '../packages/tensor/test/goldenRuns.ts';
import { buildForBrowsers, bundleForBrowsers } from '../scripts/bundle.ts';
import { root } from './nonet.ts';

if (chromiumPath === undefined) {
  console.log('Not run: training in a browser, because no Chromium was found (set CHROMIUM_PATH).');
}

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let scripts: string[];

  beforeAll(async () => {
    scripts = await Promise.all([
      bundleForBrowsers(join(root, 'packages/tensor/test/goldenRuns.ts'), 'golden'),
      bundleForBrowsers(join(root, 'packages/tensor/src/index.ts'), 'tensor'),
    ]);
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await browser.newPage();
    for (const content of scripts) await page.addScriptTag({ content });
  });
  afterEach(() => page.close());

  test.each(goldenRuns.map(({ name, hash }, index) => ({ name, hash, index })))(
    '$name',
    async ({ hash, index }) => {
      const found = await page.evaluate((index) => {
        const { goldenRuns, hashOf } = (globalThis as unknown as { golden: typeof golden }).golden;
        return hashOf(goldenRuns[index]!);
      }, index);
      expect(found).toBe(hash);
    },
  );

  test('all of them on two threads, in a page that is isolated', async () => {
    const files = await buildForBrowsers(join(root, 'packages/tensor/test/goldenThreads.ts'));
    const isolated = await browser.newPage();
    await isolated.route('https://isolated.test/**', async (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      const file = name === '' ? '<script type="module" src="/entry.js"></script>' : files.get(name);
      await route.fulfill({
        body: Buffer.from(file ?? ''),
        contentType: name === '' ? 'text/html' : 'text/javascript',
        headers: {
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
        },
      });
    });
    await isolated.goto('https://isolated.test/');
    const result = await isolated.evaluate('globalThis.runOnTwoThreads()');
    expect(result).toEqual({ threads: 2, hashes: goldenRuns.map(({ hash }) => hash) });
    await isolated.close();
  });

  test('define, train, evaluate, save', async () => {
    const saved = await page.evaluate(`(${fiveLines})(globalThis.tensor)`);
    const here = await fiveLines(await import('@nonet/tensor'));
    expect(saved).toEqual(here);
    expect(here.accuracy).toBeGreaterThan(0.9);
  });
});

/** Sent to the page as text, so it must not reach beyond itself. */
async function fiveLines(library: typeof tensor): Promise<{ accuracy: number; file: number[] }> {
  const { defineModel, dense, encodeParameters, evaluate, relu, sgdMomentum, train } = library;
  const vocabulary = ['below', 'above'] as const;
  const features = Float32Array.from({ length: 400 }, (_, i) => ((i * i + 7 * i) % 97) / 97);
  const labels = Int32Array.from({ length: 100 }, (_, i) => Number(features[4 * i]! > features[4 * i + 1]!));
  const dataset = { features, shape: [4], labels, vocabulary };

  const model = defineModel({ shape: [4], labels: vocabulary }, (g, x) =>
    dense(g, relu(g, dense(g, x, 8)), 2),
  );
  const rates = { learningRate: 0.1, momentum: 0.9 };
  const trained = await train(model, dataset, {
    optimiser: sgdMomentum,
    rates,
    epochs: 20,
    batch: 16,
    seed: '0x2a',
  });
  const { accuracy } = await evaluate({ ...trained, dataset });
  return { accuracy, file: [...encodeParameters(trained.parameters)] };
}
