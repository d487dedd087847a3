/**
 * Uploads to a store server that are not complete yet. What has arrived lies in the store's
 * `incoming/` and counts against the quota; an upload that breaks off can go on, until a place or
 * room is needed: then the slowest makes way, so that trickles keep no one from storing a blob. Each
 * member has room of its own, and strangers share one: what fills one takes nothing of another.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, type ContentHasher, createContentHasher } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { type FileStore, fileMode } from './fileStore.ts';
import { createPace, type Pace } from './pace.ts';

export interface Upload {
  readonly address: Address;
  /** Of the whole blob, as announced: bytes. */
  readonly size: number;
  /** The member in whose room it is; undefined in the strangers'. */
  readonly owner: Account | undefined;
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
  /** How many members share half of the quota in equal parts. Default 0: all is for strangers. */
  readonly members?: number;
  /**
   * Unfinished uploads at a time. Members share half of the places in equal parts, one each at
   * least; a further one takes the place of the slowest in the same room, or in the room that has
   * most of them.
   */
  readonly maximumUploads: number;
  /** A monotonic clock: milliseconds. */
  readonly now: () => number;
}

export interface Uploads {
  find(name: string): Upload | undefined;
  /**
   * An upload under this name: in the room of `member`, if its blob fits there beside all that the
   * member has announced, and is not on its way there already; else in the strangers'. `full` where
   * it fits in neither, `busy` where all places are taken by others that are about to be stored.
   */
  begin(name: string, address: Address, size: number, member?: Account): Promise<Upload | 'full' | 'busy'>;
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
  readonly name: string;
  readonly address: Address;
  readonly size: number;
  /** The member in whose room it is; undefined in the strangers'. */
  readonly owner: Account | undefined;
  readonly path: string;
  readonly file: FileHandle;
  readonly hasher: ContentHasher;
  arrived: number;
  readonly pace: Pace;
  /** Complete and right: it makes way for no other any more. */
  finishing: boolean;
  /** That is bringing bytes now. */
  request: UploadRequest | undefined;
  /** Requests so far; only the latest is let in. */
  requests: number;
  /** Settles when all of them have: the next begins after it. */
  ended: Promise<unknown>;
}

type Announced = Pick<Upload, 'address' | 'size' | 'owner'>;

/** The unfinished uploads of a store. */
interface OpenUploads extends UploadsParameters {
  readonly byName: Map<string, OpenUpload>;
  /** Those that were begun and are not yet among them. */
  readonly beginning: Set<Announced>;
}

/** Removes what a predecessor left unfinished. */
export async function openUploads(parameters: UploadsParameters): Promise<Uploads> {
  const { store } = parameters;
  await rm(join(store.directory, 'incoming'), { recursive: true, force: true });
  await store.countBytes();
  const uploads: OpenUploads = { ...parameters, byName: new Map(), beginning: new Set() };
  return {
    find: (name) => uploads.byName.get(name),
    begin: (name, address, size, member) => beginUpload(uploads, name, address, size, member),
    receive: (name, offset, request) => receiveRequest(uploads, name, offset, request),
    drop: (name) => dropUpload(uploads, uploads.byName.get(name)),
    async close() {
      await Promise.all([...uploads.byName.values()].map((upload) => dropUpload(uploads, upload)));
    },
  };
}

/** How much a member, or all strangers together, may store: bytes. */
function roomOf({ quotaBytes, members = 0 }: UploadsParameters, owner: Account | undefined): number {
  const kept = members === 0 ? 0 : Math.floor(quotaBytes / 2);
  return owner === undefined ? quotaBytes - kept : Math.floor(kept / members);
}

/** How many uploads a member, or all strangers together, may have under way. */
function placesOf({ maximumUploads, members = 0 }: UploadsParameters, owner: Account | undefined): number {
  const kept = members === 0 ? 0 : Math.floor(maximumUploads / 2);
  return owner === undefined ? maximumUploads - kept : Math.max(1, Math.floor(kept / members));
}

/** Chooses the room; what is chosen counts at once, for those that come meanwhile. */
async function announce(
  uploads: OpenUploads,
  address: Address,
  size: number,
  member: Account | undefined,
): Promise<Announced | undefined> {
  const { store, byName, beginning } = uploads;
  if (member !== undefined) {
    const occupied = await store.countBytes(member);
    const known = [...byName.values(), ...beginning].filter(({ owner }) => owner === member);
    const announced = known.reduce((sum, { size }) => sum + size, size);
    if (
      occupied + announced <= roomOf(uploads, member) &&
      known.every((upload) => upload.address !== address)
    ) {
      const announcement = { address, size, owner: member };
      beginning.add(announcement);
      return announcement;
    }
  }
  if ((await store.countBytes()) + size > roomOf(uploads, undefined)) return undefined;
  const announcement = { address, size, owner: undefined };
  beginning.add(announcement);
  return announcement;
}

async function beginUpload(
  uploads: OpenUploads,
  name: string,
  address: Address,
  size: number,
  member: Account | undefined,
): Promise<Upload | 'full' | 'busy'> {
  const announced = await announce(uploads, address, size, member);
  if (announced === undefined) return 'full';
  const { owner } = announced;
  const { byName, beginning, maximumUploads } = uploads;
  try {
    for (;;) {
      const own = inRoom(uploads, owner);
      const begun = [...beginning].filter((other) => other.owner === owner).length;
      const isCrowded = own.length + begun > placesOf(uploads, owner);
      if (!isCrowded && byName.size + beginning.size <= maximumUploads) break;
      if (!(await makeWay(uploads, isCrowded ? own : mostCrowded(uploads)))) return 'busy';
    }
    return await createUpload(uploads, name, address, size, owner);
  } finally {
    beginning.delete(announced);
  }
}

async function createUpload(
  uploads: OpenUploads,
  name: string,
  address: Address,
  size: number,
  owner: Account | undefined,
): Promise<OpenUpload> {
  const path = await uploads.store.createIncoming();
  const file = await open(path, 'wx', fileMode);
  const upload: OpenUpload = {
    name,
    address,
    size,
    owner,
    path,
    file,
    hasher: createContentHasher(),
    arrived: 0,
    pace: createPace(uploads.now()),
    finishing: false,
    request: undefined,
    requests: 0,
    ended: Promise.resolve(),
  };
  // Two requests may begin it at once; the later one finds it.
  const begun = uploads.byName.get(name);
  if (begun !== undefined) {
    await closeFile(upload);
    return begun;
  }
  uploads.byName.set(name, upload);
  return upload;
}

async function dropUpload(uploads: OpenUploads, upload: OpenUpload | undefined): Promise<void> {
  // It may have been dropped, and another begun under its name.
  if (upload === undefined || uploads.byName.get(upload.name) !== upload) return;
  uploads.byName.delete(upload.name);
  upload.request?.hangUp();
  await closeFile(upload);
}

async function closeFile({ file, path }: OpenUpload): Promise<void> {
  await file.close().catch(() => {});
  await rm(path, { force: true });
}

/** Those in one room. */
function inRoom({ byName }: OpenUploads, owner: Account | undefined): OpenUpload[] {
  return [...byName.values()].filter((upload) => upload.owner === owner);
}

/**
 * The uploads that could make way in the room that has most of them, in the strangers' among
 * equals: so a member who uploads one blob keeps its place, however many others come.
 */
function mostCrowded({ byName }: OpenUploads): readonly OpenUpload[] {
  const rooms = Map.groupBy(
    [...byName.values()].filter(({ finishing }) => !finishing),
    ({ owner }) => owner,
  );
  const most = Math.max(...[...rooms.values()].map(({ length }) => length));
  const strangers = rooms.get(undefined) ?? [];
  if (strangers.length === most) return strangers;
  return [...rooms.values()].filter(({ length }) => length === most).flat();
}

/** Drops the slowest of `candidates`; false where none can go, or none is slower than `mine`. */
async function makeWay(
  uploads: OpenUploads,
  candidates: readonly OpenUpload[],
  mine?: OpenUpload,
): Promise<boolean> {
  const now = uploads.now();
  let slowest: OpenUpload | undefined;
  let least = mine?.pace.recent(now) ?? Number.POSITIVE_INFINITY;
  for (const upload of candidates) {
    const recent = upload.pace.recent(now);
    if (upload.finishing || recent >= least) continue;
    slowest = upload;
    least = recent;
  }
  if (slowest === undefined) return false;
  await dropUpload(uploads, slowest);
  return true;
}

/**
 * One request at a time writes: the hasher and the file see the same bytes in the same order. Of
 * requests that wait for their turn only the latest gets it.
 */
function receiveRequest(
  uploads: OpenUploads,
  name: string,
  offset: number,
  request: UploadRequest,
): Promise<UploadOutcome> {
  const upload = uploads.byName.get(name);
  if (upload === undefined) return Promise.resolve('elsewhere');
  upload.request?.hangUp();
  const turn = ++upload.requests;
  const outcome = upload.ended
    .catch(() => {})
    .then(() => {
      const isNext = upload.requests === turn && upload.arrived === offset;
      if (!isNext || uploads.byName.get(name) !== upload) return 'elsewhere';
      return takeChunks(uploads, upload, request);
    });
  upload.ended = outcome;
  return outcome;
}

/** It made way for another, and another may have been begun under its name. */
function isDropped({ byName }: OpenUploads, upload: OpenUpload): boolean {
  return byName.get(upload.name) !== upload;
}

async function takeChunks(
  uploads: OpenUploads,
  upload: OpenUpload,
  request: UploadRequest,
): Promise<UploadOutcome> {
  upload.request = request;
  try {
    for await (const chunk of request.chunks) {
      if (isDropped(uploads, upload)) return 'elsewhere';
      let fits = false;
      let dropped = false;
      try {
        fits = await append(uploads, upload, chunk);
      } finally {
        dropped = isDropped(uploads, upload);
        if (!fits) {
          // The connection stays: the client hears why.
          upload.request = undefined;
          await dropUpload(uploads, upload);
        }
      }
      if (dropped) return 'elsewhere';
      if (!fits) return 'full';
    }
    if (isDropped(uploads, upload)) return 'elsewhere';
  } finally {
    upload.request = undefined;
  }
  return upload.arrived === upload.size ? finishUpload(uploads, upload) : 'open';
}

/** False where the room is full, and has no slower upload to make way. */
async function append(uploads: OpenUploads, upload: OpenUpload, chunk: Uint8Array): Promise<boolean> {
  upload.arrived += chunk.length;
  upload.pace.advance(chunk.length, uploads.now());
  const { owner } = upload;
  for (;;) {
    const occupied = await uploads.store.countBytes(owner);
    if (isDropped(uploads, upload)) return false;
    const others = inRoom(uploads, owner);
    const arriving = others.reduce((sum, { arrived }) => sum + arrived, 0);
    if (occupied + arriving <= roomOf(uploads, owner)) break;
    if (!(await makeWay(uploads, others, upload))) return false;
  }
  upload.hasher.update(chunk);
  await upload.file.writeFile(chunk);
  return true;
}

/** Makes a complete upload a blob, if it is the one that was announced. */
async function finishUpload(uploads: OpenUploads, upload: OpenUpload): Promise<UploadOutcome> {
  const digest = upload.hasher.digest();
  if (digest.address !== upload.address) {
    await dropUpload(uploads, upload);
    return 'wrong';
  }
  upload.finishing = true;
  try {
    await upload.file.sync();
    await uploads.store.keep(upload.path, digest, upload.owner);
    return 'stored';
  } finally {
    await dropUpload(uploads, upload);
  }
}
