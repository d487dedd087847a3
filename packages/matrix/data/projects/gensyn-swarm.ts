/** Gensyn (RL Swarm): Reinforcement learning between peers, with identities on a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:gensyn-ai/rl-swarm',
  commit: '9c95410b1ac0d0a6005513c276b6b84f6db13bcd',
  committed: '2026-01-05',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const gensynSwarm: Project = {
  version: 1,
  id: 'gensyn-swarm',
  name: 'Gensyn RL Swarm (earlier product)',
  about: 'Reinforcement learning between peers, with identities on a ledger.',
  repositories: ['github:gensyn-ai/rl-swarm'],
  homepage: 'https://gensyn.ai',
  kind: 'project',
  state: {
    is: 'dormant',
    quote: 'There are no official swarms running right now.',
    source: 'github:gensyn-ai/rl-swarm README.md',
  },
  sources: [source],
  claims: [
    {
      id: 'permissionless-swarm',
      quote:
        'It is open source and permissionless, meaning you can run it on a consumer laptop at home or on a powerful GPU in the cloud.',
      ...quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: false,
      mechanism: 'gossip between peers, identity on a ledger',
      trust: ['the provider that stores the keys of identities'],
      scope: { in: ['swarms of reinforcement learning'], out: [] },
      withoutLedger: 'Nothing for the training itself: connecting to the ledger is optional.',
      findings: findings({ readme: ['d1.operators'] }),
    },
    {
      id: 'identity',
      quote:
        'You can also connect your model to the Gensyn Testnet to receive an on-chain identity that tracks your progress over time.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'identity on a ledger',
      trust: ['the provider that stores the keys'],
      scope: { in: ['who took part'], out: [] },
      withoutLedger: 'An identity of one’s own key would do; the record would be a server’s.',
      findings: findings({ readme: ['v1.documented', 'd1.operators'], code: ['v1.inspectable'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'How to take part and what the identity is are described; there are no official swarms running.',
      { quote: 'There are no official swarms running right now.' },
    ),
    shows('code', '.', 'The client is public under MIT.'),
    shows(
      'identity',
      'README.md',
      'Connecting to the ledger is optional for a swarm, and its keys are stored by a third party (Alchemy): training does not depend on it.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
