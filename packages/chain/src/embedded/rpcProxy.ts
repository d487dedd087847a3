/**
 * What participants see of the embedded chain: an explicit list of methods that read, and eth_sendRawTransaction. Everything else is
 * refused by name, development methods and those of unlocked accounts above all. So is whatever a browser sends: a page of any site could
 * ask a ledger on its reader's machine. A process of the same machine that finds anvil's own port could still cheat; receipts say so.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Hex, NonetError } from '@nonet/core';
import { keccak256, parseTransaction } from 'viem/utils';
import { AnvilRefusal } from './anvil.ts';
import { blockGasLimit, type Supervisor } from './supervisor.ts';

/** What may be asked; true where the answer depends on ledger time. */
const readMethods: Readonly<Record<string, (parameters: readonly unknown[]) => boolean>> = {
  eth_blockNumber: () => false,
  eth_call: () => true,
  eth_chainId: () => false,
  eth_estimateGas: () => true,
  eth_feeHistory: () => false,
  eth_gasPrice: () => false,
  eth_getBalance: () => false,
  eth_getBlockByHash: () => false,
  eth_getBlockByNumber: ([block]) => block === 'latest' || block === 'pending',
  eth_getCode: () => false,
  eth_getLogs: () => false,
  eth_getStorageAt: () => false,
  eth_getTransactionByHash: () => false,
  eth_getTransactionCount: () => false,
  eth_getTransactionReceipt: () => false,
  eth_maxPriorityFeePerGas: () => false,
  net_version: () => false,
  web3_clientVersion: () => false,
};

const maximumBodyBytes = 2 ** 21;
const maximumBatch = 1000;
const maximumRunning = 4096;
/** So many reads at once, the others in order: blocks are made in between. */
const maximumReads = 16;
/** Of one batch: a thousand times all events would fill the memory. */
const readsPerBatch = 4;
const maximumAnswerLength = 2 ** 25;
/** As in other nodes. */
const maximumTransactionBytes = 131_072;

export interface RpcProxy {
  readonly url: string;
  close(): Promise<void>;
}

export interface RpcProxyParameters {
  readonly chain: Supervisor;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
}

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

type RpcAnswer = { jsonrpc: '2.0'; id: unknown } & ({ result: unknown } | { error: RpcError });

export async function startRpcProxy({
  chain,
  host = '127.0.0.1',
  port = 0,
}: RpcProxyParameters): Promise<RpcProxy> {
  let running = 0;
  const inGate = createGate(maximumReads);

  async function answer(call: unknown): Promise<RpcAnswer> {
    const id = idOf(call);
    if (!isRecord(call) || typeof call.method !== 'string' || !Array.isArray(call.params ?? [])) {
      return { jsonrpc: '2.0', id, error: { code: -32600, message: 'expected a JSON-RPC 2.0 call' } };
    }
    if (running >= maximumRunning) {
      return { jsonrpc: '2.0', id, error: { code: -32005, message: 'too many requests at once; try again' } };
    }
    running++;
    try {
      return {
        jsonrpc: '2.0',
        id,
        result: await dispatch(chain, inGate, call.method, (call.params ?? []) as unknown[]),
      };
    } catch (error) {
      return { jsonrpc: '2.0', id, error: errorOf(error) };
    } finally {
      running--;
    }
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.origin !== undefined)
      return send(response, 403, refuseBody(-32600, 'this ledger does not answer web pages'));
    if (request.method !== 'POST') return send(response, 405, refuseBody(-32600, 'expected a POST request'));
    const body = await readBody(request);
    if (body === undefined)
      return send(response, 413, refuseBody(-32600, `expected at most ${maximumBodyBytes} bytes`));
    let calls: unknown;
    try {
      calls = JSON.parse(body);
    } catch {
      return send(response, 400, refuseBody(-32700, 'expected JSON'));
    }
    if (!Array.isArray(calls)) return send(response, 200, await answer(calls));
    if (calls.length === 0 || calls.length > maximumBatch) {
      return send(response, 400, refuseBody(-32600, `expected 1 to ${maximumBatch} calls in a batch`));
    }
    send(response, 200, await answerBatch(calls));
  }

  /** Transactions at once, so that they share a block; reads in turn, until the answer is long enough. */
  async function answerBatch(calls: readonly unknown[]): Promise<string> {
    const inTurn = createGate(readsPerBatch);
    let length = 0;
    const texts = calls.map(async (call) => {
      if (isRecord(call) && call.method === 'eth_sendRawTransaction')
        return JSON.stringify(await answer(call));
      const text = await inTurn(async () =>
        length > maximumAnswerLength ? undefined : JSON.stringify(await answer(call)),
      );
      length += text?.length ?? 0;
      return text ?? JSON.stringify(tooLong(call));
    });
    return `[${(await Promise.all(texts)).join()}]`;
  }

  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new NonetError({
          code: 'chain.port',
          expected: `to listen on ${host}:${port}`,
          found: String(cause),
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 500).unref();
      await closed;
    },
  };
}

type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets `limit` through at once; the others wait in order. */
function createGate(limit: number): Gate {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

async function dispatch(
  chain: Supervisor,
  inGate: Gate,
  method: string,
  parameters: readonly unknown[],
): Promise<unknown> {
  if (method === 'eth_sendRawTransaction')
    return chain.submit(checkTransaction(parameters[0], chain.chainId));
  const dependsOnTime = Object.hasOwn(readMethods, method) ? readMethods[method] : undefined;
  if (dependsOnTime === undefined)
    throw refusal(-32601, `the method ${method.slice(0, 80)} is not offered by this ledger`);
  if (dependsOnTime(parameters)) await chain.catchUp();
  const limited = method === 'eth_call' || method === 'eth_estimateGas' ? limitCall(parameters) : parameters;
  return inGate(() => chain.request(method, ...limited));
}

/**
 * A call may run for as long as a block, no longer (anvil itself takes any gas limit, also as a number or in decimal), and replaces
 * no state.
 */
function limitCall([call, block = 'latest']: readonly unknown[]): readonly unknown[] {
  if (!isRecord(call)) throw refusal(-32602, 'expected a call');
  const { from, to, data, input, value, gas } = call;
  const fits = typeof gas === 'string' && /^0x[0-9a-f]+$/i.test(gas) && BigInt(gas) <= blockGasLimit;
  const limit = fits ? gas : `0x${blockGasLimit.toString(16)}`;
  return [{ from, to, data, input, value, gas: limit }, block];
}

/** What anvil must not see: other chains' transactions, blobs, delegations, and what no block has room for. */
function checkTransaction(raw: unknown, chainId: number) {
  if (typeof raw !== 'string' || !/^0x(?:[0-9a-f]{2})+$/i.test(raw))
    throw refusal(-32602, 'expected a raw transaction');
  if (raw.length / 2 - 1 > maximumTransactionBytes) {
    throw refusal(-32602, `expected a transaction of at most ${maximumTransactionBytes} bytes`);
  }
  let transaction: ReturnType<typeof parseTransaction>;
  try {
    transaction = parseTransaction(raw as Hex);
  } catch {
    throw refusal(-32602, 'expected a well-formed raw transaction');
  }
  const { type, chainId: found, gas = 0n } = transaction;
  if (type !== 'legacy' && type !== 'eip2930' && type !== 'eip1559') {
    throw refusal(-32602, `transactions of type ${type} are not offered by this ledger`);
  }
  if (found !== chainId)
    throw refusal(-32602, `expected a transaction for chain ${chainId}, found one for ${found}`);
  if (gas > blockGasLimit) throw refusal(-32602, `expected a gas limit of at most ${blockGasLimit}`);
  return { raw: raw.toLowerCase() as Hex, hash: keccak256(raw as Hex), gas };
}

function refusal(code: number, message: string): AnvilRefusal {
  return new AnvilRefusal('a call', { code, message });
}

function errorOf(error: unknown): RpcError {
  if (error instanceof AnvilRefusal) return error.rpc;
  if (!(error instanceof NonetError)) return { code: -32603, message: 'internal error' };
  if (error.code === 'chain.lost') return { code: -32005, message: 'the ledger is restarting; try again' };
  return { code: -32603, message: error.message };
}

function idOf(call: unknown): string | number | null {
  return isRecord(call) && (typeof call.id === 'string' || typeof call.id === 'number') ? call.id : null;
}

function tooLong(call: unknown): RpcAnswer {
  const message = `expected a batch whose answers have at most ${maximumAnswerLength} characters`;
  return { jsonrpc: '2.0', id: idOf(call), error: { code: -32005, message } };
}

function refuseBody(code: number, message: string): RpcAnswer {
  return { jsonrpc: '2.0', id: null, error: { code, message } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body, or undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: RpcAnswer | string): void {
  const close = status === 413 ? { connection: 'close' } : {};
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...close }).end(text);
}
