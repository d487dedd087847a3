/** EZKL: zero-knowledge proofs of inference for ONNX graphs. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:zkonduit/ezkl',
  commit: '5da444ee72a0d2140632c885b4d9be0b09f5a17d',
  committed: '2026-01-17',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const ezkl: Project = {
  version: 1,
  id: 'ezkl',
  name: 'EZKL',
  about:
    'Library and command line that turn an ONNX graph into a Halo2 circuit, so that others can check an inference.',
  repositories: ['github:zkonduit/ezkl'],
  homepage: 'https://ezkl.xyz',
  kind: 'project',
  state: { is: 'not stated', source: 'github:zkonduit/ezkl README.md' },
  sources: [
    source,
    { id: 'docs.ezkl.xyz/security', pin: { date: '2026-08-22' }, read: '2026-08-22', checked: '2026-08-22' },
  ],
  claims: [
    {
      id: 'onchain-verification',
      quote:
        'The generated proofs can then be verified with much less computational resources, including on-chain (with the Ethereum Virtual Machine), in a browser, or on a device.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'zero-knowledge proof (Halo2), verifier as an EVM contract',
      trust: [
        'the soundness of the circuit and of the proof system',
        'the structured reference string',
        'that the quantised model stands for the original one',
      ],
      scope: {
        in: ['inferences on whose result a contract acts'],
        out: ['training', 'what somebody verifies for himself: there the ledger adds nothing'],
      },
      parts: ['circuits', 'verifier-contracts'],
      withoutLedger:
        'Proofs verify all the same; lost is a contract that acts on an answer only if it was proven, with nobody to trust in between.',
      findings: findings(
        {
          readme: ['v1.documented', 'v1.inspectable'],
          verifier: ['v2.detectable', 'coupling'],
          tests: ['s1.tests', 's1.disclosure'],
          audit: ['s2.audited'],
        },
        { security: ['s2.audited'] },
      ),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'The workflow, the proof system and the three kinds of statement are described; the source is public.',
    ),
    shows(
      'verifier',
      'src/eth.rs',
      'The repository generates an EVM verifier for a circuit and calls it; anybody with proof and verifying key can run either verifier.',
    ),
    shows(
      'tests',
      '.github',
      '6 source files on test paths, 8 workflows that run on changes, and a security policy (.github/SECURITY.md).',
    ),
    {
      id: 'audit',
      grade: 3,
      kind: 'audit',
      source: 'github:trailofbits/publications reviews/2025-03-zkonduit-ezkl-securityreview.pdf',
      pin: { commit: '6bf36b87632584809ed9b7be2ad29cbd911891b8' },
      fact: 'Trail of Bits reviewed circuits and verifier contracts in January 2025: 34 findings, 8 of high severity, several of which let a prover convince a verifier of a wrong result. Whether the fixes were confirmed is not in the report.',
      published: '2025-03-12',
      retrieved: '2026-11-30',
      interest: 'independent',
      downgrades: [],
      audit: {
        by: 'Trail of Bits',
        read: true,
        version: 'ezkl at bdcba5ca',
        in: [
          {
            part: 'circuits',
            quote: 'assessing the soundness and correctness of the zero-knowledge circuits',
          },
          {
            part: 'verifier-contracts',
            quote:
              'the correct validation and handling of proof data in the data attestation and halo2 verifier smart contracts',
          },
        ],
        out: [
          {
            part: 'command-line',
            quote: 'did not fully review all CLI interfaces and binary executable tools',
          },
          { part: 'tensor-operations', quote: 'We did not fully cover the Rust native tensor operations' },
        ],
      },
    },
    {
      id: 'security',
      grade: 0,
      kind: 'quote',
      source: 'docs.ezkl.xyz/security',
      pin: { date: '2026-08-22' },
      quote: 'ezkl has not been audited and we make no guarantees on its security',
      fact: "A page of the project's documentation still says that it has not been audited, which its README contradicts.",
      retrieved: '2026-08-22',
      interest: 'self',
      downgrades: [],
    },
  ],
  incidents: [
    {
      date: '2025-03',
      what: 'An audit found several soundness weaknesses of high severity; fixed, by the account of the project.',
      source: 'blog.ezkl.xyz/post/audit',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
