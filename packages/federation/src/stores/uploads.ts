/**
 * Uploads to a store server that are not complete yet. What has arrived lies in the store's
 * `incoming/` and counts against the quota; an upload that breaks off can go on, until room is
 * needed: then the one that has been silent longest makes way.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, type ContentHasher, createContentHasher } from '@nonet/core';
import { type FileStore, fileMode } from './fileStore.ts';

export interface Upload {
  readonly address: Address;
  /** Of the whole blob, as announced: bytes. */
  readonly size: number;
  /** Bytes so far. */
  readonly arrived: number;
}

export type UploadOutcome =
  /** The request ended; more may follow in another. */
  | 'open'
  /** The request does not go on where the upload is, or there is no such upload any more. */
  | 'elsewhere'
  /** All bytes came, are those of the address, and are durable. */
  | 'stored'
  /** All bytes came and are those of another address; nothing is kept. */
  | 'wrong'
  /** There is no room for what came; nothing is kept. */
  | 'full';

export interface UploadRequest {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the connection. */
  hangUp(): void;
}

export interface UploadsParameters {
  readonly store: FileStore;
  /** Of all blobs and unfinished uploads together: bytes. */
  readonly quotaBytes: number;
  /** Unfinished uploads at a time. */
  readonly maximumUploads: number;
  /** An upload that has sent nothing for so long makes way for others. */
  readonly silenceMilliseconds: number;
}

export interface Uploads {
  /** Whether a further blob of so many bytes may fit. */
  hasRoom(size: number): Promise<boolean>;
  find(name: string): Upload | undefined;
  /** A new upload under this name; undefined where there are too many. */
  begin(name: string, address: Address, size: number): Promise<Upload | undefined>;
  /**
   * Adds what one request brings from byte `offset` on; an earlier request that still hangs is
   * ended. Rejects if the request breaks off; what came before stays.
   */
  receive(name: string, offset: number, request: UploadRequest): Promise<UploadOutcome>;
  drop(name: string): Promise<void>;
  /** Drops all. */
  close(): Promise<void>;
}

interface OpenUpload {
  readonly address: Address;
  readonly size: number;
  readonly path: string;
  readonly file: FileHandle;
  readonly hasher: ContentHasher;
  arrived: number;
  /** `performance.now()` of the last bytes. */
  heard: number;
  /** That is bringing bytes now. */
  request: UploadRequest | undefined;
  /** Settles when that request does. */
  ended: Promise<unknown>;
}

/** The unfinished uploads of a store. */
interface OpenUploads extends UploadsParameters {
  readonly byName: Map<string, OpenUpload>;
  /** Bytes that have arrived for all of them. */
  arriving: number;
  /** Begun, and not yet among them. */
  beginning: number;
}

/** Removes what a predecessor left unfinished. */
export async function openUploads(parameters: UploadsParameters): Promise<Uploads> {
  const { store, quotaBytes } = parameters;
  await rm(join(store.directory, 'incoming'), { recursive: true, force: true });
  await store.countBytes();
  const uploads: OpenUploads = { ...parameters, byName: new Map(), arriving: 0, beginning: 0 };
  return {
    hasRoom: async (size) => (await store.countBytes()) + size <= quotaBytes,
    find: (name) => uploads.byName.get(name),
    begin: (name, address, size) => beginUpload(uploads, name, address, size),
    receive: (name, offset, request) => receiveRequest(uploads, name, offset, request),
    drop: (name) => dropUpload(uploads, name),
    async close() {
      await Promise.all([...uploads.byName.keys()].map((name) => dropUpload(uploads, name)));
    },
  };
}

async function beginUpload(
  uploads: OpenUploads,
  name: string,
  address: Address,
  size: number,
): Promise<Upload | undefined> {
  while (uploads.byName.size + uploads.beginning >= uploads.maximumUploads) {
    if (!(await makeWay(uploads))) return undefined;
  }
  uploads.beginning++;
  try {
    return await createUpload(uploads, name, address, size);
  } finally {
    uploads.beginning--;
  }
}

async function createUpload(
  uploads: OpenUploads,
  name: string,
  address: Address,
  size: number,
): Promise<OpenUpload> {
  const path = await uploads.store.createIncoming();
  const file = await open(path, 'wx', fileMode);
  const upload: OpenUpload = {
    address,
    size,
    path,
    file,
    hasher: createContentHasher(),
    arrived: 0,
    heard: performance.now(),
    request: undefined,
    ended: Promise.resolve(),
  };
  // Two requests may begin it at once; the later one takes it over.
  await dropUpload(uploads, name);
  uploads.byName.set(name, upload);
  return upload;
}

async function dropUpload(uploads: OpenUploads, name: string): Promise<void> {
  const upload = uploads.byName.get(name);
  if (upload === undefined) return;
  uploads.byName.delete(name);
  uploads.arriving -= upload.arrived;
  upload.request?.hangUp();
  await upload.file.close().catch(() => {});
  await rm(upload.path, { force: true });
}

/** Drops the upload that has been silent longest, other than `mine`; false where none is silent. */
async function makeWay(uploads: OpenUploads, mine?: OpenUpload): Promise<boolean> {
  const { byName, silenceMilliseconds } = uploads;
  const silent = [...byName]
    .filter(([, other]) => other !== mine && performance.now() - other.heard > silenceMilliseconds)
    .sort(([, a], [, b]) => a.heard - b.heard)[0];
  if (silent === undefined) return false;
  await dropUpload(uploads, silent[0]);
  return true;
}

async function receiveRequest(
  uploads: OpenUploads,
  name: string,
  offset: number,
  request: UploadRequest,
): Promise<UploadOutcome> {
  const upload = uploads.byName.get(name);
  upload?.request?.hangUp();
  await upload?.ended.catch(() => {});
  if (upload === undefined || uploads.byName.get(name) !== upload || upload.arrived !== offset) {
    return 'elsewhere';
  }
  upload.request = request;
  const outcome = takeChunks(uploads, name, upload, request.chunks);
  upload.ended = outcome;
  try {
    return await outcome;
  } finally {
    if (upload.request === request) upload.request = undefined;
  }
}

async function takeChunks(
  uploads: OpenUploads,
  name: string,
  upload: OpenUpload,
  chunks: AsyncIterable<Uint8Array>,
): Promise<UploadOutcome> {
  for await (const chunk of chunks) {
    if (uploads.byName.get(name) !== upload) return 'elsewhere';
    let fits = false;
    try {
      fits = await append(uploads, upload, chunk);
    } finally {
      if (!fits) {
        // The connection stays: the client hears why.
        upload.request = undefined;
        await dropUpload(uploads, name);
      }
    }
    if (!fits) return 'full';
  }
  upload.request = undefined;
  return upload.arrived === upload.size ? finishUpload(uploads, name, upload) : 'open';
}

/** False where the quota has no room for the chunk. */
async function append(uploads: OpenUploads, upload: OpenUpload, chunk: Uint8Array): Promise<boolean> {
  upload.arrived += chunk.length;
  uploads.arriving += chunk.length;
  upload.heard = performance.now();
  const occupied = await uploads.store.countBytes();
  while (occupied + uploads.arriving > uploads.quotaBytes) {
    if (!(await makeWay(uploads, upload))) return false;
  }
  upload.hasher.update(chunk);
  await upload.file.writeFile(chunk);
  return true;
}

/** Makes a complete upload a blob, if it is the one that was announced. */
async function finishUpload(uploads: OpenUploads, name: string, upload: OpenUpload): Promise<UploadOutcome> {
  const digest = upload.hasher.digest();
  if (digest.address !== upload.address) {
    await dropUpload(uploads, name);
    return 'wrong';
  }
  // It makes way for no other any more.
  upload.heard = Number.POSITIVE_INFINITY;
  try {
    await upload.file.sync();
    await uploads.store.keep(upload.path, digest);
    return 'stored';
  } finally {
    await dropUpload(uploads, name);
  }
}
