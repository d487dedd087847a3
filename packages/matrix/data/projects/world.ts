/** World ID 4.0: proofs of being a unique person, with registries on a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows, audited } = readRepository({
  repository: 'github:worldcoin/world-id-protocol',
  commit: 'bc22329fc2fe20860d81c8954d9feb39d49eb676',
  committed: '2026-08-19',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const world: Project = {
  version: 1,
  id: 'world',
  name: 'World (World ID 4.0)',
  about: 'Proofs of being a unique person, with registries on a ledger.',
  repositories: ['github:worldcoin/world-id-protocol'],
  homepage: 'https://world.org',
  kind: 'project',
  state: {
    is: 'in use',
    quote:
      'The World Foundation maintains a set of reference services (indexer & gateway) for interacting with the World ID Protocol.',
    source: 'github:worldcoin/world-id-protocol README.md',
  },
  sources: [source],
  claims: [
    {
      id: 'anonymous',
      quote:
        'World ID allows individuals to prove things about themselves — like they are a real and unique human, not a bot — without revealing any personal information.',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
      mechanism: 'zero-knowledge membership proof, nullifiers by a threshold of servers',
      parts: ['circuits', 'registry'],
      trust: [
        'the maker of the device',
        'the threshold of servers that make nullifiers',
        'the owner of the contracts',
      ],
      scope: { in: ['proofs about a credential'], out: ['what the device captures'] },
      withoutLedger: 'A published list of members would do for the proof.',
      findings: findings({
        readme: ['p1.kept'],
        circuits: ['p2.unreadable', 'p2.default'],
        hygiene: ['s1.tests', 's1.disclosure'],
        circuitaudit: ['s2.audited'],
        registryaudit: ['s2.audited'],
      }),
    },
    {
      id: 'direct-use',
      quote:
        'Use of these services is not required to work with World ID. You may choose to do direct on-chain interactions, host your own services or use third-party services as you see fit.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'registry and verifier as contracts',
      trust: ['the owner of the contracts, who may upgrade them'],
      scope: { in: ['registration and verification'], out: [] },
      withoutLedger: 'A server would say who is registered.',
      findings: findings(
        {
          readme: ['v1.documented', 'd1.operators'],
          contracts: ['v1.inspectable', 'v2.detectable', 'coupling'],
        },
        { upgrade: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    documents('readme', 'README.md', 'Components, deployments and services are described.'),
    shows('circuits', 'circom', 'The circuits are public: a proof reveals membership and a nullifier.'),
    shows(
      'contracts',
      'contracts/src/core',
      'Registry and verifier are public contracts, with deployments listed.',
    ),
    shows(
      'upgrade',
      'contracts/src/core/abstract/WorldIDBase.sol',
      'Upgrades are authorised by the owner alone; the contract sets no delay.',
      { downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }] },
    ),
    shows('hygiene', 'SECURITY.md', 'Workflows run tests on changes; a security policy says how to report.'),
    audited(
      'circuitaudit',
      'audits/2026-01-26-circuits-least-authority.pdf',
      'Least Authority audited the circuits in January 2026, for their maker and in the repository from which they were copied: six issues, among them a missing constraint.',
      '2026-01-26',
      {
        by: 'Least Authority',
        version: 'TaceoLabs circuits at 2d5ff358, fixes checked at a10f5b71',
        in: [
          {
            part: 'circuits',
            quote:
              'we performed research, investigation, and review of TACEO’s OPRF circom circuits and the changes since the previous audit',
          },
        ],
        out: [
          {
            part: 'dependencies',
            quote:
              'any dependency and third-party code, unless specifically mentioned as in scope, were considered out of scope for this review',
          },
        ],
      },
    ),
    audited(
      'registryaudit',
      'audits/2026-06-26-contracts-registry-verifier-v2-nethermind.pdf',
      'Nethermind reviewed registry and verifier V2: three findings, none above low.',
      '2026-06-26',
      {
        by: 'Nethermind',
        version: 'WorldIDRegistryV2Unreleased, WorldIDVerifierV2',
        in: [
          {
            part: 'registry',
            quote:
              'a security review conducted by Nethermind Security for the World ID Registry and Verifier V2 contracts',
          },
        ],
        out: [],
      },
    ),
  ],
  incidents: [
    {
      date: '2024-03',
      what: 'A data protection authority ordered operations in one country to stop.',
      source: 'catalannews.com',
    },
    {
      date: '2024-12-19',
      what: 'A data protection authority ordered a procedure of deletion and explicit consent; under appeal when read.',
      source: 'security.nl',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
