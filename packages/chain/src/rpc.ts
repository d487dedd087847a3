/**
 * JSON-RPC to any EVM node, with failures in Nonet's terms: an UndecidedError when nobody answers, an RpcFailure when the node answers
 * with an error. Our own transport on `fetch`, because viem's comes with the whole of viem: 55 ms of start-up for each of a run's many
 * processes; the encoding is viem's.
 */
import { type Hex, NonetError, UndecidedError } from '@nonet/core';

export interface Rpc {
  readonly url: string;
  /** Requests of one tick travel in one HTTP request, in order; a failed connection is tried again a few times. */
  request<Result>(method: string, parameters?: readonly unknown[]): Promise<Result>;
}

/** The node answered with a JSON-RPC error. `data` is the revert data, where there is some. */
export class RpcFailure extends NonetError {
  readonly reason: string;
  readonly data: Hex | undefined;

  constructor(method: string, url: string, { message, data }: RpcError) {
    super({ code: 'ledger.rpc', expected: `${url} to answer ${method}`, found: message.replace(/\.$/, '') });
    this.reason = message;
    this.data = revertData(data);
  }
}

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

interface RpcAnswer {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: RpcError;
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly answer: PromiseWithResolvers<unknown>;
}

/** Public nodes commonly take so many. */
const maximumBatch = 100;
const timeoutMilliseconds = 30_000;
/** More than any portion of logs that nodes give out, less than what ends a process. */
const maximumAnswerBytes = 2 ** 27;
const retryDelays = [100, 200, 400, 800];
/** "Limit exceeded": ask again. */
const busyCode = -32005;

export function createRpc(url: string): Rpc {
  let waiting: Call[] = [];
  let serial = 0;

  function flush(): void {
    const calls = waiting;
    waiting = [];
    for (let i = 0; i < calls.length; i += maximumBatch) void send(calls.slice(i, i + maximumBatch));
  }

  async function send(calls: readonly Call[], attempt = 0): Promise<void> {
    const again = async () => {
      await new Promise((resolve) => setTimeout(resolve, retryDelays[attempt]));
      return send(calls, attempt + 1);
    };
    let answers: readonly RpcAnswer[];
    try {
      const bodies = calls.map(({ id, method, params }) => ({ jsonrpc: '2.0', id, method, params }));
      const found = await post(url, bodies.length === 1 ? bodies[0] : bodies);
      // A node that takes no batches answers one with a single error.
      if (!Array.isArray(found) && calls.length > 1) return void calls.map((call) => send([call]));
      answers = (Array.isArray(found) ? found : [found]).map(readAnswer);
    } catch (error) {
      if (attempt < retryDelays.length && !(error instanceof FinalHttpError)) return again();
      for (const { answer } of calls) answer.reject(unreachableLedger(url, error));
      return;
    }
    if (attempt < retryDelays.length && answers.every(({ error }) => error?.code === busyCode))
      return again();
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    for (const { id, method, answer } of calls) {
      const found = calls.length === 1 ? answers[0] : byId.get(id);
      if (found?.error !== undefined) answer.reject(new RpcFailure(method, url, found.error));
      else if (found?.result !== undefined) answer.resolve(found.result);
      else answer.reject(new RpcFailure(method, url, { code: -32603, message: 'no result' }));
    }
  }

  return {
    url,
    request<Result>(method: string, params: readonly unknown[] = []) {
      if (waiting.length === 0) setTimeout(flush, 0);
      const answer = Promise.withResolvers<unknown>();
      waiting.push({ id: ++serial, method, params, answer });
      return answer.promise as Promise<Result>;
    },
  };
}

/** An answer that asking again would not change. */
class FinalHttpError extends NonetError {}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  const text = await readText(response);
  try {
    const answer: unknown = JSON.parse(text);
    if (Array.isArray(answer) || (typeof answer === 'object' && answer !== null && 'jsonrpc' in answer))
      return answer;
  } catch {
    // Not JSON: the status says more.
  }
  const parts = {
    code: 'ledger.http',
    expected: 'JSON-RPC',
    found: `HTTP ${response.status} without JSON-RPC`,
  };
  throw response.status === 429 || response.status >= 500 ? new NonetError(parts) : new FinalHttpError(parts);
}

/** The body; a node that never stops talking is cut short. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, length] = ['', 0];
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maximumAnswerBytes) {
      const [expected, found] = [`an answer of at most ${maximumAnswerBytes} bytes`, 'a longer one'];
      throw new FinalHttpError({ code: 'ledger.http', expected, found });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Takes anything: an answer without sense has no result. */
function readAnswer(value: unknown): RpcAnswer {
  if (typeof value !== 'object' || value === null) return { id: undefined };
  const { id, result, error } = value as Record<string, unknown>;
  if (error === undefined || error === null) return { id, result };
  const { code, message, data } = error as Record<string, unknown>;
  return {
    id,
    error: {
      code: typeof code === 'number' ? code : -32603,
      message: typeof message === 'string' ? message.slice(0, 1000) : 'an error without a message',
      data,
    },
  };
}

/** Nodes put revert data at `error.data` or one level deeper. */
function revertData(data: unknown): Hex | undefined {
  const inner = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return typeof inner === 'string' && /^0x[0-9a-f]*$/i.test(inner) ? (inner as Hex) : undefined;
}

/** A number as nodes write it; throws `ledger.rpc` for anything else. */
export function readQuantity(value: unknown, what: string): bigint {
  if (typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value)) return BigInt(value);
  throw new NonetError({
    code: 'ledger.rpc',
    expected: `${what} as a hexadecimal number`,
    found: (JSON.stringify(value) ?? 'nothing').slice(0, 200),
    hint: 'This node does not answer as an EVM node does; name another.',
  });
}

/** A block number, a time, a count: one that a double holds exactly. */
export function readCount(value: unknown, what: string): number {
  const count = Number(readQuantity(value, what));
  if (Number.isSafeInteger(count)) return count;
  throw new NonetError({ code: 'ledger.rpc', expected: `${what} below 2^53`, found: String(value) });
}

export function unreachableLedger(url: string, cause: unknown): UndecidedError {
  return new UndecidedError({
    code: 'ledger.unreachable',
    expected: `a ledger at ${url}`,
    found: describeCause(cause),
    hint: 'Check the address and that the node is running, then try again.',
    cause,
  });
}

/** `fetch failed` says nothing; its cause does. */
function describeCause(cause: unknown): string {
  if (cause instanceof NonetError) return cause.found;
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause as { code?: string } | undefined;
  return inner?.code ?? cause.message;
}
