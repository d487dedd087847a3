/** Virtuals Protocol: agents with tokens, and a contract by which agents pay one another. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:Virtual-Protocol/protocol-contracts',
  commit: 'ba4aef6fc09cdaf8f5920d3bdd042ea8671a9471',
  committed: '2026-07-16',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const virtuals: Project = {
  version: 1,
  id: 'virtuals',
  name: 'Virtuals Protocol',
  about: 'Agents with tokens of their own, and a contract by which agents pay one another.',
  repositories: ['github:Virtual-Protocol/protocol-contracts'],
  homepage: 'https://virtuals.io',
  kind: 'project',
  state: { is: 'in use', source: 'github:Virtual-Protocol/protocol-contracts README.md' },
  sources: [source],
  claims: [
    {
      id: 'voted-contributions',
      quote: 'Validator vote for contribution proposal at AgentDAO',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'votes of token holders on contributions to an agent',
      trust: ['the holders of an agent’s token', 'those who hold the administrator’s role'],
      scope: { in: ['which contribution counts'], out: ['what an agent answers or does'] },
      withoutLedger:
        'Tokens, votes and payouts are the product; the agents themselves run elsewhere and would be the same.',
      findings: findings(
        { readme: ['v1.documented', 'd1.operators'], contracts: ['v1.inspectable'] },
        { backend: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'paid-jobs',
      quote: 'evaluation phase requires evaluators to sign',
      ...quoted('contracts/acp/ACPSimple.sol'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'escrow between agents, released when an evaluator signs',
      trust: ['the evaluator that both name'],
      scope: { in: ['payment for a job'], out: ['whether the work is right: the evaluator says so'] },
      withoutLedger: 'A company would hold the money until the evaluator signs.',
      findings: findings({ escrow: ['v1.documented', 'v1.inspectable'] }),
    },
  ],
  evidence: [
    documents(
      'readme',
      'README.md',
      'Contracts, roles and how value moves are described; most contracts are upgradable by its own table.',
    ),
    shows(
      'contracts',
      'contracts',
      'The contracts are public: factories, tokens, votes, staking, an escrow for jobs. None of them checks what a model computed.',
    ),
    shows(
      'backend',
      'README.md',
      'The service of the protocol concludes the profits of a day and calls the contract that distributes them.',
      {
        quote: 'On daily basis, protocol backend will conclude daily profits into a single amount.',
        downgrades: [
          {
            reason: 'indirect',
            because: 'what the contract checks of that call was read, who holds the role was not',
          },
        ],
      },
    ),
    shows(
      'escrow',
      'contracts/acp/ACPSimple.sol',
      'Payment is released when the evaluator that a job names signs; the file calls itself a sample implementation.',
      {
        quote: 'This is sample implementation of ACP',
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
