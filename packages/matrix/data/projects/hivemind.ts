/** Hivemind: Library for training over the Internet without a master node; no ledger, no token. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:learning-at-home/hivemind',
  commit: '4bd43b77895019b20d18d81d0d0c1a5ab9a10847',
  committed: '2026-01-04',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const hivemind: Project = {
  version: 1,
  id: 'hivemind',
  name: 'Hivemind',
  about: 'Library for training over the Internet without a master node; no ledger, no token.',
  repositories: ['github:learning-at-home/hivemind'],
  homepage: 'https://learning-at-home.readthedocs.io',
  kind: 'control',
  state: { is: 'not stated', source: 'github:learning-at-home/hivemind README.md' },
  sources: [source],
  claims: [
    {
      id: 'no-master-node',
      quote:
        'Distributed training without a master node: Distributed Hash Table allows connecting computers in a decentralized network.',
      ...quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: false,
      mechanism: 'distributed hash table, averaging between peers',
      trust: ['the peers'],
      scope: { in: ['training between volunteers'], out: [] },
      withoutLedger: 'There is none.',
      findings: findings({ readme: ['f1.figures', 'd1.operators'], code: ['d2.unstoppable'] }),
    },
    {
      id: 'hundreds',
      quote:
        'Its intended usage is training one large model on hundreds of computers from different universities, companies, and volunteers.',
      ...quoted('README.md'),
      cell: 'performance-scalability',
      ledger: false,
      mechanism: 'as above',
      trust: ['the peers'],
      scope: { in: ['training between volunteers'], out: [] },
      withoutLedger: 'There is none.',
      findings: findings({ readme: ['f1.figures', 'c1.tens'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Mechanisms are described with papers that give figures; trained models are listed (sahajBERT, CALM and others).',
    ),
    shows(
      'code',
      'hivemind',
      'Peers find one another and average without a server: nobody has a key that stops them.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
