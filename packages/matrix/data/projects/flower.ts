/** Flower: Framework for federated learning; no ledger, no token. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const { source, quoted, documents, shows } = readRepository({
  repository: 'github:adap/flower',
  commit: 'fdef7afb1dca3030553be302366cfd285ed6632c',
  committed: '2026-03-29',
  read: '2026-11-27',
  checked: '2026-11-30',
});

export const flower: Project = {
  version: 1,
  id: 'flower',
  name: 'Flower',
  about: 'Framework for federated learning; no ledger, no token.',
  repositories: ['github:adap/flower'],
  homepage: 'https://flower.ai',
  kind: 'control',
  state: { is: 'not stated', source: 'github:adap/flower README.md' },
  sources: [source],
  claims: [
    {
      id: 'federated',
      quote: 'Flower (`flwr`) is a framework for building federated AI systems.',
      ...quoted('README.md'),
      cell: 'privacy-scalability',
      ledger: false,
      mechanism: 'federated learning',
      trust: ['the server that aggregates'],
      scope: { in: ['training over many clients'], out: [] },
      withoutLedger: 'There is none.',
      findings: findings({ dp: ['p1.kept'] }, { options: ['p2.default'] }),
    },
  ],
  evidence: [
    documents(
      'dp',
      'framework/docs/source/explanation-differential-privacy.rst',
      'Data stay at the clients; central and local differential privacy are explained.',
    ),
    shows(
      'options',
      'framework/docs/source/explanation-differential-privacy.rst',
      'Differential privacy is a wrapper that a user adds: an option, not the default.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
