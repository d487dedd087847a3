/**
 * The five statements of the original analysis about how well the two sides work together, each
 * quoted, with what is measured and what the catalogue shows for or against it. The quotes are from
 * the translation of its Chinese compilation, since no whole copy of the original could be read; the
 * table of nine rows did not survive.
 */
import type { CellId } from '@nonet/core/records';
import type { CellState } from './cell.ts';

/** A statement of the analysis. */
export interface Statement {
  readonly cell: CellId;
  readonly says: 'strong' | 'medium' | 'weak';
  /** Verbatim, from the translation. */
  readonly quote: string;
}

/** Where the analysis can be read. */
export const statementsSource = {
  title: 'Swayam, The Case for Crypto AI: Decoding the Hype with the Synergy Matrix (2024)',
  url: 'https://www.gate.io/learn/articles/the-case-for-crypto-ai-decoding-the-hype-with-the-synergy-matrix/4935',
  /** The date of that copy of the article. */
  dated: '2024-12-02',
} as const;

/** All five. */
export const statements: readonly Statement[] = [
  {
    cell: 'verifiability-security',
    says: 'strong',
    quote: 'verifiability combined with security (high collaboration)',
  },
  {
    cell: 'privacy-decentralisation',
    says: 'strong',
    quote: 'federated learning (privacy + decentralization)',
  },
  {
    cell: 'performance-scalability',
    says: 'strong',
    quote: 'distributed computing and training (performance + scalability)',
  },
  {
    cell: 'performance-decentralisation',
    says: 'weak',
    quote: 'node volatility, communication delay, tx cost, consensus complexity',
  },
  {
    cell: 'privacy-scalability',
    says: 'medium',
    quote: 'middle ground, possessing both potential and complex technical challenges',
  },
];

/** A statement with what speaks for and against it. */
export interface StatementEvidence extends Statement {
  readonly measured: string | undefined;
  readonly shipped: string | undefined;
  /** Claims of projects that credit a ledger: how many reach level 2, cannot, or are open. */
  readonly reach: number;
  readonly cannot: number;
  readonly open: number;
  /** Projects without a ledger that reach level 2. */
  readonly withoutLedger: number;
  readonly standing: 'for' | 'against' | 'open';
  /** Why, in a sentence. */
  readonly because: string;
}

/**
 * Holds each statement against the cells. A statement is `for` where a measured word is the same or
 * a claim with a ledger reaches level 2 under "strong"; `against` where what is measured or shown
 * says otherwise; `open` where neither decides.
 */
export function statementsAgainst(cells: readonly CellState[]): readonly StatementEvidence[] {
  return statements.map((statement) => {
    const state = cells.find(({ cell }) => cell.id === statement.cell)!;
    const counted = state.claims.filter(({ ledger }) => ledger);
    const reach = counted.filter(({ level }) => level.low >= 2).length;
    const cannot = counted.filter(({ level }) => level.high <= 1).length;
    const open = counted.length - reach - cannot;
    const withoutLedger = state.claims.filter(({ ledger, level }) => !ledger && level.low >= 2).length;
    const measured = state.measured?.words;
    const shipped = state.shipped?.words;
    const base = { ...statement, measured, shipped, reach, cannot, open, withoutLedger };
    return {
      ...base,
      ...standingOf(statement, { words: measured ?? shipped, reach, cannot, withoutLedger }),
    };
  });
}

function standingOf(
  { says }: Statement,
  found: {
    readonly words: string | undefined;
    readonly reach: number;
    readonly cannot: number;
    readonly withoutLedger: number;
  },
): Pick<StatementEvidence, 'standing' | 'because'> {
  const { words, reach, cannot, withoutLedger } = found;
  const claims = `${reach} claims with a ledger reach level 2, ${cannot} cannot, and ${withoutLedger} without a ledger do`;
  if (says === 'strong') {
    if (words === 'strong' || reach > 0) return { standing: 'for', because: `${claims}.` };
    if (words === 'weak' || (cannot > 0 && withoutLedger > 0)) {
      return {
        standing: 'against',
        because: `Measured: ${words ?? 'nothing'}; ${claims}: what works here works without a ledger, or not yet.`,
      };
    }
    return { standing: 'open', because: `Measured: ${words ?? 'nothing'}; ${claims}.` };
  }
  if (words === undefined) return { standing: 'open', because: `Nothing is measured; ${claims}.` };
  return words === says
    ? { standing: 'for', because: `Measured: ${words}; ${claims}.` }
    : { standing: words.includes(says) ? 'open' : 'against', because: `Measured: ${words}; ${claims}.` };
}
