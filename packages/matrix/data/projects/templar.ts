/** Templar: Training with rewards for useful gradients, coordinated by the blocks of a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:one-covenant/templar',
  commit: '142666f0dd91888dd1e240c38860e042f0364d45',
  committed: '2026-03-31',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const templar: Project = {
  version: 1,
  id: 'templar',
  name: 'Templar',
  about: 'Training with rewards for useful gradients, coordinated by the blocks of a ledger.',
  repositories: ['github:one-covenant/templar'],
  kind: 'project',
  state: {
    is: 'dormant',
    quote: 'Templar is dormant',
    source: 'github:one-covenant/templar README.md',
  },
  sources: [
    source,
    {
      id: 'arXiv:2603.08163',
      pin: { version: 'v2' },
      dated: '2026-03-10',
      read: '2026-11-27',
      checked: '2026-11-27',
    },
  ],
  claims: [
    {
      id: 'internet-training',
      quote:
        'τemplar is a decentralized training framework that enables large-scale model training across heterogeneous compute resources over the internet.',
      ...quoted('README.md'),
      cell: 'performance-scalability',
      ledger: false,
      mechanism: 'compressed gradients in shared storage, windows by blocks, scores on a ledger',
      trust: ['validators with stake', 'the shared storage'],
      scope: { in: ['pre-training of language models'], out: [] },
      withoutLedger: 'Membership, windows and pay come from the ledger; a server would have to keep them.',
      findings: findings({
        report: ['f1.figures', 'c1.tens'],
        weights: ['c2.hundreds'],
      }),
    },
    {
      id: 'network',
      quote:
        'The system operates in synchronized windows, where miners and validators perform their tasks in coordination, guided by blockchain blocks.',
      ...quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: true,
      mechanism: 'as above',
      trust: ['the validator with the highest stake, whose checkpoint others load'],
      scope: { in: ['who trains and who judges'], out: [] },
      withoutLedger: 'As above.',
      findings: findings({ readme: ['d1.operators'], chain: ['coupling'] }),
    },
    {
      id: 'honest-work',
      quote:
        "Nodes that evaluate the miners' contributions by assessing the effectiveness of their submitted gradients and updating weights on the blockchain accordingly.",
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'validators measure how much a gradient lowers the loss',
      trust: ['validators with stake'],
      scope: { in: ['gradients that lower the loss on assigned data'], out: [] },
      withoutLedger: 'Scores would be a server’s word.',
      findings: findings({
        readme: ['v1.documented', 'd1.operators'],
        chain: ['v1.inspectable', 'v2.detectable', 'coupling'],
      }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Miners, validators, scoring and compression are described with formulas.',
    ),
    {
      id: 'report',
      grade: 2,
      kind: 'measurement',
      source: 'arXiv:2603.08163',
      pin: { version: 'v2' },
      fact: 'A run with more than 70 contributors at 94.5 % compute utilisation on 8 B200 or the like per peer, with 146 times less communication.',
      published: '2026-03-10',
      retrieved: '2026-11-27',
      interest: 'self',
      downgrades: [{ reason: 'interest', because: 'measured by the project' }],
    },
    {
      id: 'weights',
      grade: 2,
      kind: 'paper',
      source: 'arXiv:2603.08163',
      pin: { version: 'v2' },
      fact: 'The run left a model of 72 billion parameters, whose weights are public under Apache-2.0.',
      published: '2026-03-10',
      retrieved: '2026-11-27',
      interest: 'self',
      downgrades: [],
    },
    shows(
      'chain',
      'neurons',
      'Miner and validator are public: data assignment is deterministic, validators recompute the loss before and after each gradient and set weights on the ledger.',
    ),
  ],
  incidents: [
    {
      date: '2026-04-10',
      what: 'The project left Bittensor; the sides dispute the circumstances.',
      source: 'odaily.news, panewslab.com',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
