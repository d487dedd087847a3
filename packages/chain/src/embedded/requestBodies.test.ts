import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRequestBodies, maximumBodyBytes, withBody } from './requestBodies.ts';

const budget = 2 ** 26;

/** A request whose body arrives when the test says so. */
function request() {
  const body = new Readable({ read() {} });
  return body as Readable & IncomingMessage;
}

const text = async (body: { readonly text: string } | string) =>
  typeof body === 'string' ? body : body.text;

it('a body may be just as long as is allowed', async () => {
  const bodies = createRequestBodies();
  const [whole, long] = [request(), request()];
  const both = [withBody(bodies, whole, text), withBody(bodies, long, text)];
  whole.push(Buffer.alloc(maximumBodyBytes, 'a'));
  whole.push(null);
  long.push(Buffer.alloc(maximumBodyBytes, 'a'));
  long.push('b');
  long.push(null);
  expect((await both[0])!.length).toBe(maximumBodyBytes);
  expect(await both[1]).toBe('too long');
  expect(bodies).toEqual({ held: 0, arriving: new Set() });
});

/** As many whole bodies as the budget holds, each being worked on until the test lets go. */
async function fill(bodies: ReturnType<typeof createRequestBodies>, count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const works = Array.from({ length: count }, () => {
    const each = request();
    each.push(Buffer.alloc(maximumBodyBytes));
    each.push(null);
    return withBody(bodies, each, () => promise);
  });
  while (bodies.arriving.size > 0) await turn();
  return async () => {
    resolve();
    await Promise.all(works);
  };
}

it('the budget may be used up to its last byte; one byte more has no room', async () => {
  const bodies = createRequestBodies();
  const release = await fill(bodies, budget / maximumBodyBytes - 1);
  const last = request();
  const read = withBody(bodies, last, text);
  last.push(Buffer.alloc(maximumBodyBytes, 'a'));
  last.push(null);
  expect((await read).length).toBe(maximumBodyBytes);
  const more = await fill(bodies, 1);
  expect(bodies.held).toBe(budget);
  const late = request();
  const refused = withBody(bodies, late, text);
  late.push('x');
  expect(await refused).toBe('no room');
  await Promise.all([release(), more()]);
  expect(bodies.held).toBe(0);
});

it('the oldest unfinished body makes way, and its connection is closed; the newest is told', async () => {
  const bodies = createRequestBodies();
  const release = await fill(bodies, budget / maximumBodyBytes - 1);
  const [oldest, newer] = [request(), request()];
  const broken = expect(withBody(bodies, oldest, text)).rejects.toThrow();
  const read = withBody(bodies, newer, text);
  oldest.push(Buffer.alloc(maximumBodyBytes - 1));
  await turn();
  await turn();
  newer.push('ab');
  await broken;
  newer.push(null);
  expect([oldest.destroyed, await read]).toEqual([true, 'ab']);
  await release();
});
