/** io.net: computing by devices of many owners, counted and paid by a company’s service. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const docs = readRepository({
  repository: 'github:ionet-official/docs',
  commit: '5d3be72c830ea5cc3b97c6835629d57edb8b62b3',
  committed: '2025-09-12',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const script = readRepository({
  repository: 'github:ionet-official/io-net-official-setup-script',
  commit: '4772b514bf9649e5b98513d6811e0d35cd75ff19',
  committed: '2024-08-09',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const ionet: Project = {
  version: 1,
  id: 'ionet',
  name: 'io.net',
  about: 'Computing on devices of many owners, with payments recorded on a ledger.',
  repositories: ['github:ionet-official/docs', 'github:ionet-official/io-net-official-setup-script'],
  homepage: 'https://io.net',
  kind: 'project',
  state: { is: 'in use', source: 'github:ionet-official/docs docs/explorer/tne-on-chain.mdx' },
  sources: [docs.source, script.source],
  claims: [
    {
      id: 'on-ledger-transactions',
      quote:
        'TNE On Chain marks a major milestone in io.net’s evolution, introducing a fully transparent and verifiable transaction system on the Solana blockchain.',
      ...docs.quoted('docs/explorer/tne-on-chain.mdx'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'bookings and payments recorded on a ledger',
      trust: ['the company, which decides what is booked'],
      scope: { in: ['bookings, payments, repurchases'], out: ['what was computed, and by which device'] },
      withoutLedger: 'The books would be the company’s; computing would be the same.',
      findings: findings({ tne: ['v1.documented'] }),
    },
    {
      id: 'proof-of-work',
      quote:
        'Proof-of-Work is a cryptographic puzzle that requires significant computational resources to solve. It’s easy to verify the authenticity of a GPU/CPU after they successfully solve the puzzle.',
      ...docs.quoted('docs/workers/proof-of-work.mdx'),
      cell: 'verifiability-scalability',
      ledger: false,
      mechanism: 'a puzzle for each device every hour, checked by a service',
      trust: ['the service that sets and checks puzzles'],
      scope: {
        in: ['that a device can compute at that hour'],
        out: ['which device it is, and what customers get'],
      },
      withoutLedger: 'Nothing: the puzzle is checked by a service.',
      findings: findings({ pow: ['v1.documented'] }),
    },
  ],
  evidence: [
    docs.documents(
      'tne',
      'docs/explorer/tne-on-chain.mdx',
      'Bookings, escrow and repurchases on a ledger are described. The programs were not found in public repositories.',
    ),
    docs.documents(
      'pow',
      'docs/workers/proof-of-work.mdx',
      'An hourly puzzle for each device is described: challenges and results go through an interface of the company.',
    ),
    script.shows(
      'setup',
      '.',
      'The public repository holds scripts that set a machine up; the worker is a downloaded binary.',
    ),
  ],
  incidents: [
    {
      date: '2024-04-25',
      what: 'Counted devices turned out to be faked in large numbers; hourly puzzles were introduced afterwards.',
      source: 'theblock.co; protechbro.com',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
