import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { AnswerTooLong, createHttpPost } from './httpPost.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server; returns its address, and how many connections and requests it had. */
async function startServer(respond: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen = { connections: 0, requests: 0 };
  const server = createServer((request, response) => {
    seen.requests++;
    respond(request, response);
  });
  server.on('connection', () => seen.connections++);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query=1` };
}

it('posts JSON with its headers, and keeps the connection', async () => {
  const { address, seen } = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    const told = [headers['content-type'], headers['content-length'], headers.authorization];
    response.writeHead(418).end(JSON.stringify([method, url, ...told, body]));
  });
  const post = createHttpPost({ address, headers: { authorization: 'Basic abc' } });
  for (const body of ['"é"', '"é"']) {
    const { status, text } = await post(body);
    expect([status, JSON.parse(text)]).toEqual([
      ...[418, ['POST', '/path?query=1', 'application/json', '4', 'Basic abc', body]],
    ]);
  }
  expect(seen).toEqual({ connections: 1, requests: 2 });
});

it('puts together a letter that arrives in two parts', async () => {
  const { address } = await startServer((_, response) => {
    const bytes = Buffer.from('é');
    response.write(bytes.subarray(0, 1));
    setTimeout(() => response.end(bytes.subarray(1)), 20);
  });
  expect(await createHttpPost({ address })('')).toEqual({ status: 200, text: 'é' });
});

it('follows no redirect', async () => {
  const { address, seen } = await startServer((_, response) => response.end('told'));
  const first = await startServer((_, response) => response.writeHead(308, { location: address }).end());
  expect(await createHttpPost({ address: first.address })('')).toEqual({ status: 308, text: '' });
  expect(seen.requests).toBe(0);
});

it('speaks TLS to an address with https', async () => {
  const { promise: first, resolve } = Promise.withResolvers<number>();
  const server = createTcpServer((socket) => {
    socket.once('data', (bytes) => {
      resolve(bytes[0]!);
      socket.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(createHttpPost({ address })('')).rejects.toThrow();
  server.close();
  // A handshake (RFC 8446 §5.1).
  expect(await first).toBe(22);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['never begins', () => undefined],
  ['never ends', (response) => response.write('begun')],
])('gives up an answer that %s', async (_, respond) => {
  const { address } = await startServer((_, response) => respond(response));
  await expect(createHttpPost({ address, timeoutMilliseconds: 50 })('')).rejects.toMatchObject({
    code: 'ledger.timeout',
  });
});

it('takes no answer that is too long, and none that is cut', async () => {
  const { address } = await startServer((_, response) => response.end('12345'));
  expect((await createHttpPost({ address, maximumBytes: 5 })('')).text).toBe('12345');
  await expect(createHttpPost({ address, maximumBytes: 4 })('')).rejects.toThrow(AnswerTooLong);
  const cut = await startServer((_, response) => {
    response.writeHead(200, { 'content-length': '5' });
    response.write('123', () => response.destroy());
  });
  await expect(createHttpPost({ address: cut.address })('')).rejects.toMatchObject({ code: 'ECONNRESET' });
});
