/** The client's errors, each with its code, and its patience. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addressOf, type Hex, MisuseError, UndecidedError, utf8 } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import type { JobTerms, LedgerEvent, Move } from '@nonet/core/ports';
import { isRefusal } from '@nonet/core/ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { balanceOf, connectLedger, deployContracts, fund } from '../src/index.ts';
import { type BareAnvil, startBareAnvil } from './contractFixture.ts';

let chain: BareAnvil;
let contract: Account;
let signer: Signer;

beforeAll(async () => {
  chain = await startBareAnvil(3);
  signer = chain.signers[0]!;
  ({ contract } = await deployContracts({ url: chain.url, signer }));
});
afterAll(() => chain.close());

const connect = (change: object = {}) =>
  connectLedger({ url: chain.url, contract, operator: 'self', pollMilliseconds: 10, ...change });

const phases = { open: 0, collecting: 60, appealing: 0, complaining: 0, opening: 0, stepping: 60 };

function termsOf(name: string, change: Partial<JobTerms> = {}): JobTerms {
  return {
    job: addressOf(utf8(name)),
    creator: signer.account,
    model: addressOf(utf8('model')),
    rounds: 1,
    minimum: 1,
    maximum: 5,
    invited: false,
    phases,
    aggregators: [],
    watchers: [],
    stores: [],
    escrow: 0n,
    bond: 0n,
    ...change,
  };
}

/** Forwards JSON-RPC calls one by one; `answer` may answer instead. */
async function startForwarder(answer: (method: string, parameters: unknown[]) => unknown) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const parsed = JSON.parse(body);
    const calls: { id: number; method: string; params: unknown[] }[] = Array.isArray(parsed)
      ? parsed
      : [parsed];
    const answers = await Promise.all(
      calls.map(async ({ id, method, params }) => {
        const own = answer(method, params);
        if (own !== undefined) return { jsonrpc: '2.0', id, ...(own as object) };
        return chain.anvil
          .request(method, ...params)
          .then((result) => ({ jsonrpc: '2.0', id, result }))
          .catch((error) => ({
            jsonrpc: '2.0',
            id,
            error: error.rpc ?? { code: -32603, message: String(error) },
          }));
      }),
    );
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(Array.isArray(parsed) ? answers : answers[0]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, server };
}

it('says which node does not answer', async () => {
  const { url, server } = await startForwarder(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  const failure = await connect({ url }).catch((error) => error);
  expect(failure).toBeInstanceOf(UndecidedError);
  expect(failure).toMatchObject({ code: 'ledger.unreachable', expected: `a ledger at ${url}` });
});

it('says what it found instead of the contract', async () => {
  const nothing = await connect({ contract: `0x${'11'.repeat(20)}` }).catch((error) => error);
  expect(nothing).toBeInstanceOf(MisuseError);
  expect(nothing).toMatchObject({ code: 'ledger.contract', found: 'no contract' });

  // Code that answers every call with nothing, and code that reverts.
  for (const [i, code] of ['0x00', '0x5f5ffd'].entries()) {
    const other = `0x${'22'.repeat(19)}0${i}`;
    await chain.anvil.request('anvil_setCode', other, code);
    await expect(connect({ contract: other })).rejects.toMatchObject({
      code: 'ledger.contract',
      found: 'another contract',
    });
  }

  // Our own code elsewhere is as good; with one instruction changed it is somebody else's.
  const genuine = await chain.anvil.request<Hex>('eth_getCode', contract, 'latest');
  const copy: Account = `0x${'33'.repeat(20)}`;
  await chain.anvil.request('anvil_setCode', copy, genuine);
  await connect({ contract: copy });
  await chain.anvil.request('anvil_setCode', copy, genuine.replace('5260', '5261'));
  await expect(connect({ contract: copy })).rejects.toMatchObject({ code: 'ledger.contract' });
  await expect(connect({ contract: 'nonsense' })).rejects.toMatchObject({ code: 'ledger.contract' });
});

it('refuses another chain', async () => {
  await expect(connect({ chainId: 1 })).rejects.toMatchObject({ code: 'ledger.chain', found: 'chain 31337' });
  await connect({ chainId: 31337 });
});

it('says who lacks how much', async () => {
  const ledger = await connect();
  const poor = createSigner(createPrivateKey());
  await ledger.jobs.create(termsOf('poor'), signer);
  const failure = await ledger.rounds
    .submit(termsOf('poor').job, { type: 'join' }, poor)
    .catch((error) => error);
  expect(failure).toBeInstanceOf(MisuseError);
  expect(failure).toMatchObject({ code: 'ledger.funds', found: '0 wei' });
  expect(failure.expected).toContain(poor.account);

  await fund({ url: chain.url, signer }, [poor.account], 10n ** 15n);
  expect(await balanceOf({ url: chain.url }, poor.account)).toBe(10n ** 15n);
  const rich = termsOf('rich', { creator: poor.account, escrow: 10n ** 18n });
  await expect(ledger.jobs.create(rich, poor)).rejects.toMatchObject({ code: 'ledger.funds' });
  expect(isRefusal(await ledger.rounds.submit(termsOf('poor').job, { type: 'join' }, poor))).toBe(false);
});

it('asks for no more gas than a transaction may have, where the estimate fits', async () => {
  const ledger = await connect();
  const terms = termsOf('many', { invited: true });
  await ledger.jobs.create(terms, signer);
  const accounts = Array.from(
    { length: 500 },
    (_, i): Account => `0x${(i + 1).toString(16).padStart(40, '0')}`,
  );
  const posted = await ledger.rounds.submit(terms.job, { type: 'admit', accounts }, signer);
  if (isRefusal(posted)) throw expect.fail(posted.refused);
  const sent = await chain.anvil.request<{ gas: Hex }>('eth_getTransactionByHash', posted.transaction);
  expect(posted.gas * 1.5).toBeGreaterThan(2 ** 24);
  expect(Number(sent.gas)).toBe(2 ** 24);
});

it('funds many accounts at once', async () => {
  const accounts = Array.from({ length: 40 }, () => createSigner(createPrivateKey()).account);
  await fund({ url: chain.url, signer }, accounts, 7n);
  for (const account of accounts) expect(await balanceOf({ url: chain.url }, account)).toBe(7n);
});

it.each<Move>([
  { type: 'advance', round: -1 },
  { type: 'close', round: 0, unavailable: [0.5] },
  { type: 'admit', accounts: ['0x12'] },
  { type: 'commit', round: 0, commitment: '0x12' as never },
])('refuses the malformed move %o', async (move) => {
  await expect((await connect()).rounds.submit(termsOf('x').job, move, signer)).rejects.toMatchObject({
    code: 'ledger.move',
  });
});

it('halves a range of blocks that a node refuses, and asks for times that a node leaves out', async () => {
  const { url, server } = await startForwarder((method, [filter]) => {
    if (method !== 'eth_getLogs') return undefined;
    const { fromBlock, toBlock } = filter as { fromBlock: Hex; toBlock: Hex };
    return Number(toBlock) - Number(fromBlock) > 3
      ? { error: { code: -32000, message: 'range too large' } }
      : undefined;
  });
  const terms = termsOf('ranges', { creator: signer.account });
  const direct = await connect();
  await direct.jobs.create(terms, signer);
  for (const player of chain.signers) {
    await chain.passTime(10);
    await direct.rounds.submit(terms.job, { type: 'join' }, player);
    for (let i = 0; i < 5; i++) await chain.passTime(1);
  }
  const narrow = await connect({ url });
  expect(await narrow.rounds.state(terms.job)).toEqual(await direct.rounds.state(terms.job));
  await narrow.anchors.post(terms.job, terms.model, signer);
  expect(await narrow.anchors.find(terms.job, terms.model)).toBeDefined();
  server.closeAllConnections();
  server.close();
});

it('goes on following after the node was away', async () => {
  let away = false;
  const forwarder = await startForwarder(() => undefined);
  forwarder.server.prependListener('request', (request) => {
    if (away) request.socket.destroy();
  });
  const ledger = await connect({ url: forwarder.url });
  const direct = await connect();
  const terms = termsOf('away');
  await direct.jobs.create(terms, signer);
  const abort = new AbortController();
  const seen: LedgerEvent[] = [];
  const following = (async () => {
    for await (const event of ledger.rounds.follow(terms.job, abort.signal)) {
      seen.push(event);
      if (seen.length === 3) abort.abort();
    }
  })();
  await direct.rounds.submit(terms.job, { type: 'join' }, chain.signers[0]!);
  await expect.poll(() => seen.length).toBe(1);
  away = true;
  await direct.rounds.submit(terms.job, { type: 'join' }, chain.signers[1]!);
  await expect(ledger.now()).rejects.toMatchObject({ code: 'ledger.unreachable' });
  await direct.rounds.submit(terms.job, { type: 'join' }, chain.signers[2]!);
  away = false;
  await following;
  expect(seen.map(({ by }) => by)).toEqual(chain.signers.map(({ account }) => account));
  forwarder.server.closeAllConnections();
  forwarder.server.close();
});

it('stops following at once', async () => {
  const ledger = await connect({ pollMilliseconds: 3_600_000 });
  await ledger.jobs.create(termsOf('stop'), signer);
  const abort = new AbortController();
  const following = ledger.rounds.follow(termsOf('stop').job, abort.signal)[Symbol.asyncIterator]().next();
  setTimeout(() => abort.abort(), 20);
  expect(await following).toMatchObject({ done: true });
  await expect(
    ledger.rounds
      .follow(addressOf(utf8('none')), new AbortController().signal)
      [Symbol.asyncIterator]()
      .next(),
  ).rejects.toMatchObject({ code: 'ledger.job' });
});

it('names the moves of one account one after the other', async () => {
  const ledger = await connect();
  const terms = termsOf('concurrent', { aggregators: [signer.account] });
  const [created, joined, opened, committed] = await Promise.all([
    ledger.jobs.create(terms, signer),
    ledger.rounds.submit(terms.job, { type: 'join' }, signer),
    ledger.rounds.submit(terms.job, { type: 'open', round: 0, model: terms.model }, signer),
    ledger.rounds.submit(terms.job, { type: 'commit', round: 0, commitment: terms.job }, signer),
  ]);
  for (const outcome of [created, joined, opened, committed]) expect(isRefusal(outcome)).toBe(false);
});
