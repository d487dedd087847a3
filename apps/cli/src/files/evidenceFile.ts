/** Files that `nonet verify` takes: a receipt, a proof, or the registration of a model. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import { maximumProofFile, resemblesProofFile, resemblesRegistration } from '@nonet/proof/zk/verify';
import { readBytes } from './dataFile.ts';
import { readReceiptFile } from './receiptFile.ts';

/** What a file is meant to be, with its content unchecked. */
export type EvidenceFile =
  | { readonly kind: 'receipt'; readonly value: unknown }
  | { readonly kind: 'proof' | 'registration'; readonly bytes: Uint8Array };

/** The first bytes tell what a file is. */
const headBytes = 16;

/** Throws `receipt.file` for what is neither, and `proof.file` for one that is too large to look at. */
export function readEvidenceFile(file: string): EvidenceFile {
  const head = readHead(file);
  const kind = resemblesProofFile(head) ? 'proof' : resemblesRegistration(head) ? 'registration' : undefined;
  if (kind === undefined) return { kind: 'receipt', value: readReceiptFile(file) };
  const { size } = statSync(file);
  if (size > maximumProofFile) {
    throw new MisuseError({
      code: 'proof.file',
      expected: `a proof of at most ${maximumProofFile} bytes at ${file}`,
      found: `${size} bytes`,
    });
  }
  return { kind, bytes: readBytes(file, 'a proof', 'proof.file') };
}

/** Nothing where there is no readable file: its reader says so. */
function readHead(file: string): Uint8Array {
  const head = new Uint8Array(headBytes);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return head;
  }
  try {
    return head.subarray(0, readSync(descriptor, head, 0, headBytes, 0));
  } catch {
    return head;
  } finally {
    closeSync(descriptor);
  }
}
