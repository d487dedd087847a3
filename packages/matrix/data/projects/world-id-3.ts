/**
 * World (World ID 3.0): Proof of being a unique person by iris codes and zero-knowledge membership
 * proofs.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows, audited } = readRepository({
  repository: 'github:worldcoin/world-id-contracts',
  commit: 'f959f725c3ee2dec1ed24944d5b9593b68c7b8a4',
  committed: '2026-03-26',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const worldId3: Project = {
  version: 1,
  id: 'world-id-3',
  name: 'World ID 3.0 (earlier product)',
  about: 'Proof of being a unique person by iris codes and zero-knowledge membership proofs.',
  repositories: ['github:worldcoin/world-id-contracts'],
  homepage: 'https://world.org',
  kind: 'project',
  state: {
    is: 'sunsetting',
    quote: 'World ID 3.0 is entering a **sunsetting phase**.',
    source: 'github:worldcoin/world-id-contracts README.md',
  },
  sources: [source],
  claims: [
    {
      id: 'anonymous-uniqueness',
      quote:
        'World ID is a protocol that lets you prove a human is doing an action only once without revealing any personal data',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
      mechanism: 'zero-knowledge membership proof (Semaphore)',
      trust: ['the maker of the device', 'the operator of identities', 'the owner of the contracts'],
      scope: { in: ['membership of a set'], out: ['what the device captures'] },
      withoutLedger:
        'Anybody can check membership against a root that everybody sees; without the ledger the operator would say what the set is.',
      findings: findings({
        readme: ['p1.kept'],
        contracts: ['p2.unreadable', 'p2.default'],
        tests: ['s1.tests'],
      }),
    },
    {
      id: 'verified-on-ledger',
      quote:
        'These contracts are responsible for performing identity operations on chain, and attestation of identities for the purposes of semaphore proofs.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'zero-knowledge proof verified by contract',
      trust: ['the owner of the contracts, a multi-signature wallet by its README'],
      scope: { in: ['membership and insertion of identities'], out: [] },
      withoutLedger: 'As above.',
      findings: findings(
        {
          readme: ['v1.documented', 'd1.operators'],
          contracts: ['v1.inspectable', 'v2.detectable', 'coupling'],
        },
        { owner: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    documents('readme', 'README.md', 'Protocol, privileged roles and who holds them are described.'),
    shows(
      'contracts',
      'src',
      'Contracts and verifier are public: insertion and membership are checked by proofs, no personal data are on the ledger.',
    ),
    shows(
      'owner',
      'README.md',
      'The owner may upgrade the contracts and swap the tables of verifiers; the README explains why there is no delay.',
      {
        quote:
          'To this end, timelocks would cause problems due to delays that could risk desynchronisation between the contract and external services.',
        downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }],
      },
    ),
    shows('tests', '.github', '35 source files on test paths, 4 workflows.'),
    audited(
      'audit',
      'audits/NM_0411_0446_Worldcoin_Identity_Manager_v3_FINAL.pdf',
      'Nethermind reviewed 138 lines: the update of the identity manager and of the bridge to compressed proofs.',
      '2025-02-06',
      {
        by: 'Nethermind',
        version: 'WorldIDIdentityManagerImplV3',
        in: [
          {
            part: 'compressed-proofs',
            quote:
              'The audit focuses on the updates made to the WorldID Identity Manager Implementation contract',
          },
        ],
        out: [
          {
            part: 'circuits',
            quote: 'The audited code comprises of 138 lines of code written in the Solidity language',
          },
        ],
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
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
