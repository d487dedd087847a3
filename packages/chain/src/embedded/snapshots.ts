/**
 * State dumps, so that a start need not replay the journal from the first block. Each file is
 * written beside, synced and renamed, and begins with the digest of the rest: a torn one is
 * recognised and passed over. The two newest are kept.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Hex, sha256, toHex, utf8 } from '@nonet/core';

export interface Snapshot {
  readonly block: number;
  readonly hash: Hex;
  /** What anvil_dumpState returned. */
  readonly state: Hex;
}

const kept = 2;

export function writeSnapshot(directory: string, snapshot: Snapshot): void {
  const text = JSON.stringify(snapshot);
  writeDurably(join(directory, `snapshot-${snapshot.block}.json`), `${toHex(sha256(utf8(text)))}\n${text}`);
  for (const { path } of listSnapshots(directory).slice(kept)) rmSync(path);
}

/** The readable snapshots, newest first. */
export function* readSnapshots(directory: string): IterableIterator<Snapshot> {
  for (const { path } of listSnapshots(directory)) {
    const content = readFileSync(path, 'utf8');
    const text = content.slice(67);
    if (toHex(sha256(utf8(text))) === content.slice(0, 66)) yield JSON.parse(text) as Snapshot;
  }
}

export function listSnapshots(directory: string): { path: string; block: number }[] {
  return readdirSync(directory)
    .map((name) => ({ path: join(directory, name), block: Number(/^snapshot-(\d+)\.json$/.exec(name)?.[1]) }))
    .filter(({ block }) => Number.isInteger(block))
    .sort((a, b) => b.block - a.block);
}

/**
 * After a crash the file is the old one or the new one, never half of it. Readable by its owner
 * only.
 */
export function writeDurably(file: string, text: string): void {
  const descriptor = openSync(`${file}.tmp`, 'w', 0o600);
  writeFileSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.tmp`, file);
  // The rename, too; Windows cannot sync a directory.
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(file), 'r');
  fsyncSync(directory);
  closeSync(directory);
}
