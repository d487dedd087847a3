/** Ritual (Infernet SDK): Contracts that subscribe to computation off the ledger and pay for it. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows, audited } = readRepository({
  repository: 'github:ritual-net/infernet-sdk',
  commit: 'b183dc3d757c6f9a4efa65f0fb6564153ede1361',
  committed: '2024-10-28',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const ritualInfernet: Project = {
  version: 1,
  id: 'ritual-infernet',
  name: 'Ritual Infernet SDK (earlier product)',
  about: 'Contracts that subscribe to computation off the ledger and pay for it.',
  repositories: ['github:ritual-net/infernet-sdk'],
  homepage: 'https://ritual.net',
  kind: 'project',
  state: { is: 'not stated', source: 'github:ritual-net/infernet-sdk README.md' },
  sources: [source],
  claims: [
    {
      id: 'offchain-compute',
      quote:
        'The Infernet SDK is a set of smart contracts from Ritual that enable on-chain smart contracts to subscribe to off-chain compute workloads.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'optional verifier contract',
      trust: ['the node that computes, wherever no verifier is set'],
      scope: {
        in: ['subscriptions with a verifier'],
        out: ['subscriptions without a verifier: they are paid at once'],
      },
      parts: ['sdk-contracts'],
      withoutLedger: 'Without a ledger there is no contract to serve.',
      findings: findings({
        readme: ['v1.documented'],
        code: ['v1.inspectable', 'v2.detectable', 'coupling'],
        audits: ['s2.audited'],
        tests: ['s1.tests'],
      }),
    },
  ],
  evidence: [
    documents('readme', 'README.md', 'The contracts and how to use them are described.'),
    shows(
      'code',
      'src/Coordinator.sol',
      'A subscription may name a verifier contract; with address(0), the default, payment is made at once without a proof.',
      {
        quote:
          'If `address(0)`, we assume that no proof contract is necessary, and disperse supplied payment immediately',
      },
    ),
    audited(
      'audits',
      'audits/v1.1.0/trail-of-bits.pdf',
      'Trail of Bits reviewed the contracts of the SDK in June 2024 and found that they place a high degree of trust in the honesty of operators of nodes.',
      '2024-06-17',
      {
        by: 'Trail of Bits',
        version: 'infernet-sdk at 8e6cd6f5',
        in: [{ part: 'sdk-contracts', quote: 'review the security of its Infernet SDK smart contracts' }],
        out: [],
      },
    ),
    shows('tests', '.github', '28 source files on test paths, a workflow that runs them.'),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
