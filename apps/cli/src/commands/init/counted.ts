/** What `nonet init --statistics RECEIPT` takes from a count that `nonet stats` left. */
import { MisuseError } from '@nonet/core';
import { parseReceipt, verifyReceipt } from '@nonet/core/receipt';
import { statisticsPrivacyOf } from '@nonet/federation';
import { countedColumns } from '@nonet/federation/verify';
import type { KnownColumn } from '@nonet/tensor/datasets';
import { verifiers } from '../../declarations.ts';
import { readReceiptFile } from '../../files/receiptFile.ts';

/** Columns as many sites counted them together. */
export interface CountedTables {
  readonly columns: Readonly<Record<string, KnownColumn>>;
  /** Root of the receipt that says so. */
  readonly receipt: string;
  /** What the count promised of each record; absent where its sums are exact. */
  readonly promise?: { readonly epsilon: number; readonly delta: number };
}

/**
 * The columns of the receipt in `file`, whose figures are computed again from the counts in it. Throws
 * `init.statistics` where something contradicts it, `receipt.file` and `receipt.statistics`.
 */
export async function readCounted(file: string): Promise<CountedTables> {
  const value = readReceiptFile(file);
  const verdicts = await verifyReceipt(value, verifiers);
  const failed = verdicts.find((verdict) => verdict.status === 'failed');
  if (failed !== undefined) {
    throw new MisuseError({
      code: 'init.statistics',
      expected: `a receipt that nothing contradicts at ${file}`,
      found: failed.status === 'failed' ? failed.found : '',
      hint: 'See `npx nonet verify` of it.',
    });
  }
  const receipt = parseReceipt(value);
  const columns = countedColumns(receipt);
  const privacy = receipt.job.kind === 'count' ? statisticsPrivacyOf(receipt.job) : undefined;
  return {
    columns,
    receipt: receipt.root,
    ...(privacy === undefined ? {} : { promise: { epsilon: privacy.epsilon, delta: privacy.delta } }),
  };
}
