/** Gensyn: Delphi, markets as contracts, and REE, receipts of reproducible inference. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const contracts = readRepository({
  repository: 'github:gensyn-ai/delphi-smart-contracts',
  commit: 'aa1dcf2dcc661686a11384a9dd58b1e29afeec01',
  committed: '2026-04-27',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const sdk = readRepository({
  repository: 'github:gensyn-ai/gensyn-delphi-sdk',
  commit: '7e4d95ea21260f42a973805eea01bb759fc03208',
  committed: '2026-08-03',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const ree = readRepository({
  repository: 'github:gensyn-ai/ree',
  commit: '335378ccf3802544a9904310edf6011e346fef7a',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const gensyn: Project = {
  version: 1,
  id: 'gensyn',
  name: 'Gensyn (Delphi, REE)',
  about: 'Information markets for agents as contracts, and receipts of reproducible inference.',
  repositories: [
    'github:gensyn-ai/delphi-smart-contracts',
    'github:gensyn-ai/gensyn-delphi-sdk',
    'github:gensyn-ai/ree',
  ],
  homepage: 'https://gensyn.ai',
  kind: 'project',
  state: { is: 'in use', source: 'github:gensyn-ai/gensyn-delphi-sdk README.md' },
  sources: [contracts.source, sdk.source, ree.source],
  claims: [
    {
      id: 'markets',
      quote:
        'TypeScript SDK for agents to interact with the Delphi information market platform on the Gensyn blockchain.',
      ...sdk.quoted('README.md'),
      heldIn: ['github:gensyn-ai/delphi-smart-contracts'],
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'markets as contracts; their creator names the outcome',
      trust: ['the creator of a market, who submits the winning outcome'],
      parts: ['markets'],
      scope: { in: ['trading and redemption'], out: ['whether an evaluation of a model was run as said'] },
      withoutLedger: 'Custody and payout would be a company’s.',
      findings: findings(
        { readme: ['v1.documented', 'd1.operators'], code: ['v1.inspectable', 'coupling'] },
        { audit: ['d2.unstoppable'] },
      ),
    },
    {
      id: 'receipts',
      quote:
        'The receipt is designed to be shared with others, who can then use it to verify that they can reproduce the same output using REE.',
      ...ree.quoted('README.md'),
      cell: 'verifiability-decentralisation',
      ledger: false,
      mechanism: 'inference that is the same bit for bit, re-run by a verifier',
      trust: ['the maker of the closed components that are downloaded'],
      scope: { in: ['inference of language models'], out: ['training'] },
      withoutLedger: 'Nothing: no ledger is part of the claim.',
      findings: findings({ readme2: ['v1.documented', 'd1.operators'] }, { closed: ['v1.inspectable'] }),
    },
  ],
  evidence: [
    sdk.documents('readme', 'README.md', 'Networks, markets and how to trade are described.'),
    contracts.shows(
      'code',
      'src/delphi',
      'The contracts of the markets are public, with their audit linked.',
    ),
    {
      id: 'audit',
      grade: 3,
      kind: 'audit',
      source:
        'github:trailofbits/publications reviews/2026-04-gensyn-delphidynamicparamutuelmarkets-securityreview.pdf',
      pin: { commit: '6bf36b87632584809ed9b7be2ad29cbd911891b8' },
      quote: 'After trading closes, the market creator submits the winning outcome',
      fact: 'Trail of Bits reviewed the markets: three findings, none above low. The creator of a market alone submits its outcome.',
      published: '2026-04-21',
      retrieved: '2026-11-30',
      interest: 'independent',
      downgrades: [],
      audit: {
        by: 'Trail of Bits',
        read: true,
        version: 'delphi-smart-contracts at c400d99f to 5232371c',
        in: [
          { part: 'markets', quote: 'to review the security of its Delphi Dynamic Parimutuel Markets (DPM)' },
        ],
        out: [],
      },
    },
    ree.documents(
      'readme2',
      'README.md',
      'Running, receipts and their verification by re-running are described.',
    ),
    ree.shows(
      'closed',
      'README.md',
      'The scripts are public; the components that run the inference are closed and downloaded.',
      {
        kind: 'quote',
        quote: 'Please note that while the code in this repository is open-source, REE as a whole is not.',
      },
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
