/** NVIDIA FLARE: Software kit for federated learning; no ledger, no token. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:NVIDIA/NVFlare',
  commit: 'f3b7c1bffdfed90338d695a67b52a46d8bc4d28c',
  committed: '2026-08-21',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const nvflare: Project = {
  version: 1,
  id: 'nvflare',
  name: 'NVIDIA FLARE',
  about: 'Software kit for federated learning; no ledger, no token.',
  repositories: ['github:NVIDIA/NVFlare'],
  homepage: 'https://nvidia.github.io/NVFlare',
  kind: 'control',
  state: { is: 'not stated', source: 'github:NVIDIA/NVFlare README.md' },
  sources: [source],
  claims: [
    {
      id: 'privacy-preservation',
      quote:
        'Privacy preservation with differential privacy, homomorphic encryption, private set intersection (PSI)',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
      mechanism: 'filters of differential privacy and homomorphic encryption',
      trust: ['the server, unless a filter is on'],
      scope: { in: ['federated jobs that switch a filter on'], out: [] },
      withoutLedger: 'There is none.',
      findings: findings({ readme: ['p1.kept'], tests: ['s1.tests'], filters: ['p2.unreadable'] }),
    },
  ],
  evidence: [
    documents('readme', 'README.md', 'Features, workflows and filters are described.'),
    shows(
      'filters',
      'nvflare/app_opt/he',
      'Aggregation under homomorphic encryption is public code; a job switches it on.',
    ),
    shows('tests', 'tests', '796 source files on test paths, 8 workflows.'),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
