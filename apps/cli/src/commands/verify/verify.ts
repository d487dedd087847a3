/** `nonet verify FILE`: checks a receipt piece by piece and says of each piece how far it was checked. */
import { readFileSync, statSync } from 'node:fs';
import { connectLedger } from '@nonet/chain';
import { MisuseError, NonetError } from '@nonet/core';
import { exitCodeOf, receiptSchema, type Verdict, verdictView, verifyReceipt } from '@nonet/core/receipt';
import { createFileStore, createHttpStore, federationVerifiers } from '@nonet/federation';
import { bold, dim, green, print, red, yellow } from '../../terminal/terminal.ts';

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
  print(
    options.json
      ? JSON.stringify({ file, verified: code === 0, verdicts }, null, 2)
      : renderVerdicts(file, verdicts),
  );
  return code;
}

/** Throws `receipt.file` for what cannot be read or is plainly something else; a receipt that somebody changed is for the checks. */
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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'something else', cause);
  }
  const fields = Object.keys(receiptSchema.shape).filter((field) =>
    Object.keys(Object(value)).includes(field),
  );
  if (Array.isArray(value) || fields.length < 4) throw refuse('JSON without the fields of a receipt');
  return value;
}

export function openBlobs(place: string) {
  return /^https?:\/\//.test(place) ? createHttpStore({ url: place }) : createFileStore(place);
}

async function openLedger(url: string, value: unknown) {
  const anchor = receiptSchema.safeParse(value).data?.anchor;
  if (anchor === undefined) {
    throw new MisuseError({
      code: 'receipt.anchor',
      expected: 'a receipt with an anchor to look up',
      found: 'none',
    });
  }
  return { ledger: await connectLedger({ url, contract: anchor.contract, operator: anchor.operator }), url };
}

const marks: Readonly<Record<Verdict['status'], string>> = {
  'checked here': green('✓'),
  'checked against': green('✓'),
  'only stated': yellow('·'),
  undecided: yellow('?'),
  failed: red('✗'),
};

/** One line per piece, in the words that the receipt's page uses, too. */
function renderVerdicts(file: string, verdicts: readonly Verdict[]): string {
  const { standing, pieces } = verdictView(verdicts);
  const lines = pieces.map(({ status, words, title, detail }) => {
    const line = `${marks[status]} ${status === 'failed' ? bold(title) : title} ${dim(`(${words})`)}`;
    return detail === undefined ? line : `${line}\n    ${status === 'failed' ? detail : dim(detail)}`;
  });
  return `${lines.join('\n')}\n\n${file}\n${marks[standing.status]} ${bold(standing.words)}${standing.detail === undefined ? '' : `\n  ${standing.detail}`}`;
}
