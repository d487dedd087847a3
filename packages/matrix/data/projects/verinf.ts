/** VerInf: zero-knowledge proofs of inference of language models, without a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:JamesPetrie/VerInf',
  commit: '83148782f2976fbbd78d9c4a8956a8a04ae83bd1',
  committed: '2026-08-14',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const verinf: Project = {
  version: 1,
  id: 'verinf',
  name: 'VerInf',
  about: 'Zero-knowledge proofs of inference of language models up to 400 billion parameters.',
  repositories: ['github:JamesPetrie/VerInf'],
  homepage: 'https://github.com/JamesPetrie/VerInf',
  kind: 'project',
  state: {
    is: 'in development',
    quote: 'Research prototype; no security audit of the full construction.',
    source: 'github:JamesPetrie/VerInf README.md',
  },
  sources: [source],
  claims: [
    {
      id: 'proven-inference',
      quote:
        'It has proven a 400B-parameter model with the prover running on a single consumer NVIDIA DGX Spark, and it uses only hash-based commitments, so there is no trusted setup and the construction is plausibly post-quantum.',
      ...quoted('README.md'),
      cell: 'verifiability-scalability',
      ledger: false,
      mechanism: 'hash-based zero-knowledge proof (Ligero)',
      trust: ['an unaudited construction', 'a bound that leaves 0.88 bits a token unexplained'],
      scope: { in: ['a forward pass of 1,000 tokens'], out: ['agreement bit for bit with floating point'] },
      withoutLedger: 'Nothing: no ledger is part of it.',
      findings: findings({
        readme: ['v1.documented'],
        code: ['v1.inspectable', 'v2.detectable'],
        run: ['c2.hundreds'],
      }),
    },
    {
      id: 'cost',
      quote: 'Proving took 14.3 hours on a single DGX Spark',
      ...quoted('README.md'),
      cell: 'performance-security',
      ledger: false,
      mechanism: 'as above',
      trust: ['the figures of the project'],
      scope: { in: ['Llama 4 Maverick at 1,000 tokens'], out: [] },
      withoutLedger: 'Nothing: no ledger is part of it.',
      findings: findings({ figures: ['f1.figures'], ci: ['s1.tests'] }, { unaudited: ['s2.audited'] }),
    },
  ],
  evidence: [
    documents('readme', 'README.md', 'Construction, soundness and cost are described, with a draft paper.'),
    shows(
      'code',
      'verifier',
      'An independent verifier in Rust is public, beside the prover, with tests that tamper with proofs.',
    ),
    shows(
      'run',
      'analysis/full-model-hidden-run-archive.md',
      'The record of a run on a model of 400 billion parameters is in the repository.',
    ),
    documents(
      'figures',
      'README.md',
      '14.3 hours to prove on a DGX Spark, 17.7 hours to verify on 20 cores, 93.6 GB of proof, for 1,000 tokens.',
      {
        kind: 'measurement',
        grade: 2,
        downgrades: [{ reason: 'interest', because: 'measured by the author' }],
      },
    ),
    shows('ci', '.github/workflows', 'Workflows build and test the verifier.'),
    shows('unaudited', 'README.md', 'The README says that the construction was not audited.', {
      kind: 'quote',
      quote: 'Research prototype; no security audit of the full construction.',
    }),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
