/** Verathos: proofs of inference by sumcheck on a subnet of Bittensor. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:verathos-ai/verathos',
  commit: 'c7d77a7695a16be33d5edc9461ca366de5547c99',
  committed: '2026-07-22',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const verathos: Project = {
  version: 1,
  id: 'verathos',
  name: 'Verathos',
  about: 'Proofs of inference by sumcheck, on a subnet of Bittensor.',
  repositories: ['github:verathos-ai/verathos'],
  homepage: 'https://verathos.ai',
  kind: 'project',
  state: { is: 'in use', source: 'github:verathos-ai/verathos README.md' },
  sources: [source],
  claims: [
    {
      id: 'proven-operations',
      quote:
        'Verathos is a decentralized compute network on Bittensor (Subnet 96) where any tensor operation – in inference or training – can be cryptographically proven via ZK-inspired sumcheck-based verification over Merkle-committed weights, anchored on-chain.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'sumcheck over sampled layers, roots of weights in a contract',
      trust: [
        'the owner of the subnet, who posts the roots of weights',
        'the maker of the closed verifier',
        'that many requests are sampled: each finds a cheat with about 6 %',
      ],
      scope: {
        in: ['sampled layers of an inference'],
        out: ['training, which is not active on the network by its README'],
      },
      withoutLedger:
        'The roots of weights could be published elsewhere; payments and membership would be a server’s.',
      findings: findings(
        { docs: ['v1.documented', 'd1.operators'], registry: ['coupling'] },
        { binaries: ['v1.inspectable'], upgrade: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'overhead',
      quote: 'no challenge-response round trip, single-digit percent overhead',
      ...quoted('README.md'),
      cell: 'performance-security',
      ledger: false,
      mechanism: 'proofs beside the serving of a model',
      trust: ['the figures of the project'],
      scope: { in: ['models of its table'], out: [] },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings({ table: ['f1.figures'] }),
    },
  ],
  evidence: [
    documents(
      'docs',
      'docs/inference_protocol.md',
      'Protocol, threat model and the chance of detection are described: about 6 % per request, rising with requests.',
    ),
    shows('registry', 'contracts/src/ModelRegistry.sol', 'A public contract holds the roots of weights.'),
    shows(
      'upgrade',
      'contracts/src/ModelRegistry.sol',
      'Upgrades are authorised by the owner without delay; a multi-signature contract for that role is in the repository.',
      {
        quote: 'function _authorizeUpgrade(address) internal override onlyOwner {}',
        downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }],
      },
    ),
    shows(
      'binaries',
      'verallm/verifier',
      'Prover and verifier are distributed as compiled modules and wheels; their source is not in the repository.',
      {
        downgrades: [{ reason: 'indirect', because: 'that it is not here does not show that it is nowhere' }],
      },
    ),
    documents(
      'table',
      'docs/inference_protocol.md',
      'A table gives times of proof and verification and an overhead of 1 to 8 % by kind of model, without naming a machine.',
      {
        kind: 'measurement',
        downgrades: [
          { reason: 'interest', because: 'measured by the project' },
          { reason: 'imprecise', because: 'no machine is named' },
        ],
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
