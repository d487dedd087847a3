/**
 * What kinds of mechanism there are, whether this installation has them or not: what each asks one
 * to believe, against whom it helps, in which stage, whether it needs the ledger, and what its
 * public sources say of its cost. A declaration in core names what is built here; a profile judges
 * it by the same few questions as those that are only known from elsewhere.
 *
 * Costs are quoted only where a public source states them; everything else is left open and costs
 * width in the cell's interval.
 */
import type { CellId } from '@nonet/core/records';
import type { Stage } from './cells.ts';
import type { Interval } from './interval.ts';

/** Who may not be trusted. */
export const adversaries = ['operator', 'participant', 'outsider'] as const;
/**
 * `operator`: runs servers, aggregates or hosts a model. `participant`: others who take part and
 * may lie, poison or collude. `outsider`: any who reads the result or the public record.
 */
export type Adversary = (typeof adversaries)[number];

/** Whom a mechanism's guarantee rests on. */
export const trusts = [
  'nobody',
  'one honest watcher',
  'no large collusion',
  'a hardware maker',
  'an operator',
] as const;

/** One of `trusts`. */
export type Trust = (typeof trusts)[number];

/** A figure about another project's system. */
export interface Citation {
  readonly source: string;
  /** Version, commit or identifier that fixes what was read. */
  readonly pin: string;
  /**
   * When the source was published, the first of the month where the day is not given; of a page
   * without a date, when it was read.
   */
  readonly date: string;
  readonly says: string;
}

/**
 * `shown`: take the ledger away and the cell's guarantee is lost; `refuted`: it is not; `unknown`:
 * not tried.
 */
export type Coupling = 'shown' | 'refuted' | 'unknown';

/** A cell that a mechanism serves, with the coupling test: "take the ledger away: what is lost?" */
export interface Service {
  readonly cell: CellId;
  readonly coupling: Coupling;
  readonly because: string;
}

/** What is known of a mechanism, implemented here or not, from its sources. */
export interface MechanismProfile {
  readonly id: string;
  readonly name: string;
  readonly serves: readonly Service[];
  readonly stages: readonly Stage[];
  /** Empty where the guarantee is not against an attacker: speed. */
  readonly against: readonly Adversary[];
  readonly trust: Trust;
  /** In plain words. */
  readonly assumptions: readonly string[];
  /** Time with the mechanism over time without it, as a public source states it. */
  readonly overhead?: Citation & { readonly factor: Interval };
  /** The largest that a public source shows it for. */
  readonly reach?: Citation & { readonly parameters?: number; readonly parties?: number };
}

/** All mechanisms that the matrix knows. */
export const profiles: readonly MechanismProfile[] = [
  {
    id: 'federation.rounds',
    name: 'rounds on a ledger',
    serves: [
      {
        cell: 'performance-decentralisation',
        coupling: 'refuted',
        because: 'one server runs the same rounds, and sooner: a ledger adds no speed',
      },
      {
        cell: 'verifiability-decentralisation',
        coupling: 'shown',
        because:
          'without a common record a coordinator can show different participants different rounds and sets',
      },
    ],
    stages: ['training'],
    against: ['operator', 'participant'],
    trust: 'no large collusion',
    assumptions: ['the ledger shows the same history to all parties'],
  },
  {
    id: 'federation.average',
    name: 'federated averaging that anyone can recompute',
    serves: [
      {
        cell: 'verifiability-decentralisation',
        coupling: 'shown',
        because:
          'the average is recomputed from the set that the ledger fixed; without it there is nothing to compare with',
      },
    ],
    stages: ['collection', 'training'],
    against: ['operator'],
    trust: 'one honest watcher',
    assumptions: [
      'a watcher or participant recomputes each average in time to prove a wrong one',
      'stores keep models and updates until then',
    ],
  },
  {
    id: 'privacy.masking',
    name: 'updates masked pairwise',
    serves: [
      {
        cell: 'privacy-decentralisation',
        coupling: 'shown',
        because: 'a server that names two sets to two halves of the cohort gets two sums and subtracts',
      },
    ],
    stages: ['training'],
    against: ['operator'],
    trust: 'no large collusion',
    assumptions: [
      'fewer than the threshold of participants collude with the aggregator',
      'the ledger fixes one set',
    ],
    reach: {
      parties: 1024,
      source: 'Bonawitz et al., Practical Secure Aggregation for Privacy-Preserving Machine Learning',
      pin: 'IACR ePrint 2017/281, abstract',
      date: '2017-03-01',
      says: '1.73 times the traffic of plain sums for 2^10 users and vectors of 2^20 entries',
    },
  },
  {
    id: 'privacy.committee',
    name: 'updates masked once, sums opened by a committee',
    serves: [
      {
        cell: 'privacy-scalability',
        coupling: 'shown',
        because: 'the committee is drawn and its one answer fixed by the ledger',
      },
      {
        cell: 'privacy-decentralisation',
        coupling: 'shown',
        because: 'the committee is drawn and its one answer fixed by the ledger',
      },
    ],
    stages: ['training', 'collection'],
    against: ['operator'],
    trust: 'no large collusion',
    assumptions: ['fewer members of the committee than the threshold are corrupt'],
  },
  {
    id: 'privacy.dp',
    name: 'differential privacy',
    serves: [
      {
        cell: 'privacy-decentralisation',
        coupling: 'refuted',
        because: 'the noise protects without any ledger; a ledger only counts what was spent',
      },
      {
        cell: 'privacy-scalability',
        coupling: 'refuted',
        because: 'the noise protects without any ledger; a ledger only counts what was spent',
      },
    ],
    stages: ['training', 'collection'],
    against: ['outsider', 'operator'],
    trust: 'no large collusion',
    assumptions: ['the stated share of participants adds its noise'],
  },
  {
    id: 'privacy.statistics',
    name: 'private statistics',
    serves: [
      {
        cell: 'privacy-scalability',
        coupling: 'shown',
        because: 'the set of contributors must be the same for all parties',
      },
    ],
    stages: ['collection'],
    against: ['operator', 'outsider'],
    trust: 'no large collusion',
    assumptions: ['fewer than the threshold collude, and the stated share of participants adds its noise'],
  },
  {
    id: 'privacy.encryptedInference',
    name: 'inference on encrypted inputs',
    serves: [
      {
        cell: 'privacy-security',
        coupling: 'refuted',
        because: 'encryption hides the input whether there is a ledger or not',
      },
    ],
    stages: ['inference'],
    against: ['operator'],
    trust: 'nobody',
    assumptions: ['the lattice problem behind the encryption is hard'],
  },
  {
    id: 'proof.inference',
    name: 'inference with a proof of each answer',
    serves: [
      {
        cell: 'verifiability-security',
        coupling: 'shown',
        because:
          'without a commitment that all parties see, the proof may be of another model for each customer',
      },
    ],
    stages: ['inference'],
    against: ['operator', 'outsider'],
    trust: 'nobody',
    assumptions: ['the hash function and the proof system are sound at the stated number of bits'],
    reach: {
      parameters: 125e6,
      source: 'ICME-Lab/jolt-atlas, README.md',
      pin: '434ab99035',
      date: '2026-08-21',
      says: 'GPT-2 with 125 million parameters proven in 14.9 s, verified in 1.04 s on a laptop with 16 GB',
    },
  },
  {
    id: 'proof.batch',
    name: 'many answers under one proof',
    serves: [
      {
        cell: 'verifiability-scalability',
        coupling: 'shown',
        because: 'the point is to spare the ledger checks; without it there is nothing to spare',
      },
    ],
    stages: ['inference'],
    against: ['operator'],
    trust: 'nobody',
    assumptions: ['the proof system is sound at the stated number of bits, for one answer as for many'],
  },
  {
    id: 'proof.optimistic',
    name: 'answers under bond, checked when challenged',
    serves: [
      {
        cell: 'verifiability-scalability',
        coupling: 'shown',
        because: 'the ledger holds the bond and judges the dispute',
      },
      {
        cell: 'verifiability-decentralisation',
        coupling: 'shown',
        because: 'the ledger holds the bond and judges the dispute',
      },
    ],
    stages: ['inference'],
    against: ['operator'],
    trust: 'one honest watcher',
    assumptions: ['a watcher re-executes and challenges in time', 'challenges are not censored'],
  },
  {
    id: 'proof.replay',
    name: 'training re-executed bit for bit, disputes judged by a contract',
    serves: [
      {
        cell: 'verifiability-decentralisation',
        coupling: 'shown',
        because: 'the contract is the referee whom both sides accept',
      },
    ],
    stages: ['training'],
    against: ['operator', 'participant'],
    trust: 'one honest watcher',
    assumptions: ['one watcher re-executes', 'data and starting weights were committed before'],
  },
  {
    id: 'attestation.execution',
    name: 'execution in attested hardware',
    serves: [
      {
        cell: 'privacy-security',
        coupling: 'unknown',
        because: 'quotes verify without a ledger; whether its key policy adds anything depends on the system',
      },
      {
        cell: 'performance-security',
        coupling: 'unknown',
        because: 'quotes verify without a ledger; whether its key policy adds anything depends on the system',
      },
    ],
    stages: ['training', 'inference'],
    against: ['operator'],
    trust: 'a hardware maker',
    assumptions: ['the maker signs only genuine chips', 'the machine is not attacked physically'],
    overhead: {
      factor: { low: 1.04, high: 1.08 },
      source: 'independent measurement of confidential computing on H100',
      pin: 'arXiv 2509.18886',
      date: '2025-09-01',
      says: 'a throughput penalty of 4 to 8 %',
    },
  },
  {
    id: 'attestation.credentials',
    name: 'credentials of who may take part',
    serves: [
      {
        cell: 'privacy-security',
        coupling: 'unknown',
        because: 'revocation needs a public list, which need not be a ledger',
      },
    ],
    stages: ['collection', 'training'],
    against: ['participant', 'outsider'],
    trust: 'an operator',
    assumptions: ['the issuer checks whom it admits'],
  },
  {
    id: 'federation.robust',
    name: 'robust averaging',
    serves: [
      { cell: 'performance-security', coupling: 'refuted', because: 'a server can use the same rule' },
    ],
    stages: ['training'],
    against: ['participant'],
    trust: 'no large collusion',
    assumptions: ['fewer than the stated share of participants attack', 'data do not differ too much'],
  },
  {
    id: 'federation.lowCommunication',
    name: 'training that communicates rarely',
    serves: [
      {
        cell: 'performance-scalability',
        coupling: 'refuted',
        because: 'the saving is the same with a server',
      },
    ],
    stages: ['training'],
    against: [],
    trust: 'an operator',
    assumptions: ['workers do what they say, unless they are checked by other means'],
    overhead: {
      factor: { low: 43.3 / 41.4, high: 43.3 / 36.2 },
      source: 'INTELLECT-1 technical report',
      pin: 'arXiv 2412.01152',
      date: '2024-12-01',
      says: 'utilisation 43.3 % in one place, 41.4 % across the United States, 36.2 % across three continents',
    },
    reach: {
      parameters: 72.7e9,
      parties: 20,
      source: 'Covenant-72B report',
      pin: 'arXiv 2603.08163',
      date: '2026-03-01',
      says: '72.7 billion parameters trained by 20 aggregated peers with 8 accelerators each',
    },
  },
];

/** The profile of a mechanism, or undefined. */
export function profileOf(id: string): MechanismProfile | undefined {
  return profiles.find((profile) => profile.id === id);
}
