import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UndecidedError } from '@nonet/core';
import { afterEach, expect, it } from 'vitest';
import { createRpc, RpcFailure, readCount, readQuantity } from './rpc.ts';

interface Call {
  id: number;
  method: string;
}
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/**
 * A node whose every request is answered by `respond`; returns its address and what it was asked.
 */
async function startNode(respond: (asked: Call | Call[], response: ServerResponse, count: number) => void) {
  const asked: (Call | Call[])[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(JSON.parse(body));
    respond(asked.at(-1)!, response, asked.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const echo = ({ id, method }: Call) => ({ jsonrpc: '2.0', id, result: method });
const answerAll = (asked: Call | Call[], response: ServerResponse) =>
  response.end(JSON.stringify(Array.isArray(asked) ? asked.map(echo).reverse() : echo(asked)));

it('asks together what is asked at once, and matches answers by their number', async () => {
  const { url, asked } = await startNode(answerAll);
  const rpc = createRpc(url);
  const methods = Array.from({ length: 150 }, (_, i) => `method${i}`);
  expect(await Promise.all(methods.map((method) => rpc.request(method)))).toEqual(methods);
  expect(asked.map((calls) => (calls as Call[]).length).sort()).toEqual([100, 50].sort());
  expect(await rpc.request('alone')).toBe('alone');
  expect(asked.at(-1)).toMatchObject({ method: 'alone' });
});

it('asks one by one where batches are refused', async () => {
  const { url } = await startNode((asked, response) =>
    Array.isArray(asked)
      ? response.end(
          JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no batches' } }),
        )
      : answerAll(asked, response),
  );
  const rpc = createRpc(url);
  expect(await Promise.all(['a', 'b'].map((method) => rpc.request(method)))).toEqual(['a', 'b']);
});

it.each<[string, (response: ServerResponse, asked: Call) => void]>([
  ['a broken connection', (response) => response.destroy()],
  ['a busy server', (response) => response.writeHead(503).end('busy')],
  ['too many requests', (response) => response.writeHead(429).end()],
  [
    'a node that says it is busy',
    (response, { id }) =>
      response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32005, message: 'limit' } })),
  ],
])('asks again after %s', async (_, fail) => {
  const { url, asked } = await startNode((calls, response, count) =>
    count < 3 ? fail(response, calls as Call) : answerAll(calls, response),
  );
  expect(await createRpc(url).request('x')).toBe('x');
  expect(asked).toHaveLength(3);
});

it('does not ask again where the answer would be the same', async () => {
  const { url, asked } = await startNode((_, response) => response.writeHead(401).end('who are you?'));
  await expect(createRpc(url).request('x')).rejects.toMatchObject({
    code: 'ledger.unreachable',
    found: 'HTTP 401 without JSON-RPC',
  });
  expect(asked).toHaveLength(1);
});

it('says of each of several nodes why it does not answer', async () => {
  const silent = await startNode((_, response) => response.destroy());
  const closed = await startNode((_, response) => response.writeHead(401).end('who are you?'));
  const full = await startNode((asked, response) =>
    response.end(
      JSON.stringify({
        ...{ jsonrpc: '2.0', id: (asked as Call).id },
        error: { code: -32005, message: 'limit reached' },
      }),
    ),
  );
  const nodes = [silent, closed, full].map(({ url }) => url);
  for (const method of ['x', 'eth_sendRawTransaction']) {
    const failure = await createRpc(nodes)
      .request(method)
      .catch((found) => found);
    expect(failure).toBeInstanceOf(UndecidedError);
    expect(failure).toMatchObject({ code: 'ledger.unreachable', expected: 'a ledger at one of 3 nodes' });
    const [first, second, third] = (failure as UndecidedError).found.split('; ');
    expect(first).toContain(`${silent.url}: `);
    expect(second).toBe(`${closed.url}: HTTP 401 without JSON-RPC`);
    expect(third).toBe(`${full.url}: limit reached`);
  }
});

it('asks several nodes again that do not answer at first', async () => {
  const start = () =>
    startNode((asked, response, count) => (count === 1 ? response.destroy() : answerAll(asked, response)));
  const [one, other] = [await start(), await start()];
  // The number of the chain is a name here, and its first use is the first request.
  await expect(createRpc([one.url, other.url]).request('eth_chainId')).rejects.toMatchObject({
    expected: 'the chain id as a hexadecimal number',
  });
  expect([one.asked.length, other.asked.length]).toEqual([2, 1]);
});

it("keeps the node's words and the revert data", async () => {
  const errors = [
    { code: 3, message: 'execution reverted.', data: '0x1234' },
    { code: 3, message: 'execution reverted.', data: { data: '0x1234' } },
  ];
  for (const error of errors) {
    // Some nodes answer errors with an HTTP error, too.
    const { url } = await startNode((asked, response) =>
      response.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id: (asked as Call).id, error })),
    );
    const failure = await createRpc(url)
      .request('eth_call')
      .catch((found) => found);
    expect(failure).toBeInstanceOf(RpcFailure);
    expect(failure).toMatchObject({ code: 'ledger.rpc', reason: 'execution reverted.', data: '0x1234' });
  }
});

it('passes on null, and refuses an answer without a result', async () => {
  const { url } = await startNode((asked, response) => {
    const { id, method } = asked as Call;
    response.end(
      JSON.stringify(method === 'null' ? { jsonrpc: '2.0', id, result: null } : { jsonrpc: '2.0', id }),
    );
  });
  expect(await createRpc(url).request('null')).toBeNull();
  await expect(createRpc(url).request('nothing')).rejects.toMatchObject({ code: 'ledger.rpc' });
});

it.each<[string, string]>([
  ['null', '[null, null]'],
  ['numbers', '[1, 2]'],
  ['nothing', '[]'],
  ['an error that is a word', '[{"jsonrpc":"2.0","id":1,"error":"no"},{"jsonrpc":"2.0","id":2,"error":7}]'],
  [
    'an error without words',
    '[{"jsonrpc":"2.0","id":1,"error":{"message":{"toString":1}}},{"jsonrpc":"2.0","id":2,"error":{}}]',
  ],
  [
    'revert data without end',
    `[{"jsonrpc":"2.0","id":1,"error":{"message":"","data":${'{"data":'.repeat(100_000)}1${'}'.repeat(100_000)}}}]`,
  ],
  ['answers to other questions', '[{"jsonrpc":"2.0","id":8,"result":1},{"jsonrpc":"2.0","id":9,"result":1}]'],
])('survives a node that answers %s', async (_, body) => {
  const { url } = await startNode((_, response) => response.end(body));
  const rpc = createRpc(url);
  for (const outcome of await Promise.allSettled([rpc.request('a'), rpc.request('b')])) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ledger.rpc' } });
  }
});

it('stops listening to a node that does not stop talking', async () => {
  const { url } = await startNode((_, response) => {
    const chunk = Buffer.alloc(2 ** 22, ' ');
    const talk = () => response.write(chunk, (error) => error ?? talk());
    talk();
  });
  await expect(createRpc(url).request('x')).rejects.toMatchObject({
    code: 'ledger.unreachable',
    found: 'a longer one',
  });
});

it.each([undefined, null, 5, '', '0x', 'latest', '0xzz', '-0x1', `0x${'f'.repeat(65)}`, {}, []])(
  'takes %j for no number',
  (value) => {
    expect(() => readQuantity(value, 'a number')).toThrow(/hexadecimal/);
  },
);

it('takes no number that a double would round', () => {
  expect(readCount('0x1fffffffffffff', 'a count')).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => readCount('0x20000000000001', 'a count')).toThrow(/2\^53/);
});
