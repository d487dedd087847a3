/** Ambient: a ledger whose proof of work is inference of one model. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readPage, readRepository } from '../source.ts';

const auction = readRepository({
  repository: 'github:ambient-xyz/auction-api',
  commit: 'a34e8b0b57bd2f4e0061de1a88b9e019f47d6d82',
  committed: '2026-06-12',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const docs = readPage({
  url: 'docs.ambient.xyz/What-is-Ambient-27ee653486a380e3a5c1ecd6754c6ec9',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const ambient: Project = {
  version: 1,
  id: 'ambient',
  name: 'Ambient',
  about: 'A ledger whose proof of work is inference of one model with open weights.',
  repositories: ['github:ambient-xyz/auction-api'],
  homepage: 'https://ambient.xyz',
  kind: 'project',
  state: { is: 'test network', source: 'docs.ambient.xyz/What-is-Ambient-27ee653486a380e3a5c1ecd6754c6ec9' },
  sources: [auction.source, docs.source],
  claims: [
    {
      id: 'verified-outputs',
      quote:
        'Ambient is a Solana‑compatible, proof‑of‑work Layer 1 that turns decentralized GPU compute into one continuously improving, open‑weights foundation model—then verifies the model’s outputs.',
      ...docs.quoted(),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'hashes of logits, one token recomputed by validators',
      trust: ['validators drawn by past work', 'that one recomputed token tells of the others'],
      scope: { in: ['answers of the one model'], out: [] },
      withoutLedger:
        'Commitments to logits would serve without a ledger; who is paid for work would be a server’s.',
      findings: findings({ about: ['v1.documented', 'd1.operators'] }),
    },
    {
      id: 'speed',
      quote:
        'It delivers the privacy, censorship‑resistance, and cost profile of Crypto AI with the speed, uptime, and reliability developers expect.',
      ...docs.quoted(),
      cell: 'performance-decentralisation',
      ledger: true,
      mechanism: 'an auction of requests among miners',
      trust: ['the miners that answer'],
      scope: { in: ['requests through the network'], out: [] },
      withoutLedger: 'A gateway would hand out requests.',
      findings: findings({ about: ['d1.operators'] }),
    },
  ],
  evidence: [
    docs.documents(
      'about',
      'Proofs of logits, leader election and the auction are described. Source of node and verifier was not found; public are the data structures of the auction.',
    ),
    auction.shows(
      'structures',
      'README.md',
      'The repository holds the data structures of the auction program and a tool that decodes accounts.',
      {
        quote: 'This repo contains the datastructures that make up the Ambient auction program.',
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
