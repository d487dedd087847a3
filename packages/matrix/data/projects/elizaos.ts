/** elizaOS: a framework for agents that run on a user’s own device. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents } = readRepository({
  repository: 'github:elizaOS/eliza',
  commit: '003e911776b8c8083b321f8ef4107a06b02ca08b',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const elizaos: Project = {
  version: 1,
  id: 'elizaos',
  name: 'elizaOS',
  about:
    'A framework and an app for agents that run on the user’s own device; once the main framework of agents with tokens.',
  repositories: ['github:elizaOS/eliza'],
  homepage: 'https://eliza.app',
  kind: 'project',
  state: { is: 'in use', source: 'github:elizaOS/eliza README.md' },
  sources: [source],
  claims: [
    {
      id: 'on-device',
      quote: 'The agent, your data, and the models all run on your device.',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'models on the device',
      trust: ['the maker of the app', 'the makers of the plug-ins that a user installs'],
      scope: { in: ['local mode'], out: ['hosted inference, which is optional'] },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings({ readme: ['p1.kept', 'd1.operators'] }),
    },
    {
      id: 'owner-approves',
      quote: 'Wallet — non-custodial EVM + Solana: transfers, swaps, bridges, LP. Every spend needs your OK.',
      ...quoted('README.md'),
      cell: 'performance-security',
      ledger: true,
      mechanism: 'approval by the owner before a transfer',
      trust: ['that the approval cannot be reached by text that the model reads'],
      scope: { in: ['transfers that the app makes'], out: ['agents of others built on the framework'] },
      withoutLedger: 'There would be no wallet to protect.',
      findings: findings({ policy: ['s1.disclosure'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'What runs on the device, what a cloud adds, and how to extend it are described.',
    ),
    documents('policy', 'SECURITY.md', 'The README links a security policy.'),
    {
      id: 'injection',
      grade: 2,
      kind: 'paper',
      source: 'arXiv:2302.12173',
      pin: { version: 'v2' },
      fact: 'Greshake et al. steer applications of language models by text that these retrieve: why an approval outside of the model matters.',
      published: '2023-05-05',
      retrieved: '2026-11-27',
      interest: 'independent',
      downgrades: [{ reason: 'indirect', because: 'not shown on this framework' }],
    },
  ],
  incidents: [
    {
      date: '2025-03',
      what: 'In experiments by researchers injected memories made agents transfer funds.',
      source: 'themoonlight.io; 2048ai.net',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
