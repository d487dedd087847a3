/**
 * A content store in a directory: `ab/0xab...` holds the blob of that address. A blob is written beside its place, synced and renamed, so that a
 * crash leaves either the whole blob or nothing under its address; what `incoming/` holds after a crash is rubbish. Reads are verified:
 * the disk is not trusted either.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Address, addressOf, assertAddress } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import {
  type BlobStore,
  blobCorrupt,
  blobMissing,
  blobOversized,
  defaultMaximumBytes,
  type StoreReceipt,
} from '@nonet/core/ports';
import { signStoreReceipt } from './storeReceipt.ts';

export interface FileStore extends BlobStore {
  readonly directory: string;
  readonly signer: Signer | undefined;
  /** Where the blob lies, if it does. */
  pathOf(address: Address): string;
  /** A file that `keep` makes the blob of its address, once it is complete and checked. */
  createIncoming(): Promise<string>;
  keep(incoming: string, address: Address, size: number): Promise<StoreReceipt | undefined>;
}

/** Creates `directory` at the first `put`. With a signer, `put` returns its receipts. */
export function createFileStore(directory: string, signer?: Signer): FileStore {
  const pathOf = (address: Address) => {
    // The address becomes a path: nothing but 64 hexadecimal digits may.
    assertAddress(address, 'the address of a blob');
    return join(directory, address.slice(2, 4), address);
  };
  const createIncoming = async () => {
    await mkdir(join(directory, 'incoming'), { recursive: true });
    return join(directory, 'incoming', randomUUID());
  };
  const receiptOf = (address: Address, size: number) =>
    signer === undefined ? undefined : signStoreReceipt(address, size, signer);
  const keep: FileStore['keep'] = async (incoming, address, size) => {
    const path = pathOf(address);
    await mkdir(dirname(path), { recursive: true });
    await rename(incoming, path);
    await syncDirectory(dirname(path));
    return receiptOf(address, size);
  };
  const store: FileStore = {
    directory,
    signer,
    pathOf,
    createIncoming,
    keep,
    async put(bytes) {
      const address = addressOf(bytes);
      let receipt: StoreReceipt | undefined;
      if (await holds(store, address, bytes.length)) receipt = receiptOf(address, bytes.length);
      else {
        const incoming = await createIncoming();
        try {
          await writeSynced(incoming, bytes);
          receipt = await keep(incoming, address, bytes.length);
        } finally {
          await rm(incoming, { force: true });
        }
      }
      return { address, ...(receipt === undefined ? {} : { receipt }) };
    },
    async get(address, { maximumBytes = defaultMaximumBytes, signal } = {}) {
      signal?.throwIfAborted();
      const file = await open(pathOf(address)).catch((cause) => {
        if (cause.code === 'ENOENT') throw blobMissing(address, directory);
        throw cause;
      });
      try {
        const { size } = await file.stat();
        if (size > maximumBytes) throw blobOversized(address, maximumBytes, size);
        const bytes = new Uint8Array(size);
        let length = 0;
        while (length < size) {
          const { bytesRead } = await file.read(bytes, length, size - length, length);
          if (bytesRead === 0) break;
          length += bytesRead;
        }
        const found = addressOf(bytes);
        if (found !== address) throw blobCorrupt(address, `${size} bytes that hash to ${found}`);
        return bytes;
      } finally {
        await file.close();
      }
    },
    async has(address) {
      return (await sizeOf(pathOf(address))) !== undefined;
    },
  };
  return store;
}

/** The size of a file, or undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Whether the blob is there and whole; a damaged one is written again. */
async function holds(store: FileStore, address: Address, size: number): Promise<boolean> {
  if ((await sizeOf(store.pathOf(address))) !== size) return false;
  return store.get(address).then(
    () => true,
    () => false,
  );
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its directory is synced. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
