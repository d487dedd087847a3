/** Petals: Serving of large language models by volunteers; no ledger, no token. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:bigscience-workshop/petals',
  commit: '22afba627a7eb4fcfe9418c49472c6a51334b8ac',
  committed: '2024-08-25',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const petals: Project = {
  version: 1,
  id: 'petals',
  name: 'Petals',
  about: 'Serving of large language models by volunteers; no ledger, no token.',
  repositories: ['github:bigscience-workshop/petals'],
  homepage: 'https://petals.dev',
  kind: 'control',
  state: { is: 'not stated', source: 'github:bigscience-workshop/petals README.md' },
  sources: [source],
  claims: [
    {
      id: 'distributed-inference',
      quote: 'Single-batch inference runs at up to 6 tokens/sec for Llama 2 (70B)',
      ...quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: false,
      mechanism: 'layers of a model on volunteers’ machines',
      trust: ['the peers, who see the activations'],
      scope: { in: ['generation of text'], out: [] },
      withoutLedger: 'There is none.',
      findings: findings({ readme: ['f1.figures', 'd1.operators'], code: ['d2.unstoppable'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Speeds by model are given; the README says that data are processed by other people in the public swarm.',
    ),
    shows(
      'code',
      'src/petals',
      'Servers announce themselves in a distributed hash table: nobody has a key that stops them.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
