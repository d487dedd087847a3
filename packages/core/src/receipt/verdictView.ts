/**
 * Verdicts in plain words: the status of each piece, and of the whole. Page and command line take
 * their words from here.
 */
import { unreachable } from '../errors.ts';
import { countOf } from './figureText.ts';
import { type PieceKind, pieceKey, pieceText } from './pieces.ts';
import type { Verdict } from './verifyReceipt.ts';

/** How far a piece was checked. */
export type Status = Verdict['status'];

/** A status with its words. */
export interface Standing {
  readonly status: Status;
  /** The status in words: never shown as a colour or a mark alone. */
  readonly words: string;
  /** What was found, why it could not be checked, or what contradicts. */
  readonly detail?: string;
}

/** A piece as it is shown, with its verdict. */
export interface PieceView extends Standing {
  /** Distinct within a receipt. */
  readonly key: string;
  readonly title: string;
  /** Is it about the file itself, or about what the file says? */
  readonly group: 'document' | 'statement';
}

/** What the verdicts alone say: all there is where a file is not a well-formed receipt. */
export interface VerdictView {
  /** The whole receipt in one status and sentence. */
  readonly standing: Standing & { readonly counts: Readonly<Record<Status, number>> };
  readonly pieces: readonly PieceView[];
}

/** The view of verdicts, without what the records tell. */
export function verdictView(verdicts: readonly Verdict[]): VerdictView {
  return { standing: standingOfAll(verdicts), pieces: pieceViews(verdicts) };
}

/**
 * `checked here` and the like, for readers; one place, so that page and command line use the same
 * words.
 */
export function standingOf(verdict: Verdict | undefined): Standing {
  if (verdict === undefined) return { status: 'only stated', words: 'not checked yet' };
  const { status } = verdict;
  switch (status) {
    case 'checked here':
      return verdict.found === undefined
        ? { status, words: 'checked here' }
        : { status, words: 'checked here', detail: verdict.found };
    case 'checked against': {
      const here = isStatement(verdict) ? 'here and ' : '';
      return { status, words: `checked ${here}against ${verdict.ledger.url}`, detail: verdict.found };
    }
    case 'only stated':
      return { status, words: 'only stated', detail: verdict.because };
    case 'undecided':
      return { status, words: 'could not be decided', detail: verdict.because };
    case 'failed':
      return { status, words: 'failed', detail: `expected ${verdict.expected}, found ${verdict.found}` };
    default:
      return unreachable(status);
  }
}

/** Whether a verdict says that its piece was looked at and is right. */
export function isChecked(status: Status): boolean {
  return status === 'checked here' || status === 'checked against';
}

/** Is it about what a record says, rather than about the file itself? */
export function isStatement({ piece }: Verdict): boolean {
  return piece.kind === 'statement';
}

function standingOfAll(verdicts: readonly Verdict[]): VerdictView['standing'] {
  const counts: Record<Status, number> = {
    'checked here': 0,
    'checked against': 0,
    'only stated': 0,
    undecided: 0,
    failed: 0,
  };
  for (const { status } of verdicts) counts[status]++;
  const statements = verdicts.filter(isStatement);
  const checked = statements.filter(({ status }) => isChecked(status)).length;
  const stated = statements.filter(({ status }) => status === 'only stated').length;
  const missing = statements.length - checked - stated;
  const were = (count: number) => (count === 1 ? 'was' : 'were');
  const detail = [
    `Of ${countOf(statements.length, 'statement')}, ${checked} ${were(checked)} checked`,
    ...(stated === 0 ? [] : [`${stated} ${stated === 1 ? 'is' : 'are'} only stated`]),
    ...(missing === 0 ? [] : [`${missing} could not be decided`]),
  ]
    .join(', ')
    .concat('.', ...sourcesOf(verdicts));
  if (verdicts.length === 0) return { status: 'only stated', words: 'Nothing was checked yet.', counts };
  if (counts.failed > 0) {
    const pieces = verdicts.filter(({ status }) => status === 'failed').map(({ piece }) => pieceText(piece));
    return {
      status: 'failed',
      words: 'Do not rely on this receipt: a check failed.',
      detail: `What failed: ${pieces.join('; ')}.`,
      counts,
    };
  }
  if (counts.undecided > 0) {
    return {
      status: 'undecided',
      words: 'Nothing contradicts this receipt, but some of it could not be decided here.',
      detail,
      counts,
    };
  }
  if (!verdicts.some(({ piece, status }) => piece.kind === 'signature' && isChecked(status))) {
    const words = 'Nothing contradicts this file, but it is not signed.';
    return { status: 'only stated', words, detail, counts };
  }
  if (checked === 0) {
    const words = 'This file is unchanged since it was signed, but what it says is only stated.';
    return { status: 'only stated', words, detail, counts };
  }
  return {
    // The mark of the whole is that of the larger part.
    status: 2 * checked >= statements.length ? 'checked here' : 'only stated',
    words: `${checked} of ${countOf(statements.length, 'statement')} ${were(checked)} checked, and ${checked === 1 ? 'is' : 'are'} right${stated === 0 ? '' : `; ${stated} ${stated === 1 ? 'is' : 'are'} only stated`}.`,
    detail: ['This file is unchanged since it was signed.', ...sourcesOf(verdicts)].join(''),
    counts,
  };
}

/** Who says so and where: the signer, and the ledger that was compared with. */
function sourcesOf(verdicts: readonly Verdict[]): string[] {
  const of = (kind: PieceKind) => verdicts.find(({ piece }) => piece.kind === kind);
  const [signature, anchor] = [of('signature'), of('anchor')];
  const signed = signature?.status === 'checked here' ? ` It was ${signature.found}.` : '';
  if (anchor?.status === 'checked against') {
    const { contract, chainId, url } = anchor.ledger;
    return [signed, ` It was compared with contract ${contract} on chain ${chainId} at ${url}.`];
  }
  return [signed, ' No ledger confirmed it: who took part, and when, is the word of its writer.'];
}

/** One row per piece; records whose bytes are unchanged share one row. */
function pieceViews(verdicts: readonly Verdict[]): PieceView[] {
  const records = verdicts.filter(({ piece }) => piece.kind === 'record');
  const unchanged = records.filter(({ status }) => status === 'checked here');
  const count = unchanged.length === records.length ? 'all' : `${unchanged.length} of the`;
  const title = `The texts of ${count} ${records.length} records`;
  const together = new Set(unchanged.length > 1 ? unchanged : []);
  return verdicts.flatMap((verdict): PieceView[] => {
    if (together.has(verdict)) {
      if (verdict !== unchanged[0]) return [];
      return [{ key: 'records', title, group: 'document', ...standingOf(verdict) }];
    }
    const { piece } = verdict;
    const group = isStatement(verdict) ? 'statement' : 'document';
    return [{ key: pieceKey(piece), title: pieceText(piece), group, ...standingOf(verdict) }];
  });
}
