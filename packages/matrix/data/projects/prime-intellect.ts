/**
 * Prime Intellect (TOPLOC, protocol): Checks of outsourced inference by hashes of activations, and
 * a protocol for outsourced compute.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const toploc = readRepository({
  repository: 'github:PrimeIntellect-ai/toploc',
  commit: '7ab7bcd6a4459ba4400fd41e4636bbeed7438997',
  committed: '2025-04-10',
  read: '2026-11-27',
  checked: '2026-11-30',
});

const protocol = readRepository({
  repository: 'github:PrimeIntellect-ai/protocol',
  commit: '1bb7f87c407956cc363fba7c742d91311fd47cc6',
  committed: '2025-07-11',
  read: '2026-11-27',
  checked: '2026-11-30',
  newest: {
    pin: { date: '2026-11-30' },
    changed:
      'Its pages say that the owner archived the repository on 27 January 2026; of toploc no such page was found.',
  },
});

export const primeIntellect: Project = {
  version: 1,
  id: 'prime-intellect',
  name: 'Prime Intellect (TOPLOC, protocol)',
  about: 'Checks of outsourced inference by hashes of activations, and a protocol for outsourced compute.',
  repositories: ['github:PrimeIntellect-ai/toploc', 'github:PrimeIntellect-ai/protocol'],
  homepage: 'https://primeintellect.ai',
  kind: 'project',
  // Of the protocol, which holds every claim about a ledger; toploc is a method.
  state: {
    is: 'archived',
    quote: 'This repository was archived by the owner on Jan 27, 2026. It is now read-only.',
    source: 'github.com/PrimeIntellect-ai/protocol/pull/125/files',
  },
  sources: [
    toploc.source,
    protocol.source,
    {
      id: 'arXiv:2505.07291',
      pin: { version: 'v1' },
      dated: '2025-05-12',
      read: '2026-11-27',
      checked: '2026-11-27',
    },
  ],
  claims: [
    {
      id: 'toploc',
      quote:
        'leverages locality sensitive hashing of intermediate activations to verify that LLM providers are using authorized model configurations and settings',
      ...toploc.quoted('README.md'),
      cell: 'verifiability-scalability',
      ledger: false,
      mechanism: 'locality-sensitive hash of activations, recomputed by a checker',
      trust: ['that the checker recomputes', 'statistical thresholds, not a proof'],
      scope: { in: ['inference of language models whose weights the checker has'], out: ['training'] },
      withoutLedger: 'Nothing: no ledger is part of the method.',
      findings: findings({
        toplocreadme: ['v1.documented', 'v1.inspectable'],
        toploccode: ['v2.detectable'],
      }),
    },
    {
      id: 'decentralised-compute',
      quote:
        'Prime Network is a peer-to-peer compute and intelligence network that enables decentralized AI development at scale.',
      ...protocol.quoted('README.md'),
      cell: 'performance-scalability',
      ledger: false,
      mechanism: 'contracts for membership and payment, an orchestrator, validators with random challenges',
      trust: ['the orchestrator of a pool', 'validators', 'the nodes that take the optimiser steps'],
      scope: { in: ['contributing compute to a pool'], out: [] },
      withoutLedger:
        'The repository runs with a local chain only; what the public network would lose is open.',
      findings: findings({ report: ['c2.hundreds'] }),
    },
    {
      id: 'open-entry',
      quote: "Ethereum-based contracts manage the protocol's economic layer",
      ...protocol.quoted('README.md'),
      cell: 'performance-decentralisation',
      ledger: true,
      mechanism: 'contracts for membership and payment',
      trust: ['the operator of the orchestrator'],
      scope: { in: ['membership and payment'], out: [] },
      withoutLedger: 'Payment and membership would need an operator; the computation would be the same.',
      findings: findings({ protocolreadme: ['d1.operators'] }),
    },
  ],
  evidence: [
    {
      id: 'report',
      grade: 2,
      kind: 'paper',
      source: 'arXiv:2505.07291',
      pin: { version: 'v1' },
      fact: 'INTELLECT-2, a model of 32 billion parameters, was trained by reinforcement learning: untrusted workers made rollouts, trusted nodes took the optimiser steps. Weights, code and data are public.',
      published: '2025-05-12',
      retrieved: '2026-11-27',
      interest: 'self',
      downgrades: [],
    },
    toploc.documents(
      'toplocreadme',
      'README.md',
      'The method, its bytes per token and its thresholds are described, with a paper (arXiv 2501.16007); the source is public under MIT.',
    ),
    toploc.shows(
      'toploccode',
      'toploc',
      'Building and verifying the hashes are public functions: whoever has the weights can re-check an answer.',
    ),
    protocol.documents(
      'protocolreadme',
      'README.md',
      'The README describes the roles and says that one can only run the protocol locally, because public RPCs are not yet supported.',
      {
        quote:
          'Currently, you can only run the protocol locally - connecting to public RPCs is not yet supported.',
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
