/**
 * Receipt sets (docs/specs/round.md §1.7) as an aggregator needs them: of what it includes, while
 * others still train; of what it posts; of what it is asked about.
 */
import { type Address, type Content, UndecidedError } from '@nonet/core';
import type { BlobStore, JobTerms, StoreReceipt } from '@nonet/core/ports';
import { isReceiptSet } from '../rules/judge.ts';
import { isPassing } from './jobView.ts';

/** How long stores may take to give receipts, before they are asked again. */
const receiptMilliseconds = 5000;

/** What is known so far of a blob's receipt set. */
export interface ReceiptSearch {
  readonly found?: readonly StoreReceipt[] | undefined;
  /** A mistake of this program. */
  readonly failure?: unknown;
  readonly done: boolean;
}

export interface ReceiptReader {
  /**
   * What is known now; what is not is asked for in the background, and again by the next call after
   * it was not found.
   */
  peek(blob: Address): ReceiptSearch;
  /** Forgets what was found by peeking. */
  forget(): void;
  /** Receipts of the first `copies` stores by account; undefined if fewer hold the blob. */
  find(blob: Address): Promise<readonly StoreReceipt[] | undefined>;
  /** Puts a blob into the stores. Throws `store.copies` if fewer than `copies` give receipts. */
  publish(content: Content, signal: AbortSignal): Promise<readonly StoreReceipt[]>;
}

/** `signal` ends every search. */
export function createReceiptReader(store: BlobStore, terms: JobTerms, signal: AbortSignal): ReceiptReader {
  const searches = new Map<Address, ReceiptSearch>();

  async function find(blob: Address): Promise<readonly StoreReceipt[] | undefined> {
    const untilMilliseconds = Date.now() + receiptMilliseconds;
    const found = await store.receipts(blob, { signal, untilMilliseconds }).catch((cause: unknown) => {
      if (!isPassing(cause) && !signal.aborted) throw cause;
      return [];
    });
    return chooseReceipts(terms, blob, found);
  }

  return {
    peek(blob) {
      const known = searches.get(blob);
      if (known !== undefined && (!known.done || known.found !== undefined)) return known;
      const search: ReceiptSearch = { done: false };
      searches.set(blob, search);
      find(blob).then(
        (found) => Object.assign(search, { found, done: true }),
        (failure: unknown) => Object.assign(search, { failure, done: true }),
      );
      return search;
    },
    forget: () => searches.clear(),
    find,
    async publish(content, signal) {
      const { address } = content;
      const { receipts } = await store.put(content, { signal });
      const set = chooseReceipts(terms, address, receipts) ?? (await find(address));
      if (set !== undefined) return set;
      throw new UndecidedError({
        code: 'store.copies',
        expected: `receipts of ${terms.copies} listed stores for ${address}`,
        found: `${receipts.length} receipts`,
        hint: 'Are the stores of the job running, with the keys that the job names?',
      });
    },
  };
}

/** A receipt set of what stores gave; undefined if too few of the listed ones signed (§1.7). */
export function chooseReceipts(
  terms: Pick<JobTerms, 'stores' | 'copies'>,
  blob: Address,
  receipts: readonly StoreReceipt[],
): readonly StoreReceipt[] | undefined {
  const byStore = new Map(receipts.map((receipt) => [receipt.store, receipt]));
  const set = [...byStore.values()]
    .filter((receipt) => isReceiptSet({ stores: terms.stores, copies: 1 }, blob, [receipt]))
    .sort((a, b) => (a.store < b.store ? -1 : 1))
    .slice(0, terms.copies);
  return set.length === terms.copies ? set : undefined;
}
