/** A node in front of a node: passes JSON-RPC calls on, unless the test answers instead. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Anvil } from '../src/embedded/anvil.ts';

export interface Forwarder {
  readonly url: string;
  readonly port: number;
  /** Of the latest request. */
  readonly headers: () => IncomingHttpHeaders;
  readonly path: () => string | undefined;
  /** How often each method was asked for. */
  readonly asked: Readonly<Record<string, number>>;
  /** While true, connections break. */
  away: boolean;
  /** Requests that came meanwhile. */
  refused: number;
  close(): void;
}

/** What to answer instead: `{ result }` or `{ error }`; undefined passes the call on. */
export type Answer = (
  method: string,
  parameters: readonly unknown[],
) => object | undefined | Promise<object | undefined>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export async function startForwarder(anvil: Anvil, answer: Answer = () => undefined): Promise<Forwarder> {
  const asked: Record<string, number> = {};
  let headers: IncomingHttpHeaders = {};
  let path: string | undefined;

  async function answerOne({ id, method, params }: Call): Promise<object> {
    asked[method] = (asked[method] ?? 0) + 1;
    const own = await answer(method, params);
    if (own !== undefined) return { jsonrpc: '2.0', id, ...own };
    return anvil
      .request(method, ...params)
      .then((result) => ({ jsonrpc: '2.0', id, result }))
      .catch((error) => ({
        jsonrpc: '2.0',
        id,
        error: error.rpc ?? { code: -32603, message: String(error) },
      }));
  }

  const server = createServer(async (request, response) => {
    if (forwarder.away) {
      forwarder.refused++;
      return void request.socket.destroy();
    }
    headers = request.headers;
    path = request.url;
    let body = '';
    for await (const chunk of request) body += chunk;
    const calls = JSON.parse(body) as Call | Call[];
    const answers = Array.isArray(calls) ? await Promise.all(calls.map(answerOne)) : await answerOne(calls);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const forwarder: Forwarder = {
    port,
    url: `http://127.0.0.1:${port}`,
    headers: () => headers,
    path: () => path,
    asked,
    away: false,
    refused: 0,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return forwarder;
}
