/** RISC Zero: Zero-knowledge virtual machine for RISC-V programs. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { quoted, documents, shows } = readRepository({
  repository: 'github:risc0/risc0',
  commit: '3bbcd44d6459b9ef6ac0df3846dc9215514934e8',
  committed: '2026-07-20',
  read: '2026-11-27',
});

export const riscZero: Project = {
  version: 1,
  id: 'risc-zero',
  name: 'RISC Zero',
  about: 'Zero-knowledge virtual machine for RISC-V programs.',
  repositories: ['github:risc0/risc0'],
  homepage: 'https://risczero.com',
  kind: 'project',
  claims: [
    {
      id: 'proof-of-execution',
      quote:
        'it is cryptographically infeasible to generate a valid receipt unless the output of the journal is the exactly correct output for some valid execution of the method whose image ID matches the receipt',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'zero-knowledge proof (STARK; Groth16 on a ledger)',
      trust: [
        '98 bits of conjectured security',
        'the circuits',
        'the set-up of the Groth16 wrapper, on a ledger',
      ],
      scope: {
        in: ['programs compiled to RISC-V on whose output a contract acts'],
        out: ['what the program computes: only that it was run'],
      },
      withoutLedger:
        'Receipts verify all the same; lost is a contract that acts on an output only with a proof.',
      findings: findings({
        readme: ['v1.documented', 'v1.inspectable'],
        verifier: ['v2.detectable', 'coupling'],
        hygiene: ['s1.tests', 's1.disclosure'],
        audits: ['s2.audited'],
      }),
    },
    {
      id: 'recursion',
      quote: 'This code implements a three-layer recursive proof system',
      ...quoted('README.md'),
      cell: 'verifiability-scalability',
      ledger: false,
      mechanism: 'recursive aggregation of proofs',
      trust: ['as for a single proof'],
      scope: { in: ['many segments in one proof'], out: [] },
      withoutLedger: 'Nothing: aggregated proofs verify all the same.',
      findings: findings({ readme: ['v1.documented', 'v1.inspectable'], verifier: ['v2.detectable'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Protocol, receipts, level of security and assumptions are described; the source is public under Apache-2.0 and MIT.',
    ),
    shows(
      'verifier',
      'risc0/zkvm',
      'The verifier is a public crate: anybody with receipt and image ID can check; the contract that verifies on a ledger is public, too.',
    ),
    shows(
      'hygiene',
      'SECURITY.md',
      '51 source files on test paths, 7 workflows, a security policy with a bug bounty.',
    ),
    {
      id: 'audits',
      grade: 3,
      kind: 'audit',
      source: 'github:risc0/rz-security audits/README.md',
      pin: { commit: '1ca5af94a351d137722e30c15952ebd625d40360' },
      fact: 'A log of eight audits by Hexens and Veridise from 2023 to 2025: virtual machine, circuits, verifier contracts.',
      published: '2025-02-24',
      retrieved: '2026-11-27',
      interest: 'independent',
      downgrades: [{ reason: 'indirect', because: 'the log of the project was read, not the reports' }],
    },
  ],
  incidents: [
    {
      date: '2025',
      what: 'Critical soundness weaknesses of the rv32im circuit were found by audits and fuzzing, and fixed.',
      source: 'veridise.com; CHANGELOG.md',
    },
  ],
  review: { reviewers: 1 },
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
