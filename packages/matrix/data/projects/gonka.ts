/** Gonka: a ledger whose proof of work is inference. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:gonka-ai/gonka',
  commit: '312044d28c7170d7f08bf88e41427396f3b95817',
  committed: '2025-08-24',
  read: '2026-11-30',
  checked: '2026-11-30',
  newest: {
    pin: { date: '2026-11-30' },
    changed:
      'An index of the repository, without date or commit, tells of release 0.2.5, with random confirmation of capacity and a bridge. The source of that state could not be had here.',
  },
});

export const gonka: Project = {
  version: 1,
  id: 'gonka',
  name: 'Gonka',
  about: 'A ledger whose proof of work is inference of transformers, and a network that serves models.',
  repositories: ['github:gonka-ai/gonka'],
  homepage: 'https://gonka.ai',
  kind: 'project',
  state: { is: 'in use', source: 'github:gonka-ai/gonka README.md' },
  sources: [source],
  claims: [
    {
      id: 'useful-work',
      quote:
        'We introduce a novel consensus mechanism, Proof of Work 2.0, that ensures nearly 100% of computational resources are allocated to AI workloads, rather than being wasted on securing the blockchain.',
      ...quoted('README.md'),
      cell: 'performance-security',
      ledger: true,
      mechanism: 'weight by timed computation with transformers',
      trust: ['a majority of weight', 'the guardians of the genesis file, while the network is small'],
      scope: { in: ['weight of participants'], out: [] },
      withoutLedger: 'The claim is about the ledger: without it nothing is secured.',
      findings: findings({ tests: ['s1.tests'], work: ['coupling'] }),
    },
    {
      id: 'validated-inference',
      quote: 'This voting weight not only determines consensus power but also controls task allocation',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'a random part of inferences is re-run by others, weighted votes',
      trust: ['a majority of weight among validators'],
      scope: { in: ['inferences drawn for validation'], out: ['the rest'] },
      withoutLedger: 'A server could draw and count; it would have to be believed.',
      findings: findings(
        {
          readme: ['v1.documented', 'd1.operators'],
          validation: ['v1.inspectable', 'v2.detectable', 'coupling'],
        },
        { guardians: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Sprints, weights, random validation of 1 to 10 % of tasks and reputation are described.',
    ),
    shows(
      'work',
      'inference-chain/x/inference',
      'The module of the ledger is public: weights come from validated computation of an epoch.',
    ),
    shows(
      'validation',
      'inference-chain/x/inference/keeper/msg_server_validation.go',
      'Participants other than the executor validate an inference; a participant cannot validate its own.',
    ),
    shows(
      'guardians',
      'genesis/genesis.json',
      'The genesis file enables guardians, three validators by address, with a multiplier of 0.52 until the network reaches a stated size.',
      {
        quote: '"genesis_guardian_enabled": true',
        downgrades: [
          {
            reason: 'indirect',
            because: 'a file of 2025: whether the threshold was passed since is on the ledger',
          },
        ],
      },
    ),
    shows('tests', '.github/workflows', '176 files of tests in Go, workflows that run them.'),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
