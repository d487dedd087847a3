/** What one node's answers mean; what travels, and how, is in httpPost.test.ts. */
import { NonetError } from '@nonet/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createEndpoint, RpcFailure, Unreachable } from './endpoint.ts';
import { AnswerTooLong, createHttpPost, type HttpAnswer } from './httpPost.ts';

vi.mock('./httpPost.ts', async (load) => ({
  ...(await load<typeof import('./httpPost.ts')>()),
  createHttpPost: vi.fn(),
}));

/** What was posted, and what the node says to it. */
const posted: unknown[] = [];
let respond: (body: unknown) => HttpAnswer;
beforeEach(() => {
  posted.length = 0;
  vi.mocked(createHttpPost).mockReturnValue(async (text) => {
    const body = JSON.parse(text) as unknown;
    posted.push(body);
    return respond(body);
  });
});

interface Asked {
  readonly id: number;
  readonly method: string;
}
const answerWith = (answer: unknown, status = 200) => {
  respond = () => ({ status, text: typeof answer === 'string' ? answer : JSON.stringify(answer) });
};
const ask = (method = 'm') => createEndpoint('http://user:secretsecret@node.example/').request(method, [1]);

describe('an answer', () => {
  it.each<[unknown, unknown]>([
    [{ jsonrpc: '2.0', id: 1, result: 7 }, 7],
    [{ jsonrpc: '2.0', id: 1, result: null }, null],
    [{ jsonrpc: '2.0', id: 1, result: 7, error: null }, 7],
    [{ jsonrpc: '2.0', id: 9, result: 7 }, 7],
    [[{ id: 9, result: 7 }], 7],
  ])('%j is a result', async (answer, result) => {
    answerWith(answer);
    expect(await ask()).toBe(result);
    expect(posted).toEqual([{ jsonrpc: '2.0', id: 1, method: 'm', params: [1] }]);
  });

  it.each<[unknown, number, string]>([
    [{ jsonrpc: '2.0', id: 1, error: { code: 3, message: 'reverted.' } }, 3, 'reverted.'],
    [{ jsonrpc: '2.0', id: 1, result: 7, error: { code: 3, message: 'x' } }, 3, 'x'],
    [{ jsonrpc: '2.0', id: 1, error: { code: '3', message: 3 } }, -32603, 'an error without a message'],
    [{ jsonrpc: '2.0', id: 1 }, -32603, 'no result'],
    [[], -32603, 'no result'],
    [[null], -32603, 'no result'],
    [['x'], -32603, 'no result'],
    [{ jsonrpc: '2.0', error: { code: 1, message: 'secretsecret' } }, 1, '…'],
    [{ jsonrpc: '2.0', error: { code: 1, message: 'x'.repeat(2000) } }, 1, 'x'.repeat(1000)],
  ])('%j is a failure', async (answer, number, reason) => {
    answerWith(answer);
    const error = await ask('eth_x').catch((error: unknown) => error as RpcFailure);
    expect(error).toBeInstanceOf(RpcFailure);
    expect(error).toMatchObject({ number, reason, found: reason.replace(/\.$/, '') });
    expect(error).toMatchObject({ expected: 'http://node.example to answer eth_x' });
  });

  it.each<[unknown, unknown]>([
    ['0x0aFF', '0x0aFF'],
    [{ data: '0x0a' }, '0x0a'],
    ['0x', '0x'],
    [{ data: { data: '0x0a' } }, undefined],
    [{ other: '0x0a' }, undefined],
    [{ data: ['0x0a'] }, undefined],
    [['0x0a'], undefined],
    ['reverted', undefined],
    [7, undefined],
    [null, undefined],
  ])('of a revert has data %j', async (data, expected) => {
    answerWith({ jsonrpc: '2.0', id: 1, error: { code: 3, message: 'x', data } });
    expect(await ask().catch((error) => error.data)).toBe(expected);
  });
});

describe('no answer', () => {
  const failed = async () => {
    const error = await ask().catch((error) => error);
    expect(error).toBeInstanceOf(Unreachable);
    return error as Unreachable;
  };

  it.each<[unknown, number, boolean]>([
    ['not JSON', 200, true],
    ['not JSON', 404, true],
    [{ error: 'no JSON-RPC' }, 403, true],
    ['null', 200, true],
    ['7', 200, true],
    ['busy', 429, false],
    ['busy', 430, true],
    ['broken', 499, true],
    ['broken', 500, false],
    ['broken', 503, false],
  ])('%j with status %i, which asking again would not change: %s', async (answer, status, final) => {
    answerWith(answer, status);
    expect(await failed()).toMatchObject({ final, found: `HTTP ${status} without JSON-RPC` });
  });

  it('JSON-RPC counts whatever the status is', async () => {
    answerWith({ jsonrpc: '2.0', id: 1, result: 7 }, 500);
    expect(await ask()).toBe(7);
  });

  it.each<[unknown, string, boolean]>([
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', false],
    [new Error('secretsecret is wrong'), '… is wrong', false],
    [new NonetError({ code: 'a', expected: 'b', found: 'c' }), 'c', false],
    [new AnswerTooLong(5), 'a longer one', true],
    ['a text', 'a text', false],
  ])('%s', async (cause, found, final) => {
    respond = () => {
      throw cause;
    };
    expect(await failed()).toMatchObject({ code: 'ledger.unreachable', found, final });
  });
});

describe('what is asked at once', () => {
  const askMany = (count: number) => {
    const endpoint = createEndpoint('http://node.example');
    return Promise.allSettled(Array.from({ length: count }, (_, i) => endpoint.request(`m${i}`, [])));
  };
  const valuesOf = (settled: readonly PromiseSettledResult<unknown>[]) =>
    settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as NonetError).found));

  it.each([
    [100, [100]],
    [201, [100, 100, 1]],
  ])('travels together, %i in requests of %j, and is matched by number', async (count, requests) => {
    respond = (body) => {
      const calls = [body].flat() as Asked[];
      const answers = calls.map(({ id, method }) => ({ jsonrpc: '2.0', id, result: method }));
      return { status: 200, text: JSON.stringify(Array.isArray(body) ? answers.reverse() : answers[0]) };
    };
    expect(valuesOf(await askMany(count))).toEqual(Array.from({ length: count }, (_, i) => `m${i}`));
    expect(posted.map((body) => (Array.isArray(body) ? body.length : 1))).toEqual(requests);
  });

  it('sets one timer', () => {
    vi.useFakeTimers();
    try {
      void askMany(3);
      expect(vi.getTimerCount()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is asked one by one where the node takes no batches', async () => {
    respond = (body) => ({
      status: 200,
      text: JSON.stringify(
        Array.isArray(body)
          ? { jsonrpc: '2.0', error: { code: 1, message: 'no batches' } }
          : { jsonrpc: '2.0', id: 1, result: (body as Asked).method },
      ),
    });
    expect(valuesOf(await askMany(3))).toEqual(['m0', 'm1', 'm2']);
    expect(posted).toHaveLength(4);
  });

  it('fails alone where one answer is missing', async () => {
    respond = (body) => ({
      status: 200,
      text: JSON.stringify((body as Asked[]).slice(1).map(({ id, method }) => ({ id, result: method }))),
    });
    expect(valuesOf(await askMany(3))).toEqual(['no result', 'm1', 'm2']);
  });

  it('is asked again in the next tick', async () => {
    answerWith({ jsonrpc: '2.0', id: 1, result: 7 });
    const endpoint = createEndpoint('http://node.example');
    expect([await endpoint.request('a', []), await endpoint.request('b', [])]).toEqual([7, 7]);
    expect(posted).toHaveLength(2);
  });
});
