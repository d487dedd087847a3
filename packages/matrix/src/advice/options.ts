/**
 * Ways of doing a workload: sets of mechanisms, and what each delivers. Whether a way can be run
 * follows from what this installation declares; a way with a mechanism that it does not have is
 * told of and never recommended.
 */
import type { Needs, Requirement } from './needs.ts';

export interface Way {
  readonly id: string;
  readonly name: string;
  readonly workloads: readonly Needs['workload'][];
  /** Ids of profiles. Empty: a central server, which needs none of them. */
  readonly mechanisms: readonly string[];
  readonly delivers: readonly Requirement[];
  /** In plain words, besides those of its mechanisms. */
  readonly assumptions: readonly string[];
  readonly minimumParties: number;
  /** The largest share of absent parties that it survives. */
  readonly survivesDropouts: number;
}

const ledgerRounds = ['federation.average', 'federation.rounds'] as const;
const ledgerDelivers = [
  'data must not leave the site',
  'a third party must be able to check',
  'no operator may be trusted',
] as const satisfies readonly Requirement[];

export const ways: readonly Way[] = [
  {
    id: 'central',
    name: 'one server that has all data',
    workloads: ['train', 'count'],
    mechanisms: [],
    delivers: [],
    assumptions: ['the operator of the server sees everything, and is believed'],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
  {
    id: 'central-inference',
    name: 'one server that answers',
    workloads: ['infer'],
    mechanisms: [],
    delivers: [],
    assumptions: ['the operator of the server sees every input, and its answers are believed'],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
  {
    id: 'coordinated',
    name: 'data stay, a trusted server averages the updates',
    workloads: ['train'],
    mechanisms: [],
    delivers: ['data must not leave the site'],
    assumptions: ['the operator of the server sees every update, and is believed to average them as it says'],
    minimumParties: 2,
    survivesDropouts: 0.9,
  },
  {
    id: 'ledger-rounds',
    name: 'federated rounds on a ledger, updates readable',
    workloads: ['train'],
    mechanisms: ledgerRounds,
    delivers: ledgerDelivers,
    assumptions: ['aggregators, watchers and stores may read each update'],
    minimumParties: 2,
    survivesDropouts: 0.5,
  },
  {
    id: 'robust-rounds',
    name: 'the same with robust averaging',
    workloads: ['train'],
    mechanisms: [...ledgerRounds, 'federation.robust'],
    delivers: [...ledgerDelivers, 'dishonest participants must not spoil the result'],
    assumptions: ['aggregators, watchers and stores may read each update'],
    minimumParties: 5,
    survivesDropouts: 0.5,
  },
  {
    id: 'masked-rounds',
    name: 'federated rounds on a ledger, updates masked',
    workloads: ['train'],
    mechanisms: [...ledgerRounds, 'privacy.masking'],
    delivers: [...ledgerDelivers, 'nobody may see a single update'],
    assumptions: ['the sum of all updates is public'],
    minimumParties: 3,
    survivesDropouts: 0.3,
  },
  {
    id: 'private-rounds',
    name: 'masked and noised federated rounds',
    workloads: ['train'],
    mechanisms: [...ledgerRounds, 'privacy.masking', 'privacy.noise'],
    delivers: [...ledgerDelivers, 'nobody may see a single update', 'the result must not give a record away'],
    assumptions: ['the stated share of participants adds its noise'],
    minimumParties: 3,
    survivesDropouts: 0.3,
  },
  {
    id: 'committee-rounds',
    name: 'noised rounds of a large cohort, sums opened by a committee',
    workloads: ['train'],
    mechanisms: ['federation.rounds', 'privacy.committee', 'privacy.noise'],
    delivers: [...ledgerDelivers, 'nobody may see a single update', 'the result must not give a record away'],
    assumptions: ['committee members are drawn from those who registered before'],
    minimumParties: 50,
    survivesDropouts: 0.3,
  },
  {
    id: 'replayed-training',
    name: 'untrusted workers on shared data, re-executed by watchers',
    workloads: ['train'],
    mechanisms: ['federation.lowCommunication', 'proof.replay'],
    delivers: [
      'a third party must be able to check',
      'no operator may be trusted',
      'dishonest participants must not spoil the result',
    ],
    assumptions: ['all parties may see the data'],
    minimumParties: 2,
    survivesDropouts: 0.5,
  },
  {
    id: 'attested-training',
    name: 'pooled data in attested hardware',
    workloads: ['train'],
    mechanisms: ['attestation.execution'],
    delivers: ['nobody may see a single update', 'a third party must be able to check'],
    assumptions: ['data leave the site, encrypted to the hardware'],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
  {
    id: 'private-statistics',
    name: 'private statistics',
    workloads: ['count'],
    mechanisms: ['privacy.statistics'],
    delivers: [...ledgerDelivers, 'nobody may see a single update', 'the result must not give a record away'],
    assumptions: [],
    minimumParties: 3,
    survivesDropouts: 0.3,
  },
  {
    id: 'proven-inference',
    name: 'each answer with a proof',
    workloads: ['infer'],
    mechanisms: ['proof.inference'],
    delivers: [
      'a third party must be able to check',
      'no operator may be trusted',
      'every answer must be proven',
    ],
    assumptions: ['the prover sees the input'],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
  {
    id: 'optimistic-inference',
    name: 'answers under bond, checked when challenged',
    workloads: ['infer'],
    mechanisms: ['proof.optimistic'],
    delivers: ['a third party must be able to check', 'no operator may be trusted'],
    assumptions: ['watchers see the inputs'],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
  {
    id: 'attested-inference',
    name: 'answers from attested hardware',
    workloads: ['infer'],
    mechanisms: ['attestation.execution'],
    delivers: ['a third party must be able to check', 'the input must stay secret'],
    assumptions: [],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
  {
    id: 'encrypted-inference',
    name: 'answers on encrypted inputs',
    workloads: ['infer'],
    mechanisms: ['privacy.encryptedInference'],
    delivers: ['the input must stay secret', 'data must not leave the site'],
    assumptions: ['linear layers only, unless the customer takes part in each of the others'],
    minimumParties: 1,
    survivesDropouts: 0.99,
  },
];
