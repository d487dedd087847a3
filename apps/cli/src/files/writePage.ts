/** Writes a page for a browser, whole or not at all. */
import { MisuseError } from '@nonet/core';
import { bold, formatBytes, note } from '../terminal/terminal.ts';
import { writeWhole } from './writeWhole.ts';

/** Throws `page.out` where nothing can be written. */
export function writePage(file: string, html: string): void {
  try {
    writeWhole(file, html);
  } catch (cause) {
    throw new MisuseError({
      code: 'page.out',
      expected: `a place to write ${file}`,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  note(`${bold(file)}  ${formatBytes(Buffer.byteLength(html))}; open it in a browser`);
}
