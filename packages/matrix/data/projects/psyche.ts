/**
 * Nous Psyche: Training of language models over the Internet, coordinated by a program on Solana.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:PsycheFoundation/psyche',
  commit: '0bdb13d94a05675da93d69ffa5d4c4e5a680736c',
  committed: '2026-03-20',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const psyche: Project = {
  version: 1,
  id: 'psyche',
  name: 'Nous Psyche',
  about: 'Training of language models over the Internet, coordinated by a program on Solana.',
  repositories: ['github:PsycheFoundation/psyche'],
  homepage: 'https://psyche.network',
  kind: 'project',
  state: { is: 'not stated', source: 'github:PsycheFoundation/psyche README.md' },
  sources: [source],
  claims: [
    {
      id: 'untrusted-training',
      quote:
        'It seeks to enable collaboration between untrusted parties to train state-of-the-art ML models.',
      ...quoted('README.md'),
      cell: 'performance-scalability',
      ledger: false,
      mechanism: 'coordination and witnesses on a ledger, compressed updates between peers',
      trust: ['that enough witnesses are honest', 'the authority of the run, which may pause it'],
      scope: { in: ['a training run on the public network'], out: [] },
      withoutLedger:
        'A second, centralised coordinator is part of the project and described as a tool for tests: a ledger is what replaces that server in public runs.',
      findings: [],
    },
    {
      id: 'witnesses',
      quote:
        'These bloom filters are sent to the coordinator, which then combines them into a provable consensus of which results to apply to the model.',
      ...quoted('psyche-book/src/explain/index.md'),
      cell: 'verifiability-decentralisation',
      ledger: false,
      mechanism: 'random witnesses, bloom filters, consensus on a ledger',
      trust: ['that enough witnesses are honest', 'the authority of the run'],
      scope: {
        in: ['which results of a round count'],
        out: [
          'whether a result was trained as agreed: verification by recomputation is described, its evidence was not read',
        ],
      },
      withoutLedger: 'A server would have to be believed about who took part in a round.',
      findings: findings(
        { book: ['v1.documented', 'd1.operators'], coordinator: ['v1.inspectable'] },
        { pause: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'ledger-coordinates',
      quote:
        'Psyche provides two different implementations of the network, one for decentralized runs that use the Solana Blockchain with the coordinator running in it',
      ...quoted('psyche-book/src/explain/index.md'),
      cell: 'performance-decentralisation',
      ledger: true,
      mechanism: 'a coordinator as a program on a ledger',
      trust: ['the authority of the run, which may pause it'],
      scope: { in: ['who takes part in a run, and in which round it is'], out: ['the training itself'] },
      withoutLedger: 'The second implementation, a server, would have to be believed and kept running.',
      findings: findings(
        { book: ['d1.operators'], coordinator: ['coupling'] },
        { pause: ['d2.unstoppable'] },
      ),
    },
  ],
  evidence: [
    documents(
      'book',
      'psyche-book/src/explain/index.md',
      'Roles, rounds, witnessing and both kinds of coordinator are described.',
    ),
    shows(
      'coordinator',
      'architectures/decentralized/solana-coordinator',
      'The coordinator is a public Solana program: it keeps the state of the run, draws witnesses and counts their messages.',
    ),
    shows(
      'pause',
      'architectures/decentralized/solana-coordinator/programs/solana-coordinator/src/lib.rs',
      'set_paused takes the accounts of the owner of a run: one authority can pause it. Joining and witnessing take permissionless accounts.',
      { downgrades: [{ reason: 'indirect', because: 'who holds the key is not in the source' }] },
    ),
    shows(
      'audits',
      'architectures/decentralized',
      'Five audit reports by Halborn and Zellic cover the distributor, mining pool and treasurer programs; none is for the coordinator.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
