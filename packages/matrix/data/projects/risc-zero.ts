/** RISC Zero: zero-knowledge virtual machine for RISC-V programs, and its contracts for Ethereum. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const machine = readRepository({
  repository: 'github:risc0/risc0',
  commit: '3bbcd44d6459b9ef6ac0df3846dc9215514934e8',
  committed: '2026-07-20',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const ethereum = readRepository({
  repository: 'github:risc0/risc0-ethereum',
  commit: '6329676ed58ab48b4d998011c9dcd5bc658bb619',
  committed: '2026-01-28',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const security = readRepository({
  repository: 'github:risc0/rz-security',
  commit: '2eb865f9b37bca0d6be3f15de768b630f797c66f',
  committed: '2025-09-09',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const riscZero: Project = {
  version: 1,
  id: 'risc-zero',
  name: 'RISC Zero',
  about: 'Zero-knowledge virtual machine for RISC-V programs, and contracts that verify its proofs.',
  repositories: ['github:risc0/risc0', 'github:risc0/risc0-ethereum', 'github:risc0/rz-security'],
  homepage: 'https://risczero.com',
  kind: 'project',
  state: { is: 'in use', source: 'github:risc0/risc0 README.md' },
  sources: [machine.source, ethereum.source, security.source],
  claims: [
    {
      id: 'proof-of-execution',
      quote:
        'it is cryptographically infeasible to generate a valid receipt unless the output of the journal is the exactly correct output for some valid execution of the method whose image ID matches the receipt',
      ...machine.quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'zero-knowledge proof (STARK)',
      trust: ['98 bits of conjectured security', 'the circuits'],
      parts: ['circuits', 'verifier'],
      scope: {
        in: ['programs compiled to RISC-V'],
        out: ['what the program computes: only that it was run'],
      },
      withoutLedger: 'Nothing: receipts verify all the same.',
      findings: findings({
        readme: ['v1.documented', 'v1.inspectable'],
        verifier: ['v2.detectable'],
        hygiene: ['s1.tests', 's1.disclosure'],
        audit: ['s2.audited'],
      }),
    },
    {
      id: 'on-ledger',
      quote:
        "RISC Zero's Ethereum contracts, including the on-chain verifier for all RISC Zero Groth16 proofs, can be found in the contracts directory.",
      ...ethereum.quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'proof wrapped in Groth16, verified by a contract',
      trust: [
        'the circuits and the contract',
        'the set-up of the Groth16 wrapper',
        'who manages the router and may stop a verifier in an emergency',
      ],
      parts: ['circuits', 'verifier', 'verifier-contract'],
      scope: { in: ['a contract that acts on an output only with a proof'], out: [] },
      withoutLedger: 'Lost is a contract that acts on an output only with a proof.',
      heldIn: ['github:risc0/risc0'],
      findings: findings({
        readme: ['v1.documented', 'v1.inspectable'],
        contract: ['v2.detectable', 'coupling'],
        hygiene: ['s1.tests', 's1.disclosure'],
        log: ['s2.audited'],
      }),
    },
    {
      id: 'recursion',
      quote: 'This code implements a three-layer recursive proof system',
      ...machine.quoted('README.md'),
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
    machine.documents(
      'readme',
      'README.md',
      'Protocol, receipts, level of security and assumptions are described; the source is public under Apache-2.0 and MIT.',
    ),
    machine.shows(
      'verifier',
      'risc0/zkvm',
      'The verifier is a public crate: a party with receipt and image ID can check.',
    ),
    machine.shows(
      'hygiene',
      'SECURITY.md',
      '51 source files on test paths, 7 workflows, a security policy with a bug bounty.',
    ),
    ethereum.shows(
      'contract',
      'contracts/src/groth16/RiscZeroGroth16Verifier.sol',
      'The contract that verifies Groth16 proofs is public, with a router and an emergency stop in front of it.',
    ),
    security.audited(
      'audit',
      'audits/zkVM/veridise_zkVM_20250224.pdf',
      'Veridise reviewed circuits, prover and verification of receipts over 96 weeks of work: 41 issues, all critical and high ones fixed by its account. Contracts are not among the directories in scope.',
      '2025-02-24',
      {
        by: 'Veridise',
        version: 'risc0 at a6159d9 and 35c65de',
        in: [
          {
            part: 'circuits',
            quote: 'specifically the V2 circuits along with parts of the Risc Zero prover and verifier',
          },
          { part: 'verifier', quote: 'receipt verification within the zkVM' },
        ],
        out: [{ part: 'verifier-contract', quote: 'the scope was limited to the following directories' }],
      },
    ),
    {
      id: 'log',
      grade: 1,
      kind: 'audit',
      source: 'github:risc0/rz-security audits/README.md',
      pin: { commit: '2eb865f9b37bca0d6be3f15de768b630f797c66f' },
      fact: 'The log of 2025-09-09 lists 18 audits by Hexens, Veridise and zkSecurity, one of them of the verifier contract in 2024. That report is not in the copy that could be had, so it was not read.',
      published: '2025-09-09',
      retrieved: '2026-11-30',
      interest: 'self',
      downgrades: [],
      audit: { by: 'Hexens and others', read: false, version: 'not known', in: [], out: [] },
    },
  ],
  incidents: [
    {
      date: '2025',
      what: 'Critical soundness weaknesses of the rv32im circuit were found by audits and fuzzing, and fixed.',
      source: 'veridise.com; CHANGELOG.md',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
