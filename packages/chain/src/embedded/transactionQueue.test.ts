import type { Account } from '@nonet/core/identity';
import { expect, it } from 'vitest';
import {
  createTransactionQueue,
  drainQueue,
  enqueue,
  isQueueEmpty,
  putBack,
  takeNext,
} from './transactionQueue.ts';

interface Named {
  readonly name: string;
  readonly sender: Account;
  readonly gas: bigint;
}

/** `a1` is sender a's first; all need 10 gas unless said otherwise. */
const item = (name: string, gas = 10n): Named => ({ name, sender: `0x${name.slice(0, 1)}`, gas });

function fill(...items: readonly Named[]) {
  const queue = createTransactionQueue<Named>();
  for (const each of items) enqueue(queue, each);
  return queue;
}

it('takes the senders in turn, and each one in order', () => {
  const queue = fill(...['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map((name) => item(name)));
  const taken = Array.from({ length: 6 }, () => takeNext(queue, 10n)?.name);
  expect(taken).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  expect(takeNext(queue, 10n)).toBeUndefined();
  expect(isQueueEmpty(queue)).toBe(true);
});

it('is empty exactly if nothing waits', () => {
  expect([isQueueEmpty(fill()), isQueueEmpty(fill(item('a1')))]).toEqual([true, false]);
});

it('passes over what has no room, never a later one of the same sender first', () => {
  const queue = fill(item('a1', 20n), item('a2'), item('b1'));
  expect(takeNext(queue, 15n)?.name).toBe('b1');
  expect(takeNext(queue, 15n)).toBeUndefined();
  enqueue(queue, item('b2'));
  // Its turn comes first when there is room again.
  expect(takeNext(queue, 20n)?.name).toBe('a1');
});

it('gives back in order what was taken in vain', () => {
  const queue = fill(item('a1'), item('a2'), item('a3'), item('b1'));
  const taken = [takeNext(queue, 10n)!, takeNext(queue, 10n)!, takeNext(queue, 10n)!];
  putBack(queue, taken);
  expect(drainQueue(queue).map(({ name }) => name)).toEqual(['a1', 'a2', 'a3', 'b1']);
  expect(isQueueEmpty(queue)).toBe(true);
});
