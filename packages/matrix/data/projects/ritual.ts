/** Ritual Chain: contracts that call models in attested executors. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readPage } from '../source.ts';

const docs = readPage({
  url: 'docs.ritual.net',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const ritual: Project = {
  version: 1,
  id: 'ritual',
  name: 'Ritual (Ritual Chain)',
  about: 'A ledger whose contracts call models that run in attested executors.',
  repositories: [],
  homepage: 'https://ritual.net',
  kind: 'project',
  state: {
    is: 'test network',
    quote: 'CurrencyRITUAL (18 decimals, testnet)',
    source: 'docs.ritual.net',
  },
  sources: [docs.source],
  claims: [
    {
      id: 'thinking-contracts',
      quote:
        'The first blockchain where smart contracts can think, see, hear, and act: the schelling point for autonomous agents.',
      ...docs.quoted(),
      cell: 'verifiability-security',
      ledger: true,
      mechanism: 'precompiles that hand work to executors in trusted hardware',
      trust: ['the maker of the hardware', 'the registry of executors'],
      scope: { in: ['calls of models by contracts'], out: ['whether an answer is right'] },
      withoutLedger: 'There would be no contract to call a model.',
      findings: findings({ chain: ['v1.documented'] }),
    },
    {
      id: 'private-multimodal',
      quote:
        'Bootstrap a private, multimodal ChatGPT onchain that both humans and autonomous agents can use, without depending on a centralized interface to think, see, hear, and respond.',
      ...docs.quoted(),
      cell: 'privacy-decentralisation',
      ledger: true,
      mechanism: 'inputs encrypted for an executor in trusted hardware',
      trust: ['the maker of the hardware', 'physical custody of executors'],
      scope: { in: ['prompts'], out: [] },
      withoutLedger: 'A client of one’s own with attested servers would do.',
      findings: findings({ chain: ['p1.kept'] }),
    },
  ],
  evidence: [
    docs.documents(
      'chain',
      'The documents describe precompiles for language models, executors in trusted hardware and their registry. They were read in a stored copy of the pages, not on the live site. Source of node and contracts was not found in the copies that could be had.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
