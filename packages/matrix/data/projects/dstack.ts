/** dstack (Phala): Confidential virtual machines for containers, with keys released by policy. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { quoted, documents, shows } = readRepository({
  repository: 'github:Dstack-TEE/dstack',
  commit: '312dc605ebaaf93372534ffb135ea011533d28e9',
  committed: '2026-08-07',
  read: '2026-11-27',
});

export const dstack: Project = {
  version: 1,
  id: 'dstack',
  name: 'dstack (Phala)',
  about: 'Confidential virtual machines for containers, with keys released by policy.',
  repositories: ['github:Dstack-TEE/dstack'],
  homepage: 'https://phala.com',
  kind: 'project',
  claims: [
    {
      id: 'private-by-hardware',
      quote: 'Data encrypted in memory, inaccessible even to the host.',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
      level: 2,
      levelFrom: 'inaccessible even to the host',
      mechanism: 'trusted execution environment (Intel TDX, NVIDIA confidential computing)',
      trust: [
        'Intel and NVIDIA',
        'physical custody of the machine',
        'whoever may change the policy of key release',
      ],
      scope: {
        in: ['containers in a confidential VM'],
        out: ['side channels, rollback of storage, denial of service (its own list)'],
      },
      withoutLedger:
        'Key release and the list of allowed images may be a contract or a server of one’s own; the isolation is the hardware’s.',
      findings: findings({
        model: ['p1.kept', 'p2.unreadable'],
        code: ['p2.unreadable', 'p2.default'],
        hygiene: ['s1.tests', 's1.disclosure'],
        audit: ['s2.audited'],
      }),
    },
    {
      id: 'reproducible',
      quote: 'Deterministic builds mean anyone can verify the OS image hash.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      level: 3,
      levelFrom: 'anyone can verify the OS image hash',
      mechanism: 'attestation, reproducible image',
      trust: ['Intel and NVIDIA', 'that the relying party checks the TCB status'],
      scope: {
        in: ['what runs in the VM'],
        out: ['whether the platform is up to date: the status is reported, not enforced'],
      },
      withoutLedger: 'The governance contract lists allowed images; without it the verifier keeps the list.',
      findings: findings({
        model: ['v1.documented', 'v1.inspectable'],
        code: ['v2.detectable'],
        hygiene: ['s1.tests', 's1.disclosure'],
        audit: ['s2.audited'],
      }),
    },
    {
      id: 'onchain-governance',
      quote:
        'Smart contract-based authorization: App registration and whitelisting managed by smart contracts',
      ...quoted('docs/onchain-governance.md'),
      cell: 'privacy-security',
      ledger: true,
      mechanism: 'key release by contract',
      trust: ['the owner of the contract'],
      scope: { in: ['which code gets keys'], out: [] },
      withoutLedger: 'Without the ledger the operator of the key server decides alone which code gets keys.',
      findings: findings({
        model: ['p1.kept', 'p2.unreadable'],
        code: ['p2.unreadable', 'p2.default'],
        governance: ['coupling'],
        hygiene: ['s1.tests', 's1.disclosure'],
        audit: ['s2.audited'],
      }),
    },
    {
      id: 'confidential-gpus',
      quote: 'Native support for NVIDIA Confidential Computing (H100, Blackwell).',
      ...quoted('README.md'),
      cell: 'performance-security',
      ledger: false,
      mechanism: 'trusted execution environment of the GPU',
      trust: ['NVIDIA'],
      scope: { in: ['inference of language models on H100'], out: [] },
      withoutLedger: 'Nothing: the speed is the hardware’s.',
      findings: findings({
        overhead: ['f1.figures', 'f2.overhead', 'f3.reproduced'],
        hygiene: ['s1.tests', 's1.disclosure'],
        audit: ['s2.audited'],
      }),
    },
  ],
  evidence: [
    documents(
      'model',
      'docs/security/security-model.md',
      'Trust boundaries, guarantees, what dstack cannot protect and how to verify are described.',
    ),
    shows(
      'code',
      'dstack',
      'The source of key service, guest agent and verifier is public; memory and disk are encrypted by default.',
    ),
    shows(
      'governance',
      'docs/onchain-governance.md',
      'Contracts for authorisation (DstackKms, DstackApp) are public, with a guide to deploy them.',
    ),
    shows('hygiene', 'SECURITY.md', '51 source files on test paths, 18 workflows, a security policy.'),
    shows('audit', 'docs/security/dstack-audit.pdf', 'An audit report is in the repository.'),
    shows(
      'tcb',
      'docs/security/security-model.md',
      'The verifier reports the TCB status and does not reject by it, except revoked platforms; the document says so and why.',
    ),
    {
      id: 'overhead',
      grade: 3,
      kind: 'paper',
      source: 'arXiv:2509.18886',
      pin: { version: 'v1' },
      fact: 'Chrapek et al.: 4 to 8 % less throughput on H100 in confidential mode, less with larger batches and inputs.',
      published: '2025-09-23',
      retrieved: '2026-11-27',
      interest: 'independent',
      downgrades: [],
    },
  ],
  incidents: [
    {
      date: '2025-09-30',
      what: 'WireTap: an SGX attestation key was extracted with physical access; demonstrated on several networks.',
      source: 'scworld.com',
    },
    {
      date: '2025-10',
      what: 'TEE.fail extended the attack to TDX, SEV-SNP and NVIDIA confidential computing under physical access.',
      source: 'safeheron.com',
    },
  ],
  review: { reviewers: 1 },
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
