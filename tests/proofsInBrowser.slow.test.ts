/**
 * Integrity proofs are verified in a page: many in one tab, by one verifier, refused ones among them,
 * with the verdicts that Node gives.
 */
import { join } from 'node:path';
import { createProver } from '@nonet/proof/zk';
import type * as verifier from '@nonet/proof/zk/verify';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../apps/web/test/chromium.ts';
import { sampleImageModel } from '../packages/proof/src/testing/sampleModels.ts';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { root } from './nonet.ts';

if (chromiumPath === undefined) {
  console.log('Not run: proofs in a browser, because no Chromium was found (set CHROMIUM_PATH).');
}

const count = 60;

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  let library: string;

  beforeAll(async () => {
    library = await bundleForBrowsers(join(root, 'packages/proof/src/zk/verify.ts'), 'verifier');
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test('many proofs in one tab, every third one spoilt', async () => {
    const sample = sampleImageModel(
      [1, 8, 8],
      [
        { kind: 'convolution', channels: 3, kernel: [3, 3] },
        { kind: 'maximum', kernel: [2, 2], stride: [2, 2] },
        { kind: 'dense', size: 4 },
      ],
      'position',
    );
    const prover = createProver(sample);
    const { statement, proof } = prover.prove({
      inputs: sample.inputsOf(2),
      rows: 2,
      context: Uint8Array.of(1, 2, 3),
    });
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const page = await browser.newPage();
    await page.addScriptTag({ content: library });
    const found = await page.evaluate(inPage, {
      count,
      registration: hex(prover.register()),
      proof: hex(proof),
      modelId: statement.modelId,
      context: hex(statement.context),
      inputs: [...statement.inputs],
      outputs: [...statement.outputs],
    });
    expect(found.verdicts).toEqual(
      Array.from({ length: count }, (_, i) => (i % 3 === 2 ? 'opening.path' : 'accepted')),
    );
    expect(found.bits).toBeGreaterThan(100);
    await page.close();
  });
});

interface PageRequest {
  readonly count: number;
  readonly registration: string;
  readonly proof: string;
  readonly modelId: verifier.Statement['modelId'];
  readonly context: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Sent to the page as text, so it must not reach beyond itself. */
function inPage({ count, registration, proof, modelId, context, inputs, outputs }: PageRequest) {
  const { verifier: library } = globalThis as unknown as { verifier: typeof verifier };
  const bytesOf = (hex: string) =>
    Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const workspace = library.createWorkspace(2 ** 26);
  const registered = library.verifyRegistration(bytesOf(registration), workspace);
  if (!registered.accepted) return { verdicts: [registered.code], bits: 0 };
  const statement = {
    modelId,
    context: bytesOf(context),
    rows: 2,
    inputs: Int32Array.from(inputs),
    outputs: Int32Array.from(outputs),
  };
  let bits = 0;
  const verdicts = Array.from({ length: count }, (_, i) => {
    const bytes = bytesOf(proof);
    // A hash of the last path.
    if (i % 3 === 2) bytes[bytes.length - 1]! ^= 1;
    const verdict = library.verifyInference(registered.model, statement, bytes, workspace);
    if (verdict.accepted) bits = verdict.bits;
    return verdict.accepted ? 'accepted' : verdict.code;
  });
  return { verdicts, bits };
}
