/**
 * Ways whose mechanisms are Nonet's: federated rounds on a ledger. What this installation does not
 * declare is told of as missing, and never recommended.
 */
import type { Requirement } from './needs.ts';
import { commonWay, type Way } from './ways.ts';

const ledgerRounds = ['federation.average', 'federation.rounds'] as const;
const ledgerDelivers = [
  'data must not leave the site',
  'a third party must be able to check',
  'no operator may be trusted',
] as const satisfies readonly Requirement[];

/** Of those who mask with each other, and share the noise of one sum. */
const mostMaskedParticipants = 50;
/** Of a job's terms: the ledger counts participants in 16 bits. */
const mostParticipants = 65_535;
const unaudited = 'the code of Nonet is right, which no auditor has confirmed';

const rounds = {
  ...commonWay,
  workloads: ['train'],
  mechanisms: ledgerRounds,
  trust: 'no large collusion',
  minimumParties: 2,
  maximumParties: mostParticipants,
  survivesDropouts: 0.5,
  rounds: true,
} as const satisfies Partial<Way>;

/** The ways of this repository, from the plainest. */
export const nonetWays: readonly Way[] = [
  {
    ...rounds,
    id: 'ledger-rounds',
    name: 'federated rounds on a ledger, updates readable',
    delivers: ledgerDelivers,
    assumptions: ['aggregators, watchers and stores may read each update', unaudited],
  },
  {
    ...rounds,
    id: 'robust-rounds',
    name: 'the same with robust averaging',
    mechanisms: [...ledgerRounds, 'federation.robust'],
    delivers: [...ledgerDelivers, 'dishonest participants must not spoil the result'],
    assumptions: ['aggregators, watchers and stores may read each update', unaudited],
    minimumParties: 5,
  },
  {
    ...rounds,
    id: 'masked-rounds',
    name: 'federated rounds on a ledger, updates masked',
    mechanisms: [...ledgerRounds, 'privacy.masking'],
    delivers: [...ledgerDelivers, 'nobody may see a single update'],
    assumptions: ['the sum of all updates is public', unaudited],
    minimumParties: 3,
    survivesDropouts: 0.3,
  },
  {
    ...rounds,
    id: 'private-rounds',
    name: 'masked and noised federated rounds',
    mechanisms: [...ledgerRounds, 'privacy.masking', 'privacy.dp'],
    delivers: [...ledgerDelivers, 'nobody may see a single update', 'the result must not give a record away'],
    assumptions: [
      'the stated share of participants adds its noise',
      'what is learnt is not lost in the noise, which grows with the parameters and shrinks with the records of all',
      unaudited,
    ],
    minimumParties: 3,
    maximumParties: mostMaskedParticipants,
    survivesDropouts: 0.3,
  },
  {
    ...rounds,
    id: 'committee-rounds',
    name: 'noised rounds of a large cohort, sums opened by a committee',
    mechanisms: ['federation.rounds', 'privacy.committee', 'privacy.dp'],
    delivers: [...ledgerDelivers, 'nobody may see a single update', 'the result must not give a record away'],
    assumptions: ['committee members are drawn from those who registered before', unaudited],
    minimumParties: 50,
    survivesDropouts: 0.3,
  },
  {
    ...commonWay,
    id: 'replayed-training',
    name: 'untrusted workers on shared data, re-executed by watchers',
    workloads: ['train'],
    mechanisms: ['federation.lowCommunication', 'proof.replay'],
    delivers: [
      'a third party must be able to check',
      'no operator may be trusted',
      'dishonest participants must not spoil the result',
    ],
    trust: 'one honest watcher',
    assumptions: ['all parties may see the data', unaudited],
    minimumParties: 2,
    maximumParties: mostParticipants,
    survivesDropouts: 0.5,
    data: 'in one place',
    showsData: true,
  },
  {
    ...commonWay,
    id: 'private-statistics',
    name: 'private statistics over a ledger',
    workloads: ['count'],
    mechanisms: ['privacy.statistics'],
    delivers: [...ledgerDelivers, 'nobody may see a single update', 'the result must not give a record away'],
    trust: 'no large collusion',
    assumptions: [unaudited],
    minimumParties: 3,
    maximumParties: mostParticipants,
    survivesDropouts: 0.3,
  },
];
