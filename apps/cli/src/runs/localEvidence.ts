/** What this installation has measured: the evidence of the receipts, benchmarks and attacks in runs/. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MisuseError, merkleRoot } from '@nonet/core';
import { parseReceipt, type Receipt, receiptLeaves } from '@nonet/core/receipt';
import { evidenceSchema, quoteArgument } from '@nonet/core/records';
import type { Recorded } from '@nonet/matrix';
import { note } from '../terminal/terminal.ts';
import { attacksFolder, benchFolder, listRuns } from './runDirectory.ts';

/**
 * Unreadable files, and receipts that were changed after their tree was closed, are named on
 * standard error and left out.
 */
export function readLocalEvidence(): Recorded[] {
  const receipts = listRuns()
    .map((run) => run.resolve('receipt.json'))
    .filter((file) => existsSync(file));
  const measured = [benchFolder, attacksFolder].flatMap((folder) =>
    globSync('*.json', { cwd: folder }).map((file) => join(folder, file)),
  );
  return [
    ...receipts.flatMap((file) => {
      const found = read(file, (value) => recordsOf(parseWholeReceipt(value)));
      if (found === undefined) {
        note(
          `${file} is not a readable receipt, or was changed, and was left out; see npx nonet verify ${quoteArgument(file)}`,
        );
      }
      return found ?? [];
    }),
    ...measured.flatMap((file) => {
      const found = read(file, (value) =>
        evidenceSchema
          .array()
          .parse(value)
          .map((evidence) => ({ evidence })),
      );
      if (found === undefined) {
        note(
          `${file} is not readable evidence and was left out; nonet ${basename(dirname(file)) === 'bench' ? 'bench' : 'attack'} writes it anew`,
        );
      }
      return found ?? [];
    }),
  ];
}

/** A receipt's evidence, with the size of its job. */
function recordsOf({ job, evidence }: Receipt): Recorded[] {
  const workload = {
    kind: job.kind,
    ...(job.kind === 'train' ? { parameters: job.arithmetic.entries } : {}),
  };
  return evidence.map((record) => ({ evidence: record, workload }));
}

/**
 * Throws `receipt.root` if its records were changed. The rest of a receipt is for `nonet verify`,
 * which also asks the ledger.
 */
export function parseWholeReceipt(value: unknown): Receipt {
  const receipt = parseReceipt(value);
  const root = merkleRoot(receiptLeaves(receipt));
  if (root === receipt.root) return receipt;
  throw new MisuseError({ code: 'receipt.root', expected: receipt.root, found: root });
}

function read(file: string, parse: (value: unknown) => Recorded[]): Recorded[] | undefined {
  try {
    return parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
