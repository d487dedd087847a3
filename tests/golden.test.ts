/** The golden training runs in a browser: same hashes as in Node (packages/tensor/test/golden.test.ts). */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../apps/web/test/chromium.ts';
import type * as golden from '../packages/tensor/test/goldenRuns.ts';
import { goldenRuns } from '../packages/tensor/test/goldenRuns.ts';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { root } from './nonet.ts';

if (chromiumPath === undefined) {
  console.log('Not run: the golden runs in a browser, because no Chromium was found (set CHROMIUM_PATH).');
}

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  let script: string;

  beforeAll(async () => {
    script = await bundleForBrowsers(join(root, 'packages/tensor/test/goldenRuns.ts'), 'golden');
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test.each(goldenRuns.map(({ name, hash }, index) => ({ name, hash, index })))(
    '$name',
    async ({ hash, index }) => {
      const page = await browser.newPage();
      await page.addScriptTag({ content: script });
      const found = await page.evaluate((index) => {
        const { goldenRuns, hashOf } = (globalThis as unknown as { golden: typeof golden }).golden;
        return hashOf(goldenRuns[index]!);
      }, index);
      expect(found).toBe(hash);
      await page.close();
    },
  );
});
