/**
 * SoraChain AI: Federated learning with a blockchain layer; the example of the analysis from which
 * the matrix comes.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readPage, readRepository } from '../source.ts';

const chain = readRepository({
  repository: 'github:SoraChain-AI/BlockLayerSora',
  commit: '941f805654bf94bf2e8726deda056410d691bbb0',
  committed: '2024-12-31',
  read: '2026-11-27',
  checked: '2026-11-30',
});

const learning = readRepository({
  repository: 'github:SoraChain-AI/testnet-AILayer-Node',
  commit: '511084c3791398ca7c6b8c93d970a3b543d33c9e',
  committed: '2025-02-02',
  read: '2026-11-27',
  checked: '2026-11-30',
});

const flow = readPage({
  url: 'docs.sorachain.ai/technology/data-flow',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const architecture = readPage({
  url: 'docs.sorachain.ai/technology/architecture',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const sorachain: Project = {
  version: 1,
  id: 'sorachain',
  name: 'SoraChain AI',
  about:
    'Federated learning with a blockchain layer; the example of the analysis from which the matrix comes.',
  repositories: ['github:SoraChain-AI/BlockLayerSora', 'github:SoraChain-AI/testnet-AILayer-Node'],
  homepage: 'https://thesorachain.com',
  kind: 'project',
  state: { is: 'test network', source: 'github:SoraChain-AI/BlockLayerSora README.md' },
  sources: [chain.source, learning.source, flow.source, architecture.source],
  claims: [
    {
      id: 'private-federation',
      quote:
        'Its architecture integrates Federated Learning with Blockchain, enabling secure, verifiable, and collaborative model development across edge devices.',
      ...architecture.quoted(),
      heldIn: ['github:SoraChain-AI/BlockLayerSora', 'github:SoraChain-AI/testnet-AILayer-Node'],
      cell: 'privacy-decentralisation',
      ledger: true,
      mechanism: 'federated averaging (NVIDIA FLARE), contracts for tasks and pay',
      trust: ['the server that aggregates, which sees each update'],
      scope: { in: ['fine-tuning of language models'], out: ['code that is not public'] },
      withoutLedger:
        'In the public code training does not touch the contracts: the privacy is that of the federated framework.',
      findings: findings(
        { docs: ['p1.kept'], provisioning: ['d1.operators'] },
        { fedavg: ['p2.unreadable', 'coupling'], creator: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'validated-contributions',
      quote: 'Posts validation proof + reputation updates to blockchain.',
      ...flow.quoted(),
      heldIn: ['github:SoraChain-AI/BlockLayerSora', 'github:SoraChain-AI/testnet-AILayer-Node'],
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'validators rank contributions, contracts pay',
      trust: ['the creator of a task, who aggregates'],
      scope: { in: ['contributions to a task'], out: ['code that is not public'] },
      withoutLedger: 'The contract pays out; a server would have to be believed about that.',
      findings: findings(
        { docs: ['v1.documented'], creator: ['v1.inspectable'] },
        { creator: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    flow.documents(
      'docs',
      'Roles and flow of data are described: training on the device, updates encrypted in transit, decrypted by the aggregator, ranked and validated.',
    ),
    learning.documents('provisioning', 'README.md', 'A script sets up server and clients for a task.'),
    learning.shows(
      'fedavg',
      'sft_job_FedAPI.py',
      'The job uses the plain FedAvg controller of NVIDIA FLARE with optional quantisation; there is no filter for secure aggregation, encryption or noise, and no call of a contract.',
    ),
    chain.shows(
      'creator',
      'src/AggregationAndValidation.sol',
      'aggregateAndValidate may be called by the creator of the task only, concatenates the IPFS hashes of the updates ("real logic depends on your aggregation mechanism"), closes the task and pays all trainers alike; a comment says that on the test network one entity is creator, aggregator and validator. There are no tests in the repository.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
