/** Lagrange DeepProve: GKR and lookup based prover for neural networks. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readPage, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:Lagrange-Labs/deep-prove',
  commit: '7d21c35e5e1cb006e413f4a9676333e9e1506a87',
  committed: '2025-07-28',
  read: '2026-11-27',
  checked: '2026-11-30',
  newest: {
    pin: { date: '2026-11-30' },
    changed:
      'A copy of its front page, without date or commit, tells of a later state: language models proven end to end, a named machine, and a tutorial to repeat the figures. The source of that state could not be had here.',
  },
});

const blog = readPage({
  url: 'lagrange.dev/engineering-updates/august-2025',
  read: '2026-11-30',
  checked: '2026-11-30',
});

/** The README of a state later than the pin, as a stored page. */
const later = readPage({
  url: 'raw.githubusercontent.com/Lagrange-Labs/deep-prove/master/README.md',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const deepprove: Project = {
  version: 1,
  id: 'deepprove',
  name: 'Lagrange DeepProve',
  about: 'GKR and lookup based prover for neural networks.',
  repositories: ['github:Lagrange-Labs/deep-prove'],
  homepage: 'https://lagrange.dev',
  kind: 'project',
  state: {
    is: 'in development',
    quote:
      'This codebase is not audited and not production ready and is provided as is. Use at your own risk.',
    source: 'github:Lagrange-Labs/deep-prove zkml/README.md',
  },
  sources: [source, blog.source, later.source],
  claims: [
    {
      id: 'chain-integrity',
      quote:
        'Additionally, in decentralized applications, zero-knowledge proofs can ensure the integrity of AI computations on the blockchain, fostering trust and transparency.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
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
      scope: {
        in: ['a CNN of 264k parameters'],
        out: ['other sizes, and the later proofs of language models'],
      },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings({}, { warning: ['s2.audited'] }),
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
    blog.documents(
      'updates',
      'Its update of August 2025 tells of proofs of GPT-2 at 1,024 tokens, at 0.5 tokens a second.',
      {
        quote: 'DeepProve successfully proved full-sequence GPT-2 inference at 1024 tokens.',
      },
    ),
    later.documents(
      'later',
      'A README later than the pin names GPT-2, Gemma 3 and Llama 2 as proven, and figures for a server with 24 cores: GPT-2 at 512 tokens in 7.6 minutes.',
      {
        quote: 'all transformer layers proven end-to-end, from token embeddings through to next-token argmax',
      },
    ),
    shows(
      'table',
      'README.md',
      'At the pin, the table of benchmarks names sizes of models and no hardware; the later README names a machine and a tutorial.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
