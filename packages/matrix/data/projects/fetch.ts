/** Fetch.ai (ASI alliance): agents that find one another in a registry on a ledger. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:fetchai/uAgents',
  commit: '8813bb8bafdd36bf55ca67d298a14cb66aa9d528',
  committed: '2026-08-20',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const fetch: Project = {
  version: 1,
  id: 'fetch',
  name: 'Fetch.ai uAgents (ASI alliance)',
  about: 'Agents that find one another in a registry on a ledger.',
  repositories: ['github:fetchai/uAgents'],
  homepage: 'https://fetch.ai',
  kind: 'project',
  state: { is: 'in use', source: 'github:fetchai/uAgents README.md' },
  sources: [source],
  claims: [
    {
      id: 'almanac',
      quote:
        'On startup, each agent automatically joins the fast-growing network of uAgents by registering on the Almanac, a smart contract deployed on the Fetch.ai blockchain.',
      ...quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'registration of names and addresses in a contract, or in a service of the project',
      trust: ['the service that registers, where it is used'],
      scope: { in: ['who an agent is and where it is reached'], out: ['what it answers'] },
      withoutLedger: 'A directory would do; the public code has one beside the contract.',
      findings: findings(
        { readme: ['v1.documented', 'd1.operators'], code: ['v1.inspectable'] },
        { service: ['coupling'] },
      ),
    },
    {
      id: 'secured',
      quote:
        'uAgent messages and wallets are cryptographically secured, so their identities and assets are protected.',
      ...quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'signed messages',
      trust: ['the machine that keeps the keys'],
      scope: { in: ['messages between agents'], out: ['what an agent decides'] },
      withoutLedger: 'Nothing: signatures verify all the same.',
      findings: findings({
        readme: ['v1.documented'],
        code: ['v1.inspectable', 'v2.detectable'],
        hygiene: ['s1.tests', 's1.disclosure'],
      }),
    },
  ],
  evidence: [
    documents('readme', 'README.md', 'Agents, messages and registration are described.'),
    shows('code', 'python/src/uagents', 'The library is public; messages are signed and signatures checked.'),
    shows(
      'service',
      'python/src/uagents/registration.py',
      'Registration goes to a service (AlmanacApiRegistrationPolicy) first and to the contract besides; resolving asks the service first.',
    ),
    shows('hygiene', 'SECURITY.md', 'Tests run on changes (ci-tests.yml); a security policy.'),
  ],
  incidents: [
    {
      date: '2025-10',
      what: 'A dispute between members of an alliance about tokens.',
      source: 'gate.com; coinlaw.io',
    },
  ],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
