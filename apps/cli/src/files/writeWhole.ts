/** Files that appear whole or not at all: written beside their place, then renamed. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * `mode` is that of a new file. Throws what the file system throws, and leaves nothing behind then.
 */
export function writeWhole(file: string, content: string | Uint8Array, mode = 0o644): void {
  const part = `${file}.part`;
  try {
    writeFileSync(part, content, { mode });
    renameSync(part, file);
  } catch (cause) {
    rmSync(part, { force: true });
    throw cause;
  }
}
