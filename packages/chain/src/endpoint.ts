/**
 * JSON-RPC to one EVM node, with failures in Nonet's terms: an UndecidedError when no answer comes,
 * an RpcFailure when the node answers with an error. Every request is made once; rpc.ts repeats.
 */
import { type Hex, NonetError, UndecidedError } from '@nonet/core';
import { AnswerTooLong, createHttpPost, type HttpPost } from './httpPost.ts';
import { type NodeUrl, parseNodeUrl } from './nodeUrl.ts';

export interface Endpoint {
  /** For messages: the URL without credentials. */
  readonly name: string;
  /**
   * Requests of one tick travel in one HTTP request, in order. Throws RpcFailure, or an
   * Unreachable.
   */
  request(method: string, parameters: readonly unknown[]): Promise<unknown>;
}

/** The node answered with a JSON-RPC error. `data` is the revert data, where there is some. */
export class RpcFailure extends NonetError {
  /** JSON-RPC's number for the error. */
  readonly number: number;
  readonly reason: string;
  readonly data: Hex | undefined;

  constructor(method: string, name: string, { code, message, data }: RpcError) {
    super({ code: 'ledger.rpc', expected: `${name} to answer ${method}`, found: message.replace(/\.$/, '') });
    this.number = code;
    this.reason = message;
    this.data = revertData(data);
  }
}

/** No answer of this node. `final`: asking again would not help. */
export class Unreachable extends UndecidedError {
  readonly final: boolean;

  constructor(node: NodeUrl, cause: unknown) {
    super({
      code: 'ledger.unreachable',
      expected: `a ledger at ${node.name}`,
      found: node.redact(describeCause(cause)),
      hint: 'Check the address and that the node is running, then try again.',
      cause,
    });
    this.final = cause instanceof FinalHttpError || cause instanceof AnswerTooLong;
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

export function createEndpoint(url: string): Endpoint {
  const node = parseNodeUrl(url);
  const { address, headers } = node;
  const limits = { timeoutMilliseconds, maximumBytes: maximumAnswerBytes };
  const post = createHttpPost({ address, headers, ...limits });
  let waiting: Call[] = [];
  let serial = 0;

  function flush(): void {
    const calls = waiting;
    waiting = [];
    for (let i = 0; i < calls.length; i += maximumBatch) void send(calls.slice(i, i + maximumBatch));
  }

  async function send(calls: readonly Call[]): Promise<void> {
    let answers: readonly RpcAnswer[];
    try {
      const bodies = calls.map(({ id, method, params }) => ({ jsonrpc: '2.0', id, method, params }));
      const found = await exchange(post, bodies.length === 1 ? bodies[0] : bodies);
      // A node that takes no batches answers one with a single error.
      if (!Array.isArray(found) && calls.length > 1) return void calls.map((call) => send([call]));
      answers = (Array.isArray(found) ? found : [found]).map(readAnswer);
    } catch (error) {
      for (const { answer } of calls) answer.reject(new Unreachable(node, error));
      return;
    }
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    for (const { id, method, answer } of calls) {
      const found = calls.length === 1 ? answers[0] : byId.get(id);
      const { code, message, data } = found?.error ?? { code: -32603, message: 'no result' };
      if (found?.result !== undefined) answer.resolve(found.result);
      else
        answer.reject(
          new RpcFailure(method, node.name, { code, message: node.redact(message).slice(0, 1000), data }),
        );
    }
  }

  return {
    name: node.name,
    request(method, params) {
      if (waiting.length === 0) setTimeout(flush, 0);
      const answer = Promise.withResolvers<unknown>();
      waiting.push({ id: ++serial, method, params, answer });
      return answer.promise;
    },
  };
}

/** An answer that asking again would not change. */
class FinalHttpError extends NonetError {}

async function exchange(post: HttpPost, body: unknown): Promise<unknown> {
  const { status, text } = await post(JSON.stringify(body));
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON: the status says more.
  }
  if (Array.isArray(answer) || (typeof answer === 'object' && answer !== null && 'jsonrpc' in answer)) {
    return answer;
  }
  const parts = { code: 'ledger.http', expected: 'JSON-RPC', found: `HTTP ${status} without JSON-RPC` };
  throw status === 429 || status >= 500 ? new NonetError(parts) : new FinalHttpError(parts);
}

/** Takes anything: an answer without sense has no result, nor has one with an error. */
function readAnswer(value: unknown): RpcAnswer {
  const { id, result, error } = (value ?? {}) as Record<string, unknown>;
  if (error === undefined || error === null) return { id, result };
  const { code, message, data } = error as Record<string, unknown>;
  return {
    id,
    error: {
      code: typeof code === 'number' ? code : -32603,
      message: typeof message === 'string' ? message : 'an error without a message',
      data,
    },
  };
}

/** Nodes put revert data at `error.data` or one level deeper. */
function revertData(data: unknown): Hex | undefined {
  const inner = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data;
  return typeof inner === 'string' && /^0x[0-9a-f]*$/i.test(inner) ? (inner as Hex) : undefined;
}

function describeCause(cause: unknown): string {
  if (cause instanceof NonetError) return cause.found;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause ? String(cause.code) : cause.message;
}
