/** `nonet verify FILE`: checks a receipt piece by piece and says of each piece how far it was checked. */
import { readFileSync, statSync } from 'node:fs';
import { NonetError } from '@nonet/core';
import { MisuseError } from '@nonet/core';
import { exitCodeOf, type Verdict, verifyReceipt } from '@nonet/core/records';
import { connectLedger } from '@nonet/chain';
import { createFileStore, createHttpStore, federationVerifiers } from '@nonet/federation';
import { receiptSchema } from '@nonet/core/records';
import { bold, dim, green, plural, print, red, yellow } from '../terminal.ts';

export interface VerifyOptions {
  readonly blobs?: string;
  readonly ledger?: string;
  readonly json: boolean;
}

/** Receipts are a few hundred kilobytes; anything far above is not one. */
const maximumReceiptBytes = 64 * 2 ** 20;

/** Returns the exit code: 0 nothing contradicts, 1 a piece failed, 3 something could not be decided. */
export async function verifyCommand(file: string, options: VerifyOptions): Promise<number> {
  const value = readReceiptFile(file);
  const verdicts = await verifyReceipt(value, federationVerifiers, {
    ...(options.blobs === undefined ? {} : { blobs: openBlobs(options.blobs) }),
    ...(options.ledger === undefined ? {} : { ledger: await openLedger(options.ledger, value) }),
  });
  const code = exitCodeOf(verdicts);
  print(options.json ? JSON.stringify({ file, verified: code === 0, verdicts }, null, 2) : renderVerdicts(file, verdicts));
  return code;
}

/** Throws `receipt.file` for what cannot be read or is no JSON. */
export function readReceiptFile(file: string): unknown {
  const refuse = (found: string, cause?: unknown) =>
    new MisuseError({
      code: 'receipt.file',
      expected: `a receipt (JSON) at ${file}`,
      found,
      hint: 'A run leaves one in runs/ID/receipt.json.',
      cause,
    });
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > maximumReceiptBytes) throw refuse(`${size} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof NonetError) throw cause;
    throw refuse('no readable file', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'something else', cause);
  }
}

export function openBlobs(place: string) {
  return /^https?:\/\//.test(place) ? createHttpStore({ url: place }) : createFileStore(place);
}

async function openLedger(url: string, value: unknown) {
  const anchor = receiptSchema.safeParse(value).data?.anchor;
  if (anchor === undefined) {
    throw new MisuseError({ code: 'receipt.anchor', expected: 'a receipt with an anchor to look up', found: 'none' });
  }
  return { ledger: await connectLedger({ url, contract: anchor.contract, operator: anchor.operator }), url };
}

export function renderVerdicts(file: string, verdicts: readonly Verdict[]): string {
  const lines = verdicts.map((verdict) => {
    switch (verdict.status) {
      case 'checked here':
        return `${green('✓ checked here')}   ${verdict.piece}${verdict.found === undefined ? '' : `\n                   ${dim(verdict.found)}`}`;
      case 'checked against':
        return `${green('✓ checked')}        ${verdict.piece} ${dim(`against ${verdict.url}`)}`;
      case 'only stated':
        return `${yellow('· only stated')}    ${verdict.piece}\n                   ${dim(verdict.because)}`;
      case 'undecided':
        return `${yellow('? undecided')}      ${verdict.piece}\n                   ${dim(verdict.because)}`;
      case 'failed':
        return `${red('✗ failed')}         ${bold(verdict.piece)}\n                   expected ${verdict.expected}\n                   found ${verdict.found} ${dim(`(${verdict.code})`)}`;
    }
  });
  const count = (status: Verdict['status']) => verdicts.filter((verdict) => verdict.status === status).length;
  const checked = count('checked here') + count('checked against');
  const summary = [`${plural(checked, 'piece')} checked`, `${count('only stated')} only stated`];
  if (count('undecided') > 0) summary.push(`${count('undecided')} could not be decided`);
  const failures = count('failed');
  const verdict =
    failures > 0
      ? red(bold(`${plural(failures, 'piece')} failed: do not rely on this receipt`))
      : count('undecided') > 0
        ? yellow(bold('nothing contradicts this receipt, but not everything could be decided'))
        : green(bold('nothing contradicts this receipt'));
  return `${lines.join('\n')}\n\n${file}: ${summary.join(', ')}\n${verdict}`;
}
