/**
 * Transactions that wait for a block, shared fairly: each sender gets one turn after another, in
 * the order in which senders came, so that no sender's many delay another's one by more than one of
 * them.
 */
import type { Account } from '@nonet/core/identity';

/** What the order depends on. */
export interface Queued {
  readonly sender: Account;
  readonly gas: bigint;
}

export interface TransactionQueue<Item extends Queued> {
  /** In the order of turns; each sender's own in the order in which they came. No list is empty. */
  readonly bySender: Map<Account, Item[]>;
}

export function createTransactionQueue<Item extends Queued>(): TransactionQueue<Item> {
  return { bySender: new Map() };
}

export function isQueueEmpty({ bySender }: TransactionQueue<Queued>): boolean {
  return bySender.size === 0;
}

/** Adds a transaction behind those of its sender; a new sender's turn is the last. */
export function enqueue<Item extends Queued>({ bySender }: TransactionQueue<Item>, item: Item): void {
  const own = bySender.get(item.sender);
  if (own === undefined) bySender.set(item.sender, [item]);
  else own.push(item);
}

/**
 * Takes the next transaction of the first sender whose next one needs at most `room` gas; that
 * sender's turn is then the last. Who is passed over for want of room keeps its turn.
 */
export function takeNext<Item extends Queued>(
  { bySender }: TransactionQueue<Item>,
  room: bigint,
): Item | undefined {
  for (const [sender, own] of bySender) {
    if (own[0]!.gas > room) continue;
    const item = own.shift()!;
    bySender.delete(sender);
    if (own.length > 0) bySender.set(sender, own);
    return item;
  }
  return undefined;
}

/**
 * Puts transactions back in front of those of their senders, in the order in which they were taken.
 */
export function putBack<Item extends Queued>(
  { bySender }: TransactionQueue<Item>,
  items: readonly Item[],
): void {
  for (const item of items.toReversed()) {
    const own = bySender.get(item.sender);
    if (own === undefined) bySender.set(item.sender, [item]);
    else own.unshift(item);
  }
}

/** Takes all. */
export function drainQueue<Item extends Queued>({ bySender }: TransactionQueue<Item>): Item[] {
  const items = [...bySender.values()].flat();
  bySender.clear();
  return items;
}
