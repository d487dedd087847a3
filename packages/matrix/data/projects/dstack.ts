/** dstack (Phala): Confidential virtual machines for containers, with keys released by policy. */
import type { Project } from '../../src/evaluation/records.ts';
import { memoryBus } from '../shared.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows, audited } = readRepository({
  repository: 'github:Dstack-TEE/dstack',
  commit: '312dc605ebaaf93372534ffb135ea011533d28e9',
  committed: '2026-08-07',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const dstack: Project = {
  version: 1,
  id: 'dstack',
  name: 'dstack (Phala)',
  about: 'Confidential virtual machines for containers, with keys released by policy.',
  repositories: ['github:Dstack-TEE/dstack'],
  homepage: 'https://phala.com',
  kind: 'project',
  state: { is: 'not stated', source: 'github:Dstack-TEE/dstack README.md' },
  sources: [source],
  claims: [
    {
      id: 'private-by-hardware',
      quote: 'Data encrypted in memory, inaccessible even to the host.',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
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
      parts: ['guest', 'image'],
      withoutLedger:
        'Key release and the list of allowed images may be a contract or a server of one’s own; the isolation is the hardware’s.',
      findings: findings(
        {
          model: ['p1.kept', 'p2.unreadable'],
          code: ['p2.unreadable', 'p2.default'],
          hygiene: ['s1.tests', 's1.disclosure'],
          audit: ['s2.audited'],
        },
        { memorybus: ['p2.unreadable'] },
      ),
    },
    {
      id: 'physical-access',
      quote:
        "The hypervisor can't read it, the host OS can't read it, even physical access to the DIMM won't help.",
      ...quoted('docs/confidential-ai.md'),
      cell: 'privacy-security',
      ledger: false,
      mechanism: 'memory encryption of Intel TDX',
      parts: ['guest', 'image'],
      trust: ['Intel', 'that nobody with access to the machine listens on its memory bus'],
      scope: { in: ['memory of a confidential VM'], out: [] },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings(
        {
          model: ['p1.kept'],
          code: ['p2.unreadable', 'p2.default'],
          hygiene: ['s1.tests', 's1.disclosure'],
          audit: ['s2.audited'],
        },
        { memorybus: ['p2.unreadable'], teefail: ['p2.unreadable'] },
      ),
    },
    {
      id: 'reproducible',
      quote: 'Deterministic builds mean anyone can verify the OS image hash.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'attestation, reproducible image',
      trust: ['Intel and NVIDIA', 'that the relying party checks the TCB status'],
      scope: {
        in: ['what runs in the VM'],
        out: ['whether the platform is up to date: the status is reported, not enforced'],
      },
      parts: ['guest', 'image'],
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
      parts: ['key-service', 'contracts'],
      scope: { in: ['which code gets keys'], out: [] },
      withoutLedger: 'Without the ledger the operator of the key server decides alone which code gets keys.',
      findings: findings(
        {
          model: ['p1.kept', 'p2.unreadable'],
          code: ['p2.unreadable', 'p2.default'],
          governance: ['coupling'],
          hygiene: ['s1.tests', 's1.disclosure'],
        },
        { memorybus: ['p2.unreadable'] },
      ),
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
    audited(
      'audit',
      'docs/security/dstack-audit.pdf',
      'zkSecurity reviewed the libraries and services of the guest and the image of the operating system. It names the key service as unreviewed; contracts are not among the targets.',
      '2025-05-26',
      {
        by: 'zkSecurity',
        version: 'dstack at be9d0476, meta-dstack at 5b63aec3',
        in: [
          { part: 'guest', quote: 'guest-agent , a service that runs in a confidential VM (CVM)' },
          {
            part: 'image',
            quote: 'The second part of the scope focused on image-related files for the dstack OS',
          },
        ],
        out: [
          {
            part: 'key-service',
            quote:
              'several related areas remain unreviewed. We recommend conducting additional audits on the following components: dstack-kms and related flows.',
          },
          {
            part: 'quote-library',
            quote:
              'dcap-qvl. Phala Network rewrote the reference C++ implementation in Rust, which was outside the scope of this review.',
          },
          {
            part: 'contracts',
            quote:
              'The audit focused on parts of two public codebases: dstack at commit be9d0476 , and meta-dstack',
          },
        ],
      },
    ),
    memoryBus('another technology of the same maker: SGX, not TDX'),
    {
      id: 'teefail',
      grade: 1,
      kind: 'press',
      source: 'safeheron.com/blog/recent-advances-and-technical-analysis-in-tee-security',
      pin: { date: '2026-11-30' },
      quote:
        'According to the researchers, the TEE.fail method applies to platforms including Intel SGX, Intel TDX, AMD SEV-SNP, and NVIDIA TEE.',
      fact: 'An article by a maker of competing key management tells of TEE.fail: keys of attestation read from the memory bus with physical access.',
      retrieved: '2026-11-30',
      interest: 'competitor',
      downgrades: [
        { reason: 'interest', because: 'the author sells key management without trusted hardware' },
      ],
    },
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
      interest: 'competitor',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
