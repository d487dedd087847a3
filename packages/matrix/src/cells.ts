/**
 * The nine cells: what is wanted of AI (verifiability, privacy, performance) against what is wanted of a ledger (security, scalability,
 * decentralisation), after Swayam, "The Case for Crypto AI: Decoding the Hype with the Synergy Matrix" (2024). The text of that analysis fixes
 * five of the strengths; its table did not survive, so the other four are a reconstruction. Both are an editor's opinion to start from: evidence
 * stands beside it and is never derived from it.
 */
import type { CellId } from '@nonet/core/records';

export interface Cell {
  readonly id: CellId;
  /** How the two properties work together, in one sentence. */
  readonly together: string;
  /** What keeps them apart. */
  readonly friction: string;
  readonly baseline: 'strong' | 'medium' | 'weak';
  /** Whether the strength is stated in the source's text or reconstructed. */
  readonly origin: 'stated' | 'reconstructed';
}

export const cells: readonly Cell[] = [
  {
    id: 'verifiability-security',
    together: 'a ledger accepts an answer only with a proof',
    friction:
      'proving costs a thousand to a million times the computation, and covers inference better than training',
    baseline: 'strong',
    origin: 'stated',
  },
  {
    id: 'verifiability-scalability',
    together: 'many answers share one check',
    friction: 'provers need memory, and proofs of training are far from the frontier',
    baseline: 'medium',
    origin: 'reconstructed',
  },
  {
    id: 'verifiability-decentralisation',
    together: 'anyone can re-execute and accuse',
    friction: 'floating point must be made exact, and somebody has to watch',
    baseline: 'medium',
    origin: 'reconstructed',
  },
  {
    id: 'privacy-security',
    together: 'secrets are kept by hardware or mathematics, and audited',
    friction: 'hardware has side channels, mathematics is slow, a public ledger leaks who and when',
    baseline: 'medium',
    origin: 'reconstructed',
  },
  {
    id: 'privacy-scalability',
    together: 'many parties take part at a small cost each',
    friction: 'setup grows with the cohort, and noise hurts small ones',
    baseline: 'medium',
    origin: 'stated',
  },
  {
    id: 'privacy-decentralisation',
    together: 'data stay with their owners and no server sees an update',
    friction: 'updates leak unless they are masked and noised, and strangers may poison them',
    baseline: 'strong',
    origin: 'stated',
  },
  {
    id: 'performance-security',
    together: 'speed survives attackers',
    friction: 'every check costs time, and robust rules lose accuracy where data differ',
    baseline: 'medium',
    origin: 'reconstructed',
  },
  {
    id: 'performance-scalability',
    together: 'more strangers make training faster',
    friction: 'each replica and each skipped synchronisation costs quality',
    baseline: 'strong',
    origin: 'stated',
  },
  {
    id: 'performance-decentralisation',
    together: 'the weak cell: a ledger and a missing server cost time',
    friction: 'consensus, gossip, slow links and uneven machines',
    baseline: 'weak',
    origin: 'stated',
  },
];
