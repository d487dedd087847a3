/** Sahara AI: a ledger for AI assets, and proofs that an agent runs behind a guardrail. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readPage, readRepository } from '../source.ts';

const guard = readRepository({
  repository: 'github:SaharaLabsAI/Verifiable-ClawGuard',
  commit: '77a4fdbcf9f7ff196bf577bd42b8817472729126',
  committed: '2026-03-12',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const profile = readPage({
  url: 'github.com/SaharaLabsAI',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const sahara: Project = {
  version: 1,
  id: 'sahara',
  name: 'Sahara AI',
  about: 'A ledger for AI assets, and proofs that an agent runs behind a guardrail.',
  repositories: ['github:SaharaLabsAI/Verifiable-ClawGuard'],
  homepage: 'https://saharalabs.ai',
  kind: 'project',
  state: {
    is: 'in development',
    quote:
      'This is a proof-of-concept implementation for research and demonstration purposes. It is not production-ready.',
    source: 'github:SaharaLabsAI/Verifiable-ClawGuard README.md',
  },
  sources: [guard.source, profile.source],
  claims: [
    {
      id: 'secure-interactions',
      quote:
        'The Sahara Blockchain serves as a decentralized infrastructure for AI applications, facilitating secure and transparent interactions between AI agents, datasets',
      ...profile.quoted(),
      cell: 'performance-security',
      ledger: true,
      mechanism: 'a ledger (Cosmos SDK, EVM) as a register of assets',
      trust: ['the validators of the ledger'],
      scope: { in: ['records of AI assets'], out: ['what models compute'] },
      withoutLedger: 'A register of a company would do for those who trust it.',
      findings: [],
    },
    {
      id: 'guardrail',
      quote:
        'We achieve verifiable guardrails by running it inside an AWS Nitro Enclave and using remote attestation to prove exactly what guardrail code is protecting the agent',
      ...guard.quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'attestation of an enclave',
      trust: ['AWS', 'the hosted model that judges content'],
      scope: { in: ['that the guardrail code runs'], out: ['that the agent is safe, as it says itself'] },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings({ readme: ['v1.documented'], code: ['v1.inspectable', 'v2.detectable'] }),
    },
  ],
  evidence: [
    guard.documents('readme', 'README.md', 'The flow, its measurement and its limits are described.'),
    guard.shows(
      'code',
      'src',
      'The code is public under a licence file; attestations can be requested and checked against a measurement.',
    ),
    profile.documents(
      'about',
      'The profile of the organisation describes a ledger on the Cosmos SDK that is compatible with the EVM. The source of the node was not in the copies that could be had.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
