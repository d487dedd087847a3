/**
 * Sending, with plain transfers: what a chain, a node and a signer can do to a transaction on its
 * way.
 */
import { type Hex, pause, UndecidedError } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { parseTransaction } from 'viem/utils';
import { afterEach, describe, expect, it } from 'vitest';
import { type BareAnvil, type BareAnvilParameters, startBareAnvil } from '../test/bareAnvil.ts';
import { type Answer, type Forwarder, startForwarder } from '../test/forwarder.ts';
import { raiseFees, readFees } from './fees.ts';
import { type Confirmations, createHeads } from './heads.ts';
import { readNonce } from './nonces.ts';
import { createRpc, type LedgerNotice } from './rpc.ts';
import { signTransaction } from './signedTransaction.ts';
import { createSender, readBalance, type Sender } from './transactions.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function startChain(parameters: BareAnvilParameters = {}): Promise<BareAnvil> {
  const chain = await startBareAnvil(2, parameters);
  opened.push(chain);
  return chain;
}

async function forward(chain: BareAnvil, answer?: Answer): Promise<Forwarder> {
  const forwarder = await startForwarder(chain.anvil, answer);
  opened.push(forwarder);
  return forwarder;
}

interface Options {
  readonly confirmations?: Confirmations;
  readonly quietMilliseconds?: number;
  readonly patienceMilliseconds?: number;
  readonly repriceMilliseconds?: number;
}

function startSender(
  url: string,
  { confirmations = 0, quietMilliseconds = 60_000, ...options }: Options = {},
) {
  const rpc = createRpc(url);
  const notices: LedgerNotice[] = [];
  const heads = createHeads({ rpc, confirmations, quietMilliseconds });
  const sender = createSender({
    ...{ rpc, chainId: 31337, heads, pollMilliseconds: 5, ...options },
    onNotice: (notice) => notices.push(notice),
  });
  return { rpc, sender, notices };
}

const target: Account = `0x${'ab'.repeat(20)}`;
const transfer = (value: bigint) => ({ to: target, data: '0x' as const, value });
const gas = 21_000n;

/** Resolves when the pool holds a transaction. */
async function untilPooled({ anvil }: BareAnvil, count = 1): Promise<void> {
  const pooled = async () =>
    Number((await anvil.request<{ pending: Hex }>('txpool_status')).pending) >= count;
  await expect.poll(pooled, { timeout: 10_000 }).toBe(true);
}

/** Makes blocks until the promise is settled. */
async function mineUntil<Result>(chain: BareAnvil, work: Promise<Result>): Promise<Result> {
  let settled = false;
  const done = work.finally(() => {
    settled = true;
  });
  done.catch(() => undefined);
  while (!settled) {
    await chain.mine();
    await pause(20);
  }
  return done;
}

describe('nonces', () => {
  it('are right when signing takes time, and calls go out in order', async () => {
    const chain = await startChain();
    const { rpc, sender } = startSender(chain.url);
    const quick = chain.signers[0]!;
    let signing = 0;
    const slow: Signer = {
      account: quick.account,
      async sign(digest) {
        expect(++signing).toBe(1);
        await pause(10 + 20 * Math.random());
        signing--;
        return quick.sign(digest);
      },
    };
    const order: number[] = [];
    const sent = Array.from({ length: 8 }, async (_, i) => {
      const receipt = await sender.send(transfer(1n), slow);
      order.push(i);
      return receipt;
    });
    for (const receipt of await Promise.all(sent)) expect(receipt).toMatchObject({ status: '0x1' });
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await readBalance(rpc, target)).toBe(8n);
    expect(await readNonce(rpc, slow.account)).toBe(8);
  });

  it('are shared with other processes of the same account', async () => {
    const chain = await startChain();
    const senders = Array.from({ length: 4 }, () => startSender(chain.url));
    // Different ones: the same call at the same nonce is the same transaction.
    const sent = senders.flatMap(({ sender }, i) =>
      [0n, 1n, 2n].map((j) => sender.send(transfer(10n ** BigInt(3 * i) + j), chain.signers[0]!)),
    );
    for (const receipt of await Promise.all(sent)) expect(receipt).toMatchObject({ status: '0x1' });
    expect(await readBalance(senders[0]!.rpc, target)).toBe(3_003_003_003n + 12n);
  });

  it('go on after a call that failed', async () => {
    const chain = await startChain();
    const { rpc, sender } = startSender(chain.url);
    const outcomes = await Promise.allSettled([
      sender.send(transfer(10n ** 30n), chain.signers[0]!),
      sender.send(transfer(1n), chain.signers[0]!),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await readBalance(rpc, target)).toBe(1n);
  });

  it('count many calls of one account at once', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender } = startSender(chain.url);
    const calls = Array.from({ length: 130 }, () => ({ ...transfer(1n), gas }));
    const sent = sender.sendAll(calls, chain.signers[0]!);
    await untilPooled(chain, 130);
    expect(await mineUntil(chain, sent)).toHaveLength(130);
    expect(await readBalance(rpc, target)).toBe(130n);
  });

  it('do not wait for blocks: many single calls of one account share one', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender } = startSender(chain.url);
    const sent = Promise.all(Array.from({ length: 12 }, () => sender.send(transfer(1n), chain.signers[0]!)));
    await untilPooled(chain, 12);
    await chain.mine();
    const blocks = new Set((await sent).map((outcome) => 'blockNumber' in outcome && outcome.blockNumber));
    expect(blocks.size).toBe(1);
    expect(await readBalance(rpc, target)).toBe(12n);
  });

  it('follow what was handed over, where a node does not count it yet', async () => {
    const chain = await startChain({ blocks: 'asked' });
    // As nodes count that keep no pool, or have not heard of what another one was given.
    const { url } = await forward(chain, (method, [account, block]) =>
      method === 'eth_getTransactionCount' && block === 'pending'
        ? chain.anvil.request(method, account, 'latest').then((result) => ({ result }))
        : undefined,
    );
    const { rpc, sender } = startSender(url);
    const [owner] = chain.signers as [Signer];
    const single = sender.send(transfer(1n), owner);
    const many = sender.sendAll(
      [
        { ...transfer(1n), gas },
        { ...transfer(1n), gas },
      ],
      owner,
    );
    const last = sender.send(transfer(1n), owner);
    await untilPooled(chain, 4);
    await chain.mine();
    const receipts = (await Promise.all([single, many, last])).flat();
    const blocks = receipts.map((outcome) => 'blockNumber' in outcome && outcome.blockNumber);
    expect(blocks).toEqual(['0x1', '0x1', '0x1', '0x1']);
    expect(await readBalance(rpc, target)).toBe(4n);
  });

  it('of what is mined and not yet fixed hide no stranger’s that waits', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const [owner] = chain.signers as [Signer];
    // As geth counts: what waits in the pool, too.
    let left = false;
    const { url } = await forward(chain, (method, [, block]) =>
      method === 'eth_getTransactionCount' && block === 'pending' && left ? { result: '0x2' } : undefined,
    );
    const { rpc, sender, notices } = startSender(url, { confirmations: 100, repriceMilliseconds: 100 });
    const first = sender.send(transfer(1n), owner);
    await untilPooled(chain);
    await chain.mine();
    const { fields } = await readFees(rpc);
    const stuck = await signTransaction(
      { ...transfer(1000n), gas, nonce: 1, chainId: 31337, ...fields },
      owner,
    );
    await rpc.request('eth_sendRawTransaction', [stuck.raw]);
    left = true;
    await chain.anvil.request(
      'anvil_setNextBlockBaseFeePerGas',
      `0x${(8n * (await readFees(rpc)).ceiling).toString(16)}`,
    );
    await mineUntil(chain, Promise.all([first, sender.send(transfer(1n), owner)]));
    expect(notices.map(({ type }) => type)).toContain('replaced');
    expect(await readBalance(rpc, target)).toBe(2n);
  });

  it('of many calls that were not all taken keep no later call waiting', async () => {
    const chain = await startChain();
    const refuser: Account = `0x${'0d'.repeat(20)}`;
    await chain.anvil.request('anvil_setCode', refuser, '0x5f5ffd');
    let sent = 0;
    const { url } = await forward(chain, (method) =>
      method === 'eth_sendRawTransaction' && ++sent > 100
        ? { error: { code: -32000, message: 'not now' } }
        : undefined,
    );
    const { sender } = startSender(url);
    const [owner] = chain.signers as [Signer];
    const calls = Array.from({ length: 130 }, () => ({ ...transfer(1n), gas }));
    await expect(sender.sendAll(calls, owner)).rejects.toMatchObject({ code: 'ledger.rpc' });
    expect(await sender.send({ to: refuser, data: '0x' }, owner)).toEqual({ reverted: '0x' });
  });

  it('of many calls that are given up keep no later call waiting', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const refuser: Account = `0x${'0d'.repeat(20)}`;
    await chain.anvil.request('anvil_setCode', refuser, '0x5f5ffd');
    const { sender } = startSender(chain.url, { patienceMilliseconds: 200 });
    const [owner] = chain.signers as [Signer];
    const calls = [0, 1].map(() => ({ ...transfer(1n), gas }));
    await expect(sender.sendAll(calls, owner)).rejects.toMatchObject({ code: 'ledger.pending' });
    expect(await sender.send({ to: refuser, data: '0x' }, owner)).toEqual({ reverted: '0x' });
  });

  it('are no other account’s: a signer with another key is refused', async () => {
    const chain = await startChain();
    const { rpc, sender } = startSender(chain.url);
    const [owner, other] = chain.signers as [Signer, Signer];
    const forger: Signer = { account: owner.account, sign: (digest) => other.sign(digest) };
    await expect(sender.send(transfer(1n), forger)).rejects.toMatchObject({
      code: 'ledger.signature',
      found: `one of ${other.account}`,
    });
    const broken: Signer = { account: owner.account, sign: async () => `0x${'00'.repeat(65)}` };
    await expect(sender.send(transfer(1n), broken)).rejects.toMatchObject({ found: 'an invalid one' });
    expect(await readBalance(rpc, target)).toBe(0n);
  });
});

describe('confirmations', () => {
  it('are waited for', async () => {
    const chain = await startChain();
    const { sender } = startSender(chain.url, { confirmations: 3 });
    let done = false;
    const sent = sender.send(transfer(1n), chain.signers[0]!).then((receipt) => {
      done = true;
      return receipt;
    });
    await expect.poll(() => readNonce(createRpc(chain.url), chain.signers[0]!.account, 'latest')).toBe(1);
    await chain.mine(2);
    await pause(100);
    expect(done).toBe(false);
    await chain.mine();
    expect(await sent).toMatchObject({ status: '0x1', blockNumber: '0x1' });
  });

  it('are needless for blocks that the node calls final', async () => {
    const chain = await startChain();
    const { url } = await forward(chain, (method, [tag]) =>
      method === 'eth_getBlockByNumber' && tag === 'finalized'
        ? chain.anvil.request('eth_getBlockByNumber', 'latest', false).then((result) => ({ result }))
        : undefined,
    );
    for (const confirmations of [1000, 'finalized'] as const) {
      const { sender } = startSender(url, { confirmations });
      expect(await sender.send(transfer(1n), chain.signers[0]!)).toMatchObject({ status: '0x1' });
    }
  });

  it('by the node’s finality alone need a node that knows it', async () => {
    const chain = await startChain();
    const answers = [{ error: { code: -32000, message: 'finalized block not found' } }, { result: null }];
    for (const answer of answers) {
      const { url } = await forward(chain, (method, [tag]) =>
        method === 'eth_getBlockByNumber' && tag === 'finalized' ? answer : undefined,
      );
      const { sender } = startSender(url, { confirmations: 'finalized' });
      await expect(sender.send(transfer(1n), chain.signers[0]!)).rejects.toMatchObject({
        code: 'ledger.finality',
      });
    }
  });

  it('do not come on a chain that makes blocks for transactions only: its quiet head counts', async () => {
    const chain = await startChain();
    const { sender } = startSender(chain.url, { confirmations: 3, quietMilliseconds: 200 });
    expect(await sender.send(transfer(1n), chain.signers[0]!)).toMatchObject({ status: '0x1' });
  });
});

describe('a transaction whose block is taken back', () => {
  it('is sent again until it has depth, and takes effect once', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender, notices } = startSender(chain.url, { confirmations: 2 });
    const before = await chain.anvil.request<Hex>('evm_snapshot');
    const sent = sender.send(transfer(5n), chain.signers[0]!);
    await untilPooled(chain);
    await chain.mine(2);
    expect(await readBalance(rpc, target)).toBe(5n);
    // The sender must have seen the block to miss it.
    await pause(300);
    await chain.anvil.request('evm_revert', before);
    await chain.anvil.request('anvil_dropAllTransactions');
    expect(await readBalance(rpc, target)).toBe(0n);
    const receipt = await mineUntil(chain, sent);
    expect(receipt).toMatchObject({ status: '0x1' });
    expect(notices.map(({ type }) => type)).toEqual(['reposted']);
    expect(notices[0]!.message).toContain((receipt as { transactionHash: Hex }).transactionHash);
    await chain.mine(3);
    expect(await readBalance(rpc, target)).toBe(5n);
  });

  it('is refused if the other branch refuses it', async () => {
    const chain = await startChain({ blocks: 'asked' });
    // Pays on what comes first, then reverts with a word.
    const once: Account = `0x${'0c'.repeat(20)}`;
    // sload(0) ? revert(0, 32) : sstore(0, 1)
    await chain.anvil.request('anvil_setCode', once, '0x5f54600a5760015f55005b60205ffd');
    const { sender } = startSender(chain.url, { confirmations: 2 });
    const before = await chain.anvil.request<Hex>('evm_snapshot');
    const sent = sender.send({ to: once, data: '0x' }, chain.signers[0]!);
    await untilPooled(chain);
    await chain.mine();
    await pause(300);
    await chain.anvil.request('evm_revert', before);
    await chain.anvil.request('anvil_dropAllTransactions');
    await chain.anvil.request('anvil_setStorageAt', once, `0x${'00'.repeat(32)}`, `0x${'00'.repeat(31)}01`);
    expect(await mineUntil(chain, sent)).toEqual({ reverted: `0x${'00'.repeat(32)}` });
  });
});

describe('a transaction that blocks leave out', () => {
  const baseFee = (chain: BareAnvil, wei: bigint) =>
    chain.anvil.request('anvil_setNextBlockBaseFeePerGas', `0x${wei.toString(16)}`);

  async function leaveOut(chain: BareAnvil, sender: Sender, factor: bigint) {
    const { ceiling } = await readFees(createRpc(chain.url));
    const sent = sender.send(transfer(1n), chain.signers[0]!);
    sent.catch(() => undefined);
    await untilPooled(chain);
    await baseFee(chain, ceiling * factor);
    return { sent, ceiling };
  }

  it('is signed again with a higher fee and the same nonce', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender, notices } = startSender(chain.url, { repriceMilliseconds: 100 });
    const { sent, ceiling } = await leaveOut(chain, sender, 2n);
    const receipt = (await mineUntil(chain, sent)) as { transactionHash: Hex };
    const mined = await chain.anvil.request<{ nonce: Hex; maxFeePerGas: Hex }>(
      'eth_getTransactionByHash',
      receipt.transactionHash,
    );
    expect(mined.nonce).toBe('0x0');
    expect(BigInt(mined.maxFeePerGas)).toBeGreaterThanOrEqual((ceiling * 9n) / 8n);
    expect(notices[0]).toMatchObject({ type: 'repriced' });
    expect(notices.map(({ message }) => message).join()).toContain(receipt.transactionHash);
    await chain.mine(3);
    expect(await readBalance(rpc, target)).toBe(1n);
  });

  it('stays as it is where more would be above the limit, which is said', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { sender, notices } = startSender(chain.url, {
      ...{ repriceMilliseconds: 100, patienceMilliseconds: 1500 },
    });
    const { sent, ceiling } = await leaveOut(chain, sender, 1000n);
    for (let i = 0; i < 10; i++) {
      await baseFee(chain, 1000n * ceiling);
      await chain.mine();
    }
    await expect(sent).rejects.toMatchObject({ code: 'ledger.pending' });
    await expect(sent).rejects.toBeInstanceOf(UndecidedError);
    expect(notices[0]!.message).toMatch(/is above the limit of 10 times/);
  });

  it('stays as it is where its signer does not sign again', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender, notices } = startSender(chain.url, { repriceMilliseconds: 100 });
    const [owner] = chain.signers as [Signer];
    let times = 0;
    const once: Signer = {
      account: owner.account,
      sign: (digest) => (++times > 1 ? Promise.reject(new Error('no')) : owner.sign(digest)),
    };
    const { ceiling } = await readFees(rpc);
    const sent = sender.send(transfer(1n), once);
    await untilPooled(chain);
    await baseFee(chain, ceiling * 2n);
    // Empty blocks make gas cheaper again.
    expect(await mineUntil(chain, sent)).toMatchObject({ status: '0x1' });
    expect(notices[0]!.message).toMatch(/does not sign again/);
  });

  it('of an earlier life of the process is replaced', async () => {
    const chain = await startChain({ blocks: 'asked' });
    // As geth counts: what waits in the pool, too, however little it offers.
    const { url } = await forward(chain, (method, [, block]) =>
      method === 'eth_getTransactionCount' && block === 'pending' ? { result: '0x1' } : undefined,
    );
    const { rpc, sender, notices } = startSender(url, { repriceMilliseconds: 100 });
    const [owner] = chain.signers as [Signer];
    const { fields } = await readFees(rpc);
    const left = await signTransaction(
      { ...transfer(1000n), gas, nonce: 0, chainId: 31337, ...fields },
      owner,
    );
    await rpc.request('eth_sendRawTransaction', [left.raw]);
    await baseFee(chain, 8n * (await readFees(rpc)).ceiling);
    expect(await mineUntil(chain, sender.send(transfer(1n), owner))).toMatchObject({ status: '0x1' });
    expect(notices[0]).toMatchObject({ type: 'replaced' });
    expect(await readBalance(rpc, target)).toBe(1n);
  });

  it('of another process is waited for', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender, notices } = startSender(chain.url);
    const [owner] = chain.signers as [Signer];
    const { fields } = await readFees(rpc);
    const theirs = await signTransaction(
      { ...transfer(1000n), gas, nonce: 0, chainId: 31337, ...fields },
      owner,
    );
    await rpc.request('eth_sendRawTransaction', [theirs.raw]);
    await mineUntil(chain, sender.send(transfer(1n), owner));
    expect(notices).toEqual([]);
    expect(await readBalance(rpc, target)).toBe(1001n);
  });

  it('because the node forgot it is handed over again', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender } = startSender(chain.url, { repriceMilliseconds: 400 });
    const sent = sender.send(transfer(1n), chain.signers[0]!);
    await untilPooled(chain);
    await chain.anvil.request('anvil_dropAllTransactions');
    await untilPooled(chain);
    await mineUntil(chain, sent);
    expect(await readBalance(rpc, target)).toBe(1n);
  });

  it('because another took its nonce is begun anew', async () => {
    const chain = await startChain({ blocks: 'asked' });
    const { rpc, sender } = startSender(chain.url);
    const [owner] = chain.signers as [Signer];
    const sent = sender.send(transfer(1n), owner);
    await untilPooled(chain);
    const { fields } = raiseFees(raiseFees(await readFees(rpc)));
    const other = await signTransaction(
      { ...transfer(1000n), gas, nonce: 0, chainId: 31337, ...fields },
      owner,
    );
    await rpc.request('eth_sendRawTransaction', [other.raw]);
    expect(await mineUntil(chain, sent)).toMatchObject({ status: '0x1' });
    expect(await readBalance(rpc, target)).toBe(1001n);
  });
});

describe('fees', () => {
  it('rise by an eighth at least', () => {
    expect(raiseFees({ ceiling: 8n, fields: { gasPrice: 8n } })).toEqual({
      ceiling: 10n,
      fields: { gasPrice: 10n },
    });
    expect(raiseFees({ ceiling: 1000n, fields: { maxFeePerGas: 1000n, maxPriorityFeePerGas: 0n } })).toEqual({
      ceiling: 1126n,
      fields: { maxFeePerGas: 1126n, maxPriorityFeePerGas: 1n },
    });
  });

  it('are a gas price where the chain has no base fee', async () => {
    const chain = await startChain();
    const sent: Hex[] = [];
    const prices: Hex[] = [];
    const { url } = await forward(chain, async (method, parameters) => {
      if (method === 'eth_gasPrice') {
        prices.push(await chain.anvil.request<Hex>(method));
        return { result: prices.at(-1) };
      }
      if (method === 'eth_sendRawTransaction') sent.push(parameters[0] as Hex);
      if (method === 'eth_maxPriorityFeePerGas') return { error: { code: -32601, message: 'not found' } };
      if (method !== 'eth_getBlockByNumber') return undefined;
      const { baseFeePerGas: _, ...block } = await chain.anvil.request<Record<string, unknown>>(
        method,
        ...parameters,
      );
      return { result: block };
    });
    const { sender } = startSender(url);
    expect(await sender.send(transfer(1n), chain.signers[0]!)).toMatchObject({ status: '0x1' });
    const { type, gasPrice, chainId } = parseTransaction(sent[0]!);
    expect({ type, chainId }).toEqual({ type: 'legacy', chainId: 31337 });
    expect(prices).toHaveLength(1);
    expect(gasPrice).toBe(BigInt(prices[0]!));
  });
});

describe('a call that the node refuses', () => {
  /** Stops; before `seconds`, reverts with nothing. */
  const gate = (seconds: number): Hex => `0x63${seconds.toString(16).padStart(8, '0')}4210600b57005b5f5ffd`;

  it('is sent all the same if its block will judge otherwise', async () => {
    const chain = await startChain({ wallClock: true });
    const { timestamp } = await chain.anvil.request<{ timestamp: Hex }>(
      'eth_getBlockByNumber',
      'latest',
      false,
    );
    await chain.anvil.request('anvil_setCode', target, gate(Number(timestamp) + 2));
    const { url } = await forward(chain, (method) =>
      // A node that simulates at the time of the latest block, whatever block it is asked about.
      method === 'eth_estimateGas' ? { error: { code: 3, message: 'reverted', data: '0x' } } : undefined,
    );
    const { sender } = startSender(url);
    expect(await sender.send({ to: target, data: '0x' }, chain.signers[0]!)).toEqual({ reverted: '0x' });
    await pause(2100);
    const call = { to: target, data: '0x' as const, gasDespite: async () => 50_000n };
    expect(await sender.send(call, chain.signers[0]!)).toMatchObject({ status: '0x1' });
  });

  it('in its block and not afterwards is tried a few times', async () => {
    const chain = await startChain();
    await chain.anvil.request('anvil_setCode', target, gate(0));
    const { rpc, sender } = startSender(chain.url);
    // Enough to be taken, too little to run.
    const call = { to: target, data: '0x' as const, gas: 21_001n };
    await expect(sender.send(call, chain.signers[0]!)).rejects.toMatchObject({ code: 'ledger.reverted' });
    expect(await readNonce(rpc, chain.signers[0]!.account)).toBe(5);
  });
});

it('says who lacks how much', async () => {
  const chain = await startChain();
  const poor = createSigner(createPrivateKey());
  const { sender } = startSender(chain.url);
  const none = { code: 'ledger.funds', found: '0 wei' };
  await expect(sender.send(transfer(1n), poor)).rejects.toMatchObject(none);
  await expect(sender.sendAll([{ ...transfer(1n), gas }], poor)).rejects.toMatchObject(none);
});
