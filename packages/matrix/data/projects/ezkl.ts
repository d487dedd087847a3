/** EZKL: zero-knowledge proofs of inference for ONNX graphs. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { quoted, documents, shows } = readRepository({
  repository: 'github:zkonduit/ezkl',
  commit: '5da444ee72a0d2140632c885b4d9be0b09f5a17d',
  committed: '2026-01-17',
  read: '2026-11-27',
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
      pin: { date: '2025-03-01' },
      fact: 'Trail of Bits reviewed EZKL; the README links the report and names version 21.0.0 as the audited one.',
      published: '2025-03-31',
      retrieved: '2026-11-27',
      interest: 'independent',
      downgrades: [],
      // The report itself was not read.
      restsOn: ['readme'],
    },
    {
      id: 'security',
      grade: 0,
      kind: 'quote',
      source: 'docs.ezkl.xyz/security',
      pin: { date: '2026-08-22' },
      quote: 'ezkl has not been audited and we make no guarantees on its security',
      fact: "A page of the project's documentation still says that it has not been audited, which its README contradicts.",
      published: '2026-08-22',
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
  review: { reviewers: 1 },
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
