/**
 * A content store in a directory: `ab/0xab...` holds the blob of that address. A blob is written
 * beside its place, synced and renamed, so that a crash leaves either the whole blob or nothing
 * under its address; what `incoming/` holds after a crash is rubbish. An empty file
 * `rooms/ACCOUNT/0xab...` says that the blob is in the room of that account. Reads are verified: the
 * disk is not trusted either. Folders and files are for this user only.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Address,
  assertAddress,
  type Content,
  type ContentDigest,
  contentOf,
  createContentHasher,
  isAddress,
} from '@nonet/core';
import { type Account, isAccount, type Signer } from '@nonet/core/identity';
import {
  type BlobStore,
  blobCorrupt,
  blobMissing,
  blobOversized,
  defaultMaximumBytes,
  type StoreReceipt,
} from '@nonet/core/ports';
import { signStoreReceipt } from './storeReceipt.ts';

/** A store in a folder, with what its server needs. */
export interface FileStore extends BlobStore {
  readonly directory: string;
  readonly signer: Signer | undefined;
  /** Where the blob lies, if it does. */
  pathOf(address: Address): string;
  /**
   * The path of a new file that `keep` makes the blob of its address, once it is complete and
   * checked.
   */
  createIncoming(): Promise<string>;
  /**
   * Takes a complete and synced file whose bytes, in their order, gave the digest; durable when it
   * resolves. A new blob is in the room of `owner`, or of no account. An undamaged blob is never
   * replaced: the file then stays where it is.
   */
  keep(incoming: string, digest: ContentDigest, owner?: Account): Promise<void>;
  /**
   * Of all blobs in the room of `owner`, or of no account: bytes. The first call looks at the
   * folder, later ones remember.
   */
  countBytes(owner?: Account): Promise<number>;
  /**
   * What a reader needs to verify the blob group by group. Throws `blob.missing`, `blob.corrupt`.
   */
  digestOf(address: Address): Promise<ContentDigest>;
}

/** For the owner only. */
export const directoryMode = 0o700;
/** Of files: for the owner only. */
export const fileMode = 0o600;

/**
 * Outlines that are kept in memory: bytes, with what an entry takes beside its outline. They are
 * those of 64 GiB in blobs of 1 MiB or more, so that in a store of the default quota no one who
 * asks for outlines in turn has large blobs hashed again; to hash a small one costs little more
 * than to send it.
 */
const maximumCachedBytes = 64 * 2 ** 20;
const entryBytes = 512;

interface Folder {
  readonly directory: string;
  readonly signer: Signer | undefined;
  readonly digests: ReturnType<typeof createDigestCache>;
  /** A blob is hashed once, however many ask. */
  readonly reading: Map<Address, Promise<ContentDigest>>;
  /** Once they were counted. */
  rooms: Promise<Rooms> | undefined;
  /** Settles when the last blob of the address has its name, or has failed to get it. */
  readonly keeping: Map<Address, Promise<unknown>>;
}

/** Bytes of blobs by the account in whose room they are; undefined stands for no account. */
type Rooms = Map<Account | undefined, number>;

/** Creates `directory` at the first `put`. With a signer, it gives receipts. */
export function createFileStore(directory: string, signer?: Signer): FileStore {
  const folder: Folder = {
    directory,
    signer,
    digests: createDigestCache(),
    reading: new Map(),
    rooms: undefined,
    keeping: new Map(),
  };
  return {
    directory,
    signer,
    pathOf: (address) => pathOf(folder, address),
    receipts: (address) => signReceipts(folder, address),
    createIncoming: () => createIncoming(folder),
    countBytes: async (owner) => (await roomsOf(folder)).get(owner) ?? 0,
    keep: (incoming, digest, owner) => keepBlob(folder, incoming, digest, owner),
    digestOf: (address) => digestOf(folder, address),
    async put(blob, { signal } = {}) {
      signal?.throwIfAborted();
      const content = contentOf(blob);
      const { address } = content;
      await putBlob(folder, content);
      return { address, receipts: await signReceipts(folder, address) };
    },
    async get(address, { maximumBytes = defaultMaximumBytes, signal } = {}) {
      signal?.throwIfAborted();
      return getBlob(folder, address, maximumBytes, signal);
    },
    has: async (address) => (await sizeOf(pathOf(folder, address))) !== undefined,
  };
}

function pathOf({ directory }: Folder, address: Address): string {
  // The address becomes a path: nothing but 64 hexadecimal digits may.
  assertAddress(address, 'the address of a blob');
  return join(directory, address.slice(2, 4), address);
}

async function signReceipts(folder: Folder, address: Address): Promise<readonly StoreReceipt[]> {
  const { signer, digests } = folder;
  if (signer === undefined) return [];
  const size = await sizeOf(pathOf(folder, address));
  const known = digests.get(address)?.length ?? size;
  // A receipt promises what was checked and made durable, and nothing gets the name of a blob
  // before that. What a disk spoils later it may spoil a moment after the signing as well, and to
  // read the file again for each receipt would let anyone keep this process hashing. The size costs
  // nothing: a file that has shrunk since it was checked is not the blob any more.
  return size === undefined || size !== known ? [] : [await signStoreReceipt(address, size, signer)];
}

async function createIncoming({ directory }: Folder): Promise<string> {
  await mkdir(join(directory, 'incoming'), { recursive: true, mode: directoryMode });
  return join(directory, 'incoming', randomUUID());
}

async function keepBlob(
  folder: Folder,
  incoming: string,
  digest: ContentDigest,
  owner?: Account,
): Promise<void> {
  const { address } = digest;
  // One after the other: two writers of one blob take its room once.
  const kept = (folder.keeping.get(address) ?? Promise.resolve())
    .catch(() => {})
    .then(() => renameBlob(folder, incoming, digest, owner));
  folder.keeping.set(address, kept);
  try {
    await kept;
  } finally {
    if (folder.keeping.get(address) === kept) folder.keeping.delete(address);
  }
  folder.digests.add(digest);
}

async function renameBlob(
  folder: Folder,
  incoming: string,
  digest: ContentDigest,
  owner: Account | undefined,
): Promise<void> {
  const path = pathOf(folder, digest.address);
  const created = await mkdir(dirname(path), { recursive: true, mode: directoryMode });
  if (!(await holds(folder, digest))) {
    const isNew = (await sizeOf(path)) === undefined;
    // A damaged blob stays in the room in which it was.
    if (isNew && owner !== undefined) await markOwner(folder, digest.address, owner);
    await rename(incoming, path);
    await syncRename(folder, path, created);
    const rooms = await folder.rooms;
    if (!isNew) folder.rooms = undefined;
    else rooms?.set(owner, (rooms.get(owner) ?? 0) + digest.length);
    return;
  }
  await syncRename(folder, path, created);
}

/** A rename is durable once its directories are synced. */
async function syncRename(folder: Folder, path: string, created: string | undefined): Promise<void> {
  await syncDirectory(dirname(path));
  if (created !== undefined) await syncDirectory(folder.directory);
}

async function digestOf(folder: Folder, address: Address): Promise<ContentDigest> {
  const { digests, reading } = folder;
  const known = digests.get(address) ?? reading.get(address);
  if (known !== undefined) return known;
  const digest = digestFile(pathOf(folder, address), address, folder.directory);
  reading.set(address, digest);
  try {
    digests.add(await digest);
  } finally {
    reading.delete(address);
  }
  return digest;
}

async function putBlob(folder: Folder, content: Content): Promise<void> {
  if (await holds(folder, content)) return;
  const incoming = await createIncoming(folder);
  try {
    await writeSynced(incoming, content.bytes);
    await keepBlob(folder, incoming, content);
  } finally {
    await rm(incoming, { force: true });
  }
}

async function getBlob(
  folder: Folder,
  address: Address,
  maximumBytes: number,
  signal: AbortSignal | undefined,
): Promise<Content> {
  const path = pathOf(folder, address);
  const file = await openBlob(path, address, folder.directory);
  try {
    const { size } = await file.stat();
    if (size > maximumBytes) {
      // The size of a damaged file says nothing of the blob.
      await digestFile(path, address, folder.directory, signal);
      throw blobOversized(address, maximumBytes, size);
    }
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const content = contentOf(bytes);
    if (content.address !== address) throw blobCorrupt(address, `${size} bytes of ${content.address}`);
    return content;
  } finally {
    await file.close();
  }
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

/** A mark that a crash loses puts the blob in no account's room: nothing depends on it. */
async function markOwner({ directory }: Folder, address: Address, owner: Account): Promise<void> {
  const room = join(directory, 'rooms', owner);
  await mkdir(room, { recursive: true, mode: directoryMode });
  await writeFile(join(room, address), '', { mode: fileMode });
}

/** A count that failed is made again by the next caller. */
function roomsOf(folder: Folder): Promise<Rooms> {
  if (folder.rooms === undefined) {
    folder.rooms = countRooms(folder.directory);
    folder.rooms.catch(() => {
      folder.rooms = undefined;
    });
  }
  return folder.rooms;
}

async function countRooms(directory: string): Promise<Rooms> {
  const list = (...path: readonly string[]) =>
    readdir(join(directory, ...path)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return [];
      throw cause;
    });
  const owners = new Map<string, Account>();
  for (const room of await list('rooms')) {
    if (!isAccount(room)) continue;
    for (const address of await list('rooms', room)) owners.set(address, room);
  }
  const rooms: Rooms = new Map();
  for (const folder of (await list()).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const address of (await list(folder)).filter(isAddress)) {
      const owner = owners.get(address);
      const size = (await sizeOf(join(directory, folder, address))) ?? 0;
      rooms.set(owner, (rooms.get(owner) ?? 0) + size);
    }
  }
  return rooms;
}

/** Digests of blobs by address, the least recently used of which make way. */
function createDigestCache() {
  const digests = new Map<Address, ContentDigest>();
  let bytes = 0;
  const weigh = ({ outline }: ContentDigest) => outline.length + entryBytes;
  const remove = (digest: ContentDigest) => {
    if (digests.delete(digest.address)) bytes -= weigh(digest);
  };
  // A digest may come with its bytes, which are not kept.
  const add = ({ address, length, outline }: ContentDigest) => {
    const digest = { address, length, outline };
    remove(digest);
    digests.set(digest.address, digest);
    bytes += weigh(digest);
    for (const oldest of digests.values()) {
      if (bytes <= maximumCachedBytes) break;
      remove(oldest);
    }
  };
  return {
    add,
    get(address: Address): ContentDigest | undefined {
      const digest = digests.get(address);
      if (digest !== undefined) add(digest);
      return digest;
    },
  };
}

/** Whether the blob is there and whole; a damaged one is written again. */
async function holds(folder: Folder, { address, length }: ContentDigest): Promise<boolean> {
  const path = pathOf(folder, address);
  if ((await sizeOf(path)) !== length) return false;
  return digestFile(path, address, folder.directory).then(
    () => true,
    () => false,
  );
}

function openBlob(path: string, address: Address, directory: string) {
  return open(path).catch((cause) => {
    if (cause.code === 'ENOENT') throw blobMissing(address, directory);
    throw cause;
  });
}

/** Reads a blob without keeping it. Throws `blob.missing`, `blob.corrupt`. */
async function digestFile(
  path: string,
  address: Address,
  directory: string,
  signal?: AbortSignal,
): Promise<ContentDigest> {
  const hasher = createContentHasher();
  const file = await openBlob(path, address, directory);
  for await (const chunk of file.createReadStream()) {
    signal?.throwIfAborted();
    hasher.update(chunk);
  }
  const digest = hasher.digest();
  if (digest.address !== address) {
    throw blobCorrupt(address, `${digest.length} bytes of ${digest.address}`);
  }
  return digest;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', fileMode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
