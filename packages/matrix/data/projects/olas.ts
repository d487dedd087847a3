/** Olas (Autonolas): agents run by several operators, and a market of services for agents. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const framework = readRepository({
  repository: 'github:valory-xyz/open-autonomy',
  commit: 'b37bc34d9ef94dbdfbe4a1b26209341dc23a6571',
  committed: '2026-05-18',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const market = readRepository({
  repository: 'github:valory-xyz/autonolas-marketplace',
  commit: '4fe344fa271e69562e7b5f76f457b7431f1b8271',
  committed: '2026-01-17',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const olas: Project = {
  version: 1,
  id: 'olas',
  name: 'Olas (Open Autonomy, Mech Marketplace)',
  about: 'Agents that several operators run in agreement, and a market of services for agents.',
  repositories: ['github:valory-xyz/open-autonomy', 'github:valory-xyz/autonolas-marketplace'],
  homepage: 'https://olas.network',
  kind: 'project',
  state: { is: 'in use', source: 'github:valory-xyz/autonolas-marketplace README.md' },
  sources: [framework.source, market.source],
  claims: [
    {
      id: 'decentralised-agents',
      quote:
        'AI agents expand the range of operations that traditional smart contracts provide, making it possible to execute arbitrarily complex operations (such as machine-learning algorithms). Most importantly, AI agents are decentralized, trust-minimized, transparent, and robust.',
      ...framework.quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'operators agree by consensus on each step, a threshold signs each transaction',
      trust: ['two thirds of the operators of an agent', 'the party that chooses the operators'],
      scope: {
        in: ['agents run by several operators'],
        out: ['agents with one operator', 'whether a hosted model answers right'],
      },
      withoutLedger:
        'Agreement among operators needs no public ledger; the multi-signature wallet that acts for them does.',
      findings: findings({
        docs: ['v1.documented', 'd1.operators'],
        code: ['v1.inspectable', 'v2.detectable'],
        safe: ['coupling'],
      }),
    },
    {
      id: 'market',
      quote:
        'This repository contains the Mech Marketplace set of contracts registering mechs and performing their interactions for requests delivery via the means of the Marketplace.',
      ...market.quoted('README.md'),
      cell: 'performance-security',
      ledger: true,
      mechanism: 'requests, deliveries and payments through contracts',
      trust: ['the mech that answers', 'the owner of the contract'],
      scope: { in: ['payment for a delivery'], out: ['whether a delivery is right'] },
      withoutLedger: 'A server would hold payments and counts.',
      parts: ['marketplace'],
      findings: findings({ marketcode: ['s1.tests', 's1.disclosure', 'coupling'], external: ['s2.audited'] }),
    },
  ],
  evidence: [
    framework.documents(
      'docs',
      'docs/get_started',
      'Agents as services of several operators with consensus and a multi-signature wallet are described.',
    ),
    framework.shows(
      'code',
      'packages/valory',
      'The framework is public: replicas agree on state by a consensus engine and sign by threshold.',
    ),
    framework.shows(
      'safe',
      'docs/get_started/what_is_an_agent_service.md',
      'A contract requires a threshold of instances to sign a transaction before it is executed.',
      {
        quote:
          'Smart contract based Multisig that secures the AI agent by requiring a threshold of agent instances to sign any transaction before it is executed.',
      },
    ),
    market.shows(
      'marketcode',
      'contracts/MechMarketplace.sol',
      'Contracts, tests and workflows are public, with a security policy; changeOwner and changeImplementation are reserved to the owner.',
    ),
    {
      id: 'external',
      grade: 1,
      kind: 'audit',
      source: 'github:valory-xyz/autonolas-marketplace audit/README.md',
      pin: { commit: '4fe344fa271e69562e7b5f76f457b7431f1b8271' },
      fact: 'The log names seven internal audits and one external one by Cantina (2025-02-19), which was not read.',
      published: '2026-01-17',
      retrieved: '2026-11-30',
      interest: 'self',
      downgrades: [],
      audit: { by: 'Cantina', read: false, version: 'not known', in: [], out: [] },
    },
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
