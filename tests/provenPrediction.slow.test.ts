/**
 * A run ends by proving one prediction of its model. The proof is verified from the receipt, in its
 * page, and with the blobs of the run and its ledger to be about the model that the run came to;
 * and a user proves further answers of that model.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fund } from '@nonet/chain';
import { type EmbeddedChain, startEmbeddedChain } from '@nonet/chain/embedded';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import { parseReceipt, type Receipt } from '@nonet/core/receipt';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage } from '../apps/web/test/browserPages.ts';
import { chromiumPath, launchChromium } from '../apps/web/test/chromium.ts';
import { createFolder, type Finished, jobFile, nonet, readJson, runFolder } from './nonet.ts';

const minute = 60_000;
const [ledgerFolder, folder, plain] = [createFolder(), createFolder(), createFolder()];
const cwd = folder.path;
const key = createPrivateKey();
const keyFile = join(cwd, 'payer.key');
let chain: EmbeddedChain;
let finished: Finished;
let receipt: Receipt;
let contract: string;

const at = (name: string) => join(runFolder(cwd), name);
const statusesOf = ({ stdout }: Finished, verifier: string): readonly string[] => {
  const { verdicts } = JSON.parse(stdout) as {
    verdicts: { piece: { kind: string; number?: number }; status: string; code?: string }[];
  };
  const statements = verdicts.filter(({ piece }) => piece.kind === 'statement');
  return receipt.evidence.flatMap(({ check }, i) =>
    check.how === 'here' && check.verifier === verifier ? [statements[i]!.code ?? statements[i]!.status] : [],
  );
};

beforeAll(async () => {
  chain = await startEmbeddedChain({ directory: ledgerFolder.path });
  writeFileSync(keyFile, key);
  await fund({ url: chain.url, signer: chain.faucet }, [createSigner(key).account], 10n ** 18n);
  finished = await nonet(cwd, 'run', jobFile('paid'), '--ledger', chain.url, '--key', keyFile, '--json');
  expect(finished.code, finished.stderr).toBe(0);
  receipt = parseReceipt(readJson(at('receipt.json')));
  ({ contract } = readJson<{ contract: string }>(at('run.json')));
}, 3 * minute);

afterAll(async () => {
  await chain?.stop();
  for (const each of [ledgerFolder, folder, plain]) each.remove();
});

describe('the receipt', () => {
  test('carries the proof, and the run says what it took', () => {
    const { proof } = JSON.parse(finished.stdout) as {
      proof: { modelId: string; bits: number; bytes: number };
    };
    expect(proof.bits).toBeGreaterThan(100);
    const sentences = receipt.evidence.map(({ sentence }) => sentence);
    expect(sentences).toContainEqual(expect.stringContaining(`Model ${proof.modelId} gave the answer`));
    const artefact = receipt.evidence.find(({ kind }) => kind === 'proof')?.artefact;
    expect(receipt.artefacts[artefact!]).toMatch(/^data:;base64,/);
  });

  test('is verified from itself alone, with the blobs, and against the ledger', async () => {
    const alone = await nonet(cwd, 'verify', at('receipt.json'), '--json');
    expect(statusesOf(alone, 'proof.answer')).toEqual(['checked here']);
    expect(statusesOf(alone, 'proof.model')).toEqual(['only stated']);
    const ledger = ['--blobs', at('blobs'), '--ledger', chain.url];
    const whole = await nonet(cwd, 'verify', at('receipt.json'), ...ledger, '--json');
    expect(whole.code, whole.stdout).toBe(0);
    expect(statusesOf(whole, 'proof.answer')).toEqual(['checked here']);
    expect(statusesOf(whole, 'proof.model')).toEqual(['checked against']);
  });

  test('with an altered record or an altered proof fails', async () => {
    const records = receipt.evidence.findIndex(({ kind }) => kind === 'proof');
    const text = readFileSync(at('receipt.json'), 'utf8');
    const { label } = /“(?<label>.*?)”/.exec(receipt.evidence[records]!.sentence)!.groups!;
    const other = label === 'benign' ? 'malignant' : 'benign';
    const file = join(cwd, 'altered.json');
    writeFileSync(file, text.replace(`gave the answer “${label}”`, `gave the answer “${other}”`));
    expect((await nonet(cwd, 'verify', file)).code).toBe(1);
    writeFileSync(file, text.replace('data:;base64,pWZm', 'data:;base64,pWZn'));
    const { code, stdout } = await nonet(cwd, 'verify', file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Attached file 0x[0-9a-f]+… \(failed\)/);
  });
});

describe.skipIf(chromiumPath === undefined)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test('verifies the proof in the reader’s browser, and with blobs that it is about the final model', async () => {
    const html = readFileSync(at('receipt.html'), 'utf8');
    const { page, noise, requests } = await openPage(browser, join(cwd, 'page.html'), { html });
    const checked = () => page.waitForSelector('main[data-checking="false"]');
    const statusOf = (text: string) =>
      page.locator('[data-piece]', { hasText: text }).first().locator('.mark').getAttribute('data-status');
    await checked();
    expect(await statusOf('gave the answer')).toBe('checked here');
    expect(await statusOf('is the final model of this job')).toBe('only stated');
    const blobs = readdirSync(at('blobs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    await page.getByLabel('Choose files or another receipt').setInputFiles(blobs);
    await page.waitForFunction(() => /added|could not/.test(document.querySelector('.more')!.textContent!));
    await checked();
    expect(await statusOf('is the final model of this job')).toBe('checked here');
    expect(noise).toEqual([]);
    expect(requests).toEqual([]);
    await page.context().close();
  });
});

describe('further answers of the model', () => {
  const ledger = () => ['--ledger', chain.url, '--contract', contract];

  test('are proven by the name of the run, and the model is the registered one', async () => {
    const proven = await nonet(
      cwd,
      'prove',
      runFolder(cwd),
      '--example',
      '5',
      '--label',
      '--out',
      'five.proof',
      '--json',
    );
    expect(proven.code, proven.stderr).toBe(0);
    const { modelId } = JSON.parse(proven.stdout) as { modelId: string };
    expect(finished.stdout).toContain(modelId);
    const verified = await nonet(cwd, 'verify', 'five.proof', '--model', runFolder(cwd), ...ledger());
    expect(verified.code, verified.stdout).toBe(0);
    expect(verified.stdout).toContain('it was registered on the ledger');
    expect(verified.stdout).toMatch(/by account 0x[0-9a-f]{40}, at 20\d\d-/);
  });

  test('of another kind are another model, which its user registers', async () => {
    const prove = ['prove', runFolder(cwd), '--example', '7', '--out', 'scores.proof'];
    expect((await nonet(cwd, ...prove)).code).toBe(0);
    const before = await nonet(cwd, 'verify', 'scores.proof', ...ledger());
    expect(before.code).toBe(1);
    expect(before.stdout).toContain('proof.unregistered');
    const registered = await nonet(cwd, ...prove, '--register', ...ledger(), '--key', keyFile, '--json');
    expect(registered.code, registered.stderr).toBe(0);
    expect(JSON.parse(registered.stdout).registered.gas).toBeGreaterThan(20_000);
    const after = await nonet(cwd, 'verify', 'scores.proof', ...ledger(), '--json');
    expect(after.code, after.stdout).toBe(0);
    expect(JSON.parse(after.stdout).registrations).toMatchObject([{ by: createSigner(key).account }]);
  });

  test('beyond the public test set there are none', async () => {
    const { code, stderr } = await nonet(cwd, 'prove', runFolder(cwd), '--example', '100000');
    expect(code).toBe(2);
    expect(stderr).toContain('prove.input');
  });
});

test(
  'a job that asks for no proof has none',
  async () => {
    const { code, stdout, stderr } = await nonet(plain.path, 'run', jobFile('unproven'), '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).proof).toBeNull();
    const { evidence } = parseReceipt(readJson(runFolder(plain.path), 'receipt.json'));
    expect(evidence.map(({ mechanism }) => mechanism)).not.toContain('proof.inference');
  },
  2 * minute,
);
