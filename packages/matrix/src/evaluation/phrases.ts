/**
 * What words claim: one table of phrases with the level that each claims of one attribute, for every
 * project alike, so that the same words never get two levels. A quote claims the highest level of a
 * phrase that belongs to one of the two attributes of its cell; a quote without such a phrase claims
 * no level and can exceed nothing. Limits: English words only; a phrase that the table lacks claims
 * nothing, so the table errs in favour of the project that is judged.
 */
import type { CellId } from '@nonet/core/records';
import { type Attribute, attributesOf, type Level } from './ladders.ts';

/** A kind of words, and the level that they claim of an attribute. */
export interface ClaimPhrase {
  readonly attribute: Attribute;
  readonly level: Level;
  /** Matched without regard to case. */
  readonly words: RegExp;
  /** Words of this kind, for a reader and for the test that holds the row. */
  readonly examples: readonly string[];
}

/** All phrases. What the ladders call level 3 is "without asking for leave"; level 2, "by others". */
export const claimPhrases: readonly ClaimPhrase[] = [
  {
    attribute: 'verifiability',
    level: 3,
    words:
      /\b(any(one|body)( [a-z]+){0,4} can (be sure|check|verify|recompute|audit|re-?execute|prove)|can be (checked|verified|recomputed) by any(one|body)|verifiable by any(one|body)|allow(s|ing)? any(one|body) to (check|verify)|cryptographically infeasible|publicly verifiable)\b/i,
    examples: [
      'anyone can verify',
      'anybody can check afterwards',
      'Anyone who has the blobs can recompute',
      'verifiable by anyone',
      'cryptographically infeasible',
    ],
  },
  {
    attribute: 'verifiability',
    level: 2,
    words:
      /\b(verifi(able|ably|ed|cation|es)|verify(ing)?|provabl[ey]|proofs?|proves?|attest(s|ed|able|ation)|ensur(e|es|ing) (the )?(integrity|honest|correct)|validat(e|es|ed|ing)|trustless(ly)?|auditable|tamper-?proof)\b/i,
    examples: ['verifiable', 'ensure honest participation', 'validate contribution quality', 'attested'],
  },
  {
    attribute: 'privacy',
    level: 2,
    words:
      /\b(inaccessible|never (visible|exposed|revealed|leaves?|directly accessible)|without (revealing|exposing|disclosing)|private by default|privacy[- ]preserving|confidential(ly|ity)?|cannot (see|read)|can[’']t read|fully private|encrypted)\b/i,
    examples: [
      'inaccessible even to the host',
      'never visible to anyone',
      'without exposing raw data',
      'confidential',
    ],
  },
  {
    attribute: 'privacy',
    level: 1,
    words:
      /\b(data (that )?stays?|stay with their owners|own(s|ers?|ing)? (of )?(their|your) data|private(ly)?|privacy)\b/i,
    examples: ['data stay with their owners', 'own their data'],
  },
  {
    attribute: 'performance',
    level: 2,
    words: /\b(\d+(\.\d+)?x faster|faster|high[- ]performance|near[- ]native|real[- ]time|low[- ]latency)\b/i,
    examples: ['158x faster', 'near-native', 'faster'],
  },
  {
    attribute: 'security',
    level: 2,
    words: /\b(secur(e|ely|ity)|audited|battle[- ]tested|tamper-?proof)\b/i,
    examples: ['secure', 'security', 'audited'],
  },
  {
    attribute: 'scalability',
    level: 3,
    words: /\b(thousands of|millions of|internet[- ]scale|planetary|global scale|largest)\b/i,
    examples: ['thousands of', 'global scale'],
  },
  {
    attribute: 'scalability',
    level: 2,
    words: /\b(scal(es|able|ability|e|ing)|large-scale|across the internet)\b/i,
    examples: ['scalable', 'large-scale', 'across the internet'],
  },
  {
    attribute: 'decentralisation',
    level: 3,
    words:
      /\b(permissionless(ly)?|any(one|body) can (join|participate|take part|contribute|run)|open to any(one|body))\b/i,
    examples: ['permissionless', 'anyone can join'],
  },
  {
    attribute: 'decentralisation',
    level: 2,
    words:
      /\b(decentrali[sz](ed|ation|ing)|no (single|central) (party|server|authority|operator|point)|without (any|a) (central|single) (party|authority|server)|single party|no server has to be trusted|trustless(ly)?|no admin(istrator)? key|censorship[- ]resistant|peer-to-peer)\b/i,
    examples: [
      'decentralized',
      'no server has to be trusted',
      'without any central party',
      'never directly accessible by a single party',
      'There is no admin key',
    ],
  },
];

/** A level, and the words of the quote that claim it. */
export interface ClaimedLevel {
  readonly level: Level;
  readonly from: string;
}

/** The level that a quote claims in a cell; undefined: none. */
export function claimedLevel(quote: string, cell: CellId): ClaimedLevel | undefined {
  const own: readonly string[] = attributesOf(cell);
  let best: ClaimedLevel | undefined;
  for (const { attribute, level, words } of claimPhrases) {
    if (!own.includes(attribute)) continue;
    const found = words.exec(quote)?.[0];
    if (found !== undefined && (best === undefined || level > best.level)) best = { level, from: found };
  }
  return best;
}

/** Words by which a quote credits a ledger, or what runs on one. */
const ledgerWords =
  /(\b(block-?chains?|chains?|ledgers?|(smart )?contracts?|tokens?|ethereum|evm|solana|bittensor|subnets?|validators?|stak(e|es|ed|ing)|web3|crypto(currency)?|miners?|emissions?|rollup|consensus)\b|\bon-?chain|\boff-?chain)/i;

/** The words of a quote that credit a ledger; undefined: it speaks of none. */
export function creditedLedger(quote: string): string | undefined {
  return ledgerWords.exec(quote)?.[0];
}
