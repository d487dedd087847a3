/** OpenVerifiableLLM: manifests of data sets and checks of preprocessing, for training that can be repeated. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:AOSSIE-Org/OpenVerifiableLLM',
  commit: '578bc792094c988f62e886a79b5196d55842839d',
  committed: '2026-03-18',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const openVerifiableLlm: Project = {
  version: 1,
  id: 'openverifiablellm',
  name: 'OpenVerifiableLLM',
  about: 'Hashes of data sets and of their preprocessing, for training that others can repeat.',
  repositories: ['github:AOSSIE-Org/OpenVerifiableLLM'],
  homepage: 'https://aossie.org',
  kind: 'project',
  state: { is: 'in development', source: 'github:AOSSIE-Org/OpenVerifiableLLM README.md' },
  sources: [source],
  claims: [
    {
      id: 'verifiable-training',
      quote: 'Deterministic dataset hashing utilities for verifiable LLM training',
      ...quoted('pyproject.toml'),
      cell: 'verifiability-decentralisation',
      ledger: false,
      mechanism: 'Merkle trees of data and manifests that name one another',
      trust: ['the publisher of a manifest'],
      scope: {
        in: ['data and preprocessing'],
        out: ['training itself: no code for it is in the repository'],
      },
      withoutLedger: 'Nothing: the public code has no ledger.',
      findings: findings({ code: ['v1.inspectable', 'v2.detectable'], runs: ['d1.operators'] }),
    },
  ],
  evidence: [
    shows(
      'code',
      'openverifiablellm',
      'Hashing, manifests and a verifier that repeats the preprocessing are public, with tests.',
    ),
    documents(
      'runs',
      'scripts',
      'Scripts download a dump, preprocess it and verify it. The README is an unfilled template.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
