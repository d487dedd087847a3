/** FLock.io: Federated and competitive model training with rewards on a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const kit = readRepository({
  repository: 'github:FLock-io/FLockit-NVFlare',
  commit: '55588743111cca298a8a9901f6d7cdd083416a06',
  committed: '2024-11-04',
  read: '2026-11-27',
});

const validator = readRepository({
  repository: 'github:FLock-io/llm-loss-validator',
  commit: '7b6f484c5c61cd4ba44f814b97fe77e28df506ce',
  committed: '2025-08-04',
  read: '2026-11-27',
});

export const flock: Project = {
  version: 1,
  id: 'flock',
  name: 'FLock.io',
  about: 'Federated and competitive model training with rewards on a ledger.',
  repositories: ['github:FLock-io/FLockit-NVFlare', 'github:FLock-io/llm-loss-validator'],
  homepage: 'https://flock.io',
  kind: 'project',
  claims: [
    {
      id: 'private-collaboration',
      quote:
        'Blockchain ensures transparency and secure transactions, while federated learning allows entities to contribute data and computing power without exposing raw data.',
      ...kit.quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: true,
      level: 1,
      levelFrom: 'without exposing raw data',
      mechanism: 'federated learning (NVIDIA FLARE), rewards on a ledger',
      trust: ['the server of each federation', 'the provider of the task storage'],
      scope: { in: ['fine-tuning in a federation'], out: [] },
      withoutLedger: 'Raw data stay at their owners without a ledger, too; rewards would be a server’s.',
      findings: findings({ kitreadme: ['p1.kept', 'd1.operators'] }, { credentials: ['d2.unstoppable'] }),
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
    kit.documents(
      'kitreadme',
      'README.md',
      'Use cases, tiers and the template are described; participants run their own federations.',
    ),
    kit.shows(
      'credentials',
      'README.md',
      'To submit a task one needs storage credentials from the team: one party can stop it.',
      { quote: 'export AWS_ACCESS_KEY_ID=<Get this from FLock team>' },
    ),
    validator.documents('validatorreadme', 'README.md', 'How to run a validator is described.'),
    validator.shows(
      'validatorcode',
      'src',
      'The validator is public under Apache-2.0 and recomputes the loss; to get tasks and submit scores it needs an API key of the project.',
    ),
  ],
  incidents: [],
  review: { reviewers: 1 },
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
