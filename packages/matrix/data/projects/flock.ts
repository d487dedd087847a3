/** FLock.io: federated and competitive model training with rewards on a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readPage, readRepository } from '../source.ts';

const alliance = readPage({
  url: 'docs.flock.io/flock-products/fl-alliance',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const validator = readRepository({
  repository: 'github:FLock-io/llm-loss-validator',
  commit: '7b6f484c5c61cd4ba44f814b97fe77e28df506ce',
  committed: '2025-08-04',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const flock: Project = {
  version: 1,
  id: 'flock',
  name: 'FLock.io (FL Alliance, AI Arena)',
  about: 'Federated and competitive model training with rewards on a ledger.',
  repositories: ['github:FLock-io/llm-loss-validator'],
  homepage: 'https://flock.io',
  kind: 'project',
  state: { is: 'in use', source: 'docs.flock.io/flock-products/fl-alliance' },
  sources: [alliance.source, validator.source],
  claims: [
    {
      id: 'secure-alliance',
      quote:
        'FLock adopts a distributed voting and a reward-and-slash mechanism to construct secure FL Alliance systems. To participate in the training process, each participant is required to stake a specified quantity of $FLOCK.',
      ...alliance.quoted(),
      cell: 'performance-security',
      ledger: true,
      mechanism: 'proposers and voters drawn by a contract, stakes that can be lost',
      trust: ['a majority of stake among the voters of a round', 'the owner of the task contracts'],
      scope: { in: ['rounds of a federated task'], out: [] },
      withoutLedger: 'Roles, votes and stakes would be a server’s.',
      findings: findings({ contracts: ['coupling'] }),
    },
    {
      id: 'voted-updates',
      quote:
        'Each round, selected proposers submit model updates, and voters commit/reveal votes that determine the most popular model via stake-weighted voting.',
      ...alliance.quoted(),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'votes of holders of stake on each update',
      trust: [
        'a majority of stake among the voters of a round',
        'the owner, who may mark a task as finished',
      ],
      scope: { in: ['which update is taken'], out: ['that it was trained as said'] },
      withoutLedger: 'A server would count the votes.',
      findings: findings({ contracts: ['v1.documented', 'd1.operators'] }),
    },
    {
      id: 'validation',
      quote: 'Validator that computes the validation loss for a huggingface-compatible LLM',
      ...validator.quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: false,
      mechanism: 'validators recompute a loss',
      trust: ['the service that assigns tasks'],
      scope: { in: ['models submitted to a task'], out: [] },
      withoutLedger:
        'Scores would be a server’s word; in the public code tasks and scores pass a service of the project as well.',
      findings: findings(
        { validatorreadme: ['v1.documented'], validatorcode: ['v1.inspectable', 'v2.detectable'] },
        { validatorcode: ['d3.open'] },
      ),
    },
  ],
  evidence: [
    alliance.documents(
      'contracts',
      'The contracts of a federated task are described: staking, drawn roles, commit and reveal of votes, rewards and penalties; an owner can mark a task as finished. Their source was not found in the public repositories.',
    ),
    validator.documents('validatorreadme', 'README.md', 'How to run a validator is described.'),
    validator.shows(
      'validatorcode',
      'src',
      'The validator is public under Apache-2.0 and recomputes the loss; to get tasks and submit scores it needs an API key of the project.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
