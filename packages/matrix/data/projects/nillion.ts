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

const nilav = readRepository({
  repository: 'github:NillionNetwork/blacklight-node',
  commit: '1e81b28578b78c7dd1d5437f0549d6c5d2e7cb0a',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const nillion: Project = {
  version: 1,
  id: 'nillion',
  name: 'Nillion (nilCC, nilAV)',
  about: 'Confidential virtual machines, and a network of nodes that check what they attest.',
  repositories: ['github:NillionNetwork/nilcc', 'github:NillionNetwork/blacklight-node'],
  homepage: 'https://nillion.com',
  kind: 'project',
  state: {
    is: 'test network',
    quote: 'Right now, there is not an official flow to get TEST tokens and ETH Sepolia to run your node.',
    source: 'github:NillionNetwork/blacklight-node README.md',
  },
  sources: [nilcc.source, nilav.source],
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
      ...nilav.quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'nodes drawn by a contract compare measurements with an index of the builder',
      trust: ['the index of the builder', 'whoever hands out the tokens that a node must stake'],
      scope: {
        in: ['whether a measurement is in the index'],
        out: ['whether the machine behind it is genuine'],
      },
      withoutLedger: 'A server would draw the nodes and collect what they say.',
      findings: findings(
        {
          noderead: ['v1.documented', 'd1.operators'],
          nodecode: ['v1.inspectable', 'v2.detectable', 'coupling'],
        },
        { slack: ['d3.open'] },
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
    nilav.documents('noderead', 'README.md', 'Roles, assignment and verification are described.'),
    nilav.shows(
      'nodecode',
      'README.md',
      'Contract and node are public: a contract draws nodes, which post what they find.',
    ),
    nilav.shows('slack', 'README.md', 'To run a node one asks the team for tokens to stake.', {
      quote: 'Please contact someone on #nilav on Slack to get your address staked and funded.',
    }),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
