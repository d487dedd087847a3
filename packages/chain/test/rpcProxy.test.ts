/**
 * The proxy: what it refuses, with the control that the same call does harm on anvil's own port;
 * hostile requests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, fromHex, type Hex, utf8 } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { keccak256, parseSignature, serializeTransaction } from 'viem';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readTransaction } from '../src/embedded/admission.ts';
import { type RpcProxy, startRpcProxy } from '../src/embedded/rpcProxy.ts';
import { type Supervisor, startSupervisor } from '../src/embedded/supervisor.ts';
import { balanceOf, connectLedger, deployContracts, fund } from '../src/index.ts';
import { refusedMethods } from './anvilMethods.ts';

const directory = mkdtempSync(join(tmpdir(), 'nonet-proxy-'));
let chain: Supervisor;
let proxy: RpcProxy;

beforeAll(async () => {
  chain = await startSupervisor({ directory });
  proxy = await startRpcProxy({ chain });
});
afterAll(async () => {
  await proxy?.close();
  await chain?.stop();
  rmSync(directory, { recursive: true });
});

interface Answer {
  result?: unknown;
  error?: { code: number; message: string };
}

async function post(body: string, url = proxy.url): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, answer: (await response.json()) as Answer };
}

async function ask(method: string, params: readonly unknown[], url = proxy.url): Promise<Answer> {
  return (await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), url)).answer;
}

const victim = `0x${'ab'.repeat(20)}`;

describe('methods that are not offered', () => {
  it('knows them: anvil itself answers each', async () => {
    const { url } = await chain.anvil();
    const unknown: string[] = [];
    for (const method of refusedMethods) {
      // Parameters that fit no method: enough to tell "unknown" from "known", without doing it.
      const { error } = await ask(method, [{ never: 1 }, [], {}, 'x', 5, 6, 7], url);
      if (error?.code === -32601) unknown.push(method);
    }
    expect(unknown).toEqual([]);
    expect(refusedMethods.length).toBeGreaterThan(150);
  });

  it.each(refusedMethods)('%s', async (method) => {
    for (const params of [
      [],
      [victim],
      [victim, '0x0', `0x${'00'.repeat(32)}`],
      [{ from: victim, to: victim, value: '0x1' }],
    ]) {
      expect((await ask(method, params)).error).toMatchObject({
        code: -32601,
        message: expect.stringContaining(method),
      });
    }
  });

  it.each([
    'constructor',
    '__proto__',
    'toString',
    '',
    'eth_call ',
    'ETH_CALL',
    'eth_subscribe',
    'admin_peers',
    'miner_start',
  ])('and whatever else is asked for: %j', async (method) => {
    expect((await ask(method, [])).error).toMatchObject({ code: -32601 });
  });
});

describe('attacks that work on the bare chain', () => {
  /**
   * The attack does nothing through the proxy and its harm on anvil's own port; afterwards the harm
   * is undone.
   */
  async function expectHarm(
    attack: (url: string) => Promise<unknown>,
    lookAt: (url: string) => Promise<Answer>,
    undo: (url: string) => Promise<unknown>,
  ): Promise<void> {
    const { url } = await chain.anvil();
    const look = async () => (await lookAt(url)).result;
    const before = await look();
    await attack(proxy.url);
    expect(await look()).toEqual(before);
    await attack(url);
    expect(await look()).not.toEqual(before);
    await undo(url);
    expect(await look()).toEqual(before);
  }
  const word = (value: number) => `0x${value.toString(16).padStart(64, '0')}`;

  it('money from nothing', async () => {
    await expectHarm(
      (url) => ask('anvil_setBalance', [victim, '0x64'], url),
      (url) => ask('eth_getBalance', [victim, 'latest'], url),
      (url) => ask('anvil_setBalance', [victim, '0x0'], url),
    );
  });

  it.each(['anvil_setStorageAt', 'hardhat_setStorageAt'])("another's storage: %s", async (method) => {
    await expectHarm(
      (url) => ask(method, [victim, word(0), word(7)], url),
      (url) => ask('eth_getStorageAt', [victim, word(0), 'latest'], url),
      (url) => ask(method, [victim, word(0), word(0)], url),
    );
  });

  it('other code', async () => {
    await expectHarm(
      (url) => ask('anvil_setCode', [victim, '0x00'], url),
      (url) => ask('eth_getCode', [victim, 'latest'], url),
      (url) => ask('anvil_setCode', [victim, '0x'], url),
    );
  });

  it("a transaction in another's name", async () => {
    const faucet = chain.faucet.account;
    const steal = async (url: string) => {
      await ask('anvil_impersonateAccount', [faucet], url);
      const sent = await ask('eth_sendTransaction', [{ from: faucet, to: victim, value: '0x1' }], url);
      await ask('anvil_stopImpersonatingAccount', [faucet], url);
      return sent;
    };
    expect((await steal(proxy.url)).error).toMatchObject({ code: -32601 });
    const stolen = await steal((await chain.anvil()).url);
    expect(stolen.result).toMatch(/^0x[0-9a-f]{64}$/);
    await ask('anvil_dropTransaction', [stolen.result], (await chain.anvil()).url);
  });

  it('a chain that goes back', async () => {
    const { url } = await chain.anvil();
    const snapshot = (await ask('evm_snapshot', [], url)).result;
    expect(snapshot).toBeDefined();
    expect((await ask('evm_revert', [snapshot])).error).toMatchObject({ code: -32601 });
    expect((await ask('evm_revert', [snapshot], url)).result).toBe(true);
  });
});

describe('what is offered', () => {
  it('runs a ledger', async () => {
    const { contract } = await deployContracts({ url: proxy.url, signer: chain.faucet });
    const ledger = await connectLedger({
      url: proxy.url,
      contract,
      operator: 'self',
      chainId: chain.chainId,
    });
    const signer = createSigner(createPrivateKey());
    await fund({ url: proxy.url, signer: chain.faucet }, [signer.account], 10n ** 18n);
    expect(await balanceOf({ url: proxy.url }, signer.account)).toBe(10n ** 18n);
    const root = addressOf(utf8('root'));
    const posted = await ledger.anchors.post(root, root, signer);
    expect(await ledger.anchors.find(root, root, signer.account)).toEqual(posted);
  });

  it('answers batches in order', async () => {
    const calls = ['eth_chainId', 'evm_mine', 'eth_chainId'].map((method, id) => ({
      jsonrpc: '2.0',
      id,
      method,
      params: [],
    }));
    const { answer } = await post(JSON.stringify(calls));
    expect(answer).toMatchObject([
      { id: 0, result: expect.any(String) },
      { id: 1, error: { code: -32601 } },
      { id: 2 },
    ]);
  });

  it.each<[string, string, number, number]>([
    ['no JSON', '{', 400, -32700],
    ['an empty batch', '[]', 400, -32600],
    ['a large batch', JSON.stringify(Array(1001).fill({ id: 1, method: 'eth_chainId' })), 400, -32600],
    ['null', 'null', 200, -32600],
    ['a number', '5', 200, -32600],
    ['a method that is no name', '{"id":1,"method":{"toString":1}}', 200, -32600],
    ['parameters that are no list', '{"id":1,"method":"eth_chainId","params":{}}', 200, -32600],
    ['a large body', ' '.repeat(2 ** 21 + 1), 413, -32600],
  ])('refuses %s', async (_, body, status, code) => {
    expect(await post(body)).toMatchObject({ status, answer: { error: { code } } });
  });

  it('refuses web pages, also those of its own name', async () => {
    for (const origin of ['https://evil.example', proxy.url, 'null']) {
      // What a browser sends without asking first.
      const response = await fetch(proxy.url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin },
        body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}',
      });
      expect(response.status).toBe(403);
    }
  });

  it('hides the chain from whoever tries the ports of 127.0.0.1', async () => {
    const { port } = new URL((await chain.anvil()).url);
    if (process.platform !== 'linux') return;
    await expect(fetch(`http://127.0.0.1:${port}`, { method: 'POST' })).rejects.toThrow('fetch failed');
  });

  it('refuses parameters too deep to pass on, without waiting for a restart', async () => {
    const depth = 200_000;
    const before = performance.now();
    const body = `{"id":1,"method":"eth_chainId","params":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect((await post(body)).answer.error).toMatchObject({ code: -32603 });
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('ends a batch whose answers fill the memory', async () => {
    // 40 KB each, 1,000 times.
    const large = `0x${'1a'.repeat(20)}`;
    await ask('anvil_setCode', [large, `0x${'60'.repeat(20_000)}`], (await chain.anvil()).url);
    const call = { id: 7, method: 'eth_getCode', params: [large, 'latest'] };
    const text = await (
      await fetch(proxy.url, { method: 'POST', body: JSON.stringify(Array(1000).fill(call)) })
    ).text();
    expect(text.length).toBeLessThan(2 ** 25 + 2 ** 20);
    const answers = JSON.parse(text) as Answer[];
    expect(answers).toHaveLength(1000);
    expect(answers[0]!.result).toMatch(/^0x60/);
    expect(answers.at(-1)).toMatchObject({ id: 7, error: { code: -32005 } });
  });

  it('holds no more bodies than it has room for, whether they end or not', async () => {
    const { hostname, port } = new URL(proxy.url);
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 ** 21 - 50}\r\n\r\n`;
    const body = Buffer.alloc(2 ** 21 - 100, 0x20);
    let closed = 0;
    const sockets = Array.from({ length: 60 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined).on('close', () => closed++);
      socket.write(head);
      socket.write(body);
      return socket;
    });
    // 64 MiB: 32 of them.
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(28);
    const { answer } = await post(`{"id":1,"method":"eth_chainId"}${' '.repeat(2 ** 20)}`);
    expect(answer.result).toBeDefined();
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(60);
    // Their room is free again.
    const filling = Array.from({ length: 30 }, () =>
      post(`{"id":1,"method":"eth_chainId"}${' '.repeat(2 ** 20)}`),
    );
    for (const { status } of await Promise.all(filling)) expect(status).toBe(200);
  });

  it('refuses what is no POST', async () => {
    expect((await fetch(proxy.url)).status).toBe(405);
    expect((await fetch(proxy.url, { method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('of a chain that only counts', () => {
  async function startCounting(answer: () => Promise<unknown> = async () => null) {
    const asked: string[] = [];
    let caughtUp = 0;
    const chain = {
      state: 1,
      catchUp: async () => void caughtUp++,
      request(method: string, ...parameters: readonly unknown[]) {
        asked.push([method, ...parameters].join(' '));
        return answer();
      },
    };
    const proxy = await startRpcProxy({ chain: chain as unknown as Supervisor });
    onTestFinished(() => proxy.close());
    return { proxy, asked, caughtUp: () => caughtUp };
  }

  it('a request has no room while those that are answered fill it', async () => {
    const { promise, resolve } = Promise.withResolvers<null>();
    const { proxy, caughtUp } = await startCounting(() => promise);
    // Each is as long as a body may be; 32 of them are all that there is room for.
    const text = `{"id":1,"method":"eth_call","params":[{"to":"${victim}"}]}`;
    const filling = Array.from({ length: 32 }, () => post(text.padEnd(2 ** 21), proxy.url));
    await expect.poll(caughtUp, { timeout: 20_000 }).toBe(32);
    expect((await post(text, proxy.url)).status).toBe(503);
    expect((await post(text, proxy.url)).answer.error).toMatchObject({ code: -32005 });
    resolve(null);
    for (const { status } of await Promise.all(filling)) expect(status).toBe(200);
    expect((await post(text, proxy.url)).status).toBe(200);
  });

  it.each([
    ['latest', 1, 2],
    ['pending', 2, 2],
    ['0x1', 1, 0],
  ])(
    'the block %s is asked for %i times of two, and time is brought up to date %i times',
    async (block, times, updates) => {
      const { proxy, asked, caughtUp } = await startCounting();
      for (let i = 0; i < 2; i++) await ask('eth_getBlockByNumber', [block, false], proxy.url);
      expect(asked).toEqual(Array(times).fill(`eth_getBlockByNumber ${block} false`));
      expect(caughtUp()).toBe(updates);
    },
  );
});

describe('calls', () => {
  /** Runs until it is out of gas. */
  const loop = '0x5b5f56';

  // 10^12 gas would keep anvil busy for ten minutes; it takes them in any notation.
  it.each(['0xe8d4a51000', 1e12, '1000000000000', '0o16432451210000', undefined])(
    'run no longer than a block: gas %j',
    async (gas) => {
      const before = performance.now();
      const { error } = await ask('eth_call', [{ data: loop, gas, gasLimit: '0xe8d4a51000' }, 'latest']);
      expect(error?.message).toMatch(/OutOfGas/);
      expect((await ask('eth_estimateGas', [{ data: loop, gas }])).error).toBeDefined();
      expect(performance.now() - before).toBeLessThan(2000);
    },
  );

  it('leave room for transactions, however many come', async () => {
    const calls = JSON.stringify(Array(200).fill({ id: 1, method: 'eth_call', params: [{ data: loop }] }));
    let over = false;
    const flood = post(calls).then(() => {
      over = true;
    });
    await fund({ url: proxy.url, signer: chain.faucet }, [victim as Account], 1n);
    expect(over).toBe(false);
    await flood;
  });

  it('replace no state', async () => {
    const balance = { [victim]: { balance: '0x64', code: '0x4760005260206000f3' } };
    const read = async (url: string) =>
      (await ask('eth_call', [{ to: victim, data: '0x' }, 'latest', balance], url)).result;
    expect(await read((await chain.anvil()).url)).toMatch(/64$/);
    expect(await read(proxy.url)).toBe('0x');
  });

  it.each([[[]], [[null]], [['0x']]])('refuses the parameters %j', async (params) => {
    expect((await ask('eth_call', params)).error).toMatchObject({ code: -32602 });
  });
});

describe('answers that many ask for', () => {
  /** What anvil is asked meanwhile. */
  async function watchAnvil(work: () => Promise<unknown>): Promise<string[]> {
    const anvil = (await chain.anvil()) as { request: Supervisor['request'] };
    const { request } = anvil;
    const asked: string[] = [];
    anvil.request = (method, ...parameters) => {
      asked.push(method);
      return request(method, ...parameters);
    };
    await work().finally(() => (anvil.request = request));
    return asked;
  }

  it('are asked for once between two blocks', async () => {
    await fund({ url: proxy.url, signer: chain.faucet }, [victim as Account], 1n);
    const filter = [{ fromBlock: '0x0', toBlock: 'latest' }];
    const asked = await watchAnvil(() =>
      Promise.all(
        Array.from({ length: 20 }, async () => {
          await ask('eth_blockNumber', []);
          await ask('eth_getLogs', filter);
        }),
      ),
    );
    expect(asked.sort()).toEqual(['eth_blockNumber', 'eth_getLogs']);
  });

  it('are new after each block', async () => {
    for (let blocks = 0; blocks < 5; blocks++) {
      const before = Number((await ask('eth_blockNumber', [])).result);
      await fund({ url: proxy.url, signer: chain.faucet }, [victim as Account], 1n);
      expect(Number((await ask('eth_blockNumber', [])).result)).toBeGreaterThan(before);
    }
  });

  it('tell the time of now', async () => {
    const time = async () =>
      Number(((await ask('eth_getBlockByNumber', ['latest', false])).result as { timestamp: Hex }).timestamp);
    const before = await time();
    await expect.poll(time, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  it('are not shared where they depend on the time of the question', async () => {
    const params = [{ to: victim, data: '0x' }];
    const asked = await watchAnvil(async () => {
      for (let i = 0; i < 2; i++) await ask('eth_call', params);
      for (let i = 0; i < 2; i++) await ask('eth_getBlockByNumber', ['pending', false]);
    });
    expect(asked.filter((method) => method === 'eth_call')).toHaveLength(2);
    expect(asked.filter((method) => method === 'eth_getBlockByNumber').length).toBeGreaterThanOrEqual(2);
  });
});

describe('raw transactions', () => {
  const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n };

  /**
   * By another implementation than ours, so that what the proxy reads was not written by its own
   * rules.
   */
  const signAs = async (by: Pick<Signer, 'sign'>, change: object): Promise<Hex> => {
    const { chainId } = chain;
    const transaction: object = { chainId, gas: 30_000_000n, value: 0n, ...fees, ...change };
    const signature = await by.sign(fromHex(keccak256(serializeTransaction(transaction as never))));
    return serializeTransaction(transaction as never, parseSignature(signature));
  };
  const sign = (change: object, by: Pick<Signer, 'sign'> = chain.faucet) =>
    signAs(by, { nonce: 0, gas: 21_000n, to: victim, ...change });
  const malleable = { sign: async (): Promise<Hex> => `0x${'11'.repeat(32)}${'f0'.repeat(32)}1b` };
  const nonce = async () =>
    Number((await ask('eth_getTransactionCount', [chain.faucet.account, 'latest'])).result);

  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /raw transaction/],
    ['no hexadecimal', () => '0xzz', /raw transaction/],
    ['noise', () => '0x02c0ffee', /well-formed/],
    ['a byte more', async () => `${await sign({})}00`, /well-formed/],
    ['blobs', () => '0x03c0', /type 3/],
    ['a signature with a high s', () => sign({}, malleable), /signed/],
    ['another chain', () => sign({ chainId: 1 }), /chain/],
    ['too much gas', () => sign({ gas: 10n ** 9n }), /gas limit/],
    ['too many bytes', () => `0x02${'00'.repeat(140_000)}`, /131072/],
    ['no room for the base fee', () => sign({ maxFeePerGas: 1n, nonce: 10_000 }), /fee/],
  ])('refuses %s', async (_, raw, message) => {
    expect((await ask('eth_sendRawTransaction', [await raw()])).error?.message).toMatch(message);
  });

  it('refuses a transaction without a chain, which any chain would take', async () => {
    const raw = await sign({
      chainId: undefined,
      maxFeePerGas: undefined,
      maxPriorityFeePerGas: undefined,
      gasPrice: 10n ** 10n,
    });
    expect((await ask('eth_sendRawTransaction', [raw])).error?.message).toMatch(/chain/);
  });

  it('refuses a gap in the nonces, and forgets it', async () => {
    const next = await nonce();
    expect((await ask('eth_sendRawTransaction', [await sign({ nonce: next + 1 })])).error?.message).toMatch(
      /nonce/,
    );
    expect((await ask('eth_sendRawTransaction', [await sign({ nonce: next })])).result).toBeDefined();
    expect(await nonce()).toBe(next + 1);
  });

  it('refuses what its sender cannot pay, and delays nobody for it', async () => {
    const poor = createSigner(createPrivateKey());
    const junk: object[] = [];
    for (let i = 0; i < 200; i++) {
      const params = [await signAs(poor, { nonce: i, to: victim })];
      junk.push({ id: i, method: 'eth_sendRawTransaction', params });
      // Signing leaves no time to notice that an idle connection was closed.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const raw = await sign({ nonce: await nonce() });
    let answered = false;
    const flood = post(JSON.stringify(junk)).finally(() => (answered = true));
    expect((await ask('eth_sendRawTransaction', [raw])).result).toBeDefined();
    expect(answered).toBe(false);
    for (const { error } of (await flood).answer as Answer[]) {
      expect(error).toEqual({ code: -32003, message: 'insufficient funds for gas * price + value' });
    }
  });

  it.each([
    [
      'legacy',
      { type: 'legacy', gasPrice: 10n ** 10n, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined },
    ],
    [
      'eip2930',
      { type: 'eip2930', gasPrice: 10n ** 10n, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined },
    ],
    ['eip1559', { type: 'eip1559' }],
  ])('knows the sender of a transaction of type %s', async (_, change) => {
    const signer = createSigner(createPrivateKey());
    const transaction = readTransaction(
      await signAs(signer, { nonce: 7, gas: 50_000n, value: 3n, ...change }),
      chain.chainId,
    );
    expect(transaction).toMatchObject({
      sender: signer.account,
      nonce: 7,
      gas: 50_000n,
      cost: 50_000n * 10n ** 10n + 3n,
    });
  });

  it('refuses a nonce that another transaction took', async () => {
    const next = await nonce();
    expect((await ask('eth_sendRawTransaction', [await sign({ nonce: next })])).result).toBeDefined();
    const other = await sign({ nonce: next, value: 5n });
    expect((await ask('eth_sendRawTransaction', [other])).error).toMatchObject({
      code: -32003,
      message: 'nonce too low',
    });
  });

  it('takes the same transaction as often as it comes, once', async () => {
    const next = await nonce();
    const raw = await sign({ nonce: next });
    const first = await Promise.all([
      ask('eth_sendRawTransaction', [raw]),
      ask('eth_sendRawTransaction', [raw]),
    ]);
    const again = await ask('eth_sendRawTransaction', [raw]);
    expect(new Set([...first, again].map(({ result }) => result)).size).toBe(1);
    expect(again.result).toBeDefined();
    expect(await nonce()).toBe(next + 1);
  });
});
