/**
 * A job on a ledger of another operator: money, the anchor, and looking it up. The ledger is a
 * second embedded chain behind its proxy.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { balanceOf, fund } from '@nonet/chain';
import { type EmbeddedChain, startEmbeddedChain } from '@nonet/chain/embedded';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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

test(
  'every node that is named is asked, and what counts as fixed is what was said',
  async () => {
    const elsewhere = createFolder();
    onTestFinished(() => elsewhere.remove());
    const node = await startNodeWithoutFinality(chain.url);
    onTestFinished(() => node.close());
    const nodes = ['--ledger', 'http://127.0.0.1:1', '--ledger', node.url];
    const wanted = ['--confirmations', 'finalized'];
    const { code, stderr } = await nonet(elsewhere.path, 'run', job, ...nodes, '--key', keyFile, ...wanted);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('ledger.finality');
    expect(stderr).toContain(`whose node at http://127.0.0.1:1 or ${node.url} knows which block is final`);
  },
  minute,
);

/** The ledger at `url`, by a node that knows no block that is final. */
async function startNodeWithoutFinality(url: string): Promise<{ readonly url: string; close(): void }> {
  const answer = async (call: { id: number; method: string; params: readonly unknown[] }) => {
    if (call.params[0] === 'finalized')
      return { jsonrpc: '2.0', id: call.id, error: { code: -32000, message: 'finalized block not found' } };
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(call) })).json();
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const calls = JSON.parse(body);
    response.end(
      JSON.stringify(await (Array.isArray(calls) ? Promise.all(calls.map(answer)) : answer(calls))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('no process is left', () => untilGone(cwd), minute);
