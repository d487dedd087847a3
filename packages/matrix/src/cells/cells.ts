/**
 * The nine cells: what is wanted of AI (verifiability, privacy, performance) against what is wanted
 * of a ledger (security, scalability, decentralisation), after Swayam, "The Case for Crypto AI:
 * Decoding the Hype with the Synergy Matrix" (2024). The text of that analysis fixes five of the
 * strengths; its table did not survive, so the other four are a reconstruction, and so is the order
 * of all nine. Both are an editor's opinion to start from: evidence stands beside it and is never
 * derived from it.
 */
import type { CellId } from '@nonet/core/records';

/** Where in the life of a model something happens. */
export const stages = ['collection', 'training', 'inference'] as const;
export type Stage = (typeof stages)[number];

export interface Cell {
  readonly id: CellId;
  /** How the two properties work together, in one sentence. */
  readonly together: string;
  /** The same at length: what the ledger adds to the wish, and what the wish does to the ledger. */
  readonly explanation: string;
  /** What keeps them apart. */
  readonly friction: string;
  /** The stages that the cell is about. */
  readonly stages: readonly Stage[];
  /** What one can measure oneself. */
  readonly metrics: readonly string[];
  /** What shows that the cell's guarantee is needed: it succeeds without it. */
  readonly attack: string;
  readonly baseline: 'strong' | 'medium' | 'weak';
  /** Place among the nine from strong to weak, 1 to 9. */
  readonly rank: number;
  /** Whether the strength is stated in the source's text or reconstructed. */
  readonly origin: 'stated' | 'reconstructed';
}

export const cells: readonly Cell[] = [
  {
    id: 'verifiability-security',
    together: 'a ledger accepts an answer only with a proof',
    explanation:
      'A model commits to its weights on the ledger. An answer counts only with a proof that this model gave it for this input, and the ledger, which no party can talk out of its rules, is the one that checks. ' +
      'Bonds make a false answer cost something. The ledger in turn gets what it cannot compute itself: the result of a large computation at the price of a small check.',
    friction:
      'proving costs a thousand to a million times the computation, and covers inference better than training',
    stages: ['inference'],
    metrics: [
      'seconds to prove and to verify',
      'bytes of a proof',
      'largest model proven',
      'provable bits of soundness',
    ],
    attack: 'a forged proof, or a right proof of another model',
    baseline: 'strong',
    rank: 1,
    origin: 'stated',
  },
  {
    id: 'verifiability-scalability',
    together: 'many answers share one check',
    explanation:
      'One check can stand for many answers: proofs are batched or folded into one, or answers are taken on trust and only a challenged one is checked. The cost per answer falls with their number, ' +
      'so that a ledger which can check little is enough for a service that answers a lot.',
    friction: 'provers need memory, and proofs of training are far from the frontier',
    stages: ['inference'],
    metrics: [
      'gas and bytes per answer at batch 1 to 256',
      'answers per second and verifier',
      'seconds until an answer is final',
    ],
    attack: 'one wrong answer hidden in a large batch',
    baseline: 'medium',
    rank: 7,
    origin: 'reconstructed',
  },
  {
    id: 'verifiability-decentralisation',
    together: 'anyone can re-execute and accuse',
    explanation:
      'If arithmetic is the same bit for bit everywhere, any party with the inputs can repeat a step and point at the first difference; a contract judges by repeating a few operations. ' +
      'No committee has to be believed, only one honest watcher has to exist. The ledger fixes who said what and when, so that an accusation has an addressee.',
    friction: 'floating point must be made exact, and a watcher has to be awake',
    stages: ['training', 'inference'],
    metrics: [
      'cost of checking against cost of computing',
      'share of wrong steps that are found',
      'gas of a dispute',
    ],
    attack: 'one wrong bit in one step',
    baseline: 'medium',
    rank: 5,
    origin: 'reconstructed',
  },
  {
    id: 'privacy-security',
    together: 'secrets are kept by hardware or mathematics, and audited',
    explanation:
      'A secret input is computed on inside hardware that attests to its program, or under encryption. The ledger holds the policy: which program may get a key, which quote is fresh enough, who was let in. ' +
      'So the audit trail is public while the data are not.',
    friction: 'hardware has side channels, mathematics is slow, a public ledger leaks who and when',
    stages: ['collection', 'training', 'inference'],
    metrics: ['slow-down against plain execution', 'how many must collude', 'age of an attestation'],
    attack: 'a forged, replayed or expired quote',
    baseline: 'medium',
    rank: 4,
    origin: 'reconstructed',
  },
  {
    id: 'privacy-scalability',
    together: 'many parties take part at a small cost each',
    explanation:
      'Sums of many masked contributions hide each of them, and noise for privacy is shared among all who take part: the more there are, the less each has to add. ' +
      'The ledger fixes one set of contributors for all parties, without which a server could ask for two sums and subtract.',
    friction: 'setup grows with the cohort, and noise hurts small ones',
    stages: ['collection', 'training'],
    metrics: [
      'bytes per participant at 10 to 10,000',
      'seconds of the sum',
      'accuracy at a fixed privacy budget',
    ],
    attack: 'a sum over a set that was chosen to isolate one party',
    baseline: 'medium',
    rank: 6,
    origin: 'stated',
  },
  {
    id: 'privacy-decentralisation',
    together: 'data stay with their owners and no server sees an update',
    explanation:
      'Owners train on their own data and send only updates, masked so that no single one can be seen, and noised so that the result gives no record away. No server has to be trusted: ' +
      'the ledger fixes one model and one set of participants for all, and counts the privacy that was spent. That is the seat which a trusted coordinator has elsewhere.',
    friction: 'updates leak unless they are masked and noised, and strangers may poison them',
    stages: ['collection', 'training'],
    metrics: [
      'epsilon at delta, as spent',
      'success of membership inference and gradient inversion',
      'drop-outs survived',
      'accuracy lost against pooled data',
    ],
    attack: 'gradient inversion, differencing, membership inference',
    baseline: 'strong',
    rank: 2,
    origin: 'stated',
  },
  {
    id: 'performance-security',
    together: 'speed survives attackers',
    explanation:
      'Training or serving goes on at a useful speed while some of those who take part lie, stay away or censor: robust averages bound what a few can do, bonds make it costly, and checks are cheap enough to stay on. ' +
      'What the checks cost is the figure that counts.',
    friction: 'every check costs time, and robust rules lose accuracy where data differ',
    stages: ['training', 'inference'],
    metrics: ['slow-down by checking', 'accuracy with a given share of attackers'],
    attack: 'poisoned updates, backdoors, a censoring sequencer',
    baseline: 'medium',
    rank: 8,
    origin: 'reconstructed',
  },
  {
    id: 'performance-scalability',
    together: 'more strangers make training faster',
    explanation:
      'Workers who exchange little can be anywhere: each trains for many steps alone, then compressed differences are averaged. More machines then mean more computation instead of more waiting. ' +
      'The ledger admits strangers, keeps the order of rounds and pays.',
    friction: 'each replica and each skipped synchronisation costs quality',
    stages: ['training'],
    metrics: [
      'loss and time from 1 to N workers',
      'share of time spent communicating',
      'bytes per step against plain data parallelism',
    ],
    attack: 'a worker who is paid for work that it has not done',
    baseline: 'strong',
    rank: 3,
    origin: 'stated',
  },
  {
    id: 'performance-decentralisation',
    together: 'the weak cell: a ledger and a missing server cost time',
    explanation:
      'Nothing gets faster for having no one in charge. Agreement takes messages, links between strangers are slow, machines differ, and the slowest is waited for. ' +
      'The best that can be done is to keep the ledger out of the inner loop and to say honestly what it costs: the same job pooled, on one server, and without one.',
    friction: 'consensus, gossip, slow links and uneven machines',
    stages: ['training', 'inference'],
    metrics: [
      'time against one server, median and 95th percentile',
      'transactions and gas per round',
      'accuracy against pooled data',
    ],
    attack: 'none: it is a price, and the measurement is the demonstration',
    baseline: 'weak',
    rank: 9,
    origin: 'stated',
  },
];
