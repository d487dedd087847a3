/**
 * The limits have the same bits in a page, in a Web Worker and here: the address of a result is its
 * value's hash, so equal addresses are equal results.
 */
import { join } from 'node:path';
import type { LimitsRequest, LimitsResult } from '@nonet/limits';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../apps/web/test/chromium.ts';
import { goldenLimits } from '../packages/limits/test/goldenLimits.ts';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { root } from './nonet.ts';

if (chromiumPath === undefined) {
  console.log('Not run: the limits in a browser, because no Chromium was found (set CHROMIUM_PATH).');
}

const { request, address } = goldenLimits;

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  let scripts: [library: string, worker: string];

  beforeAll(async () => {
    const limits = (file: string, name: string) =>
      bundleForBrowsers(join(root, 'packages/limits/src', file), name);
    scripts = [await limits('index.ts', 'limits'), await limits('webWorker.ts', 'worker')];
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test('a page and a worker compute what Node computes', async () => {
    const page = await browser.newPage();
    const [library, worker] = scripts;
    await page.addScriptTag({ content: library });
    const found = await page.evaluate(inPage, { request, worker });
    expect(found.direct).toBe(address);
    expect(found.fromWorker).toBe(address);
    expect(found.shares.length).toBeGreaterThan(20);
    await page.close();
  });
});

/** Sent to the page as text, so it must not reach beyond itself. */
async function inPage({ request, worker }: { request: LimitsRequest; worker: string }) {
  const { limits } = globalThis as unknown as { limits: typeof import('@nonet/limits') };
  const shares: number[] = [];
  const thread = new Worker(URL.createObjectURL(new Blob([worker], { type: 'text/javascript' })));
  const result = await new Promise<LimitsResult>((resolve, reject) => {
    thread.onerror = reject;
    thread.onmessage = ({ data }) => {
      if (data.type === 'progress') shares.push(data.share);
      else if (data.type === 'done') resolve(data.result);
      else reject(data);
    };
    thread.postMessage(request);
  });
  thread.terminate();
  return {
    direct: limits.addressOfLimits(limits.computeLimits(request)),
    fromWorker: limits.addressOfLimits(result),
    shares,
  };
}
