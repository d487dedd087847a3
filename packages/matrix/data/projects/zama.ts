/**
 * Zama (FHEVM): Confidential contracts by fully homomorphic encryption with a threshold key
 * service.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:zama-ai/fhevm',
  commit: 'ab51d79e14cc7401c4c46995e3e68ecb0bdd1b4a',
  committed: '2026-08-21',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const zama: Project = {
  version: 1,
  id: 'zama',
  name: 'Zama (FHEVM)',
  about: 'Confidential contracts by fully homomorphic encryption with a threshold key service.',
  repositories: ['github:zama-ai/fhevm'],
  homepage: 'https://zama.org',
  kind: 'project',
  state: { is: 'not stated', source: 'github:zama-ai/fhevm README.md' },
  sources: [source],
  claims: [
    {
      id: 'encrypted-state',
      quote:
        'It enables confidential smart contracts on EVM-compatible blockchains by leveraging Fully Homomorphic Encryption (FHE), allowing encrypted data to be processed directly onchain.',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: true,
      mechanism: 'fully homomorphic encryption, threshold decryption',
      trust: ['9 of 13 key holders', 'AWS Nitro, in which each runs by default'],
      scope: { in: ['state of contracts'], out: [] },
      withoutLedger:
        'Access rules and requests for decryption are contracts; without a ledger the key holders would have to be told by somebody what they may decrypt.',
      findings: findings({
        kms: ['p1.kept'],
        code: ['p2.unreadable', 'p2.default', 'coupling'],
        hygiene: ['s1.tests', 's1.disclosure'],
      }),
    },
    {
      id: 'threshold-keys',
      quote:
        'The private FHE key is never directly accessible by a single party; instead, it is secret-shared among the MPC nodes.',
      ...quoted('docs/protocol/architecture/kms.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'threshold decryption by 13 operators',
      trust: [
        '9 of 13 key holders',
        'the operators of the coprocessors for correctness, whose threshold is an operational rule',
      ],
      scope: { in: ['decryption'], out: [] },
      withoutLedger: 'As above.',
      findings: findings(
        { kms: ['p1.kept', 'd1.operators'], code: ['p2.unreadable', 'p2.default'] },
        { owner: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'scalable-processing',
      quote:
        'All FHE operations are executed symbolically on the host chain, significantly reducing execution time. The actual computations on encrypted data are offloaded asynchronously to our coprocessor, allowing for faster, efficient, and scalable processing.',
      ...quoted('README.md'),
      cell: 'privacy-scalability',
      ledger: true,
      mechanism: 'coprocessors off the ledger',
      trust: ['a majority of coprocessors'],
      scope: { in: ['computation on encrypted data'], out: [] },
      withoutLedger: 'As above.',
      findings: findings({
        kms: ['p1.kept', 'c1.tens'],
        code: ['p2.unreadable', 'p2.default', 'coupling'],
      }),
    },
    {
      id: 'verified-on-ledger',
      quote:
        'All decryption operation outputs are signed by each node and the output can be verified on-chain for full auditability.',
      ...quoted('docs/protocol/architecture/kms.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'signatures of a threshold of operators, counted by a contract',
      trust: ['9 of 13 key holders', 'the owner of the contracts'],
      scope: { in: ['outputs of decryption'], out: ['the computation on ciphertexts'] },
      withoutLedger:
        'Signatures could be checked by their holders; no other party would know which requests were served.',
      findings: findings(
        {
          kms: ['v1.documented', 'd1.operators'],
          code: ['v1.inspectable', 'v2.detectable', 'coupling'],
        },
        { owner: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    documents(
      'kms',
      'docs/protocol/architecture/kms.md',
      'The key service is described: 13 operators, secret-shared key, at most one third malicious, Nitro enclaves.',
    ),
    shows(
      'code',
      'gateway-contracts',
      'The contracts and services are public: decryption needs the signatures of a threshold of operators.',
    ),
    shows(
      'owner',
      'gateway-contracts/contracts',
      'Upgrades of the contracts and changes of thresholds are reserved to the owner; the contracts themselves set no delay.',
      { downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }] },
    ),
    shows(
      'majority',
      'docs/protocol/architecture/coprocessor.md',
      'For coprocessors a strict majority is an operational requirement: the gateway enforces only that the threshold is between 1 and the number of coprocessors.',
    ),
    shows('hygiene', 'SECURITY.md', '700 source files on test paths, 64 workflows, a security policy.'),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
