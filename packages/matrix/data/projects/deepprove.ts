/** Lagrange DeepProve: GKR and lookup based prover for neural networks. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { quoted, documents, shows } = readRepository({
  repository: 'github:Lagrange-Labs/deep-prove',
  commit: '7d21c35e5e1cb006e413f4a9676333e9e1506a87',
  committed: '2025-07-28',
  read: '2026-11-27',
});

export const deepprove: Project = {
  version: 1,
  id: 'deepprove',
  name: 'Lagrange DeepProve',
  about: 'GKR and lookup based prover for neural networks.',
  repositories: ['github:Lagrange-Labs/deep-prove'],
  homepage: 'https://lagrange.dev',
  kind: 'project',
  claims: [
    {
      id: 'chain-integrity',
      quote:
        'Additionally, in decentralized applications, zero-knowledge proofs can ensure the integrity of AI computations on the blockchain, fostering trust and transparency.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
      level: 2,
      levelFrom: 'can ensure the integrity of AI computations on the blockchain',
      mechanism: 'zero-knowledge proof (sumcheck, LogUp GKR)',
      trust: [
        'the soundness of an unaudited prover and verifier',
        'that the quantised model stands for the original one',
      ],
      scope: {
        in: ['inference of dense, convolution, ReLU and max-pooling layers'],
        out: ['models that the public code does not cover', 'training'],
      },
      withoutLedger:
        'Proofs verify all the same; no contract that verifies them is in the public repository, so what a ledger adds is open.',
      findings: findings(
        { readme: ['v1.documented', 'v1.inspectable'], verifier: ['v2.detectable'] },
        { warning: ['s2.audited'] },
      ),
    },
    {
      id: 'speed',
      quote: 'DeepProve is proving 158x faster at this size!',
      ...quoted('README.md'),
      cell: 'performance-security',
      ledger: false,
      mechanism: 'zero-knowledge proof',
      trust: ['the figures of the project'],
      scope: { in: ['a CNN of 264k parameters'], out: ['other sizes'] },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings({}, { table: ['f1.figures'], warning: ['s2.audited'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'The mechanism and the supported layers are described; the source is public, zkml/ under a licence for testing and evaluation.',
    ),
    shows(
      'verifier',
      'zkml',
      'The repository holds prover and verifier; whoever has the model’s commitment, input, output and proof can run the latter.',
    ),
    shows(
      'warning',
      'zkml/README.md',
      'The README warns that the code is neither audited nor production ready.',
      {
        kind: 'quote',
        quote:
          'This codebase is not audited and not production ready and is provided as is. Use at your own risk.',
      },
    ),
    shows('table', 'README.md', 'The table of benchmarks names sizes of models and no hardware.'),
  ],
  incidents: [],
  review: { reviewers: 1 },
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
