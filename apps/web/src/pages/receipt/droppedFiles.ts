/**
 * Files that a reader drops or chooses: another receipt to check, or blobs of the run, found by
 * their content whatever they are called. They stay in this page; nothing is uploaded.
 */
import { type Address, type Content, contentOf } from '@nonet/core';
import { type BlobStore, blobMissing, blobOversized, defaultMaximumBytes } from '@nonet/core/ports';

export type Blobs = ReadonlyMap<Address, Content>;

export interface DroppedFiles {
  readonly receipt?: { readonly name: string; readonly value: unknown };
  readonly blobs: Blobs;
  /** Files that were not read, and why. */
  readonly refused: readonly string[];
}

/**
 * Sorts files into at most one receipt and blobs. Never throws: what cannot be read is named in
 * `refused`.
 */
export async function readFiles(files: readonly File[]): Promise<DroppedFiles> {
  let receipt: DroppedFiles['receipt'];
  const blobs = new Map<Address, Content>();
  const refused: string[] = [];
  for (const file of files) {
    if (file.size > defaultMaximumBytes) {
      refused.push(`${file.name} is too large`);
      continue;
    }
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const value = file.name.endsWith('.json') ? parseReceiptFile(bytes) : undefined;
      const content = contentOf(bytes);
      if (value === undefined) blobs.set(content.address, content);
      else receipt ??= { name: file.name, value };
    } catch {
      refused.push(`${file.name} could not be read`);
    }
  }
  return { ...(receipt === undefined ? {} : { receipt }), blobs, refused };
}

/**
 * The value of a file that means to be a receipt: a JSON object with evidence. It may still be a
 * wrong one.
 */
function parseReceiptFile(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null && 'evidence' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * All files of a drop, those inside folders included. Call it during the event: afterwards the list
 * is empty.
 */
export async function filesOfDrop(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const files = await Promise.all(entries.map((entry) => (entry === null ? [] : filesOfEntry(entry))));
  return files.flat();
}

async function filesOfEntry(entry: FileSystemEntry | File): Promise<File[]> {
  if (entry instanceof File) return [entry];
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader returns at most a hundred entries at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    for (const inner of some) files.push(...(await filesOfEntry(inner)));
  }
}

export function createBlobStore(blobs: Blobs): BlobStore {
  return {
    put: async (blob) => ({ address: contentOf(blob).address, receipts: [] }),
    async get(address, { maximumBytes = defaultMaximumBytes } = {}) {
      const content = blobs.get(address);
      if (content === undefined) throw blobMissing(address, 'the files given to this page');
      if (content.length > maximumBytes) throw blobOversized(address, maximumBytes, content.length);
      return content;
    },
    has: async (address) => blobs.has(address),
    receipts: async () => [],
  };
}
