/**
 * JSON-RPC to any EVM node, through viem's transport, with failures in Nonet's terms: an UndecidedError when nobody answers, an
 * RpcFailure when the node answers with an error.
 */
import { type Hex, NonetError, UndecidedError } from '@nonet/core';
import { BaseError, createClient, http, RpcRequestError } from 'viem';

export interface Rpc {
  readonly url: string;
  request<Result>(method: string, parameters?: readonly unknown[]): Promise<Result>;
}

/** The node answered with a JSON-RPC error. `data` is the revert data, where there is some. */
export class RpcFailure extends NonetError {
  readonly reason: string;
  readonly data: Hex | undefined;

  constructor(method: string, url: string, reason: string, data: Hex | undefined) {
    super({ code: 'ledger.rpc', expected: `${url} to answer ${method}`, found: reason.replace(/\.$/, '') });
    this.reason = reason;
    this.data = data;
  }
}

/** Requests of one tick travel in one HTTP request, in order; a failed connection is tried again a few times. */
export function createRpc(url: string): Rpc {
  const client = createClient({
    transport: http(url, {
      batch: { batchSize: 256, wait: 0 },
      retryCount: 4,
      retryDelay: 100,
      timeout: 30_000,
    }),
  });
  const request = client.request as (call: {
    method: string;
    params: readonly unknown[];
  }) => Promise<unknown>;
  return {
    url,
    async request<Result>(method: string, parameters: readonly unknown[] = []) {
      try {
        return (await request({ method, params: parameters })) as Result;
      } catch (error) {
        const answer =
          error instanceof BaseError ? error.walk((inner) => inner instanceof RpcRequestError) : null;
        if (answer instanceof RpcRequestError) {
          throw new RpcFailure(method, url, answer.details, revertData(answer.data));
        }
        throw unreachableLedger(url, error);
      }
    },
  };
}

/** Nodes put revert data at `error.data` or one level deeper. */
function revertData(data: unknown): Hex | undefined {
  if (typeof data === 'string' && /^0x[0-9a-f]*$/i.test(data)) return data as Hex;
  if (typeof data === 'object' && data !== null && 'data' in data) return revertData(data.data);
  return undefined;
}

export function unreachableLedger(url: string, cause: unknown): UndecidedError {
  const found = cause instanceof BaseError ? cause.shortMessage : String(cause);
  return new UndecidedError({
    code: 'ledger.unreachable',
    expected: `a ledger at ${url}`,
    found: found.replace(/\.$/, ''),
    hint: 'Check the address and that the node is running, then try again.',
    cause,
  });
}
