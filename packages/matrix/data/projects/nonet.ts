/**
 * Nonet itself, by the same rubric: what its own files claim, and what they show. It has an
 * interest, so nothing here weighs more than an inspectable artefact.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'nonet',
  commit: 'fa55ca5ad26463c515c9b31f1af9f668f73bebf1',
  committed: '2026-11-30',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const nonet: Project = {
  version: 1,
  id: 'nonet',
  name: 'Nonet',
  about: 'Federated training on a ledger, every average of which can be recomputed; this repository.',
  kind: 'project',
  repositories: ['nonet'],
  state: { is: 'in development', quote: 'Nonet is young and unaudited.', source: 'nonet SECURITY.md' },
  sources: [source],
  claims: [
    {
      id: 'recomputable-aggregates',
      quote:
        "Anyone who has the blobs can recompute every step, bit for bit, and who was refused and why. A wrong step is shown to the contract by a few leaves of blobs; it judges them, takes the aggregator's bond, and voids the step and what was built on it.",
      ...quoted('SECURITY.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'exact averages that anyone can recompute, and proofs of a wrong one that a contract judges',
      trust: [
        'that one watcher or participant has the blobs and is awake',
        'that fewer stores than must sign for a blob are dishonest',
        'the operator of the embedded ledger, who could rewrite it',
        'the creator, who may end the job',
      ],
      scope: { in: ['aggregation of updates'], out: ["participants' own training", 'inference'] },
      withoutLedger:
        'The aggregator could tell each participant of another set or model; what was included would be its word.',
      findings: findings(
        {
          specification: ['v1.documented', 'd1.operators'],
          watcher: ['v1.inspectable', 'v2.detectable'],
          rounds: ['coupling'],
        },
        { creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'one-model-one-set',
      quote:
        'For every round the ledger fixes the model it starts from and the participants it includes; neither can change after the round is closed. There is no admin key and no upgrade.',
      ...quoted('SECURITY.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'contract without administrator, receipts that show any change',
      trust: ['unaudited contracts and verifiers', 'the operator of the embedded ledger'],
      scope: { in: ['the record of a job'], out: ['what participants trained'] },
      withoutLedger: 'The record of a job would be its runner’s.',
      findings: findings(
        {
          specification: ['v1.documented'],
          watcher: ['v1.inspectable', 'v2.detectable'],
          rounds: ['coupling'],
          tests: ['s1.tests', 's1.disclosure'],
        },
        { unaudited: ['s2.audited'] },
      ),
    },
    {
      id: 'one-set-for-all',
      quote:
        'the ledger fixes one model and one set of participants for every round, and anyone can recompute every average, bit for bit',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'exact averages over the set that the ledger fixed',
      trust: ['that a party who has the blobs recomputes', 'the operator of the embedded ledger'],
      scope: { in: ['aggregation of updates'], out: ["participants' own training"] },
      withoutLedger: 'There would be no one set to recompute the average of.',
      findings: findings(
        {
          specification: ['v1.documented', 'd1.operators'],
          watcher: ['v1.inspectable', 'v2.detectable'],
          rounds: ['coupling'],
        },
        { creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'data-stay',
      quote:
        'data stay with their owners, no server has to be trusted, and anybody can check afterwards what was done.',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'federated averaging; no mask, no noise yet',
      trust: ['the aggregators, the watchers and the stores, who see each update'],
      scope: { in: ['raw data'], out: ['updates, which leak'] },
      withoutLedger: 'Raw data would stay at their sites all the same.',
      findings: findings(
        { specification: ['p1.kept', 'd1.operators'] },
        { updates: ['p2.unreadable'], creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'anybody-checks',
      quote:
        'data stay with their owners, no server has to be trusted, and anybody can check afterwards what was done.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: false,
      mechanism: 'receipts and blobs from which steps are recomputed',
      trust: ['that the blobs are still kept where the receipt says'],
      scope: { in: ['aggregation of updates'], out: ["participants' own training"] },
      withoutLedger: 'A server could keep the record; a reader would have to believe it.',
      findings: findings(
        {
          specification: ['v1.documented', 'd1.operators'],
          watcher: ['v1.inspectable', 'v2.detectable'],
        },
        { creator: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    documents(
      'specification',
      'docs/specs',
      'Rounds, updates and receipts are specified in numbered steps; joining needs an invitation and outbound requests only.',
    ),
    shows(
      'watcher',
      'packages/federation/src/roles/watcher.ts',
      'A watcher recomputes each step from the blobs and proves another result to the contract; tests let aggregators lie (tests/scenes.slow.test.ts).',
    ),
    shows(
      'rounds',
      'packages/chain/contracts/Nonet.sol',
      'The contract fixes start model and included set of each round; there is no owner and no proxy.',
    ),
    shows(
      'tests',
      '.ci/run',
      'One command runs format, types and all tests on every change; SECURITY.md says how to report a weakness.',
    ),
    shows('unaudited', 'SECURITY.md', 'SECURITY.md says that Nonet is unaudited.', {
      kind: 'quote',
      quote: 'Nonet is young and unaudited.',
    }),
    shows(
      'creator',
      'docs/specs/round.md',
      'No participant, watcher, store or aggregator stops a job, but its creator may end it, and the operator of the embedded ledger could rewrite it.',
    ),
    shows(
      'updates',
      'SECURITY.md',
      "Aggregators, watchers and stores see each site's update; no privacy mechanism is in force.",
      {
        kind: 'quote',
        quote: 'No privacy mechanism is in force yet.',
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
