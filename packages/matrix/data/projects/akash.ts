/** Akash: a market of computing on a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:akash-network/node',
  commit: '3efe26bf39115a6babf329e8170cd1133cc7dbe9',
  committed: '2026-04-28',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const akash: Project = {
  version: 1,
  id: 'akash',
  name: 'Akash',
  about: 'A market of computing on a ledger of its own.',
  repositories: ['github:akash-network/node'],
  homepage: 'https://akash.network',
  kind: 'project',
  state: {
    is: 'in use',
    quote:
      'Akash is an actively-developed prototype currently focused on the distributed marketplace functionality.',
    source: 'github:akash-network/node README.md',
  },
  sources: [source],
  claims: [
    {
      id: 'market',
      quote:
        'Akash is a secure, transparent, and decentralized cloud computing marketplace that connects those who need computing resources (tenants) with those that have computing capacity to lease (providers).',
      ...quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: false,
      mechanism: 'bids and leases',
      trust: ['the provider, who sees what runs'],
      scope: { in: ['leases of computing'], out: ['what is computed'] },
      withoutLedger: 'A market of a company would do.',
      findings: findings({ readme: ['d1.operators'] }),
    },
    {
      id: 'ledger-exchange',
      quote:
        'The Suite is composed of one binary, akash, which contains a (tendermint-powered) blockchain node that implements the decentralized exchange as well as client functionality',
      ...quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: true,
      mechanism: 'orders, bids, leases and escrow as modules of a ledger',
      trust: ['two thirds of the stake', 'the provider, who sees what runs'],
      scope: { in: ['who leases what from whom, and payment'], out: ['what is computed, and how fast'] },
      withoutLedger: 'A company would hold orders and escrow; computing would be the same.',
      findings: findings({ readme: ['d1.operators'], modules: ['coupling', 'd2.unstoppable'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Market, node and branches are described; it calls itself an actively developed prototype.',
    ),
    shows(
      'modules',
      'x/market',
      'Orders, bids, leases and escrow are public modules of the ledger; parameters change by governance only.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
