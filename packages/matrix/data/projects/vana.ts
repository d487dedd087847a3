/** Vana: pools of data that their owners govern, with validation in trusted hardware. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows, audited } = readRepository({
  repository: 'github:vana-com/vana-smart-contracts',
  commit: 'ea6a85c7bbcc42070931993067bae1339ead7012',
  committed: '2026-04-10',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const vana: Project = {
  version: 1,
  id: 'vana',
  name: 'Vana',
  about: 'Pools of data that their owners govern, with validation in trusted hardware.',
  repositories: ['github:vana-com/vana-smart-contracts'],
  homepage: 'https://vana.org',
  kind: 'project',
  state: { is: 'in use', source: 'github:vana-com/vana-smart-contracts README.md' },
  sources: [source],
  claims: [
    {
      id: 'control-over-data',
      quote:
        'By combining blockchain coordination, privacy-preserving technologies, and tokenized economic incentives, Vana enables users to maintain full control over their data while contributing to collective data assets that power AI and other applications.',
      ...quoted('README.md'),
      cell: 'privacy-security',
      ledger: true,
      mechanism: 'encrypted files, permissions in contracts, validation in trusted hardware',
      trust: [
        'the makers of the hardware',
        'the administrator of the contracts, who may upgrade them',
        'the party that computes on data once access is granted',
      ],
      parts: ['data-registry', 'tee-pool', 'query-engine', 'compute-engine'],
      scope: {
        in: ['registration, permission and access'],
        out: ['the code that runs in the hardware, which other repositories hold'],
      },
      withoutLedger: 'A server would keep permissions and payments.',
      findings: findings({
        readme: ['p1.kept'],
        contracts: ['coupling'],
        core: ['s2.audited'],
        access: ['s2.audited'],
      }),
    },
    {
      id: 'permissionless-pools',
      quote:
        'This creates a permissionless system where anyone can create a DataDAO around any data source without requiring approval from original platforms',
      ...quoted('README.md'),
      cell: 'privacy-decentralisation',
      ledger: false,
      mechanism: 'pools as contracts from templates',
      trust: ['the creator of a pool', 'the administrator of the core contracts'],
      scope: { in: ['creating a pool'], out: ['core contracts, which the team maintains by its README'] },
      withoutLedger: 'A company would admit pools.',
      findings: findings({ readme: ['p1.kept', 'd1.operators'] }, { upgrade: ['d2.unstoppable'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Registry, pools, validation in trusted hardware and rewards are described.',
    ),
    shows(
      'contracts',
      'contracts/data',
      'The contracts are public, with tests; the workflows of the repository release and do not run them.',
    ),
    shows(
      'upgrade',
      'contracts/data/dataRegistry/DataRegistryImplementation.sol',
      'Upgrades are authorised by the administrator’s role alone; the contract sets no delay.',
      {
        downgrades: [{ reason: 'indirect', because: 'who holds the role is not in the source' }],
      },
    ),
    audited(
      'core',
      'audits/NM0383-FINAL_VANA.pdf',
      'Nethermind reviewed root, pools, registry and pool of trusted machines in January 2025: findings of high severity, among them that anyone could take the rewards of contributors.',
      '2025-01-17',
      {
        by: 'Nethermind',
        version: 'NM-0383, files of its section 2',
        in: [
          { part: 'data-registry', quote: 'contracts/dataRegistry/DataRegistryImplementation.sol' },
          { part: 'tee-pool', quote: 'contracts/teePool/TeePoolImplementation.sol' },
        ],
        out: [],
      },
    ),
    audited(
      'access',
      'audits/NM0451-0503-FINAL_VANA_DATA_ACCESS.pdf',
      'Nethermind reviewed refinement, query engine and compute engine in April 2025: nine points, all informational or about practice.',
      '2025-04-24',
      {
        by: 'Nethermind',
        version: 'pull request 14, files of its section 2',
        in: [
          {
            part: 'query-engine',
            quote:
              'the three major components of the Data Access System: data refinement, query engine, and compute engine',
          },
          {
            part: 'compute-engine',
            quote:
              'the three major components of the Data Access System: data refinement, query engine, and compute engine',
          },
        ],
        out: [],
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
