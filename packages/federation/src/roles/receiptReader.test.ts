import { contentOf, utf8 } from '@nonet/core';
import { createSigner, type Signer } from '@nonet/core/identity';
import type { BlobStore, JobTerms } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { signStoreReceipt } from '../stores/storeReceipt.ts';
import { createSampleRound } from '../testing/sampleRound.ts';
import { createReceiptReader } from './receiptReader.ts';

const stores = [1, 2, 3]
  .map((digit) => createSigner(`0x${String(digit).repeat(64)}`))
  .toSorted((a, b) => (a.account < b.account ? -1 : 1));
const blob = contentOf(utf8('a blob'));
const receiptsOf = (signers: readonly Signer[]) =>
  Promise.all(signers.map((signer) => signStoreReceipt(blob.address, blob.length, signer)));

/** Of three stores, some of which answered a `put`, and some of which have the blob. */
async function createReader(answering: readonly Signer[], holding: readonly Signer[]) {
  const { state } = await createSampleRound({ participants: 1, entries: 4 });
  const terms: JobTerms = { ...state.terms, stores: stores.map(({ account }) => account), copies: 2 };
  const store = {
    put: async () => ({ address: blob.address, receipts: await receiptsOf(answering) }),
    receipts: () => receiptsOf(holding),
  } as unknown as BlobStore;
  return createReceiptReader(store, terms, new AbortController().signal);
}

const { signal } = new AbortController();

test('a blob is published with the receipts of the first stores by account', async () => {
  const reader = await createReader(stores.toReversed(), []);
  expect(await reader.publish(blob, signal)).toEqual(await receiptsOf(stores.slice(0, 2)));
});

test('a blob that too few stores acknowledged is published if enough have it', async () => {
  const reader = await createReader(stores.slice(2), stores.slice(1));
  expect(await reader.publish(blob, signal)).toEqual(await receiptsOf(stores.slice(1)));
});

test('a blob that too few stores have is not published', async () => {
  const reader = await createReader(stores.slice(2), stores.slice(2));
  await expect(reader.publish(blob, signal)).rejects.toMatchObject({ code: 'store.copies' });
});
