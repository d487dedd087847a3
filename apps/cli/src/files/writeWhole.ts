/**
 * Files that appear whole or not at all, also after a power failure: written beside their place,
 * synced, then renamed.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * `mode` is that of a new file. Throws what the file system throws, with the path, and leaves
 * nothing behind then.
 */
export function writeWhole(file: string, content: string | Uint8Array, mode = 0o644): void {
  const part = `${file}.part`;
  try {
    writeFileSync(part, content, { mode, flush: true });
    renameSync(part, file);
    syncFolder(dirname(file));
  } catch (cause) {
    rmSync(part, { force: true });
    throw Object.assign(cause as NodeJS.ErrnoException, { path: file });
  }
}

/** A rename is durable once its folder is synced; Windows does that by itself. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
