/** Secret Network: Contracts whose state is encrypted for enclaves of validators. */
import type { Project } from '../../src/evaluation/records.ts';
import { memoryBus } from '../shared.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:scrtlabs/SecretNetwork',
  commit: '9f08b0e503cb439708b34399df9349864d0a62ce',
  committed: '2026-06-08',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const secret: Project = {
  version: 1,
  id: 'secret',
  name: 'Secret Network',
  about: 'Contracts whose state is encrypted for enclaves of validators.',
  repositories: ['github:scrtlabs/SecretNetwork'],
  homepage: 'https://scrt.network',
  kind: 'project',
  state: {
    is: 'in use',
    quote:
      'Secret Network was the first protocol to provide private smart contracts on mainnet, live since September 2020.',
    source: 'github:scrtlabs/SecretNetwork README.md',
  },
  sources: [source],
  claims: [
    {
      id: 'private-by-default',
      quote: 'Secret Network offers scalable permissionless smart contracts with a private by default design',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: true,
      mechanism: 'trusted execution environment (Intel SGX), keys derived from one consensus seed',
      trust: ['Intel', 'physical custody of every validator’s machine'],
      scope: { in: ['inputs and state of contracts'], out: [] },
      withoutLedger: 'The ledger orders and stores the encrypted state; without it one operator would.',
      findings: findings(
        { readme: ['p1.kept', 'd1.operators'], code: ['p2.unreadable', 'p2.default', 'coupling'] },
        { sgxfail: ['p3.blast'], memorybus: ['p2.unreadable'] },
      ),
    },
    {
      id: 'scalable',
      quote: 'Secret Network offers scalable permissionless smart contracts',
      ...quoted('README.md'),
      cell: 'privacy-scalability',
      ledger: true,
      mechanism: 'as above',
      trust: ['Intel'],
      scope: { in: ['contracts on the network'], out: [] },
      withoutLedger: 'As above.',
      findings: findings(
        { readme: ['p1.kept'], code: ['p2.unreadable', 'p2.default', 'coupling'] },
        { sgxfail: ['p3.blast'], memorybus: ['p2.unreadable'] },
      ),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Mechanism and set-up are described; the network has been live since September 2020.',
    ),
    shows(
      'code',
      'cosmwasm/enclaves',
      'The code of the enclave is public: inputs are decrypted inside only; every contract is private unless it says otherwise.',
    ),
    memoryBus('shown on machines of its own, not on those of this network'),
    shows('hygiene', 'SECURITY.md', '64 source files on test paths, 5 workflows, a security policy.'),
    {
      id: 'sgxfail',
      grade: 3,
      kind: 'paper',
      source: 'sgx.fail',
      pin: { date: '2026-08-22' },
      quote: 'could be used to extract the consensus seed, a master decryption key',
      fact: 'xAPIC and MMIO weaknesses could be used to extract the consensus seed, a master key of the network; past transactions were at risk.',
      published: '2022-11-29',
      retrieved: '2026-08-22',
      interest: 'independent',
      downgrades: [],
    },
  ],
  incidents: [
    {
      date: '2022-10-03',
      what: 'Researchers extracted the master seed of the network; registration was frozen and the weakness fixed.',
      source: 'sgx.fail; scrt.network',
    },
    {
      date: '2025-09-30',
      what: 'WireTap forged an enclave of the test network and read confidential data; a release mitigates it.',
      source: 'scrt.network',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
