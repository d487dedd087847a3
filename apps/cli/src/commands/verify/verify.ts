/**
 * `nonet verify FILE`: checks a receipt piece by piece and says of each piece how far it was
 * checked; or a proof, or the registration of a model. The file itself tells which it is.
 */
import { connectLedger } from '@nonet/chain';
import { MisuseError } from '@nonet/core';
import {
  exitCodeOf,
  receiptSchema,
  type Verdict,
  type VerdictView,
  verdictView,
  verifyReceipt,
} from '@nonet/core/receipt';
import { createFileStore, createHttpStore } from '@nonet/federation';
import { verifiersWithin } from '../../declarations.ts';
import { type EvidenceFile, readEvidenceFile } from '../../files/evidenceFile.ts';
import { foreignValues, hangText } from '../../terminal/foreignText.ts';
import { bold, dim, green, print, printJson, red, yellow } from '../../terminal/terminal.ts';
import type { VerifyOptions } from './definition.ts';

/**
 * Returns the exit code: 0 nothing contradicts, 1 a piece failed, 3 something could not be decided.
 * Throws `receipt.file`, `receipt.anchor`, and what connecting to the ledger throws.
 */
export async function verifyFile(file: string, options: VerifyOptions): Promise<number> {
  const evidence = readEvidenceFile(file);
  assertOptions(evidence.kind, options);
  if (evidence.kind === 'receipt') return verifyReceiptValue(file, evidence.value, options);
  const { verifyProofBytes, verifyRegistrationBytes } = await import('./verifyProof.ts');
  return evidence.kind === 'proof'
    ? verifyProofBytes(file, evidence.bytes, options)
    : verifyRegistrationBytes(file, evidence.bytes, options);
}

/** Options that mean something for one kind of file only. */
const optionsOf = {
  receipt: ['blobs', 'budget'],
  proof: [
    'model',
    'input',
    'calibration',
    'context',
    'contract',
    'output',
    'columns',
    'delimiter',
    'decimal',
  ],
  registration: ['contract'],
} as const satisfies Record<EvidenceFile['kind'], readonly (keyof VerifyOptions)[]>;

function assertOptions(kind: EvidenceFile['kind'], options: VerifyOptions): void {
  const own: readonly string[] = optionsOf[kind];
  for (const [other, names] of Object.entries(optionsOf)) {
    const given = names.find((name) => options[name] !== undefined && !own.includes(name));
    if (given === undefined) continue;
    throw new MisuseError({
      code: 'cli.option',
      expected: `options for a ${kind}, which the file is`,
      found: `--${given}, which is for a ${other}`,
    });
  }
}

async function verifyReceiptValue(file: string, value: unknown, options: VerifyOptions): Promise<number> {
  const verdicts = await verifyReceipt(value, verifiersWithin(options.budget ?? 1), {
    ...(options.blobs === undefined ? {} : { blobs: openBlobs(options.blobs) }),
    ...(options.ledger === undefined ? {} : { ledger: await openLedger(options.ledger, value) }),
  });
  const code = exitCodeOf(verdicts);
  if (options.json) printJson({ file, verified: code === 0, verdicts });
  else print(renderVerdicts(file, foreignValues(verdictView(verdicts)), process.stdout.columns));
  return code;
}

function openBlobs(place: string) {
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
  // The caller chose this ledger, so it counts as one that the runner does not operate.
  return { ledger: await connectLedger({ url, contract: anchor.contract, operator: 'other' }), url };
}

const marks: Readonly<Record<Verdict['status'], string>> = {
  'checked here': green('✓'),
  'checked against': green('✓'),
  'only stated': yellow('·'),
  undecided: yellow('?'),
  failed: red('✗'),
};

/**
 * One entry per piece, in the words that the receipt's page uses, too. Only lines of ours begin at
 * the left: the sentences between them are the runner's.
 */
function renderVerdicts(
  file: string,
  { standing, pieces }: VerdictView,
  columns: number | undefined,
): string {
  const entries = pieces.map(({ status, words, title, detail }) => {
    const piece = hangText(title, 2, columns);
    const entry = `${marks[status]} ${status === 'failed' ? bold(piece) : piece} ${dim(`(${words})`)}`;
    if (detail === undefined) return entry;
    const found = hangText(detail, 4, columns);
    return `${entry}\n    ${status === 'failed' ? found : dim(found)}`;
  });
  const { status, words, detail = '' } = standing;
  const verdict = `${marks[status]} ${bold(words)}\n  ${hangText(detail, 2, columns)}`;
  return `${entries.join('\n')}\n\n${file}\n${verdict}`;
}
