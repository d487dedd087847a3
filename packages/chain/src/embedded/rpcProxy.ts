/**
 * What participants see of the embedded chain: an explicit list of methods that read, and
 * eth_sendRawTransaction. Everything else is refused by name, development methods and those of
 * unlocked accounts above all. So is whatever a browser sends: a page of any site could ask a
 * ledger on its reader's machine. A process of the same machine that finds anvil's own port could
 * still cheat; receipts say so.
 *
 * No client takes the ledger from the others: bodies, calls at once, answers and gas are bounded,
 * and what its sender cannot pay never waits for a block (admission.ts).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NonetError } from '@nonet/core';
import { admitTransaction, refusal } from './admission.ts';
import { AnvilRefusal } from './anvil.ts';
import { blockGasLimit } from './chainIdentity.ts';
import { createGate, type Gate } from './gate.ts';
import { createReadCache, type ReadCache } from './readCache.ts';
import { createRequestBodies, maximumBodyBytes, type RequestBodies, withBody } from './requestBodies.ts';
import type { Supervisor } from './supervisor.ts';

/** What may be asked. */
interface ReadMethod {
  /** Whether the answer depends on ledger time, so that a block of this second is made first. */
  readonly isTimed?: (parameters: readonly unknown[]) => boolean;
  /** Whether the answer holds until anvil changes, and is kept as long for all who ask. */
  readonly isShared?: (parameters: readonly unknown[]) => boolean;
}

const always = () => true;

const readMethods: Readonly<Record<string, ReadMethod>> = {
  eth_blockNumber: { isShared: always },
  eth_call: { isTimed: always },
  eth_chainId: { isShared: always },
  eth_estimateGas: { isTimed: always },
  eth_feeHistory: {},
  eth_gasPrice: {},
  eth_getBalance: {},
  eth_getBlockByHash: {},
  eth_getBlockByNumber: {
    isTimed: ([block]) => block === 'latest' || block === 'pending',
    // The pending block has a time of anvil's own.
    isShared: ([block]) => block !== 'pending',
  },
  eth_getCode: { isShared: always },
  eth_getLogs: { isShared: always },
  eth_getStorageAt: {},
  eth_getTransactionByHash: {},
  eth_getTransactionCount: {},
  eth_getTransactionReceipt: {},
  eth_maxPriorityFeePerGas: { isShared: always },
  net_version: {},
  web3_clientVersion: { isShared: always },
};

const maximumBatch = 1000;
const maximumRunning = 4096;
/** So many reads at once, the others in order: blocks are made in between. */
const maximumReads = 16;
/** Of one batch: a thousand times all events would fill the memory. */
const readsPerBatch = 4;
const maximumAnswerLength = 2 ** 25;
/**
 * Transactions of one request that are looked at, at once: what one client sends delays no other.
 */
const admissionsPerRequest = 4;

/** A running proxy. */
export interface RpcProxy {
  readonly url: string;
  /** Answers what is under way for half a second more. */
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

/** What the requests of all clients share. */
interface Proxy {
  readonly chain: Supervisor;
  readonly bodies: RequestBodies;
  /** Reads pass through it. */
  readonly reads: Gate;
  readonly cache: ReadCache;
  /** Calls that are not answered. */
  running: number;
}

/** Resolves when the proxy listens. Throws `chain.port`. */
export async function startRpcProxy({
  chain,
  host = '127.0.0.1',
  port = 0,
}: RpcProxyParameters): Promise<RpcProxy> {
  const proxy: Proxy = {
    chain,
    bodies: createRequestBodies(),
    reads: createGate(maximumReads),
    cache: createReadCache(),
    running: 0,
  };
  const server = createServer((request, response) => {
    respond(proxy, request, response).catch(() => response.destroy());
  });
  await listen(server, host, port);
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

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
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
}

// Requests

async function respond(proxy: Proxy, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers.origin !== undefined)
    return send(response, 403, refuseBody(-32600, 'this ledger does not answer web pages'));
  if (request.method !== 'POST') return send(response, 405, refuseBody(-32600, 'expected a POST request'));
  await withBody(proxy.bodies, request, async (body) => {
    if (body === 'too long')
      return send(response, 413, refuseBody(-32600, `expected at most ${maximumBodyBytes} bytes`));
    if (body === 'no room') return send(response, 503, refuseBody(-32005, 'too many requests; try again'));
    await answerText(proxy, body.text, response);
  });
}

async function answerText(proxy: Proxy, text: string, response: ServerResponse): Promise<void> {
  let calls: unknown;
  try {
    calls = JSON.parse(text);
  } catch {
    return send(response, 400, refuseBody(-32700, 'expected JSON'));
  }
  const admissions = createGate(admissionsPerRequest);
  if (!Array.isArray(calls)) return send(response, 200, await answerCall(proxy, admissions, calls));
  if (calls.length === 0 || calls.length > maximumBatch) {
    return send(response, 400, refuseBody(-32600, `expected 1 to ${maximumBatch} calls in a batch`));
  }
  send(response, 200, await answerBatch(proxy, admissions, calls));
}

/**
 * Transactions at once, so that they share a block; reads in turn, until the answer is long enough.
 */
async function answerBatch(proxy: Proxy, admissions: Gate, calls: readonly unknown[]): Promise<string> {
  const inTurn = createGate(readsPerBatch);
  let length = 0;
  const texts = calls.map(async (call) => {
    const answer = () => answerCall(proxy, admissions, call);
    if (isRecord(call) && call.method === 'eth_sendRawTransaction') return answer();
    const text = await inTurn(async () => (length > maximumAnswerLength ? undefined : answer()));
    length += text?.length ?? 0;
    return text ?? tooLong(call);
  });
  return `[${(await Promise.all(texts)).join()}]`;
}

// Calls

async function answerCall(proxy: Proxy, admissions: Gate, call: unknown): Promise<string> {
  const id = idOf(call);
  if (!isRecord(call) || typeof call.method !== 'string' || !Array.isArray(call.params ?? [])) {
    return refuseCall(id, { code: -32600, message: 'expected a JSON-RPC 2.0 call' });
  }
  if (proxy.running >= maximumRunning) {
    return refuseCall(id, { code: -32005, message: 'too many requests at once; try again' });
  }
  proxy.running++;
  try {
    const parameters = (call.params ?? []) as readonly unknown[];
    const result = await dispatch(proxy, admissions, call.method, parameters);
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
  } catch (error) {
    return refuseCall(id, errorOf(error));
  } finally {
    proxy.running--;
  }
}

/** The result as JSON. */
async function dispatch(
  { chain, reads, cache }: Proxy,
  admissions: Gate,
  method: string,
  parameters: readonly unknown[],
): Promise<string> {
  if (method === 'eth_sendRawTransaction') {
    const transaction = await admissions(() => admitTransaction(chain, parameters[0]));
    return JSON.stringify(await chain.submit(transaction));
  }
  const known = Object.hasOwn(readMethods, method) ? readMethods[method] : undefined;
  if (known === undefined)
    throw refusal(-32601, `the method ${method.slice(0, 80)} is not offered by this ledger`);
  if (known.isTimed?.(parameters)) await chain.catchUp();
  const limited = method === 'eth_call' || method === 'eth_estimateGas' ? limitCall(parameters) : parameters;
  const ask = () => reads(async () => JSON.stringify((await chain.request(method, ...limited)) ?? null));
  if (!known.isShared?.(parameters)) return ask();
  return cache.read(chain.state, JSON.stringify([method, parameters]), ask);
}

/**
 * A call may run for as long as a block, no longer (anvil itself takes any gas limit, also as a
 * number or in decimal), and replaces no state.
 */
function limitCall([call, block = 'latest']: readonly unknown[]): readonly unknown[] {
  if (!isRecord(call)) throw refusal(-32602, 'expected a call');
  const { from, to, data, input, value, gas } = call;
  const fits = typeof gas === 'string' && /^0x[0-9a-f]+$/i.test(gas) && BigInt(gas) <= blockGasLimit;
  const limit = fits ? gas : `0x${blockGasLimit.toString(16)}`;
  return [{ from, to, data, input, value, gas: limit }, block];
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

function tooLong(call: unknown): string {
  const message = `expected a batch whose answers have at most ${maximumAnswerLength} characters`;
  return refuseCall(idOf(call), { code: -32005, message });
}

function refuseCall(id: string | number | null, error: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

function refuseBody(code: number, message: string): string {
  return refuseCall(null, { code, message });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function send(response: ServerResponse, status: number, text: string): void {
  // The rest of the body is not read.
  const close = status === 413 || status === 503 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...close }).end(text);
}
