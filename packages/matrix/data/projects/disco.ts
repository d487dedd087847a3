/** DISCO (EPFL): Federated and peer-to-peer learning in the browser; no ledger, no token. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:epfml/disco',
  commit: '10b4be700c6e8f0af58a2c792e8a4c4db7096c0d',
  committed: '2024-10-24',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const disco: Project = {
  version: 1,
  id: 'disco',
  name: 'DISCO (EPFL)',
  about: 'Federated and peer-to-peer learning in the browser; no ledger, no token.',
  repositories: ['github:epfml/disco'],
  homepage: 'https://discolab.ai',
  kind: 'control',
  state: { is: 'not stated', source: 'github:epfml/disco README.md' },
  sources: [source],
  claims: [
    {
      id: 'no-central-coordination',
      quote:
        'DISCO leverages federated and decentralized learning to allow several data owners to collaboratively build machine learning models without sharing any original data.',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'secure aggregation between peers',
      trust: ['the peers of a group, up to all but one', 'the server that introduces peers'],
      scope: { in: ['tasks with secure aggregation'], out: [] },
      withoutLedger: 'There is none.',
      findings: findings(
        { privacy: ['p1.kept', 'd1.operators'], code: ['p2.unreadable'] },
        { tasks: ['p2.default'] },
      ),
    },
  ],
  evidence: [
    documents(
      'privacy',
      'docs/PRIVACY.md',
      'Secure aggregation by additive shares, its minimum size and what it does not protect are described.',
    ),
    shows('code', 'discojs/src', 'Secure aggregation between peers is public code.'),
    shows(
      'tasks',
      'discojs/src/default_tasks',
      'Of the tasks that come with it one uses secure aggregation and the others the plain mean.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
