/** Nillion: confidential virtual machines, and a network that checks their attestations. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const nilcc = readRepository({
  repository: 'github:NillionNetwork/nilcc',
  commit: '63911c6a97e84fa64809a84ce54b932b33e85ae9',
  committed: '2026-05-05',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const nodes = readRepository({
  repository: 'github:NillionNetwork/blacklight-node',
  commit: '2de8dead63a58922670391c351d1d5389028e1fd',
  committed: '2026-01-30',
  read: '2026-11-30',
  checked: '2026-11-30',
});

/** No snapshot of it could be had here: single files were read, each at the commit that it names. */
const contracts = readRepository({
  repository: 'github:NillionNetwork/blacklight-contracts',
  commit: '06e82a860a9bdc55f8e64421174532806c887994',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const nillion: Project = {
  version: 1,
  id: 'nillion',
  name: 'Nillion (nilCC, Blacklight)',
  about: 'Confidential virtual machines, and a network of nodes that check what they attest.',
  repositories: [
    'github:NillionNetwork/nilcc',
    'github:NillionNetwork/blacklight-node',
    'github:NillionNetwork/blacklight-contracts',
  ],
  homepage: 'https://nillion.com',
  kind: 'project',
  state: {
    is: 'test network',
    quote:
      'Ask someone to send you ETH Sepolia and NIL tokens to the address displayed by the node when starting.',
    source: 'github:NillionNetwork/blacklight-node README.md',
  },
  sources: [nilcc.source, nodes.source, contracts.source],
  claims: [
    {
      id: 'confidential-machines',
      quote:
        'Confidential VMs (CVMs) are virtual machines that leverage AMD SEV-SNP to run workloads, in the form of docker compose files, in a secure and verifiable way.',
      ...nilcc.quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
      mechanism: 'trusted execution environment (AMD SEV-SNP), verified file system',
      trust: ['AMD', 'physical custody of the machine'],
      scope: { in: ['workloads in a confidential VM'], out: [] },
      withoutLedger: 'Nothing: the isolation is the hardware’s.',
      findings: findings({ vmreadme: ['p1.kept'], vmcode: ['p2.unreadable', 'p2.default'] }),
    },
    {
      id: 'checked-by-nodes',
      quote:
        'The system uses a smart contract to coordinate node registration, HTX assignment, and verification results.',
      ...nodes.quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'committees drawn by a contract check the attestation of a running workload',
      trust: [
        'AMD',
        'the index of the builder',
        'the owner of the contracts',
        'a majority of stake in a committee',
      ],
      scope: {
        in: ['that a workload runs on a genuine machine, with a measurement that the builder lists'],
        out: ['what the workload computes', 'physical access to the machine'],
      },
      withoutLedger: 'A server would draw the nodes and collect what they say.',
      heldIn: ['github:NillionNetwork/blacklight-contracts'],
      findings: findings(
        {
          noderead: ['v1.documented', 'd1.operators'],
          nodecode: ['v1.inspectable', 'v2.detectable'],
          committee: ['coupling'],
        },
        { owner: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    nilcc.documents(
      'vmreadme',
      'README.md',
      'Integrity of the image, attestation and its measurement are described.',
    ),
    nilcc.shows('vmcode', 'nilcc-agent', 'Agent, verifier and artefacts are public.'),
    nodes.documents('noderead', 'README.md', 'Roles, assignment and verification are described.'),
    nodes.shows(
      'nodecode',
      'blacklight-node/src/verification.rs',
      'A node fetches the report of a workload, checks it against certificates of AMD and an expected measurement, and looks the latter up in the index of the builder.',
    ),
    contracts.shows(
      'committee',
      'src/HeartbeatManager.sol',
      'The contract draws a committee weighted by stake for each report, and counts its verdicts; its comments accept that the submitter can influence the draw.',
      { pin: { commit: '2f2b7f7ecb31ac393a91339d96b3c2f56a156053' } },
    ),
    contracts.shows(
      'owner',
      'src/HeartbeatManager.sol',
      'The owner may pause the contract and replace its configuration; the contract sets no delay.',
      {
        pin: { commit: '2f2b7f7ecb31ac393a91339d96b3c2f56a156053' },
        downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }],
      },
    ),
    contracts.shows(
      'entry',
      'src/StakingOperators.sol',
      'An account that stakes the minimum may register as an operator, with no list of the admitted; on the test network the tokens are asked for.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
