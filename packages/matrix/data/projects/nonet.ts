/**
 * Nonet itself, by the same rubric: what its own files claim, and what they show. It has an
 * interest, so nothing here weighs more than an inspectable artefact.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { quoted, documents, shows } = readRepository({
  repository: 'nonet',
  commit: '36e68ebbeadfe667eeb1cabc2d534ed5a29b3310',
  committed: '2026-11-27',
  read: '2026-11-27',
});

export const nonet: Project = {
  version: 1,
  id: 'nonet',
  name: 'Nonet',
  about: 'Federated training on a ledger, every average of which can be recomputed; this repository.',
  kind: 'project',
  repositories: ['nonet'],
  claims: [
    {
      id: 'recomputable-aggregates',
      quote:
        'Whoever has the blobs can recompute every step bit for bit, and who was refused and why. A wrong step is objected to and stops the job.',
      ...quoted('SECURITY.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'bit-exact recomputation of aggregates, inclusion fixed by a contract',
      trust: [
        'that somebody keeps the blobs and watches',
        'the operator of the embedded ledger, who could rewrite it',
        'that no objector stops the job: nobody judges yet who was right',
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
        { objector: ['d2.unstoppable'] },
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
      id: 'data-stay',
      quote:
        'data stay with their owners, no server has to be trusted, and anybody can check afterwards what was done.',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: true,
      level: 1,
      levelFrom: 'data stay with their owners',
      mechanism: 'federated averaging; no mask, no noise yet',
      trust: ['the aggregator, the watcher and the stores, who see each update'],
      scope: { in: ['raw data'], out: ['updates, which leak'] },
      withoutLedger: 'Raw data would stay at their sites all the same.',
      findings: findings(
        { specification: ['p1.kept', 'd1.operators'] },
        { updates: ['p2.unreadable'], objector: ['d2.unstoppable'], participant: ['coupling'] },
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
      'A watcher recomputes each step from the blobs and objects to another result; tests let aggregators lie (tests/dishonesty.slow.test.ts).',
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
      'objector',
      'docs/threats.md',
      'Any participant or watcher stops a job by objecting, right or wrong, at the price of a bond that is locked for a day.',
    ),
    shows(
      'updates',
      'SECURITY.md',
      "Aggregator, watcher and stores see each site's update; no privacy mechanism is in force.",
      {
        kind: 'quote',
        quote: 'No privacy mechanism is in force yet.',
      },
    ),
    shows(
      'participant',
      'packages/federation/src/roles/participant.ts',
      'A participant reads its own data and sends an update; no contract takes part in that.',
    ),
  ],
  incidents: [],
  review: { reviewers: 1 },
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
