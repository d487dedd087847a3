/**
 * A job on a ledger of another operator: money, the anchor, and looking it up. The ledger is a
 * second embedded chain behind its proxy.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { balanceOf, fund } from '@nonet/chain';
import { type EmbeddedChain, startEmbeddedChain } from '@nonet/chain/embedded';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder, type Finished, jobFile, nonet, readJson, runFolder, untilGone } from './nonet.ts';

const minute = 60_000;
const ledgerFolder = createFolder();
const folder = createFolder();
const cwd = folder.path;
const job = jobFile('paid');
const ether = 10n ** 18n;
const escrow = 6n * 10n ** 15n;
const key = createPrivateKey();
const payer = createSigner(key);
const keyFile = join(cwd, 'payer.key');
let chain: EmbeddedChain;
let poor: Finished;
let finished: Finished;

const balance = (account: `0x${string}`) => balanceOf({ url: chain.url }, account);

beforeAll(async () => {
  chain = await startEmbeddedChain({ directory: ledgerFolder.path });
  writeFileSync(keyFile, key);
  await fund({ url: chain.url, signer: chain.faucet }, [payer.account], 10n ** 15n);
  poor = await nonet(cwd, 'run', job, '--ledger', chain.url, '--key', keyFile);
  await fund({ url: chain.url, signer: chain.faucet }, [payer.account], ether);
  finished = await nonet(cwd, 'run', job, '--ledger', chain.url, '--key', keyFile, '--json');
}, 3 * minute);

afterAll(async () => {
  await chain?.stop();
  folder.remove();
  ledgerFolder.remove();
});

test('a payer with too little is told how much is needed, before anything is spent', () => {
  expect(poor.code).toBe(2);
  expect(poor.stderr).toContain('run.funds');
  expect(poor.stderr).toMatch(new RegExp(`expected ${payer.account} to hold at least 0\\.\\d+ ether`));
  expect(poor.stderr).toContain('found 0.001 ether');
});

test('the same command then runs the job', () => {
  expect(finished.code, finished.stderr).toBe(0);
  expect(JSON.parse(finished.stdout)).toMatchObject({ rounds: 2, participants: 3, verified: true });
});

test('who runs the job does not run the ledger: so says the receipt', () => {
  const receipt = readJson<{ evidence: { sentence: string }[] }>(runFolder(cwd), 'receipt.json');
  expect(receipt.evidence.map(({ sentence }) => sentence).join()).not.toContain('could have rewritten');
});

test('verify looks the anchor up', async () => {
  const receipt = join(runFolder(cwd), 'receipt.json');
  const found = await nonet(cwd, 'verify', receipt, '--ledger', chain.url);
  expect(found.code, found.stderr).toBe(0);
  expect(found.stdout).toMatch(/✓ The entry on the ledger \(checked against/);
  const without = await nonet(cwd, 'verify', receipt);
  expect(without.stdout).toMatch(/· The entry on the ledger \(only stated\)/);
});

test('verify tells another anchor from the one on the ledger', async () => {
  const receipt = readJson<{ anchor: { contract: string } }>(runFolder(cwd), 'receipt.json');
  receipt.anchor.contract = `0x${'11'.repeat(20)}`;
  const file = join(cwd, 'elsewhere.json');
  writeFileSync(file, JSON.stringify(receipt));
  const { code, stderr } = await nonet(cwd, 'verify', file, '--ledger', chain.url);
  expect(code).not.toBe(0);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test('what the roles did not need goes back to the payer, and the escrow went to the sites', async () => {
  const { contract } = readJson<{ contract: `0x${string}` }>(runFolder(cwd), 'run.json');
  expect(await balance(contract)).toBe(0n);
  expect(finished.stderr).toMatch(/ether of the allowances went back/);
  const { gasUsed } = JSON.parse(finished.stdout) as { gasUsed: number };
  const keys = readJson<Record<string, `0x${string}` | `0x${string}`[]>>(runFolder(cwd), 'keys.json');
  // A few transactions' worth of dust at most.
  for (const role of Object.values(keys).flat())
    expect(await balance(createSigner(role).account)).toBeLessThan(10n ** 15n);
  const spent = ether + 10n ** 15n - (await balance(payer.account));
  // The escrow was shared out and came back with the allowances; what is gone is gas: below 3 gwei
  // each here, deployment and transfers on top.
  expect(spent).toBeLessThan((BigInt(gasUsed) + 14_000_000n) * 3n * 10n ** 9n);
  expect(spent).toBeGreaterThan(0n);
  expect(escrow).toBeGreaterThan(0n);
});

test('no process is left', () => untilGone(cwd), minute);
