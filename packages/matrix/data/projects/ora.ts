/**
 * ORA opML and Onchain AI Oracle: Optimistic machine learning: a result stands unless somebody wins
 * a dispute about it.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const oracle = readRepository({
  repository: 'github:ora-io/OAO',
  commit: '8f7633108f3596dbbebb2f9ac036e19be0935bbb',
  committed: '2025-04-10',
  read: '2026-11-27',
  checked: '2026-11-30',
});

const opml = readRepository({
  repository: 'github:ora-io/opml',
  commit: '2fa43311a4a95bcd96f5092d0a3b34e84da49eb0',
  committed: '2024-12-11',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const ora: Project = {
  version: 1,
  id: 'ora',
  name: 'ORA opML and Onchain AI Oracle',
  about: 'Optimistic machine learning: a result stands unless somebody wins a dispute about it.',
  repositories: ['github:ora-io/OAO', 'github:ora-io/opml'],
  homepage: 'https://ora.io',
  kind: 'project',
  state: { is: 'not stated', source: 'github:ora-io/OAO README.md' },
  sources: [oracle.source, opml.source],
  claims: [
    {
      id: 'anyone-challenges',
      quote:
        'During the challenge period, the opML validators (or anyone) will be able to check the result and challenge it if the submitted result is incorrect.',
      ...oracle.quoted('README.md'),
      heldIn: ['github:ora-io/opml'],
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'optimistic fraud proof',
      trust: [
        'that somebody watches and challenges in time',
        'the owner of the oracle contract, who can replace the dispute contract',
      ],
      scope: { in: ['models uploaded to opML'], out: ['models that the oracle marks as unverifiable'] },
      withoutLedger: 'Without a ledger nobody is bound by the outcome of a dispute.',
      findings: findings(
        {
          workflow: ['v1.documented', 'd1.operators'],
          game: ['v1.inspectable', 'v2.detectable', 'coupling'],
        },
        { owner: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'fault-proofs',
      quote:
        'OPML enables off-chain AI model inference using optimistic approach with an on chain interactive dispute engine implementing fault proofs.',
      ...opml.quoted('README.md'),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'optimistic fraud proof',
      trust: ['that somebody watches', 'unaudited contracts'],
      scope: {
        in: ['MNIST and LLaMA demonstrations'],
        out: ['general ONNX models: in progress by its roadmap'],
      },
      withoutLedger: 'Without a ledger nobody is bound by the outcome of a dispute.',
      findings: findings(
        { game: ['v1.documented', 'v1.inspectable', 'v2.detectable', 'coupling'] },
        { unaudited: ['s2.audited'] },
      ),
    },
  ],
  evidence: [
    oracle.documents(
      'workflow',
      'README.md',
      'Request, result, challenge window and finality are described.',
    ),
    oracle.shows(
      'owner',
      'contracts/AIOracle.sol',
      'One owner address may call setOpml(address), which replaces the dispute contract; the contract itself sets neither delay nor threshold.',
      { downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }] },
    ),
    opml.shows(
      'game',
      'contracts',
      'The dispute game is public: a Merkleised MIPS processor as a contract, with a demonstration that challenges a wrong result.',
    ),
    opml.shows('unaudited', 'README.md', 'The README says that the code is unaudited.', {
      kind: 'quote',
      quote:
        'Note: This code is unaudited. It in NO WAY should be used to secure any money until a lot more testing and auditing are done.',
    }),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
