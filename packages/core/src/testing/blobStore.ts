/**
 * What every `BlobStore` must do. Call it at the top level of a test file; `create` makes an empty
 * store. Concurrent writers of one process are included; crashes of the machine are not.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addressOf } from '../contentTree.ts';
import type { Address } from '../hash.ts';
import { type BlobStore, isStoreReceipt } from '../ports/blobStore.ts';

/** A store under test. */
export interface BlobStoreFixture {
  readonly store: BlobStore;
  /** Puts other bytes under an address, behind the store's back. */
  tamper(address: Address, bytes: Uint8Array): Promise<void>;
  close?(): Promise<void>;
}

/**
 * Declares the conformance suite of the BlobStore port; call it at the top level of a test file.
 * `create` makes an empty store for each test.
 */
export function testBlobStore(name: string, create: () => Promise<BlobStoreFixture>): void {
  describe(`BlobStore: ${name}`, () => {
    let fixture: BlobStoreFixture;
    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.close?.());
    const blob = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) >>> 3);
    const address = addressOf(blob);
    const code = (code: string) => expect.objectContaining({ code });

    test('returns what was put, under its content address', async () => {
      const { store } = fixture;
      const { address: put } = await store.put(blob);
      expect(put).toBe(address);
      expect((await store.get(address)).bytes).toEqual(blob);
      expect(await store.has(address)).toBe(true);
    });

    test('keeps an empty blob', async () => {
      const { address: empty } = await fixture.store.put(new Uint8Array());
      expect((await fixture.store.get(empty, { maximumBytes: 0 })).length).toBe(0);
    });

    test('neither the caller nor a reader changes what is kept', async () => {
      const { store } = fixture;
      const mine = blob.slice();
      await store.put(mine);
      mine[0]!++;
      const read = await store.get(address);
      read.bytes[1]!++;
      expect((await store.get(address)).bytes).toEqual(blob);
    });

    test('is idempotent', async () => {
      const first = await fixture.store.put(blob);
      expect(await fixture.store.put(blob)).toEqual(first);
    });

    test('takes concurrent writes of one blob and of many', async () => {
      const { store } = fixture;
      const many = Array.from({ length: 8 }, (_, i) => blob.subarray(i));
      await Promise.all([...many, ...many, ...many].map((bytes) => store.put(bytes)));
      for (const bytes of many) expect((await store.get(addressOf(bytes))).bytes).toEqual(bytes);
    });

    test('says blob.missing', async () => {
      await expect(fixture.store.get(address)).rejects.toThrow(code('blob.missing'));
      expect(await fixture.store.has(address)).toBe(false);
    });

    test('says blob.oversized, whatever the bytes are', async () => {
      const { store } = fixture;
      await store.put(blob);
      const limits = (maximumBytes: number) => store.get(address, { maximumBytes });
      await expect(limits(blob.length - 1)).rejects.toThrow(code('blob.oversized'));
      expect((await limits(blob.length)).length).toBe(blob.length);
    });

    test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
      ['flipped', (bytes) => bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))],
      ['truncated', (bytes) => bytes.subarray(0, -1)],
      ['emptied', () => new Uint8Array()],
      ['extended', (bytes) => Uint8Array.of(...bytes, 0)],
    ])('says blob.corrupt of a %s blob, and heals when it is put again', async (_, change) => {
      const { store, tamper } = fixture;
      await store.put(blob);
      await tamper(address, change(blob));
      await expect(store.get(address)).rejects.toThrow(code('blob.corrupt'));
      await store.put(blob);
      expect((await store.get(address)).bytes).toEqual(blob);
    });

    test('says blob.corrupt, not blob.oversized, of a blob that is longer than it was', async () => {
      const { store, tamper } = fixture;
      await store.put(blob);
      await tamper(address, Uint8Array.of(...blob, 0));
      await expect(store.get(address, { maximumBytes: blob.length })).rejects.toThrow(code('blob.corrupt'));
    });

    test('gives the same receipts whenever it is asked, and none of what it does not hold', async () => {
      const { store } = fixture;
      expect(await store.receipts(address)).toEqual([]);
      const { receipts } = await store.put(blob);
      for (const receipt of receipts) {
        expect(receipt).toMatchObject({ blob: address, size: blob.length });
        expect(isStoreReceipt(receipt, [receipt.store])).toBe(true);
      }
      expect(await store.receipts(address)).toEqual(receipts);
    });

    test('stops when it is told to, with the reason', async () => {
      const { store } = fixture;
      const signal = AbortSignal.abort(new RangeError('enough'));
      await expect(store.put(blob, { signal })).rejects.toThrow(RangeError);
      await store.put(blob);
      await expect(store.get(address, { signal })).rejects.toThrow(RangeError);
    });
  });
}
